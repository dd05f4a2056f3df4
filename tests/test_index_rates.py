"""`atlante index` with rates: golden numbers through the command, and tables that are wrong."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from pathlib import Path

import libpysal
import numpy as np
import pytest
from esda.smoothing import Spatial_Empirical_Bayes
from indexing import computed, run, table

SIDS = "method: %s\nid: county\nevents: deaths\npopulation: births\n"
PAIRS = "neighbours: {pairs: {file: near.csv, unit: a, neighbour: b, both_ways: %s}}\n"
SMALL = "method: %s\nid: u\nevents: e\npopulation: b\n"
STRATA = """
method: %s
id: region
%s
strata:
  - {%s population: b1, standard_population: 1000%s}
  - {%s population: b2, standard_population: 900%s}
  - {%s population: b3, standard_population: 1000%s}
  - {%s population: b4, standard_population: 900%s}
"""
# esda, esda/tests/test_smoothing.py, TestAgeStd: the standard differs between the two regions
REGIONS = """region,e1,e2,e3,e4,b1,b2,b3,b4,s1,s2,s3,s4
A,30,25,25,15,1000,1000,1100,900,100,45,120,100
B,33,21,30,20,1000,900,1100,900,50,30,200,80
"""
DIRECT = STRATA % ("direct_rates", "", "events: e1,", "", "events: e2,", "", "events: e3,", "", "events: e4,", "")  # fmt: skip # noqa: E501
INDIRECT = STRATA % (
    *("indirect_rates", "events: [e1, e2, e3, e4]"),
    *("", ", standard_events: s1", "", ", standard_events: s2"),
    *("", ", standard_events: s3", "", ", standard_events: s4"),
)


@pytest.fixture(scope="module")
def sids() -> tuple[str, str]:
    """Deaths, births and neighbours of the counties, as tables."""
    example = libpysal.examples.get_path
    with closing(libpysal.io.open(example("sids2.gal"))) as file:
        near = file.read()
    with closing(libpysal.io.open(example("sids2.dbf"), "r")) as file:
        counts = [(int(file[i, 9][0]), int(file[i, 8][0])) for i in range(100)]
    rows = [f"{name},{e},{b}" for name, (e, b) in zip(near.id_order, counts, strict=True)]
    pairs = [f"{a},{b}" for a, others in near.neighbors.items() for b in others]
    return "\n".join(["county,deaths,births", *rows]), "\n".join(["a,b", *pairs])


def sids_rows(sids: tuple[str, str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sids[0])))


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def test_smoothed_rates_of_sids_are_the_published_ones(tmp_path: Path, sids):
    rows = table(tmp_path, SIDS % "empirical_bayes", sids[0])
    assert np.round(column(rows[:5], "tasso_eb"), 7).tolist() == [
        *(0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349)
    ]
    assert {row["stato"] for row in rows} == {"computed"}
    for low, value, high in zip(
        *(column(rows, name) for name in ("ic_inf", "tasso_eb", "ic_sup")), strict=True
    ):
        assert 0 < low < value < high
    assert computed(tmp_path)["units"] == 100
    per = table(tmp_path, SIDS % "empirical_bayes" + "options: {per: 1000}", sids[0])
    assert column(per, "tasso_eb") == [1000 * value for value in column(rows, "tasso_eb")]


def test_raw_rates_of_sids_are_the_published_ones(tmp_path: Path, sids):
    rows = table(tmp_path, SIDS % "rates" + PAIRS % "false", sids[0], near=sids[1])
    assert np.round(column(rows[:5], "rischio_relativo"), 6).tolist() == [
        *(0.453433, 0, 0.775871, 0.97381, 3.133189)
    ]
    assert np.round(column(rows[:5], "tasso_vicini"), 7).tolist() == [
        *(0.0009922, 0.0012639, 0.000974, 0.0007605, 0.0050154)
    ]


def test_rates_smoothed_towards_neighbours_are_those_of_pysal(tmp_path: Path, sids):
    rows = table(tmp_path, SIDS % "empirical_bayes" + PAIRS % "true", sids[0], near=sids[1])
    with closing(libpysal.io.open(libpysal.examples.get_path("sids2.gal"))) as file:
        weights = file.read()
    deaths, births = (np.array(column(sids_rows(sids), name)) for name in ("deaths", "births"))
    known = Spatial_Empirical_Bayes(deaths, births, weights).r.ravel()
    assert column(rows, "tasso_eb") == pytest.approx(known.tolist(), rel=1e-9)
    assert "ic_inf" not in rows[0]


def test_standardised_rates_are_the_published_ones(tmp_path: Path):
    rows = table(tmp_path, DIRECT, REGIONS)
    names = ("tasso_std", "ic_inf", "ic_sup")
    assert np.round([column(rows, name) for name in names], 8).T.tolist() == [
        [0.02374402, 0.01920491, 0.02904848],
        [0.02665072, 0.02177143, 0.03230508],
    ]
    rows = table(tmp_path, INDIRECT + "options: {interval: lognormal}", REGIONS)
    assert np.round([column(rows, name) for name in names], 8).T.tolist() == [
        [0.02372382, 0.0194023, 0.02900789],
        [0.02610803, 0.02154304, 0.03164035],
    ]
    assert np.round(column(rows, "rapporto"), 8).tolist() == [0.2486911, 0.27368421]
    exact = table(tmp_path, INDIRECT + "options: {per: 1000}", REGIONS)
    assert column(exact, "osservati") == [95, 104]
    assert np.round(column(exact, "attesi"), 9).tolist() == [382, 380]


def test_what_has_no_rate_says_why(tmp_path: Path):
    data = "u,e,b\nA,3,100\nB,0,0\nC,,50\nD,4,\nE,2,0\n"
    for method in ("rates", "empirical_bayes"):
        rows = table(tmp_path, SMALL % method, data)
        assert [row["stato"] for row in rows] == [
            "computed",
            "undefined: population is zero",
            "no-data: e",
            "no-data: b",
            "undefined: population is zero",
        ]
        assert all(not row["tasso"] for row in rows[1:])
        assert "in no rate: 2" in run(tmp_path, SMALL % method, data).words
    rows = table(tmp_path, SMALL % "rates", "u,e,b\nA,0,100\n")
    assert (rows[0]["tasso"], rows[0]["rischio_relativo"]) == ("0.0", "")
    assert rows[0]["stato"] == "undefined: no events in any row"
    rows = table(tmp_path, SMALL % "empirical_bayes", "u,e,b\nA,0,0\nB,,\n")
    assert [row["tasso_eb"] for row in rows] == ["", ""]
    for method in (DIRECT, INDIRECT):
        rows = table(tmp_path, method, REGIONS.replace("A,30,25,25,15,1000", "A,30,25,25,15,"))
        assert [row["stato"] for row in rows] == ["no-data: b1", "computed"]
    rows = table(tmp_path, DIRECT, REGIONS.replace("A,30,25,25,15,1000", "A,30,25,25,15,0"))
    assert rows[0]["stato"] == "undefined: population is zero"


def test_shares_have_the_interval_of_wilson(tmp_path: Path):
    spec = SMALL % "rates" + "options: {interval: wilson, per: 100}"
    (row,) = table(tmp_path, spec, "u,e,b\nA,3,10\n")
    assert (round(float(row["ic_inf"]), 2), round(float(row["ic_sup"]), 2)) == (10.78, 60.32)


@pytest.mark.parametrize(
    "case",
    [
        (SMALL % "rates", "u,e,b\nA,-1,5\n", "row 2, column e", "minore di 0"),
        (SMALL % "rates", "u,e,b\nA,1.5,5\n", "is not a whole number", "si contano"),
        (SMALL % "rates", "u,e,b\nA,1,-5\n", "row 2, column b", "minore di 0"),
        (
            SMALL % "rates" + "options: {interval: wilson}",
            "u,e,b\nA,6,5\n",
            "is more than the population",
            "interval: poisson",
        ),
        (
            SMALL % "empirical_bayes" + PAIRS % "true" + "options: {confidence: 0.9}",
            "u,e,b\nA,1,5\n",
            "confidence has no effect",
            "confidence non ha effetto",
        ),
        (
            SMALL % "rates" + "options: {per: 0}",
            "u,e,b\nA,1,5\n",
            "greater than 0",
            "maggiore di 0",
        ),
        (
            SMALL % "rates" + PAIRS % "true",
            "u,e,b\nA,1,5\n",
            "near.csv, row 2, column b: names no row",
            "zeri iniziali",
        ),
        (
            SMALL % "rates" + "neighbours: {}",
            "u,e,b\nA,1,5\n",
            "neighbours wants one of",
            "una sola fra",
        ),
        (
            DIRECT.replace("1000", "0").replace("900", "0"),
            REGIONS,
            "sums to zero",
            "somma a zero",
        ),
        (
            INDIRECT.replace("standard_population: 1000", "standard_population: 0"),
            REGIONS,
            "standard_population: is zero in some stratum",
            "togliere lo strato",
        ),
        (
            INDIRECT + "options: {interval: lognormal}",
            REGIONS.replace("A,30,25,25,15", "A,0,0,0,0"),
            "no interval on the logarithm",
            "interval: exact",
        ),
    ],
)
def test_what_is_wrong_is_said_with_place_and_remedy(tmp_path: Path, case: tuple[str, ...]):
    spec, data, said, italian = case
    told = run(tmp_path, spec, data, near="a,b\nA,B\n")
    assert told.code, told.words
    assert said in told.words
    assert italian in told.words
    assert not (tmp_path / "out.csv").exists()


POISSON = "per: 100, interval: poisson, confidence: %s"
WILSON = "per: 1, interval: wilson, confidence: %s"


# UKHSA, PHEindicatormethods, tests/testthat/testdata_Rate.xlsx and testdata_Proportion.xlsx
@pytest.mark.parametrize(
    ("options", "events", "low", "high"),
    [
        (
            POISSON % 0.95,
            1,
            0.025317807984289897,
            5.571643390938898,
        ),
        (
            POISSON % 0.998,
            1,
            0.0010005003335835344,
            9.233413476451585,
        ),
        (POISSON % 0.95, 5, 1.62348639011842, 11.668332079322669),
        (
            POISSON % 0.998,
            5,
            0.739371731917839,
            16.454745203680105,
        ),
        (
            WILSON % 0.95,
            1,
            0.0017674320641406511,
            0.054486196178705294,
        ),
        (
            WILSON % 0.998,
            1,
            0.000873065697299977,
            0.1045544528370582,
        ),
        (WILSON % 0.95, 5, 0.02154367915436798, 0.11175046923191911),
        (
            WILSON % 0.998,
            5,
            0.013865320725997183,
            0.16458852282596442,
        ),
    ],
)
def test_intervals_agree_with_those_of_public_health_at_both_confidences(
    tmp_path, options, events, low, high
):
    spec = SMALL % "rates" + f"options: {{{options}}}"
    (row,) = table(tmp_path, spec, f"u,e,b\nA,{events},100\n")
    assert float(row["ic_inf"]) == pytest.approx(low, rel=1e-12)
    assert float(row["ic_sup"]) == pytest.approx(high, rel=1e-12)
