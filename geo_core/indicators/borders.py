"""What is in reach on the two sides of the borders between managing bodies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Final

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from geo_core.indicators.reach import DECIMALS, by_unit
from geo_core.place.areas import METRIC

NEAR_KM: Final = 5.0
"""From a border, within which residents are of its side."""

DRAWN_M: Final = 300.0
"""Half the width of the strip that is drawn for a border."""

SHORTEST_M: Final = 50.0
"""Of a shared border: shorter ones are corners where municipalities meet."""

FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    "min": ("min", "dmin"),
    "a2sfca": ("posti", "dposti"),
}
"""By figure of `reach`: the beginnings of its columns, of a side and of the difference."""


def borders(
    municipalities: gpd.GeoDataFrame,
    body: Mapping[str, str],
    reached: pd.DataFrame,
    population: pd.DataFrame,
    *,
    kinds: Collection[str],
) -> gpd.GeoDataFrame:
    """Compare both sides of every border between municipalities of different bodies.

    Parameters
    ----------
    municipalities : GeoDataFrame
        `cod_istat`, `denominazione`, MultiPolygon (EPSG:4326) without gaps between neighbours.
    body : mapping
        Managing body by municipality; those in none are on no border.
    reached : DataFrame
        What `geo_core.indicators.reach.reach` returns.
    population : DataFrame
        `h3` (leaf cell), `cod_istat`, `n`.
    kinds : collection of str
        Kinds of service.

    Returns
    -------
    GeoDataFrame
        One row per border, sorted by `id` (both codes, the smaller first, which is side a):
        codes and names of municipalities and bodies, `lunghezza_km`, `distanza_km`,
        `residenti_a`, `residenti_b`; by kind `min_a_`, `min_b_` and their distance `dmin_`,
        `posti_a_`, `posti_b_` and `dposti_` (2SFCA), `stato_`. The geometry is a strip round
        the border, EPSG:4326.
    """
    places = municipalities[municipalities["cod_istat"].isin(list(body))]
    places = places.sort_values("cod_istat").to_crs(METRIC)
    shapes = dict(zip(places["cod_istat"], places.geometry, strict=True))
    named = dict(zip(places["cod_istat"], places["denominazione"], strict=True))
    shared = {
        pair: line
        for pair in combinations(shapes, 2)
        if body[pair[0]] != body[pair[1]] and (line := _shared(*(shapes[code] for code in pair)))
    }
    lived = population.groupby(["h3", "cod_istat"])["n"].sum().reset_index()
    centres = _centres(lived["h3"])
    rows = []
    for (a, b), line in shared.items():
        here = lived[shapely.distance(centres, line) <= 1000 * NEAR_KM]
        sides = by_unit(reached, here[here["cod_istat"].isin([a, b])], "cod_istat").reindex([a, b])
        rows.append({
            "id": f"{a}-{b}",
            "comune_a": a, "nome_a": named[a], "ente_a": body[a],
            "comune_b": b, "nome_b": named[b], "ente_b": body[b],
            "lunghezza_km": round(line.length / 1000, 2),
            "distanza_km": NEAR_KM,
            "residenti_a": int(sides["residenti"].fillna(0).iloc[0]),
            "residenti_b": int(sides["residenti"].fillna(0).iloc[1]),
            **{name: value for kind in kinds for name, value in _of_kind(kind, sides, reached)},
        })  # fmt: skip
    strips = [line.buffer(DRAWN_M, cap_style="flat") for line in shared.values()]
    frame = pd.DataFrame(rows, columns=None if rows else ["id"])
    return gpd.GeoDataFrame(frame, geometry=strips, crs=METRIC).to_crs("EPSG:4326")


def _shared(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry | None:
    """Return the line that two areas share; None if they meet in corners only."""
    if not one.intersects(other):
        return None
    line = shapely.line_merge(_lines(shapely.intersection(one.boundary, other.boundary)))
    return line if line.length >= SHORTEST_M else None


def _lines(shape: shapely.Geometry) -> shapely.MultiLineString:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString"]
    return shapely.MultiLineString(parts)


def _centres(cells: pd.Series) -> np.ndarray:
    """Return the centres of cells as points in METRIC."""
    degrees = {cell: h3.cell_to_latlng(cell)[::-1] for cell in cells.unique()}
    points = gpd.GeoSeries(shapely.points(list(degrees.values())), crs="EPSG:4326").to_crs(METRIC)
    by_cell = dict(zip(degrees, points, strict=True))
    return np.array([by_cell[cell] for cell in cells], dtype=object)


def _of_kind(kind: str, sides: pd.DataFrame, reached: pd.DataFrame) -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    for figure, (side, difference) in FIGURES.items():
        name = f"{figure}_{kind}"
        a, b = sides[name].round(DECIMALS[figure])
        out += [
            (f"{side}_a_{kind}", a),
            (f"{side}_b_{kind}", b),
            (f"{difference}_{kind}", round(abs(a - b), DECIMALS[figure])),
        ]
    return [*out, (f"stato_{kind}", _status(kind, sides, reached))]


def _status(kind: str, sides: pd.DataFrame, reached: pd.DataFrame) -> str:
    if sides["residenti"].isna().any():
        return "no-residents"
    if (reached[f"stato_{kind}"] == "no-office").all():
        return "no-office"
    if sides[f"min_{kind}"].isna().any():
        return "unreachable"
    return "no-places" if sides[f"a2sfca_{kind}"].isna().any() else "published"
