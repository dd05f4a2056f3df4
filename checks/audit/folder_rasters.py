"""A raster is made again from its pixels: bytes behind them, or tags, make another file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.published import Collection
from checks.audit.replay_rasters import in_metres

COG = {
    "driver": "COG",
    "compress": "DEFLATE",
    "predictor": "YES",
    "blocksize": 256,
    "overview_resampling": "NEAREST",
}
"""How rasters are written."""


def check(tally: Tally, folder: Folder, said: Mapping[str, Any], collection: Collection) -> None:
    """Check one raster of a release folder."""
    raw = folder.read(f"rasters/{said['id']}.tif")
    try:
        field, place, made = _again(raw)
    except RasterioError as error:
        tally.find(said["id"], f"the raster cannot be read: {error}")
        return
    tally.require(
        field == said["field"],
        f"{said['id']}.tif",
        "a raster of another field than stated",
        stated=said["field"],
        raster=field,
    )
    metres = (folder.layers[collection.id]["raster"] or {}).get("metres")
    tally.require(
        metres is not None and place == _place(collection, metres),
        f"{said['id']}.tif",
        "a raster that does not just cover its features",
        metres=metres,
        raster=place,
    )
    tally.require(
        made == raw or bool(folder.elsewhere),
        f"{said['id']}.tif",
        "the raster holds more than its pixels: written again it has other bytes",
        bytes=len(raw),
        again=len(made),
    )


def _place(collection: Collection, side: int) -> tuple[float, ...]:
    """Return side, left, top, width and height of the pixels that cover the features."""
    shapes = [shape for shape in collection.geometry if shape is not None]
    west, south, east, north = shapely.total_bounds(shapes) if shapes else (0.0,) * 4
    xs, ys = in_metres([west, east], [south, north])
    left, right = (x / side for x in xs.tolist())
    bottom, top = (y / side for y in ys.tolist())
    width = max(1, math.ceil(right) - math.floor(left))
    height = max(1, math.ceil(top) - math.floor(bottom))
    return (side, math.floor(left) * side, math.ceil(top) * side, width, height)


def _again(raw: bytes) -> tuple[str | None, tuple[float, ...], bytes]:
    """Return field and place of a raster, and the bytes of one with the same pixels."""
    with MemoryFile(raw) as memory, memory.open() as given:
        pixels, field = given.read(1), given.descriptions[0]
        at = given.transform
        place = (at.a, at.c, at.f, given.width, given.height)
        usual = {"height": given.height, "width": given.width, "transform": given.transform}
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:3857"} | usual
    with (
        rasterio.Env(GDAL_PAM_ENABLED=False),
        MemoryFile() as memory,
        MemoryFile(ext=".tif") as target,
    ):
        with memory.open(**profile, nodata=math.nan) as raster:
            raster.write(pixels, 1)
            raster.set_band_description(1, field)
        copy(memory.name, target.name, **COG)
        return field, place, bytes(target.read())
