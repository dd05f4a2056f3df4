"""Runs `atlante index` as a person does: files in, a table or an error out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from geo_core.cli import main
from geo_core.commands import common


class Told(NamedTuple):
    """What the command says when it refuses: exit code, and words without line breaks."""

    code: int
    words: str


def run(folder: Path, spec: str, data: str, *, out: str = "out", **others: str) -> Told:
    """Run the command on a specification, a table and further tables by their stem."""
    texts = {"spec.yml": spec, "data.csv": data, **{f"{k}.csv": v for k, v in others.items()}}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    names = [str(folder / name) for name in ("spec.yml", "data.csv", f"{out}.csv")]
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.setattr("sys.argv", ["atlante", "index", *names[:2], "-o", names[2]])
        for console in (common.OUT, common.ERR):
            patch.setattr(console, "_file", said)
        with pytest.raises(SystemExit) as ended:
            main()
    return Told(int(ended.value.code or 0), " ".join(said.getvalue().split()))


def table(folder: Path, spec: str, data: str, **others: str) -> list[dict[str, str]]:
    """Return the rows that the command writes."""
    told = run(folder, spec, data, **others)
    assert told.code == 0, told.words
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def computed(folder: Path) -> Mapping[str, Any]:
    """Return how the table that was written last was computed."""
    record = json.loads((folder / "out.csv.metodo.json").read_text(encoding="utf-8"))
    return dict(record["computed"])
