"""Figures of the service of `tiny_site`: its areas, its statement, and one feature of each kind."""

from __future__ import annotations

import json
from typing import Any

import h3
import shapely

BIG = [h3.latlng_to_cell(45.32, 8.42, 7), h3.latlng_to_cell(45.40, 8.50, 7)]
CELLS = [sorted(h3.cell_to_children(big, 8)) for big in BIG]
PAIR = CELLS[0][:2]
"""Two cells that are one area: few live in either."""
BASE = [PAIR, *([cell] for cell in CELLS[0][2:]), *([cell] for cell in CELLS[1])]
BAND_MAX, FEWEST = 4, 20

AREA = {"h3": "string", "tipo_area": "string", "celle": "integer", "residenti": "integer"}
COUNTS = ("n_a", "n_b", "n_c", "n_tutti")
ESTIMATED = ("stima_a", "stima_b", "stima_c", "stima_tutti")
RATE = {"residents": "residenti", "per": 1000, "decimals": 1}
INTERVALS = {8: (1, 2), 7: (3, 3)}
CLASSES = {0: (3, 3), 1_000: (4, 5)}
"""Intervals of estimates, by the residents of a place from which they hold."""
STATES = ["published", "band", "merged"]


def statement(theme: str, **others: Any) -> dict[str, Any]:
    usual = {"theme": theme, "year": 2023, "method": {"name": "dp"}, "geographies": []}
    return usual | {"units": None, "band": None} | others


def disclosure() -> dict[str, Any]:
    areas = statement(
        "bisogni",
        categories={"A": {}, "B": {}, "C": {}},
        band={"low": 0, "high": BAND_MAX},
        geographies=[
            {"categories": ["A", "B"], "h3_leaf": 8, "p_min": 100},
            {"categories": ["C"], "h3_leaf": 8, "p_min": 500},
        ],
        derived={
            "fewest": FEWEST,
            "totals": {"n_tutti": ["A", "B"]},
            "shares": {"quota_a": {"part": "n_a", "whole": "n_tutti"}},
            "medians": {"mediana": ["A", "B"]},
            "mean": None,
            "rates": {"tasso_a": RATE | rate_of("n_a", "tasso_a")},
            "public": ["celle", "residenti"],
        },
        intervals=[interval(at, None, INTERVALS[at]) for at in (7, 8)],
        estimates=[
            estimates("bisogni_ambiti", "cod_ambito"),
            estimates("bisogni_comuni", "cod_istat"),
        ],
    )
    units = statement(
        "voti",
        categories={"1": {}, "2": {}},
        units={"kind": "sedi", "number": 2, "fewest": 10},
        derived={"totals": {"n_voti": ["1", "2"]}, "mean": "voto_medio"},
    )
    return {"statements": [areas, units], "totals": []}


def rate_of(count: str, rate: str) -> dict[str, str]:
    return {"count": count, "low": f"{rate}_min", "high": f"{rate}_max"}


def interval(at: int | None, column: str | None, around: tuple[int, int]) -> dict[str, Any]:
    below, above = around
    return {"resolution": at, "column": column, "below": below, "above": above, "coverage": 0.95}


def estimates(collection: str, key: str) -> dict[str, Any]:
    return {
        "collection": collection,
        "key": key,
        "weights": "celle_comuni",
        "cells": "h3",
        "residents": "residenti",
        "columns": {"A": "stima_a", "B": "stima_b", "C": "stima_c"},
        "totals": {"stima_tutti": ["A", "B"]},
        "ends": {"low": "_min", "high": "_max"},
        "rates": {"tasso_a": RATE | rate_of("stima_a", "tasso_a")},
        "intervals": [
            interval(None, column, around) | ({"residents_from": start} if start else {})
            for column in (None, "stima_tutti")
            for start, around in CLASSES.items()
        ],
        "utility": {"resolution": None, "error": 0.1, "misplaced": 0.1},
    }


def lived(cells: list[str]) -> int:
    """Return the residents of cells."""
    return sum(60 if cell in PAIR else 120 for cell in cells)


def counts_of(cells: list[str]) -> dict[str, int | None]:
    """Return the protected numbers of an area: all are functions of its cells."""
    numbers = [int(cell[8:11], 16) for cell in cells]
    whole = len(cells) == 7
    a, b = sum(n % 23 for n in numbers), sum(n % 5 for n in numbers)
    return {"n_a": a, "n_b": b, "n_c": 40 + len(cells) if whole else None, "n_tutti": a + b}


def counted(name: str, value: int | None) -> dict[str, Any]:
    state = STATES[2] if value is None else STATES[0] if value > BAND_MAX else STATES[1]
    return {
        name: value if state == "published" else None,
        f"{name}_fascia": "0-4" if state == "band" else None,
        f"{name}_stato": state,
    }


def rated(name: str, count: int, residents: int, around: tuple[int, int] | None) -> dict[str, Any]:
    below, above = around or (0, 0)
    numbers = {name: count, f"{name}_min": max(0, count - below), f"{name}_max": count + above}
    return {
        column: None if count <= BAND_MAX or around is None else round(1000 * number / residents, 1)
        for column, number in numbers.items()
    }


def area_feature(cells: list[str]) -> dict[str, Any]:
    parent = h3.cell_to_parent(cells[0], 7)
    group = 1 < len(cells) < 7
    place = cells[0] if len(cells) == 1 else parent
    ident = f"{place}~{cells[0]}" if group else place
    around = INTERVALS[8 if len(cells) < 7 else 7]
    return _area(ident, place, cells, counts_of(cells), around)


def level_features(level: int) -> list[dict[str, Any]]:
    """Return the areas of a level that is coarser than all collections: whole cells."""
    inside: dict[str, list[list[str]]] = {}
    for big, cells in zip(BIG, CELLS, strict=True):
        inside.setdefault(h3.cell_to_parent(big, level), []).append(cells)
    found = []
    for place, groups in sorted(inside.items()):
        cells = sorted(cell for of in groups for cell in of)
        parts = [counts_of(of) for of in groups]
        counts = {name: sum(part[name] or 0 for part in parts) for name in parts[0]}
        found.append(_area(place, place, cells, counts, None))
    return found


def _area(
    ident: str,
    place: str,
    cells: list[str],
    counts: dict[str, int | None],
    around: tuple[int, int] | None,
) -> dict[str, Any]:
    a, b = counts["n_a"] or 0, counts["n_b"] or 0
    shared = a > BAND_MAX and a + b >= FEWEST
    properties = {
        "id": ident,
        "periodo_inizio": "2023-01-01",
        "periodo_fine": "2023-12-31",
        "h3": place,
        "tipo_area": "cella" if ident == place else "gruppo",
        "celle": len(cells),
        "residenti": lived(cells),
        **{k: v for name, n in counts.items() for k, v in counted(name, n).items()},
        "quota_a": round(100 * a / (a + b), 1) if shared else None,
        "quota_a_stato": "published" if shared else "band",
        "mediana": ("A" if 2 * a >= a + b else "B") if a + b >= FEWEST else None,
        "mediana_stato": "published" if a + b >= FEWEST else "band",
        **rated("tasso_a", a, lived(cells), around),
        "fonte": "Prova",
    }
    return {"type": "Feature", "id": ident, "geometry": outline(cells), "properties": properties}


def outline(cells: list[str]) -> dict[str, Any]:
    """Return the union of cells as a release writes it."""
    shape = shapely.geometry.shape(h3.cells_to_h3shape(cells))
    parts = shape.geoms if isinstance(shape, shapely.MultiPolygon) else [shape]
    whole = shapely.MultiPolygon(list(parts))
    rounded = shapely.transform(whole, lambda xy: xy.round(7))
    turned = shapely.orient_polygons(rounded, exterior_cw=False)
    return json.loads(json.dumps(shapely.geometry.mapping(turned)))


def unit_feature(ident: str, name: str, ones: int, twos: int) -> dict[str, Any]:
    properties = {
        "id": ident,
        "periodo_inizio": "2023-01-01",
        "nome": name,
        "n_1": ones,
        "n_2": twos,
        "n_voti": ones + twos,
        "voto_medio": round((ones + 2 * twos) / (ones + twos), 1),
        "stato": "published",
    }
    return point(ident, properties)


def point(ident: str, properties: dict[str, Any]) -> dict[str, Any]:
    place = {"type": "Point", "coordinates": [8.42, 45.32]}
    return {"type": "Feature", "id": ident, "geometry": place, "properties": properties}
