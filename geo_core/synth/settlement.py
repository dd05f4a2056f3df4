"""Where people live inside a municipality: invented, yet shaped like a settlement.

Each municipality gets a main village, hamlets and scattered houses. In the Alps they lie along
the municipality's long axis, which stands in for the valley; in the plain they spread. Only
the boundary and the number of residents are real.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_core.model import cells

type Floats = npt.NDArray[np.float64]
type Draw = Callable[[int], Floats]

RESIDENTS_PER_BUILDING: Final = 6
FEWEST_BUILDINGS: Final = 16
ALPS_FROM: Final = 45.68
"""Latitude north of which a municipality is settled like a valley."""

_METRES: Final = 111_320.0
"""Length of one degree of latitude; good to 1 % here, and nothing real depends on it."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Buildings of one municipality.

    Attributes
    ----------
    main : array of shape (2,)
        Centre of the main village: lon, lat, degrees.
    buildings : array of shape (n, 2)
        lon, lat of every building, degrees, 6 decimals, inside the municipality.
    leaf : array of n texts
        H3 cell of each building at the leaf resolution.
    """

    main: Floats
    buildings: Floats
    leaf: npt.NDArray[np.object_]


def settle(
    municipalities: gpd.GeoDataFrame, residents: pd.Series, rng: np.random.Generator
) -> dict[str, Settlement]:
    """Invent the buildings of every municipality.

    Parameters
    ----------
    municipalities : GeoDataFrame
        ``cod_istat`` and ``geometry`` (EPSG:4326).
    residents : Series
        Residents by ``cod_istat``.
    rng : Generator
        Source of randomness; the result is a function of its state.
    """
    rows = zip(municipalities["cod_istat"], municipalities.geometry, strict=True)
    return {code: _settle(area, int(residents[code]), rng) for code, area in rows}


def people(
    settlements: dict[str, Settlement], population: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Spread the residents of each municipality over its buildings' cells.

    Every total by municipality, age and sex is kept to the person: each is drawn once, as a
    multinomial over the cells. Cells differ in how old their residents are.

    Parameters
    ----------
    settlements : dict
        As `settle` returns.
    population : DataFrame
        ``cod_istat``, ``eta``, ``sesso``, ``n``, one row for every combination.

    Returns
    -------
    DataFrame
        ``cod_istat``, ``h3``, ``eta``, ``sesso``, ``n`` (at least 1), sorted by these.
    """
    parts = [
        _spread(code, settlements[code], group, rng)
        for code, group in population.groupby("cod_istat", sort=True)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["cod_istat", "h3", "eta", "sesso"], ignore_index=True)


def _spread(
    code: str, settlement: Settlement, group: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    names, buildings = np.unique(settlement.leaf.astype(str), return_counts=True)
    tilt = rng.normal(0, 0.3, len(names))
    age = (group["eta"].to_numpy() - 45) / 45
    weight = buildings * np.exp(np.outer(age, tilt))
    drawn = rng.multinomial(group["n"].to_numpy(), weight / weight.sum(axis=1, keepdims=True))
    row, column = np.nonzero(drawn)
    return pd.DataFrame(
        {
            "cod_istat": code,
            "h3": names[column],
            "eta": group["eta"].to_numpy()[row],
            "sesso": group["sesso"].to_numpy()[row],
            "n": drawn[row, column],
        }
    )


def _settle(area: Any, residents: int, rng: np.random.Generator) -> Settlement:
    shapely.prepare(area)
    main = np.round(shapely.get_coordinates(area.representative_point())[0], 6)
    frame = _Frame.of(area, main)
    total = max(FEWEST_BUILDINGS, residents // RESIDENTS_PER_BUILDING)
    centres, shares = _nuclei(area, frame, residents, rng)
    counts = rng.multinomial(total, shares)
    radius = 150 * np.sqrt(np.maximum(residents * shares[:-1], 40) / 1000) + 60
    parts = [
        _inside(area, count, _around(frame, centre, r, rng))
        for centre, r, count in zip(centres, radius, counts[:-1], strict=True)
    ]
    parts.append(_inside(area, counts[-1], _scattered(frame, main, rng)))
    buildings = np.concatenate(parts)
    leaf = [cells.at(lat, lon, cells.LEAF) for lon, lat in buildings]
    return Settlement(main, buildings, np.array(leaf, dtype=object))


def _nuclei(
    area: Any, frame: _Frame, residents: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the centres of the villages (the main one first) and the shares of buildings.

    The last share is that of scattered houses, which have no centre.
    """
    hamlets = int(np.clip(round(2 + frame.length / 3000), 2, 8))
    spread = _around(frame, frame.origin, frame.length / 4, rng, narrow=frame.narrow)
    centres = np.vstack([frame.origin, _inside(area, hamlets, spread)])
    main = 0.86 if residents > 5000 else 0.66
    scattered = 0.04 if residents > 5000 else 0.08
    rest = (1 - main - scattered) * rng.dirichlet(np.full(hamlets, 1.5))
    return centres, np.concatenate([[main], rest, [scattered]])


@dataclass(frozen=True, slots=True)
class _Frame:
    """The municipality's long axis, around its main village.

    `along` and `across` are unit vectors in metres; `length` is the standard deviation of the
    outline along the axis, doubled, in metres; `narrow` squeezes a valley.
    """

    origin: Floats
    along: Floats
    across: Floats
    scale: Floats
    length: float
    narrow: float

    @classmethod
    def of(cls, area: Any, origin: Floats) -> _Frame:
        scale = np.array([1 / (_METRES * np.cos(np.radians(origin[1]))), 1 / _METRES])
        outline = (shapely.get_coordinates(area) - origin) / scale
        values, vectors = np.linalg.eigh(np.cov(outline.T))
        # An eigenvector's sign is not defined: fix it, so that libraries cannot differ.
        along = vectors[:, 1] * np.sign(vectors[:, 1][np.argmax(np.abs(vectors[:, 1]))])
        across = np.array([-along[1], along[0]])
        narrow = 0.15 if origin[1] > ALPS_FROM else 0.8
        return cls(origin, along, across, scale, 2 * float(np.sqrt(values[1])), narrow)

    def degrees(self, centre: Floats, along: Floats, across: Floats) -> Floats:
        """Return points at offsets in metres from a centre, as lon, lat with 6 decimals."""
        metres = np.outer(along, self.along) + np.outer(across, self.across)
        return np.round(centre + metres * self.scale, 6)


def _around(
    frame: _Frame,
    centre: Floats,
    radius: float,
    rng: np.random.Generator,
    *,
    narrow: float | None = None,
) -> Draw:
    # A village in a valley is longer than wide, but less so than the valley itself.
    squeeze = (1 + frame.narrow) / 2 if narrow is None else narrow
    return lambda n: frame.degrees(
        centre, rng.normal(0, radius, n), rng.normal(0, radius * squeeze, n)
    )


def _scattered(frame: _Frame, main: Floats, rng: np.random.Generator) -> Draw:
    reach = frame.length
    return lambda n: frame.degrees(
        main, rng.uniform(-reach, reach, n), rng.uniform(-reach, reach, n) * frame.narrow
    )


def _inside(area: Any, count: int, draw: Draw) -> Floats:
    """Draw points until `count` of them lie in the area."""
    found = np.empty((0, 2))
    while len(found) < count:
        points = draw(2 * (count - len(found)) + 8)
        keep = shapely.contains_xy(area, points[:, 0], points[:, 1])
        found = np.concatenate([found, points[keep]])
    return found[:count]
