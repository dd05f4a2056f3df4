"""Deliberate leaks in indicators of places, which follow from each other and from open lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leaks import Scene, leak
from tiny_places import TOWNS, lived, row

OFFICES = {"001": 2}
"""By town."""

type Ages = tuple[int, int, int, int, int]
"""Residents, of these children, old ones, those over 80, and infants."""


def _ages(town: str) -> Ages:
    people = lived(town)
    return people, people // 10, people // 5, people // 12, people // 30


def _rows(kind: str, unit: str, ages: Ages, offices: int) -> list[dict[str, Any]]:
    """Return what is said of a unit: of each indicator per so many what is counted, and by what."""
    people, children, old, great, infants = ages
    grown = people - children - old
    said = {
        "DEM01": (100, old, children),
        "DEM02": (100, children + old, grown),
        "DEM03": (100, great, people),
        "DEM05": (1, great, grown // 3 or 1),
        "DEM06": (people, infants, people),
        "OFF01": (100, 0, infants),
        "OFF03": (10_000, offices, people),
    }
    return [
        row(
            f"{name}-{kind}-{unit}",
            {
                "indicatore": name,
                "tipo_unita": kind,
                "unita": unit,
                "periodo_inizio": "2023-01-01",
                "valore": round(per * counted / n, 4),
                "numeratore": counted,
                "n": n,
            },
        )
        for name, (per, counted, n) in said.items()
    ]


def CLEAN_INDICATORS(scene: Scene) -> None:  # noqa: N802 - as the other scenes without a leak
    """Publish indicators of all towns and bodies, without a leak."""
    scene.given["valori_indicatori"] = [
        *(r for town in TOWNS for r in _rows("comune", town, _ages(town), OFFICES.get(town, 0))),
        *(r for body in dict.fromkeys(TOWNS.values()) for r in _of_body(body)),
    ]
    for feature in scene.given["comuni"]:
        feature["properties"] |= {"pop_precedente": None, "pop_anno": 2023}
    for feature in scene.given["ambiti"]:
        own = feature["properties"]
        own["comuni"] = ";".join(_members(own["cod_ambito"]))
    for feature in scene.given["sedi"]:
        feature["properties"]["cod_istat"] = "001"


def _members(body: str) -> list[str]:
    return [town for town, of in TOWNS.items() if of == body]


def _of_body(body: str) -> list[dict[str, Any]]:
    towns = _members(body)
    people, children, old, great, infants = map(sum, zip(*map(_ages, towns), strict=True))
    rows = _rows("ambito", body, (people, children, old, great, infants),
                 sum(OFFICES.get(town, 0) for town in towns))  # fmt: skip
    # Persons of middle age are rounded down by town.
    middle = sum((p - c - o) // 3 or 1 for p, c, o, *_ in map(_ages, towns))
    rows[3]["properties"] |= {"n": middle, "valore": round(great / middle, 4)}
    return rows


def indicators(what: str, change: Callable[[dict[str, dict[str, Any]]], object]) -> None:
    """Register a leak in values of indicators, by their id."""

    def plant(scene: Scene) -> None:
        CLEAN_INDICATORS(scene)
        change({f["id"]: f["properties"] for f in scene.given["valori_indicatori"]})

    leak("replay", what)(plant)


indicators("a value that counts no whole persons",
           lambda of: of["DEM03-comune-001"].update(valore=10.0117))  # fmt: skip
indicators("old persons that another indicator has not",
           lambda of: of["DEM01-comune-003"].update(
               valore=100.0, numeratore=of["DEM01-comune-003"]["n"]))  # fmt: skip
indicators("residents of an indicator that the town has not",
           lambda of: of["DEM03-comune-002"].update(n=100, numeratore=10, valore=10.0))  # fmt: skip
indicators("places of a body that its towns have not",
           lambda of: of["OFF01-ambito-OVEST"].update(
               valore=100.0, numeratore=of["OFF01-ambito-OVEST"]["n"]))  # fmt: skip
indicators("offices of an indicator that nobody lists",
           lambda of: of["OFF03-comune-003"].update(
               valore=round(20_000 / of["OFF03-comune-003"]["n"], 4), numeratore=2))  # fmt: skip
indicators("a value of nobody", lambda of: of["OFF01-comune-003"].update(n=0))
