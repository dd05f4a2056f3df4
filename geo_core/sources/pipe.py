"""How a table crosses the pipe from a worker: one Arrow stream, everything by position."""

from __future__ import annotations

import json
from typing import Any, Final

import pyarrow as pa

from geo_core.sources.base import Parsed

_KEY: Final = b"atlante"


def pack(parsed: Parsed) -> Any:
    """Return an Arrow table: row numbers, the columns, and the geometry if there is one."""
    arrays = [pa.array(parsed.rows, pa.int64())]
    arrays += [pa.array(cells, pa.large_string()) for cells in parsed.columns.values()]
    if parsed.wkb is not None:
        arrays.append(pa.array(parsed.wkb, pa.large_binary()))
    about = {
        "names": list(parsed.columns),
        "geometry": parsed.wkb is not None,
        "crs": parsed.crs,
        "found": parsed.found,
    }
    fields = [pa.field(str(position), array.type) for position, array in enumerate(arrays)]
    schema = pa.schema(fields, metadata={_KEY: json.dumps(about).encode()})
    return pa.Table.from_arrays(arrays, schema=schema)


def unpack(stream: bytes) -> Parsed:
    """Return the table of one Arrow stream, checked."""
    with pa.ipc.open_stream(stream) as reader:
        table = reader.read_all()
    table.validate(full=True)
    about = json.loads(table.schema.metadata[_KEY])
    columns = [column.to_pylist() for column in table.columns]
    names = about["names"]
    return Parsed(
        columns=dict(zip(names, columns[1 : len(names) + 1], strict=True)),
        rows=columns[0],
        wkb=columns[-1] if about["geometry"] else None,
        crs=about["crs"],
        found=tuple(about["found"]),
    )
