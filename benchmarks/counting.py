"""Measure the intake of long tables of records: as the build reads them, and the plain way beside.

    python -m benchmarks.counting [records ...]

`atlante synth` writes need records of the demonstration district, each with its H3 cell of
resolution 8 (or its municipality: nothing finer is taken). They are read, checked, reduced to one
record a person and year, and counted by cell, category and year, with the code of the build. The
plain way is `pandas.read_csv`, one call of `h3` for each row, `drop_duplicates` and a `groupby`,
without any other check; it is run up to `PLAIN_UP_TO` records, and both must count the same.

Each row is a process of its own, so that its peak memory is its own. Seconds are of the
processors and of the clock: other work on the machine changes the second only.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import h3
import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from geo_core.catalog import read_catalog
from geo_core.ingest.intake import check_chunks
from geo_core.ingest.kinds import References, kind
from geo_core.model.cells import LEAF
from geo_core.sources import csv, csv_chunks
from geo_core.synth.district import SEED, YEAR, write_district

ROOT: Final = Path(__file__).resolve().parents[1]
SIZES: Final = (100_000, 1_000_000, 10_000_000)
PLAIN_UP_TO: Final = 1_000_000
TABLE: Final = "rilevazioni"
KEYS: Final = ["anno", "luogo", "categoria"]


class Cost(NamedTuple):
    """What one way cost, and a hash of what it counted."""

    cpu: float
    seconds: float
    peak_mib: float
    records: int
    digest: str


def streamed(folder: str) -> Cost:
    """Read, check and count with the code of the build."""
    path = Path(folder) / f"{TABLE}.csv"
    columns = kind(read_catalog(ROOT), TABLE, _known(path.parent)).columns
    begun = time.process_time(), time.perf_counter()
    with Progress(transient=True) as shown:
        task = shown.add_task(TABLE, total=None)
        found = check_chunks(
            path,
            csv_chunks.chunks(path),
            table=TABLE,
            columns=columns,
            progress=lambda rows: shown.update(task, description=f"{rows:,} records"),
        )
    if found.refused:
        raise ValueError(f"{found.problems[0]}")
    return _cost(begun, found.rows_in, found.counts)


def plain(folder: str) -> Cost:
    """Count as one would in a notebook."""
    begun = time.process_time(), time.perf_counter()
    rows = pd.read_csv(Path(folder) / f"{TABLE}.csv", dtype=str, keep_default_na=False)
    rows["anno"] = rows["periodo"].str[:4].astype(int)
    wrong = [len(p) != 6 and h3.get_resolution(p) != LEAF for p in rows["unita_luogo"]]
    ordered = rows.sort_values(["periodo", "id_org", "unita_luogo", "area_utenza"])
    again = (ordered["pseudonimo"] != "") & ordered.duplicated(["anno", "pseudonimo"])
    once = ordered[~again].rename(columns={"unita_luogo": "luogo", "area_utenza": "categoria"})
    counts = once.astype({"n_persone": int}).groupby(KEYS)["n_persone"].sum()
    if any(wrong):
        raise ValueError("a cell of another resolution")
    return _cost(begun, len(rows), counts.reset_index(name="n"))


def _known(folder: Path) -> References:
    people = csv_chunks.read(folder / "popolazione.csv")
    return References(
        organisations=frozenset(csv.read(folder / "organizzazioni.csv")["id_org"]),
        municipalities=frozenset(people["cod_istat"]),
        cells=frozenset(people["h3"]),
        years=frozenset({YEAR - 1, YEAR}),
    )


def _cost(begun: tuple[float, float], records: int, counts: pd.DataFrame) -> Cost:
    cpu, seconds = time.process_time() - begun[0], time.perf_counter() - begun[1]
    digest = hashlib.sha256(counts.to_csv(index=False).encode()).hexdigest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(cpu, seconds, peak, records, digest)


def write(folder: str, records: int) -> None:
    """Write the demonstration district with this many need records."""
    write_district(Path(folder), seed=SEED, records=records)


def apart[Result](work: Callable[..., Result], *given: object) -> Result:
    """Run something in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def table_of(sizes: list[int], console: Console) -> bool:
    """Print the table; tell whether both ways counted the same."""
    table = Table(
        "records", "cpu s", "µs each", "clock s", "MiB", "plain: cpu s", "MiB", "times as fast",
        title="records of cells of resolution 8: read, checked, counted once a person",
    )  # fmt: skip
    same = True
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            with console.status(f"synth --cases {size}"):
                apart(write, folder, size)
            ours = apart(streamed, folder)
            theirs = apart(plain, folder) if size <= PLAIN_UP_TO else None
        same = same and (theirs is None or theirs.digest == ours.digest)
        table.add_row(*_row(ours, theirs))
    console.print(table)
    console.print("both ways count the same" if same else "the two ways DIFFER")
    return same


def _row(ours: Cost, theirs: Cost | None) -> tuple[str, ...]:
    beside = ("", "", "")
    if theirs is not None:
        ratio = theirs.cpu / ours.cpu
        beside = (f"{theirs.cpu:.1f}", f"{theirs.peak_mib:.0f}", f"{ratio:.1f}")
    return (
        f"{ours.records:,}",
        f"{ours.cpu:.1f}",
        f"{1e6 * ours.cpu / ours.records:.1f}",
        f"{ours.seconds:.1f}",
        f"{ours.peak_mib:.0f}",
        *beside,
    )


def main() -> int:
    """Print the table for the sizes on the command line."""
    return 0 if table_of([int(a) for a in sys.argv[1:]] or list(SIZES), Console()) else 1


if __name__ == "__main__":
    sys.exit(main())
