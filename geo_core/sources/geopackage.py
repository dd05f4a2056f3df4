"""GeoPackage: an SQLite database, so that its own programs are refused before GDAL opens it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Final

from geo_core.sources import vector
from geo_core.sources.base import Job, Parsed, Source, refuse

_MAGIC: Final = b"SQLite format 3\0"
# Written by GDAL and QGIS to keep indexes and counts; in a file opened to be read, none fires.
_USUAL: Final = re.compile(
    r"rtree_\w+_(insert|delete|update\d)|trigger_(insert|delete)_feature_count_\w+"
    r"|gpkg_(tile_matrix|metadata|metadata_reference)_\w+|fid_\w+",
    re.IGNORECASE,
)


def parse(job: Job) -> Parsed:
    """Read one layer of a GeoPackage."""
    with job.path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            refuse(job, "is not a GeoPackage", hint="its ending may be wrong")
    _check_pending(job)
    _check_programs(job)
    return vector.read(job, str(job.path), driver="GPKG", IMMUTABLE="YES")


def _check_pending(job: Job) -> None:
    log = Path(f"{job.path}-wal")
    if log.exists() and log.stat().st_size:
        hint = "close the program that has it open (QGIS), then try again"
        refuse(job, "has changes that are not yet written into it", hint=hint)


def _check_programs(job: Job) -> None:
    try:
        with sqlite3.connect(f"{job.path.as_uri()}?mode=ro&immutable=1", uri=True) as database:
            parts = database.execute(
                "SELECT type, name, coalesce(sql, '') FROM sqlite_schema"
            ).fetchall()
    except sqlite3.Error:
        refuse(job, "is not a readable GeoPackage", hint="save it again from QGIS")
    for kind, name, sql in parts:
        virtual = (
            sql.upper().startswith("CREATE VIRTUAL TABLE") and "USING RTREE" not in sql.upper()
        )
        if kind == "view" or virtual or (kind == "trigger" and not _USUAL.fullmatch(name)):
            what = "virtual table" if virtual else kind
            hint = "export the layer from QGIS into a new GeoPackage"
            refuse(job, f"holds a {what}, which runs when it is used", hint=hint)


SOURCE: Final = Source("GeoPackage", (".gpkg",), parse, drivers=("GPKG",))
