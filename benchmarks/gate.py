"""Measure the audit of the folder of a release, check by check, as the build runs it.

    python -m benchmarks.gate FOLDER

FOLDER is a release, such as var/releases/2023-12-31-0123456789ab. A region is made by
`atlante synth --residents 4240000` and `atlante build`, both with a `--home` of its own. Seconds
are of one processor: other work on the machine does not change them much. Memory is the most that
the process had during a check.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from checks.audit.collect import collect
from checks.audit.run import CHECKS
from checks.audit.site import open_site

_STATUS: Final = Path("/proc/self/status")
_PEAK: Final = Path("/proc/self/clear_refs")
_FORGET_PEAK: Final = "5"
"""What Linux is told to begin a new peak of memory."""


def main() -> int:
    """Print one row for each check; fail if anything is found."""
    console, findings = Console(), 0
    table = Table("check", "cpu s", "MiB at most", "figures", "findings", title=sys.argv[1])
    with console.status("reading") as status:
        site = open_site(sys.argv[1])
        started = _started()
        published = collect(site)
        table.add_row("reading", *_spent(started), "", "")
        for name, named in CHECKS.items():
            status.update(name)
            started = _started()
            checked = named.run(published, site, status.update)
            findings += len(checked.findings)
            told = (f"{checked.figures:,}", str(len(checked.findings)))
            table.add_row(name, *_spent(started), *told)
        table.add_row("all", f"{time.process_time():.1f}", "", "", str(findings))
    console.print(table)
    return 1 if findings else 0


def _started() -> float:
    _PEAK.write_text(_FORGET_PEAK)
    return time.process_time()


def _spent(started: float) -> tuple[str, str]:
    """Return the seconds of the processor since then, and the peak of memory."""
    line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM:"))
    return f"{time.process_time() - started:.1f}", f"{int(line.split()[1]) / 1024:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
