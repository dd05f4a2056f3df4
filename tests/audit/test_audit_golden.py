"""Published cases of disclosure control, put to the auditor: what it must find, and what not.

Figures of the tests of sdcTable (microdata1, linked tables) and of GaussSuppression and SSBtools
(z1, example1); rows of a table are areas here and columns are categories.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from tiny_site import statement

from checks.audit import intervals
from checks.audit.bounds import Bounds
from checks.audit.findings import Tally
from checks.audit.layers import Layer
from checks.audit.linear import Sums, blocks, narrowest, propagate
from checks.audit.themes import themes_of

# Sums of `val` by region (A to D) and gender (male, female).
MICRODATA1 = np.array([[178, 20], [140, 204], [118, 106], [366, 152]])
# z1: regions A to H by annet, arbeid, soshjelp, trygd.
Z1 = np.array(
    [
        [11, 11, 55, 36],
        [7, 1, 29, 18],
        [5, 8, 35, 25],
        [13, 2, 17, 13],
        [9, 14, 63, 52],
        [12, 9, 24, 22],
        [6, 4, 22, 8],
        [9, 3, 38, 15],
    ]
)
# example1, first year: Spain, Iceland, Portugal by young and old.
EXAMPLE1 = np.array([[5, 6], [2, 3], [0, 4]])
BAND = 4
YOUNG, OLD, SPAIN, ICELAND, PORTUGAL = 0, 1, 0, 1, 2


def bounds(values, hidden):
    """Return what is known of numbers: themselves, or that they are not negative."""
    return Bounds(
        np.where(hidden, 0.0, values), np.where(hidden, np.inf, values), np.array(hidden, bool)
    )


def told(table, hidden):
    """Return the areas and columns that an attacker knows exactly although they are hidden.

    Parameters
    ----------
    table : int array, (areas, categories)
    hidden : collection of (area, category)
        Suppressed; all margins are published.
    """
    off = np.zeros(table.shape, bool)
    for at in hidden:
        off[at] = True
    names = [f"n_{k}" for k in range(table.shape[1])]
    shapes = np.array([shapely.box(i, 0, i + 1, 1) for i in range(len(table))], dtype=object)
    counts = {n: bounds(table[:, k], off[:, k]) for k, n in enumerate(names)}
    sums = {n: bounds(table[:, [k]].sum(axis=0), [False]) for k, n in enumerate(names)}
    counts["n_all"] = bounds(table.sum(axis=1), [False] * len(table))
    sums["n_all"] = bounds([table.sum()], [False])
    ids = [str(i) for i in range(len(table))]
    layers = [
        Layer("rows", ids, shapes, None, counts),
        Layer("all", ["all"], np.array([shapely.union_all(shapes)]), None, sums),
    ]
    categories = {str(k): {} for k in range(table.shape[1])}
    said = statement(
        "prova", categories=categories, band={"low": 0, "high": 4}, method={"name": ""},
        derived={"totals": {"n_all": list(categories)}},
    )  # fmt: skip
    tally = Tally("intervals")
    intervals.judge(tally, themes_of({"statements": [said]})[0], layers)
    found = {}
    for finding in tally.findings:
        low, high = finding.evidence["surely"]
        assert low == high
        found[int(finding.evidence["id"]), int(finding.evidence["column"][2:])] = int(low)
    return found


def of_rows(table, *rows):
    """Return areas and categories of rows of a cross table whose margins come first, from 1."""
    width = table.shape[1] + 1
    return {((row - 1) // width - 1, (row - 1) % width - 1) for row in rows}


CASES = [
    ("microdata1: OPT, HITAS, HYPERCUBE", MICRODATA1, {(0, 1)}, (5, 6, 11, 12)),
    ("microdata1: GAUSS", MICRODATA1, {(0, 1)}, (5, 6, 14, 15)),
    ("z1", Z1, {(1, 1), (3, 1), (7, 1)}, (12, 13, 22, 23, 42, 43)),
]


@pytest.mark.parametrize(
    ("table", "primary", "rows"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_published_pattern_of_suppression_tells_nothing_and_less_of_it_does(table, primary, rows):
    pattern = of_rows(table, *rows)
    assert primary < pattern
    assert told(table, pattern) == {}
    for at in pattern:
        assert told(table, pattern - {at}), "no cell of the pattern is there in vain"


def test_a_cell_that_is_suppressed_alone_is_read_from_its_margins():
    assert told(MICRODATA1, {(0, 1)}) == {(0, 1): 20}
    assert told(EXAMPLE1, {(PORTUGAL, YOUNG)}) == {(PORTUGAL, YOUNG): 0}
    # Three cells of one column: every row gives its own away.
    assert told(Z1, {(1, 1), (3, 1), (7, 1)}) == {(1, 1): 1, (3, 1): 2, (7, 1): 3}


def test_a_square_of_hidden_cells_protects_unless_its_margins_leave_one_table():
    square = {(r, c) for r in (ICELAND, PORTUGAL) for c in (YOUNG, OLD)}
    assert told(EXAMPLE1, square) == {}
    assert len(told(EXAMPLE1, square - {(ICELAND, OLD)})) == 3
    nobody = EXAMPLE1 * [[1, 1], [0, 1], [0, 1]]  # no young people but in Spain
    assert told(nobody, square) == {(ICELAND, YOUNG): 0, (ICELAND, OLD): 3, (PORTUGAL, YOUNG): 0,
                                    (PORTUGAL, OLD): 4}  # fmt: skip


def lines_of(shape):
    """Return the cells of every published sum: areas over categories, groups of three areas."""
    cells = np.arange(np.prod(shape)).reshape(shape)
    groups = [cells[i : i + 3, k] for i in range(0, shape[0], 3) for k in range(shape[1])]
    return [*cells, *groups, *(np.concatenate(cells[i : i + 3]) for i in range(0, shape[0], 3))]


def moved(values, within, rng):
    """Move every figure by a key of its own, as cell keys do; none becomes negative."""
    return np.maximum(values + rng.integers(-within, within + 1, len(values)), 0)


@pytest.mark.parametrize("seed", range(5))
def test_figures_with_a_key_each_narrow_each_other_down(seed):
    """Cell keys, the baseline that is not offered: sums are moved each for itself."""
    rng, within, shape = np.random.default_rng(seed), 2, (30, 3)
    true = rng.poisson(2.0, shape).ravel()
    lines = lines_of(shape)
    sums = Sums.none(true.size)
    shown = moved(np.array([true[at].sum() for at in lines]), within, rng)
    for at, total in zip(lines, shown.tolist(), strict=True):
        row = np.zeros(len(at), np.int64)
        sums = sums.more(row, at, np.array([total - within]), np.array([total + within]))
    own = moved(true, within, rng)
    low, high = np.maximum(own - within, 0).astype(float), (own + within).astype(float)
    least, most = propagate(sums, low, high)
    for unknowns in blocks(sums, least, most):
        least, most = narrowest(sums, least, most, unknowns, np.inf)
    assert ((least <= true) & (true <= most)).all()
    small = (true > 0) & (true < BAND)
    narrow = (most - least)[small] < BAND
    assert narrow.mean() > 1 / 2
    assert (most - least < high - low).sum() > 10
