"""The command `atlante`: build a release, look after releases, serve them.

Every failure is one or a few lines for the person at the keyboard and an exit code of its own
(`geo_core.errors`); no traceback.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from geo_core.console import stages
from geo_core.errors import AtlanteError, ReleaseError
from geo_core.release.pointer import available, current, switch
from geo_core.release.read import open_release, read_manifest
from geo_core.settings import BuildSettings

app = typer.Typer(
    name="atlante",
    help="Services, opportunities and anonymised social needs of a province, on H3 hexagons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
err = Console(stderr=True)

Home = Annotated[
    Path | None,
    typer.Option(help="Folder of inputs, releases and sealed noise.", show_default="var/"),
]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Server processes.")]
AllowPartial = Annotated[
    bool, typer.Option("--allow-partial", help="Publish although rows were refused.")
]


@app.command()
def build(home: Home = None, *, allow_partial: AllowPartial = False) -> None:
    """Build a release from the files in the input folder and make it current."""
    _build(_settings(home), allow_partial=allow_partial)


@app.command()
def synth(
    home: Home = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same district.")] = 20231231,
) -> None:
    """Write the files of the synthetic demonstration district into the input folder."""
    from geo_core.synth.district import write_district

    settings = _settings(home)
    with stages(out) as report:
        report.stage("synthetic district")
        write_district(settings.input, seed=seed)


@app.command()
def demo(
    home: Home = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
) -> None:
    """Build the demonstration release if it is not there, and serve it."""
    settings = _settings(home)
    if not _usable(settings.releases):
        if not any(settings.input.glob("*.csv")):
            synth(home)
        _build(settings, allow_partial=False)
    serve(home, host, port, workers)


@app.command()
def serve(
    home: Home = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
) -> None:
    """Serve the current release; a new one is picked up without a restart."""
    from api.asgi import serve as run
    from api.settings import Settings

    settings = Settings(releases=_settings(home).releases, host=host, port=port, workers=workers)
    address = settings.public_url
    out.print(f"{address}/ (map: {address}/embed/, QGIS and GDAL: {address}); Ctrl+C stops it")
    run(settings)


@app.command()
def releases(home: Home = None) -> None:
    """List the releases, the current one marked."""
    root = _settings(home).releases
    now = current(root)
    table = Table("", "release", "data al", "raccolte", "file", "MB")
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
        err.print(f"[bold red]error[/bold red] {error}", highlight=False, markup=True)
        sys.exit(error.exit_code)
    except OSError as error:
        name = Path(error.filename).name if isinstance(error.filename, str) else "the disk"
        err.print(f"[bold red]error[/bold red] {name}: {error.strerror or error}")
        sys.exit(9)


def _settings(home: Path | None) -> BuildSettings:
    return BuildSettings() if home is None else BuildSettings(home=home.resolve())


def _usable(root: Path) -> bool:
    """Tell whether the server would find a release; the server itself checks every byte."""
    return current(root) is not None and bool(available(root))


def _build(settings: BuildSettings, *, allow_partial: bool) -> None:
    from geo_core.pipeline import build as run

    with stages(out) as report:
        manifest = run(settings, report=report, allow_partial=allow_partial)
    out.print(f"release {manifest.id}: {len(manifest.collections)} collections")
    for info in manifest.collections:
        out.print(f"  {info.layer.id:<20} {info.count:>7,} features", highlight=False)
