"""The page of the map: everything that is on it, from what the reader asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from api.asked import Asked
from api.embed import near
from api.embed.config import MOST_LINES, POINTS
from api.embed.figures import Figures
from api.embed.inline import inline
from api.embed.sought import MOST, Found, found_places, middle_of, towns_in
from api.embed.summary import summary
from api.embed.view import View, areas, targets, towns
from api.embed.within import towns_by_feature
from api.features.records import records
from api.pages.words import titles_of
from api.served import Served
from geo_core.model.layer import Layer
from geo_core.model.text import Lang

COVERAGE: Final = "copertura_ambiti"


class Option(NamedTuple):
    """One thing to choose."""

    value: str
    title: str
    chosen: bool
    colour: str = ""


def context(asked: Asked, view: View) -> dict[str, object]:
    """Return what the template `map` shows of a view."""
    lang, served = asked.lang, view.served
    figures = Figures(view, lang)
    everything = figures if view.town is None else Figures(replace(view, town=None), lang)
    there = [view.town] if view.town else []
    body = near.body_of(served, view.town) if view.town else None
    chances, in_all = near.chances(served, lang, towns=there, body=body, target=view.target)
    return {
        "view": view,
        "figures": figures,
        "towns_of": towns_by_feature(served, view.collection) if served.settings.mirrored else {},
        "most_lines": MOST_LINES,
        "stippled": any(line.unreliable for line in everything.lines),
        "sentences": summary(figures, lang),
        "drawing": inline(view, figures, everything, lang),
        **choices(view, lang),
        "targets": _targets(view, lang),
        **_found(view, lang),
        "offices": _offices(view, lang),
        "chances": chances,
        "chances_in_all": in_all,
        "coverage": _coverage(view),
        "address": address(view, lang),
        "without_place": address(view, lang, luogo=""),
        "other_address": address(view, "en" if lang == "it" else "it"),
    }


def choices(view: View, lang: Lang) -> dict[str, object]:
    """Return what may be chosen, and what is."""
    return {
        "layers": _layers(view, lang),
        "fields": _fields(view, lang),
        "towns": [Option(code, name, code == view.town) for code, name in towns(view.served)],
        "years": [Option(y, y, y == (view.year or view.years[0])) for y in view.years],
        "points": _points(view, lang),
    }


def framed(asked: Asked) -> dict[str, object]:
    """Return what every page says that stands inside other sites."""
    served = asked.served
    newest = served.settings.public_url
    return {
        "base": asked.base,
        "mirrored": served.settings.mirrored,
        "release": served.release.manifest,
        "pinned": served.is_pinned,
        "current": newest,
        "demonstration": any(
            i.layer.synthetic != "none" for i in served.release.manifest.collections
        ),
    }


def address(view: View, lang: Lang, **changed: str) -> str:
    """Return the query of a map: only what is not as it is anyway."""
    said = {
        "layer": view.named,
        "field": view.field if view.field != _first_field(view) else None,
        "comune": view.town,
        "anno": view.year,
        "luogo": view.spot.id if view.spot else None,
        "target": view.target,
        **dict.fromkeys(view.over, "1"),
        "lang": lang,
        **changed,
    }
    return urlencode({name: value for name, value in said.items() if value})


def _first_field(view: View) -> str | None:
    style = view.served.release.manifest.styles[view.collection.layer.family]
    return next(iter(style.classified), None)


def _layers(view: View, lang: Lang) -> list[Option]:
    named = _family_titles(view.served, lang)
    return [Option(f, named[f], f == view.layer) for f in areas(view.served)]


def _family_titles(served: Served, lang: Lang) -> dict[str, str]:
    """Return what a family is called: as its tileset, which has no size of hexagons, if it has."""
    manifest = served.release.manifest
    own = {i.layer.family: i.layer.title.in_(lang) for i in reversed(manifest.collections)}
    return own | {t.id: t.title.in_(lang) for t in manifest.tilesets if t.id in own}


def _fields(view: View, lang: Lang) -> list[Option]:
    layer = view.collection.layer
    style = view.served.release.manifest.styles[layer.family]
    found = [
        Option(name, _field_title(layer, name, scale.title.in_(lang), len(scale.fields), lang),
               name == view.field)
        for scale in style.scales
        for name in scale.fields
    ]  # fmt: skip
    return found if len(found) > 1 else []


def _field_title(layer: Layer, name: str, scale: str, fields: int, lang: Lang) -> str:
    return scale if fields == 1 else layer.field(name).title.in_(lang)


def _points(view: View, lang: Lang) -> list[Option]:
    manifest = view.served.release.manifest
    there = {info.layer.family for info in manifest.collections}
    named = _family_titles(view.served, lang)
    return [
        Option(f, named[f], f in view.over, manifest.styles[f].classes[0].colour)
        for f in POINTS
        if f in there
    ]


def _targets(view: View, lang: Lang) -> list[Option]:
    named = titles_of(view.served.release.manifest, "target", lang)
    there = [code for code in named if code in targets(view.served)]
    return [Option(code, named[code], code == view.target) for code in there]


def _found(view: View, lang: Lang) -> dict[str, object]:
    """Return the places whose name was looked for, each with where its map is.

    Where there are none they are the municipalities that were named beside it, and `instead`.
    """
    found = list(found_places(view.served, view.sought))
    others = [] if found else list(towns_in(view.served, view.sought))
    listed = [
        (one, address(view, lang, luogo=one.id, comune=_still(view, one)))
        for one in (*found, *others)
    ]
    return {"found": listed, "instead": bool(others), "cut": len(found) == MOST}


def _still(view: View, place: Found) -> str:
    """Return the municipality that stays chosen when a place is."""
    return view.town if view.town == place.town_code and view.town else ""


def _offices(view: View, lang: Lang) -> list[near.Office]:
    """Return the offices nearest to the place, or to the middle of the municipality."""
    at = view.spot or (middle_of(view.served, view.town) if view.town else None)
    return [] if at is None else near.nearest(view.served, at.lon, at.lat, lang)


def _coverage(view: View) -> Sequence[Mapping[str, Any]]:
    """Return how complete the records are that a map of persons is made of, by managing body."""
    found = view.served.collections.get(COVERAGE)
    if found is None or view.collection.layer.sensitivity != "B":
        return []
    names = (
        "denominazione",
        "copertura_fonti",
        "fonti_attese",
        "fonti_presenti",
        "quota_ripartita",
    )
    return records(found, names)
