"""Check (c): what sums tell of the numbers that are shown as a range, or rounded.

The unknowns are the counts of the base table, area by category. Every figure of every layer of
their theme that is a sum of them bounds that sum. Under `round5` a figure `y` says that the true
sum lies within `y - 4` and `y + 4`; otherwise it says the protected number, or its band. Bounds
are tightened by propagation, which is quick and only ever too wide, and then by linear
programmes, block by block, until every unknown has two solutions that are far enough apart.

Under `dp` the unknowns are protected already: a band that sums can pin is noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from checks.audit.bounds import Bounds, Floats
from checks.audit.findings import Checked, Tally
from checks.audit.layers import TOUCH, Layer, layers_of, overlap
from checks.audit.linear import Contradiction, Sums, blocks, narrowest, propagate
from checks.audit.published import Published
from checks.audit.themes import Theme, themes_of

PROVED_BY_NOISE: Final = "dp"
ROUNDED: Final = "round5"


def check(published: Published) -> Checked:
    """Tighten the bounds of every theme on areas."""
    tally = Tally("intervals")
    for theme in themes_of(published.disclosure):
        layers = sorted(layers_of(published, theme), key=lambda layer: -len(layer.ids))
        if theme.units is None and layers:
            judge(tally, theme, layers)
    return tally.result()


def judge(tally: Tally, theme: Theme, layers: Sequence[Layer]) -> None:
    """Tighten the bounds of the base table, the first layer, and look for narrow ones.

    Parameters
    ----------
    tally : Tally
        Gets one figure per unknown.
    theme : Theme
        Method, band and totals.
    layers : sequence of Layer
        The base table first.
    """
    names = [n for n in theme.counts.values() if n in layers[0].counts]
    sums, low, high = _system(theme, layers, names)
    noisy = theme.method == PROVED_BY_NOISE
    open_ = high - low > 0
    where = f"{layers[0].name} {theme.year}"
    try:
        least, most = propagate(sums, low, high)
        for unknowns in () if noisy else blocks(sums, least, most):
            least, most = narrowest(sums, least, most, unknowns, _limit(theme))
    except Contradiction:
        tally.find(where, "the figures contradict each other: no table has all these sums")
        return
    if noisy:
        tally.count(least.size)
        pinned = int((open_ & (least == most)).sum())
        if pinned:
            tally.note(
                f"{where}: le somme fissano {pinned} di {int(open_.sum())} cifre a fascia della "
                "tabella protetta; le copre il rumore: non è una fuga, ciò che si ricava è il "
                "numero protetto, non quello vero / "
                f"{where}: sums pin {pinned} of {int(open_.sum())} banded figures of the protected "
                "table; its noise covers them: it is no leak, what is computed is the protected "
                "number, not the true one"
            )
        return
    areas = layers[0].ids
    tally.each(
        ~open_ | (most - least >= _limit(theme)),
        where,
        "sums tell a number that is shown as a range",
        lambda i: {
            "id": areas[i % len(areas)],
            "column": names[i // len(areas)],
            "shown": [low[i], high[i]],
            "surely": [least[i], most[i]],
        },
    )


def _limit(theme: Theme) -> float:
    """Return the least width of the range of a count: that of a band when it was rounded."""
    low, high = theme.band or (0, 4)
    return float(high - low) if theme.method == ROUNDED else 1.0


def _system(
    theme: Theme, layers: Sequence[Layer], names: Sequence[str]
) -> tuple[Sums, Floats, Floats]:
    """Return all sums with their bounds, and the bounds of the unknowns (category by area)."""
    base, size = layers[0], len(layers[0].ids)
    own = [_meant(theme, base.counts[name]) for name in names]
    low, high = np.concatenate([o.low for o in own]), np.concatenate([o.high for o in own])
    sums = Sums.none(len(names) * size)
    places = {name: i * size for i, name in enumerate(names)}
    for layer in layers:
        pairs = overlap(layer, base)
        covered = np.bincount(pairs.a, pairs.of_a, len(layer.ids)) >= 1 - TOUCH
        whole = covered & (np.bincount(pairs.a, ~pairs.inside, len(layer.ids)) == 0)
        for name, parts in theme.sums.items():
            known = [places[p] for p in parts if p in places]
            if name not in layer.counts or len(known) < len(parts):
                continue
            if layer is base and len(parts) == 1:
                continue
            bounds = _meant(theme, layer.counts[name])
            kept = np.flatnonzero(whole & ~np.isinf(bounds.high))
            used = np.isin(pairs.a, kept)
            rows = np.searchsorted(kept, pairs.a[used])
            sums = sums.more(
                np.concatenate([rows] * len(known)),
                np.concatenate([pairs.b[used] + place for place in known]),
                bounds.low[kept],
                bounds.high[kept],
            )
    return sums, low, high


def _meant(theme: Theme, shown: Bounds) -> Bounds:
    """Return what a figure says of the number that is to stay unknown."""
    if theme.method != ROUNDED:
        return shown
    slack = float((theme.band or (0, 4))[1])
    exact = shown.exact
    return Bounds(
        np.where(exact, np.maximum(0, shown.low - slack), shown.low),
        np.where(exact, shown.high + slack, shown.high),
        shown.merged,
    )
