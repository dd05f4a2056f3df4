"""The publishable areas: what must hold for every district."""

from __future__ import annotations

import inspect
import random

import h3
import pytest
import shapely
from disclose_district import POLICY, POOL, districts
from hypothesis import given
from hypothesis import strategies as st

from geo_core.disclose.features import outline
from geo_core.disclose.shape import Area, Shape, coarsen, cut, merge, publishable
from geo_core.errors import DisclosureError
from geo_core.model import cells

R7 = min(h3.cell_to_children(h3.cell_to_parent(POOL[0], 6), 7))


def held(shape: Shape) -> list[str]:
    return sorted(m for a in shape.areas for m in a.members)


@given(districts(), st.sampled_from([1, 60, 100, 200]))
def test_areas_partition_the_district_and_hold_the_minimum(residents, p_min):
    shape = merge(residents, p_min=p_min)
    assert held(shape) == sorted(residents)
    assert all(a.residents == sum(residents[m] for m in a.members) for a in shape.areas)
    assert shape.smallest == min(a.residents for a in shape.areas) >= p_min


@given(districts())
def test_members_share_the_ancestor_and_no_finer_one(residents):
    for area in merge(residents, p_min=100).areas:
        res = cells.resolution(area.ancestor)
        assert {cells.parent(m, res) for m in area.members} == {area.ancestor}
        finer = {cells.parent(m, min(res + 1, 8)) for m in area.members}
        assert len(finer) > 1 or res == 8


@given(districts())
def test_the_id_says_whether_the_area_is_all_of_one_cell(residents):
    shape = merge(residents, p_min=100)
    for area in shape.areas:
        res = cells.resolution(area.ancestor)
        inside = sorted(c for c in residents if cells.parent(c, res) == area.ancestor)
        assert area.whole == (list(area.members) == inside)
        assert area.id == (area.ancestor if area.whole else f"{area.ancestor}~{min(area.members)}")
    assert len({a.id for a in shape.areas}) == len(shape.areas)


@given(districts())
def test_a_node_is_split_whenever_a_child_is_large_enough(residents):
    """No area holds a child of its seat that could stand alone, beside people to stand with."""
    for area in merge(residents, p_min=100).areas:
        res = cells.resolution(area.seat)
        if res == 8:
            continue
        below: dict[str, int] = {}
        for m in area.members:
            child = cells.parent(m, res + 1)
            below[child] = below.get(child, 0) + residents[m]
        assert max(below.values()) < 100


@given(districts(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(residents, rng: random.Random):
    items = list(residents.items())
    rng.shuffle(items)
    assert merge(dict(items), p_min=100) == merge(residents, p_min=100)


@given(districts())
def test_the_shape_is_stable_while_nobody_crosses_a_threshold(residents):
    """Twice the people and twice the minimum: the same outlines."""
    doubled = {c: 2 * n for c, n in residents.items()}
    assert merge(doubled, p_min=200).sha256 == merge(residents, p_min=100).sha256


@given(districts())
def test_a_change_of_residents_reaches_no_further_than_its_base_tree(residents):
    """Cells far away (another r3 cell) keep their areas."""
    far = h3.latlng_to_cell(37.5, 14.0, 8)
    before = merge(residents | {far: 300}, p_min=100)
    after = merge(residents | {far: 900}, p_min=100)
    assert [a for a in before.areas if far not in a.members] == [
        a for a in after.areas if far not in a.members
    ]


def test_the_shape_is_made_from_population_alone():
    assert list(inspect.signature(merge).parameters) == ["residents", "p_min"]
    assert list(inspect.signature(coarsen).parameters) == ["shape", "p_min"]


@given(districts(), st.sampled_from([100, 150, 200, 400]))
def test_coarser_areas_are_unions_of_base_areas(residents, p_min):
    base = merge(residents, p_min=100)
    coarse = coarsen(base, p_min=p_min)
    assert held(coarse) == held(base)
    assert coarse.smallest >= p_min
    assert all(len({coarse.area_of[m] for m in a.members}) == 1 for a in base.areas)


@given(districts())
def test_areas_of_categories_that_need_larger_ones_are_unions_of_base_areas(residents):
    shapes = publishable(residents, POLICY)
    assert set(shapes.by_category) == set(POLICY.p_min_by_category)
    for category, p_min in POLICY.p_min_by_category.items():
        own = shapes.of(category)
        assert own.smallest >= p_min
        assert all(len({own.area_of[m] for m in a.members}) == 1 for a in shapes.base.areas)


def test_other_members_are_another_outline():
    """Two groups of one cell may have the same id."""
    first, second, third = sorted(h3.cell_to_children(R7, 8))[:3]
    one, other = (
        Shape((Area(f"{R7}~{first}", R7, R7, (first, also), 200),), 100) for also in (second, third)
    )
    assert one.sha256 != other.sha256


@given(districts())
def test_coarsening_to_the_same_minimum_changes_nothing(residents):
    base = merge(residents, p_min=100)
    assert coarsen(base, p_min=100) == base


@given(districts(), st.integers(0, 8))
def test_a_cut_partitions_the_district_into_unions_of_base_areas(residents, res):
    base = merge(residents, p_min=100)
    shown = cut(base, res)
    assert held(shown) == held(base)
    assert sum(a.residents for a in shown.areas) == sum(residents.values())
    assert all(len({shown.area_of[m] for m in a.members}) == 1 for a in base.areas)
    assert len({a.id for a in shown.areas}) == len(shown.areas)


@given(districts(), st.integers(0, 7))
def test_a_cut_is_nested_in_the_next_coarser_one(residents, res):
    base = merge(residents, p_min=100)
    coarse = cut(base, res)
    for area in cut(base, res + 1).areas:
        assert len({coarse.area_of[m] for m in area.members}) == 1


@given(districts(), st.integers(5, 8))
def test_a_feature_is_no_finer_than_the_cut(residents, res):
    assert all(
        cells.resolution(a.ancestor) <= res for a in cut(merge(residents, p_min=100), res).areas
    )


@given(districts())
def test_the_finest_cut_is_the_shape(residents):
    base = merge(residents, p_min=100)
    assert cut(base, 8) == base


def test_small_children_become_one_rest():
    children = sorted(h3.cell_to_children(R7, 8))
    people = dict(zip(children, [500, 300, 40, 40, 40, 0, 0], strict=True))
    shape = merge(people, p_min=100)
    assert {a.id: (a.residents, len(a.members)) for a in shape.areas} == {
        children[0]: (500, 1),
        children[1]: (300, 1),
        f"{R7}~{children[2]}": (120, 5),
    }


def test_a_rest_that_is_too_small_joins_the_smallest_sibling():
    children = sorted(h3.cell_to_children(R7, 8))
    people = dict(zip(children, [500, 300, 40, 0, 0, 0, 0], strict=True))
    shape = merge(people, p_min=100)
    assert {a.id: a.residents for a in shape.areas} == {
        children[0]: 500,
        f"{R7}~{children[1]}": 340,
    }


def test_ties_between_siblings_go_to_the_smaller_index():
    children = sorted(h3.cell_to_children(R7, 8))
    people = dict(zip(children, [300, 300, 40, 0, 0, 0, 0], strict=True))
    assert merge(people, p_min=100).areas[0].members == (children[0], *children[2:])


def test_a_farm_beside_a_town_costs_one_area_of_the_town():
    town, farm = sorted(h3.cell_to_children(h3.cell_to_parent(R7, 6), 7))[:2]
    people = dict.fromkeys(sorted(h3.cell_to_children(town, 8)), 1000)
    lone = min(h3.cell_to_children(farm, 8))
    shape = merge(people | {lone: 30}, p_min=100)
    assert len(shape.areas) == 7
    joined = shape.areas[shape.area_of[lone]]
    assert joined.residents == 1030
    assert len(joined.members) == 2
    # At the resolution of the town the two are one feature, the town is not cut open.
    assert len(cut(shape, 7).areas) == 1


def test_an_edge_cell_is_whole_when_it_holds_all_that_the_district_has_of_it():
    two = sorted(h3.cell_to_children(R7, 8))[:2]
    (area,) = merge(dict.fromkeys(two, 60), p_min=100).areas
    assert area == Area(R7, R7, R7, tuple(two), 120)


def test_a_lone_cell_is_named_by_the_resolution_of_the_cut():
    lone = min(h3.cell_to_children(R7, 8))
    base = merge({lone: 150}, p_min=100)
    assert base.areas[0].id == lone
    assert cut(base, 7).areas[0].id == R7


def test_a_pentagon_is_a_node_like_any_other():
    pentagon = next(p for p in h3.get_pentagons(7))
    children = sorted(h3.cell_to_children(pentagon, 8))
    assert len(children) == 6
    assert len(merge(dict.fromkeys(children, 150), p_min=100).areas) == 6
    assert merge(dict.fromkeys(children, 50), p_min=100).areas[0].id == pentagon


@given(districts(max_size=25), st.sampled_from([6, 7, 8]))
def test_outlines_cover_the_district_once(residents, res):
    outlines = [outline(a) for a in cut(merge(residents, p_min=100), res).areas]
    assert all(g.is_valid and g.geom_type == "MultiPolygon" for g in outlines)
    whole = shapely.union_all([cells.polygon(c) for c in map(cells.cell, residents)])
    # Rounding to 7 decimals moves a vertex by at most 0.71e-7 degrees.
    allowed = 1e-7 * sum(g.length for g in outlines)
    assert abs(sum(g.area for g in outlines) - whole.area) < allowed
    assert shapely.union_all(outlines).symmetric_difference(whole).area < allowed


@pytest.mark.parametrize(
    ("residents", "reason"),
    [
        ({}, "nobody lives"),
        ({POOL[0]: 99}, "too few"),
        ({POOL[0]: -1}, "negative"),
        ({R7: 500}, "resolution 8"),
    ],
)
def test_a_district_that_cannot_be_published_is_refused(residents, reason):
    with pytest.raises(DisclosureError, match=reason):
        merge(residents, p_min=100)
