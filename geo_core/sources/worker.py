"""The process that `geo_core.sources.bounded` starts: limits itself, parses, answers, ends.

It reads its task from standard input and answers on standard output; whatever a library
prints goes nowhere, because it may repeat a cell.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from importlib.abc import MetaPathFinder
from typing import IO, Final

from geo_core.errors import SourceError
from geo_core.sources.base import MIB, Job, Parsed, refuse
from geo_core.sources.wkb import BadGeometryError, count_vertices

SECONDS: Final = 30
MEMORY: Final = 512 * MIB
REFUSED: Final = 3
"""Exit code after the reason for refusing a file was written."""

NO_MEMORY: Final = 4
"""Exit code after memory ran out."""

PARSERS: Final = frozenset(
    f"geo_core.sources.{name}"
    for name in (
        "excel",
        "flatgeobuf",
        "geojson",
        "geopackage",
        "geoparquet",
        "hsds",
        "postgis",
        "raster",
        "shapefile",
    )
)
_NEEDLESS: Final = ("geopandas", "pandas", "pyproj", "shapely")
"""pyogrio imports these if it can; they would take a sixth of the memory there is."""

_SERVICES: Final = frozenset({"geo_core.sources.postgis"})


class _Without(MetaPathFinder):
    """Answers the import of what is needless as if it were not installed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse the needless; leave everything else to the finders that follow."""
        del path, target
        if fullname in _NEEDLESS:
            raise ModuleNotFoundError(fullname, name=fullname)


def main() -> int:
    """Parse one job; return the exit code."""
    _limit()
    asked = json.loads(sys.stdin.buffer.read())
    module = asked["module"]
    if module not in PARSERS:
        return 1
    if module not in _SERVICES:
        _leave_the_network()
    with _answer() as out:
        return _answered(module, Job.model_validate(asked["job"]), out)


def _answered(module: str, job: Job, out: IO[bytes]) -> int:
    sys.meta_path.insert(0, _Without())
    try:
        import pyarrow as pa  # noqa: PLC0415 - after the limits

        from geo_core.sources.pipe import pack  # noqa: PLC0415 - it imports pyarrow

        parsed = importlib.import_module(module).parse(job)
        _check_geometries(job, parsed)
        table = pack(parsed)
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
    except SourceError as error:
        said = {"message": error.message, "where": error.where, "hint": error.hint}
        out.write(json.dumps(said).encode())
        return REFUSED
    except MemoryError:
        return NO_MEMORY
    return 0


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _leave_the_network() -> None:
    """Move to a network without interfaces, where the kernel lets a process do so."""
    for flags in (os.CLONE_NEWNET, os.CLONE_NEWUSER | os.CLONE_NEWNET):
        try:
            os.unshare(flags)
        except OSError:
            continue
        return


def _answer() -> IO[bytes]:
    """Keep standard output for the answer alone."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _check_geometries(job: Job, parsed: Parsed) -> None:
    room = job.limits.vertices
    for row, shape in zip(parsed.rows, parsed.wkb or (), strict=parsed.wkb is not None):
        if shape is None:
            continue
        try:
            room -= count_vertices(shape, nesting=job.limits.nesting)
        except BadGeometryError as error:
            hint = "repair the geometry in QGIS (Fix geometries), or draw it again"
            refuse(job, str(error), at=f"row {row}", hint=hint)
        if room < 0:
            hint = "simplify the shapes, or split the file"
            refuse(job, f"has more than {job.limits.vertices} vertices", at=f"row {row}", hint=hint)


if __name__ == "__main__":
    sys.exit(main())
