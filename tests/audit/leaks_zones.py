"""Deliberate leaks in the figures of zones that are coarser than every collection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from leaks_folder import leak
from leaks_manifest import manifest

TABLE = "zones/bisogni.parquet"

type Rows = list[dict[str, Any]]


def rows(what: str, change: Callable[[Rows], object], check: str = "replay") -> None:
    """Register a leak in the rows, which are written as they were."""

    def plant(folder: Path) -> None:
        table = pq.read_table(folder / TABLE)
        found = table.to_pylist()
        change(found)
        again = pa.Table.from_pylist(found, schema=table.schema)
        pq.write_table(again, folder / TABLE, compression="zstd")

    leak(check, what)(plant)


def of_level(found: Rows, level: int) -> dict[str, Any]:
    """Return the first row of a level."""
    return next(row for row in found if row["livello"] == level)


def text(what: str, **values: Any) -> None:
    """Register a leak in the texts of one row."""
    rows(what, lambda found: of_level(found, 1).update(values))


def moved(level: int, name: str, by: float) -> Callable[[Rows], object]:
    def change(found: Rows) -> None:
        row = of_level(found, level)
        row[name] = (row[name] or 0) + by

    return change


rows("a coarse sum of true counts", moved(6, "n_a", 200))
rows("a total of a coarse zone that its categories do not make", moved(0, "n_tutti", 200))
rows("a coarse sum of one person more", moved(3, "n_c", 1))
rows("a coarse sum of other persons than its areas", moved(3, "n_a", 200), "differencing")
rows("a coarse zone with residents of its own", moved(5, "residenti", 1))
rows("a coarse zone with cells of its own", moved(5, "celle", 1))
rows("a rate of a coarse zone without an interval", moved(4, "tasso_a", 1.5))
rows("a share of a coarse zone that counts do not make", moved(4, "quota_a", 1.5))
rows("a coarse area that residents do not make",
     lambda found: of_level(found, 2).update(id=of_level(found, 6)["id"]))  # fmt: skip
rows("a level without one of its areas", lambda found: found.pop())
rows("an area of a coarse level twice", lambda found: found.append(found[-1]))
text("a hidden count in the source of a coarse zone", fonte="117")
text("a period of a coarse zone that tells", periodo_fine="2023-11-17")
rows("coarse zones in an order of their own", lambda found: found.reverse(), "formats")


@leak("formats", "a column of coarse zones that no field is")
def _column(folder: Path) -> None:
    table = pq.read_table(folder / TABLE)
    more = table.append_column("veri", pa.array([117] * len(table)))
    pq.write_table(more, folder / TABLE, compression="zstd")


@leak("formats", "a text of the writer in a table of zones")
def _text(folder: Path) -> None:
    table = pq.read_table(folder / TABLE)
    said = table.schema.metadata | {b"n": b"117"}
    pq.write_table(table.replace_schema_metadata(said), folder / TABLE, compression="zstd")


@leak("formats", "bytes after a table of zones")
def _bytes(folder: Path) -> None:
    table = pq.read_table(folder / TABLE)
    pq.write_table(table, folder / TABLE, compression="zstd", compression_level=7)


@leak("collect", "a table of zones that is none")
def _garbage(folder: Path) -> None:
    (folder / TABLE).write_bytes(b"117")


def _said(what: str, change: Callable[[dict[str, Any]], object]) -> None:
    manifest(what, lambda said: change(said["zones"][0]))


_said("levels of zones that are not all", lambda one: one["levels"].pop())
_said("levels of zones that have a collection", lambda one: one["levels"].append(7))
_said("a table of zones at a place of its own", lambda one: one.update(path="zones/n117.parquet"))
_said("a member of a table of zones", lambda one: one.update(rows=117))
manifest("zones that nobody says", lambda said: said["zones"].clear())
