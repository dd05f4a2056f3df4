"""Compare servers of the same vector tiles: ours, tipg on PostGIS, and nginx sending files.

    python -m benchmarks.tiles_serving [folder]

The 8,000 hexagons of `benchmarks.serving`, tiles of zooms 9 and 11, gzip, 16 clients, one
process each. Every server is asked in turn, three times over, and the median counts. nginx
sends the very bytes of our tiles from files: nothing that answers over HTTP does less. The bare
server is ours with an application that answers 304 to everything. `processor` is what the
server's own processes used for one answer, the least of the rounds; PostgreSQL is not counted.
As root on Debian, PostGIS, nginx and `wrk` are installed; tipg goes into an environment of its
own, which stays in the folder if one is named. About three minutes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import urllib.request
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.postgis import NoPostgis, postgis
from benchmarks.processes import memory_mib, processor_s
from benchmarks.serving_data import COLLECTION, hexagons, publish_hexagons
from benchmarks.serving_load import Load, NoLoad, installed, load
from benchmarks.serving_peers import NoPeer, bare, environment, fill, nginx, tipg
from checks.served import DidNotRun, Running, serve
from geo_core.formats.pmtiles import PMTilesReader, open_archive

CLIENTS: Final = 16
ROUNDS: Final = 3
SECONDS: Final = 5
GOALS: Final = {9: 100, 11: 20}
"""Zooms, and how many times the rate of tipg is aimed at."""

OURS, UNCHANGED, TIPG, NGINX, BARE = "ours", "ours, 304", "tipg", "nginx", "bare, 304"
_GZIP: Final = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Server:
    """A running server, how it is asked for a tile, and what every request says."""

    name: str
    running: Running
    address: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """What one server did at one zoom: median rate and p99, least processor time of an answer."""

    load: Load
    processor_us: float


def main(arguments: Sequence[str]) -> int:
    """Print the tables as markdown; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="tiles") as folder:
        kept = Path(arguments[0]).resolve() if arguments else Path(folder)
        try:
            installed()
            _measure(Path(folder), environment(kept / "peers"))
        except (NoPostgis, NoPeer, NoLoad, DidNotRun) as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    return 0


def _measure(folder: Path, programs: Path) -> None:
    frame = hexagons()
    (folder / "releases").mkdir()
    publish_hexagons(folder / "releases", frame, tiles=True)
    (path,) = (folder / "releases").glob(f"*/tiles/{COLLECTION}.pmtiles")
    archive = open_archive(path)
    _spread(archive, folder / "files")
    with ExitStack() as stack:
        start = stack.enter_context
        database = start(postgis())
        fill(database, frame)
        ours = start(serve(folder, log=folder / "ours.log"))
        xyz, any_tag = f"/xyz/{COLLECTION}/{{z}}/{{x}}/{{y}}.mvt", {"If-None-Match": "*"}
        ogc = f"/collections/public.{COLLECTION}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
        servers = [
            Server(OURS, ours, xyz, _GZIP),
            Server(UNCHANGED, ours, xyz, _GZIP | any_tag),
            Server(TIPG, start(tipg(programs, database, folder)), ogc, _GZIP),
            Server(NGINX, start(nginx(folder / "files", folder)), xyz, _GZIP),
            Server(BARE, start(bare(folder)), xyz, _GZIP),
        ]
        for zoom in GOALS:
            _agree(servers, archive, zoom)
        print(_table(servers, archive, folder))
        print(_memory(servers))


def _spread(archive: PMTilesReader, folder: Path) -> None:
    """Write every tile of an archive as a file."""
    for z, x, y in archive:
        path = folder / "xyz" / COLLECTION / str(z) / str(x) / f"{y}.mvt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.get(z, x, y) or b"")


def _places(archive: PMTilesReader, zoom: int) -> list[tuple[int, int, int]]:
    return sorted(place for place in archive if place[0] == zoom)


def _targets(server: Server, archive: PMTilesReader, zoom: int) -> list[str]:
    return [server.address.format(z=z, x=x, y=y) for z, x, y in _places(archive, zoom)]


def _agree(servers: Sequence[Server], archive: PMTilesReader, zoom: int) -> None:
    """Make sure that nginx sends our bytes, and that tipg's tiles hold as many features.

    Beyond the edge of a tile tipg keeps another margin than we do, so a few more or less.
    """
    by_name = {server.name: server for server in servers}
    ours, file, peer = (_bodies(by_name[n], archive, zoom) for n in (OURS, NGINX, TIPG))
    if ours != file:
        raise NoLoad("nginx sends other bytes than we do")
    mine, theirs = (sum(map(_features, bodies)) for bodies in (ours, peer))
    if not 0.8 < theirs / mine < 1.25:
        raise NoLoad(f"zoom {zoom}: {mine} features in our tiles, {theirs} in those of tipg")


def _bodies(server: Server, archive: PMTilesReader, zoom: int) -> list[bytes]:
    return [_body(server.running.url + target) for target in _targets(server, archive, zoom)]


def _body(url: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=_GZIP)) as answer:
        body: bytes = answer.read()
    return zlib.decompress(body, wbits=47) if body[:2] == b"\x1f\x8b" else body


def _features(tile: bytes) -> int:
    """Return the number of features of a tile: fields 2 of its fields 3."""
    layers = [content for number, content in _fields(tile) if number == 3]
    return sum(number == 2 for layer in layers for number, _ in _fields(layer))


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a message that have a length; numbers in between have none."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        size, at = _varint(message, at)
        if key & 7 == 2:
            yield key >> 3, message[at : at + size]
            at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        number, shift, at = number | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return number, at


def _table(servers: Sequence[Server], archive: PMTilesReader, folder: Path) -> str:
    heads = (
        *("zoom", "server", "tiles /s", "p99, ms", "processor, µs", "ours : it", "goal"),
        *("tiles", "bytes of one"),
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for zoom, goal in GOALS.items():
        got = _seen(servers, archive, zoom, folder)
        sizes = [len(archive.get(*place) or b"") for place in _places(archive, zoom)]
        for name, seen in got.items():
            ratio = got[OURS].load.per_second / seen.load.per_second
            cells = (
                *(str(zoom), name, f"{seen.load.per_second:,.0f}", f"{seen.load.p99_ms:.1f}"),
                *(f"{seen.processor_us:,.0f}", f"{ratio:,.2f}" if ratio < 10 else f"{ratio:,.0f}"),
                *(str(goal) if name == TIPG else "", str(len(sizes))),
                f"{statistics.mean(sizes):,.0f}",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _seen(
    servers: Sequence[Server], archive: PMTilesReader, zoom: int, folder: Path
) -> dict[str, Seen]:
    rounds: dict[str, list[Seen]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            rounds[server.name].append(_once(server, _targets(server, archive, zoom), folder))
    return {name: _median(seen) for name, seen in rounds.items()}


def _once(server: Server, targets: Sequence[str], folder: Path) -> Seen:
    before = processor_s(server.running.pid)
    got = load(
        server.running.url,
        targets,
        seconds=SECONDS,
        folder=folder,
        headers=server.headers,
        clients=CLIENTS,
    )
    used = processor_s(server.running.pid) - before
    return Seen(got, 1e6 * used / got.answers)


def _median(seen: Sequence[Seen]) -> Seen:
    rate = statistics.median(one.load.per_second for one in seen)
    p99 = statistics.median(one.load.p99_ms for one in seen)
    return Seen(Load(rate, p99), min(one.processor_us for one in seen))


def _memory(servers: Sequence[Server]) -> str:
    largest = {s.name: max(memory_mib(s.running.pid).values()) for s in servers}
    said = ", ".join(f"{name} {mib:.0f}" for name, mib in largest.items() if "304" not in name)
    return f"Largest process after it all, MiB: {said} (PostgreSQL not counted)\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
