"""Recomputes what is in reach from what is published beside it: finer hexagons, offices, risk.

An open figure that follows from others has no room for anything that they do not say.
"""

from __future__ import annotations

from typing import Final

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from checks.audit.areas import PLACE
from checks.audit.bounds import SLACK
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published

ACCESS: Final = "accessibilita_h3_r"
LEAF: Final = 8
COARSER: Final = (7, 6)
CROSSED: Final = "rischio_accesso_h3_r7"
BORDERS: Final = "confini_enti"
PEOPLE: Final = "residenti"
DECIMALS: Final = {"min": 1, "km": 2, "entro15": 1, "entro30": 1, "a2sfca": 2, "ae2sfca": 2,
                   "ab2sfca": 2}  # fmt: skip
"""Decimals of each figure, by the beginning of its name."""
THIRDS: Final = (1 / 3, 2 / 3)
PER_USER: Final = ("a2sfca", "ae2sfca", "ab2sfca")

type Floats = npt.NDArray[np.float64]


def check(tally: Tally, published: Published) -> None:
    """Check access on hexagons, crossed with risk, and at borders, where they are published."""
    finest = published.collections.get(f"{ACCESS}{LEAF}")
    if finest is None or PLACE not in finest.fields or not finest.features:
        return
    _near(tally, finest)
    _places(tally, published, finest)
    for resolution in COARSER:
        coarse = published.collections.get(f"{ACCESS}{resolution}")
        if coarse is not None:
            _means(tally, finest, coarse, resolution)
    _crossed(tally, published)
    _borders(tally, published)


def _figures(collection: Collection) -> list[tuple[str, str, str]]:
    """Return the columns that are figures: name, beginning, kind of service."""
    split = [(name, name.partition("_")) for name in collection.fields]
    return [(name, parts[0], parts[2]) for name, parts in split if parts[0] in DECIMALS]


def _near(tally: Tally, finest: Collection) -> None:
    """Check that a cell is near an office exactly when its minutes say so."""
    for name, figure, kind in _figures(finest):
        if figure not in {"entro15", "entro30"}:
            continue
        minutes, shown = finest.numbers(f"min_{kind}"), finest.numbers(name)
        right = np.where(minutes <= int(figure[-2:]), 100.0, 0.0)
        right[np.array([said == "no-office" for said in finest.rows[f"stato_{kind}"]])] = np.nan
        _same(tally, finest, name, shown, right, "does not follow from the minutes", 0)


def _places(tally: Tally, published: Published, finest: Collection) -> None:
    """Check that no more places are shared out than the published offices have."""
    offices, services = (published.collections.get(name) for name in ("sedi", "servizi"))
    if offices is None or services is None:
        return
    kinds = dict(zip(services.ids, services.rows["tipo_servizio"], strict=True))
    offered = [{kinds.get(s) for s in str(ids or "").split(";")} for ids in offices.rows["servizi"]]
    places = np.nan_to_num(offices.numbers("posti"))
    for name, figure, kind in _figures(finest):
        if figure not in PER_USER:
            continue
        users, shown = _users(finest, kind), finest.numbers(name)
        shared = float(np.nansum(users * shown)) / 1000
        there = float(sum(n for n, of in zip(places, offered, strict=True) if kind in of))
        rounding = float(users.sum()) * 10.0 ** -DECIMALS[figure] / 2000
        tally.require(
            shared <= there + rounding + SLACK,
            finest.id,
            f"{name} shares out more places than the offices have",
            shared=shared,
            places=there,
        )


def _users(collection: Collection, kind: str) -> Floats:
    name = f"utenti_{kind}"
    return collection.numbers(name if name in collection.fields else PEOPLE)


def _means(tally: Tally, finest: Collection, coarse: Collection, resolution: int) -> None:
    """Check that a larger hexagon has the mean of its cells over the persons it is of."""
    above = pd.Index([h3.cell_to_parent(str(cell), resolution) for cell in finest.rows[PLACE]])
    cells = pd.Index([str(cell) for cell in coarse.rows[PLACE]])
    if sorted(set(above)) != sorted(cells):
        tally.find(coarse.id, "hexagons that are not those of the finer cells")
        return
    for name, figure, kind in _figures(coarse):
        values = finest.numbers(name)
        people = _users(finest, kind) if figure in PER_USER else finest.numbers(PEOPLE)
        known = np.where(np.isnan(values), 0, people)
        total = pd.Series(known).groupby(above).sum()
        mean = pd.Series(np.nan_to_num(values) * known).groupby(above).sum() / total.where(
            total > 0
        )
        half = 10.0 ** -DECIMALS[figure] / 2
        right = mean.reindex(cells).to_numpy()
        why = "is not the mean of the finer cells"
        _same(tally, coarse, name, coarse.numbers(name), right, why, half)


def _crossed(tally: Tally, published: Published) -> None:
    """Check that bounds and classes follow from the values, and these from the two layers."""
    crossed = published.collections.get(CROSSED)
    if crossed is None or not crossed.features:
        return
    thirds = []
    for side, column, of in (
        ("rischio", "punteggio", "rischio_h3_r7"),
        ("accesso", "min_sportello_sociale", f"{ACCESS}7"),
    ):
        values = crossed.numbers(column)
        other = published.collections.get(of)
        if other is not None:
            at = dict(zip(other.rows[PLACE], other.numbers(column).tolist(), strict=True))
            right = np.array([at.get(cell, np.nan) for cell in crossed.rows[PLACE]])
            _same(tally, crossed, column, values, right, f"is not that of {of}", 0)
        known = values[~np.isnan(values)]
        bounds = np.quantile(known, THIRDS).tolist() if known.size else [np.nan, np.nan]
        low, high = (crossed.numbers(f"soglia_{side}_{k}") for k in (1, 2))
        for k, (shown, bound) in enumerate(zip((low, high), bounds, strict=True), start=1):
            why = "does not part the hexagons in thirds"
            made = np.full(values.shape, bound)
            _same(tally, crossed, f"soglia_{side}_{k}", shown, made, why, 0.5e-4)
        third = np.where(np.isnan(values), np.nan, 1.0 + (values > low) + (values > high))
        why = "does not follow from the bounds"
        _same(tally, crossed, f"terzo_{side}", crossed.numbers(f"terzo_{side}"), third, why, 0)
        thirds.append(third)
    right = 3 * (thirds[0] - 1) + thirds[1]
    why = "does not follow from the thirds"
    _same(tally, crossed, "classe", crossed.numbers("classe"), right, why, 0)


def _borders(tally: Tally, published: Published) -> None:
    """Check that a difference is that of the two sides."""
    borders = published.collections.get(BORDERS)
    for name in borders.fields if borders is not None else ():
        side = {"dmin": "min", "dposti": "posti"}.get(name.partition("_")[0])
        if borders is None or side is None:
            continue
        kind = name.partition("_")[2]
        a, b = (borders.numbers(f"{side}_{which}_{kind}") for which in "ab")
        why = "is not the difference of the two sides"
        _same(tally, borders, name, borders.numbers(name), np.abs(a - b), why, 1e-6)


def _same(  # noqa: PLR0913, PLR0917 - each is another thing
    tally: Tally,
    collection: Collection,
    name: str,
    shown: Floats,
    right: Floats,
    why: str,
    half: float,
) -> None:
    tally.each(
        (np.abs(shown - right) <= half + 1e-6) | (np.isnan(shown) & np.isnan(right)),
        collection.id,
        f"{name} {why}",
        lambda i: {"id": collection.ids[i], "shown": shown[i], "made": right[i]},
    )
