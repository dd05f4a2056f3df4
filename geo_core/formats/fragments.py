"""GeoJSON Features, encoded once: one per line, with an index of where each line starts.

The server answers a page by joining lines, so nothing is encoded at request time. Fragment
`i` is `lines[index[i] : index[i + 1] - 1]`; the index holds n + 1 little-endian 64-bit
unsigned integers. Rows stand in the order of the GeoParquet file.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson
from shapely.geometry import mapping

from geo_core.errors import ReleaseDamaged
from geo_core.formats.rows import rows_of
from geo_core.model.layer import Layer
from geo_core.model.tables import Table

name: Final = "fragments"
media_type: Final = "application/geo+json-seq"
INDEX_SUFFIX: Final = ".idx"

_OFFSET: Final = np.dtype("<u8")


def covers(layer: Layer) -> bool:  # noqa: ARG001 - the contract of every format
    """Tell whether this format can hold a layer: always."""
    return True


def write(table: Table, target: Path) -> None:
    """Write a collection's features, and their index beside them.

    Parameters
    ----------
    table : Table
        Rows that may be published.
    target : Path
        File of lines; the index has the same name with the ending `.idx`.
    """
    rows = rows_of(table)
    names = list(rows.columns)
    lines = [
        orjson.dumps(
            {
                "type": "Feature",
                "id": ident,
                "geometry": None if shape is None else mapping(shape),
                "properties": dict(zip(names, values, strict=True)),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for ident, shape, *values in zip(
            rows.ids, rows.geometry, *rows.columns.values(), strict=True
        )
    ]
    offsets = np.cumsum([0, *(len(line) for line in lines)], dtype=_OFFSET)
    target.write_bytes(b"".join(lines))
    target.with_suffix(INDEX_SUFFIX).write_bytes(offsets.tobytes())


@dataclass(frozen=True, slots=True)
class Fragments:
    """Encoded features of one collection, memory-mapped."""

    lines: mmap.mmap | bytes
    index: list[int]

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.index) - 1

    def __getitem__(self, row: int) -> bytes:
        """Return one encoded feature, without a line end; `row` from 0 to n - 1."""
        return self.lines[self.index[row] : self.index[row + 1] - 1]

    def joined(self, rows: Iterable[int]) -> bytes:
        """Return encoded features separated by commas, in the order asked for."""
        lines, index = self.lines, self.index
        return b",".join([lines[index[row] : index[row + 1] - 1] for row in rows])


def open_fragments(path: Path) -> Fragments:
    """Map the fragments of a collection into memory.

    Parameters
    ----------
    path : Path
        File of lines; its index lies beside it.

    Raises
    ------
    ReleaseDamaged
        The index does not fit the lines.
    """
    index = np.fromfile(path.with_suffix(INDEX_SUFFIX), dtype=_OFFSET).astype(np.int64)
    size = path.stat().st_size
    if not len(index) or index[0] != 0 or index[-1] != size or (np.diff(index) < 2).any():
        raise ReleaseDamaged("the index does not fit the lines", where=path.name)
    if size == 0:  # an empty file cannot be mapped
        return Fragments(b"", index.tolist())
    with path.open("rb") as file:
        return Fragments(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), index.tolist())
