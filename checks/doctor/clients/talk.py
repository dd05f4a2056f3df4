"""The conversation of a client's program with the doctor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

type Question = dict[str, Any]
type Answer = dict[str, Any]


class Failed(Exception):
    """The client said what is wrong."""


def answer_all(ask: Callable[[Question], Answer]) -> None:
    """Answer every question of the standard input; an exception is the answer to its question."""
    for line in sys.stdin:
        try:
            answer = ask(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what it has to say
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


def source(question: Question) -> str:
    """Return what GDAL is to open: a service, or the catalogue of its copy, written to a file."""
    if not question["catalogue"]:
        return f"OAPIF:{question['root']}"
    path = Path.home() / "catalogue.vrt"
    path.write_text(question["catalogue"], encoding="utf-8")
    return str(path)


def said(*command: str) -> str:
    """Run a program and return what it printed; `Failed` if it fails or complains of an error."""
    done = subprocess.run(  # noqa: S603 - a program that was looked up, no shell
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise Failed((done.stderr or done.stdout).strip()[-500:])
    return done.stdout
