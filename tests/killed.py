"""Kills a real process just before each thing it does to the files of a folder, in turn.

``python killed.py WORK BEFORE AFTER`` does one piece of work in copies of the folder `BEFORE`:
the first copy is left before the first write, the next before the second, until the work is done.
Copy ``AFTER/n`` is what the process that was killed before write `n` left behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from geo_core import input_folder, private

_NAMES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def at_every_write(before: Path, after: Path, work: Callable[[Path], None]) -> None:
    """Do the work over and over, killed one write later each time."""
    # Once in this process: what is read only once is then there for every child.
    shutil.copytree(before, after / "whole")
    work(after / "whole")
    shutil.rmtree(after / "whole")
    number, killed = 0, True
    while killed:
        number += 1
        folder = after / f"{number:03d}"
        shutil.copytree(before, folder)
        child = os.fork()
        if child == 0:
            _die_before(number, folder)
            work(folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status:
            raise SystemExit(f"the work failed with status {status}")


def _die_before(number: int, folder: Path) -> None:
    seen = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if _changes(event, arguments, folder):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def _changes(event: str, arguments: tuple[object, ...], folder: Path) -> bool:
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and bool(flags & _WRITING)
        return writes and str(path).startswith(str(folder))
    # Names without their folder are relative to one that is open: `shutil.rmtree` uses them.
    name = Path(str(arguments[0])) if event in _NAMES else None
    return name is not None and (not name.is_absolute() or name.is_relative_to(folder))


def several(folder: Path) -> None:
    """Replace an invented table by a real one, another by an invented one, and take one away."""
    with input_folder.held(folder):
        prepared = input_folder.prepare(folder)
        private.write(prepared / "a.csv", b"x\nvero\n")
        private.write(prepared / "b.csv", b"x\ninventato di nuovo\n")
        private.write(prepared / "d.csv", b"x\nvero anche questo\n")
        input_folder.put(folder, invented=["b.csv"], gone=["c.csv"])


def hold(folder: Path) -> None:
    """Hold the folder, as whoever comes next does."""
    with input_folder.held(folder):
        pass


WORKS: dict[str, Callable[[Path], None]] = {"several": several, "hold": hold}


def main(works: dict[str, Callable[[Path], None]]) -> None:
    """Do one of the works, as the command line says."""
    warnings.simplefilter("ignore")
    work, before, after = sys.argv[1:]
    at_every_write(Path(before), Path(after), works[work])


if __name__ == "__main__":
    main(WORKS)
