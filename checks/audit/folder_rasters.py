"""A raster is made again from its pixels: bytes behind them, or tags, make another file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from xml.etree import ElementTree as ET

import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.published import Collection
from checks.audit.replay_rasters import Pixels, in_metres, read_levels

SIDE: Final = 256
"""Pixels of a block; the coarsest overview is no larger."""
COG = {
    "driver": "COG",
    "compress": "DEFLATE",
    "predictor": "YES",
    "blocksize": SIDE,
    "overviews": "FORCE_USE_EXISTING",
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
    """Return side, left, top, and the sizes of all levels of the pixels that cover the features."""
    shapes = [shape for shape in collection.geometry if shape is not None]
    west, south, east, north = shapely.total_bounds(shapes) if shapes else (0.0,) * 4
    xs, ys = in_metres([west, east], [south, north])
    left, right = (x / side for x in xs.tolist())
    bottom, top = (y / side for y in ys.tolist())
    width = max(1, math.ceil(right) - math.floor(left))
    height = max(1, math.ceil(top) - math.floor(bottom))
    factors = [1]
    while max(width, height) > SIDE * factors[-1]:
        factors.append(2 * factors[-1])
    whole = [math.ceil(n / factors[-1]) * factors[-1] for n in (height, width)]
    sizes = (n // factor for factor in factors for n in whole)
    return (side, math.floor(left) * side, math.ceil(top) * side, *sizes)


def _again(raw: bytes) -> tuple[str | None, tuple[float, ...], bytes]:
    """Return field and place of a raster, and the bytes of one with the same pixels."""
    with MemoryFile(raw) as memory, memory.open() as given:
        field, at, overviews = given.descriptions[0], given.transform, len(given.overviews(1))
    levels = [pixels for pixels, _ in read_levels(raw, overviews)]
    place = (at.a, at.c, at.f, *(n for pixels in levels for n in pixels.shape))
    return field, place, written(levels, at, field)


def written(levels: Sequence[Pixels], at: rasterio.Affine, field: str | None) -> bytes:
    """Return the file of a raster: its pixels, then those of each overview."""
    with (
        rasterio.Env(GDAL_PAM_ENABLED=False),
        ExitStack() as stack,
        MemoryFile(ext=".tif") as target,
    ):
        files = [stack.enter_context(_level(pixels)) for pixels in levels]
        with rasterio.open(_together(files, levels[0].shape, at, field)) as whole:
            copy(whole, target.name, **COG)
        return bytes(target.read())


@contextmanager
def _level(pixels: Pixels) -> Iterator[str]:
    """Yield the name of a file in memory with the pixels of a level."""
    height, width = pixels.shape
    place = rasterio.Affine(1, 0, 0, 0, -1, height)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "transform": place}
    with MemoryFile() as memory:
        with memory.open(**profile, height=height, width=width, nodata=math.nan) as raster:
            raster.write(pixels, 1)
        yield memory.name


def _together(
    files: Sequence[str], size: tuple[int, ...], at: rasterio.Affine, field: str | None
) -> str:
    """Return a virtual raster: the first file at its place, with the others as its overviews."""
    top = ET.Element("VRTDataset", rasterXSize=str(size[1]), rasterYSize=str(size[0]))
    ET.SubElement(top, "SRS").text = "EPSG:3857"
    ET.SubElement(top, "GeoTransform").text = ", ".join(map(repr, at.to_gdal()))
    band = ET.SubElement(top, "VRTRasterBand", dataType="Float32", band="1")
    ET.SubElement(band, "Description").text = field
    ET.SubElement(band, "NoDataValue").text = "nan"
    for number, file in enumerate(files):
        source = ET.SubElement(band, "Overview" if number else "SimpleSource")
        ET.SubElement(source, "SourceFilename").text = file
        ET.SubElement(source, "SourceBand").text = "1"
    return ET.tostring(top, encoding="unicode")
