"""Commands on the folder of releases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from geo_core.commands.common import OUT, settings_at
from geo_core.errors import AtlanteError, ReleaseError
from geo_core.model.text import Text
from geo_core.options import Home
from geo_core.release.pointer import available, current, switch
from geo_core.release.read import open_release, read_manifest


def releases(
    home: Home = None,
    forget: Annotated[list[str] | None, typer.Option(help="Remove a release instead.")] = None,
) -> None:
    """List the releases, the current one marked; or remove some."""
    root = settings_at(home).releases
    if forget:
        from geo_core.release.write import forget as remove

        for ident in forget:
            remove(root, ident)
            OUT.print(f"tolta / removed: {ident}")
        return
    now = current(root)
    table = Table("")
    table.add_column("versione / release", no_wrap=True)
    for head in ("al / as of", "raccolte", "file", "MB"):
        table.add_column(head)
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
    OUT.print(table)


def verify(
    ident: Annotated[str, typer.Argument(help="A release; the current one if left out.")] = "",
    home: Home = None,
) -> None:
    """Check every byte of a release against its manifest."""
    root = settings_at(home).releases
    chosen = ident or current(root)
    if not chosen:
        raise ReleaseError("there is no current release", hint="run `atlante build` first")
    if chosen not in available(root):
        raise ReleaseError(f"there is no release {chosen}", hint="run `atlante releases`")
    manifest = open_release(root / chosen).manifest
    number = len(manifest.files)
    said = f"{number} file sono quelli del manifesto / {number} files match the manifest"
    OUT.print(f"{chosen}: {said}", soft_wrap=True)


def use(
    ident: Annotated[str, typer.Argument(help="The release to serve, e.g. an older one.")],
    home: Home = None,
) -> None:
    """Make a release current: roll back, or forward again."""
    root = settings_at(home).releases
    if ident in available(root):
        open_release(root / ident)
    switch(root, ident)
    OUT.print(f"in uso / current: {ident}")


def changes(
    before: Annotated[str, typer.Argument(help="The older of two releases.")],
    now: Annotated[str, typer.Argument(help="The newer; the current one if left out.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="OUT.csv", help="One row per figure.")
    ] = None,
    home: Home = None,
) -> None:
    """Say which indicators and scores changed between two releases by more than noise."""
    from geo_core.between import changes as compared
    from geo_core.between import counts

    root = settings_at(home).releases
    found = compared(*(open_release(root / ident) for ident in _two(root, before, now)))
    table = Table("raccolta / collection", "variazione / change", "cifre / figures")
    for name, of in counts(found):
        for kind, title in _KINDS.items():
            if kind in of:
                table.add_row(name, f"{title.it} / {title.en}", str(of[kind]))
    OUT.print(table)
    if out is not None:
        found.to_csv(out, index=False)
        OUT.print(str(out), soft_wrap=True)


_KINDS = {
    "aumento": Text(it="aumento", en="increase"),
    "diminuzione": Text(it="diminuzione", en="decrease"),
    "rumore": Text(it="nessuna oltre il rumore", en="none beyond noise"),
    "no-data": Text(it="senza intervallo", en="no interval"),
    "metodo": Text(it="altro metodo", en="other method"),
    "solo-una": Text(it="solo in una versione", en="in one release alone"),
}


def _two(root: Path, before: str, now: str) -> tuple[str, str]:
    """Return two releases that exist; the second is the current one if none is named."""
    named = (before, now or current(root) or "")
    known = available(root)
    for ident in named:
        if ident not in known:
            raise ReleaseError(f"there is no release {ident}", hint="run `atlante releases`")
    return named
