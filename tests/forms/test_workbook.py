"""The Excel workbook: filled in, read as an upload is, and accepted."""

from __future__ import annotations

import re
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook

from geo_core.forms.choices import options
from geo_core.forms.workbook import LAST_ROW, LISTS, workbook
from geo_core.ingest.columns import read_columns
from geo_core.ingest.kinds import ENTERED, kind
from geo_core.ingest.problems import Problems
from geo_core.sources.registry import read

WRITTEN = {
    "n_persone": 1, "n_richieste": 2, "n_segnalazioni": 3, "n_voti": 4, "voto": 5, "posti": 12,
    "cod_istat": "002158", "unita_luogo": "002158", "periodo": "2023-04", "bisogni": "FAM;ANZ",
    "apertura": date(2023, 2, 1), "scadenza": date(2023, 3, 1), "lon": 8.4213, "lat": 45.3226,
    "nome": "Città", "titolo": "Titolo", "importo_eur": 1500.5, "cap": "01310",
    **dict.fromkeys(("pseudonimo", "pseudonimo_nucleo"), "0123456789abcdef" * 2),
    "attesa_giorni": 0, "data_sottoscritto": date(2023, 2, 1),
}  # fmt: skip


@pytest.fixture
def book(catalog, known, tmp_path):
    def made(name):
        path = tmp_path / f"{name}.xlsx"
        workbook(catalog, name, known).save(path)
        return path

    return made


def answers(name, catalog, known):
    """Return one row that the rules of a kind allow."""
    row = {}
    for question in kind(catalog, name, known.references).questions:
        column = question.column
        choice = options(question, name, catalog, known, None)
        if column.name in WRITTEN:
            row[column.name] = WRITTEN[column.name]
        elif choice:
            row[column.name] = choice[0][0]
        elif column.required and question.type == "date":
            row[column.name] = date(2023, 5, 1)
        elif column.required and question.type in {"integer", "number"}:
            row[column.name] = 1
        elif column.required:
            row[column.name] = "X-1" if column.pattern else "Testo"
    return row


@pytest.mark.parametrize("name", ENTERED)
def test_a_filled_workbook_is_accepted(name, catalog, known, book):
    path = book(name)
    filled = load_workbook(path)
    sheet = filled.worksheets[0]
    row = answers(name, catalog, known)
    for column, cell in enumerate(sheet[1], start=1):
        if cell.value in row:
            sheet.cell(row=2, column=column, value=row[cell.value])
    filled.save(path)
    rows, problems = read(path).frame.fillna(""), Problems(path)
    asked = kind(catalog, name, known.references)
    typed = read_columns(path, rows, asked.columns, problems)
    assert problems.listed() == ()
    assert len(typed) == 1
    if "cod_istat" in row:
        assert typed["cod_istat"].iloc[0] == "002158"
    if "bisogni" in row:
        assert typed["bisogni"].iloc[0] == ("FAM", "ANZ")


@pytest.mark.parametrize("name", ENTERED)
def test_every_list_offers_exactly_what_an_upload_takes(name, catalog, known, book):
    filled = load_workbook(book(name))
    sheet, lists = filled.worksheets[0], filled[LISTS]
    assert lists.sheet_state == "hidden"
    asked = {q.column.name: q for q in kind(catalog, name, known.references).questions}
    letters = {cell.column_letter: asked[cell.value] for cell in sheet[1]}
    assert [cell.value for cell in sheet[1]] == list(asked)
    seen = set()
    for check in sheet.data_validations.dataValidation:
        letter = re.match("[A-Z]+", str(check.sqref))[0]
        question = letters[letter]
        assert str(check.sqref) == f"{letter}2:{letter}{LAST_ROW}"
        assert check.showErrorMessage
        assert 0 < len(check.error) <= 255
        assert len(check.prompt) <= 255
        seen.add(question.column.name)
        if check.type == "list":
            last = int(check.formula1.rpartition("$")[2])
            codes = {lists[f"{letter}{row}"].value for row in range(1, last + 1)}
            assert None not in codes
            if question.type == "place":
                references = known.references
                assert codes == references.cells | references.municipalities
            elif question.column.codes is not None:
                assert codes == question.column.codes
    bounded = {"integer", "number", "date", "boolean", "month", "place"}
    assert {n for n, q in asked.items() if q.type in bounded or q.codelist} <= seen


def test_codes_with_zeros_and_months_stay_text(book):
    path = book("sedi")
    sheet = load_workbook(path).worksheets[0]
    column = {cell.value: cell.column_letter for cell in sheet[1]}
    for name in ("cod_istat", "cap", "id_sede", "riservata"):
        assert sheet.column_dimensions[column[name]].number_format == "@"
        assert sheet[f"{column[name]}2"].number_format == "@"
    assert sheet[f"{column['data_posti']}2"].number_format == "yyyy-mm-dd"
    with zipfile.ZipFile(path) as parts:
        raw = parts.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r"<col [^>]*style=", raw)


def test_a_name_that_looks_like_a_formula_stays_text(book):
    codes = load_workbook(book("sedi"))["Codici"]
    named = [row for row in codes.iter_rows() if row[2].value == "=Associazione due"]
    assert named
    assert {row[2].data_type for row in named} <= {"s", "inlineStr"}


def test_the_workbook_explains_itself(book):
    filled = load_workbook(book("rilevazioni"))
    assert filled.sheetnames == ["rilevazioni", "Istruzioni", "Codici", LISTS]
    notes = {cell.value: cell.comment.text for cell in filled.worksheets[0][1]}
    assert "Area del bisogno principale" in notes["area_utenza"]
    assert "Necessario" in notes["area_utenza"]
    told = {tuple(c.value for c in row) for row in filled["Codici"].iter_rows()}
    assert ("area_utenza", "FAM", "Famiglia e minori") in told
