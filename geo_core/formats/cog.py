"""Cloud Optimised GeoTIFF of one number of a hexagon layer.

EPSG:3857, float32, nodata NaN, pixels on multiples of their side. Every pixel, of every overview
too, has the value of the feature that holds its centre: never a mean of several, nor the value of
a neighbour, as overviews made of pixels have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
    field = field or raster.names[0]
    shapes = shapely.transform(rows.geometry, metres)
    grid, shape = _grid(shapes, raster.metres)
    levels = [
        _burnt(rows.columns[field], shapes, grid @ Affine.scale(factor), shape, factor)
        for factor in _factors(shape)
    ]
    _copy(levels, grid, field, target)
    valid, errors, warnings = cog_validate(target, strict=True, quiet=True)
    if not valid:
        raise ReleaseError(
            "the raster is not a valid Cloud Optimised GeoTIFF: " + "; ".join((*errors, *warnings)),
            where=target.name,
            hint="report it: the file is refused before anything is published",
        )


def _factors(shape: tuple[int, int]) -> list[int]:
    """Return how many pixels of the finest level make one side of a pixel of each level."""
    halvings = max(0, math.ceil(math.log2(max(shape) / _BLOCK)))
    return [2**level for level in range(halvings + 1)]


def _grid(shapes: NDArray[Any], side: int) -> tuple[Affine, tuple[int, int]]:
    """Return the transform and the (height, width) that cover the shapes; at least a pixel.

    Height and width are multiples of the coarsest factor: the edges of all levels are the same.
    """
    west, south, east, north = box(shapes) or (0.0, 0.0, 0.0, 0.0)
    left, top = math.floor(west / side), math.ceil(north / side)
    width = max(1, math.ceil(east / side) - left)
    height = max(1, top - math.floor(south / side))
    whole = _factors((height, width))[-1]
    size = (-(-height // whole) * whole, -(-width // whole) * whole)
    return from_origin(left * side, top * side, side, side), size


def _burnt(
    values: Sequence[Any],
    shapes: NDArray[Any],
    grid: Affine,
    shape: tuple[int, int],
    factor: int,
) -> NDArray[np.float32]:
    """Return the pixels of a level; `shape` is that of the finest."""
    burn = [
        (shape_, value)
        for shape_, value in zip(shapes, values, strict=True)
        if shape_ is not None and value is not None
    ]
    size = (shape[0] // factor, shape[1] // factor)
    if not burn:
        return np.full(size, NODATA, dtype=np.float32)
    pixels = rasterize(burn, out_shape=size, transform=grid, fill=NODATA, dtype="float32")
    return np.asarray(pixels, dtype=np.float32)


def _copy(levels: Sequence[NDArray[np.float32]], grid: Affine, field: str, target: Path) -> None:
    """Write the levels, finest first, into one file.

    GDAL makes overviews from the corners of pixels; these are given to it (as a VRT).
    """
    with rasterio.Env(GDAL_PAM_ENABLED=False), ExitStack() as stack:
        names = [stack.enter_context(_kept(pixels)) for pixels in levels]
        with rasterio.open(_vrt(names, levels[0].shape, grid, field)) as whole:
            copy(
                whole,
                target,
                driver="COG",
                compress="DEFLATE",
                predictor="YES",
                blocksize=_BLOCK,
                overviews="FORCE_USE_EXISTING",
            )


@contextmanager
def _kept(pixels: NDArray[np.float32]) -> Iterator[str]:
    """Yield the name of a file in memory that holds pixels."""
    height, width = pixels.shape
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": NODATA}
    with MemoryFile() as memory:
        # A level by itself lies nowhere; the place is that of the whole.
        at = from_origin(0, height, 1, 1)
        with memory.open(**profile, height=height, width=width, transform=at) as dataset:
            dataset.write(pixels, 1)
        yield memory.name


def _vrt(names: Sequence[str], shape: tuple[int, ...], grid: Affine, field: str) -> str:
    """Return a description of one raster with its overviews, as GDAL reads it."""
    first, *others = (
        f"<SourceFilename>{name}</SourceFilename><SourceBand>1</SourceBand>" for name in names
    )
    overviews = "".join(f"<Overview>{one}</Overview>" for one in others)
    return (
        f'<VRTDataset rasterXSize="{shape[1]}" rasterYSize="{shape[0]}"><SRS>EPSG:3857</SRS>'
        f"<GeoTransform>{', '.join(map(str, grid.to_gdal()))}</GeoTransform>"
        f'<VRTRasterBand dataType="Float32" band="1"><Description>{field}</Description>'
        f"<NoDataValue>nan</NoDataValue><SimpleSource>{first}</SimpleSource>{overviews}"
        "</VRTRasterBand></VRTDataset>"
    )
