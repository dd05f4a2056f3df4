"""Recomputes gaps between need and supply from the published rates and the places in reach.

A gap is no figure of its own: whoever reads needs and access can compute it, so it has no room
for anything that these do not say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import h3
import numpy as np
import pandas as pd

from checks.audit.bounds import SLACK, Floats
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published

GAPS: Final = "divario_bisogni"
NEEDS: Final = "bisogni_h3_r7"
ACCESS: Final = "accessibilita_h3_r8"
LEAF: Final = 8
DECIMALS: Final = 3
AGAINST: Final = {"fam": "nido", "dis": "centro_diurno", "anz": "struttura_residenziale"}
"""The kind of service that each category of need is held against."""
WORDS: Final = ["no-data", "bisogno", "offerta"]


def check(tally: Tally, published: Published) -> None:
    """Check every gap, where gaps are published."""
    gaps = published.collections.get(GAPS)
    if gaps is None or not gaps.features:
        return
    needs, access = (published.collections.get(name) for name in (NEEDS, ACCESS))
    if needs is None or access is None or sorted(needs.ids) != sorted(gaps.ids):
        tally.find(GAPS, "areas that are not those of published needs, or no access beside them")
        return
    at = {ident: i for i, ident in enumerate(needs.ids)}
    order = np.array([at[ident] for ident in gaps.ids])
    own = [needs.features[i]["geometry"] for i in order]
    same = [shown["geometry"] == right for shown, right in zip(gaps.features, own, strict=True)]
    tally.each(same, GAPS, "an outline that is not the area's", lambda i: {"id": gaps.ids[i]})
    rows = needs.rows.iloc[order].reset_index(drop=True)
    for column in ("tipo_area", "celle", "residenti"):
        _texts(tally, gaps, column, rows[column])
    cells = [h3.geo_to_cells(shape, LEAF) for shape in own]
    for category, kind in AGAINST.items():
        _category(tally, gaps, rows, category, _reach(cells, access, f"a2sfca_{kind}"))


def _texts(tally: Tally, gaps: Collection, column: str, right: Iterable[object]) -> None:
    tally.each(
        [a == b for a, b in zip(gaps.rows[column], right, strict=True)],
        GAPS,
        f"{column} says something else than the figures",
        lambda i: {"id": gaps.ids[i]},
    )


def _reach(cells: list[list[str]], access: Collection, field: str) -> Floats:
    people = dict(zip(access.rows["h3"], access.numbers("residenti"), strict=True))
    places = dict(zip(access.rows["h3"], access.numbers(field), strict=True))
    found = []
    for own in cells:
        known = [c for c in own if c in places and not np.isnan(places[c])]
        lived = sum(people[c] for c in known)
        found.append(sum(people[c] * places[c] for c in known) / lived if lived else np.nan)
    return np.array(found, dtype=np.float64)


def _category(
    tally: Tally, gaps: Collection, needs: pd.DataFrame, category: str, reach: Floats
) -> None:
    rate, low, high = (
        needs[f"tasso_{category}{end}"].astype(float).to_numpy() for end in ("", "_min", "_max")
    )
    both = ~np.isnan(rate) & ~np.isnan(reach)
    hidden = np.where(both, 0.0, np.nan)
    supply = _deviations(reach, reach[both]) + hidden
    need, least, most = (_deviations(x, rate[both]) + hidden for x in (rate, low, high))
    below, above = least - supply, most - supply
    for column, exact in (
        (f"z_bisogno_{category}", need),
        (f"z_accesso_{category}", supply),
        (f"divario_{category}", need - supply),
        (f"divario_{category}_inf", below),
        (f"divario_{category}_sup", above),
    ):
        _numbers(tally, gaps, column, exact)
    kinds = np.select([np.isnan(below), below > 0, above < 0], WORDS, "rumore")
    told = np.where(np.isnan(rate), needs[f"n_{category}_stato"], "no-data")
    _texts(tally, gaps, f"divario_{category}_tipo", kinds)
    _texts(tally, gaps, f"divario_{category}_stato", np.where(np.isnan(below), told, "published"))


def _numbers(tally: Tally, gaps: Collection, column: str, exact: Floats) -> None:
    shown = gaps.numbers(column)
    near = np.abs(shown - exact) <= 0.5 * 10.0**-DECIMALS + SLACK
    tally.each(
        near | (np.isnan(shown) & np.isnan(exact)),
        GAPS,
        f"{column} does not follow from published needs and access",
        lambda i: {"id": gaps.ids[i], "shown": shown[i], "made": exact[i]},
    )


def _deviations(values: Floats, among: Floats) -> Floats:
    # Means of equal numbers differ in their last digits.
    if not among.size or np.ptp(among) <= 1e-9 * np.abs(among).max():
        return np.full(values.shape, np.nan)
    deviations: Floats = (values - among.mean()) / among.std()
    return deviations
