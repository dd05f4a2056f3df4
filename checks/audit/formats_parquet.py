"""A table holds its rows and nothing else: whoever writes its rows again gets the same bytes.

Besides rows, a file has pages, dictionaries, extremes of pages and groups, and texts of the
writer: places where figures can stand that no row has. They are functions of the rows if the same
library makes the same file of them.
"""

from __future__ import annotations

import io
import re
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from checks.audit.documents import leaves
from checks.audit.findings import Tally
from checks.audit.published import Published

KEYS: Final = frozenset({"ARROW:schema", "geo", "atlante", "pandas"})
"""Texts of the writer that a file may have."""
WRITER: Final = re.compile(
    r"[a-z-]{1,30} version \d{1,4}\.\d{1,4}\.\d{1,4}( \(build [0-9a-f]{0,40}\))?"
)
"""Name and version of a writer."""


def check(tally: Tally, published: Published) -> None:
    """Check every table."""
    for name, raw in published.files.items():
        if name.endswith(".parquet"):
            try:
                file = pq.ParquetFile(io.BytesIO(raw))
                _file(tally, name, file)
                if published.folder is None:  # its files are made again from more than rows
                    _made(tally, name, raw, file)
            except (OSError, ValueError, pa.ArrowException) as error:
                tally.find(name, f"the file cannot be read: {error}")


def _file(tally: Tally, name: str, file: Any) -> None:
    """Check the texts of a file."""
    metadata = file.metadata
    texts = {key.decode(): value for key, value in (metadata.metadata or {}).items()}
    tally.require(
        texts.keys() <= KEYS, name, "texts of the writer with unknown names", names=sorted(texts)
    )
    described = file.schema_arrow
    odd = [field.name for field in described if field.metadata]
    tally.require(not odd, name, "columns that carry texts of their own", columns=odd)
    listed = [field.name for field in described if pa.types.is_dictionary(field.type)]
    tally.require(not listed, name, "columns with a list of values of their own", columns=listed)
    if "atlante" in texts:
        numbers = [path for path, v in leaves(orjson.loads(texts["atlante"])) if _number(v)]
        tally.require(not numbers, name, "a description with numbers", numbers=numbers[:9])
    tally.require(
        WRITER.fullmatch(metadata.created_by) is not None,
        name,
        "a text of the writer that is not its name and version",
        created_by=metadata.created_by,
    )


def _made(tally: Tally, name: str, raw: bytes, file: Any) -> None:
    """Check that writing its rows again gives the same bytes."""
    metadata = file.metadata
    if not metadata.created_by.endswith(f" {pa.__version__}"):
        tally.note(
            f"{name}: fatto da {metadata.created_by}: qui non si può rifare / "
            f"{name}: made by {metadata.created_by}: it cannot be made again here"
        )
        return
    tally.count(metadata.num_rows)
    if any(pa.types.is_list(field.type) for field in file.schema_arrow):
        return  # their names inside a file are not those that reading gives
    if metadata.num_row_groups and _again(file) != raw:
        tally.find(name, "the file holds more than its rows: written again it has other bytes")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _again(file: Any) -> bytes:
    """Return the bytes of a file with the same rows, written in the same way."""
    group = file.metadata.row_group(0)
    first = group.column(0)
    target = io.BytesIO()
    pq.write_table(
        file.read(),
        target,
        row_group_size=max(group.num_rows, 1),
        compression=first.compression.lower().replace("uncompressed", "none"),
        write_page_index=first.has_column_index,
    )
    return target.getvalue()
