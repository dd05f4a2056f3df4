"""What a sheet holds: a place, its figures, and what is offered and agreed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from api.embed import near
from api.embed.sought import middle_of
from api.features.records import Values, current, is_text, records
from api.pages.words import in_alphabet, titles_of
from api.served import Served
from api.territory.facts import Fact, facts
from geo_core.errors import NotFound
from geo_core.model.text import Lang

TOWNS: Final = "comuni"
BODIES: Final = "ambiti"
_PACTS: Final = "patti"
_PRACTICES: Final = "buone_prassi"


class Named(NamedTuple):
    """Something with a page of its own: its collection, its id, its name and a word on it."""

    collection: str
    id: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """One place.

    Attributes
    ----------
    kind : str
        `comune` or `ente`.
    code, name : str
        ISTAT code or code of the body, and its name.
    place : Values
        The row of `comuni` or `ambiti`.
    body : Named | None
        The managing body a municipality belongs to.
    towns : tuple of Named
        The municipalities of a body.
    facts : list of Fact
        Its figures.
    offices : list of Office
        Where services are offered there.
    nearby : list of Office
        The nearest ones to a municipality without an office.
    chances : list of Chance
        Open opportunities; `chances_in_all` is how many there are.
    pacts, practices : list of Named
        What was agreed and tried there.
    """

    kind: str
    code: str
    name: str
    place: Values
    body: Named | None
    towns: tuple[Named, ...]
    facts: list[Fact]
    offices: list[near.Office]
    nearby: list[near.Office]
    chances: list[near.Chance]
    chances_in_all: int
    pacts: list[Named]
    practices: list[Named]


def listed(served: Served, kind: str) -> list[Values]:
    """Return the rows of all municipalities or managing bodies, by name."""
    found = served.collections.get(TOWNS if kind == "comune" else BODIES)
    if found is None:
        return []
    rows = records(found, found.layer.field_names, where=current(found))
    return sorted(rows, key=lambda one: in_alphabet(str(one["denominazione"])))


def sheet(served: Served, kind: str, code: str, lang: Lang) -> Sheet:
    """Return the sheet of a municipality (ISTAT code) or a managing body (its code).

    Raises
    ------
    NotFound
        The release has no such place.
    """
    key = "cod_istat" if kind == "comune" else "cod_ambito"
    every = {str(one[key]): one for one in listed(served, kind)}
    if code not in every and kind == "comune":
        raise NotFound.among("municipality", code, every)
    if code not in every:
        raise NotFound.among("managing body", code, every)
    place = every[code]
    body = near.body_of(served, code) if kind == "comune" else None
    members = [code] if kind == "comune" else str(place["comuni"]).split(";")
    whose = body if kind == "comune" else code
    chances, in_all = near.chances(served, lang, towns=members, body=whose)
    there = near.offices(served, lang, where=_there(served, near.OFFICES, members))
    return Sheet(
        kind=kind,
        code=code,
        name=str(place["denominazione"]),
        place=place,
        body=_body(served, body),
        towns=() if kind == "comune" else _towns(served, members),
        facts=facts(served, kind, code, body, lang),
        offices=there,
        nearby=[] if there or kind == "ente" else _near(served, code, lang),
        chances=chances,
        chances_in_all=in_all,
        pacts=_named(served, _PACTS, members, lang, "stato"),
        practices=_named(served, _PRACTICES, members, lang, "stato_prassi"),
    )


def _near(served: Served, code: str, lang: Lang) -> list[near.Office]:
    at = middle_of(served, code)
    return [] if at is None else near.nearest(served, at.lon, at.lat, lang)


def _body(served: Served, code: str | None) -> Named | None:
    names = {str(one["cod_ambito"]): str(one["denominazione"]) for one in listed(served, "ente")}
    return Named(BODIES, code, names[code]) if code is not None and code in names else None


def _towns(served: Served, members: Sequence[str]) -> tuple[Named, ...]:
    rows = [one for one in listed(served, "comune") if one["cod_istat"] in members]
    return tuple(Named(TOWNS, one["cod_istat"], one["denominazione"]) for one in rows)


def _there(served: Served, name: str, members: Sequence[str]) -> Any:
    found = served.collections.get(name)
    if found is None:
        return None
    return np.logical_or.reduce([is_text(found, "cod_istat", code) for code in members])


def _named(
    served: Served, name: str, members: Sequence[str], lang: Lang, status: str
) -> list[Named]:
    found = served.collections.get(name)
    if found is None:
        return []
    titles = titles_of(served.release.manifest, found.layer.field(status).codelist, lang)
    there = _there(served, name, members) & current(found)
    rows = records(found, ("id", "titolo", "titolo_en", status), where=there)
    return [
        Named(name, one["id"], str((one["titolo_en"] if lang == "en" else None) or one["titolo"]),
              titles.get(one[status], ""))
        for one in rows
    ]  # fmt: skip
