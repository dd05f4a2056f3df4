"""The published rows of one hexagon layer, made from protected numbers and public areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo_core.disclose import figures
from geo_core.disclose.figures import texts
from geo_core.disclose.rates import rated
from geo_core.disclose.shape import Area, Shape, Shapes, cut
from geo_core.disclose.tree import Ints
from geo_core.model import cells
from geo_core.model.accuracy import Around
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy, Category
from geo_core.model.tables import GEOMETRY

PUBLIC: Final = ("celle", "residenti")
"""Columns of numbers that are made of open data alone."""


@dataclass(frozen=True)
class Basis:
    """What every published row of a theme on areas is made of.

    Attributes
    ----------
    shapes : Shapes
        Publishable areas.
    years : mapping
        By calendar year, ascending: protected number per area of each category's shape.
    policy : AreaPolicy
        Gives the band and what is made of the numbers.
    synthetic : bool
        Published as `dato_sintetico`.
    """

    shapes: Shapes
    years: Mapping[int, Mapping[Category, Ints]]
    policy: AreaPolicy
    synthetic: bool

    @property
    def latest(self) -> dict[int, Mapping[Category, Ints]]:
        """The last year with its numbers; nothing if there are none."""
        return dict(list(self.years.items())[-1:])


def rows(layer: Layer, resolution: int, basis: Basis, around: Around | None) -> gpd.GeoDataFrame:
    """Return the features of a layer: one per year and area of the cut at its resolution.

    A layer with `series` shows every year, any other the latest.

    Parameters
    ----------
    layer : Layer
        Gives the order of columns, the source and the licence; the id of a feature names its
        year where the layer has `series`.
    resolution : int
        H3 resolution of the cut.
    basis : Basis
        Areas and protected numbers.
    around : mapping or None
        The intervals that are stated for the resolution; without, its rates are null.

    Returns
    -------
    GeoDataFrame
        OGC:CRS84 (EPSG:4326, longitude first), coordinates to 7 decimals (about 1 cm).
    """
    shapes, policy = basis.shapes, basis.policy
    protected = basis.years if layer.series else basis.latest
    shown = cut(shapes.base, resolution)
    numbers = {
        category: [n for of in protected.values() for n in on_areas(of[category], shape, shown)]
        for category in shapes.categories
        for shape in [shapes.of(category)]
    }
    residents = [area.residents for area in shown.areas] * len(protected)
    seen = figures.shown(numbers, policy)
    columns = {
        **_areas(shown.areas, tuple(protected), named=layer.series),
        **figures.on_areas(numbers, policy),
        **rated(policy.rates, seen, residents, around, sums=policy.sums),
    }
    outlines = [outline(area) for area in shown.areas] * len(protected)
    return published(layer, columns, outlines, synthetic=basis.synthetic)


def published(
    layer: Layer, columns: Mapping[str, object], geometry: Sequence[object], *, synthetic: bool
) -> gpd.GeoDataFrame:
    """Complete columns with source and licence, in the order of the layer.

    A column the layer lacks, or one it has and nobody makes, is refused with the table.
    """
    frame = pd.DataFrame(columns)
    for name, text in (("fonte", layer.source.it), ("licenza", layer.licence)):
        frame[name] = texts([text] * len(frame))
    frame["dato_sintetico"] = pd.array([synthetic] * len(frame), dtype="boolean")
    ordered = [n for n in layer.field_names if n in frame] + [
        n for n in frame if n not in layer.field_names
    ]
    shapes = np.array([*geometry, None], dtype=object)[:-1]
    return gpd.GeoDataFrame(
        frame[ordered], geometry=gpd.GeoSeries(shapes, crs="EPSG:4326", name=GEOMETRY)
    )


def on_areas(values: Ints, shape: Shape, shown: Shape) -> list[int | None]:
    """Sum numbers of one partition to another; None where the outlines do not fit.

    Parameters
    ----------
    values : array of int
        One per area of `shape`.
    shape, shown : Shape
        Two partitions of the same district.

    Returns
    -------
    list
        One entry per area of `shown`: a number where it is a union of areas of `shape`.
    """
    out: list[int | None] = [0] * len(shown.areas)
    for area, value in zip(shape.areas, values.tolist(), strict=True):
        touched = {shown.area_of[m] for m in area.members}
        for i in touched:
            so_far = out[i]
            out[i] = None if len(touched) > 1 or so_far is None else so_far + value
    return out


def outline(area: Area) -> shapely.MultiPolygon:
    """Return the union of an area's members (never a coarser hexagon: they differ)."""
    shape: BaseGeometry = cells.footprint(area.members)
    parts = shape.geoms if isinstance(shape, shapely.MultiPolygon) else [shape]
    return shapely.transform(shapely.MultiPolygon(list(parts)), lambda xy: np.round(xy, 7))


def period(years: Sequence[int]) -> dict[str, object]:
    """Return first and last day of calendar years."""
    return {
        "periodo_inizio": texts(f"{year}-01-01" for year in years),
        "periodo_fine": texts(f"{year}-12-31" for year in years),
    }


def _areas(areas: Sequence[Area], years: Sequence[int], *, named: bool) -> dict[str, object]:
    pairs = [(area, year) for year in years for area in areas]
    return {
        "id": texts(f"{area.id}_{year}" if named else area.id for area, year in pairs),
        **period([year for _, year in pairs]),
        "h3": texts(area.ancestor for area, _ in pairs),
        "tipo_area": texts("cella" if area.whole else "gruppo" for area, _ in pairs),
        "celle": pd.array([len(area.members) for area, _ in pairs], dtype="Int64"),
        "residenti": pd.array([area.residents for area, _ in pairs], dtype="Int64"),
    }
