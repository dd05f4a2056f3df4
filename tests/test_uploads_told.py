"""What a person who hands in a file is told: right remedies, every wrong cell, agreeing counts."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from rich.console import Console
from test_cli import atlante
from test_uploads import BODY, INVENTED, desk, home, invented, rows_of, sent, some_records, stored

from geo_core.errors import IngestError, SourceError
from geo_core.ingest.columns import Column, read_value
from geo_core.ingest.italian import in_italian
from geo_core.ingest.kinds import References
from geo_core.ingest.problems import Refusal
from geo_core.model.mapping import ColumnMapping
from geo_core.sources import csv
from geo_core.uploads.described import described
from geo_core.uploads.receipt import Receipt, check_written, shown
from geo_core.uploads.tables import names, target
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

__all__ = ["desk", "home", "invented"]


def told(receipt: Receipt) -> dict[str, tuple[str, str]]:
    """Return reason and remedy of the one refused row, by column."""
    (row,) = receipt.refused
    return {cell.column: (cell.reason.it, cell.hint.it) for cell in row.cells}


def on_screen(receipt: Receipt) -> str:
    text = io.StringIO()
    Console(file=text, width=120).print(shown(receipt))
    return text.getvalue()


def changed(desk: Desk, folder: Path, **cells: str) -> Receipt:
    """Upload one record of persons with some cells written otherwise."""
    row = some_records(desk).iloc[:1].assign(**cells)
    return upload(desk, "rilevazioni", [sent(folder, row)], INVENTED)


def test_a_municipality_of_persons_may_lack_its_zeros(desk: Desk, tmp_path: Path):
    assert changed(desk, tmp_path, unita_luogo="2158").written
    assert "002158" in set(csv.read(stored(desk, "rilevazioni"))["unita_luogo"])
    reason, hint = told(changed(desk, tmp_path, unita_luogo="Vercelli"))["unita_luogo"]
    assert "né il codice di un comune" in reason
    assert "cella" in hint
    assert "comune, di sei cifre" in hint


def test_lists_of_municipalities_may_lack_their_zeros(desk: Desk, tmp_path: Path):
    areas = rows_of(desk, "aree_servizio")
    one = areas[areas["base"] == "comuni"].iloc[:1].assign(comuni="2158; 2148")
    receipt = upload(desk, "aree_servizio", [sent(tmp_path, one)], Wishes())
    assert not [cell for row in receipt.refused for cell in row.cells if cell.column == "comuni"]


@pytest.mark.parametrize("text", ["2023-05-01", "2023-05-17", "01/05/2023"])
def test_a_day_where_a_month_is_expected_is_told_so(desk: Desk, tmp_path: Path, text: str):
    reason, hint = told(changed(desk, tmp_path, periodo=text))["periodo"]
    assert "giorno intero" in reason
    assert "solo il mese" in hint
    assert "persona" not in hint


def test_what_a_spreadsheet_spoils_is_told(desk: Desk, tmp_path: Path):
    _, hint = told(changed(desk, tmp_path, fascia_eta="2023-05-03"))["fascia_eta"]
    assert "foglio di calcolo" in hint
    office = rows_of(desk, "sedi", id_org=BODY).iloc[:1].assign(cap="4010")
    receipt = upload(desk, "sedi", [sent(tmp_path, office)], Wishes())
    assert "zeri davanti" in told(receipt)["cap"][1]


def test_every_list_of_codes_says_where_it_is(desk: Desk):
    for name in names(desk.catalog):
        for column in target(name, desk.catalog, References()).columns:
            if column.codes is not None:
                refusal = read_value(column, "zz!!")
                assert isinstance(refusal, Refusal)
                assert refusal.hint == "write digits only" or len(refusal.hint.split()) > 1
                assert not refusal.hint.rstrip().endswith((" of", " of yet: import it first"))
                assert column.codes_from or 0 < len(column.codes) < 20, (name, column.name)
    receipt = upload_of_membership(desk)
    assert "comune d'Italia" in receipt


def upload_of_membership(desk: Desk) -> str:
    rows = rows_of(desk, "ambiti").iloc[:1].assign(cod_istat="999999")
    return told(upload(desk, "ambiti", [sent(desk.settings.home, rows)], Wishes()))["cod_istat"][1]


def test_an_empty_delivery_is_told_how_to_be_made(desk: Desk, tmp_path: Path):
    header = csv.read(stored(desk, "rilevazioni")).iloc[:0]
    with pytest.raises(IngestError, match="no row") as raised:
        upload(desk, "rilevazioni", [sent(tmp_path, header)], INVENTED)
    assert 'atlante import rilevazioni --nothing "ORG-1 2023-04"' in raised.value.hint
    assert "se non c'è nulla da segnalare" in in_italian(raised.value.hint)


def test_words_of_an_office_are_compared_without_capitals(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own = ColumnMapping(
        columns={"Tipo": "tipo_sede", **{c: c for c in rows_of(desk, "sedi") if c != "tipo_sede"}},
        words={"tipo_sede": {"Sportello sociale": "sportello", "Asilo nido": "nido"}},
    )
    monkeypatch.setitem(desk.catalog.documents["sedi"].mappings, "prova", own)
    row = rows_of(desk, "sedi", id_org=BODY).iloc[:1].rename(columns={"tipo_sede": "Tipo"})
    wishes = Wishes(profile="prova", partial=True)
    path = sent(tmp_path, row.assign(Tipo="ASILO  Nido "))
    assert upload(desk, "sedi", [path], wishes).written
    assert rows_of(desk, "sedi", id_org=BODY)["tipo_sede"].tolist() == ["nido"]
    refused = upload(desk, "sedi", [sent(tmp_path, row.assign(Tipo="Castello"))], wishes)
    assert told(refused)["Tipo"][1] == (
        "scrivere una di queste parole: Sportello sociale, Asilo nido"
    )


def test_every_wrong_cell_of_a_row_is_told(desk: Desk, tmp_path: Path):
    office = rows_of(desk, "sedi", id_org=BODY).iloc[:1]
    wrong = office.assign(tipo_sede="castello", verificata_il="2199-01-01", servizi="NESSUNO")
    receipt = upload(desk, "sedi", [sent(tmp_path, wrong)], Wishes())
    assert set(told(receipt)) == {"tipo_sede", "verificata_il", "servizi"}
    person = changed(desk, tmp_path, pseudonimo="a" * 32, n_persone="2", sesso="?")
    assert set(told(person)) == {"n_persone", "sesso"}
    place = rows_of(desk, "localita").iloc[:1].assign(cod_istat="999999", lon="otto")
    assert set(told(upload(desk, "localita", [sent(tmp_path, place)], INVENTED))) == {
        "cod_istat",
        "lon",
    }


def test_residents_of_no_municipality_are_refused(desk: Desk, tmp_path: Path):
    columns = ["anno", "cod_istat", "eta", "sesso", "n"]
    row = pd.DataFrame([["2023", "999999", "3", "X", "1"]], columns=columns)
    receipt = upload(desk, "residenti", [sent(tmp_path, row)], INVENTED)
    assert set(told(receipt)) == {"cod_istat", "sesso"}


def test_a_withdrawal_tells_counts_that_agree(desk: Desk):
    used = csv.read(stored(desk, "valutazioni"))["id_sede"]
    offices = rows_of(desk, "sedi")
    body = offices[offices["id_sede"].isin(used)]["id_org"].iloc[0]
    receipt = withdraw(desk, "sedi", [body])
    assert receipt.orphaned["valutazioni"] > 0
    text = on_screen(receipt)
    assert f"non sarebbero più valide: {receipt.left_behind}" in text
    assert f"• valutazioni: {receipt.orphaned['valutazioni']} righe" in text
    assert "righe lette" not in text


def test_one_row_is_told_in_the_singular(desk: Desk, tmp_path: Path):
    receipt = changed(desk, tmp_path, sesso="?")
    with pytest.raises(IngestError, match="one row is refused") as raised:
        check_written(receipt)
    assert in_italian(raised.value.message).startswith("una riga è rifiutata")


def test_remedies_name_what_would_do(desk: Desk, tmp_path: Path):
    for type_ in ("integer", "number", "date"):
        for required, empty in ((False, True), (True, False)):
            refusal = read_value(Column("posti", type_, required=required), "n.d.")
            assert isinstance(refusal, Refusal)
            assert ("lasciare vuota la cella" in in_italian(refusal.hint)) is empty
    reason, hint = told(changed(desk, tmp_path, bisogni="ANZ, FAM"))["bisogni"]
    assert reason == "separa i codici con un altro segno"
    assert "punto e virgola" in hint


def test_a_title_above_the_header_is_told(desk: Desk, tmp_path: Path):
    book = openpyxl.Workbook()
    rows = rows_of(desk, "sedi", id_org=BODY)
    for line in (["Elenco delle sedi"], list(rows), *rows.to_numpy().tolist()):
        book.active.append(line)
    book.save(tmp_path / "sedi.xlsx")
    with pytest.raises(SourceError, match="one name only") as raised:
        upload(desk, "sedi", [str(tmp_path / "sedi.xlsx")], Wishes())
    assert raised.value.where == "sedi.xlsx, row 1"
    assert "togliere il titolo" in in_italian(raised.value.hint)


def test_the_columns_of_every_table_are_told(desk: Desk, home: Path):
    for name in names(desk.catalog):
        text = io.StringIO()
        Console(file=text, width=300).print(described(desk.catalog, name))
        for column in target(name, desk.catalog, References()).columns:
            assert f"│ {column.name} " in text.getvalue(), (name, column.name)
    done = atlante("import", "ambiti", "--columns", "--home", home)
    assert done.returncode == 0
    assert "cod_ambito" in done.stdout
