"""Counts of persons for the units of a public list (offices, bodies), protected.

The list is public and every unit of it is measured, so that a unit nobody was counted for looks
like any other with a small number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.disclose import counts as given
from geo_core.disclose import figures
from geo_core.disclose.features import period, published
from geo_core.disclose.sealed import Charged, protected_numbers
from geo_core.disclose.tree import AREA, Ints, Level
from geo_core.errors import DisclosureError
from geo_core.model.layer import Layer
from geo_core.model.policy import Category, UnitPolicy
from geo_core.model.tables import GEOMETRY, MINT, ProtectedTable


def protect_units(  # noqa: PLR0913 - all of them decide what is published
    counts: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    layer: Layer,
    policy: UnitPolicy,
    year: int,
    charged: Charged,
) -> tuple[ProtectedTable, tuple[int, ...]]:
    """Protect the counts of one theme and year for the units of a public list.

    Which year is shown is public, and no record decides it: if there are counts of any year, the
    draw is made, of zeros too.

    Parameters
    ----------
    counts : DataFrame
        Columns `anno`, `luogo` (`id` of a unit), `categoria`, `n` (persons).
    units : GeoDataFrame
        Every unit of the list, with `id`, the layer's columns that are public, and `geometry`
        (EPSG:4326).
    layer : Layer
        Class B layer whose policy is the theme's.
    policy : UnitPolicy
        The signed policy of the theme.
    year : int
        Calendar year that is drawn and shown: the district's.
    charged : Charged
        The theme, and where its draw is recorded.

    Returns
    -------
    table, years
        One row per unit, and the year that was drawn; neither without counts of any year.

    Raises
    ------
    DisclosureError
        A layer of another theme, input that is not as described, no budget left, or a private
        folder that is damaged or open to others.
    """
    if layer.policy != charged.theme:
        raise DisclosureError(f"layer {layer.id!r} is not under the policy {charged.theme!r}")
    units = units.sort_values("id", ignore_index=True)
    names = [str(ident) for ident in units["id"]]
    years = given.checked(counts, places=names, categories=policy.categories)
    drawn = (year,) if years else ()
    shown = units if drawn else units.head(0)
    numbers: Mapping[Category, Sequence[int]] = {c: [] for c in policy.categories}
    if drawn:
        true = years.get(year, counts[list(given.KEYED)].head(0))
        protected = _numbers(true, names, policy, year=year, charged=charged)
        numbers = {c: values.tolist() for c, values in protected.items()}
    columns = {
        **{str(name): shown[name] for name in shown if name != GEOMETRY},
        **period([year] * len(shown)),
        **figures.on_units(numbers, policy),
    }
    frame = published(layer, columns, list(shown.geometry), synthetic=charged.synthetic)
    return ProtectedTable(layer, frame, key=MINT), drawn


def _numbers(
    counts: pd.DataFrame, names: Sequence[str], policy: UnitPolicy, *, year: int, charged: Charged
) -> dict[Category, Ints]:
    flat = Level(AREA, len(names), np.zeros(len(names), dtype=np.int64))
    position = {name: i for i, name in enumerate(names)}
    listed = sha256(json.dumps(list(names)).encode()).hexdigest()
    return protected_numbers(
        counts,
        given.per_place(
            counts,
            dict.fromkeys(policy.categories, position),
            dict.fromkeys(policy.categories, len(names)),
        ),
        dict.fromkeys(policy.categories, (flat,)),
        outlines=dict.fromkeys(policy.categories, listed),
        policy=policy,
        year=year,
        charged=charged,
    )
