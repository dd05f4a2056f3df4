"""Measure points placed on H3 and counted by cell, category and month, as a stream.

    python -m benchmarks.points [points ...]

No office hands in points of persons: what is finer than a cell is refused at the door. This
measures what the build would do with them, with its own parts: `model.cells.at` places each point
at resolution 8 and `ingest.tally.Tally` counts. A CSV file of invented points (lon, lat, category,
month) is read batch by batch, each size in a process of its own. The plain way is a GeoDataFrame,
one call of `h3` a row and a `groupby`; it is run up to `PLAIN_UP_TO`, and both must count the same.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import repeat
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

from benchmarks.counting import PLAIN_UP_TO, SIZES, apart
from geo_core.ingest.tally import Tally
from geo_core.model.cells import LEAF, at
from geo_core.synth.themes import NEEDS

KEYS: Final = ("h3", "categoria", "mese")
BOX: Final = ((7.8, 45.1), (8.5, 45.9))
"""South-west and north-east corner, degrees."""
BATCH: Final = 250_000


class Cost(NamedTuple):
    """What one way cost, and a hash of what it counted."""

    cpu: float
    seconds: float
    peak_mib: float
    groups: int
    digest: str


def streamed(path: str) -> Cost:
    """Place and count batch by batch."""
    begun = time.process_time(), time.perf_counter()
    tally = Tally(KEYS)
    with Progress(transient=True) as shown:
        task = shown.add_task("points", total=None)
        for batch in _batches(path):
            lat, lon = (batch[name].to_pylist() for name in ("lat", "lon"))
            placed = pa.array(map(at, lat, lon, repeat(LEAF)), pa.string())
            once = np.ones(batch.num_rows, np.int64)
            tally.add(placed, batch["categoria"], batch["mese"], once)
            shown.update(task, description=f"{tally.total:,} points")
    return _cost(begun, tally.counts().to_pandas())


def plain(path: str) -> Cost:
    """Count as one would in a notebook."""
    begun = time.process_time(), time.perf_counter()
    rows = pd.read_csv(path)
    points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]))
    points["h3"] = points.geometry.apply(lambda p: h3.latlng_to_cell(p.y, p.x, LEAF))
    return _cost(begun, points.groupby(list(KEYS)).size().reset_index(name="n"))


def write(path: str, points: int) -> None:
    """Write invented points: a third anywhere in a box, the others around 300 villages."""
    rng = np.random.default_rng(20231231)
    villages = rng.uniform(*BOX, (300, 2))
    months = np.array([f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)])
    with Path(path).open("w", encoding="utf-8") as file:
        file.write("lon,lat,categoria,mese\n")
        for done in range(0, points, BATCH):
            n = min(BATCH, points - done)
            near = villages[rng.integers(0, 300, n)] + rng.normal(0, 0.01, (n, 2))
            where = np.where(rng.random((n, 1)) < 1 / 3, rng.uniform(*BOX, (n, 2)), near)
            frame = pd.DataFrame(np.round(where, 6), columns=["lon", "lat"])
            frame["categoria"] = rng.choice(np.array(list(NEEDS.categories)), n)
            frame["mese"] = rng.choice(months, n)
            frame.to_csv(file, index=False, header=False)


def main() -> int:
    """Print the table."""
    table = Table(
        "points", "groups", "cpu s", "µs each", "clock s", "MiB", "plain: cpu s", "MiB",
        "times as fast", title="points placed at resolution 8 and counted",
    )  # fmt: skip
    same = True
    with tempfile.TemporaryDirectory() as folder:
        for size in [int(a) for a in sys.argv[1:]] or list(SIZES):
            path = str(Path(folder) / f"{size}.csv")
            apart(write, path, size)
            ours = apart(streamed, path)
            theirs = apart(plain, path) if size <= PLAIN_UP_TO else None
            same = same and (theirs is None or theirs.digest == ours.digest)
            table.add_row(*_row(size, ours, theirs))
            Path(path).unlink()
    Console().print(table, "both ways count the same" if same else "the two ways DIFFER")
    return 0 if same else 1


def _batches(path: str) -> Iterator[pa.RecordBatch]:
    options = pyarrow.csv.ConvertOptions(column_types={"lon": pa.float64(), "lat": pa.float64()})
    read = pyarrow.csv.ReadOptions(block_size=8 << 20)
    with pyarrow.csv.open_csv(path, read_options=read, convert_options=options) as reader:
        yield from reader


def _cost(begun: tuple[float, float], counts: pd.DataFrame) -> Cost:
    cpu, seconds = time.process_time() - begun[0], time.perf_counter() - begun[1]
    digest = hashlib.sha256(counts.to_csv(index=False).encode()).hexdigest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(cpu, seconds, peak, len(counts), digest)


def _row(points: int, ours: Cost, theirs: Cost | None) -> tuple[str, ...]:
    each = 1e6 * ours.cpu / points
    own = (f"{ours.cpu:.1f}", f"{each:.2f}", f"{ours.seconds:.1f}", f"{ours.peak_mib:.0f}")
    if theirs is None:
        return (f"{points:,}", f"{ours.groups:,}", *own, "", "", "")
    ratio = theirs.cpu / ours.cpu
    beside = (f"{theirs.cpu:.1f}", f"{theirs.peak_mib:.0f}", f"{ratio:.1f}")
    return (f"{points:,}", f"{ours.groups:,}", *own, *beside)


if __name__ == "__main__":
    sys.exit(main())
