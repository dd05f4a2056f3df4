"""What is near a reader: offices by distance, opportunities by place and by whom they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from api.features.columns import Mask
from api.features.engine import Collection
from api.features.records import Values, current, records
from api.pages.hours import in_words
from api.pages.words import titles_of
from api.served import Served
from geo_core.model.text import Lang

OFFICES: Final = "sedi"
SERVICES: Final = "servizi"
CHANCES: Final = "opportunita"
BODIES: Final = "ambiti"
EVERYBODY: Final = "tutti"
MOST: Final = 5
MOST_CHANCES: Final = 12
_RADIUS_KM: Final = 6_371.0088
"""Mean radius of the Earth (IUGG)."""
_OFFICE: Final = (
    "id", "nome", "nome_en", "tipo_sede", "servizi", "indirizzo", "nome_comune",
    "orari", "telefono", "accessibilita_gradini",
)  # fmt: skip
_CHANCE: Final = (
    "id", "titolo", "titolo_en", "tipo", "scadenza", "target", "nome_org", "nome_comune",
    "ambito_territoriale", "cod_istat",
)  # fmt: skip


class Office(NamedTuple):
    """An office, in words.

    Attributes
    ----------
    km : float | None
        In a straight line from where it was looked for.
    hours : str | None
        In words; None if nobody said.
    services : tuple of str
        Names of what is offered there.
    steps : bool | None
        Whether its entrance has steps; None if nobody said.
    lon, lat : float
        Degrees, OGC:CRS84.
    """

    id: str
    name: str
    kind: str
    town: str
    address: str | None
    phone: str | None
    hours: str | None
    services: tuple[str, ...]
    steps: bool | None
    km: float | None
    lon: float
    lat: float


class Chance(NamedTuple):
    """An opportunity, in words; `where` is empty where it is for everybody."""

    id: str
    name: str
    kind: str
    until: str | None
    who: str
    where: str
    targets: tuple[str, ...]


def offices(served: Served, lang: Lang, *, where: Mask | None = None) -> list[Office]:
    """Return offices with a place, those of the day of the release, in the order of their layer."""
    found = served.collections.get(OFFICES)
    if found is None or found.shapes is None:
        return []
    names = _service_names(served, lang)
    kinds = _titles(served, found, "tipo_sede", lang)
    there = current(found)
    chosen = records(found, _OFFICE, where=there if where is None else there & where)
    placed = [(one, found.shapes[found.row(one["id"])]) for one in chosen]
    return [_office(one, at, names, kinds, lang) for one, at in placed if at is not None]


def nearest(
    served: Served, lon: float, lat: float, lang: Lang, *, most: int = MOST
) -> list[Office]:
    """Return the offices nearest to a place (degrees, OGC:CRS84), by great circles."""
    listed = offices(served, lang)
    if not listed:
        return []
    away = great_circle_km(lon, lat, np.array([(one.lon, one.lat) for one in listed]))
    order = np.lexsort((np.array([one.id for one in listed]), away))[:most]
    return [listed[at]._replace(km=round(float(away[at]), 1)) for at in order]


def great_circle_km(lon: float, lat: float, to: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances on a sphere (haversine formula), kilometres.

    Parameters
    ----------
    to : array, shape (n, 2)
        Longitudes and latitudes, degrees.
    """
    here, there = np.radians([lon, lat]), np.radians(to)
    half = np.sin((there - here) / 2) ** 2
    inner = half[:, 1] + np.cos(here[1]) * np.cos(there[:, 1]) * half[:, 0]
    distance: NDArray[np.float64] = 2 * _RADIUS_KM * np.arcsin(np.sqrt(np.clip(inner, 0, 1)))
    return distance


def chances(
    served: Served, lang: Lang, *, towns: Sequence[str], body: str | None, target: str | None = None
) -> tuple[list[Chance], int]:
    """Return what is open on the day of the release, and how many there are in all.

    Parameters
    ----------
    towns : sequence of str
        ISTAT codes: what is there, for their managing body, or for everybody; all if it is empty.
    body : str | None
        Code of their managing body.
    target : str | None
        For whom; what is for everybody is for them, too.
    """
    found = served.collections.get(CHANCES)
    if found is None:
        return [], 0
    listed = [
        one
        for one in records(found, _CHANCE, where=current(found))
        if not towns or _reaches(one, towns, body)
        if target is None or {target, EVERYBODY} & {*one["target"]}
    ]
    kinds = _titles(served, found, "tipo", lang)
    whom = _titles(served, found, "target", lang)
    names = {row["cod_ambito"]: row["denominazione"] for row in _bodies(served)}
    return [_chance(one, kinds, whom, names, lang) for one in listed[:MOST_CHANCES]], len(listed)


def body_of(served: Served, town: str) -> str | None:
    """Return the code of the managing body a municipality belongs to on the day of the release."""
    return next((b["cod_ambito"] for b in _bodies(served) if town in b["comuni"].split(";")), None)


def _bodies(served: Served) -> list[Values]:
    found = served.collections.get(BODIES)
    names = ("cod_ambito", "denominazione", "comuni")
    return [] if found is None else records(found, names, where=current(found))


def _reaches(one: Values, towns: Sequence[str], body: str | None) -> bool:
    if one["cod_istat"] in towns:
        return True
    return one["cod_istat"] is None and one["ambito_territoriale"] in {None, body}


def _service_names(served: Served, lang: Lang) -> dict[str, str]:
    found = served.collections.get(SERVICES)
    listed = [] if found is None else records(found, ("id", "nome", "nome_en"))
    return {one["id"]: _in(one, "nome", lang) for one in listed}


def _titles(served: Served, found: Collection, field: str, lang: Lang) -> dict[str, str]:
    return titles_of(served.release.manifest, found.layer.field(field).codelist, lang)


def _in(one: Mapping[str, Any], name: str, lang: Lang) -> str:
    return str((one[f"{name}_en"] if lang == "en" else None) or one[name])


def _office(
    one: Values, at: shapely.Point, services: dict[str, str], kinds: dict[str, str], lang: Lang
) -> Office:
    offered = [ident for ident in (one["servizi"] or "").split(";") if ident in services]
    return Office(
        id=one["id"],
        name=_in(one, "nome", lang),
        kind=kinds.get(one["tipo_sede"], ""),
        town=one["nome_comune"] or "",
        address=one["indirizzo"],
        phone=one["telefono"],
        hours=in_words(one["orari"], lang),
        services=tuple(services[ident] for ident in offered),
        steps=one["accessibilita_gradini"],
        km=None,
        lon=round(at.x, 6),
        lat=round(at.y, 6),
    )


def _chance(
    one: Values, kinds: dict[str, str], whom: dict[str, str], bodies: dict[str, str], lang: Lang
) -> Chance:
    body = one["ambito_territoriale"]
    return Chance(
        id=one["id"],
        name=_in(one, "titolo", lang),
        kind=kinds.get(one["tipo"], ""),
        until=one["scadenza"],
        who=one["nome_org"] or "",
        where=one["nome_comune"] or bodies.get(body or "", ""),
        targets=tuple(whom.get(code, code) for code in one["target"]),
    )
