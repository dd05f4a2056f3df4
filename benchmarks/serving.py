"""Compare servers of the same 8,000 hexagons side by side: ours, pygeoapi and tipg on PostGIS.

    python -m benchmarks.serving [folder]

One process each, eight clients, JSON without content coding. Every question is put to every
server in turn, three times over, and the median counts: other work on the machine then slows
all of them. `cold` is our server without kept answers, `kept` as it is delivered. The bare
server is the same HTTP server with an application that answers 304 to everything. As root on
Debian, PostGIS and `wrk` are installed; the peers go into an environment of their own, which
stays in the folder if one is named. About ten minutes.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from benchmarks.postgis import NoPostgis, postgis
from benchmarks.processes import memory_mib
from benchmarks.serving_data import COLLECTION, HEXAGONS, hexagons, publish_hexagons
from benchmarks.serving_load import Load, NoLoad, installed, load
from benchmarks.serving_peers import NoPeer, bare, environment, fill, pygeoapi, tipg
from checks.served import DidNotRun, Running, serve

ROUNDS: Final = 3
SECONDS: Final = 5
ADDRESSES: Final = 40
"""Different addresses of each question."""

COLD, KEPT, TIPG, PYGEOAPI, BARE = "cold", "kept", "tipg", "pygeoapi", "bare"
_PEERS: Final = (TIPG, PYGEOAPI)


@dataclass(frozen=True)
class Question:
    """What is asked of every server, as queries of `items`; of one feature there is no query.

    Attributes
    ----------
    goal : float
        How many times the better peer's rate is aimed at.
    """

    name: str
    goal: float
    queries: tuple[str, ...] = ()


def questions() -> list[Question]:
    """Return the questions; coordinates and offsets go through the whole collection."""
    offsets = range(0, HEXAGONS - 1_000, (HEXAGONS - 1_000) // ADDRESSES)
    corners = [(8.0 + 0.02 * i, 45.0 + 0.015 * i) for i in range(ADDRESSES)]
    boxes = [f"{x:.3f},{y:.3f},{x + 0.2:.3f},{y + 0.15:.3f}" for x, y in corners]
    triangles = [
        f"S_INTERSECTS(geometry,POLYGON(({x:.3f} {y:.3f},{x + 0.2:.3f} {y:.3f},"
        f"{x + 0.1:.3f} {y + 0.15:.3f},{x:.3f} {y:.3f})))"
        for x, y in corners
    ]
    return [
        Question("page of 100", 60, tuple(f"limit=100&offset={n}" for n in offsets)),
        Question("page of 1,000", 60, tuple(f"limit=1000&offset={n}" for n in offsets)),
        Question("box, 100", 20, tuple(f"limit=100&bbox={box}" for box in boxes)),
        Question("filter on a number, 100", 20,
                 tuple(f"limit=100&filter={quote(f'pop>{400 + n}')}" for n in range(ADDRESSES))),
        Question("filter by a polygon, 100", 20,
                 tuple(f"limit=100&filter={quote(text)}" for text in triangles)),
        Question("one feature", 20),
    ]  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A running server, and how its addresses differ."""

    name: str
    running: Running

    def targets(self, question: Question, idents: Sequence[str]) -> list[str]:
        """Return the paths of a question."""
        schema = "public." if self.name == TIPG else ""
        items = f"/collections/{schema}{COLLECTION}/items"
        if not question.queries:
            return [f"{items}/{ident}?f={self._format}" for ident in idents]
        return [f"{items}?f={self._format}&{query}" for query in question.queries]

    @property
    def _format(self) -> str:
        return "geojson" if self.name == TIPG else "json"


def main(arguments: Sequence[str]) -> int:
    """Print the tables as markdown; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="serving") as folder:
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
    publish_hexagons(folder / "releases", frame)
    idents = frame["id"].tolist()[:: HEXAGONS // ADDRESSES]
    with ExitStack() as stack:
        database = stack.enter_context(postgis())
        fill(database, frame)
        start = stack.enter_context
        servers = [
            Server(COLD, start(serve(folder, log=folder / "1.log", settings=_cache(0)))),
            Server(KEPT, start(serve(folder, log=folder / "2.log"))),
            Server(TIPG, start(tipg(programs, database, folder))),
            Server(PYGEOAPI, start(pygeoapi(programs, database, folder))),
        ]
        for question in questions():
            _agree(servers, question, idents)
        print(_rates(servers, idents, folder))
        print(_unchanged(servers[1], start(bare(folder)), folder))
        print(_memory(servers))


def _cache(mib: int) -> dict[str, str]:
    return {"ATLANTE_CACHE_MIB": str(mib)}


def _agree(servers: Sequence[Server], question: Question, idents: Sequence[str]) -> None:
    """Make sure that all servers give as many features as each other."""
    asked = {server.name: server.targets(question, idents) for server in servers}
    for at in (0, ADDRESSES // 2):
        found = {s.name: _counted(s.running.url + asked[s.name][at]) for s in servers}
        if len(set(found.values())) != 1 or None in found.values():
            raise NoLoad(f"{question.name}: {found}")


def _counted(url: str) -> tuple[int, int] | None:
    try:
        with urllib.request.urlopen(url) as answer:
            said: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise NoLoad(f"{url}\n{error.read().decode(errors='replace')}") from None
    if said["type"] == "Feature":
        return 1, 1
    return (said["numberMatched"], len(said["features"])) if said["features"] else None


def _rates(servers: Sequence[Server], idents: Sequence[str], folder: Path) -> str:
    heads = (
        *("question", "cold /s", "kept /s", "tipg /s", "pygeoapi /s"),
        *("cold : better peer", "kept : better peer", "goal", "p99 cold, ms", "p99 kept, ms"),
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for question in questions():
        got = _medians({s.name: (s, s.targets(question, idents)) for s in servers}, folder)
        cells = [f"{got[name].per_second:,.0f}" for name in (COLD, KEPT, *_PEERS)]
        better = max(got[name].per_second for name in _PEERS)
        cells += [f"{got[name].per_second / better:,.0f}" for name in (COLD, KEPT)]
        cells += [f"{question.goal:.0f}", *(f"{got[name].p99_ms:.1f}" for name in (COLD, KEPT))]
        lines.append(f"| {' | '.join((question.name, *cells))} |")
        print(lines[-1], file=sys.stderr)
    return "\n".join(lines) + "\n"


def _medians(asked: Mapping[str, tuple[Server, list[str]]], folder: Path) -> dict[str, Load]:
    seen: dict[str, list[Load]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (server, targets) in asked.items():
            url = server.running.url
            seen[name].append(load(url, targets, seconds=SECONDS, folder=folder))
    return {name: _median(loads) for name, loads in seen.items()}


def _median(loads: Sequence[Load]) -> Load:
    return Load(
        statistics.median(one.per_second for one in loads),
        statistics.median(one.p99_ms for one in loads),
    )


def _unchanged(ours: Server, least: Running, folder: Path) -> str:
    target = ours.targets(questions()[0], ())[0]
    with urllib.request.urlopen(ours.running.url + target) as answer:
        held = answer.headers["ETag"]
    rates: dict[str, list[float]] = {KEPT: [], BARE: []}
    for _ in range(ROUNDS):
        for name, url in ((KEPT, ours.running.url), (BARE, least.url)):
            said = {"If-None-Match": held}
            got = load(url, [target], seconds=SECONDS, folder=folder, headers=said)
            rates[name].append(got.per_second)
    mine, most = (statistics.median(rates[name]) for name in (KEPT, BARE))
    return f"304: {mine:,.0f} /s, bare server {most:,.0f} /s, ratio {mine / most:.2f} (goal 0.5)\n"


def _memory(servers: Sequence[Server]) -> str:
    largest = {s.name: max(memory_mib(s.running.pid).values()) for s in servers}
    said = ", ".join(f"{name} {mib:.0f}" for name, mib in largest.items())
    return f"Largest process after it all, MiB: {said} (goal 250; PostgreSQL not counted)\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
