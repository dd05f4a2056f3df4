"""What `atlante import` does: a withdrawal, a delivery of nothing, an importer or an upload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from geo_core.errors import IngestError
from geo_core.uploads import importing
from geo_core.uploads.nothing import report_nothing
from geo_core.uploads.receipt import Receipt
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw


def take_in(  # noqa: PLR0913 - each is an option of the command
    desk: Desk,
    name: str,
    files: Sequence[str],
    wishes: Wishes,
    *,
    nothing: str | None,
    withdrawn: str | None,
) -> Receipt:
    """Do what is asked of a table or an importer.

    Parameters
    ----------
    nothing, withdrawn : str | None
        Body and period, with a blank between them, of which there is nothing to report, or whose
        rows go; None if a file is to be taken in.

    Raises
    ------
    AtlanteError
        There is no such name, or nothing was changed for the reason it tells.
    """
    importer = importing.is_importer(name)
    if wishes.covers and (importer or withdrawn or nothing or not files):
        raise IngestError(
            "--covers says what the files of a table cover",
            hint="give it with the files, and leave out --withdraw and --nothing",
        )
    if withdrawn is not None:
        return withdraw(desk, name, withdrawn.split(), partial=wishes.partial)
    if nothing is not None:
        return report_nothing(desk, name, nothing, invented=wishes.invented)
    if importer:
        return importing.run(desk, name, [Path(file) for file in files], wishes)
    if not files:
        hint = f"atlante import {name} FILE; its columns: atlante import {name} --columns"
        raise IngestError("no file is given", hint=hint)
    return upload(desk, name, files, wishes)
