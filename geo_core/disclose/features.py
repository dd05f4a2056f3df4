"""The published rows of one hexagon layer, made from protected numbers and public areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo_core.disclose.shape import Area, Shape, Shapes, cut
from geo_core.disclose.tree import Ints
from geo_core.model import cells
from geo_core.model.layer import Layer
from geo_core.model.policy import CATEGORIES, Category, Policy


def rows(  # noqa: PLR0913 - all of them decide what is published
    layer: Layer,
    resolution: int,
    *,
    shapes: Shapes,
    protected: Mapping[Category, Ints],
    policy: Policy,
    year: int,
    synthetic: bool,
) -> gpd.GeoDataFrame:
    """Return the features of a layer: one per area of the cut at its resolution.

    Parameters
    ----------
    layer : Layer
        Gives the order of columns, the source and the licence.
    resolution : int
        H3 resolution of the cut.
    shapes : Shapes
        Publishable areas.
    protected : mapping of arrays of int
        Protected number per area of each category's shape.
    policy : Policy
        Gives the band.
    year : int
        Calendar year the numbers refer to.
    synthetic : bool
        Published as `dato_sintetico`.

    Returns
    -------
    GeoDataFrame
        OGC:CRS84 (EPSG:4326, longitude first), coordinates to 7 decimals (about 1 cm).
    """
    shown = cut(shapes.base, resolution)
    columns = _areas(shown)
    for category in CATEGORIES:
        values = on_areas(protected[category], shapes.of(category), shown)
        columns |= _category(f"n_{category.lower()}", values, policy.band_max)
    constant = {
        "periodo_inizio": f"{year}-01-01",
        "periodo_fine": f"{year}-12-31",
        "fonte": layer.source.it,
        "licenza": layer.licence,
    }
    frame = pd.DataFrame(columns).assign(**constant).astype(dict.fromkeys(constant, object))
    frame["dato_sintetico"] = pd.array([synthetic] * len(frame), dtype="boolean")
    outlines = [outline(area) for area in shown.areas]
    # A column the layer lacks, or one it has and we do not make, is refused with the table.
    ordered = [n for n in layer.field_names if n in frame] + [
        n for n in frame if n not in layer.field_names
    ]
    return gpd.GeoDataFrame(frame[ordered], geometry=outlines, crs="EPSG:4326")


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


def _areas(shown: Shape) -> dict[str, object]:
    return {
        "id": _texts([a.id for a in shown.areas]),
        "h3": _texts([a.ancestor for a in shown.areas]),
        "tipo_area": _texts(["cella" if a.whole else "gruppo" for a in shown.areas]),
        "celle": pd.array([len(a.members) for a in shown.areas], dtype="Int64"),
        "residenti": pd.array([a.residents for a in shown.areas], dtype="Int64"),
    }


def _category(name: str, values: list[int | None], band_max: int) -> dict[str, object]:
    """Return number, band and status of one category.

    People live in every area (`p_min`), so a protected 0 is in the band like a 4: nowhere is
    it known that nobody is in need.
    """
    status = [_status(v, band_max) for v in values]
    pairs = list(zip(values, status, strict=True))
    number = pd.array([v if s == "published" else None for v, s in pairs], dtype="Int64")
    band = [f"0-{band_max}" if s == "band" else None for s in status]
    return {name: number, f"{name}_fascia": _texts(band), f"{name}_stato": _texts(status)}


def _status(value: int | None, band_max: int) -> str:
    if value is None:
        return "merged"
    return "band" if value <= band_max else "published"


def _texts(values: Sequence[str | None]) -> pd.Series:
    return pd.Series(values, dtype=object)
