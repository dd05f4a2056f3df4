"""The lineage of a collection as one JSON document, of which one unit is read by itself.

The first line says how values are computed; every other has the inputs of one unit, in the order
of their ids, so that a unit is found without reading the rest.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from geo_core.model.trace import Trace, Traced

FOLDER: Final = "lineage"
_HEAD: Final = b'{"lineage":'
_BETWEEN: Final = b',"features":['
_END: Final = b"\n]}\n"


def path_of(collection: str) -> str:
    """Return where the lineage of a collection lies in a release."""
    return f"{FOLDER}/{collection}.json"


def write(traced: Traced, target: Path) -> None:
    """Write the lineage of a collection."""
    lines = [
        b"\n" + orjson.dumps({"id": ident, "inputs": values})
        for ident, values in zip(traced.ids, traced.values.tolist(), strict=True)
    ]
    head = _HEAD + orjson.dumps(traced.trace.model_dump(mode="json")) + _BETWEEN
    target.write_bytes(head + b",".join(lines) + _END)


@dataclass(frozen=True, eq=False)
class LineageFile:
    """A lineage, mapped into memory."""

    content: mmap.mmap

    @cached_property
    def trace(self) -> Trace:
        """How values are computed."""
        head = self.content[: self.content.find(b"\n")]
        return Trace.model_validate_json(head.removeprefix(_HEAD).removesuffix(_BETWEEN))

    def inputs(self, ident: str) -> tuple[int, ...] | None:
        """Return the inputs of one unit; None where it has none."""
        start = self.content.find(b'\n{"id":' + orjson.dumps(ident) + b",") + 1
        if not start:
            return None
        line = self.content[start : self.content.find(b"\n", start)]
        return tuple(orjson.loads(line.removesuffix(b","))["inputs"])

    def whole(self) -> Traced:
        """Return the lineage of all units."""
        features = orjson.loads(self.content[:])["features"]
        values = np.array([one["inputs"] for one in features], dtype=np.int64)
        ids = [str(one["id"]) for one in features]
        return Traced(self.trace, ids, values.reshape(len(ids), len(self.trace.inputs)))


def open_lineage(path: Path) -> LineageFile:
    """Map the lineage of a collection into memory."""
    with path.open("rb") as file:
        return LineageFile(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
