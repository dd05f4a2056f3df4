"""Measure placing and counting of point records: streamed, and the plain way beside it.

    python -m benchmarks.counting [records ...]

Each row is a process of its own, so that its peak memory is its own. A CSV file of invented
points (lon, lat, categoria, mese) is read, placed on H3 cells of resolution 8 and counted by
cell, category and month. The plain way is a GeoDataFrame of points, one call of `h3` per row
and a `groupby`; it is run up to `PLAIN_UP_TO` records, and both must count the same.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from geo_core.place.counting import count_points
from geo_core.synth.themes import NEEDS

SIZES: Final = (100_000, 1_000_000, 10_000_000)
PLAIN_UP_TO: Final = 1_000_000
BATCH: Final = 250_000
TYPES: Final = {"lon": pa.float64(), "lat": pa.float64()}


class Cost(NamedTuple):
    """What one way cost, and a hash of what it counted."""

    seconds: float
    peak_mib: float
    groups: int
    digest: str


def streamed(path: str) -> Cost:
    """Count with `geo_core.place.counting`."""
    start = time.perf_counter()
    with Progress(transient=True) as progress:
        task = progress.add_task(path, total=None)
        counted = count_points(
            _batches(path), progress=lambda n: progress.update(task, completed=n)
        )
    return _cost(start, counted.counts.to_pandas())


def plain(path: str) -> Cost:
    """Count as one would in a notebook."""
    start = time.perf_counter()
    rows = pd.read_csv(path)
    points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]))
    points["h3"] = points.geometry.apply(lambda p: h3.latlng_to_cell(p.y, p.x, 8))
    return _cost(start, points.groupby(["h3", "categoria", "mese"]).size().reset_index(name="n"))


def _batches(path: str) -> Iterator[pa.RecordBatch]:
    options = pyarrow.csv.ConvertOptions(column_types=TYPES)
    read = pyarrow.csv.ReadOptions(block_size=8 << 20)
    with pyarrow.csv.open_csv(path, read_options=read, convert_options=options) as reader:
        yield from reader


def _cost(start: float, counts: pd.DataFrame) -> Cost:
    seconds = time.perf_counter() - start
    digest = hashlib.sha256(counts.to_csv(index=False).encode()).hexdigest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(seconds, peak, len(counts), digest)


def write_points(path: Path, count: int) -> None:
    """Write invented points: a third everywhere in a box, the others around 300 villages."""
    rng = np.random.default_rng(20231231)
    villages = rng.uniform((7.8, 45.1), (8.5, 45.9), (300, 2))
    months = np.array([f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)])
    with path.open("w", encoding="utf-8") as file:
        file.write("lon,lat,categoria,mese\n")
        for done in range(0, count, BATCH):
            n = min(BATCH, count - done)
            near = villages[rng.integers(0, 300, n)] + rng.normal(0, 0.01, (n, 2))
            where = np.where(
                rng.random((n, 1)) < 1 / 3, rng.uniform((7.8, 45.1), (8.5, 45.9), (n, 2)), near
            )
            frame = pd.DataFrame(np.round(where, 6), columns=["lon", "lat"])
            frame["categoria"] = rng.choice(np.array(list(NEEDS.categories)), n)
            frame["mese"] = rng.choice(months, n)
            frame.to_csv(file, index=False, header=False)


def apart(way: Callable[[str], Cost], path: Path) -> Cost:
    """Run one way in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(way, (str(path),))


def main() -> int:
    """Print the table."""
    sizes = [int(a) for a in sys.argv[1:]] or list(SIZES)
    table = Table(
        "records", "groups", "seconds", "records/s", "µs each", "peak MiB", "plain way, s",
        "plain way, MiB", "times as fast", title="placed at resolution 8 and counted",
    )  # fmt: skip
    same = True
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.csv"
            write_points(path, size)
            ours = apart(streamed, path)
            theirs = apart(plain, path) if size <= PLAIN_UP_TO else None
            same = same and (theirs is None or theirs.digest == ours.digest)
            table.add_row(*_row(size, ours, theirs))
            path.unlink()
    Console().print(table)
    print("both ways count the same" if same else "the two ways DIFFER")
    return 0 if same else 1


def _row(size: int, ours: Cost, theirs: Cost | None) -> tuple[str, ...]:
    beside = ("", "", "")
    if theirs is not None:
        ratio = theirs.seconds / ours.seconds
        beside = (f"{theirs.seconds:.1f}", f"{theirs.peak_mib:.0f}", f"{ratio:.1f}")
    return (
        f"{size:,}",
        f"{ours.groups:,}",
        f"{ours.seconds:.1f}",
        f"{size / ours.seconds:,.0f}",
        f"{1e6 * ours.seconds / size:.2f}",
        f"{ours.peak_mib:.0f}",
        *beside,
    )


if __name__ == "__main__":
    sys.exit(main())
