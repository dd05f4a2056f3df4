"""Recomputes hot spots and clusters of scores from the scores and their neighbours.

Scores are published with four decimals and statistics were made of more, so each is held against
what the rounding leaves room for. How likely a local Moran is by chance comes from drawings with
a seed: of its p it is known only where it lies, and that the cluster follows from it.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import h3
import numpy as np
import numpy.typing as npt
import shapely

from checks.audit.findings import Tally
from checks.audit.published import Collection

SCORE: Final = "punteggio"
CELL: Final = "h3"
HOT: Final = ("hotspot_z", "hotspot_p", "hotspot")
ALIKE: Final = ("moran_i", "moran_p", "moran")
LEVELS: Final = ((0.01, "99"), (0.05, "95"), (0.1, "90"))
"""Adjusted p up to which a unit is a hot or cold spot, with its confidence."""
RESEMBLES: Final = 0.05
NOT: Final = "ns"
STEP: Final = 1e-4
"""The last decimal of a score and of every statistic."""
APART: Final = 2e-7
"""Degrees up to which outlines meet: corners are published with seven decimals."""

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Holds = npt.NDArray[np.bool_]


class Pairs(NamedTuple):
    """Units and their neighbours, in two columns; `counts` neighbours of each unit."""

    unit: Ints
    other: Ints
    counts: Ints

    def sums(self, values: Floats) -> Floats:
        """Return the sum of `values` over the neighbours of each unit."""
        return np.bincount(self.unit, values[self.other], minlength=self.counts.size)


def check(tally: Tally, collection: Collection) -> None:
    """Check hot spots and clusters of a collection, if it has them."""
    if not {SCORE, *HOT, *ALIKE} <= set(collection.fields) or not collection.features:
        return
    score = collection.numbers(SCORE)
    at = np.flatnonzero(~np.isnan(score))
    for name in (*HOT, *ALIKE):
        none = collection.rows[name][np.isnan(score)].isna()
        tally.require(bool(none.all()), collection.id, f"{name} where there is no score")
    if at.size < 3 or np.ptp(score[at]) == 0:
        return
    near = _neighbours(collection, at)
    _hot(tally, collection, at, near)
    _alike(tally, collection, at, near)


def _neighbours(collection: Collection, at: Ints) -> Pairs:
    """Return which of the units at `at` touch."""
    if CELL in collection.fields:
        cells = collection.rows[CELL].iloc[at].tolist()
        places = {cell: i for i, cell in enumerate(cells)}
        disks = [h3.grid_disk(cell, 1) for cell in cells]
        pairs = [(i, places[o]) for i, disk in enumerate(disks) for o in disk if o in places]
        unit, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    else:
        shapes = collection.geometry[at]
        unit, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=APART)
    apart = unit != other
    unit, other = unit[apart], other[apart]
    return Pairs(unit, other, np.bincount(unit, minlength=at.size))


def _hot(tally: Tally, collection: Collection, at: Ints, near: Pairs) -> None:
    """Check Gi*, its p adjusted for all units, and the class of both."""
    x = collection.numbers(SCORE)[at]
    n, among, deviation = x.size, near.counts + 1, x - x.mean()
    spread = deviation.std() * np.sqrt(among * (n - among) / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        made = np.where(among < n, (deviation + near.sums(deviation)) / spread, np.nan)
        room = STEP * (1 + among / spread + np.abs(made) / deviation.std())
    z, p = (collection.numbers(name)[at] for name in HOT[:2])
    _each(tally, collection, at, _near(z, made, room), f"{HOT[0]} does not follow from the scores")
    least, most = (_adjusted(_chance(np.abs(z) + by)) for by in (STEP, -STEP))
    inside = ((least - STEP <= p) & (p <= most + STEP)) | (np.isnan(z) & np.isnan(p))
    _each(tally, collection, at, inside, f"{HOT[1]} does not follow from {HOT[0]}")
    said = collection.rows[HOT[2]].iloc[at].tolist()
    right = [
        one in {_spot(a, b - STEP / 2), _spot(a, b + STEP / 2)}
        for one, a, b in zip(said, z.tolist(), p.tolist(), strict=True)
    ]
    _each(tally, collection, at, np.array(right), f"{HOT[2]} does not follow from its z and p")


def _alike(tally: Tally, collection: Collection, at: Ints, near: Pairs) -> None:
    """Check the local Moran, where its p lies, and the quadrant."""
    x = collection.numbers(SCORE)[at]
    deviation, some = x - x.mean(), near.counts > 0
    lag = near.sums(deviation) / np.where(some, near.counts, 1)
    squares = float(np.square(deviation).sum())
    made = np.where(some, (x.size - 1) * deviation * lag / squares, np.nan)
    room = STEP + STEP * (
        (np.abs(deviation) + np.abs(lag)) * x.size / squares + 2 * np.abs(made) / deviation.std()
    )
    i, p = (collection.numbers(name)[at] for name in ALIKE[:2])
    _each(
        tally, collection, at, _near(i, made, room), f"{ALIKE[0]} does not follow from the scores"
    )
    possible = ((p > 0) & (p <= 1)) | (np.isnan(p) & ~some)
    _each(tally, collection, at, possible, f"{ALIKE[1]} is no chance, or is of no neighbours")
    said = collection.rows[ALIKE[2]].iloc[at].to_numpy()
    side = np.where(deviation > 0, "H", "L")
    quadrant = np.char.add(side, np.where(lag > 0, "H", "L"))
    unsure = np.minimum(np.abs(deviation), np.abs(lag)) <= STEP
    named = (said == quadrant) | (unsure & np.isin(said, ["HH", "LL", "HL", "LH"]))
    right = np.select(
        [~some, p < RESEMBLES - STEP / 2, p > RESEMBLES + STEP / 2],
        [np.array([one is None for one in said]), named, said == NOT],
        named | (said == NOT),
    )
    _each(
        tally, collection, at, right.astype(bool), f"{ALIKE[2]} does not follow from scores and p"
    )


def _spot(z: float, p: float) -> str | None:
    if math.isnan(p):
        return None
    sure = next((name for most, name in LEVELS if p <= most), None)
    return NOT if sure is None else f"{'caldo' if z > 0 else 'freddo'}_{sure}"


def _chance(z: Floats) -> Floats:
    """Return the chance that a standard normal number is as far from 0; NaN stays."""
    return np.array([min(math.erfc(one / math.sqrt(2)), 1.0) for one in z.tolist()])


def _adjusted(p: Floats) -> Floats:
    """Return false discovery rates (Benjamini and Hochberg 1995); NaN stays."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known])]
    ratio = p[order] * order.size / np.arange(1, order.size + 1)
    out = np.full(p.shape, np.nan)
    out[order] = np.minimum(np.minimum.accumulate(ratio[::-1])[::-1], 1)
    return out


def _near(shown: Floats, made: Floats, room: Floats) -> Holds:
    return (np.abs(shown - made) <= room) | (np.isnan(shown) & np.isnan(made))


def _each(tally: Tally, collection: Collection, at: Ints, holds: Holds, what: str) -> None:
    tally.each(holds, collection.id, what, lambda i: {"id": collection.ids[at[i]]})
