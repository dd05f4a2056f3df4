"""Rows stand along a Hilbert curve, then by id: another order could sort them by a secret."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from checks.audit.findings import Tally
from checks.audit.published import Collection

LEVEL = 16
"""Of the curve, over the box of all rows."""


def check(tally: Tally, collection: Collection) -> None:
    """Check the order of the rows of a collection."""
    order = along(collection.geometry, collection.ids)
    tally.require(
        bool((order == np.arange(len(order))).all()),
        collection.id,
        "rows in an order that places and ids do not make",
    )


def along(geometry: npt.NDArray[np.object_], ids: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return the order of features along the curve; those without a place come last, by id."""
    shapes = gpd.GeoSeries(geometry)
    placed = shapes.notna().to_numpy()
    distance = np.full(len(shapes), np.iinfo(np.int64).max, dtype=np.int64)
    if placed.any():
        distance[placed] = shapes[placed].hilbert_distance(level=LEVEL)
    return np.lexsort((np.array(ids, dtype=object), distance))
