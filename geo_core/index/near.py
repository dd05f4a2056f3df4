"""Which rows of a table are neighbours, as a specification says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import model_validator

from geo_core.errors import AtlanteError
from geo_core.index.spec import ColumnName, Positive, Ring
from geo_core.index.table import Inputs, Table, refuse_first
from geo_core.indicators.composite import Floats
from geo_core.indicators.neighbours import Neighbours, listed, rings, within_distance, within_km
from geo_core.model.cells import cell
from geo_core.model.text import Strict


class Distance(Strict):
    """Up to a distance in the plane: `band` is in the unit of the coordinates."""

    x: ColumnName
    y: ColumnName
    band: Positive


class DistanceKm(Strict):
    """Up to a distance on the earth, in km along the great circle; lon and lat in degrees."""

    lon: ColumnName
    lat: ColumnName
    band: Positive


class Cells(Strict):
    """Up to `ring` steps over H3 cells of one resolution."""

    cell: ColumnName
    ring: Ring = 1


class Pairs(Strict):
    """As a further table says.

    Attributes
    ----------
    file : str
        Table beside the specification.
    unit, neighbour : str
        Its columns: ids of the table of units.
    both_ways : bool
        Whether a pair also makes the first a neighbour of the second.
    """

    file: str
    unit: ColumnName
    neighbour: ColumnName
    both_ways: bool


class Near(Strict):
    """One way to say which units are neighbours. No unit is its own."""

    distance: Distance | None = None
    distance_km: DistanceKm | None = None
    h3: Cells | None = None
    pairs: Pairs | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        ways = (self.distance, self.distance_km, self.h3, self.pairs)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("neighbours wants one of: distance, distance_km, h3, pairs")
        return self


def found(near: Near, inputs: Inputs, ids: Sequence[str]) -> Neighbours:
    """Return the neighbours of the rows of a table.

    Raises
    ------
    IngestError
        A coordinate, a cell or a name of a pair is missing or wrong: names row and column.
    """
    if near.distance is not None:
        points = _points(inputs.table, near.distance.x, near.distance.y)
        return within_distance(points, near.distance.band)
    if near.distance_km is not None:
        points = _points(inputs.table, near.distance_km.lon, near.distance_km.lat)
        _check_degrees(inputs.table, near.distance_km, points)
        return within_km(points, near.distance_km.band)
    if near.h3 is not None:
        return rings(_cells(inputs.table, near.h3.cell), near.h3.ring)
    if near.pairs is not None:
        return _listed(near.pairs, inputs, ids)
    raise AssertionError("a validated model has one of them")


def _points(table: Table, *names: str) -> Floats:
    points = np.column_stack([table.numbers(name) for name in names])
    hint = "give every unit its coordinates, or leave its row out"
    for name, axis in zip(names, points.T, strict=True):
        refuse_first(table, np.isnan(axis), name, "is empty and must not be", hint)
    return points


def _check_degrees(table: Table, of: DistanceKm, points: Floats) -> None:
    hint = "degrees: longitude from -180 to 180, latitude from -90 to 90"
    for name, axis, most in zip((of.lon, of.lat), points.T, (180, 90), strict=True):
        refuse_first(table, np.abs(axis) > most, name, "is no coordinate", hint)


def _cells(table: Table, name: str) -> list[str]:
    cells = [key for (key,) in table.keys(name)]
    hint = "15 hexadecimal characters, lower case"
    wrong = np.array([not _is_cell(text) for text in cells])
    refuse_first(table, wrong, name, "is not a valid H3 index", hint)
    return cells


def _is_cell(text: str) -> bool:
    try:
        cell(text)
    except AtlanteError:
        return False
    return True


def _listed(pairs: Pairs, inputs: Inputs, ids: Sequence[str]) -> Neighbours:
    table, place = inputs.other(pairs.file), {key: i for i, key in enumerate(ids)}
    ends = []
    for name in (pairs.unit, pairs.neighbour):
        texts = table.texts(name)
        unknown = np.array([text not in place for text in texts])
        hint = "write each id as in the table of units, leading zeros included"
        refuse_first(table, unknown, name, "names no row of the table of units", hint)
        ends.append(np.array([place[text] for text in texts], dtype=np.int64))
    named = np.column_stack(ends)
    both = np.concatenate([named, named[:, ::-1]]) if pairs.both_ways else named
    return listed(both, units=len(ids))
