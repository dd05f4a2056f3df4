"""Runs a parser where it can do no harm: a process with little memory, little time, no network.

Parsers of binary formats are native code that has died of crafted files before. What they
return crosses a pipe as an Arrow stream, never as Python objects.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final, NoReturn

from geo_core.errors import SourceError
from geo_core.sources import pipe
from geo_core.sources.base import MIB, Job, Parsed, Source, refuse, unreadable
from geo_core.sources.worker import MEMORY, NO_MEMORY, REFUSED, SECONDS

_KEPT: Final = ("HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TZ")
_QUIET: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve memory they do not use
    "GDAL_CACHEMAX": "16",
    "GDAL_PAM_ENABLED": "NO",  # no side files, read or written
    "MALLOC_ARENA_MAX": "1",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "32",
    # GDAL 3.12 hands on broken offsets where a FlatGeobuf has a feature without geometry.
    "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
}


def parse(source: Source, job: Job) -> Parsed:
    """Read files in a process of their own.

    Parameters
    ----------
    source : Source
        The format; its parser must be the function `parse` of its module.
    job : Job
        Absolute paths of regular files, or the address of a service.

    Raises
    ------
    SourceError
        What the parser says, or that it took more than 30 seconds or 512 MiB, or broke off.
    """
    asked = json.dumps({"module": source.parse.__module__, "job": job.model_dump()})
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "geo_core.sources.worker"],
            input=asked.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            env=_environment(source),
            check=False,
        )
    except subprocess.TimeoutExpired:
        _too_slow(job)
    return _result(source, job, done.returncode, done.stdout)


def check_file(path: Path, limit: int) -> Path:
    """Return the absolute path of a regular file of at most `limit` bytes.

    Raises
    ------
    SourceError
        There is none, it is not a file, or it is larger.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            hint = "give the name of a file"
            raise SourceError("is not a file", where=path.name, hint=hint)
        if status.st_size > limit:
            message = f"is larger than {limit} bytes"
            raise SourceError(message, where=path.name, hint="split the file")
        return path.resolve(strict=True)
    except OSError as error:
        raise unreadable(path, error) from None


def _environment(source: Source) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    if source.endings:
        return {**kept, **_QUIET, "OGR_SKIP": ",".join(_unwanted(source.drivers))}
    libpq = {name: value for name, value in os.environ.items() if name.startswith("PG")}
    return {**kept, **_QUIET, **libpq}


def _unwanted(wanted: tuple[str, ...]) -> list[str]:
    """Return the GDAL drivers that the process must not have."""
    if not wanted:
        return []
    import pyogrio  # noqa: PLC0415 - loads GDAL; only for what GDAL reads

    return sorted(set(pyogrio.list_drivers()) - set(wanted))


def _result(source: Source, job: Job, code: int, out: bytes) -> Parsed:
    if code == 0:
        return pipe.unpack(out)
    if code == REFUSED:
        said = json.loads(out)
        raise SourceError(said["message"], where=said["where"], hint=said["hint"])
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        _too_slow(job)
    if code in {NO_MEMORY, -signal.SIGABRT}:
        message = f"needs more than {MEMORY // MIB} MiB to be read"
        refuse(job, message, hint="split it; if it is small, it is damaged: save it again")
    hint = "it is damaged or made to do harm: save it again with QGIS or a spreadsheet"
    raise SourceError(f"broke the reader of {source.name}", where=job.path.name, hint=hint)


def _too_slow(job: Job) -> NoReturn:
    message = f"took more than {SECONDS} seconds to read"
    refuse(job, message, hint="split it; if it is small, it is damaged: save it again")
