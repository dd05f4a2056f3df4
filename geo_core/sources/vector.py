"""Reads one layer of a vector file with GDAL. Runs in the worker only."""

from __future__ import annotations

import warnings
from typing import Any

import pyarrow as pa

from geo_core.sources.base import Cell, Job, Parsed, check_names, check_size, refuse
from geo_core.sources.text import cell

HEADER = "its columns"


def read(job: Job, place: str, *, driver: str, **options: str) -> Parsed:
    """Read one layer.

    Parameters
    ----------
    job : Job
        `layer` names one of several; its limits hold.
    place : str
        What GDAL opens.
    driver : str
        The only driver that may exist in this process.
    **options : str
        Open options of the driver.

    Raises
    ------
    SourceError
        Not a file of this driver, no such layer, or beyond the limits.
    """
    import pyogrio  # noqa: PLC0415 - in the worker, after its limits

    if set(pyogrio.list_drivers()) != {driver}:
        refuse(job, "cannot be read safely here", hint=f"GDAL must offer {driver} and no more")
    warnings.simplefilter("ignore", RuntimeWarning)  # what GDAL says may repeat a cell
    try:
        layer = _layer(job, [str(name) for name, _ in pyogrio.list_layers(place)])
        info = pyogrio.read_info(place, layer=layer, **options)
        check_names(job, [str(name) for name in info["fields"]], at=HEADER)
        check_size(job, rows=info["features"], columns=len(info["fields"]))
        meta, table = pyogrio.raw.read_arrow(
            place,
            layer=layer,
            max_features=job.limits.rows + 1,
            bbox=job.boxes.get(info["crs"]),
            datetime_as_string=True,
            **options,
        )
        table.validate(full=True)
    except MemoryError:  # also one of Arrow's own
        raise
    except (RuntimeError, pa.ArrowException):  # the first is the root of GDAL's errors in pyogrio
        hint = "open it in QGIS and save it again"
        refuse(job, f"is not a readable {driver} file", hint=hint)
    check_size(job, rows=table.num_rows, columns=table.num_columns)
    return _parsed(job, meta, table)


def _layer(job: Job, names: list[str]) -> str:
    shown = ", ".join(name for name in names[:20] if name.isprintable())
    if job.layer is None:
        if len(names) != 1:
            hint = f"name one of: {shown}" if names else "export a layer into it"
            refuse(job, f"holds {len(names)} layers", hint=hint)
        return names[0]
    if job.layer not in names:
        refuse(job, "has no layer of that name", hint=f"it has: {shown}")
    return job.layer


def _parsed(job: Job, meta: dict[str, Any], table: pa.Table) -> Parsed:
    rows = range(1, table.num_rows + 1)
    shape = meta["geometry_name"] or "wkb_geometry"
    drawn = meta["geometry_type"] is not None and shape in table.column_names
    columns = {
        name: texts(job, name, table.column(name))
        for name in table.column_names
        if not (drawn and name == shape)
    }
    encoding = f"encoding {meta['encoding']}"
    wkb = table.column(shape).to_pylist() if drawn else None
    return Parsed(columns, rows, wkb=wkb, crs=meta["crs"], found=(encoding,))


def texts(job: Job, name: str, column: pa.ChunkedArray) -> list[Cell]:
    """Return a column as text."""
    values = column.to_pylist()
    return [cell(job, value, column=name, row=row) for row, value in enumerate(values, start=1)]
