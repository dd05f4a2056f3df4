"""Cloud Optimised GeoTIFF of one number of a hexagon layer.

EPSG:3857, float32, nodata NaN, pixels on multiples of their side, overviews by nearest
neighbour: every pixel of every overview is the value of a feature, never a mean of several.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from rio_cogeo.cogeo import cog_validate

from geo_core.errors import ReleaseError
from geo_core.formats.rows import box, rows_of
from geo_core.model.layer import Layer
from geo_core.model.mercator import metres
from geo_core.model.tables import Table

name: Final = "cog"
media_type: Final = "image/tiff; application=geotiff; profile=cloud-optimized"

NODATA: Final = math.nan
_BLOCK: Final = 256


def covers(layer: Layer) -> bool:
    """Tell whether a layer declares rasters."""
    return layer.raster is not None


def write(table: Table, target: Path, field: str | None = None) -> None:
    """Write one of the rasters a layer declares, and check the file as others would.

    Parameters
    ----------
    table : Table
        Rows of a polygon layer with `raster`: the pixel's side in metres of EPSG:3857. A pixel
        has the value of the polygon that holds its centre; NaN where there is none or the value
        is null.
    target : Path
        File to write; its folder exists.
    field : str, optional
        One of the fields that `raster` names, the first if none is given.

    Raises
    ------
    ReleaseError
        The layer declares no raster, or rio-cogeo has a complaint, be it a mere warning.
    """
    rows = rows_of(table)
    raster = rows.layer.raster
    if raster is None:
        raise ReleaseError("this layer declares no raster", where=rows.layer.id)
    field = field or raster.fields[0]
    shapes = shapely.transform(rows.geometry, metres)
    grid, shape = _grid(shapes, raster.metres)
    _copy(_burnt(rows.columns[field], shapes, grid, shape), grid, field, target)
    valid, errors, warnings = cog_validate(target, strict=True, quiet=True)
    if not valid:
        raise ReleaseError(
            "the raster is not a valid Cloud Optimised GeoTIFF: " + "; ".join((*errors, *warnings)),
            where=target.name,
            hint="report it: the file is refused before anything is published",
        )


def _copy(pixels: NDArray[np.float32], grid: Affine, field: str, target: Path) -> None:
    """Write pixels with their overviews."""
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "crs": "EPSG:3857",
        "transform": grid,
        "nodata": NODATA,
    }
    with rasterio.Env(GDAL_PAM_ENABLED=False), MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(pixels, 1)
            dataset.set_band_description(1, field)
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
    values: Sequence[Any], shapes: NDArray[Any], grid: Affine, shape: tuple[int, int]
) -> NDArray[np.float32]:
    burn = [
        (shape_, value)
        for shape_, value in zip(shapes, values, strict=True)
        if shape_ is not None and value is not None
    ]
    if not burn:
        return np.full(shape, NODATA, dtype=np.float32)
    pixels = rasterize(burn, out_shape=shape, transform=grid, fill=NODATA, dtype="float32")
    return np.asarray(pixels, dtype=np.float32)
