"""Measure the auditor: false alarms on clean small releases, and its time on the demonstration.

    python -m benchmarks.audit [releases]

Half of the small releases are protected by noise, half are rounded. Without an argument 200.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.small_releases import rounded, small_release
from checks.audit import allowlist, differencing, formats, intervals, replay
from checks.audit.collect import collect
from checks.audit.findings import Checked
from checks.audit.published import Published
from checks.audit.run import CHECKS
from checks.audit.site import open_site
from checks.served import build_demo, serve
from geo_core.catalog import read_catalog

ROOT = Path(__file__).resolve().parents[1]
RELEASES = 200
ON_FIGURES = (replay, differencing, intervals, formats, allowlist)
"""Checks that need no server."""


def audited(published: Published) -> list[Checked]:
    """Run the checks that need no server."""
    return [check.check(published) for check in ON_FIGURES]


def clean(releases: int) -> tuple[str, int]:
    """Audit small releases in which nothing is to be found; return how many findings there are."""
    catalog = read_catalog(ROOT)
    figures, findings, started = 0, Counter[str](), time.process_time()
    for seed in track(range(releases), "clean releases", transient=True):
        policy = rounded(catalog) if seed % 2 else None
        for checked in audited(small_release(catalog, seed, policy)):
            figures += checked.figures
            findings.update(f"{found.check}: {found.what}" for found in checked.findings)
    seconds = time.process_time() - started
    said = (
        f"{releases} clean releases: {figures:,} figures, {findings.total()} findings "
        f"{dict(findings)}, {seconds:.0f} s of CPU with their making"
    )
    return said, findings.total()


def demonstration(console: Console) -> int:
    """Audit the demonstration over HTTP, check by check; return the number of findings."""
    table = Table("check", "figures", "findings", "seconds", "answers", title="the demonstration")
    findings = 0
    with (
        console.status("build and audit of the demonstration"),
        tempfile.TemporaryDirectory() as folder,
    ):
        home = Path(folder)
        build_demo(home)
        with serve(home, log=home / "server.log") as running:
            site = open_site(running.url)
            started = time.perf_counter()
            published = collect(site)
            seconds = f"{time.perf_counter() - started:.1f}"
            table.add_row("download", "", "", seconds, f"{site.asked:,}")
            for name, named in CHECKS.items():
                started, before = time.perf_counter(), site.asked
                checked = named.run(published, site)
                findings += len(checked.findings)
                table.add_row(
                    name,
                    f"{checked.figures:,}",
                    str(len(checked.findings)),
                    f"{time.perf_counter() - started:.1f}",
                    f"{site.asked - before:,}",
                )
            site.close()
    console.print(table)
    return findings


def main() -> int:
    """Print both; fail if anything is found."""
    console = Console()
    said, alarms = clean(int(sys.argv[1]) if len(sys.argv) > 1 else RELEASES)
    console.print(said)
    return 1 if alarms + demonstration(console) else 0


if __name__ == "__main__":
    sys.exit(main())
