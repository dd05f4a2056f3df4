"""Compare servers of the tiles of one raster: ours, ours without keeping answers, stock titiler.

    python -m benchmarks.rasters_serving [home]

The raster of accessibility with the most tiles at zoom 11, in the same colours, one process
each, 8 clients. The pictures are compared first. Every server is asked in turn, three times over;
the median rate counts, and the least processor time of an answer. `home` has a release; without
it the demonstration is built. About a minute and a half.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import rasterio

from benchmarks.processes import memory_mib, processor_s
from benchmarks.serving_load import Load, NoLoad, installed, load
from benchmarks.serving_peers import NoPeer, bare
from checks.served import DidNotRun, Running, build_demo, serve
from geo_core.model.mercator import tile_range
from geo_core.release.pointer import current
from geo_core.release.read import Release, open_release

RASTER: Final = "accessibilita_h3_r8_min_nido"
ZOOM: Final = 11
ROUNDS: Final = 3
SECONDS: Final = 5
KEPT, MADE, STOCK = "ours, kept", "ours, made each time", "titiler, stock"


class Server(NamedTuple):
    """A running server and its addresses of the tiles."""

    name: str
    running: Running
    targets: Sequence[str]


def main(arguments: Sequence[str]) -> int:
    """Print the table as markdown; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="rasters") as folder:
        try:
            installed()
            home = Path(arguments[0]) if arguments else Path(folder) / "home"
            if not arguments:
                build_demo(home)
            _measure(home, Path(folder))
        except (NoPeer, NoLoad, DidNotRun) as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    return 0


def _measure(home: Path, folder: Path) -> None:
    release = open_release(home / "releases" / str(current(home / "releases")))
    ours, stock = _addresses(release)
    with ExitStack() as stack:
        start = stack.enter_context
        none = {"ATLANTE_CACHE_MIB": "0"}
        servers = [
            Server(KEPT, start(serve(home, log=folder / "kept.log")), ours),
            Server(MADE, start(serve(home, log=folder / "made.log", settings=none)), ours),
            Server(STOCK, start(bare(folder, "benchmarks.rasters_stock:app")), stock),
        ]
        _agree(servers)
        print(_table(servers, folder))


def _addresses(release: Release) -> tuple[list[str], list[str]]:
    """Return our addresses of the tiles and those of the stock factory, which names everything."""
    raster = next(one for one in release.manifest.rasters if one.id == RASTER)
    info = release.info(raster.shown)
    style = release.manifest.styles[info.layer.family]
    most = 1e9
    colours = [
        [[row.min or 0, row.max or most], [*bytes.fromhex(row.colour[1:]), 255]]
        for row in style.classes
    ]
    said = urllib.parse.urlencode(
        {"url": release.path(raster.path), "colormap": json.dumps(colours)}
    )
    tiles = tile_range(info.bbox or (0, 0, 0, 0), ZOOM)
    places = [
        f"{ZOOM}/{x}/{y}"
        for x in range(tiles.min_x, tiles.max_x + 1)
        for y in range(tiles.min_y, tiles.max_y + 1)
    ]
    return (
        [f"/raster/{RASTER}/tiles/WebMercatorQuad/{place}.png" for place in places],
        [f"/tiles/WebMercatorQuad/{place}.png?{said}" for place in places],
    )


def _agree(servers: Sequence[Server]) -> None:
    """Make sure that all servers send the same pictures."""
    first, *others = (_pictures(server) for server in servers)
    if not all(np.array_equal(first, other) for other in others):
        raise NoLoad("the servers do not send the same pictures")


def _pictures(server: Server) -> np.ndarray:
    """Return the colours of every tile; of what is transparent, that it is."""
    found = []
    for target in server.targets:
        with urllib.request.urlopen(server.running.url + target) as answer:
            content = answer.read()
        with rasterio.MemoryFile(io.BytesIO(content)) as memory, memory.open() as picture:
            colours = picture.read()
        found.append(np.where(colours[3] > 0, colours, 0))
    return np.stack(found)


def _table(servers: Sequence[Server], folder: Path) -> str:
    rounds: dict[str, list[tuple[Load, float]]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            rounds[server.name].append(_once(server, folder))
    rates = {
        name: statistics.median(one.per_second for one, _ in seen) for name, seen in rounds.items()
    }
    lines = ["| server | tiles /s | to stock | p99, ms | processor, ms | MiB |", "|---" * 6 + "|"]
    for server in servers:
        seen = rounds[server.name]
        cells = (
            *(server.name, f"{rates[server.name]:,.0f}"),
            f"{rates[server.name] / rates[STOCK]:.2f}",
            f"{statistics.median(one.p99_ms for one, _ in seen):.1f}",
            f"{min(used for _, used in seen):.2f}",
            f"{max(memory_mib(server.running.pid).values()):.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _once(server: Server, folder: Path) -> tuple[Load, float]:
    before = processor_s(server.running.pid)
    got = load(server.running.url, server.targets, seconds=SECONDS, folder=folder)
    return got, 1_000 * (processor_s(server.running.pid) - before) / got.answers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
