"""Points placed on H3 cells and counted by cell, category and month, as a stream.

Ten million points fit no frame of objects, and need none: a batch is placed, counted and
forgotten. Memory grows with the number of groups, not of points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Final

import h3.api.basic_int as h3_int
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geo_core.ingest.tally import Tally
from geo_core.model.cells import LEAF

CELL: Final = "h3"
CATEGORY: Final = "categoria"
MONTH: Final = "mese"

NOT_A_NUMBER: Final = "lon or lat is not a number"
OUT_OF_RANGE: Final = "lon or lat is out of range"
UNNAMED: Final = "no category or month"

type Floats = npt.NDArray[np.float64]
type Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counted:
    """Where every point went: ``points == counts["n"].sum() + sum(refused.values())``.

    Attributes
    ----------
    counts : Table
        ``h3`` (text), ``categoria``, ``mese``, ``n`` (int64, at least 1), sorted by these.
    points : int
        Points that came in.
    refused : dict
        Points without a cell, by reason; every reason is listed.
    """

    counts: pa.Table
    points: int
    refused: dict[str, int]


def place(lon: Floats, lat: Floats, *, res: int = LEAF) -> npt.NDArray[np.uint64]:
    """Return the H3 cell of every point, exactly that of `h3.latlng_to_cell`.

    The library's own function is called for each point, with indexes as numbers instead of
    text: about 1 µs a point. A table of cells by coarse squares would be faster and wrong at
    the edges.

    Parameters
    ----------
    lon, lat : array of n floats
        Degrees, WGS 84; finite and in range (`refusals` tells).
    res : int
        Resolution, 0-15.
    """
    found = map(h3_int.latlng_to_cell, lat.tolist(), lon.tolist(), repeat(res))
    return np.fromiter(found, dtype=np.uint64, count=len(lon))


def refusals(lon: Floats, lat: Floats) -> dict[str, Bools]:
    """Say which points have no cell, by reason; no point has two reasons.

    Longitudes run from -180 to 180, latitudes from -90 to 90 degrees, the ends included.
    """
    known = np.isfinite(lon) & np.isfinite(lat)
    with np.errstate(invalid="ignore"):
        inside = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return {NOT_A_NUMBER: ~known, OUT_OF_RANGE: known & ~inside}


def count_points(
    batches: Iterable[pa.RecordBatch], *, progress: Callable[[int], None] = lambda _: None
) -> Counted:
    """Place points at the leaf resolution and count them by cell, category and month.

    Parameters
    ----------
    batches : iterable of RecordBatch
        ``lon``, ``lat`` (float64, degrees, WGS 84; null is not a number), ``categoria`` and
        ``mese`` (text or dictionary of text). Read one at a time.
    progress : callable
        Told after each batch how many points came in so far.
    """
    tally = Tally((CELL, CATEGORY, MONTH))
    points = 0
    refused = {NOT_A_NUMBER: 0, OUT_OF_RANGE: 0, UNNAMED: 0}
    for batch in batches:
        points += batch.num_rows
        lon, lat = (_floats(batch[name]) for name in ("lon", "lat"))
        wrong = refusals(lon, lat)
        unnamed = _missing(batch[CATEGORY]) | _missing(batch[MONTH])
        wrong[UNNAMED] = unnamed & ~np.logical_or.reduce(list(wrong.values()))
        for reason, where in wrong.items():
            refused[reason] += int(where.sum())
        kept = ~np.logical_or.reduce(list(wrong.values()))
        named = batch.filter(pa.array(kept))
        tally.add(_named(place(lon[kept], lat[kept])), named[CATEGORY], named[MONTH])
        progress(points)
    return Counted(tally.counts(), points, refused)


def _named(cells: npt.NDArray[np.uint64]) -> pa.DictionaryArray:
    """Write indexes as text, each different one once."""
    distinct, position = np.unique(cells, return_inverse=True)
    names = [h3_int.int_to_str(cell) for cell in distinct.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(position), pa.array(names, pa.string()))


def _floats(column: pa.Array) -> Floats:
    filled: Floats = pc.fill_null(column, np.nan).to_numpy(zero_copy_only=False)
    return filled


def _missing(column: pa.Array) -> Bools:
    missing: Bools = pc.is_null(column).to_numpy(zero_copy_only=False)
    return missing
