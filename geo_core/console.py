"""Progress of long work on a terminal: the stage at work, then its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.markup import escape


class Report(Protocol):
    """Told by long work what it is doing."""

    def stage(self, title: str) -> None:
        """Begin a stage; the one before is over."""

    def progress(self, text: str) -> None:
        """Say how far the stage is; the next text takes its place."""

    def note(self, text: str) -> None:
        """Say what a reader should know, such as where the rows went."""


class _Stages:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self._title = ""
        self._since = 0.0

    def stage(self, title: str) -> None:
        self.finish()
        self._title, self._since = title, time.monotonic()
        self._status.update(title)
        self._status.start()

    def progress(self, text: str) -> None:
        self._status.update(escape(f"{self._title}: {text}"))

    def note(self, text: str) -> None:
        self._console.print(f"  {text}", highlight=False, markup=False, soft_wrap=True)

    def finish(self, mark: str = "[green]✓[/green]") -> None:
        if not self._title:
            return
        self._status.stop()
        seconds = time.monotonic() - self._since
        said = f"{mark} {self._title} [dim]{seconds:.1f} s[/dim]"
        self._console.print(said, highlight=False, soft_wrap=True)
        self._title = ""


@contextmanager
def stages(console: Console) -> Iterator[Report]:
    """Give a `Report` that shows stages on `console`: a spinner where it is a terminal.

    Parameters
    ----------
    console : Console
        Where to write; times go here and never into a release.
    """
    shown = _Stages(console)
    try:
        yield shown
    except BaseException:
        shown.finish("[red]✗[/red]")
        raise
    shown.finish()
