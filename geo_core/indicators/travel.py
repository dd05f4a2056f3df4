"""What it costs to get from a cell to an office: by a table of times, or as the crow flies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import h3
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_core.indicators.access import UNREACHABLE, Floats, straight_km
from geo_core.model.cells import CellId, parent
from geo_core.model.indicator import Accessibility

COARSE = 7
"""Resolution of a row that stands for every leaf cell in it that has no row of its own."""


class Costs(NamedTuple):
    """Costs from places to offices.

    Attributes
    ----------
    minutes : array of shape (places, offices)
        `UNREACHABLE` where nothing connects the two.
    km : array of shape (places, offices)
        NaN where it is not known.
    """

    minutes: Floats
    km: Floats


class Travel(Protocol):
    """A way to know costs; `method` names it beside every figure."""

    @property
    def method(self) -> str:
        """How costs are known, in Italian."""
        ...

    def costs(self, offices: pd.DataFrame) -> Costs:
        """Return the costs of every place to offices with the columns `id`, `lon`, `lat`."""
        ...


@dataclass(frozen=True)
class StraightLine:
    """Great circles from the centres of cells times a detour, at one speed.

    In mountain valleys this is wrong: roads follow the valley.

    Attributes
    ----------
    centres : array of shape (places, 2)
        Longitude and latitude, degrees.
    """

    centres: Floats
    how: Accessibility

    @property
    def method(self) -> str:
        """Name the factor and the speed."""
        detour, speed = f"{self.how.detour:g}".replace(".", ","), f"{self.how.speed_kmh:g}"
        return f"linea d'aria × {detour}, {speed} km/h"  # noqa: RUF001 - the sign of times

    def costs(self, offices: pd.DataFrame) -> Costs:
        """Return minutes and kilometres; everything is reachable."""
        there = offices[["lon", "lat"]].to_numpy(dtype=np.float64)
        km = self.how.detour * straight_km(self.centres, there)
        return Costs(60 * km / self.how.speed_kmh, km)


@dataclass(frozen=True)
class GivenTimes:
    """A table of times: of a pair that is not in it nothing connects the two.

    Attributes
    ----------
    row : array of int of shape (places,)
        Which row of the table's cells each place has; -1 for none.
    cell, office : array of int of shape (pairs,)
        Positions in the table's cells, and in `offices`.
    offices : Index
        Ids of the offices of the table.
    minutes, km : array of shape (pairs,)
        `km` is NaN where it is not given.
    method : str
        As the table says it.
    """

    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    office: NDArray[np.int64]
    offices: pd.Index
    minutes: Floats
    km: Floats
    method: str

    def costs(self, offices: pd.DataFrame) -> Costs:
        """Return minutes and kilometres of the pairs that are in the table."""
        column = pd.Index(offices["id"]).get_indexer(self.offices)[self.office]
        wanted = column >= 0
        size = (int(self.cell.max(initial=-1)) + 2, len(offices))
        found = []
        for values, none in ((self.minutes, UNREACHABLE), (self.km, np.nan)):
            table = np.full(size, none)
            table[self.cell[wanted], column[wanted]] = values[wanted]
            # The last row is that of places without one: -1.
            found.append(table[self.row])
        return Costs(*found)

    def untimed(self, offices: pd.DataFrame) -> tuple[int, int]:
        """Return how many places, and how many of these offices, have no time at all."""
        known = set(self.offices[np.unique(self.office)])
        return int((self.row < 0).sum()), sum(ident not in known for ident in offices["id"])


def travel(cells: pd.Index, times: pd.DataFrame, how: Accessibility) -> StraightLine | GivenTimes:
    """Return how costs from these cells are known: by the table of times if it has rows.

    Parameters
    ----------
    cells : Index of str
        Leaf cells.
    times : DataFrame
        `h3` (resolution 7 or 8), `id_sede`, `minuti`, `km` (NaN if not given), `metodo`, each
        pair once; as `geo_core.ingest.times` checks it.
    how : Accessibility
        For straight lines.
    """
    if not len(times):
        centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells]).reshape(-1, 2)
        return StraightLine(centres, how)
    cell, given = pd.factorize(times["h3"])
    office, offices = pd.factorize(times["id_sede"])
    own = pd.Index(given).get_indexer(cells)
    above = pd.Index([parent(CellId(c), COARSE) for c in cells])
    row = np.where(own >= 0, own, pd.Index(given).get_indexer(above)).astype(np.int64)
    return GivenTimes(
        row=row,
        cell=cell.astype(np.int64),
        office=office.astype(np.int64),
        offices=pd.Index(offices),
        minutes=times["minuti"].to_numpy(dtype=np.float64),
        km=times["km"].to_numpy(dtype=np.float64),
        method=str(times["metodo"].iloc[0]),
    )
