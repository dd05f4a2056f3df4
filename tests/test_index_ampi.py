"""`atlante index` with method `ampi`: golden numbers, and what a person reads when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from indexing import computed, run, table

TWO = """
method: ampi
id: unit
variables:
  - {name: x, polarity: 1, goalposts: [0, 10]}
  - {name: y, polarity: negative, goalposts: [0, 10]}
options: {penalty: %s}
"""
PLUS = TWO % "positive"


def test_a_row_is_scored_by_hand(tmp_path: Path):
    # r = 100 and 118: M = 109, S = 9, S^2 / M = 81 / 109.
    (row,) = table(tmp_path, PLUS, "unit,x,y\nA,5,2\n")
    assert float(row["punteggio"]) == 109 + 81 / 109
    assert (row["r_x"], row["r_y"], row["stato"], row["rango"]) == (
        "100.0",
        "118.0",
        "computed",
        "1",
    )
    (row,) = table(tmp_path, TWO % "negative", "unit,x,y\nA,5,2\n")
    assert float(row["punteggio"]) == 109 - 81 / 109
    assert computed(tmp_path)["weights"] == {"x": 0.5, "y": 0.5}


def test_what_is_missing_is_said_and_not_counted(tmp_path: Path):
    rows = table(tmp_path, PLUS, "unit,x,y\nA,5,2\nB,,3\n")
    assert (rows[1]["punteggio"], rows[1]["stato"]) == ("", "no-data: x")


@pytest.mark.parametrize(
    "case",
    [
        (TWO % "up", "unit,x,y\nA,1,2\n", 3, "spec.yml:7", "i valori ammessi sono"),
        (
            PLUS.replace("ampi", "apmi"),
            "unit\nA\n",
            3,
            "did you mean 'ampi'?",
            "forse «ampi»?",
        ),
        (PLUS + "wieght: 1", "unit\nA\n", 3, "did you mean `weight`?", "forse `weight`?"),
        (PLUS, "unit,x\nA,1\n", 5, "the column y is missing", "manca la colonna y"),
        (PLUS, 'unit,x,y\nA,1,"2,5"\n', 5, "row 2, column y", "`decimal: comma`"),
        (PLUS, "unit,x,y\nA,nan,2\n", 5, "is not a number", "non è un numero"),
        (PLUS, "unit,x,y\nA,1,2\nA,1,2\n", 5, "row 3, column unit", "anche la riga 2"),
        (PLUS, "unit,x,y\n", 5, "has no rows", "non ha righe"),
        (
            PLUS.replace(" 10]", " 0]"),
            "unit,x,y\nA,1,2\n",
            3,
            "min below max",
            "min minore",
        ),
        (
            PLUS.replace("polarity: 1", "polarity: 2"),
            "u\nA\n",
            3,
            "a polarity is 1",
            "polarità",
        ),
    ],
)
def test_what_is_wrong_is_said_with_place_and_remedy(tmp_path: Path, case: tuple[object, ...]):
    spec, data, code, said, italian = case
    told = run(tmp_path, str(spec), str(data))
    assert told.code == code, told.words
    assert said in told.words
    assert italian in told.words
    assert not (tmp_path / "out.csv").exists()
