"""Records that know only their municipality, given a cell of it at random, by residents.

The cell of each record must not depend on the other records: with one person more or less,
exactly one record more or less is in the result, so what disclosure control promises for the
result holds for the records too. Therefore the generator of a municipality, year and category is
seeded by these three alone, and its n-th draw is for the n-th record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.errors import IngestError


@dataclass(frozen=True, slots=True)
class Allotted:
    """Counts by cell.

    Attributes
    ----------
    counts : DataFrame
        ``anno``, ``luogo`` (leaf cell), ``categoria``, ``n``, sorted by the first three; its
        total is that of the input.
    by_municipality : DataFrame
        ``anno``, ``luogo`` (ISTAT code), ``n``: what was given a cell.
    """

    counts: pd.DataFrame
    by_municipality: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Cells:
    names: npt.NDArray[np.object_]
    upto: npt.NDArray[np.int64]


def allot(counts: pd.DataFrame, residents: pd.DataFrame) -> Allotted:
    """Give every record without a cell one of its municipality, with the chance of its residents.

    Parameters
    ----------
    counts : DataFrame
        ``anno``, ``luogo`` (a leaf cell, or an ISTAT code of six digits), ``categoria``, ``n``.
        The order of the rows does not matter.
    residents : DataFrame
        ``cod_istat``, ``h3`` (leaf cell), ``n`` (persons); further rows of a cell are summed.

    Raises
    ------
    IngestError
        Nobody lives in a municipality that records name.
    """
    unplaced = counts["luogo"].str.fullmatch("[0-9]{6}").astype(bool)
    waiting = counts[unplaced].groupby(["anno", "luogo", "categoria"], sort=True)["n"].sum()
    cells = _inhabited(residents, set(counts.loc[unplaced, "luogo"]))
    keys = ["anno", "luogo", "categoria"]
    together = pd.concat([counts.loc[~unplaced, [*keys, "n"]], _drawn(waiting, cells)])
    return Allotted(
        together.groupby(keys, sort=True)["n"].sum().reset_index(),
        waiting.groupby(["anno", "luogo"], sort=True).sum().reset_index(),
    )


def _inhabited(residents: pd.DataFrame, wanted: set[str]) -> Mapping[str, _Cells]:
    lived = residents[(residents["n"] > 0) & residents["cod_istat"].isin(wanted)]
    by_cell = lived.groupby(["cod_istat", "h3"], sort=True)["n"].sum().reset_index()
    found = {
        str(place): _Cells(
            own["h3"].to_numpy(dtype=object), np.cumsum(own["n"].to_numpy(dtype=np.int64))
        )
        for place, own in by_cell.groupby("cod_istat")
    }
    if missing := wanted - set(found):
        raise IngestError(
            f"records name {len(missing)} municipalities in which nobody lives",
            hint="correct their municipality, or the population",
        )
    return found


def _drawn(waiting: pd.Series, cells: Mapping[str, _Cells]) -> pd.DataFrame:
    """Return the cells of all that wait, by year, municipality and category."""
    # Lists, not a table for each: a region has tens of thousands of them, most of a few records.
    found: dict[str, list[object]] = {"anno": [], "luogo": [], "categoria": [], "n": []}
    for (year, place, category), n in waiting.items():
        hit, times = _draw(cells[place], int(n), f"{year}", place, category)
        found["anno"] += [year] * len(hit)
        found["luogo"] += cells[place].names[hit].tolist()
        found["categoria"] += [category] * len(hit)
        found["n"] += times.tolist()
    return pd.DataFrame(found).astype({"anno": int, "luogo": str, "categoria": str, "n": int})


def _draw(cells: _Cells, n: int, *seed: str) -> tuple[npt.NDArray[np.int64], ...]:
    """Draw n cells: positions and how often. The first draws are the same whatever n is."""
    digest = sha256(json.dumps(seed).encode()).digest()
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(digest)))
    # Whole numbers, so that the chance of a cell is exactly its share of the residents.
    person = rng.integers(0, cells.upto[-1], n, dtype=np.int64)
    where = np.searchsorted(cells.upto, person, side="right")
    return np.unique_counts(where)
