"""GeoTIFF with one count for each pixel (Eurostat's and GHSL's population grids), a window of it.

Only the counted pixels of the window are handed on, by row and column, so that a raster of the
whole world costs what the district costs.
"""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo_core.sources import bounded
from geo_core.sources.base import MIB, Job, Limits, Parsed, Source, refuse

if TYPE_CHECKING:
    import numpy as np

LONLAT: Final = "EPSG:4326"
LIMITS: Final = Limits(bytes=16_384 * MIB)
"""The file may be large: it is not read as a whole."""

MAX_WINDOW: Final = 40_000_000
"""Pixels in the box that is asked for; the province of Vercelli has half a million of 100 m."""

MAX_BLOCK: Final = 64 * MIB
MAX_COUNT: Final = 10_000_000
"""Residents in one pixel: more is another kind of raster."""

_MAGIC: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_READ_AT_ONCE: Final = 4_000_000
_BYTES: Final = 8
"""Of the widest number a pixel can be."""
_ROW, _COLUMN, _COUNT, _GRID = "riga", "colonna", "n", "griglia "


@dataclass(frozen=True, slots=True)
class Raster:
    """The counted pixels of a window.

    Attributes
    ----------
    row, column : arrays of n ints
        Of the whole raster, from its upper left corner.
    count : array of n floats
        Above 0.
    grid : tuple of four floats
        Easting of the left edge, width of a pixel, northing of the upper edge, height of a
        pixel (below 0 where rows run south), in units of the system.
    crs : str
        Reference system as WKT.
    """

    row: np.ndarray
    column: np.ndarray
    count: np.ndarray
    grid: tuple[float, float, float, float]
    crs: str


def read(path: Path, box: tuple[float, float, float, float]) -> Raster:
    """Read the pixels of a box in a process of its own.

    Parameters
    ----------
    box : tuple of float
        West, south, east, north; degrees.

    Raises
    ------
    SourceError
        Not a GeoTIFF with one count for each pixel, without reference system, not over the box,
        too large, or it took more than 30 seconds or 512 MiB.
    """
    import numpy as np  # noqa: PLC0415 - the worker limits itself before it loads numpy

    place = str(bounded.check_file(path, LIMITS.bytes))
    parsed = bounded.parse(SOURCE, Job(places=(place,), limits=LIMITS, boxes={LONLAT: box}))
    row, column, count = (
        np.array(parsed.columns[name], dtype=np.float64) for name in (_ROW, _COLUMN, _COUNT)
    )
    west, width, north, height = json.loads(parsed.found[0].removeprefix(_GRID))
    grid = (west, width, north, height)
    return Raster(row.astype(int), column.astype(int), count, grid, parsed.crs or "")


def parse(job: Job) -> Parsed:
    """Read the counted pixels of the job's box as a table of rows, columns and counts."""
    import rasterio  # noqa: PLC0415 - in the worker, after its limits
    from rasterio.errors import RasterioError  # noqa: PLC0415

    with job.path.open("rb") as file:
        if file.read(4) not in _MAGIC:
            refuse(job, "is not a GeoTIFF", hint="its ending may be wrong")
    warnings.simplefilter("ignore")
    try:
        with rasterio.open(job.path, driver="GTiff") as data:
            _check(job, data)
            found = _counted(job, data, *_window(job, data))
            grid = (data.transform.c, data.transform.a, data.transform.f, data.transform.e)
            crs = data.crs.to_wkt()
    except RasterioError:
        refuse(job, "is not a readable GeoTIFF", hint="open it in QGIS and save it again")
    rows = range(1, len(found[_ROW]) + 1)
    return Parsed(found, rows, crs=crs, found=(f"{_GRID}{json.dumps(grid)}",))


def _check(job: Job, data: Any) -> None:
    turned = data.transform.b or data.transform.d
    if data.count != 1 or "complex" in data.dtypes[0] or set(data.scales + data.offsets) - {0, 1}:
        refuse(job, "does not hold one count for each pixel", hint="export the band of residents")
    if data.crs is None or turned or data.transform.is_identity:
        hint = "save it again from QGIS with its reference system"
        refuse(job, "does not say where its pixels are", hint=hint)
    height, width = data.block_shapes[0]
    if height * width * _BYTES > MAX_BLOCK:
        hint = "save it again as a tiled GeoTIFF"
        refuse(job, f"is stored in blocks of {height} by {width} pixels", hint=hint)


def _window(job: Job, data: Any) -> tuple[range, range]:
    """Return the rows and the columns that cover the box."""
    from rasterio.errors import RasterioError  # noqa: PLC0415
    from rasterio.warp import transform_bounds  # noqa: PLC0415

    hint = "cut it to the district, with a margin, in QGIS"
    grid = data.transform
    try:
        box = transform_bounds(LONLAT, data.crs, *job.boxes[LONLAT], densify_pts=21)
        rows = _between((box[1] - grid.f) / grid.e, (box[3] - grid.f) / grid.e, data.height)
        columns = _between((box[0] - grid.c) / grid.a, (box[2] - grid.c) / grid.a, data.width)
    except (RasterioError, ValueError, ArithmeticError):
        refuse(job, "is in a system that does not cover the district", hint=hint)
    if not rows or not columns:
        refuse(job, "does not cover the district", hint=hint)
    if len(rows) * len(columns) > MAX_WINDOW:
        refuse(job, f"has more than {MAX_WINDOW} pixels in the district", hint=hint)
    return rows, columns


def _between(one: float, other: float, size: int) -> range:
    low, high = sorted((one, other))
    return range(max(0, math.floor(low)), min(size, math.ceil(high)))


def _counted(job: Job, data: Any, rows: range, columns: range) -> dict[str, list[str]]:
    import numpy as np  # noqa: PLC0415

    found: dict[str, list[str]] = {_ROW: [], _COLUMN: [], _COUNT: []}
    high = max(1, _READ_AT_ONCE // len(columns))
    for top in range(rows.start, rows.stop, high):
        part = ((top, min(top + high, rows.stop)), (columns.start, columns.stop))
        values = data.read(1, window=part, masked=True).astype(np.float64).filled(0.0)
        values[np.isnan(values)] = 0.0
        if (values < 0).any() or (values > MAX_COUNT).any():
            message = f"has a pixel with fewer than 0 or more than {MAX_COUNT} residents"
            refuse(job, message, hint="declare its no-data value, or send a population raster")
        row, column = np.nonzero(values)
        found[_ROW] += map(str, (row + top).tolist())
        found[_COLUMN] += map(str, (column + columns.start).tolist())
        found[_COUNT] += map(repr, values[row, column].tolist())
        if len(found[_ROW]) > job.limits.rows:
            message = f"has more than {job.limits.rows} inhabited pixels in the district"
            refuse(job, message, hint="save it with larger pixels")
    return found


SOURCE: Final = Source("GeoTIFF", (".tif", ".tiff"), parse, drivers=("GTiff",))
