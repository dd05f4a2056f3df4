"""Towns and bodies of the service of `tiny_site`, with estimates made of its areas."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tiny_figures import BAND_MAX, BASE, CELLS, CLASSES, ESTIMATED, counted, counts_of, rated
from tiny_figures import lived as living

TOWNS = {"001": "EST", "002": "EST", "003": "OVEST"}
"""The body of each town."""


def town_of(at: int, cell: str) -> dict[str, int]:
    """Return the residents of the cell at a position by town: some cells are of two towns."""
    if at == 4:
        return {"001": 50, "002": 70}
    if at == 9:
        return {"002": 90, "003": 30}
    return {"001" if at < 4 else "002" if at < 9 else "003": living([cell])}


WEIGHTS = [
    (cell, town, number)
    for at, cell in enumerate([c for of in CELLS for c in of])
    for town, number in town_of(at, cell).items()
]


def collections() -> dict[str, list[dict[str, Any]]]:
    """Return weights, towns and bodies, and the estimates for both."""
    weights = [
        row(
            f"{cell}_{town}",
            {
                "h3": cell,
                "cod_istat": town,
                "nome_comune": f"Comune {town}",
                "cod_ambito": TOWNS[town],
                "nome_ambito": f"Ente {TOWNS[town]}",
                "residenti": number,
            },
        )
        for cell, town, number in WEIGHTS
    ]
    bodies = list(dict.fromkeys(TOWNS.values()))
    return {
        "celle_comuni": weights,
        "comuni": [
            place(t, {"cod_istat": t, "denominazione": f"Comune {t}", "pop": lived(t)})
            for t in TOWNS
        ],
        "ambiti": [
            place(b, {"cod_ambito": b, "denominazione": f"Ente {b}", "pop": lived(b)})
            for b in bodies
        ],
        "bisogni_comuni": [place(t, {"cod_istat": t, **estimated(t)}) for t in TOWNS],
        "bisogni_ambiti": [place(b, {"cod_ambito": b, **estimated(b)}) for b in bodies],
    }


def row(ident: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": ident,
        "geometry": None,
        "properties": {"id": ident, **properties},
    }


def place(ident: str, properties: dict[str, Any]) -> dict[str, Any]:
    ring = [[8.4, 45.3], [8.5, 45.3], [8.5, 45.4], [8.4, 45.3]]
    return row(ident, properties) | {"geometry": {"type": "Polygon", "coordinates": [ring]}}


def inside(place_: str, cells: list[str]) -> int:
    """Return the residents of some cells that live in a town or body."""
    return sum(n for c, t, n in WEIGHTS if c in cells and place_ in {t, TOWNS[t]})


def lived(place_: str) -> int:
    return inside(place_, [c for of in CELLS for c in of])


def estimated(place_: str) -> dict[str, Any]:
    found: dict[str, Any] = {"periodo_inizio": "2023-01-01", "residenti": lived(place_)}
    for name in ESTIMATED:
        source = name.replace("stima", "n")
        areas = CELLS if source == "n_c" else BASE
        exact = sum(
            Fraction(counts_of(of)[source] * inside(place_, of), living(of)) for of in areas
        )
        number = round(exact)
        found |= counted(name, number)
        below, above = around = CLASSES[max(c for c in CLASSES if c <= lived(place_))]
        shown = number > BAND_MAX
        found[f"{name}_min"] = max(0, number - below) if shown else None
        found[f"{name}_max"] = number + above if shown else None
        if name == "stima_a":
            found |= rated("tasso_a", number, lived(place_), around)
    return found | {"fonte": "Prova"}
