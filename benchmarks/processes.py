"""What a process and its children cost, read from the operating system."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from checks.served import run


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock and the largest memory, in MiB, of a finished command."""

    seconds: float
    peak_mib: float


def cost_of(*arguments: str) -> Cost:
    """Run `atlante` with these arguments and say what it cost.

    The peak is the largest of all commands run so far, which the operating system keeps: run
    the command of interest first, or the largest last.
    """
    start = time.perf_counter()
    run(*arguments)
    seconds = time.perf_counter() - start
    return Cost(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def memory_mib(pid: int) -> dict[int, float]:
    """Return the resident memory (RSS, MiB) of a process and of each of its children."""
    return {one: _rss_kib(one) / 1024 for one in (pid, *_children(pid))}


def processor_s(pid: int) -> float:
    """Return the seconds of a processor that a process and its children have used so far."""
    return sum(_ticks(one) for one in (pid, *_children(pid))) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    # The name of the program, in brackets, may hold anything.
    after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after[11]) + int(after[12])


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    direct = [int(child) for task in tasks for child in task.read_text().split()]
    return [*direct, *(below for child in direct for below in _children(child))]


def _rss_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
