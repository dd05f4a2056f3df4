"""Rows stand along a Hilbert curve, then by id: another order could sort them by a secret."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from checks.audit.findings import Tally
from checks.audit.published import Collection

LEVEL = 16
"""Of the curve, over the box of all rows."""


def check(tally: Tally, collection: Collection) -> None:
    """Check the order of the rows of a collection; those without a place come last, by id."""
    shapes = gpd.GeoSeries(collection.geometry)
    placed = shapes.notna().to_numpy()
    along = np.full(len(shapes), np.iinfo(np.int64).max, dtype=np.int64)
    if placed.any():
        along[placed] = shapes[placed].hilbert_distance(level=LEVEL)
    order = np.lexsort((np.array(collection.ids, dtype=object), along))
    tally.require(
        bool((order == np.arange(len(order))).all()),
        collection.id,
        "rows in an order that places and ids do not make",
    )
