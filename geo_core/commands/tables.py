"""Commands on the input folder: what comes in, the forms for it, and what stays secret."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from geo_core.commands.common import OUT, settings_at
from geo_core.console import stages
from geo_core.model.text import counted
from geo_core.options import Covers, Home, Nothing, Withdraw
from geo_core.uploads.offered import IMPORTED_TABLES, IMPORTERS


def synth(
    home: Home = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same district.")] = 20231231,
    residents: Annotated[
        int | None,
        typer.Option(
            min=1000,
            help="More: further real municipalities, whole. Fewer: drawn from the real ones.",
            show_default="all of the province",
        ),
    ] = None,
    cases: Annotated[
        int | None,
        typer.Option(
            min=100,
            help="Need records of both years; other records follow.",
            show_default="in proportion to the residents",
        ),
    ] = None,
    *,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the invented tables out instead.")
    ] = False,
) -> None:
    """Write the files of the synthetic demonstration district into the input folder."""
    from geo_core.synth.district import write_district

    settings = settings_at(home)
    if remove:
        _remove_invented(settings.input)
        return
    with stages(OUT) as report:
        notes = write_district(
            settings.input,
            seed=seed,
            residents=residents,
            records=cases,
            stage=report.stage,
            progress=report.progress,
        )
        for note in notes:
            report.note(note)


def _remove_invented(folder: Path) -> None:
    """Take the invented tables out, and say where invented rows stay beside real ones."""
    from geo_core.synth.folder import remove
    from geo_core.uploads.mixed import invented_rows

    gone = remove(folder)
    OUT.print(f"tolte / taken out: {', '.join(gone) or 'nessuna era inventata / none'}")
    for name, rows in invented_rows(folder).items():
        left = counted(
            rows,
            ("inventata vi resta", "inventate vi restano"),
            ("invented one stays", "invented ones stay"),
        )
        command = f"atlante import {name} --withdraw KEY"
        it = f"ATTENZIONE: {name}.csv ha anche righe vere, e {left.it}: {command}"
        en = f"WARNING: {name}.csv has real rows too, and {left.en} in it: {command}"
        for said in (it, en):
            OUT.print(Text(said), soft_wrap=True)


def import_(  # noqa: PLR0913, PLR0917 - each is an option
    name: Annotated[
        str,
        typer.Argument(
            help=f"A table ({', '.join(IMPORTED_TABLES)}) or an importer ({', '.join(IMPORTERS)})."
        ),
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="The files of one delivery; a table also from https://host/collections/ID or "
            "postgresql://host/database#schema.table."
        ),
    ] = None,
    home: Home = None,
    mapping: Annotated[
        str | None, typer.Option(help="Profile of the layer file for a file with its own columns.")
    ] = None,
    allow_partial: Annotated[
        bool,
        typer.Option("--allow-partial", help="Take the good rows although others are refused."),
    ] = False,
    rows_are_invented: Annotated[
        bool, typer.Option("--rows-are-invented", help="An exercise: the table stays invented.")
    ] = False,
    nothing: Nothing = None,
    covers: Covers = None,
    withdraw: Withdraw = None,
    *,
    columns: Annotated[
        bool, typer.Option("--columns", help="Print the columns of the table instead.")
    ] = False,
) -> None:
    """Take in files: their rows replace the earlier ones of the same body and period."""
    from geo_core.uploads import receipt, upload
    from geo_core.uploads.described import described
    from geo_core.uploads.take_in import take_in

    settings = settings_at(home)
    wishes = upload.Wishes(
        mapping, partial=allow_partial, invented=rows_are_invented, covers=tuple(covers or ())
    )
    desk = upload.Desk.open(settings)
    if columns:
        OUT.print(described(desk.catalog, name))
        return
    given = take_in(desk, name, files or [], wishes, nothing=nothing, withdrawn=withdraw)
    path = receipt.keep(given, settings.receipts)
    OUT.print(receipt.shown(given))
    OUT.print(Text(f"ricevuta / receipt: {path}"), soft_wrap=True)
    receipt.check_written(given)


def modulo(
    body: Annotated[str, typer.Argument(help="Code of an organisation or of a managing body.")],
    home: Home = None,
    kind: Annotated[
        str | None, typer.Option(help="One kind of row, e.g. rilevazioni.", show_default="all")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder of the forms.", show_default="var/moduli")
    ] = None,
) -> None:
    """Make the forms a body fills in: HTML files that need no network and no server."""
    from geo_core.forms.make import write_forms

    settings = settings_at(home)
    target = folder or settings.home / "moduli"
    for path, missing in write_forms(
        settings.project, settings.input, body, kind=kind, target=target
    ):
        said = f"non fatto / left out: {missing}" if missing else _size(path)
        OUT.print(Text(f"{path.name}  {said}"), soft_wrap=True)
    OUT.print(Text(f"in {target}"), soft_wrap=True)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1000:.0f} kB"


def template(
    kind: Annotated[str, typer.Argument(help="The kind of row, e.g. rilevazioni.")],
    home: Home = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="The workbook.", show_default="KIND.xlsx")
    ] = None,
) -> None:
    """Make an Excel workbook for one kind of row, with drop-down lists and checks."""
    from geo_core.forms.make import write_template

    settings = settings_at(home)
    path = write_template(settings.project, settings.input, kind, target=file)
    OUT.print(Text(str(path)), soft_wrap=True)


def secrets(
    home: Home = None,
    forget: Annotated[
        list[str] | None, typer.Option(help="An office whose place is secret no more.")
    ] = None,
) -> None:
    """List the offices whose place stays secret, their rows gone or not; or forget some."""
    from geo_core.secret_command import forgotten, listed

    private = settings_at(home).private
    for line in forgotten(private, forget) if forget else listed(private):
        OUT.print(Text(line))
