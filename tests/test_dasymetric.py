"""Rounding residents onto cells: totals to the person, nobody favoured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo_core.place.dasymetric import (
    COLUMNS,
    Weights,
    allot,
    controlled,
    expected,
    margins,
)


@st.composite
def problems(draw):
    """Draw totals by column and weights by cell, many of them zero."""
    cells, columns = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    totals = draw(arrays.arrays(np.int64, columns, elements=st.integers(0, 30)))
    weight = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
    wide = draw(st.sampled_from([1, columns]))
    weights = draw(arrays.arrays(np.float64, (cells, wide), elements=weight))
    return totals, weights


@given(problems(), st.integers(0, 999_999))
def test_columns_are_kept_and_every_entry_and_row_is_rounded_by_less_than_one(problem, seed):
    totals, weights = problem
    amounts = expected(totals, weights)
    persons = controlled(amounts, seed=seed)
    assert (persons.sum(axis=0) == totals).all()
    assert (np.abs(persons - amounts) < 1).all()
    assert (np.abs(persons.sum(axis=1) - amounts.sum(axis=1)) < 1).all()


@given(problems())
def test_a_cell_without_weight_gets_nobody_while_another_has_some(problem):
    totals, weights = problem
    amounts = expected(totals, weights)
    empty = weights.sum(axis=1) == 0
    if not empty.all():
        assert (amounts[empty] == 0).all()
        assert (controlled(amounts, seed=1)[empty] == 0).all()


def test_tiny_cells_get_over_many_draws_what_they_expect():
    weights = np.repeat([0.3, 3.0], 30)[:, None]
    totals = np.random.default_rng(0).poisson(0.5, COLUMNS)
    amounts = expected(totals, weights)
    drawn = np.mean([controlled(amounts, seed=s).sum(axis=1) for s in range(300)], axis=0)
    # Thirty cells of 0.3 persons each: an independent largest remainder leaves all of them empty.
    assert drawn[:30].mean() == pytest.approx(amounts[:30].sum(axis=1).mean(), abs=0.03)


def test_ages_of_a_cell_stay_together():
    """Neighbouring ages make up for each other, so an age band is near its expectation."""
    weights = np.array([0.2, 0.3, 0.5])[:, None]
    amounts = expected(np.ones(COLUMNS, dtype=np.int64), weights)
    off = np.cumsum(controlled(amounts, seed=7) - amounts, axis=1)
    assert np.abs(off).max() < 2


def test_residents_are_allotted_by_municipality_age_and_sex():
    official = pd.DataFrame(
        {
            "cod_istat": ["002002"] * 3 + ["002003"] * 2,
            "eta": [0, 0, 100, 5, 6],
            "sesso": ["F", "M", "F", "M", "M"],
            "n": [3, 0, 2, 10, 1],
        }
    )
    weights = {
        "002002": Weights(("a", "b"), np.array([[1.0], [1.0]]), "areale"),
        "002003": Weights(("b", "c"), np.array([[0.0], [1.0]]), "dasimetrico"),
    }
    people = allot(official, weights)
    keys = ["cod_istat", "eta", "sesso"]
    kept = people.groupby(keys)["n"].sum()
    assert kept.to_dict() == official[official["n"] > 0].set_index(keys)["n"].to_dict()
    assert people["n"].min() >= 1
    assert set(people.loc[people["cod_istat"] == "002003", "h3"]) == {"c"}
    assert people.groupby("cod_istat")["metodo"].first().to_dict() == {
        "002002": "areale",
        "002003": "dasimetrico",
    }


def test_margins_put_females_before_males_of_the_same_age():
    rows = pd.DataFrame({"eta": [0, 0, 100], "sesso": ["F", "M", "M"], "n": [1, 2, 3]})
    totals = margins(rows)
    assert (totals[0], totals[1], totals[201], totals.sum()) == (1, 2, 3, 6)
