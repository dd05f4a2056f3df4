"""`atlante index` on tables and specifications that are wrong: a clear error or a status."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexing import run, table
from pydantic import BaseModel

from geo_core.strict_yaml import read_document

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


@pytest.mark.parametrize(
    ("out", "said"), [("missing/out", "its folder is not there"), ("folder", "is not a file")]
)
def test_it_writes_a_file_in_a_folder_that_is_there(tmp_path: Path, out: str, said: str):
    (tmp_path / "folder.csv").mkdir()
    told = run(tmp_path, AMPI, GOOD, out=out)
    assert (told.code, said in told.words) == (2, True), told.words


def test_no_table_that_the_specification_names_is_written_over(tmp_path: Path):
    spec = (
        "method: 2sfca\nid: u\npopulation: x\nsupply: {file: o.csv, id: o, capacity: c}\n"
        "costs: {file: k.csv, from: u, to: o, cost: k}\noptions: {variant: 2sfca, limit: 5}\n"
    )
    tables = {"o": "o,c\no1,5\n", "k": "u,o,k\nA,o1,1\n"}
    told = run(tmp_path, spec, GOOD, out="o", **tables)
    assert (told.code, "is a file that is read" in told.words) == (2, True), told.words
    assert (tmp_path / "o.csv").read_text(encoding="utf-8") == tables["o"]


def test_what_stands_for_a_missing_number_may_be_the_name_of_a_unit(tmp_path: Path):
    rows = table(tmp_path, f"{AMPI}missing_values: [NA]\n", "u,x\nNA,1\nTO,NA\nMI,2\n")
    assert [(r["u"], r["stato"]) for r in rows] == [
        ("NA", "computed"),
        ("TO", "no-data: x"),
        ("MI", "computed"),
    ]


def test_a_power_of_ten_is_a_number_in_the_specification_too(tmp_path: Path):
    rows = table(tmp_path, AMPI.replace("1}", "1, goalposts: [1e-3, 1e+3]}"), GOOD)
    assert float(rows[0]["r_x"]) == pytest.approx(70 + 60 * 0.999 / 999.999)


CELLS = st.sampled_from(
    ["", "0", "1", "2.5", "7", "7", "-3", "1e15", "-1e15", "1e-30", "nan", "1,5"]
)
TWO = "variables: [{name: x, polarity: 1%s}, {name: y, polarity: -1%s}]\n"
HALF = "options: {penalty: positive, reference: mean, minimum_share: 0.5}\n"
SPECS = st.sampled_from([
    f"method: ampi\nid: u\n{TWO % ('', '')}options: {{penalty: negative, outliers: treat}}\n",
    f"method: ampi\nid: u\n{TWO % ('', '')}{HALF}",
    *(
        f"method: means\nid: u\n{TWO % (', theme: a', ', theme: b')}"
        f"options: {{aggregation: {mean}, normalisation: {scale}, minimum_share: 0.5}}\n"
        for mean in ("arithmetic", "geometric", "harmonic")
        for scale in ("minmax", "z", "borda", "percentile")
    ),
    f"method: svi\nid: u\n{TWO % (', theme: 1', ', theme: 1')}",
    f"method: imd\nid: u\n{TWO % ('', '')}options: {{input: values}}\n",
])  # fmt: skip


@given(SPECS, st.lists(st.tuples(CELLS, CELLS), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_cells_are_it_refuses_or_explains(tmp_path: Path, spec, cells):
    for old in tmp_path.glob("out*"):
        old.unlink()
    rows = [["u", "x", "y"], *([f"U{i}", *pair] for i, pair in enumerate(cells))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    told = run(tmp_path, spec, text.getvalue())
    assert told.code in {0, 5}, told.words
    if told.code:
        assert not list(tmp_path.glob("out*"))
        return
    for row in csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()):
        for name, cell in row.items():
            if name not in {"u", "stato"}:
                assert math.isfinite(float(cell)) if cell else row["stato"] != "computed"


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


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("001272", "001272"), ("010", "010"), ("0x_", "0x_"), ("0b_", "0b_"), ("1:30", "1:30"),
        ("1_000", "1_000"), ("0o17", "0o17"), ("9" * 5000, "9" * 5000), ("12", 12), ("-3", -3),
        ("+3", 3), ("0", 0), ("1.5", 1.5), ("1e5", 1e5), ("2.5E-3", 0.0025), (".5", 0.5),
        ("1.", 1.0), ("002.5", 2.5), ("1:30.5", "1:30.5"), ("2023-12-31", "2023-12-31"),
        ("yes", "yes"), ("true", True), ("~", None),
    ],
)  # fmt: skip
def test_numbers_of_a_specification_are_decimal_and_codes_stay_text(tmp_path, text, read):
    class Holder(BaseModel):
        value: object

    (tmp_path / "a.yml").write_text(f"value: {text}\n", encoding="utf-8")
    found = read_document(tmp_path / "a.yml", Holder).value
    assert (type(found), found) == (type(read), read)


def refused(folder, spec, data):
    """Return what the command says when it refuses."""
    told = run(folder, spec, data)
    assert told.code != 0
    return told.words


THEMED = "method: svi\nid: u\nvariables:\n  - {name: a, polarity: 1, theme: T}\n"
TWO = "  - {name: %s, polarity: 1, theme: T}\n"


def test_shares_that_rounding_makes_alike_are_no_ranks(tmp_path):
    rows = "u,a\nA,0.012\nB,0.031\nC,0.045\n"
    said = refused(tmp_path, THEMED, rows)
    assert "one value in all rows, rounded to 1 decimals" in said
    assert "decimals: null" in said
    assert len(table(tmp_path, THEMED + "options: {decimals: null}\n", rows)) == 3


@pytest.mark.parametrize("name", ["TOTAL", "EP_TOTAL", "THEMES"])
def test_a_variable_is_not_called_like_the_whole(tmp_path, name):
    said = refused(tmp_path, THEMED + TWO % name, f"u,a,{name}\nA,1,2\nB,2,3\n")
    assert "needs another name" in said


def test_a_column_is_not_counted_twice_in_a_standardised_rate(tmp_path):
    strata = "strata:\n" + 2 * "  - {events: e, population: p, standard_population: 10}\n"
    said = refused(tmp_path, "method: direct_rates\nid: u\n" + strata, "u,e,p\nA,1,20\nB,2,30\n")
    assert "twice" in said
    one = "  - {population: p, standard_events: 1, standard_population: 9}\n"
    strata = "events: [e, e]\nstrata:\n" + one
    said = refused(tmp_path, "method: indirect_rates\nid: u\n" + strata, "u,e,p\nA,1,20\nB,2,30\n")
    assert "twice" in said
