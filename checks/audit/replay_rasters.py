"""Burns the pixels of rasters again: each has the number of the area that holds its centre.

So has each pixel of an overview. At the edge of an area too: a pixel there could have the number
of either side, or none, and which of them it has could be a figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.features
import shapely

from checks.audit.findings import Tally
from checks.audit.published import Collection, Published
from checks.audit.tiles import in_world

type Pixels = npt.NDArray[np.float32]

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
        _beside(tally, name, raster)
        levels = len(raster.overviews(1))
    for level, (pixels, place) in enumerate(read_levels(raw, levels)):
        made = _burnt(collection, field, pixels.shape, place)
        _compare(tally, name, pixels, made, level)


def read_levels(raw: bytes, overviews: int) -> Iterator[tuple[Pixels, rasterio.Affine]]:
    """Yield the pixels of a raster and of each of its overviews, and where they lie."""
    for options in ({}, *({"overview_level": level} for level in range(overviews))):
        with rasterio.MemoryFile(raw) as memory, rasterio.open(memory.name, **options) as raster:
            yield raster.read(1), raster.transform


def _compare(tally: Tally, name: str, pixels: Pixels, made: Pixels, level: int) -> None:
    wrong = np.argwhere((pixels != made) & ~(np.isnan(pixels) & np.isnan(made))).tolist()
    tally.count(np.isfinite(pixels).sum())
    if wrong:
        row, column = wrong[0]
        tally.find(
            name,
            "pixels without the number of the area that holds their centre"
            if level == 0
            else "an overview without the numbers of the areas that hold its pixels' centres",
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
) -> Pixels:
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


def _beside(tally: Tally, name: str, raster: Any) -> None:
    """Check what a raster holds beside its pixels: one band, and no tags."""
    tally.require(raster.count == 1, name, "a raster with more than one band", bands=raster.count)
    tags = {**raster.tags(), **raster.tags(1)}
    tally.require(set(tags) <= {"AREA_OR_POINT"}, name, "a raster with tags", tags=tags)
