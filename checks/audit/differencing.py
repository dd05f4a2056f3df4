"""Check (b): no two layers, resolutions or releases isolate a few persons by subtraction.

For every pair of layers of a theme the areas that have ground in common are found (the edges of
a bipartite graph, as diffman does it for two zonings), and for each area three differences are
formed: it less all areas inside it, all areas that cover it less it, and whole components
against each other. A difference that is a sum of areas of the base table has to agree with the
base table: it says nothing more. Any other that is surely in the band is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from checks.audit.bounds import Bools, Bounds, Floats
from checks.audit.findings import Checked, Tally
from checks.audit.layers import TOUCH, Layer, Overlap, layers_of, overlap
from checks.audit.mvt import Ints
from checks.audit.published import Published
from checks.audit.releases import before, units
from checks.audit.themes import Theme, themes_of


def check(published: Published) -> Checked:
    """Subtract the layers of a release, and of those before it, from each other."""
    tally = Tally("differencing")
    earlier = published.earlier
    if len(published.releases) > 1 and not earlier:
        tally.note("earlier releases are listed but have no address: give their folders")
    for theme in themes_of(published.disclosure):
        if theme.units is None:
            layers = [*layers_of(published, theme), *before(tally, theme, earlier)]
            subtract(tally, theme, layers)
        else:
            units(tally, published, theme, earlier)
    return tally.result()


@dataclass(frozen=True)
class Difference:
    """One side less the other, for each of some areas.

    Attributes
    ----------
    a, b : int array
        Terms: `sign_a` times area `a` of the first layer, and so on, in row `row`.
    rows : int
        Differences.
    what : str
        For people.
    """

    terms: tuple[tuple[Ints, Ints, float], tuple[Ints, Ints, float]]
    rows: int
    what: str

    def of(self, first: Bounds, second: Bounds) -> tuple[Floats, Floats]:
        """Return least and greatest value of every difference."""
        low, high = np.zeros(self.rows), np.zeros(self.rows)
        for (row, at, sign), counts in zip(self.terms, (first, second), strict=True):
            ends = (counts.low, counts.high) if sign > 0 else (counts.high, counts.low)
            low += sign * np.bincount(row, ends[0][at], self.rows)
            high += sign * np.bincount(row, ends[1][at], self.rows)
        return low, high

    def every(self, first: Bools, second: Bools) -> Bools:
        """Tell which differences have only terms of which something is true."""
        (row, at, _), (other, of, _) = self.terms
        wrong = np.bincount(row, ~first[at], self.rows) + np.bincount(other, ~second[of], self.rows)
        return np.equal(wrong, 0)


def subtract(tally: Tally, theme: Theme, layers: Sequence[Layer]) -> None:
    """Subtract every pair of layers of a theme; the finest one is the base table."""
    layers = sorted(layers, key=lambda layer: -len(layer.ids))
    if not layers:
        return
    base, made = layers[0], {}
    for layer in layers:
        pairs = overlap(layer, base)
        inside = pairs.inside
        cut = np.bincount(pairs.a[~inside], minlength=len(layer.ids)) > 0
        covered = np.bincount(pairs.a, pairs.of_a, len(layer.ids)) >= 1 - TOUCH
        made[layer.name] = (pairs, covered & ~cut)
    for one, other in combinations(layers, 2):
        pairs = overlap(one, other)
        for difference in _differences(pairs, len(one.ids), len(other.ids)):
            for name in [n for n in theme.sums if n in one.counts and n in other.counts]:
                _judge(tally, theme, (one, other), difference, name, base, made)


def _differences(pairs: Overlap, ones: int, others: int) -> Iterator[Difference]:
    for side, size, flip in ((pairs, ones, False), (pairs.turned(), others, True)):
        yield from _one_sided(side, size, flip=flip)
    of_a, of_b = _components(pairs, ones, others)
    rows = int(max(of_a.max(initial=-1), of_b.max(initial=-1))) + 1
    a, b = np.flatnonzero(of_a >= 0), np.flatnonzero(of_b >= 0)
    yield Difference(((of_a[a], a, 1.0), (of_b[b], b, -1.0)), rows, "all that touch each other")


def _one_sided(pairs: Overlap, size: int, *, flip: bool) -> Iterator[Difference]:
    """Yield the differences that start from one area of the first layer (second if `flip`)."""
    covered = np.bincount(pairs.a, pairs.of_a, size) >= 1 - TOUCH
    some = np.bincount(pairs.a, pairs.inside, size) > 0
    for chosen, kept, sign, what in (
        (some, pairs.inside, 1.0, "an area less those inside it"),
        (covered, np.full(len(pairs.a), fill_value=True), -1.0, "those that cover an area less it"),
    ):
        at = np.flatnonzero(chosen)
        row = np.full(size, -1)
        row[at] = np.arange(len(at))
        used = kept & chosen[pairs.a]
        own = (np.arange(len(at)), at, sign)
        others = (row[pairs.a[used]], pairs.b[used], -sign)
        yield Difference((others, own) if flip else (own, others), len(at), what)


def _components(pairs: Overlap, ones: int, others: int) -> tuple[Ints, Ints]:
    """Return the connected part of the graph each area is in, -1 where it touches none."""
    group = np.arange(ones + others)
    a, b = pairs.a, pairs.b + ones
    while True:
        least = np.minimum(group[a], group[b])
        last = group.copy()
        np.minimum.at(group, a, least)
        np.minimum.at(group, b, least)
        group = group[group]
        if np.array_equal(last, group):
            break
    touched = np.isin(np.arange(ones + others), np.concatenate([a, b]))
    number = np.full(ones + others, -1)
    number[touched] = np.unique(group[touched], return_inverse=True)[1]
    return number[:ones], number[ones:]


def _judge(  # noqa: PLR0913, PLR0917 - two layers, one difference, one column, the base table
    tally: Tally,
    theme: Theme,
    layers: tuple[Layer, Layer],
    difference: Difference,
    name: str,
    base: Layer,
    made: dict[str, tuple[Overlap, Bools]],
) -> None:
    one, other = layers
    low, high = difference.of(one.counts[name], other.counts[name])
    of_one, of_other = (_from_base(base, made[layer.name][0], layer, name) for layer in layers)
    least, most = difference.of(of_one, of_other)
    follows = difference.every(made[one.name][1], made[other.name][1]) & (name in base.counts)
    k = (theme.band or (0, 4))[1]
    few = (np.maximum(low, -high) >= 1) & (np.maximum(high, -low) <= k)
    agree = (low <= most) & (high >= least)
    (row, at, _), (row_of, at_of, _) = difference.terms

    def evidence(i: int) -> dict[str, object]:
        return {
            "difference": difference.what,
            "persons": [float(low[i]), float(high[i])],
            "areas": [one.ids[k] for k in at[row == i][:9]],
            "less" if difference.terms[1][2] < 0 else "of": [
                other.ids[k] for k in at_of[row_of == i][:9]
            ],
        }

    tally.each(
        np.where(follows, agree, ~few),
        f"{one.name}, {other.name}",
        f"{name}: the layers differ by what no sum of base areas is",
        evidence,
    )


def _from_base(base: Layer, pairs: Overlap, layer: Layer, name: str) -> Bounds:
    """Return the sums of the areas of the base table inside each area."""
    size, used = len(layer.ids), pairs.inside
    if name not in base.counts:
        return Bounds(np.zeros(size), np.zeros(size), np.zeros(size, bool))
    counts = base.counts[name]
    row, at = pairs.a[used], pairs.b[used]
    return Bounds(
        np.bincount(row, counts.low[at], size),
        np.bincount(row, counts.high[at], size),
        np.zeros(size, bool),
    )
