"""The noise: its source, its accounting and its distribution."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from disclose_district import CATEGORIES, POLICY, residents_of
from hypothesis import given
from hypothesis import strategies as st

import geo_core.disclose
from geo_core.disclose.noise import (
    accounted,
    covered,
    discrete_laplace,
    draw,
    half_width,
    level_epsilons,
    scale,
    variance,
)
from geo_core.disclose.shape import publishable
from geo_core.disclose.tree import levels
from geo_core.model.policy import Policy

SOURCES = sorted(Path(geo_core.disclose.__file__).parent.glob("*.py"))
FORBIDDEN = {"random", "secrets", "numpy.random", "scipy.stats"}
WITHOUT_NOISE = {"rounding.py", "draws.py"}
"""What is drawn evenly needs no OpenDP: the turns of rounding and the names of draws come from
the system itself (`secrets`)."""
epsilons = st.floats(0.05, 10)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_opendp_is_the_only_source_of_randomness(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    forbidden = FORBIDDEN - {"secrets"} if path.name in WITHOUT_NOISE else FORBIDDEN
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not forbidden & {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            assert not forbidden & ({node.module} | named)
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"random", "urandom", "default_rng"}


@given(epsilons)
def test_opendp_accounts_for_the_claimed_epsilon_and_no_more(epsilon):
    assert accounted(scale(epsilon)) <= epsilon
    assert accounted(scale(epsilon)) == pytest.approx(epsilon, rel=1e-12)


def test_the_levels_spend_the_whole_budget_and_no_more():
    spent = [accounted(scale(e)) for e in level_epsilons(POLICY).values()]
    assert sum(spent) == pytest.approx(POLICY.epsilon, rel=1e-12)
    assert sum(spent) <= POLICY.epsilon


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.floats(0.1, 10))
def test_any_policy_is_accounted_within_its_epsilon(parts, epsilon):
    names = ("area", "4", "5", "6")[: len(parts)]
    shares = {n: p / sum(parts) for n, p in zip(names, parts, strict=True)}
    policy = Policy(
        **{
            **POLICY.model_dump(),
            "epsilon": epsilon,
            "epsilon_year": 10,
            "level_shares": shares,
        }
    )
    spent = math.fsum(accounted(scale(e)) for e in level_epsilons(policy).values())
    assert spent <= epsilon * (1 + 1e-12)


@pytest.mark.parametrize("epsilon", [0.5, 1.5])
def test_the_noise_has_the_stated_distribution(epsilon):
    """20,000 draws: each bound is wider than five standard errors."""
    x = np.array(discrete_laplace(20_000, epsilon=epsilon))
    k = half_width(epsilon, coverage=0.95)
    assert abs(x.mean()) < 5 * math.sqrt(variance(epsilon) / len(x))
    assert x.var() == pytest.approx(variance(epsilon), rel=0.1)
    assert np.mean(np.abs(x) <= k) == pytest.approx(covered(epsilon, k), abs=0.01)


@given(epsilons, st.floats(0.5, 0.999))
def test_the_stated_interval_is_the_narrowest(epsilon, coverage):
    k = half_width(epsilon, coverage=coverage)
    assert covered(epsilon, k) >= coverage
    assert k == 0 or covered(epsilon, k - 1) < coverage


@given(epsilons, st.integers(0, 40))
def test_the_closed_form_of_the_coverage_is_the_sum_of_the_probabilities(epsilon, k):
    q = math.exp(-epsilon)
    mass = sum((1 - q) / (1 + q) * q ** abs(x) for x in range(-k, k + 1))
    assert covered(epsilon, k) == pytest.approx(mass)


def test_every_node_of_every_category_and_level_gets_its_own_draw():
    shapes = publishable(residents_of(8, 20_000).to_dict(), POLICY)
    trees = {c: levels(shapes.of(c), POLICY.level_shares) for c in CATEGORIES}
    noise = draw(trees, POLICY)
    for category, tree in trees.items():
        assert {n: len(x) for n, x in noise[category].items()} == {v.name: v.size for v in tree}
    assert len({x["area"].tobytes() for x in noise.values()}) == len(CATEGORIES)
