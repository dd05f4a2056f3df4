"""What a reader asked the map to show: read from the address, and held against the release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from api.embed.config import BASE, POINTS, area_families, shown_in
from api.embed.sought import Found, places
from api.embed.within import beyond, within
from api.features.columns import Mask
from api.features.engine import Collection
from api.features.records import is_text, records
from api.pages.words import in_alphabet
from api.params import choice
from api.served import Served
from geo_core.errors import NotFound
from geo_core.model.style import Scale

NAMES: Final = ("layer", "field", "comune", "anno", "luogo", "cerca", "target", "map", *POINTS)
"""Parameters of the map beside `f` and `lang`."""

_SERIES: Final = "_serie"
_BEGINS: Final = "periodo_inizio"
_LONGEST: Final = 100
"""Characters of a name that is looked for."""


@dataclass(frozen=True)
class View:
    """One map.

    Attributes
    ----------
    layer : str
        The family that is shown.
    collection : Collection
        Whose features are drawn and listed; of an earlier year, that of the series.
    field : str | None
        What colours say.
    year : str | None
        An earlier year than the latest.
    town : str | None
        ISTAT code of the municipality to which everything is narrowed.
    spot : Found | None
        A place to which the nearest offices are looked for.
    sought : str
        A name that is looked for among places.
    target : str | None
        Group of people whose opportunities are listed.
    over : tuple of str
        Families of points that lie on top.
    """

    served: Served
    layer: str
    collection: Collection
    field: str | None
    year: str | None
    town: str | None
    spot: Found | None
    sought: str
    target: str | None
    over: tuple[str, ...]

    @property
    def named(self) -> str:
        """The layer as an address says it: its family, or what does not stand for one."""
        usual = shown_in(self.served.release.manifest, self.layer)
        stands = usual is not None and usual.layer.id == self.collection.layer.id
        return self.layer if stands or self.year is not None else self.collection.layer.id

    @property
    def scale(self) -> Scale:
        """Classes and colours by which areas are drawn."""
        style = self.served.release.manifest.styles[self.collection.layer.family]
        return style if self.field is None else style.of(self.field)

    @cached_property
    def years(self) -> tuple[str, ...]:
        """Years that may be shown, the latest first; one where there is no series."""
        series = self.served.collections.get(f"{self.layer}{_SERIES}")
        latest = self.served.release.manifest.reference_date[:4]
        found = set[str]() if series is None else _years(series)
        return tuple(sorted(found | {latest}, reverse=True))

    @cached_property
    def shown(self) -> Mask:
        """Which features are shown: of the year, and in the municipality."""
        mask: Mask = np.ones(self.collection.info.count, dtype=np.bool_)
        if self.year is not None:
            mask &= is_text(self.collection, _BEGINS, f"{self.year}-01-01")
        if self.town is not None:
            mask &= within(self.served, self.collection, self.town)
        return mask

    @cached_property
    def beyond(self) -> int:
        """How many of those that are shown are larger than the municipality."""
        if self.town is None:
            return 0
        return int((self.shown & beyond(self.served, self.collection, self.town)).sum())

    @property
    def town_name(self) -> str | None:
        """Name of the municipality, if one is chosen."""
        return None if self.town is None else dict(towns(self.served))[self.town]


def view(served: Served, given: Mapping[str, str], layer: str | None = None) -> View:
    """Return what is to be shown.

    Parameters
    ----------
    given : Mapping
        Parameters of `NAMES`.
    layer : str, optional
        A family or a collection that stands in the path. The parameter `layer` is stronger:
        a form writes it below whatever path its page has. Without either, the first of the map.

    Raises
    ------
    NotFound
        The release has no such layer, municipality, year, place or field.
    InvalidParameter
        A switch is neither 0 nor 1.
    """
    named = given.get("layer") or layer or next(iter(areas(served)), None)
    family, collection = _collection(served, named)
    year = _year(served, family, given.get("anno"))
    town = _town(served, given.get("comune"))
    drawn = collection if year is None else served.collections[f"{family}{_SERIES}"]
    return View(
        served=served,
        layer=family,
        collection=drawn,
        field=_field(drawn, given.get("field"), served),
        year=year,
        town=town,
        spot=_spot(served, given.get("luogo"), town),
        sought=given.get("cerca", "").strip()[:_LONGEST],
        target=_target(served, given.get("target")),
        over=_over(served, given),
    )


def areas(served: Served) -> tuple[str, ...]:
    """Return the families the map can show, in its order."""
    return area_families(served.release.manifest)


def towns(served: Served) -> tuple[tuple[str, str], ...]:
    """Return ISTAT code and name of every municipality, by name."""
    known = served.collections.get(BASE)
    found = [] if known is None else records(known, ("cod_istat", "denominazione"))
    named = ((str(one["cod_istat"]), str(one["denominazione"])) for one in found)
    return tuple(sorted(named, key=lambda one: in_alphabet(one[1])))


def targets(served: Served) -> tuple[str, ...]:
    """Return the groups of people that some opportunity is for."""
    chances = served.collections.get("opportunita")
    return () if chances is None else tuple(chances.lists["target"].vocabulary)


def _collection(served: Served, named: str | None) -> tuple[str, Collection]:
    """Return a family and the collection that stands for it, or the one that is named."""
    families = areas(served)
    if (alone := (named or "").removesuffix(_SERIES)) in families:
        named = alone  # of a series, too: its years are chosen one by one
    found = served.collections.get(named or "")
    if found is not None and found.layer.family in families and named not in families:
        return found.layer.family, found
    if named not in families:
        raise NotFound.among("layer", named or "", families)
    shown = shown_in(served.release.manifest, named)
    if shown is None:
        raise NotFound.among("layer", named, families)
    return named, served.collections[shown.layer.id]


def _year(served: Served, family: str, asked: str | None) -> str | None:
    """Return an earlier year; one that only other layers have is the latest of this one."""
    latest = served.release.manifest.reference_date[:4]
    every = {latest}.union(*(_years(c) for c in served.collections.values() if c.layer.series))
    if not asked or asked == latest:
        return None
    if asked not in every:
        raise NotFound.among("year", asked, sorted(every, reverse=True))
    series = served.collections.get(f"{family}{_SERIES}")
    return asked if series is not None and asked in _years(series) else None


def _years(series: Collection) -> set[str]:
    return {day[:4] for day in series.columns[_BEGINS].vocabulary}


def _field(collection: Collection, asked: str | None, served: Served) -> str | None:
    """Return what colours say; what only other layers have is the first of this one.

    A form without scripts sends the field of the layer that was shown before.
    """
    styles = served.release.manifest.styles
    known = styles[collection.layer.family].classified
    others = [name for family in areas(served) for name in styles[family].classified]
    if asked and asked not in (*known, *others):
        raise NotFound.among("field", asked, known)
    return asked if asked in known else next(iter(known), None)


def _town(served: Served, asked: str | None) -> str | None:
    codes = [code for code, _ in towns(served)]
    if asked and asked not in codes:
        raise NotFound.among("municipality", asked, codes)
    return asked or None


def _target(served: Served, asked: str | None) -> str | None:
    known = targets(served)
    if asked and asked not in known:
        raise NotFound.among("target", asked, known)
    return asked or None


def _spot(served: Served, ident: str | None, town: str | None) -> Found | None:
    """Return a place; one of another municipality than that chosen since is let go."""
    found = next((one for one in places(served) if one.id == ident), None)
    if ident and found is None:
        raise NotFound.among("place", ident, ())
    return found if found is None or town in {None, found.town_code} else None


def _over(served: Served, given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the points that are switched on; offices, where nobody chose."""
    there = {collection.layer.family for collection in served.collections.values()}
    named = [name for name in POINTS if choice(name, given.get(name, "0"), ("0", "1")) == "1"]
    usual = () if "layer" in given else POINTS[:1]
    return tuple(name for name in named or usual if name in there)
