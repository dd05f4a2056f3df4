"""The command `atlante index`: a method of this project on a table of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text as Line

from geo_core.commands.common import OUT
from geo_core.model.text import counted


def index(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.yml", help="Method, variables, options.")],
    data: Annotated[Path, typer.Argument(metavar="DATA.csv", help="One row for each unit.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.csv", help="What is written.")],
) -> None:
    """Compute an index or a statistic on a table of your own; docs/indici.md has examples.

    Beside OUT.csv, OUT.csv.metodo.json says how it was computed.
    """
    from geo_core.index.result import COMPUTED
    from geo_core.index.run import run

    result, record = run(spec, data, out)
    done = sum(status == COMPUTED for status in result.status)
    rows = counted(len(result.status), ("riga", "righe"), ("row", "rows"))
    OUT.print(Line(f"{rows.it}, {done} complete / {rows.en}, {done} complete"), soft_wrap=True)
    for note in result.notes:
        OUT.print(Line(f"{note.it} / {note.en}"), soft_wrap=True)
    OUT.print(Line(f"{out}\n{record}"), soft_wrap=True)
