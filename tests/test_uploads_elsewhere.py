"""Uploads and withdrawals that would leave rows of other tables behind."""

from __future__ import annotations

import re

import pytest
from test_cli import atlante
from test_uploads import desk, home, invented, rows_of, sent, stored

from geo_core.errors import IngestError, NotFound
from geo_core.importers.registry import REGISTRY
from geo_core.model.mapping import ColumnMapping
from geo_core.sources import csv
from geo_core.uploads import upload as module
from geo_core.uploads.offered import IMPORTED_TABLES, IMPORTERS
from geo_core.uploads.receipt import keep
from geo_core.uploads.tables import names, target
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

__all__ = ["desk", "home", "invented"]


def rated(desk: Desk) -> tuple[str, int]:
    """Return an organisation whose offices nothing but ratings refer to, and their number."""
    offices, areas = rows_of(desk, "sedi"), rows_of(desk, "aree_servizio")
    ratings = rows_of(desk, "valutazioni")["id_sede"]
    for body, own in offices.groupby("id_org")["id_sede"]:
        marks = int(ratings.isin(set(own)).sum())
        if marks and not areas["id_sede"].isin(set(own)).any():
            return str(body), marks
    raise AssertionError("there is no such organisation")


def test_ratings_are_not_left_without_their_office(desk: Desk, tmp_path):
    body, marks = rated(desk)
    before = stored(desk, "sedi").read_bytes()
    receipt = withdraw(desk, "sedi", [body])
    assert not receipt.written
    assert (receipt.orphaned, receipt.broken) == ({"valutazioni": marks}, ())
    own = rows_of(desk, "sedi", id_org=body)
    other = own.assign(id_sede=[f"NUOVA-{i}" for i in range(len(own))])
    replaced = upload(desk, "sedi", [sent(tmp_path, other)], Wishes())
    assert (replaced.written, replaced.orphaned) == (False, {"valutazioni": marks})
    assert stored(desk, "sedi").read_bytes() == before
    text = keep(replaced, desk.settings.receipts).read_text(encoding="utf-8")
    for office in own["id_sede"]:
        assert re.search(rf"\b{office}\b", text) is None
    assert withdraw(desk, "sedi", [body], partial=True).written


def test_records_are_not_left_without_their_organisation(desk: Desk):
    home = desk.settings.home
    counts = {
        table: int((csv.read(stored(desk, table))["id_org"] == "ORG-048").sum())
        for table in ("rilevazioni", "domanda", "segnalazioni")
    }
    assert sum(counts.values()) > 0
    done = atlante("import", "organizzazioni", "--withdraw", "ORG-048", "--home", home)
    assert done.returncode == 5
    assert "nothing was changed" in done.stderr
    assert "--allow-partial" in done.stderr
    for table, rows in counts.items():
        assert not rows or f"{rows} righe di {table}" in done.stdout
    assert len(rows_of(desk, "organizzazioni", id_org="ORG-048")) == 1


def test_opportunities_are_not_left_without_their_body(desk: Desk, tmp_path):
    bodies = rows_of(desk, "ambiti")
    named = ";".join(rows_of(desk, "opportunita")["ambito_territoriale"]).split(";")
    body = next(b for b in sorted(named) if b in set(bodies["cod_ambito"]))
    renamed = bodies.assign(cod_ambito=bodies["cod_ambito"].replace(body, "NUOVO"))
    receipt = upload(desk, "ambiti", [sent(tmp_path, renamed)], Wishes())
    assert not receipt.written
    assert {row.file for row in receipt.broken} >= {"opportunita.csv"}
    assert not receipt.refused


def test_a_key_that_nothing_has_is_an_error_that_says_what_there_is(desk: Desk):
    rows = csv.read(stored(desk, "rilevazioni"))
    body, month = rows.iloc[0][["id_org", "periodo"]]
    before = stored(desk, "rilevazioni").read_bytes()
    year, number = month.split("-")
    done = atlante(
        "import", "rilevazioni", "--withdraw", f"{body} {number}/{year}", "--home",
        desk.settings.home,
    )  # fmt: skip
    assert done.returncode == 5
    assert f"{body} {month}" in done.stderr
    assert stored(desk, "rilevazioni").read_bytes() == before
    with pytest.raises(IngestError, match="no row of sedi") as raised:
        withdraw(desk, "sedi", ["NESSUNO"])
    assert "ORG-" in raised.value.hint
    assert raised.value.hint.count("ORG-") <= module.MOST
    done = atlante(
        "import", "rilevazioni", "--withdraw", f"{body} {month}", "--home", desk.settings.home
    )
    assert done.returncode == 0
    assert "ritirato" in done.stdout


def test_a_refusal_names_file_row_and_column_as_they_are_sent(desk: Desk, tmp_path):
    rows = rows_of(desk, "sedi").groupby("id_org").head(2).iloc[:4]
    first = rows.iloc[:2].rename(columns={"tipo_sede": "Tipo"})
    second = rows.iloc[2:].rename(columns={"tipo_sede": "Tipo"})
    second.iloc[1, second.columns.get_loc("Tipo")] = "castello"
    own = {c: c for c in rows.columns if c != "tipo_sede"}
    mapping = ColumnMapping(columns={**own, "Tipo": "tipo_sede"})
    desk.catalog.documents["sedi"].mappings["prova"] = mapping
    files = [sent(tmp_path, first, "uno.csv"), sent(tmp_path, second, "due.csv", sep=";")]
    receipt = upload(desk, "sedi", files, Wishes(profile="prova"))
    (refused,) = receipt.refused
    assert (refused.file, refused.row, refused.cells[0].column) == ("due.csv", 3, "Tipo")


def test_help_lists_what_can_be_imported(desk: Desk):
    assert set(IMPORTERS) == set(REGISTRY)
    assert set(IMPORTED_TABLES) == set(names(desk.catalog))
    shown = atlante("import", "--help").stdout
    for name in (*IMPORTERS, *IMPORTED_TABLES):
        assert name in shown
    done = atlante("template", "serviti", "--home", desk.settings.home)
    assert done.returncode != 0
    assert "rilevazioni" in done.stderr


def test_every_table_has_columns_and_an_unknown_one_a_suggestion(desk: Desk):
    known = desk.around().known
    for name in names(desk.catalog):
        assert target(name, desk.catalog, known).columns, name
    with pytest.raises(NotFound, match="sedi"):
        target("sede", desk.catalog, known)
