"""Which file is read by which source: the ending decides, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geo_core.errors import SourceError
from geo_core.sources import (
    bounded,
    csv,
    excel,
    flatgeobuf,
    geojson,
    geopackage,
    geoparquet,
    hsds,
    shapefile,
)
from geo_core.sources.base import LIMITS, Job, Limits, Reading, Source
from geo_core.sources.frame import assemble

FILES: Final = (
    csv.SOURCE,
    excel.SOURCE,
    geopackage.SOURCE,
    shapefile.SOURCE,
    geojson.SOURCE,
    flatgeobuf.SOURCE,
    geoparquet.SOURCE,
    hsds.SOURCE,
)

REGISTRY: Final[Mapping[str, Source]] = MappingProxyType(
    {ending: source for source in FILES for ending in source.endings}
)


def read(
    path: Path,
    *,
    layer: str | None = None,
    limits: Limits = LIMITS,
    boxes: Mapping[str, tuple[float, float, float, float]] = MappingProxyType({}),
) -> Reading:
    """Read one file.

    Parameters
    ----------
    path : Path
        A regular file; its ending names the format.
    layer : str | None
        Sheet, layer or entity of a file that holds several; None for the only one.
    limits : Limits
        What is accepted.
    boxes : mapping
        As in `Job`; for shapefiles and what else is read with GDAL.

    Raises
    ------
    SourceError
        An ending that is not read, or whatever is wrong with the file: names file, place and
        remedy, and repeats no cell.
    """
    source = source_of(path)
    places = (str(bounded.check_file(path, limits.bytes)),)
    job = Job(places=places, layer=layer, limits=limits, boxes=dict(boxes))
    parsed = bounded.parse(source, job) if source.bounded else source.parse(job)
    return assemble(job, parsed)


def source_of(path: Path) -> Source:
    """Return the source of a file's ending; `SourceError` with the list if there is none."""
    ending = path.suffix.lower()
    if ending not in REGISTRY:
        shown = f"with the ending {ending}" if ending else "without ending"
        hint = f"save it as .xlsx or .csv; read are: {' '.join(REGISTRY)}"
        raise SourceError(f"a file {shown} is not read", where=path.name, hint=hint)
    return REGISTRY[ending]
