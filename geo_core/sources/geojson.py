"""GeoJSON: one collection of features, or several pages of one."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Final

from geo_core.sources import vector
from geo_core.sources.base import Job, Parsed, Source, check_names, check_size, refuse

_START: Final = (b"{", b"\xef\xbb\xbf{")


def parse(job: Job) -> Parsed:
    """Read one GeoJSON; several places are pages of one collection, in order."""
    pages = [_page(job, Path(place)) for place in job.places]
    first = pages[0]
    if len(pages) == 1:
        return first
    names = list(dict.fromkeys(chain.from_iterable(page.columns for page in pages)))
    check_names(job, names, at=vector.HEADER)
    rows = sum(len(page.rows) for page in pages)
    check_size(job, rows=rows, columns=len(names))
    drawn = any(page.wkb is not None for page in pages)
    return Parsed(
        columns={
            name: [c for page in pages for c in page.columns.get(name, [None] * len(page.rows))]
            for name in names
        },
        rows=range(1, rows + 1),
        wkb=[s for page in pages for s in page.wkb or [None] * len(page.rows)] if drawn else None,
        crs=first.crs,
        found=(*first.found, f"{len(pages)} pages"),
    )


def _page(job: Job, path: Path) -> Parsed:
    with path.open("rb") as file:
        if not file.read(1024).lstrip(b" \t\r\n").startswith(_START):
            refuse(job, "is not GeoJSON", hint="it begins with { and is UTF-8")
    return vector.read(job, str(path), driver="GeoJSON", DATE_AS_STRING="YES")


SOURCE: Final = Source("GeoJSON", (".geojson",), parse, drivers=("GeoJSON",))
