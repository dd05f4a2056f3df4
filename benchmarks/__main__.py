"""Builds the demonstration, serves it on 127.0.0.1 and prints what that costs here."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.latency import Refused, Timing, timed
from benchmarks.processes import cost_of, memory_mib
from checks.served import DidNotRun, Running, run, serve

COLLECTION = "popolazione_h3_r8"
PAGES = (10, 100, 1000)
TILE = "bisogni_h3_r8/9/267/183"


def main() -> int:
    """Print two tables; return the exit code."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        try:
            _measure(console, Path(folder))
        except (DidNotRun, Refused) as error:
            console.print(f"[bold red]error[/bold red] {error}", highlight=False)
            return 1
    return 0


def _measure(console: Console, home: Path) -> None:
    with console.status("build"):
        run("synth", "--home", str(home))
        built = cost_of("build", "--home", str(home))
    start = time.perf_counter()
    with serve(home, log=home / "server.log") as running:
        ready = time.perf_counter() - start
        with console.status("requests"):
            timings = {name: timed(running.url + path) for name, path in _addresses(running)}
        memory = max(memory_mib(running.pid).values())
    console.print(_programs(built.seconds, built.peak_mib, ready, memory))
    console.print(_requests(timings))


def _addresses(running: Running) -> list[tuple[str, str]]:
    items = f"/collections/{COLLECTION}/items"
    with urllib.request.urlopen(f"{running.url}{items}?limit=1") as answer:
        one = json.load(answer)["features"][0]["id"]
    return [
        ("landing page", "/"),
        *((f"items, {n}", f"{items}?limit={n}") for n in PAGES),
        ("items, 100 in a box", f"{items}?limit=100&bbox=8.3,45.2,8.5,45.4"),
        ("one item", f"{items}/{one}"),
        ("vector tile", f"/xyz/{TILE}.mvt"),
    ]


def _programs(build_s: float, build_mib: float, ready_s: float, memory_mib_: float) -> Table:
    table = Table("", "seconds", "MiB", title=f"programs ({os.cpu_count()} cores, {sys.platform})")
    table.add_row("build of the demonstration (peak)", f"{build_s:.1f}", f"{build_mib:.0f}")
    table.add_row("server: ready; largest process", f"{ready_s:.1f}", f"{memory_mib_:.0f}")
    return table


def _requests(timings: dict[str, Timing]) -> Table:
    table = Table(
        "", "median ms", "p95 ms", "requests/s", "kB", "n", title="one connection, uncompressed"
    )
    for name, t in timings.items():
        table.add_row(
            name,
            f"{t.median_ms:.2f}",
            f"{t.p95_ms:.2f}",
            f"{t.per_second:,.0f}",
            f"{t.kilobytes:,.1f}",
            str(t.count),
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
