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


YEARS = "unit,year,x\nA,2010,1\nB,2010,3\nA,2011,5\nB,2011,9\n"
BY_YEAR = """
method: ampi
id: unit
variables: [{name: x, polarity: %s}]
options: {penalty: positive, period: year%s}
"""


def test_goalposts_hold_for_all_years_and_ranks_for_each(tmp_path: Path):
    rows = table(tmp_path, BY_YEAR % ("1", ""), YEARS)
    assert [float(r["punteggio"]) for r in rows] == [70, 85, 100, 130]
    assert [r["rango"] for r in rows] == ["2", "1", "2", "1"]
    assert computed(tmp_path)["goalposts"] == {"x": [1.0, 9.0]}


@pytest.mark.parametrize(
    ("reference", "level"),
    [
        ("mean", 4.5),
        ("{period: 2010}", 2.0),
        ("{unit: B}", 6.0),
        ("{unit: A, period: 2011}", 5.0),
        ("{values: {x: 3.5}}", 3.5),
    ],
)
@pytest.mark.parametrize("polarity", [1, -1])
def test_whatever_is_the_reference_is_one_hundred(tmp_path: Path, reference, level, polarity):
    rows = table(tmp_path, BY_YEAR % (polarity, f", reference: {reference}"), YEARS)
    low, high = computed(tmp_path)["goalposts"]["x"]
    assert (low, high) == (level - 4, level + 4)
    for row, x in zip(rows, (1, 3, 5, 9), strict=True):
        assert float(row["punteggio"]) == pytest.approx(100 + polarity * (x - level) / 8 * 60)


def test_weights_count_by_their_proportions(tmp_path: Path):
    heavy = PLUS.replace("polarity: 1,", "polarity: 1, weight: 3,")
    heavy = heavy.replace("polarity: negative,", "polarity: negative, weight: 1,")
    (row,) = table(tmp_path, heavy, "unit,x,y\nA,5,2\n")
    # r = 100 and 118, weights 3/4 and 1/4: M = 104.5, S^2 = 60.75.
    assert float(row["media"]) == 104.5
    assert float(row["punteggio"]) == pytest.approx(104.5 + 60.75 / 104.5, rel=1e-15)
    assert computed(tmp_path)["weights"] == {"x": 0.75, "y": 0.25}
    told = run(tmp_path, heavy.replace(", weight: 1", ""), "unit,x,y\nA,5,2\n")
    assert "give weight to every variable, or to none" in told.words


TAIL = "unit,x\n" + "".join(f"{i},{i}\n" for i in range(1, 201))
TAIL += "".join(f"{10**n},{10**n}\n" for n in range(3, 15))


def test_goalposts_of_another_scale_are_refused(tmp_path: Path):
    spec = BY_YEAR.replace("period: year%s", "outliers: treat%s")
    rows = table(tmp_path, spec % ("1", ""), TAIL)
    assert computed(tmp_path)["outliers"]["x"]["action"] == "logarithm"
    assert [float(r["r_x"]) for r in rows] == sorted(float(r["r_x"]) for r in rows)
    told = run(tmp_path, spec % ("1, goalposts: [0, 9]", ""), TAIL)
    assert (told.code, "its goalposts are of another scale" in told.words) == (5, True)
    told = run(tmp_path, spec % ("1", ", reference: {values: {x: 9}}"), TAIL)
    assert (told.code, "of another scale" in told.words) == (5, True)


def test_a_mean_that_is_not_positive_has_no_score(tmp_path: Path):
    rows = table(tmp_path, PLUS, "unit,x,y\nA,-50,60\nB,5,5\n")
    assert (rows[0]["punteggio"], rows[0]["stato"]) == ("", "undefined: mean not positive")
    assert float(rows[0]["media"]) < 0
