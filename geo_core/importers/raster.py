"""Population rasters (Eurostat, GHSL) as the weights of where people live.

Every pixel's residents are shared over the parts of cells and municipalities that it overlaps,
by area and exactly: the corners are brought to longitude and latitude, and between two corners a
pixel's edge is taken for straight (off by less than a metre for a kilometre). The sums per cell
then weigh the official totals, which stay to the person.

Without a raster, residents can only be shared by area: the importer `popolazione-areale`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from geo_core.errors import IngestError, SourceError
from geo_core.importers.base import Context, Imported, Importer
from geo_core.importers.population import POPULATION, Spread, allotted
from geo_core.ingest.official import official
from geo_core.model.text import Text
from geo_core.place import overlay
from geo_core.place.dasymetric import Floats
from geo_core.sources import raster

_CORNERS: Final = ((0, 0), (1, 0), (1, 1), (0, 1))


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one raster into `popolazione`, method `dasimetrico`.

    Raises
    ------
    SourceError
        The file is no GeoTIFF of residents over the district, or asks for too much.
    IngestError
        There is not one file.
    """
    if len(files) != 1:
        raise IngestError("population comes in one raster", hint="merge the sheets in QGIS")
    path = files[0]
    base = official(context.input, context.district)
    found = raster.read(path, tuple(base.municipalities.total_bounds))
    areas = base.municipalities.geometry.to_numpy()
    pieces = overlay.cut(areas)
    weights = areal(outlines(path, found), found.count, pieces)
    codes = base.municipalities["cod_istat"].to_numpy()
    made = allotted(context, base, _spread(codes, pieces, weights))
    pixels, persons = len(found.count), f"{weights.sum():.0f}"
    note = Text(
        it=f"le righe sono pixel abitati; residenti secondo la griglia: {persons}",
        en=f"the rows are inhabited pixels; residents by the grid: {persons}",
    )
    tables = {POPULATION: made.table}
    return Imported(tables, rows=pixels, accepted=pixels, notes=(note, *made.notes))


def read_nothing(files: Sequence[Path], context: Context) -> Imported:
    """Share the official residents by area alone into `popolazione`, method `areale`.

    Raises
    ------
    IngestError
        There is a file: nothing would be read of it.
    """
    if files:
        raise IngestError("takes no file", where=files[0].name, hint="use popolazione-raster")
    made = allotted(context, official(context.input, context.district), {})
    return Imported({POPULATION: made.table}, rows=0, accepted=0, notes=made.notes)


def areal(pixels: overlay.Shapes, counts: Floats, pieces: overlay.Pieces) -> Floats:
    """Share the counts of pixels over pieces by area.

    Parameters
    ----------
    pixels : array of n Polygon
        OGC:CRS84.
    counts : array of n floats
        Residents of each pixel.

    Returns
    -------
    array of floats
        Residents of each piece; of a pixel that lies partly outside all of them, only the rest.
    """
    pixel, piece, share = overlay.shared(pixels, pieces)
    return np.bincount(piece, weights=counts[pixel] * share, minlength=len(pieces.of))


def outlines(path: Path, of: raster.Raster) -> overlay.Shapes:
    """Return the outline of every pixel in OGC:CRS84.

    Raises
    ------
    SourceError
        Its reference system is not known, or does not hold the pixels.
    """
    west, width, north, height = of.grid
    x = np.array([west + width * (of.column + right) for right, _ in _CORNERS])
    y = np.array([north + height * (of.row + down) for _, down in _CORNERS])
    try:
        system = pyproj.CRS.from_wkt(of.crs)
        move = pyproj.Transformer.from_crs(system, raster.LONLAT, always_xy=True)
        lon, lat = move.transform(x, y)
    except (CRSError, ProjError):
        message = "is in a reference system that is not known"
        raise SourceError(message, where=path.name, hint="save it as EPSG:3035") from None
    corners = np.stack([lon, lat], axis=-1).transpose(1, 0, 2)
    if not np.isfinite(corners).all():
        hint = "cut it to the district in QGIS"
        raise SourceError("has pixels that are not on Earth", where=path.name, hint=hint)
    shapes: overlay.Shapes = shapely.polygons(corners)
    return shapes


def _spread(codes: np.ndarray, pieces: overlay.Pieces, weights: Floats) -> Mapping[str, Spread]:
    return {
        str(code): Spread(tuple(pieces.cell[here]), weights[here][:, None])
        for at, code in enumerate(codes)
        if len(here := np.flatnonzero(pieces.of == at))
    }


IMPORTER: Final = Importer(
    name="popolazione-raster",
    title=Text(
        it="Popolazione per cella da una griglia (Eurostat, GHS-POP)",
        en="Population by cell from a grid (Eurostat, GHS-POP)",
    ),
    makes=(POPULATION,),
    files=Text(
        it="un GeoTIFF di residenti per pixel, in qualsiasi sistema di riferimento",
        en="one GeoTIFF of residents by pixel, in any reference system",
    ),
    read=read,
)

BY_AREA: Final = Importer(
    name="popolazione-areale",
    title=Text(
        it="Popolazione per cella ripartita per superficie",
        en="Population by cell, shared by area",
    ),
    makes=(POPULATION,),
    files=Text(it="nessuno: bastano i totali ufficiali", en="none: official totals are enough"),
    read=read_nothing,
)
