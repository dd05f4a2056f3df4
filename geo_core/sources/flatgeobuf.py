"""FlatGeobuf: one layer in one binary file."""

from __future__ import annotations

from typing import Final

from geo_core.sources import vector
from geo_core.sources.base import Job, Parsed, Source, refuse

_MAGIC: Final = b"fgb\x03fgb"


def parse(job: Job) -> Parsed:
    """Read one FlatGeobuf, in the order in which the file holds its features."""
    with job.path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            refuse(job, "is not a FlatGeobuf", hint="its ending may be wrong")
    return vector.read(job, str(job.path), driver="FlatGeobuf", VERIFY_BUFFERS="YES")


SOURCE: Final = Source("FlatGeobuf", (".fgb",), parse, drivers=("FlatGeobuf",))
