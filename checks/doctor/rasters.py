"""Rasters: the pixel at the centre of a cell is the field of its feature, in file and point."""

from __future__ import annotations

import math
from typing import Any, Final

import h3
import numpy as np
import rasterio

from checks.doctor.asks import Collection, Door, hrefs
from checks.doctor.told import Told

POINTS: Final = 60
"""Cells of each raster whose point is asked for; of the file all are read."""
_RADIUS: Final = 6378137.0


def check(told: Told, door: Door, of: Collection) -> None:
    """Compare every raster of a collection with its features."""
    for href in of.hrefs("related"):
        if "/raster/" not in href:
            continue
        said = door.json(href)
        links, field, ident = said["links"], said["field"], said["id"]
        cells = [str(row["h3"]) for _, row in of.rows]
        values = [row[field] for _, row in of.rows]
        places = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells])
        (file,) = hrefs(links, "enclosure", ".tif")
        _file(told, ident, door.bytes(file), places, (cells, values))
        (template,) = (link["href"] for link in links if "{lon}" in link["href"])
        for at in range(0, len(cells), max(1, len(cells) // POINTS)):
            lon, lat = places[at].tolist()
            point = template.replace("{lon}", f"{lon:.9f}").replace("{lat}", f"{lat:.9f}")
            found = door.json(point)["values"]
            told.count(ident, "point", 1, 1)
            if found != [values[at]]:
                told.find(ident, "point", f"{found} is not [{values[at]}]", [cells[at]])


def _file(told: Told, ident: str, raw: bytes, places: Any, of: tuple[list[str], list[Any]]) -> None:
    """Read the pixel below each centre; a cell without a value has none."""
    cells, values = of
    lon, lat = np.radians(places).T
    x, y = _RADIUS * lon, _RADIUS * np.arcsinh(np.tan(lat))
    with rasterio.MemoryFile(raw) as memory, memory.open() as source:
        found = np.array([pixel[0] for pixel in source.sample(np.column_stack([x, y]).tolist())])
    wanted = np.array([math.nan if v is None else v for v in values], np.float32)
    told.count(ident, "tif", len(cells), len(cells))
    for at in np.flatnonzero(~((found == wanted) | (np.isnan(found) & np.isnan(wanted)))).tolist():
        told.find(ident, "tif", f"{found[at]} is not {values[at]}", [cells[at]])
