"""Travel times over a road network: lines that meet where they share a vertex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo_core.model.cells import EARTH_KM

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

DECIMALS: Final = 6
"""Decimals of a degree to which two vertices are one: a tenth of a metre."""

LEAST: Final = 1e-6
"""Minutes of the shortest piece: a sparse matrix takes 0 for no connection."""

OFF_ROAD_KMH: Final = 20
"""Speed between a point and the nearest vertex: the last stretch of small roads."""


@dataclass(frozen=True)
class Network:
    """The largest part of a road network in which every vertex is reached from every other.

    Attributes
    ----------
    points : array of shape (n, 2)
        Longitude and latitude of the vertices.
    minutes : csr_matrix of shape (n, n)
        Minutes of each piece, from row to column.
    keys, km : array of shape (pieces,)
        Row times n plus column of each piece, ascending, and its kilometres.
    parts : int
        How many further parts there were.
    left_km : float
        Kilometres of their pieces.
    """

    points: Floats
    minutes: csr_matrix
    keys: Integers
    km: Floats
    parts: int
    left_km: float


class Route(NamedTuple):
    """Costs of the fastest ways from places to one office; infinite where there is none."""

    minutes: Floats
    km: Floats


def network(lines: NDArray[np.object_], kmh: Floats, minutes: Floats, ways: Integers) -> Network:
    """Make a network of lines.

    Parameters
    ----------
    lines : array of shape (m,)
        LineString or MultiLineString, OGC:CRS84.
    kmh : array of shape (m,)
        Speed; NaN where `minutes` says how long the whole line takes.
    minutes : array of shape (m,)
        Minutes of the whole line; NaN where there is a speed.
    ways : array of int of shape (m,)
        0: both ways; 1: along the line only; -1: against it only.
    """
    parts, of_line = shapely.get_parts(lines, return_index=True)
    points, of_part = shapely.get_coordinates(parts, return_index=True)
    same = of_part[1:] == of_part[:-1]
    line = of_line[of_part[:-1][same]]
    km = _kilometres(points[:-1][same], points[1:][same])
    whole = np.bincount(line, weights=km, minlength=len(lines))
    took = np.where(np.isnan(minutes[line]), 60 * km / kmh[line], 0)
    share = km / np.where(whole > 0, whole, 1)[line]
    took += np.where(np.isnan(minutes[line]), 0, np.nan_to_num(minutes)[line] * share)
    places, node = np.unique(points.round(DECIMALS), axis=0, return_inverse=True)
    node = node.ravel()
    start, end = node[:-1][same], node[1:][same]
    along, against = ways[line] >= 0, ways[line] <= 0
    rows = np.concatenate([start[along], end[against]])
    columns = np.concatenate([end[along], start[against]])
    return _largest(
        places,
        rows,
        columns,
        np.maximum(np.concatenate([took[along], took[against]]), LEAST),
        np.concatenate([km[along], km[against]]),
    )


def _kilometres(here: Floats, there: Floats) -> Floats:
    """Return great circle distances of pairs, by the haversine formula."""
    (lon, lat), (to_lon, to_lat) = np.radians(here).T, np.radians(there).T
    half = np.sin((to_lat - lat) / 2) ** 2
    half += np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)), dtype=np.float64)


def _largest(
    points: Floats, rows: Integers, columns: Integers, minutes: Floats, km: Floats
) -> Network:
    """Keep the fastest of parallel pieces, and the largest part that hangs together."""
    fastest = np.lexsort((minutes, columns, rows))
    rows, columns = rows[fastest], columns[fastest]
    minutes, km = minutes[fastest], km[fastest]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 0)
    first &= rows != columns
    rows, columns, minutes, km = rows[first], columns[first], minutes[first], km[first]
    size = len(points)
    graph = csr_matrix((minutes, (rows, columns)), shape=(size, size))
    count, label = connected_components(graph, directed=True, connection="strong")
    kept = label == np.bincount(label).argmax()
    inside = kept[rows] & kept[columns]
    renamed = np.cumsum(kept) - 1
    rows, columns = renamed[rows[inside]], renamed[columns[inside]]
    nodes = int(kept.sum())
    return Network(
        points=points[kept],
        minutes=csr_matrix((minutes[inside], (rows, columns)), shape=(nodes, nodes)),
        keys=(rows * nodes + columns).astype(np.int64),
        km=km[inside],
        parts=count - 1,
        left_km=float(km[~inside].sum()),
    )


def snapped(of: Network, points: Floats) -> tuple[Integers, Floats]:
    """Return the nearest vertex of each point, and the kilometres to it.

    Parameters
    ----------
    points : array of shape (k, 2)
        Longitude and latitude, degrees.
    """
    tree = cKDTree(_on_the_sphere(of.points))
    found: Integers = np.asarray(tree.query(_on_the_sphere(points))[1], dtype=np.int64)
    return found, _kilometres(points, of.points[found])


def _on_the_sphere(points: Floats) -> Floats:
    lon, lat = np.radians(points).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def to_office(of: Network, office: int, places: Integers, *, longest: float) -> Route:
    """Return the fastest way from each place to an office.

    Parameters
    ----------
    office : int
        Its vertex.
    places : array of int of shape (k,)
        Vertices of the places.
    longest : float
        Minutes beyond which a way is not sought.
    """
    minutes, after = dijkstra(
        of.minutes.T.tocsr(), indices=office, limit=longest, return_predecessors=True
    )
    return Route(minutes[places], _along(of, after.astype(np.int64))[places])


def _along(of: Network, after: Integers) -> Floats:
    """Return the kilometres from each vertex to the office, whose own next vertex is none.

    Each vertex takes over what the vertex after it has, twice as far at every step.
    """
    size = len(after)
    own = np.arange(size)
    goes = after >= 0
    at = np.searchsorted(of.keys, (own * size + after)[goes])
    km = np.zeros(size)
    km[goes] = of.km[at]
    following = np.where(goes, after, own)
    while (following != following[following]).any():
        km += km[following]
        following = following[following]
    return km
