"""Cloud Optimised GeoTIFF of one number of a hexagon layer.

EPSG:3857, float32, nodata NaN, pixels on multiples of their side, overviews by nearest
neighbour: every pixel of every overview is the value of a feature, never a mean of several.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine, from_origin

from geo_core.errors import ReleaseError
from geo_core.formats.rows import Rows, box, rows_of
from geo_core.model.layer import Layer, Raster
from geo_core.model.mercator import metres
from geo_core.model.tables import Table

name: Final = "cog"
media_type: Final = "image/tiff; application=geotiff; profile=cloud-optimized"

NODATA: Final = math.nan
_BLOCK: Final = 256


def covers(layer: Layer) -> bool:
    """Tell whether a layer declares a raster."""
    return layer.raster is not None


def write(table: Table, target: Path) -> None:
    """Write the raster a layer declares.

    Parameters
    ----------
    table : Table
        Rows of a polygon layer with `raster`: the field, and the pixel's side in metres of
        EPSG:3857. A pixel has the value of the polygon that holds its centre; NaN where
        there is none or the value is null.
    target : Path
        File to write; its folder exists.

    Raises
    ------
    ReleaseError
        The layer declares no raster.
    """
    rows = rows_of(table)
    raster = rows.layer.raster
    if raster is None:
        raise ReleaseError("this layer declares no raster", where=rows.layer.id)
    shapes = shapely.transform(rows.geometry, metres)
    grid, shape = _grid(shapes, raster.metres)
    pixels = _burnt(rows, raster, shapes, grid, shape)
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "height": shape[0],
        "width": shape[1],
        "crs": "EPSG:3857",
        "transform": grid,
        "nodata": NODATA,
    }
    with rasterio.Env(GDAL_PAM_ENABLED=False), MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(pixels, 1)
            dataset.set_band_description(1, raster.field)
        copy(
            memory.name,
            target,
            driver="COG",
            compress="DEFLATE",
            predictor="YES",
            blocksize=_BLOCK,
            overview_resampling="NEAREST",
        )


def _grid(shapes: NDArray[Any], side: int) -> tuple[Affine, tuple[int, int]]:
    """Return the transform and the (height, width) that cover the shapes; at least a pixel."""
    west, south, east, north = box(shapes) or (0.0, 0.0, 0.0, 0.0)
    left, top = math.floor(west / side), math.ceil(north / side)
    width = max(1, math.ceil(east / side) - left)
    height = max(1, top - math.floor(south / side))
    return from_origin(left * side, top * side, side, side), (height, width)


def _burnt(
    rows: Rows, raster: Raster, shapes: NDArray[Any], grid: Affine, shape: tuple[int, int]
) -> NDArray[np.float32]:
    burn = [
        (shape_, value)
        for shape_, value in zip(shapes, rows.columns[raster.field], strict=True)
        if shape_ is not None and value is not None
    ]
    if not burn:
        return np.full(shape, NODATA, dtype=np.float32)
    pixels = rasterize(burn, out_shape=shape, transform=grid, fill=NODATA, dtype="float32")
    return np.asarray(pixels, dtype=np.float32)
