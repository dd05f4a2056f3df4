"""One person more or less: no attack on what is published proves more than the stated epsilon."""

from __future__ import annotations

import math

import numpy as np
import pytest
from disclose_district import POLICIES

from benchmarks import twins
from benchmarks.membership import bound, interval, lower_bound

PAIRS = 500
NEEDS = twins.on_areas("bisogni", POLICIES.areas("bisogni"))
HOUSEHOLDS = twins.on_areas("nuclei", POLICIES.areas("nuclei"))
MARKS = twins.on_units("valutazioni", POLICIES.units("valutazioni"))
PLACED = twins.on_units("collocazione", POLICIES.units("collocazione"))


def placed(scene, words):
    (person,) = [p for p in scene.persons if words in p.name]
    return person


@pytest.mark.parametrize(
    ("scene", "words"),
    [(NEEDS, "pentagon"), (NEEDS, "nobody"), (HOUSEHOLDS, "most"), (MARKS, "alone"),
     (PLACED, "most")],
    ids=["needs, in a group", "needs, a rare category", "up to two households", "marks",
         "up to three records"],
)  # fmt: skip
def test_no_attack_proves_more_than_is_stated(scene, words):
    assert twins.proven(scene, placed(scene, words), pairs=PAIRS) <= scene.policy.epsilon


def test_half_the_noise_is_noticed():
    weaker = NEEDS.policy.model_copy(update={"epsilon": 2 * NEEDS.policy.epsilon})
    release = twins.areas(twins.shapes_of(weaker), weaker)
    person = placed(NEEDS, "most")
    assert twins.attacked(NEEDS, person, pairs=PAIRS // 2, release=release) > NEEDS.policy.epsilon


def test_a_second_household_that_is_not_charged_is_noticed():
    assert HOUSEHOLDS.policy.contribution_cap == 2
    cheaper = HOUSEHOLDS.policy.model_copy(update={"contribution_cap": 1})
    release = twins.areas(twins.shapes_of(cheaper), cheaper)
    person = placed(HOUSEHOLDS, "most")
    found = twins.attacked(HOUSEHOLDS, person, pairs=PAIRS, release=release)
    assert found > HOUSEHOLDS.policy.epsilon


def test_records_that_are_not_charged_are_noticed():
    """Three records of a person at the price of one; at 0.3, 500 pairs would seldom show it."""
    cheaper = PLACED.policy.model_copy(update={"contribution_cap": 1, "epsilon": 1.0})
    person = placed(PLACED, "most")
    found = twins.attacked(PLACED, person, pairs=PAIRS, release=twins.units(cheaper))
    assert found > cheaper.epsilon


def with_numbers(change):
    """Release true counts of units with something else than noise of OpenDP."""

    def of(counts):
        true = {c: np.zeros(len(twins.UNITS)) for c in MARKS.policy.categories}
        for (unit, category), n in counts.items():
            true[category][twins.UNITS.index(unit)] += n
        return lambda: change(true)

    return of


@pytest.mark.parametrize("words", ["alone", "most"])
def test_noise_in_floating_point_is_noticed_by_its_digits(words):
    rng = np.random.default_rng(1)
    release = with_numbers(
        lambda true: {c: n + rng.laplace(0, 1 / MARKS.policy.epsilon, n.shape)
                      for c, n in true.items()}
    )  # fmt: skip
    found = twins.attacked(MARKS, placed(MARKS, words), pairs=PAIRS, release=release)
    # Where many are, one person more seldom changes how fine a sum can be.
    assert (found > MARKS.policy.epsilon) == (words == "alone")


def test_noise_that_comes_again_is_noticed():
    release = with_numbers(
        lambda true: {c: n + np.random.default_rng(1).integers(-9, 10, n.shape)
                      for c, n in true.items()}
    )  # fmt: skip
    found = twins.attacked(MARKS, placed(MARKS, "most"), pairs=PAIRS, release=release)
    assert found > MARKS.policy.epsilon


@pytest.mark.parametrize(("found", "of"), [(0, 20), (3, 20), (10, 20), (20, 20), (490, 500)])
def test_the_interval_of_a_rate(found, of):
    """At its ends what was found is just not too rare (Clopper and Pearson's definition)."""
    low, high = interval(found, of)
    assert low <= found / of <= high

    def at_most(k, p):
        return sum(math.comb(of, i) * p**i * (1 - p) ** (of - i) for i in range(k + 1))

    if found:
        assert 1 - at_most(found - 1, low) == pytest.approx(0.025, abs=1e-6)
    if found < of:
        assert at_most(found, high) == pytest.approx(0.025, abs=1e-6)


def test_what_a_guess_proves():
    assert lower_bound(500, 0, 500) == pytest.approx(math.log((0.025 ** (1 / 500)) / 0.00735), 0.01)
    assert lower_bound(0, 0, 500) == -math.inf
    same = np.random.default_rng(1).integers(0, 9, (2, 600, 3)).astype(float)
    assert bound(*same, trained=100) == pytest.approx(0, abs=0.2)
