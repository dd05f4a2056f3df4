"""The error that the statement promises: measured on invented counts, kept by real releases."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from disclose_district import DEMAND, POLICY, RATINGS, residents_of
from hypothesis import given
from hypothesis import strategies as st

from geo_core.disclose import noise
from geo_core.disclose.shape import publishable
from geo_core.model.policy import Policy
from geo_core.statement import accuracy, twin
from geo_core.statement.accuracy import expected_errors, shown
from geo_core.statement.classes import COVERAGE, by_class, shortest

RELEASES = 500
SMALL = residents_of(7, 5_000).to_dict()
RESOLUTIONS = (6, 7, 8)


def thing(policy):
    return publishable(SMALL, policy) if isinstance(policy, Policy) else 40


def drawn_by_opendp(trees, policy, rng):
    """Draw as a release does, whatever the generator of the twin says."""
    del rng
    return noise.draw(trees, policy)


@pytest.fixture(scope="module", params=[POLICY, DEMAND, RATINGS], ids=["needs", "demand", "marks"])
def checked(request):
    """Return the promise, and the errors of 500 other invented releases with OpenDP's noise."""
    policy = request.param
    on = thing(policy)
    resolutions = RESOLUTIONS if isinstance(policy, Policy) else ()
    promised = expected_errors(on, policy, resolutions=resolutions)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(twin, "_noise", drawn_by_opendp)
        found = list(islice(shown(on, policy, resolutions=resolutions, seed=99), RELEASES))
    return promised, found


def errors_of(found, interval, stated):
    """Return the errors of the numbers shown of a class of residents, release by release."""
    key = interval.resolution, interval.column
    starts = [i.residents_from for i in stated if (i.resolution, i.column) == key]
    end = min((s for s in starts if s > interval.residents_from), default=np.inf)
    for release in found:
        numbers = release[interval.resolution][interval.column]
        inside = (numbers.people >= interval.residents_from) & (numbers.people < end)
        yield numbers.errors[inside]


def held(errors, below, above):
    """Return the share of errors in an interval, and its sampling error (releases differ)."""
    inside = np.array([((e >= -below) & (e <= above)).sum() for e in errors])
    sizes = np.array([len(e) for e in errors])
    share = inside.sum() / sizes.sum()
    spread = np.sqrt(((inside - share * sizes) ** 2).sum()) / sizes.sum()
    return share, spread


def test_the_stated_interval_holds_95_of_100_and_no_shorter_one_does(checked):
    promised, found = checked
    assert promised.twin is not None
    assert len(promised.intervals) >= 2
    for interval in promised.intervals:
        errors = list(errors_of(found, interval, promised.intervals))
        # The promise is measured too, on fewer releases.
        more = 4.5 * np.sqrt(1 + RELEASES / promised.twin.releases)
        share, spread = held(errors, interval.below, interval.above)
        assert share >= COVERAGE - more * spread, interval
        assert abs(share - interval.coverage) <= more * spread + 1e-4, interval
        length = interval.below + interval.above - 1
        for below in range(length + 1):
            share, spread = held(errors, below, length - below)
            assert share < COVERAGE + more * spread, (interval, below)


def test_the_promise_follows_from_shape_and_policy_alone():
    on = thing(POLICY)
    assert expected_errors(on, POLICY, resolutions=(7,)) == expected_errors(
        publishable(SMALL, POLICY), POLICY, resolutions=(7,)
    )


def test_more_epsilon_means_less_error():
    loose = POLICY.model_copy(update={"epsilon": 8.0})
    strict, lax = (expected_errors(thing(p), p, resolutions=(7,)) for p in (POLICY, loose))
    (a, b) = (found.intervals[0] for found in (strict, lax))
    assert a.below + a.above > b.below + b.above
    assert strict.utility[0].misplaced > lax.utility[0].misplaced


def test_the_noise_of_the_twin_is_that_of_a_release():
    rng = np.random.default_rng(1)
    drawn = twin._laplace(200_000, epsilon=0.5, rng=rng)
    assert drawn.mean() == pytest.approx(0, abs=0.03)
    assert drawn.var() == pytest.approx(noise.variance(0.5), rel=0.03)
    assert (np.abs(drawn) <= 4).mean() == pytest.approx(noise.covered(0.5, 4), abs=0.005)


def test_the_twin_has_the_persons_that_the_policy_expects():
    true, protected = next(twin.on_shapes(thing(POLICY), POLICY, seed=1))
    assert set(true) == set(protected) == set(POLICY.categories)
    assert sum(n.sum() for n in true.values()) == pytest.approx(5_000 * 75 / 1000, rel=0.02)
    marks, _ = next(twin.on_units(147, RATINGS, seed=1))
    assert sum(n.sum() for n in marks.values()) == round(147 * RATINGS.expected)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=40), st.floats(0.05, 1))
def test_the_shortest_interval(errors, coverage):
    below, above, share = shortest(np.array(errors), coverage=coverage)
    inside = sum(-below <= e <= above for e in errors) / len(errors)
    assert inside == pytest.approx(share)
    assert inside >= coverage - 1e-9
    shorter = below + above - 1
    for least in range(-shorter, 1):
        assert sum(least <= e <= least + shorter for e in errors) / len(errors) < coverage


def test_numbers_that_are_not_shown_do_not_count():
    release = next(shown(thing(POLICY), POLICY, resolutions=(8,), seed=3))
    found = release[8][None]
    assert (found.shown == (found.protected > POLICY.band_max)).all()
    nothing = found._replace(shown=np.zeros(len(found.true), dtype=bool))
    assert not list(by_class(8, None, nothing))


def test_hexagons_that_sum_many_areas_have_wider_intervals_than_small_ones():
    on = publishable({cell: 3 * n for cell, n in SMALL.items()}, POLICY)
    stated = expected_errors(on, POLICY, resolutions=(6,)).intervals
    widths = {i.residents_from: i.below + i.above for i in stated if i.column is None}
    assert list(widths) == [0, 1000, 5000]
    assert widths[0] < widths[1000]


def test_the_utility_is_of_large_numbers_and_counts_who_is_misplaced_once():
    true, protected = np.array([19, 20, 40, 0]), np.array([30, 25, 36, 4])
    found = accuracy._utility(7, true, protected)
    assert found.error == pytest.approx((5 / 20 + 4 / 40) / 2)
    assert found.misplaced == round((11 + 5 + 4 + 4) / 2 / 79, 4)
    assert accuracy._utility(7, true[:1], protected[:1]).error is None
