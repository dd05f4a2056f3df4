"""Runs an importer: a file as its author publishes it becomes input tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import yaml

from geo_core import private
from geo_core.catalog import CodeList
from geo_core.importers.base import Context, Imported, Importer
from geo_core.importers.registry import REGISTRY
from geo_core.importers.siuss import with_english
from geo_core.ingest.problems import RowProblem
from geo_core.ingest.rules import TABLES
from geo_core.input_folder import held
from geo_core.model.text import Text
from geo_core.sources import csv, geopop
from geo_core.strict_yaml import read_document
from geo_core.uploads import storing
from geo_core.uploads.consequences import Consequences, consequences
from geo_core.uploads.names import shown_file, shown_heading
from geo_core.uploads.receipt import Receipt, RefusedRow
from geo_core.uploads.upload import Desk, Wishes

CODELISTS: Final = "codelists"
"""Folder, beside the input folder, of code lists as their author publishes them."""


def is_importer(name: str) -> bool:
    """Tell whether a name is an importer's."""
    return name in REGISTRY


def run(desk: Desk, name: str, files: Sequence[Path], wishes: Wishes) -> Receipt:
    """Import files with one importer; its tables are stored all together, or none.

    Raises
    ------
    AtlanteError
        A file cannot be read, or is not what its author publishes; nothing changed.
    """
    importer, folder = REGISTRY[name], desk.settings.input
    with held(folder):
        desk.remember()
        around = desk.around()
        context = Context(
            district=desk.district,
            municipalities=geopop.municipalities(),
            wanted=frozenset(around.municipalities["cod_istat"]),
            input=folder,
        )
        imported = importer.read(files, context)
        found = consequences(imported.tables, around)
        late = _refused(found, files)
        complete = found.harmless and not (imported.problems or late)
        written = wishes.partial or complete
        tables = {
            name: _without(name, table, found.own.get(name, ()), folder)
            for name, table in imported.tables.items()
        }
        exchanged = [storing.exchanged(folder, *table) for table in tables.items()]
        if written:
            storing.store(folder, tables)
            for codelist in imported.codelists.items():
                _store_codelist(desk, *codelist)
    receipt = _receipt(importer, files, imported, found, written=written)
    if not written:
        return receipt
    sizes = (_size(*table) for table in tables.items())
    return receipt.model_copy(
        update={
            "notes": (*receipt.notes, *sizes),
            "replaced": sum(replaced for replaced, _ in exchanged),
            "unchanged": sum(unchanged for _, unchanged in exchanged),
        }
    )


def _refused(found: Consequences, files: Sequence[Path]) -> dict[int, RowProblem]:
    """Return the rows of the one file of a register that the build would refuse, each once."""
    return {
        problem.row: dataclasses.replace(problem, file=files[0].name)
        for problems in found.own.values()
        for problem in problems
    }


def _without(
    name: str, table: pd.DataFrame, refused: Sequence[RowProblem], folder: Path
) -> pd.DataFrame:
    """Leave refused rows out of a register; what was there of the same code stays as it was."""
    if not refused:
        return table
    wrong = table.index.isin([problem.row for problem in refused])
    before, key = storing.read_table(folder / f"{name}.csv"), TABLES[name].key
    back = before[before[key].isin(table.loc[wrong, key])] if len(before) else before
    there = back.reindex(columns=table.columns).set_axis(-(back.index + csv.FIRST_ROW))
    return pd.concat([table[~wrong], there]).fillna("")


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
    found: Consequences,
    *,
    written: bool,
) -> Receipt:
    names = {path.name: shown_file(path.name, i) for i, path in enumerate(files, start=1)}
    late = _refused(found, files)
    problems = [_as_sent(problem, imported.headings) for problem in late.values()]
    lists = [f"{CODELISTS}/{name}.yml" for name in imported.codelists]
    return Receipt(
        name=importer.name,
        title=importer.title,
        files=tuple(names.values()),
        written=written,
        rows=imported.rows,
        accepted=imported.accepted - len(late),
        left_out_rows=imported.left_out,
        refused=tuple(
            RefusedRow.of(dataclasses.replace(problem, file=names[problem.file]))
            for problem in (*imported.problems, *problems)
        ),
        broken=tuple(RefusedRow.of(problem) for problem in found.broken),
        orphaned=dict(found.orphaned),
        unpeopled=found.unpeopled,
        left_out=tuple(shown_heading(name) for name in imported.dropped),
        notes=(*imported.notes, *(_for_comparison(path) for path in lists if written)),
    )


def _as_sent(problem: RowProblem, headings: Mapping[str, str]) -> RowProblem:
    """Name the columns as the file does."""
    cells = (cell._replace(column=headings.get(cell.column, cell.column)) for cell in problem.cells)
    return dataclasses.replace(problem, cells=tuple(cells))


def _for_comparison(path: str) -> Text:
    return Text(it=f"scritto per il confronto: {path}", en=f"written for comparison: {path}")


def _size(name: str, table: pd.DataFrame) -> Text:
    return Text(
        it=f"la tabella {name} ha ora {len(table)} righe",
        en=f"the table {name} has {len(table)} rows now",
    )
