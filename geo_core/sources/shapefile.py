"""Shapefile: .shp, .shx, .dbf and .prj side by side, or together in one zip."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from geo_core.sources import vector, zipped
from geo_core.sources.base import Job, Parsed, Source, refuse

_MAGIC: Final = b"\0\0\x27\x0a"
_NEEDED: Final = (".shp", ".shx", ".dbf", ".prj")


def parse(job: Job) -> Parsed:
    """Read one shapefile.

    Raises
    ------
    SourceError
        A part is missing (without .prj nobody knows where it lies), the zip holds none or
        several, or beyond the limits.
    """
    if job.path.suffix.lower() == ".zip":
        place = f"/vsizip/{{{job.path}}}/{_inside(job)}"
    else:
        place = _beside(job)
    return vector.read(job, place, driver="ESRI Shapefile")


def _inside(job: Job) -> str:
    names = list(zipped.check(job))
    shapes = [name for name in names if name.lower().endswith(".shp")]
    if job.layer is not None:
        shapes = [name for name in shapes if PurePosixPath(name).stem == job.layer]
    if len(shapes) != 1:
        hint = "put one .shp with its .shx, .dbf and .prj into a zip of its own"
        refuse(job, f"holds {len(shapes)} shapefiles", hint=hint)
    _check_parts(job, shapes[0], names)
    return shapes[0]


def _beside(job: Job) -> str:
    with job.path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            refuse(job, "is not a shapefile", hint="its ending may be wrong")
    parts = [
        path for path in job.path.parent.glob(f"{_literal(job.path.stem)}.*") if path.is_file()
    ]
    _check_parts(job, job.path.name, [path.name for path in parts])
    if sum(path.stat().st_size for path in parts) > job.limits.bytes:
        refuse(job, f"is larger than {job.limits.bytes} bytes", hint="split the file")
    return str(job.path)


def _literal(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _check_parts(job: Job, shape: str, names: list[str]) -> None:
    stem = str(PurePosixPath(shape).with_suffix(""))
    own = {name.lower() for name in names if str(PurePosixPath(name).with_suffix("")) == stem}
    missing = [ending for ending in _NEEDED if stem.lower() + ending not in own]
    if missing:
        hint = "send all the files of the shapefile together, best in one zip"
        refuse(job, f"has no {', '.join(missing)} beside it", hint=hint)


SOURCE: Final = Source("Shapefile", (".shp", ".zip"), parse, drivers=("ESRI Shapefile",))
