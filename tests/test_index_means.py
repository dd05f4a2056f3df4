"""`atlante index` with method `means`: themes, weights and scales, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from indexing import computed, run, table

SPEC = """
method: means
id: unit
variables:
  - {name: a, polarity: 1, theme: one, weight: 3, goalposts: [0, 10]}
  - {name: b, polarity: 1, theme: one, weight: 1, goalposts: [0, 10]}
  - {name: c, polarity: -1, theme: two, weight: 5, goalposts: [0, 10]}
options:
  aggregation: arithmetic
  normalisation: goalposts
  theme_aggregation: %s
  theme_weights: {one: 1, two: 3}
"""


@pytest.mark.parametrize(
    ("between", "score"),
    [
        ("arithmetic", (50 + 3 * 80) / 4),
        ("geometric", 50**0.25 * 80**0.75),
        ("harmonic", 4 / (1 / 50 + 3 / 80)),
    ],
)
def test_themes_are_weighed_within_and_among(tmp_path: Path, between: str, score: float):
    # a = 40 and b = 80 with weights 3 and 1: theme one is 50. c = 2 downwards: theme two is 80.
    (row,) = table(tmp_path, SPEC % between, "unit,a,b,c\nU,4,8,2\n")
    assert (float(row["m_one"]), float(row["m_two"])) == (50, 80)
    assert float(row["punteggio"]) == pytest.approx(score, rel=1e-14)
    assert computed(tmp_path)["weights"] == {"a": 0.75, "b": 0.25, "c": 1.0}
    assert computed(tmp_path)["theme_weights"] == {"one": 0.25, "two": 0.75}


def test_values_beyond_goalposts_are_clipped_only_where_it_is_asked(tmp_path: Path):
    data = "unit,a,b,c\nU,14,10,0\n"
    (free,) = table(tmp_path, SPEC % "arithmetic", data)
    (clipped,) = table(tmp_path, SPEC % "arithmetic" + "  clip: true\n", data)
    assert (float(free["n_a"]), float(clipped["n_a"])) == (140, 100)


def test_a_geometric_mean_of_a_negative_number_is_not_defined(tmp_path: Path):
    rows = table(tmp_path, SPEC % "geometric", "unit,a,b,c\nU,-9,-9,2\nV,0,0,2\n")
    assert (rows[0]["punteggio"], rows[0]["stato"]) == ("", "undefined: negative numbers")
    assert (rows[1]["punteggio"], rows[1]["stato"]) == ("0.0", "computed")


def test_a_row_with_enough_variables_and_no_mean_is_undefined_and_not_without_data(tmp_path: Path):
    spec = """
method: means
id: unit
variables:
  - {name: a, polarity: 1}
  - {name: b, polarity: 1}
  - {name: c, polarity: 1}
options: {aggregation: geometric, normalisation: none, minimum_share: 0.6}
"""
    rows = table(tmp_path, spec, "unit,a,b,c\nU,-4,9,\nV,4,9,\nW,4,,\nX,4,9,6\n")
    assert [row["stato"] for row in rows] == [
        "undefined: negative numbers", "partial: c", "no-data: b; c", "computed",
    ]  # fmt: skip
    assert [row["punteggio"] for row in rows][:3] == ["", "6.0", ""]


def test_values_as_they_are_may_be_alike_and_that_is_said(tmp_path: Path):
    spec = "method: means\nid: u\nvariables: [{name: a, polarity: 1}, {name: b, polarity: 1}]\n"
    spec += "options: {aggregation: arithmetic, normalisation: none}\n"
    told = run(tmp_path, spec, "u,a,b\nU,5,1\nV,5,3\n")
    assert told.code == 0
    assert "a: un solo valore in tutte le righe" in told.words
    assert "b: un solo valore" not in told.words
    assert run(tmp_path, spec, "u,a,b\nU,5,1\n", out="one").code == 0
    told = run(tmp_path, spec, "u,a,b\nU,,1\nV,,3\n", out="none")
    assert "column a: has no number in any row" in told.words


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("{one: 1, two: 3}", "{one: 1}"), "does not name every theme once"),
        (("{one: 1, two: 3}", "{one: 1, two: -3}"), "greater than 0"),
        (("theme: two, ", ""), "give theme to every variable, or to none"),
        (("normalisation: goalposts", "normalisation: none"), "no effect with normalisation none"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, change, said):
    told = run(tmp_path, (SPEC % "geometric").replace(*change), "unit,a,b,c\nU,4,8,2\n")
    assert (told.code, said in told.words) == (3, True), told.words
