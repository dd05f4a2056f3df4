"""Options that several commands of `atlante` share, and the longer ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option(help="Folder of inputs, releases and sealed draws.", show_default="var/"),
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="Port to listen on.", show_default="8000"),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")]
Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="Server processes.", show_default="1")
]
AllowPartial = Annotated[
    bool, typer.Option("--allow-partial", help="Publish although rows were refused.")
]
Nothing = Annotated[
    str | None,
    typer.Option(help="Nothing to report: of 'ORG-1 2023-04', for example.", metavar="KEY"),
]
Covers = Annotated[
    list[str] | None,
    typer.Option(
        help="Months that the files cover, rows or not, e.g. 'ORG-1 2023-01 2023-12'; without it "
        "no delivery is recorded.",
        metavar="KEY",
    ),
]
Withdraw = Annotated[
    str | None,
    typer.Option(help="Take out all rows instead, e.g. 'ORG-1 2023-04'.", metavar="KEY"),
]
NewFigures = Annotated[
    bool,
    typer.Option(
        "--new-figures",
        help="Draw protected figures of real records where they changed or have none, of the years "
        "with declared deliveries; this spends the year's budget. Without it no budget is spent.",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="With --new-figures: of this alone, e.g. 'bisogni 2023'.", metavar="KEY"),
]
