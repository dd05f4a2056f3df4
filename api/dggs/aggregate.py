"""Values of coarser zones from those of finer ones, by the rule that the layer declares."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from api.dggs.zones import ThemeZones
from api.features.columns import Column, read_column
from geo_core.model.field import Field
from geo_core.model.grid import parents, texts

DECIMALS: Final = 4
"""Decimals of a mean, as of the published values it is made of."""

type Floats = NDArray[np.float64]


def coarsened(finer: ThemeZones, level: int) -> ThemeZones:
    """Return the zones of a coarser level, every finer one counted in its ancestor once.

    A sum is of the values that are known. A mean weighs each value by the residents it is of, or
    what else the layer names. Of a field that is neither, nothing is known.

    Parameters
    ----------
    finer : ThemeZones
        Zones that all have values of their own.
    level : int
        Coarser than theirs.
    """
    cells, group = np.unique(parents(finer.cells, level), return_inverse=True)
    columns = {
        name: _coarsened(name, finer, group, len(cells))
        for name in finer.fields
        if name not in _NAMES
    }
    named = texts(cells)
    columns |= {n: read_column(finer.fields[n], named) for n in _NAMES if n in finer.fields}
    ordered = {name: columns[name] for name in finer.fields}
    return ThemeZones(level, cells, np.arange(len(cells), dtype=np.int64), ordered)


_NAMES: Final = ("id", "h3")
"""Fields that name the zone."""


def _coarsened(name: str, finer: ThemeZones, group: NDArray[np.int64], size: int) -> Column:
    field = finer.fields[name]
    values = _values(field, finer.column(name), finer, group, size)
    if values is None:
        return read_column(field, [None] * size)
    return Column(field, values, ~np.isnan(values), [])


def _values(
    field: Field, column: Column, finer: ThemeZones, group: NDArray[np.int64], size: int
) -> Floats | None:
    if field.aggregate == "sum":
        return _sums(column.values, column.valid, group, size)
    if field.aggregate == "weighted_mean" and field.weight is not None:
        weight = finer.column(field.weight)
        known = column.valid & weight.valid
        total = _sums(weight.values, known, group, size)
        weighed = _sums(column.values * weight.values, known, group, size)
        with np.errstate(divide="ignore", invalid="ignore"):
            means: Floats = np.where(total > 0, np.round(weighed / total, DECIMALS), np.nan)
        return means
    return None


def _sums(
    values: NDArray[Any], known: NDArray[np.bool_], group: NDArray[np.int64], size: int
) -> Floats:
    """Return the sum of what is known in each group; NaN where nothing is."""
    sums = np.bincount(group[known], weights=values[known], minlength=size)
    some = np.bincount(group[known], minlength=size) > 0
    return np.where(some, sums, np.nan)
