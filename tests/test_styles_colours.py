"""Palettes that everybody can read: in order, in grey, and with any colour vision."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from colour import SIMULATIONS, delta_e, lab

from geo_core.catalog import read_catalog

STYLES = {
    f"{name}{number or ''}": scale
    for name, style in read_catalog(Path(__file__).resolve().parents[1]).styles.items()
    for number, scale in enumerate(style.scales)
}
"""Every set of classes; those of further fields have a number."""
BIVARIATE = {"rischio_accesso_h3"}
"""Nine classes along two sides: `test_bivariate` tries their colours."""
TWO_SIDED = {"hotspot", "moran", "divario_anz"}
DIVERGING = [name for name, style in STYLES.items() if TWO_SIDED & {*style.fields}]
"""Classes on both sides of a middle that stands for nothing special."""
GRADED = [
    name for name, style in STYLES.items() if style.fields and name not in {*BIVARIATE, *DIVERGING}
]
TOLD_APART = 10


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [  # the test data of Sharma, Wu and Dalal 2005, rows 1, 7, 13, 17, 25, 34
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_difference_agrees_with_the_published_data(one, two, expected):
    assert delta_e(one, two) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("name", GRADED)
@pytest.mark.parametrize("seen_by", SIMULATIONS)
def test_classes_grow_darker_for_every_eye(name, seen_by):
    lightness = [lab(c.colour, seen_by)[0] for c in STYLES[name].classes]
    assert all(above > below + TOLD_APART for above, below in pairwise(lightness))


@pytest.mark.parametrize("name", DIVERGING)
@pytest.mark.parametrize("seen_by", SIMULATIONS)
def test_classes_on_two_sides_grow_darker_from_the_middle(name, seen_by):
    lightness = [lab(c.colour, seen_by)[0] for c in STYLES[name].classes]
    middle = len(lightness) // 2
    for side in (lightness[middle:], lightness[middle::-1]):
        assert all(above > below + TOLD_APART for above, below in pairwise(side))


@pytest.mark.parametrize("name", [*GRADED, *DIVERGING])
@pytest.mark.parametrize("seen_by", SIMULATIONS)
def test_classes_are_told_apart(name, seen_by):
    seen = [lab(c.colour, seen_by) for c in STYLES[name].classes]
    assert min(delta_e(a, b) for a, b in combinations(seen, 2)) >= TOLD_APART


@pytest.mark.parametrize("name", [*GRADED, *DIVERGING])
@pytest.mark.parametrize("seen_by", SIMULATIONS)
def test_having_no_figure_does_not_look_like_the_lowest_class(name, seen_by):
    style = STYLES[name]
    lowest = lab(style.classes[0].colour, seen_by)
    for row in filter(None, (style.band, style.missing)):
        assert delta_e(lowest, lab(row.colour, seen_by)) >= TOLD_APART / 2
        assert abs(lowest[0] - lab(row.colour, seen_by)[0]) >= TOLD_APART / 2


@pytest.mark.parametrize("name", GRADED)
def test_at_most_five_classes_and_a_row_for_missing(name):
    assert len(STYLES[name].classes) <= 5
    assert STYLES[name].missing is not None
