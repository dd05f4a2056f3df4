"""`atlante index`, method `2sfca`: published numbers, and what a person reads when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from indexing import computed, run, table

SPEC = """
method: 2sfca
id: place
population: people
supply: {file: offices.csv, id: office, capacity: beds}
costs: {file: costs.csv, from: place, to: office, cost: minutes}
options: {%s}
"""
PLACES = "place,people\n1,100\n2,50\n3,10\n"
OFFICES = "office,beds\n1,15\n2,20\n3,100\n"
COSTS = "place,office,minutes\n" + "".join(
    f"{i},{j},{1 if i == j else 40 if 3 in (i, j) else 80}\n" for i in (1, 2, 3) for j in (1, 2, 3)
)


def answer(
    folder: Path,
    options: str,
    *,
    places: str = PLACES,
    offices: str = OFFICES,
    costs: str = COSTS,
) -> list[dict[str, str]]:
    return table(folder, SPEC % options, places, offices=offices, costs=costs)


def access(rows: list[dict[str, str]]) -> list[float]:
    return [float(row["accesso"]) for row in rows]


def test_gravity_gives_the_published_numbers(tmp_path: Path):
    # pysal/access, access/tests/test_hospital_example.py, scenario 0
    rows = answer(tmp_path, "variant: gravity, limit: 61, power: -1")
    assert [round(a, 8) for a in access(rows)] == [0.33144412, 0.57982813, 7.28641817]
    record = computed(tmp_path)
    ratios = [office["ratio"] for office in record["offices"].values()]
    assert [round(r, 8) for r in ratios] == [0.14962594, 0.39800995, 7.27272727]
    assert record["population_times_access"] == pytest.approx(135, rel=1e-12)
    assert {row["stato"] for row in rows} == {"computed"}
    assert [row["sedi_raggiunte"] for row in rows] == ["2", "2", "3"]


def test_the_variants_by_hand(tmp_path: Path):
    shares = 15 / 110, 20 / 60, 100 / 160
    plain = access(answer(tmp_path, "variant: 2sfca, limit: 61"))
    assert plain == pytest.approx([shares[0] + shares[2], shares[1] + shares[2], sum(shares)])
    zones = "zones: [{to: 30, weight: 1}, {to: 61, weight: 0.5}]"
    ratios = 15 / 105, 20 / 55, 100 / 85
    enhanced = access(answer(tmp_path, f"variant: e2sfca, {zones}"))
    third = (ratios[0] + ratios[1]) / 2 + ratios[2]
    assert enhanced == pytest.approx([ratios[0] + ratios[2] / 2, ratios[1] + ratios[2] / 2, third])
    # Demand by shares of the row: 100 persons halve, 50 halve, 10 go to three offices.
    comes = 50 + 10 / 3, 25 + 10 / 3, 75 + 10 / 3
    once = [beds / persons for beds, persons in zip((15, 20, 100), comes, strict=True)]
    balanced = access(answer(tmp_path, "variant: balanced, limit: 61"))
    by_column = [once[0] / 2 + once[2] / 3, once[1] / 2 + once[2] / 3]
    assert balanced == pytest.approx([*by_column, once[0] / 2 + once[1] / 2 + once[2] / 3])
    assert sum(balanced) == pytest.approx(sum(once))
    shared = access(answer(tmp_path, "variant: shares, limit: 61"))
    assert shared == pytest.approx(
        [(once[0] + once[2]) / 2, (once[1] + once[2]) / 2, sum(once) / 3]
    )
    assert computed(tmp_path)["population_times_access"] == pytest.approx(135)


def test_other_weights(tmp_path: Path):
    for weight in ("gaussian: 20", "exponential: 0.1"):
        answer(tmp_path, f"variant: e2sfca, limit: 61, {weight}")
        assert computed(tmp_path)["population_times_access"] == pytest.approx(135)
    answer(tmp_path, "variant: balanced, exponential: 0.5")
    assert computed(tmp_path)["supply_served"] == 135


@pytest.mark.parametrize(
    ("weight", "near", "far"),
    [
        # exp(-(1/2)^2 / 2) and exp(-(3/2)^2 / 2); exp(-0.1 cost)
        ("gaussian: 20", 0.8824969025845955, 0.32465246735834974),
        ("exponential: 0.1", 0.36787944117144233, 0.049787068367863944),
    ],
)
def test_weights_fall_with_cost_as_their_formulas_say(
    tmp_path: Path, weight: str, near: float, far: float
):
    rows = answer(
        tmp_path,
        f"variant: e2sfca, {weight}",
        places="place,people\n1,100\n2,50\n",
        offices="office,beds\n1,30\n",
        costs="place,office,minutes\n1,1,10\n2,1,30\n",
    )
    ratio = 30 / (100 * near + 50 * far)
    assert access(rows) == pytest.approx([near * ratio, far * ratio], rel=1e-12)


def test_holes_are_unreachable_and_said(tmp_path: Path):
    costs = "place,office,minutes\n1,1,5\n2,1,\n3,1,70\n"
    rows = answer(tmp_path, "variant: 2sfca, limit: 61", costs=costs)
    assert access(rows) == [0.15, 0, 0]
    assert [row["stato"] for row in rows] == [
        "computed",
        "out of reach: no cost to any office",
        "out of reach: no office within the limit",
    ]
    record = computed(tmp_path)
    assert record["pairs_without_cost"] == 7
    assert record["offices"]["2"] == {"ratio": None, "served": False}
    assert (record["supply"], record["supply_served"]) == (135, 15)


def test_nobody_in_reach_is_undefined_and_never_not_a_number(tmp_path: Path):
    rows = answer(
        tmp_path,
        "variant: 2sfca, limit: 30",
        places="place,people\n1,0\n2,50\n3,0\n",
    )
    assert [row["accesso"] for row in rows] == ["", "0.4", ""]
    assert rows[0]["stato"] == "undefined: nobody in reach of its offices"


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"costs": COSTS + "1,1,3\n"}, "repeats the name of an earlier row"),
        ({"costs": COSTS + "9,1,3\n"}, "is no unit of the table"),
        ({"costs": COSTS + "1,9,3\n"}, "is no office of its table"),
        ({"costs": COSTS.replace("1,1,1\n", "1,1,-1\n")}, "is less than 0"),
        ({"costs": COSTS.replace("1,1,1\n", "1,1,inf\n")}, "is not a number"),
        ({"costs": COSTS.replace("1,1,1\n", "1,1,nan\n")}, "is not a number"),
        ({"places": PLACES.replace("100", "-100")}, "is less than 0"),
        ({"places": PLACES.replace("100", "")}, "is empty and must not be"),
        ({"offices": OFFICES.replace("15", "")}, "is empty and must not be"),
        ({"options": "variant: gravity, limit: 61, power: -1", "costs": COSTS.replace(
            "1,1,1\n", "1,1,0\n")}, "a cost of 0 has no weight"),
        ({"options": "variant: gravity, limit: 61"}, "gravity needs power"),
        ({"options": "variant: e2sfca, limit: 61"}, "e2sfca needs zones or gaussian"),
        ({"options": "variant: 2sfca"}, "give limit"),
        ({"options": "variant: 2sfca, limit: 61, power: -1"}, "2sfca has no weights"),
        ({"options": "variant: balanced, limit: 9, power: -1, gaussian: 3"}, "not both"),
        ({"options": "variant: 2sfca, limit: 61, least_cost: 1"}, "least_cost is for power"),
        ({"options": "variant: e2sfca, zones: [{to: 30, weight: 1}, {to: 20, weight: 1}]"},
         "zones are in ascending order"),
        ({"options": "variant: 3sfca, limit: 61"}, "Input should be"),
        ({"options": "variant: 2sfca, limit: -1"}, "Input should be greater than 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, changed: dict[str, str], wrong: str):
    given = {"options": "variant: 2sfca, limit: 61", "places": PLACES, "offices": OFFICES}
    given |= {"costs": COSTS} | changed
    told = run(
        tmp_path,
        SPEC % given["options"],
        given["places"],
        offices=given["offices"],
        costs=given["costs"],
    )
    assert told.code in {3, 5}
    assert wrong in told.words
    assert not (tmp_path / "out.csv").exists()
