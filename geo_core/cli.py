"""The command `atlante`: build a release, look after releases, serve them.

Every failure is one or a few lines for the person at the keyboard and an exit code of its own
(`geo_core.errors`); no traceback.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from geo_core.catalog import is_declared
from geo_core.console import stages
from geo_core.errors import AtlanteError, ReleaseError
from geo_core.ingest.italian import error_in_italian
from geo_core.options import (
    AllowPartial,
    Home,
    Host,
    NewFigures,
    Nothing,
    Only,
    Port,
    Withdraw,
    Workers,
)
from geo_core.release.pointer import available, current, switch
from geo_core.release.read import open_release, read_manifest
from geo_core.settings import BuildSettings, settings_of
from geo_core.uploads.offered import IMPORTED_TABLES, IMPORTERS

app = typer.Typer(
    name="atlante",
    help="Services, opportunities and anonymised social needs of a province, on H3 hexagons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
err = Console(stderr=True)


@app.command()
def build(
    home: Home = None,
    *,
    allow_partial: AllowPartial = False,
    new_figures: NewFigures = False,
    only: Only = None,
) -> None:
    """Build a release from the files in the input folder and make it current."""
    if only and not new_figures:
        raise typer.BadParameter("--only goes with --new-figures")
    drawn = (only or []) if new_figures else None
    _build(_settings(home), allow_partial=allow_partial, new_figures=drawn)


@app.command()
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
    from geo_core.synth.folder import remove as remove_invented
    from geo_core.uploads.mixed import invented_rows

    settings = _settings(home)
    if remove:
        gone = remove_invented(settings.input)
        out.print(f"taken out: {', '.join(gone) or 'nothing was invented'}")
        for name, rows in invented_rows(settings.input).items():
            said = (
                f"WARNING: {name}.csv has real rows too, and {rows} invented ones (dato_sintetico "
                f"is true) stay in it: take them out with `atlante import {name} --withdraw KEY`"
            )
            out.print(Text(said), soft_wrap=True)
        return
    with stages(out) as report:
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


@app.command("import")
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

    settings = _settings(home)
    wishes = upload.Wishes(mapping, partial=allow_partial, invented=rows_are_invented)
    desk = upload.Desk.open(settings)
    if columns:
        out.print(described(desk.catalog, name))
        return
    given = take_in(desk, name, files or [], wishes, nothing=nothing, withdrawn=withdraw)
    path = receipt.keep(given, settings.receipts)
    out.print(receipt.shown(given))
    out.print(Text(f"ricevuta / receipt: {path}"), soft_wrap=True)
    receipt.check_written(given)


@app.command()
def demo(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
) -> None:
    """Build the demonstration release if it is missing or declared otherwise, and serve it."""
    settings = _settings(home)
    if not _usable(settings):
        if not any(settings.input.glob("*.csv")):
            synth(home)
        _build(settings)
    serve(home, host, port, workers)


@app.command()
def serve(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
) -> None:
    """Serve the current release; a new one is picked up without a restart."""
    from api.asgi import serve as run
    from api.settings import Settings

    # What is not given here comes from the environment.
    given = {"host": host, "port": port, "workers": workers}
    stated: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    run(settings_of(Settings, releases=_settings(home).releases, **stated))


@app.command()
def releases(
    home: Home = None,
    forget: Annotated[list[str] | None, typer.Option(help="Remove a release instead.")] = None,
) -> None:
    """List the releases, the current one marked; or remove some."""
    root = _settings(home).releases
    if forget:
        from geo_core.release.write import forget as remove

        for ident in forget:
            remove(root, ident)
            out.print(f"removed: {ident}")
        return
    now = current(root)
    table = Table("", "release", "reference date", "collections", "files", "MB")
    for ident in available(root):
        try:
            manifest = read_manifest(root / ident)
        except AtlanteError as error:
            table.add_row("!", ident, f"[red]{error.message}[/red]")
            continue
        size = sum(f.bytes for f in manifest.files) / 1e6
        table.add_row(
            "→" if ident == now else "",
            ident,
            manifest.reference_date,
            str(len(manifest.collections)),
            str(len(manifest.files)),
            f"{size:.1f}",
        )
    out.print(table)


@app.command()
def secrets(
    home: Home = None,
    forget: Annotated[
        list[str] | None, typer.Option(help="An office whose place is secret no more.")
    ] = None,
) -> None:
    """List the offices whose place stays secret, their rows gone or not; or forget some."""
    from geo_core.secret_command import forgotten, listed

    private = _settings(home).private
    for line in forgotten(private, forget) if forget else listed(private):
        out.print(Text(line))


@app.command()
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

    settings = _settings(home)
    target = folder or settings.home / "moduli"
    for path, missing in write_forms(
        settings.project, settings.input, body, kind=kind, target=target
    ):
        said = f"left out: {missing}" if missing else f"{path.stat().st_size / 1000:.0f} kB"
        out.print(Text(f"{path.name}  {said}"), soft_wrap=True)
    out.print(Text(f"in {target}"), soft_wrap=True)


@app.command()
def template(
    kind: Annotated[str, typer.Argument(help="The kind of row, e.g. rilevazioni.")],
    home: Home = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="The workbook.", show_default="KIND.xlsx")
    ] = None,
) -> None:
    """Make an Excel workbook for one kind of row, with drop-down lists and checks."""
    from geo_core.forms.make import write_template

    settings = _settings(home)
    path = write_template(settings.project, settings.input, kind, target=file)
    out.print(Text(str(path)), soft_wrap=True)


@app.command()
def verify(
    ident: Annotated[str, typer.Argument(help="A release; the current one if left out.")] = "",
    home: Home = None,
) -> None:
    """Check every byte of a release against its manifest."""
    root = _settings(home).releases
    chosen = ident or current(root)
    if not chosen:
        raise ReleaseError("there is no current release", hint="run `atlante build` first")
    if chosen not in available(root):
        raise ReleaseError(f"there is no release {chosen}", hint="run `atlante releases`")
    manifest = open_release(root / chosen).manifest
    out.print(f"{chosen}: {len(manifest.files)} files match the manifest")


@app.command()
def audit(
    what: Annotated[
        str, typer.Argument(metavar="URL|FOLDER", help="A running service, or one release.")
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="File for the machine-readable report.")
    ] = None,
) -> None:
    """Attack what is published, from outside: 0 if nothing is found, 1 if something is."""
    from checks.audit.command import main as run

    raise typer.Exit(run(what, json_file))


@app.command()
def use(
    ident: Annotated[str, typer.Argument(help="The release to serve, e.g. an older one.")],
    home: Home = None,
) -> None:
    """Make a release current: roll back, or forward again."""
    root = _settings(home).releases
    if ident in available(root):
        open_release(root / ident)
    switch(root, ident)
    out.print(f"current: {ident}")


def main() -> None:
    """Run the command line; the entry point of the package."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=err, show_time=False, show_path=False)],
    )
    try:
        app()
    except AtlanteError as error:
        _fail(str(error), error.exit_code, italian=error_in_italian(error))
    except OSError as error:
        name = Path(error.filename).name if isinstance(error.filename, str) else "the disk"
        _fail(f"{name}: {error.strerror or error}", 9)


def _fail(message: str, code: int, *, italian: str = "") -> NoReturn:
    """Say what is wrong and how to mend it: in Italian first where it is known, then in English."""
    if italian and italian != message:
        err.print("[bold red]errore[/bold red]", Text(italian))
    err.print("[bold red]error[/bold red]", Text(message))
    sys.exit(code)


def _settings(home: Path | None) -> BuildSettings:
    if home is None:
        return settings_of(BuildSettings)
    # A home on the command line wins over a folder of releases in the environment.
    return settings_of(BuildSettings, home=home.resolve(), releases=home.resolve() / "releases")


def _usable(settings: BuildSettings) -> bool:
    """Tell whether the current release is there and as declared; the server checks its bytes."""
    root = settings.releases
    named = current(root)
    if named is None or named not in available(root):
        return False
    try:
        manifest = read_manifest(root / named)
    except ReleaseError:
        return False
    return is_declared(manifest, settings.project)


def _build(
    settings: BuildSettings, *, allow_partial: bool = False, new_figures: list[str] | None = None
) -> None:
    from geo_core.pipeline import build as run

    with stages(out) as report:
        manifest = run(
            settings, report=report, allow_partial=allow_partial, new_figures=new_figures
        )
    out.print(f"release {manifest.id}: {len(manifest.collections)} collections")
    for info in manifest.collections:
        out.print(f"  {info.layer.id:<20} {info.count:>7,} features", highlight=False)
