"""A raster is made again from its pixels: bytes behind them, or tags, make another file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from checks.audit.findings import Tally
from checks.audit.folder import Folder

COG = {
    "driver": "COG",
    "compress": "DEFLATE",
    "predictor": "YES",
    "blocksize": 256,
    "overview_resampling": "NEAREST",
}
"""How rasters are written."""


def check(tally: Tally, folder: Folder, said: Mapping[str, Any]) -> None:
    """Check one raster of a release folder."""
    raw = folder.read(f"rasters/{said['id']}.tif")
    try:
        field, made = _again(raw)
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
    tally.require(
        made == raw or bool(folder.elsewhere),
        f"{said['id']}.tif",
        "the raster holds more than its pixels: written again it has other bytes",
        bytes=len(raw),
        again=len(made),
    )


def _again(raw: bytes) -> tuple[str | None, bytes]:
    """Return the field of a raster, and the bytes of one with the same pixels."""
    with MemoryFile(raw) as memory, memory.open() as given:
        pixels, field = given.read(1), given.descriptions[0]
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
        return field, bytes(target.read())
