"""Areas follow from residents alone: worked out again by the auditor, and other ones are found."""

from __future__ import annotations

import json
from dataclasses import replace

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.small_releases import small_release
from checks.audit import replay, shapes
from geo_core.disclose.shape import coarsen, cut, merge
from geo_core.errors import DisclosureError

RESOLUTIONS = (6, 7, 8)
MIDDLE = h3.latlng_to_cell(45.4, 8.4, 8)


@st.composite
def districts(draw):
    """Residents by cell: few or many, with cells where nobody lives, over one or two regions."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    cells = sorted(h3.grid_disk(MIDDLE, draw(st.integers(1, 9))))
    kept = random.random(len(cells)) < draw(st.floats(0.2, 1))
    number = random.lognormal(3, draw(st.floats(0.1, 2.5)), len(cells))
    return {c: int(n) for c, n, k in zip(cells, number, kept, strict=True) if k}


def outlines(areas):
    return sorted(area.cells for area in areas)


@settings(max_examples=60)
@given(districts(), st.integers(50, 400), st.integers(0, 400))
def test_the_auditor_and_the_build_find_the_same_areas(residents, least, more):
    try:
        base = merge(residents, p_min=least)
        larger = coarsen(base, p_min=least + more)
    except DisclosureError:
        return  # too few people for one area
    own = shapes.merged(shapes.single(residents), least)
    assert outlines(own) == sorted(area.members for area in base.areas)
    assert shapes.fingerprint(own) == base.sha256
    assert shapes.fingerprint(shapes.merged(own, least + more)) == larger.sha256
    for resolution in RESOLUTIONS:
        shown = [area.members for area in cut(base, resolution).areas]
        assert outlines(shapes.cut(own, resolution)) == sorted(shown)


@pytest.fixture(scope="module")
def release(catalog):
    return small_release(catalog, 1)


def said(release, **values):
    """Return what is found where the statement says something else of its first areas."""
    other = json.loads(json.dumps(release.disclosure))
    other["statements"][0]["geographies"][0] |= values
    return [found.what for found in replay.check(replace(release, disclosure=other)).findings]


@pytest.mark.parametrize(
    ("name", "value"), [("sha256", "0" * 64), ("areas", 117), ("smallest_residents", 117)]
)
def test_another_number_of_the_areas_is_found(release, name, value):
    assert said(release) == []
    assert said(release, **{name: value}) == [
        f"{name} of the areas is not what residents of cells make"
    ]


def test_areas_that_follow_from_something_else_are_found(release):
    """Two areas that are one would hide where somebody is, or show that nobody is."""
    shown = release.collections["bisogni_h3_r8"]
    fewer = replace(shown, features=shown.features[1:])
    moved = replace(release, collections={**release.collections, shown.id: fewer})
    found = {one.what for one in replay.check(moved).findings}
    assert "the areas do not follow from the residents of cells alone" in found
