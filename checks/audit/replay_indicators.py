"""Recomputes indicators of places from each other, from municipalities and from offices.

Residents by age are figures of the statistical office and are not published beside these. But
every value is a whole number of persons by another, those of a body are the sums of its
municipalities, and several indicators count the same persons.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.published import Published

VALUES: Final = "valori_indicatori"
TOWNS: Final = "comuni"
BODIES: Final = "ambiti"
OFFICES: Final = "sedi"
DECIMALS: Final = 4
PER: Final = {"DEM01": 100, "DEM02": 100, "DEM03": 100, "DEM04": 100, "DEM05": 1, "OFF01": 100,
              "OFF03": 10_000}  # fmt: skip
"""What a value is per so many of."""
EXACT: Final = 9_000
"""Times `per` that n may be, for a value of so many decimals to be of one whole number alone."""
COUNTED: Final = "DEM06"
"""An indicator whose value is a number of persons itself."""
CHANGE: Final = "DEM04"
PEOPLE: Final = "DEM03"

type Key = tuple[str, str, str, int]
"""Indicator, kind of unit, unit and year."""
type Parts = Mapping[Key, tuple[int, int]]
"""What is counted in each value, and by what it is divided (persons, offices or places)."""


def check(tally: Tally, published: Published) -> None:
    """Check every value of every indicator, where they are published."""
    collection = published.collections.get(VALUES)
    if collection is None or not {"valore", "n", "indicatore"} <= set(collection.fields):
        return
    rows = [feature["properties"] for feature in collection.features]
    tally.each(
        [_is_made(row) for row in rows],
        VALUES,
        "a value that no whole number divided by n gives",
        lambda i: {"id": rows[i]["id"], "value": rows[i]["valore"], "n": rows[i]["n"]},
    )
    parts = {_key(row): (_counted(row), row["n"]) for row in rows if _is_exact(row)}
    wrong = {
        key: (found, made)
        for source in (_of_ages(parts), _of_bodies(parts, published), _of_towns(parts, published))
        for key, found, made in source
        if found != made
    }
    tally.each(
        [key not in wrong for key in parts],
        VALUES,
        "persons of an indicator are not those of the others, of its towns or of its offices",
        lambda i: {"of": list(parts)[i], "found and made": wrong[list(parts)[i]]},
    )


def _key(row: Mapping[str, Any]) -> Key:
    return row["indicatore"], row["tipo_unita"], row["unita"], int(row["periodo_inizio"][:4])


def _counted(row: Mapping[str, Any]) -> int:
    """Return the persons that a value counts; 0 where there is none to divide by."""
    value = row["valore"] or 0
    per = PER.get(row["indicatore"])
    return round(value if per is None else value * row["n"] / per)


def _is_exact(row: Mapping[str, Any]) -> bool:
    """Tell whether a value has enough decimals to know which whole number it counts."""
    return bool((row["n"] or 0) <= EXACT * PER.get(row["indicatore"], math.inf))


def _is_made(row: Mapping[str, Any]) -> bool:
    value, n, per = row["valore"], row["n"], PER.get(row["indicatore"])
    if row["indicatore"] not in {*PER, COUNTED}:
        return True
    if per is None or not n or value is None:
        return (value is None) == (per is not None and not n) and (
            value is None or value == round(value)
        )
    return bool(value == round(per * _counted(row) / n, DECIMALS))


def _of_ages(parts: Parts) -> Iterator[tuple[Key, int, int]]:
    """Yield what several indicators of one unit and year count: by one, and by the others."""
    for key, (counted, n) in parts.items():
        of = {name: parts.get((name, *key[1:])) for name in (*PER, COUNTED)}
        people, old, children = of[PEOPLE], of["DEM01"], of[COUNTED]
        if key[0] == "DEM02" and people and old and old[1] and n:
            yield key, counted + n, people[1]
            yield key, counted, sum(old)
        elif key[0] == "DEM05" and people and n:
            yield key, counted, people[0]
        elif key[0] in {COUNTED, "OFF03"} and people:
            yield key, n, people[1]
        elif key[0] == "OFF01" and children:
            yield key, n, children[0]


def _of_bodies(parts: Parts, published: Published) -> Iterator[tuple[Key, int, int]]:
    """Yield what is counted for a body, and the sum of its municipalities."""
    for body, towns in _towns(published).items():
        for key, found in parts.items():
            each = [parts.get((key[0], "comune", town, key[3])) for town in towns]
            if key[1:3] == ("ambito", body) and None not in each:
                yield key, found[1], sum(n for _, n in filter(None, each))
                if all(n for _, n in filter(None, each)):
                    yield key, found[0], sum(counted for counted, _ in filter(None, each))


def _towns(published: Published) -> dict[str, list[str]]:
    bodies = published.collections.get(BODIES)
    if bodies is None or not {"cod_ambito", "comuni"} <= set(bodies.fields):
        return {}
    rows = (feature["properties"] for feature in bodies.features)
    return {row["cod_ambito"]: (row["comuni"] or "").split(";") for row in rows}


def _of_towns(parts: Parts, published: Published) -> Iterator[tuple[Key, int, int]]:
    """Yield residents and offices of municipalities, and those of their own lists."""
    towns, offices = published.collections.get(TOWNS), published.collections.get(OFFICES)
    if towns is not None and {"pop", "pop_precedente", "pop_anno"} <= set(towns.fields):
        for row in (feature["properties"] for feature in towns.features):
            now, before, year = row["pop"], row["pop_precedente"], row["pop_anno"]
            made = {
                (PEOPLE, year): (1, now),
                (PEOPLE, year - 1): (1, before),
                (CHANGE, year): (0, None if before is None else now - before),
            }
            for (name, when), (part, number) in made.items():
                key = (name, "comune", row["cod_istat"], when)
                if key in parts and number is not None and parts[key][1]:
                    yield key, parts[key][part], number
    if offices is not None and {"riservata", "cod_istat"} <= set(offices.fields):
        rows = [feature["properties"] for feature in offices.features]
        found = Counter(row["cod_istat"] for row in rows if not row["riservata"])
        for key, (counted, n) in parts.items():
            if key[:2] == ("OFF03", "comune") and n:
                yield key, counted, found[key[2]]
