"""Reconciling noisy levels and rounding them, against dense and foreign solutions."""

from __future__ import annotations

import numpy as np
import opendp.prelude as dp
import pytest
from disclose_district import districts
from hypothesis import given
from hypothesis import strategies as st

from geo_core.disclose.infer import apportion, infer, project, reconcile, whole
from geo_core.disclose.shape import merge
from geo_core.disclose.tree import Level, levels, totals
from geo_core.model import cells

NAMES = ("4", "5", "6", "7", "area")


@st.composite
def trees(draw) -> tuple[Level, ...]:
    """Irregular trees of one to four levels; every node has at least one child."""
    size, found = 1, []
    for name in NAMES[5 - draw(st.integers(1, 4)) :]:
        children = draw(st.lists(st.integers(1, 4), min_size=size, max_size=size))
        parents = np.repeat(np.arange(size), children).astype(np.int64)
        parents = parents[draw(st.permutations(range(len(parents))))]
        found.append(Level(name, len(parents), parents))
        size = len(parents)
        if size > 40:
            break
    return tuple(found)


def noisy_of(draw, tree):
    return [
        np.array(draw(st.lists(st.integers(-20, 60), min_size=v.size, max_size=v.size)))
        for v in tree
    ]


def dense(tree, noisy, variances):
    """Solve the same problem as one weighted regression on the leaves."""
    leaves = tree[-1].size
    matrix = [np.eye(leaves)]
    for below, level in zip(reversed(tree), reversed(tree[:-1]), strict=False):
        up = np.zeros((level.size, leaves))
        np.add.at(up, below.parents, matrix[0])
        matrix.insert(0, up)
    weights = np.concatenate(
        [np.full(v.size, 1 / np.sqrt(s)) for v, s in zip(tree, variances, strict=True)]
    )
    design, target = np.vstack(matrix) * weights[:, None], np.concatenate(noisy) * weights
    solution = np.linalg.lstsq(design, target)[0]
    return [m @ solution for m in matrix]


@given(st.data(), trees())
def test_two_passes_equal_a_dense_regression(data, tree):
    noisy = noisy_of(data.draw, tree)
    variances = [data.draw(st.floats(0.05, 50)) for _ in tree]
    ours = reconcile(tree, noisy, variances)
    for mine, theirs in zip(ours, dense(tree, noisy, variances), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_two_passes_equal_opendp_on_a_complete_tree(seed):
    dp.enable_features("contrib")
    rng = np.random.default_rng(seed)
    noisy = [rng.integers(-5, 200, 7**depth) for depth in range(3)]
    theirs = dp.t.make_consistent_b_ary_tree(7)(np.concatenate(noisy).tolist())
    tree = tuple(
        Level(name, 7**depth, np.arange(7**depth) // 7)
        for depth, name in enumerate(("5", "6", "area"))
    )
    np.testing.assert_allclose(reconcile(tree, noisy, [1.0, 1.0, 1.0])[-1], theirs, atol=1e-9)


@given(st.data(), trees())
def test_the_result_is_whole_non_negative_and_sums_to_the_rounded_total(data, tree):
    noisy = noisy_of(data.draw, tree)
    variances = [data.draw(st.floats(0.05, 50)) for _ in tree]
    estimates = reconcile(tree, noisy, variances)
    result = infer(tree, noisy, variances)
    assert result.dtype == np.int64
    assert len(result) == tree[-1].size
    assert (result >= 0).all()
    assert result.sum() == max(0, np.floor(estimates[0].sum() + 0.5))


@given(st.data(), trees())
def test_without_noise_the_counts_come_back(data, tree):
    true = np.array(
        data.draw(st.lists(st.integers(0, 500), min_size=tree[-1].size, max_size=tree[-1].size))
    )
    variances = [data.draw(st.floats(0.05, 50)) for _ in tree]
    assert (infer(tree, totals(tree, true), variances) == true).all()


@given(st.data(), trees())
def test_every_node_gets_the_whole_number_its_children_share(data, tree):
    """Rounding a shorter tree gives the sums of rounding the longer one."""
    estimates = reconcile(tree, noisy_of(data.draw, tree), [1.0] * len(tree))
    sums = totals(tree, whole(tree, estimates))
    for depth in range(1, len(tree)):
        assert (whole(tree[:depth], estimates[:depth]) == sums[depth - 1]).all()


@st.composite
def vectors(draw, least):
    """Draw vectors in one array: values in any order, the sum of each, whose each value is."""
    sizes = draw(st.lists(st.integers(1, 8), min_size=1, max_size=4))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    groups = groups[draw(st.permutations(range(len(groups))))]
    values = draw(st.lists(st.floats(least, 50), min_size=len(groups), max_size=len(groups)))
    sums = draw(st.lists(st.integers(0, 100), min_size=len(sizes), max_size=len(sizes)))
    return np.array(values), np.array(sums), groups


@given(vectors(-50), st.data())
def test_no_other_point_of_the_simplex_is_nearer(given_, data):
    values, sums, groups = given_
    nearest = project(values, sums, groups)
    assert (nearest >= 0).all()
    for group, total in enumerate(sums):
        v, found = values[groups == group], nearest[groups == group]
        assert found.sum() == pytest.approx(total, abs=1e-9)
        other = np.array(data.draw(st.lists(st.floats(0, 1), min_size=len(v), max_size=len(v))))
        share = other / other.sum() if other.sum() > 0 else np.full(len(v), 1 / len(v))
        assert np.linalg.norm(v - found) <= np.linalg.norm(v - total * share) + 1e-9


@given(vectors(0))
def test_apportioning_keeps_the_sums_and_moves_nothing_by_one_or_more(given_):
    _, sums, groups = given_
    exact = project(*given_)
    seats = apportion(exact, sums, groups)
    assert (np.bincount(groups, seats, len(sums)) == sums).all()
    assert (np.abs(seats - exact) < 1).all()


def test_ties_of_remainders_go_to_the_earlier_area():
    values, groups = np.array([1.5, 0.5, 0.5, 0.5, 2.0]), np.array([0, 1, 0, 1, 0])
    assert apportion(values, np.array([4, 1]), groups).tolist() == [2, 1, 0, 0, 2]


@given(districts())
def test_levels_are_nested_partitions_and_one_person_changes_one_count_of_each(residents):
    shape = merge(residents, p_min=100)
    tree = levels(shape, NAMES)
    assert [v.name for v in tree] == list(NAMES)
    assert tree[-1].size == len(shape.areas)
    for i in range(len(shape.areas)):
        one = np.zeros(len(shape.areas), dtype=np.int64)
        one[i] = 1
        assert [int(t.sum()) for t in totals(tree, one)] == [1] * len(tree)
        assert [int(t.max()) for t in totals(tree, one)] == [1] * len(tree)


@given(districts())
def test_every_node_of_a_level_is_inhabited_by_areas(residents):
    shape = merge(residents, p_min=100)
    tree = levels(shape, NAMES)
    sums = totals(tree, np.ones(len(shape.areas), dtype=np.int64))
    assert all((t >= 1).all() and t.sum() == len(shape.areas) for t in sums)


@given(districts(), st.sampled_from(["5", "6", "7"]))
def test_areas_that_stand_in_one_cell_of_a_level_are_one_node_and_coarser_ones_are_alone(
    residents, name
):
    shape = merge(residents, p_min=100)
    nodes = levels(shape, [name])[-1].parents.tolist()
    expected = {}
    for i, (area, node) in enumerate(zip(shape.areas, nodes, strict=True)):
        inside = cells.resolution(area.seat) >= int(name)
        expected.setdefault(cells.parent(area.seat, int(name)) if inside else i, set()).add(node)
    assert all(len(found) == 1 for found in expected.values())
    assert len(expected) == len(set(nodes))
