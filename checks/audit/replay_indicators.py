"""Recomputes indicators of places from each other, from municipalities and from offices.

Residents by age are figures of the statistical office and are not published beside these. But
every value is a whole number of persons by another, those of a body are the sums of its
municipalities, and several indicators count the same persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.published import Published

VALUES: Final = "valori_indicatori"
TOWNS: Final = "comuni"
BODIES: Final = "ambiti"
OFFICES: Final = "sedi"
BODIES_OF: Final = "organizzazioni"
PACTS: Final = "patti"
DECIMALS: Final = 4
PER: Final = {"DEM01": 100, "DEM02": 100, "DEM03": 100, "DEM04": 100, "DEM05": 1, "OFF01": 100,
              "OFF03": 10_000, "TS01": 10_000, "PAR01": 10_000}  # fmt: skip
"""What a value is per so many of."""
OF_PEOPLE: Final = {"OFF03", "TS01", "PAR01"}
"""Indicators over all residents."""
ENDED: Final = {"concluso", "revocato", "respinto"}
COUNTED: Final = "DEM06"
"""An indicator whose value is a number of persons itself."""
NEEDED: Final = {"valore", "numeratore", "n", "indicatore"}
COUNTS: Final = {*PER, COUNTED}
CHANGE: Final = "DEM04"
PEOPLE: Final = "DEM03"

type Key = tuple[str, str, str, int]
"""Indicator, kind of unit, unit and year."""
type Parts = Mapping[Key, tuple[int, int]]
"""What is counted in each value, and by what it is divided (persons, offices or places)."""


def check(tally: Tally, published: Published) -> None:
    """Check every value of every indicator, where they are published."""
    collection = published.collections.get(VALUES)
    if collection is None or not set(collection.fields) >= NEEDED:
        return
    rows = [feature["properties"] for feature in collection.features]
    tally.each(
        [_is_made(row) for row in rows],
        VALUES,
        "a value that no whole number divided by n gives",
        lambda i: {"id": rows[i]["id"], "value": rows[i]["valore"], "n": rows[i]["n"]},
    )
    parts = {_key(row): (row["numeratore"], row["n"]) for row in rows
             if row["indicatore"] in COUNTS and row["numeratore"] is not None}  # fmt: skip
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


def _is_made(row: Mapping[str, Any]) -> bool:
    value, counted, n = row["valore"], row["numeratore"], row["n"]
    per = PER.get(row["indicatore"])
    if row["indicatore"] not in COUNTS:
        return True
    if counted is None or counted != round(counted):
        return False
    if per is None or not n:
        return bool(value == (None if per else counted))
    return value is not None and bool(abs(value - per * counted / n) <= 0.51 * 10**-DECIMALS)


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
        elif key[0] in {COUNTED, *OF_PEOPLE} and people:
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
    towns = published.collections.get(TOWNS)
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
    for name, places in _lists(published).items():
        for key, (counted, n) in parts.items():
            if key[:2] == (name, "comune") and n:
                yield key, counted, places[key[2]]


def _lists(published: Published) -> dict[str, Counter[str]]:
    """Return how many rows of open lists each municipality has, by the indicator of them."""
    of: dict[str, tuple[str, str, Callable[[Any], bool]]] = {
        "OFF03": (OFFICES, "riservata", lambda secret: not secret),
        "TS01": (BODIES_OF, "tipo", lambda kind: kind == "ets"),
        "PAR01": (PACTS, "stato", lambda state: state not in ENDED),
    }
    found = {}
    for name, (collection, field, counts) in of.items():
        shown = published.collections.get(collection)
        if shown is not None and {field, "cod_istat"} <= set(shown.fields):
            rows = (feature["properties"] for feature in shown.features)
            found[name] = Counter(row["cod_istat"] for row in rows if counts(row[field]))
    return found
