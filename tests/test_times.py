"""The table of travel times that an office hands in."""

from __future__ import annotations

from pathlib import Path

import h3
import pandas as pd
import pytest

from geo_core.ingest.problems import Checked
from geo_core.ingest.times import check_times, read_times

CELL = h3.latlng_to_cell(45.32, 8.42, 8)
ABOVE = h3.cell_to_parent(CELL, 7)
FIRST = {"h3": CELL, "id_sede": "SED-1", "minuti": "12.5", "km": "", "metodo": "rete stradale"}


def check(*rows: dict[str, str]) -> Checked[pd.DataFrame]:
    frame = pd.DataFrame([FIRST | row for row in rows], dtype=object)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return check_times(Path("tempi.csv"), frame, offices=["SED-1", "SED-2"], cells=[CELL])


def test_times_are_numbers_and_kilometres_may_be_missing():
    checked = check({}, {"id_sede": "SED-2", "km": "4.2"}, {"h3": ABOVE})
    assert not checked.problems
    assert checked.frame["minuti"].tolist() == [12.5, 12.5, 12.5]
    assert checked.frame["km"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("wrong", "column", "reason"),
    [
        ({"minuti": "-1"}, "minuti", "is not between 0 and 1440"),
        ({"minuti": "inf"}, "minuti", "is not a number"),
        ({"minuti": "nan"}, "minuti", "is not a number"),
        ({"minuti": ""}, "minuti", "is empty and must not be"),
        ({"km": "-3"}, "km", "is not between 0 and 2000"),
        ({"id_sede": "SED-9"}, "id_sede", "is not a known code"),
        ({"h3": h3.cell_to_parent(CELL, 6)}, "h3", "is neither of resolution 7 nor of 8"),
        ({"h3": "x"}, "h3", "is not an H3 cell"),
        ({"h3": h3.latlng_to_cell(41, 12, 8)}, "h3", "is a cell outside the district"),
        ({"id_sede": "SED-1"}, "h3", "repeats an earlier row"),
        ({"metodo": "a piedi"}, "metodo", "differs from the first row"),
    ],
)
def test_what_is_refused(wrong: dict[str, str], column: str, reason: str):
    checked = check({}, {"id_sede": "SED-2"} | wrong)
    assert [(p.row, p.column, p.reason) for p in checked.problems] == [(3, column, reason)]
    assert len(checked.frame) == 1


def test_without_a_file_there_are_no_rows(tmp_path: Path):
    found = read_times(tmp_path, offices=[], cells=[])
    assert found.absent
    assert not len(found.frame)
    assert list(found.frame) == list(FIRST)
