"""`atlante index` on tables and specifications that are wrong: a clear error or a status."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from indexing import run, table

X = "variables: [{name: x, polarity: 1}]\n"
AMPI = f"method: ampi\nid: u\n{X}options: {{penalty: positive}}\n"
MEANS = f"method: means\nid: u\n{X}options: {{aggregation: geometric, normalisation: minmax}}\n"
SVI = "method: svi\nid: u\nvariables: [{name: x, polarity: 1, theme: 1}]\n"
IMD = "method: imd\nid: u\nvariables: [{name: x}]\noptions: {input: ranks}\n"
GOOD = "u,x\nA,1\nB,2\nC,4\n"

CASES = {
    "constant": (AMPI, "u,x\nA,1\nB,1\n", 5, "one value in all rows"),
    "one unit": (AMPI, "u,x\nA,1\n", 5, "one value in all rows"),
    "all missing": (AMPI, "u,x\nA,\nB,\n", 5, "no number in any row"),
    "all ranks missing": (IMD, "u,x\nA,\nB,\n", 5, "no number in any row"),
    "one to rank": (SVI, "u,x\nA,1\nB,\n", 5, "fewer than two numbers"),
    "rank 0": (IMD, "u,x\nA,0\nB,1\n", 5, "row 2, column x: is less than 1"),
    "rank too high": (IMD, "u,x\nA,1\nB,3\n", 5, "beyond the number of areas, 2"),
    "negative weight": (AMPI.replace("1}", "1, weight: -1}"), GOOD, 3, "greater than 0"),
    "weight not finite": (AMPI.replace("1}", "1, weight: .inf}"), GOOD, 3, "finite number"),
    "weights of imd": (IMD.replace("x}", "x, weight: 2}"), GOOD, 3, "sum to 2, not to 1"),
    "no polarity": (AMPI.replace(", polarity: 1", ""), GOOD, 3, "add `polarity:`"),
    "a true polarity": (AMPI.replace("polarity: 1", "polarity: true"), GOOD, 3, "a polarity is 1"),
    "a theme for ampi": (AMPI.replace("1}", "1, theme: a}"), GOOD, 3, "this key is not known"),
    "range without scale": (
        MEANS.replace("minmax", "z, range: [0, 1]"), GOOD, 3, "no effect with normalisation z",
    ),
    "goalposts unused": (
        MEANS.replace("1}", "1, goalposts: [0, 1]}"), GOOD, 3, "no effect with normalisation",
    ),
    "goalposts lacking": (MEANS.replace("minmax", "goalposts"), GOOD, 3, "has goalposts"),
    "theme of a column": (SVI.replace("theme: 1", "theme: x"), GOOD, 3, "needs another name"),
    "id written too": (
        AMPI.replace("id: u", "id: punteggio"), "punteggio,x\nA,1\nB,2\n", 3, "also the name",
    ),
    "not a number": (AMPI, "u,x\nA,inf\n", 5, "row 2, column x: is not a number"),
    "hexadecimal": (AMPI, "u,x\nA,0x10\n", 5, "is not a number"),
    "underscores": (AMPI, "u,x\nA,1_000\n", 5, "is not a number"),
    "other digits": (AMPI, "u,x\nA,\u0663\n", 5, "is not a number"),
    "thousands": (AMPI, "u,x\nA,1.000.000\n", 5, "thousands without any sign"),
    "spaced thousands": (AMPI, "u,x\nA,1 000\n", 5, "thousands without any sign"),
    "huge": (AMPI, "u,x\nA,1e99\n", 5, "too large or too small"),
    "tiny": (AMPI, "u,x\nA,1e-99\n", 5, "too large or too small"),
    "long": (AMPI, f"u,x\nA,{'9' * 500}\n", 5, "is not a number"),
    "no id": (AMPI, "u,x\n,1\n", 5, "row 2, column u: is empty"),
    "twice": (AMPI, "u,x\nA,1\nA,2\n", 5, "row 3, column u"),
    "ragged": (AMPI, "u,x\nA,1\nB\n", 4, "row 3: has 1 cells"),
    "empty": (AMPI, "", 4, "is empty"),
    "column twice": (AMPI, "u,x,x\nA,1,2\n", 4, "repeats the name"),
    "no such column": (AMPI.replace("name: x", "name: xx"), GOOD, 5, "did you mean 'x'?"),
    "a list": ("- method: ampi\n", GOOD, 3, "spec.yml:1"),
    "nothing": ("", GOOD, 3, "spec.yml:1"),
    "a method of numbers": ("method: 3\n", GOOD, 3, "valid string"),
    "an anchor": ("method: &a ampi\n", GOOD, 3, "anchors"),
    "no variables": (AMPI.replace(X, "variables: []\n"), GOOD, 3, "at least 1 item"),
    "a variable twice": (
        AMPI.replace("1}]", "1}, {name: x, polarity: 1}]"), GOOD, 3, "x is there twice",
    ),
    "population not known": (
        f"{SVI}options: {{population: p}}", "u,x,p\nA,1,\nB,2,3\n", 5, "row 2, column p: is empty",
    ),
    "population below 0": (
        f"{SVI}options: {{population: p}}", "u,x,p\nA,1,-4\nB,2,3\n", 5, "is less than 0",
    ),
    "reference not there": (
        AMPI.replace("positive", "positive, reference: {unit: Z}"), GOOD, 5, "has no number",
    ),
    "reference half given": (
        AMPI.replace("positive", "positive, reference: {values: {y: 1}}"), GOOD, 3, "one for each",
    ),
    "two references": (
        AMPI.replace("positive", "positive, reference: {unit: A, values: {x: 1}}"),
        GOOD, 3, "one of these",
    ),
    "period of the reference": (
        AMPI.replace("positive", "positive, reference: {period: 1}"), GOOD, 3, "column of periods",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_is_wrong_and_writes_nothing(tmp_path: Path, name: str):
    spec, data, code, said = CASES[name]
    told = run(tmp_path, spec, data)
    assert said in told.words, told.words
    assert told.code == code
    assert not list(tmp_path.glob("out*"))
    assert "Traceback" not in told.words


@pytest.mark.parametrize("name", CASES)
def test_it_says_it_in_italian_too(tmp_path: Path, name: str):
    told = run(tmp_path, *CASES[name][:2])
    italian, found, english = told.words.partition(" error ")
    assert found
    assert italian.removeprefix("errore ") != english


def test_it_writes_over_no_file_that_it_reads(tmp_path: Path):
    told = run(tmp_path, AMPI, GOOD)
    assert told.code == 0
    again = run(tmp_path, AMPI, GOOD, out="data")
    assert (again.code, "is a file that is read" in again.words) == (2, True)
    assert (tmp_path / "data.csv").read_text(encoding="utf-8") == GOOD


def test_a_decimal_comma_is_read_where_it_is_said(tmp_path: Path):
    comma = "u;x\nA;1,5\nB;2\n"
    assert "`decimal: comma`" in run(tmp_path, AMPI, comma).words
    rows = table(tmp_path, f"{AMPI}decimal: comma\n", comma)
    assert [r["r_x"] for r in rows] == ["70.0", "130.0"]
    point = run(tmp_path, f"{AMPI}decimal: comma\n", "u;x\nA;1.500\nB;2\n")
    assert (point.code, "write decimals with a comma" in point.words) == (5, True)


def test_no_value_is_nan_infinite_or_empty_without_a_word(tmp_path: Path):
    data = "u,x,y\nA,1,\nB,,\nC,3,0\nD,1,5\n"
    both = "variables: [{name: x, polarity: 1}, {name: y, polarity: -1}]\n"
    for spec in (AMPI, MEANS):
        for row in table(tmp_path, spec.replace(X, both), data):
            for name, cell in row.items():
                if name not in {"u", "stato"} and cell:
                    assert math.isfinite(float(cell))
            assert (row["punteggio"] != "") == (row["stato"] == "computed")


def test_a_share_of_the_indicators_may_do(tmp_path: Path):
    both = "variables: [{name: x, polarity: 1}, {name: y, polarity: 1}]\n"
    spec = AMPI.replace(X, both).replace("positive", "positive, minimum_share: 0.5")
    rows = table(tmp_path, spec, "u,x,y\nA,1,\nB,,\nC,3,0\nD,2,5\n")
    assert [r["stato"] for r in rows] == [
        "partial: y",
        "no-data: x; y",
        "computed",
        "computed",
    ]
    assert rows[0]["punteggio"] == "70.0"
    assert rows[1]["punteggio"] == ""
