"""Runs an importer: a file as its author publishes it becomes input tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import yaml

from geo_core import private
from geo_core.catalog import CodeList
from geo_core.importers.base import Context, Imported, Importer
from geo_core.importers.registry import REGISTRY
from geo_core.importers.siuss import with_english
from geo_core.ingest.rules import TABLES
from geo_core.model.text import Text
from geo_core.sources import geopop
from geo_core.strict_yaml import read_document
from geo_core.uploads import storing
from geo_core.uploads.checking import Around, check_in_registers, check_register_as_it_is
from geo_core.uploads.names import shown_file, shown_heading
from geo_core.uploads.receipt import Receipt, RefusedRow
from geo_core.uploads.upload import Desk, Wishes

CODELISTS = "codelists"
"""Folder, beside the input folder, of code lists as their author publishes them."""


def is_importer(name: str) -> bool:
    """Tell whether a name is an importer's."""
    return name in REGISTRY


def run(desk: Desk, name: str, files: Sequence[Path], wishes: Wishes) -> Receipt:
    """Import files with one importer; it returns its tables whole, and they are stored whole.

    Raises
    ------
    AtlanteError
        A file cannot be read, or is not what its author publishes; nothing changed.
    """
    importer = REGISTRY[name]
    folder = desk.settings.input
    context = Context(
        district=desk.district,
        municipalities=geopop.municipalities(),
        wanted=frozenset(desk.municipalities["cod_istat"]),
        input=folder,
    )
    with storing.locked(folder):
        imported = importer.read(files, context)
        found = _refused(imported, desk.around())
        written = wishes.partial or not found
        if written:
            _store(desk, imported)
    return _receipt(importer, files, imported, found, written=written)


def _refused(imported: Imported, around: Around) -> tuple[RefusedRow, ...]:
    """Return what the importer refused, and what the checks of the registers would refuse now."""
    found = [RefusedRow.of(problem) for problem in imported.problems]
    registers = {name: table for name, table in imported.tables.items() if name in TABLES}
    if registers:
        problems = check_in_registers(registers, around)
        before = check_register_as_it_is(around)
        new = [p for listed in problems.values() for p in listed if p not in before]
        found += [RefusedRow.of(problem) for problem in new]
    return tuple(found)


def _store(desk: Desk, imported: Imported) -> None:
    folder = desk.settings.input
    for name, table in imported.tables.items():
        if isinstance(table, gpd.GeoDataFrame):
            storing.write_boundaries(folder / f"{name}.parquet", table)
        else:
            whole = table.fillna("").astype(str)
            private.write(folder / f"{name}.csv", storing.stored(whole))
    for name, codelist in imported.codelists.items():
        _store_codelist(desk, name, codelist)


def _store_codelist(desk: Desk, name: str, codelist: CodeList) -> None:
    """Keep a code list for a person to compare: declarations are changed by people only."""
    declared = desk.settings.project / "layers" / "codelists" / f"{name}.yml"
    if declared.exists():
        codelist = with_english(codelist, read_document(declared, CodeList))
    folder = desk.settings.home / CODELISTS
    folder.mkdir(parents=True, exist_ok=True)
    document = codelist.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    private.write(folder / f"{name}.yml", text.encode())


def _receipt(
    importer: Importer,
    files: Sequence[Path],
    imported: Imported,
    refused: tuple[RefusedRow, ...],
    *,
    written: bool,
) -> Receipt:
    accepted = sum(len(table) for table in imported.tables.values())
    lists = [f"{CODELISTS}/{name}.yml" for name in imported.codelists]
    notes = [*imported.notes, *(f"written for comparison: {path}" for path in lists)]
    return Receipt(
        name=importer.name,
        title=importer.title,
        files=tuple(shown_file(path.name, i) for i, path in enumerate(files, start=1)),
        written=written,
        of=tuple(f"{name}: {_size(table)}" for name, table in imported.tables.items()),
        rows=accepted + len(refused),
        accepted=accepted,
        refused=refused,
        left_out=tuple(shown_heading(name) for name in imported.dropped),
        notes=tuple(Text(it=note, en=note) for note in notes),
    )


def _size(table: pd.DataFrame) -> str:
    return f"{len(table)} righe"
