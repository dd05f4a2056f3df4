"""Makes the files that people fill in: offline forms and workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from geo_core import private
from geo_core.catalog import read_catalog
from geo_core.errors import IngestError, NotFound
from geo_core.forms.describe import describe, entered
from geo_core.forms.html import render
from geo_core.forms.known import Known, find_body, read_known
from geo_core.forms.workbook import workbook
from geo_core.ingest.rules import TABLES
from geo_core.input_folder import held
from geo_core.model.district import District
from geo_core.strict_yaml import read_document


def write_forms(
    project: Path, folder: Path, code: str, *, kind: str | None, target: Path
) -> Iterator[tuple[Path, str]]:
    """Write the forms of one body, one file for each kind, for its owner only (mode 0600).

    A form may list pacts of the body that are not signed yet, and its reserved offices.

    Parameters
    ----------
    project : Path
        Folder with `layers/`, `styles/` and `config/`.
    folder : Path
        The input folder, with the registers that rows refer to.
    code : str
        An organisation or a managing body.
    kind : str | None
        One kind of row; None for all.
    target : Path
        Folder that receives the files; made if it is not there.

    Yields
    ------
    tuple
        Path of a form, and why it was left out (empty if it was written).

    Raises
    ------
    NotFound
        There is no such body or kind; names the closest.
    IngestError
        The one kind that was asked for refers to rows that are not there.
    """
    catalog, known = read_catalog(project), _known(project, folder)
    body = find_body(known, code)
    target.mkdir(parents=True, exist_ok=True)
    for name in _kinds(entered(catalog), kind):
        path = target / f"modulo-{name}-{body.code}.html"
        try:
            page = render(describe(catalog, name, known, body))
        except IngestError as error:
            if kind is not None:
                raise
            yield path, error.message
            continue
        private.write(path, page.encode())
        yield path, ""


def write_template(project: Path, folder: Path, name: str, *, target: Path | None) -> Path:
    """Write the workbook of a kind and return its path; it lists only what is public.

    Parameters
    ----------
    project, folder : Path
        As in `write_forms`.
    name : str
        A register or a table about persons; `NotFound` with the closest name if there is none.
    target : Path | None
        The file; None for ``<kind>.xlsx`` in the working folder.
    """
    catalog = read_catalog(project)
    (kind,) = _kinds((*catalog.intake, *TABLES), name)
    path = target or Path(f"{kind}.xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook(catalog, kind, _known(project, folder)).save(path)
    return path


def _known(project: Path, folder: Path) -> Known:
    district = read_document(project / "config" / "distretto.yml", District)
    with held(folder):
        return read_known(folder, district)


def _kinds(every: tuple[str, ...], name: str | None) -> tuple[str, ...]:
    """Return the kind that is asked for, or every one; an error lists them once."""
    if name is None:
        return every
    if name not in every:
        missing = NotFound.among("kind", name, every)
        listed = f"the kinds are: {', '.join(every)}"
        close = missing.hint.startswith("did you mean")
        missing.hint = f"{missing.hint}; {listed}" if close else listed
        raise missing
    return (name,)
