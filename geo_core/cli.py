"""The command `atlante`: build a release, serve it, attack it; the rest is in `commands/`.

Every failure is one or a few lines for the person at the keyboard and an exit code of its own
(`geo_core.errors`); no traceback.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.logging import RichHandler
from rich.text import Text

from geo_core.catalog import is_declared
from geo_core.commands import index, policies, releases, tables
from geo_core.commands.common import ERR, OUT, settings_at
from geo_core.console import stages
from geo_core.errors import AtlanteError, ReleaseError
from geo_core.ingest.italian import error_in_italian, in_italian
from geo_core.options import AllowPartial, Home, Host, NewFigures, Only, Port, Workers
from geo_core.release.pointer import available, current
from geo_core.release.read import read_manifest
from geo_core.settings import BuildSettings, settings_of

if TYPE_CHECKING:
    from geo_core.gate import Verdict

app = typer.Typer(
    name="atlante",
    help="Services, opportunities and anonymised social needs of a province, on H3 hexagons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    _build(settings_at(home), allow_partial=allow_partial, new_figures=drawn)


app.command()(tables.synth)
app.command("import")(tables.import_)


@app.command()
def demo(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
) -> None:
    """Build the demonstration release if it is missing or declared otherwise, and serve it."""
    settings = settings_at(home)
    if not _usable(settings):
        if not any(settings.input.glob("*.csv")):
            tables.synth(home)
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
    run(settings_of(Settings, releases=settings_at(home).releases, **stated))


@app.command("export-static")
def export_static(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    url: Annotated[
        str | None, typer.Option(help="Address the folder will have on its web host.")
    ] = None,
    home: Home = None,
) -> None:
    """Write the whole public service as plain files, for a web host that runs no program."""
    from api.mirror.writing import export
    from api.settings import Settings

    stated: dict[str, Any] = {} if url is None else {"public_url": url}
    settings = settings_of(Settings, releases=settings_at(home).releases, **stated)
    with ERR.status("…") as shown:
        done = export(folder, settings, shown.update)
    OUT.print(f"{done.files} file, {done.size / 1e6:.0f} MB: {settings.public_url}/")
    for address in done.missing:
        ERR.print(f"senza risposta / no answer: {address}", markup=False, soft_wrap=True)


app.command()(releases.releases)
app.command()(tables.secrets)
app.command()(tables.modulo)
app.command()(tables.template)
app.command()(releases.verify)
app.command()(releases.changes)
app.command()(policies.sign)
app.command()(index.index)


@app.command()
def audit(
    what: Annotated[
        str, typer.Argument(metavar="URL|FOLDER", help="A running service, or one release.")
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="File for the machine-readable report.")
    ] = None,
    before: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL|FOLDER", help="An earlier release to compare with; may be repeated."
        ),
    ] = None,
) -> None:
    """Attack what is published, from outside.

    Exit code 0 if nothing is found, 1 if something is, 2 if there is nothing to audit.
    """
    from checks.audit.command import main as run

    raise typer.Exit(run(what, json_file, before or ()))


@app.command()
def conform(
    url: Annotated[str, typer.Argument(metavar="URL", help="Landing page of any server.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="File for the machine-readable report.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="File for the report as a page.")
    ] = None,
    collections: Annotated[
        int, typer.Option(min=1, help="Collections that are tested, the most varied ones.")
    ] = 4,
    requests: Annotated[int, typer.Option(min=10, help="Requests sent at most.")] = 5_000,
) -> None:
    """Test a server of OGC API Features, Tiles or DGGS against the requirements it declares.

    Exit code 0 if all that was tested is met, 1 if something is not, 2 if there is nothing to test.
    """
    from checks.conform.command import main as run

    done = run(
        url,
        json_file=json_file,
        html_file=html_file,
        collections=collections,
        requests=requests,
    )
    raise typer.Exit(done)


@app.command()
def doctor(
    url: Annotated[str, typer.Argument(metavar="URL", help="Landing page of a service.")],
    client: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="forms, qgis, ogrinfo, geopandas, owslib, chromium, sf; all if none is named.",
        ),
    ] = "",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="File for the machine-readable report.")
    ] = None,
    log_file: Annotated[
        Path | None, typer.Option("--log", help="File for every request of a client.")
    ] = None,
) -> None:
    """Read a running service with real clients, and compare the figures of every form it has.

    Exit code 0 if all is well, 1 if something is not, 2 if there is nothing to compare.
    """
    from checks.doctor.command import main as run

    raise typer.Exit(run(url, clients=client, json_file=json_file, log_file=log_file))


@app.command()
def recompute(
    what: Annotated[
        str, typer.Argument(metavar="URL|FOLDER", help="A running service, or one release.")
    ],
    collection: Annotated[
        str | None, typer.Argument(help="All that say how they are computed, if none is named.")
    ] = None,
    feature: Annotated[str | None, typer.Argument(help="Id of one feature of it.")] = None,
) -> None:
    """Compute published values again from their inputs, step by step, by code of its own.

    Exit code 0 if all are equal, 1 if one differs, 2 if there is nothing to compute.
    """
    from checks.recompute.command import main as run

    raise typer.Exit(run(what, collection, feature))


app.command()(releases.use)


def main() -> None:
    """Run the command line; the entry point of the package."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=ERR, show_time=False, show_path=False)],
    )
    try:
        done = app(standalone_mode=False)
    except typer.TyperException as error:
        _misused(error)
    except AtlanteError as error:
        _fail(str(error), error.exit_code, italian=error_in_italian(error))
    except OSError as error:
        name = Path(error.filename).name if isinstance(error.filename, str) else "the disk"
        _fail(f"{name}: {error.strerror or error}", 9)
    sys.exit(done if isinstance(done, int) else 0)


def _misused(error: typer.TyperException) -> NoReturn:
    """Say which word of the command line is wrong, and how to ask for the right ones."""
    said = error.format_message()
    if not said:  # the help was asked for by saying nothing, and has been shown
        sys.exit(error.exit_code)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else app.info.name
    _fail(f"{said}\n  {command} --help", error.exit_code, italian=in_italian(said))


def _fail(message: str, code: int, *, italian: str = "") -> NoReturn:
    """Say what is wrong and how to mend it: in Italian first where it is known, then in English."""
    if italian and italian != message:
        ERR.print("[bold red]errore[/bold red]", Text(italian))
    ERR.print("[bold red]error[/bold red]", Text(message))
    sys.exit(code)


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
    from geo_core.told import built

    with stages(OUT) as report:
        manifest = run(
            settings,
            report=report,
            audit=_audited,
            allow_partial=allow_partial,
            new_figures=new_figures,
        )
    OUT.print(built(manifest), highlight=False)


def _audited(folder: Path, before: Sequence[Path], progress: Callable[[str], None]) -> Verdict:
    """Hand the audit to the build, which must not import it."""
    from checks.audit.gate import judge

    return judge(folder, before, progress)
