"""Limits of the index of fragility: who has a score, who is reliable, what its bounds leave out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo_core import risk_layers
from geo_core.catalog import Catalog
from geo_core.indicators import standing as stands
from geo_core.indicators.neighbours import listed
from geo_core.indicators.risk import FEWEST_FOR_A_SCORE, Draws, bounds, fragility
from geo_core.indicators.robust import Ranks, rank_intervals
from geo_core.model.indicator import Indicators
from geo_core.strict_yaml import read_document


@pytest.fixture(scope="module")
def catalogue(root: Path) -> Indicators:
    return read_document(root / "config" / "indicatori.yml", Indicators)


def groups(*residents: int) -> np.ndarray:
    """Return residents by five groups of ages, all units alike but for their number."""
    shares = np.array([0.12, 0.38, 0.24, 0.17, 0.09])
    counts = np.floor(np.outer(residents, shares))
    counts[:, 1] += np.array(residents) - counts.sum(axis=1)
    return counts


def test_a_hexagon_has_a_score_from_a_hundred_residents_on(catalogue: Indicators):
    found = fragility(
        groups(99, 100, 5_000),
        composite=catalogue.composites["ifs"],
        catalogue=catalogue,
        fewest=FEWEST_FOR_A_SCORE,
    )
    assert np.isnan(found.columns["punteggio"]).tolist() == [True, False, False]


@pytest.mark.parametrize(("residents", "said"), [(499, "bassa"), (500, "normale")])
def test_below_five_hundred_residents_reliability_is_low(
    catalog: Catalog, catalogue: Indicators, residents: int, said: str
):
    columns = {"residenti": np.array([residents]), "punteggio": np.array([90.0]),
               "classe": np.array([4])}  # fmt: skip
    ground = SimpleNamespace(indicators=catalogue)
    rows = risk_layers._scored(columns, pd.Index(["a"]), ground, catalog)
    assert rows["affidabilita"].tolist() == [said]


def test_bounds_of_a_score_leave_out_25_drawings_in_a_thousand_on_each_side():
    drawn: Draws = np.arange(1_001, dtype=np.float32)[::-1, None]
    low, high = bounds(drawn)
    assert (low.tolist(), high.tolist()) == ([25.0], [975.0])


@pytest.mark.parametrize("by", [50, -50])
def test_bounds_hold_the_score_wherever_the_drawings_lie(
    catalogue: Indicators, monkeypatch: pytest.MonkeyPatch, by: float
):
    parts = {"composite": catalogue.composites["ifs"], "catalogue": catalogue}
    counted = groups(400, 900, 700)
    found = fragility(counted, **parts)
    score = found.columns["punteggio"].astype(float)
    monkeypatch.setattr(
        stands, "drawn_scores", lambda *_, **__: np.tile(score + by, (20, 1)).astype(np.float32)
    )
    units = stands.Units(counted, [1, 2, 3], listed(np.array([[0, 1], [1, 0]]), units=3))
    columns = stands.standing(found, units, **parts)
    assert (columns["punteggio_inf"] <= score).all()
    assert (columns["punteggio_sup"] >= score).all()
    assert np.ptp([columns["punteggio_inf"], columns["punteggio_sup"]]) > 49


def test_ranks_of_variants_know_no_difference_of_the_machine(
    catalogue: Indicators, monkeypatch: pytest.MonkeyPatch
):
    parts = {"composite": catalogue.composites["ifs"], "catalogue": catalogue}
    # The same residents, as many over 80, and others otherwise: one share, several sums.
    others = np.random.default_rng(0).multinomial(911, [0.15, 0.4, 0.25, 0.2], 60)
    counted = np.column_stack([others, np.full(60, 89)]).astype(float)
    given: list[np.ndarray] = []

    def kept(values: np.ndarray, *rest: Any, **of: Any) -> Ranks:
        given.append(values)
        return rank_intervals(values, *rest, **of)

    monkeypatch.setattr(stands, "rank_intervals", kept)
    found = fragility(counted, **parts)
    assert len({*found.columns["eb_quota_80"].tolist()}) > 1
    units = stands.Units(counted, range(60), listed(np.array([[0, 1], [1, 0]]), units=60))
    stands.standing(found, units, **parts)
    assert len({*given[0][:, 2].tolist()}) == 1
