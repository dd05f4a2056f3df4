"""What an office reads of the rows that are refused: all of a row, each reason once, in Italian."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
from rich.console import Console

from geo_core.ingest.columns import Column, read_columns, read_value
from geo_core.ingest.italian import in_italian
from geo_core.ingest.problems import MOST_CELLS, Problems, Refusal, RowProblem
from geo_core.model.text import Text
from geo_core.uploads.receipt import Receipt, RefusedRow, shown

COLUMNS = (Column("eta", "integer"), Column("nome", "text", required=True), Column("dal", "date"))


def refused(rows: list[tuple[str, str, str]]) -> tuple[RowProblem, ...]:
    table = pd.DataFrame(rows, columns=["eta", "nome", "dal"], index=range(2, len(rows) + 2))
    problems = Problems(Path("file.csv"))
    read_columns(Path("file.csv"), table, COLUMNS, problems)
    return problems.listed()


def on_screen(problems: tuple[RowProblem, ...]) -> str:
    rows = tuple(RefusedRow.of(problem) for problem in problems)
    receipt = Receipt(
        name="sedi",
        title=Text(it="Sedi", en="Offices"),
        files=("file.csv",),
        written=False,
        rows=len(rows),
        accepted=0,
        refused=rows,
    )
    text = io.StringIO()
    Console(file=text, width=80).print(shown(receipt))
    return text.getvalue()


def test_all_that_is_wrong_with_a_row_is_told_at_once():
    (problem,) = refused([("otto", "", "ieri")])
    assert [cell.column for cell in problem.cells] == ["eta", "nome", "dal"]
    assert str(problem).startswith("file.csv, row 2, column eta: is not a whole number (write")
    assert "; column nome: is empty and must not be (fill it in)" in str(problem)


def test_a_cell_is_told_once_and_a_row_is_bounded():
    problems = Problems(Path("file.csv"))
    for column in [*"aa", *(f"c{i}" for i in range(MOST_CELLS))]:
        problems.add(3, column, Refusal("is empty and must not be", "fill it in"))
    (problem,) = problems.listed()
    assert len(problem.cells) == len({cell.column for cell in problem.cells}) == MOST_CELLS


def test_ten_thousand_rows_with_the_same_fault_are_a_few_lines():
    rows = [("otto", "Nome", "")] * 10_000
    rows[5:7] = [("8", "", ""), ("8", "Nome", "")]
    text = on_screen(refused(rows))
    assert len(text.splitlines()) < 20
    assert "9998 righe (2-6, 9-10001), eta: non è un numero intero" in text
    assert "riga 7, nome: è vuoto" in text
    assert "rimedio: riempire la cella" in text


def test_bands_of_age_are_listed_by_age():
    column = Column("fascia_eta", "text", codes=frozenset({"0-2", "14-17", "3-5", "75p", "18-34"}))
    refusal = read_value(column, "200")
    assert isinstance(refusal, Refusal)
    assert refusal.hint == "known: 0-2, 3-5, 14-17, 18-34, 75p"


def test_a_long_list_of_codes_is_named_and_an_empty_one_asked_for():
    many = frozenset(str(i) for i in range(100))
    for codes, remedy in (
        (many, "usare un codice della tabella sedi (se la riga manca, si carica prima)"),
        (frozenset(), "prima si carica quel che manca: serve un codice della tabella sedi"),
    ):
        refusal = read_value(
            Column("id_sede", "text", codes=codes, codes_from="the table sedi"), "x"
        )
        assert isinstance(refusal, Refusal)
        assert in_italian(refusal.hint).startswith(remedy)
