"""Burns the pixels of rasters again: each has the number of the area that holds its centre.

At the edge of an area too: a pixel there could have the number of either side, or none, and
which of them it has could be a figure.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.features
import shapely

from checks.audit.findings import Tally
from checks.audit.published import Collection, Published
from checks.audit.tiles import in_world

AROUND: Final = 2 * math.pi * 6_378_137
"""Metres around the globe of EPSG:3857."""
_SYSTEM: Final = 3857


def check(tally: Tally, name: str, raw: bytes, published: Published) -> None:
    """Compare a raster with the features of its collection, pixel by pixel."""
    ident = name.removesuffix(".tif")
    with rasterio.MemoryFile(raw) as memory, memory.open() as raster:
        field = raster.descriptions[0]
        collection = published.collections.get(ident) or published.collections.get(
            ident.removesuffix(f"_{field}")
        )
        if collection is None or field not in collection.fields:
            tally.find(name, "a raster that belongs to no field of a collection", field=field)
            return
        if raster.crs is None or raster.crs.to_epsg() != _SYSTEM:
            tally.find(name, "a raster in another system", system=str(raster.crs))
            return
        pixels, place = raster.read(1), raster.transform
        _beside(tally, name, raster, collection.numbers(field))
    made = _burnt(collection, field, pixels.shape, place)
    wrong = np.argwhere((pixels != made) & ~(np.isnan(pixels) & np.isnan(made))).tolist()
    tally.count(np.isfinite(pixels).sum())
    if wrong:
        row, column = wrong[0]
        tally.find(
            name,
            "pixels without the number of the area that holds their centre",
            pixels=len(wrong),
            row=row,
            column=column,
            value=float(pixels[row, column]),
            area=float(made[row, column]),
        )


def in_metres(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Any, Any]:
    """Return places in EPSG:3857, metres to the east and to the north."""
    x, y = in_world(lon, lat)
    return (x - 0.5) * AROUND, (y - 0.5) * -AROUND


def _burnt(
    collection: Collection, field: str, size: tuple[int, int], place: rasterio.Affine
) -> npt.NDArray[np.float32]:
    """Return the pixels that the features give."""
    pairs = zip(collection.geometry, collection.numbers(field).tolist(), strict=True)
    shown = [(s, n) for s, n in pairs if s is not None and not math.isnan(n)]
    made = np.full(size, np.nan, np.float32)
    if shown:
        shapes = shapely.transform(
            [shape for shape, _ in shown], lambda at: np.column_stack(in_metres(*at.T))
        )
        burn = zip(shapes, [number for _, number in shown], strict=True)
        rasterio.features.rasterize(burn, out=made, transform=place)
    return made


def _beside(tally: Tally, name: str, raster: Any, values: npt.NDArray[np.float64]) -> None:
    """Check what a raster holds beside its pixels: one band, no tags, and overviews of them."""
    tally.require(raster.count == 1, name, "a raster with more than one band", bands=raster.count)
    tags = {**raster.tags(), **raster.tags(1)}
    tally.require(set(tags) <= {"AREA_OR_POINT"}, name, "a raster with tags", tags=tags)
    known = values.astype(np.float32)
    for factor in raster.overviews(1):
        size = (-(-raster.height // factor), -(-raster.width // factor))
        smaller = raster.read(1, out_shape=size)
        odd = smaller[~(np.isin(smaller, known) | np.isnan(smaller))]
        tally.count(smaller.size)
        if odd.size:
            tally.find(name, "an overview with a value no feature has", value=float(odd[0]))
