"""Municipalities and leaf cells as a form draws them: compact text, exact to a decimetre."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_core.forms.known import Known
from geo_core.model import cells

SCALE: Final = 1_000_000
"""Steps in a degree: one is at most 11 cm."""

DRAWN: Final = 0.0002
"""Degrees by which a boundary that is only looked at may be simplified."""

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def drawn_cells(known: Known) -> dict[str, Any]:
    """Return municipalities, their leaf cells and localities, for a place that is a cell.

    Returns
    -------
    dict
        ``municipalities``: code, name, outline, positions in ``cells`` of all cells that touch
        it. ``cells``: index, outline, 1 if somebody lives there, position of the municipality
        of its centre (or of one that it touches). ``localities``: municipality, name, cell.
    """
    order = sorted(known.references.cells)
    shapes = np.array([cells.polygon(cells.CellId(c)) for c in order], dtype=object)
    tree = shapely.STRtree(shapes)
    touched = [sorted(tree.query(area, "intersects").tolist()) for area in _areas(known)]
    homes = _homes(known, order, touched)
    return {
        "municipalities": [
            {**place, "cells": touched[i]} for i, place in enumerate(_municipalities(known, DRAWN))
        ],
        "cells": [
            [index, outline(shape)[0], int(index in known.inhabited), home]
            for index, shape, home in zip(order, shapes, homes, strict=True)
        ],
        "localities": _localities(known),
    }


def drawn_boundaries(known: Known) -> dict[str, Any]:
    """Return municipalities with their exact outline, for a place that is a point."""
    return {"municipalities": _municipalities(known, 0)}


def outline(shape: BaseGeometry) -> list[str]:
    """Return every ring of a polygon or multipolygon as text.

    A ring is a run of steps from the point before, in units of `SCALE`, longitude and latitude
    in turn; a number is written in base 36, the minus sign included, separated by blanks. The
    closing point is left out.
    """
    polygons = getattr(shape, "geoms", [shape])
    return [_ring(ring) for p in polygons for ring in (p.exterior, *p.interiors)]


def _ring(ring: Any) -> str:
    points = np.rint(np.asarray(ring.coords)[:-1, :2] * SCALE).astype("int64")
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype="int64"))
    return " ".join(_base36(int(n)) for n in steps.ravel())


def _base36(number: int) -> str:
    sign, rest, text = ("-" if number < 0 else ""), abs(number), ""
    while rest:
        rest, digit = divmod(rest, 36)
        text = _DIGITS[digit] + text
    return sign + (text or "0")


def _areas(known: Known) -> Any:
    return known.municipalities.geometry.to_numpy()


def _municipalities(known: Known, tolerance: float) -> list[dict[str, Any]]:
    shapes = shapely.simplify(_areas(known), tolerance) if tolerance else _areas(known)
    names = zip(
        known.municipalities["cod_istat"],
        known.municipalities["denominazione"],
        shapes,
        strict=True,
    )
    return [
        {"code": str(code), "name": str(name), "rings": outline(shape)}
        for code, name, shape in names
    ]


def _homes(known: Known, order: Sequence[str], touched: Iterable[list[int]]) -> list[int]:
    homes = [-1] * len(order)
    for i, found in enumerate(touched):
        for position in found:
            homes[position] = i
    centres = np.array([cells.centre(cells.CellId(c)) for c in order])
    for i, area in enumerate(_areas(known)):
        within = shapely.intersects_xy(area, centres[:, 0], centres[:, 1])
        for position in np.flatnonzero(within).tolist():
            homes[position] = i
    return homes


def _localities(known: Known) -> list[list[str]]:
    placed = (
        (x.municipality, x.name, str(cells.at(x.lat, x.lon, cells.LEAF))) for x in known.localities
    )
    return sorted([*p] for p in placed if p[2] in known.references.cells)
