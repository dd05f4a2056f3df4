"""Counts of persons for the units of a public list (offices, bodies), protected.

The list is public and every unit of it is measured, so that a unit nobody was counted for looks
like any other with a small number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.disclose import counts as given
from geo_core.disclose import figures
from geo_core.disclose.draws import Obtained, Wanted
from geo_core.disclose.features import period, published
from geo_core.disclose.infer import apportion, project
from geo_core.disclose.ledger import Told
from geo_core.disclose.noise import draw
from geo_core.disclose.sealed import Charged, Prepared, wanted
from geo_core.disclose.tree import AREA, Ints, Level
from geo_core.disclose.vault import Drawn, Made
from geo_core.errors import DisclosureError
from geo_core.model.layer import Layer
from geo_core.model.policy import UnitPolicy
from geo_core.model.tables import GEOMETRY, MINT, ProtectedTable


@dataclass(frozen=True)
class ProtectedUnits:
    """One protected theme that is published for units.

    Attributes
    ----------
    table : ProtectedTable
        One row per unit.
    years : tuple of int
        The year, if it has figures.
    draws : mapping
        By year, what may be told of its draw.
    kept : tuple of int
        That year, if its figures were drawn before from other records: for the operator alone.
    """

    table: ProtectedTable
    years: tuple[int, ...]
    draws: Mapping[int, Told]
    kept: tuple[int, ...] = ()


def protect_units(  # noqa: PLR0913 - all of them decide what is published
    counts: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    layer: Layer,
    policy: UnitPolicy,
    year: int,
    charged: Charged,
) -> Prepared[ProtectedUnits]:
    """Prepare the counts of one theme and year for the units of a public list.

    Which year is shown is public, and no record decides it: if there are counts of any year, it
    can be drawn, of zeros too. Without figures the layer has no rows. The figures of a unit
    follow from its own counts and noise alone, so a unit that joins the list or leaves it changes
    no other. A unit that is newer than kept figures looks like one with few persons.

    Parameters
    ----------
    counts : DataFrame
        Columns `anno`, `luogo` (`id` of a unit), `categoria`, `n` (persons). A row of 0 persons
        says that records were handed in.
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
        The theme, and what its draw is recorded as.

    Raises
    ------
    DisclosureError
        A layer of another theme, or input that is not as described.
    """
    if layer.policy != charged.theme:
        raise DisclosureError(f"layer {layer.id!r} is not under the policy {charged.theme!r}")
    units = units.sort_values("id", ignore_index=True)
    names = [str(ident) for ident in units["id"]]
    years = given.checked(counts, places=names, categories=policy.categories)
    own = years.get(year, counts[list(given.KEYED)].head(0))
    wished = _wanted(own, names, policy, year=year, charged=charged, records=bool(len(counts)))

    def finish(obtained: Sequence[Obtained | None]) -> ProtectedUnits:
        (one,) = obtained
        shown = units if one else units.head(0)
        unmeasured = dict.fromkeys(policy.categories, (0,))
        drawn = [one.numbers.get(name, unmeasured) for name in names] if one else []
        columns = {
            **{str(name): shown[name] for name in shown if name != GEOMETRY},
            **period([year] * len(shown)),
            **figures.on_units({c: [of[c][0] for of in drawn] for c in policy.categories}, policy),
        }
        frame = published(layer, columns, list(shown.geometry), synthetic=charged.synthetic)
        table = ProtectedTable(layer, frame, key=MINT)
        draws = {year: one.told} if one else {}
        return ProtectedUnits(table, tuple(draws), draws, (year,) if one and one.kept else ())

    return Prepared((wished,), finish)


def _wanted(  # noqa: PLR0913 - what a draw depends on
    counts: pd.DataFrame,
    names: Sequence[str],
    policy: UnitPolicy,
    *,
    year: int,
    charged: Charged,
    records: bool,
) -> Wanted:
    none = counts.head(0)
    of_unit = {str(name): rows for name, rows in counts.groupby(given.PLACE, sort=True)}
    return wanted(
        names,
        lambda name: Made(outline=given.hashed(name), counts=given.digest(of_unit.get(name, none))),
        partial(_drawn, counts, policy),
        policy=policy,
        year=year,
        charged=charged,
        persons=int(counts["n"].sum()),
        records=records,
    )


def _drawn(counts: pd.DataFrame, policy: UnitPolicy, names: Collection[str]) -> dict[str, Drawn]:
    position = {name: i for i, name in enumerate(names)}
    own = counts[counts[given.PLACE].isin(position)]
    true = given.per_place(
        own,
        dict.fromkeys(policy.categories, position),
        dict.fromkeys(policy.categories, len(position)),
    )
    flat = (Level(AREA, len(position), np.zeros(len(position), dtype=np.int64)),)
    noise = draw(dict.fromkeys(policy.categories, flat), policy)
    found = settled(np.array([true[c] + noise[c][AREA] for c in policy.categories]))
    return {
        name: {c: (n,) for c, n in zip(policy.categories, found[:, i].tolist(), strict=True)}
        for name, i in position.items()
    }


def settled(noisy: Ints) -> Ints:
    """Return the noisy counts of units as integers that are not negative.

    The sum of a unit stays (never below 0), so what noise takes below zero in one category is
    taken from the others and the total is not driven upwards.

    Parameters
    ----------
    noisy : array of int, shape (categories, units)

    Returns
    -------
    array of int, shape (categories, units)
    """
    sums = np.maximum(noisy.sum(axis=0), 0)
    units = np.tile(np.arange(noisy.shape[1]), len(noisy))
    near = project(noisy.astype(np.float64).ravel(), sums, units)
    return apportion(near, sums, units).reshape(noisy.shape)
