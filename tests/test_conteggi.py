"""Counts of a census or of an office's own books that are handed in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo_core.indicators.registers import Counted
from geo_core.indicators.values import ACCESS, Units, rows
from geo_core.ingest.conteggi import check_counts, read_counts
from geo_core.model.indicator import Indicators
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]
NAMES = ("indicatore", "unita", "anno", "numeratore", "denominatore")
GOOD = [("FAM01", "002158", "2021", "300", "22000"), ("OFF02", "VC", "2023", "9.5", "60000")]


def checked(*lines: tuple[str, ...]):
    frame = pd.DataFrame(lines, columns=list(NAMES), dtype=str)
    return check_counts(
        Path("conteggi.csv"), frame, towns=["002158", "002041"], bodies=["VC"], year=2023
    )


def test_good_rows_are_numbers():
    found = checked(*GOOD)
    assert not found.problems
    assert found.frame["numeratore"].tolist() == [300, 9.5]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("FAM9", "002158", "2021", "1", "2"), "code"),
        (("FAM01", "VC", "2021", "1", "2"), "kind of unit"),
        (("OFF02", "002158", "2021", "1", "2"), "kind of unit"),
        (("FAM01", "999999", "2021", "1", "2"), "code"),
        (("FAM01", "002158", "2024", "1", "2"), "2023"),
        (("FAM01", "002158", "2021", "-1", "2"), "0"),
        (("FAM01", "002158", "2021", "1.5", "2"), "whole number"),
        (("FAM01", "002158", "2021", "3", "2"), "denominator"),
        (("FAM01", "002158", "2021", "0", "0"), "1"),
        (("FAM01", "002158", "2021", "", "2"), ""),
    ],
)
def test_bad_rows_are_refused_with_a_reason(line: tuple[str, ...], said: str):
    found = checked(*GOOD, line)
    assert len(found.frame) == 2
    (problem,) = found.problems
    assert said in str(problem)


def test_a_row_is_given_once():
    (problem,) = checked(*GOOD, GOOD[0]).problems
    assert "repeats an earlier row" in str(problem)


def test_no_file_is_no_row(tmp_path: Path):
    found = read_counts(tmp_path, towns=[], bodies=[], year=2023)
    assert found.absent
    assert found.frame.empty


def test_values_follow_and_a_town_without_a_row_has_none():
    catalogue = read_document(ROOT / "config" / "indicatori.yml", Indicators)
    towns = pd.Index(["002041", "002158"])
    ages = pd.DataFrame(3, index=towns, columns=range(101))
    access = pd.DataFrame({c: 1.0 for of in ACCESS.values() for c in of.values()}, index=towns)
    given = checked(GOOD[0]).frame.assign(dato_sintetico=False)
    none: dict[str, Counted] = {}
    units = Units("comune", ages, ages, none, given, access.assign(dato_sintetico=True))
    found = rows(catalogue, units, year=2023).set_index("id")
    town = found.loc["FAM01-comune-002158-2021"]
    assert town["valore"] == pytest.approx(100 * 300 / 22_000, abs=1e-4)
    assert town["ic_inf"] < town["valore"] < town["ic_sup"]
    assert town["periodo_inizio"] == "2021-01-01"
    other = found.loc["FAM01-comune-002041-2021"]
    assert pd.isna(other["valore"])
    assert pd.isna(other["n"])
    assert other["stato"] == "no-data"
