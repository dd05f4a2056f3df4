"""Intervals of suppressed cells, against the audit of tau-ARGUS (test-only: `pytauargus`).

Only its audit is asked, through the file of cells and equations that its solvers read.
"""

from __future__ import annotations

import numpy as np
import pytest
from pytauargus.engine import audit_jj

from checks.audit.linear import Sums, blocks, narrowest, propagate

CELLS_MOST = 200


def with_totals(inner):
    """Return a table with its totals along every dimension, and the lines that must add up.

    The first entry of a line is the total of the others.
    """
    full = inner
    for axis in range(inner.ndim):
        full = np.concatenate([full.sum(axis=axis, keepdims=True), full], axis=axis)
    cells = np.arange(full.size).reshape(full.shape)
    lines = [
        line for axis in range(full.ndim)
        for line in np.moveaxis(cells, axis, -1).reshape(-1, full.shape[axis])
    ]  # fmt: skip
    return full.ravel(), lines


def theirs(path, values, lines, hidden):
    """Return what tau-ARGUS thinks possible, by cell, each between 0 and the largest number."""
    most = int(values.max())
    cells = [f"{i} {v} 1 {'u' if hidden[i] else 's'} 0 {most} 0 0 0" for i, v in enumerate(values)]
    sums = [
        f"0 {len(line)} : {line[0]} (-1) " + " ".join(f"{i} (1)" for i in line[1:])
        for line in lines
    ]
    path.write_text("\n".join(["0", str(len(cells)), *cells, str(len(sums)), *sums, ""]))
    return {row["cell"]: (row["min"], row["max"]) for row in audit_jj(str(path))}


def ours(values, lines, hidden):
    """Return the same by propagation and linear programmes.

    Sums of ours are of known size, and here totals are hidden too. So each number has a mirror,
    which is what it lacks to the largest: the mirror of a total and its parts add up to that.
    """
    most, mirror = float(values.max()), len(values)
    low, high = np.where(hidden, 0.0, values), np.where(hidden, most, values)
    sums = Sums.none(2 * mirror)
    pairs = [[i, mirror + i] for i in range(mirror)]
    for at in (*pairs, *([mirror + total, *parts] for total, *parts in lines)):
        row = np.zeros(len(at), np.int64)
        sums = sums.more(row, np.array(at), np.array([most]), np.array([most]))
    low, high = np.concatenate([low, most - high]), np.concatenate([high, most - low])
    low, high = propagate(sums, low, high)
    for unknowns in blocks(sums, low, high):
        low, high = narrowest(sums, low, high, unknowns, np.inf)
    return {i: (low[i], high[i]) for i in np.flatnonzero(hidden).tolist()}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("dims", [(7, 9), (3, 4, 5)])
def test_intervals_of_suppressed_cells_are_those_of_tau_argus(seed, dims, tmp_path):
    rng = np.random.default_rng(seed)
    values, lines = with_totals(rng.poisson(rng.lognormal(1.0, 1.0, dims)))
    assert len(values) <= CELLS_MOST
    hidden = rng.random(len(values)) < (0.15, 0.3, 0.5)[seed % 3]
    found = theirs(tmp_path / "table.jj", values, lines, hidden)
    expected = ours(values, lines, hidden)
    assert found.keys() == expected.keys()
    for cell, (low, high) in expected.items():
        # Their bounds may lie between two whole numbers; ours are whole.
        assert np.ceil(found[cell][0] - 1e-6) == low
        assert np.floor(found[cell][1] + 1e-6) == high
