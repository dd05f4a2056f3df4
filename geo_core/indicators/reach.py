"""Rows of `accessibilita_h3`: how far offices are from where people live, and what they offer.

Everything is computed once, from the centre of every inhabited leaf cell. Coarser hexagons are
means of these over their residents, as a coarser zone of the layer has them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_core.indicators.access import Floats, Steps, catchment, in_zones, within
from geo_core.indicators.opening import Moment, is_open
from geo_core.indicators.travel import Costs, Travel
from geo_core.model.cells import LEAF, CellId, parent
from geo_core.model.indicator import Accessibility, Users

NEAR: Final = (15, 30)
"""Minutes within which a service is near, by indicator ACC01."""

DECIMALS: Final[Mapping[str, int]] = {
    "min": 1, "km": 2, "entro15": 1, "entro30": 1, "a2sfca": 2, "ae2sfca": 2, "ab2sfca": 2,
}  # fmt: skip
"""Decimals by the beginning of a column's name: far below the uncertainty of the costs."""

PER_USER: Final = ("a2sfca", "ae2sfca", "ab2sfca")
"""Beginnings of columns that are per person whom the service is for."""

type Objects = NDArray[np.object_]

COUNTED: Final = ("residenti", "utenti")
"""Beginnings of the names of columns that a coarser hexagon has the sum of."""


def reach(
    ages: pd.DataFrame,
    offices: gpd.GeoDataFrame,
    services: pd.DataFrame,
    *,
    how: Accessibility,
    travel: Travel,
) -> pd.DataFrame:
    """Return distance to, and supply in reach of, every inhabited leaf cell.

    Parameters
    ----------
    ages : DataFrame
        Residents by inhabited leaf cell (index `h3`) and age (columns).
    offices : GeoDataFrame
        `id`, `servizi` (service ids joined by `;`), `posti`, `orari`, `riservata`, Point
        geometry. An office that is reserved or has no position is in no figure.
    services : DataFrame
        `id`, `tipo_servizio`.
    how : Accessibility
        Zones, and whom each kind of service is for.
    travel : Travel
        Costs from the cells of `ages`, in their order.

    Returns
    -------
    DataFrame
        Index `h3`; `residenti`, `metodo_costo`, and by kind of service: `min_`, `km_` and
        `sede_` of the nearest office, `entro15_` and `entro30_` (100 or 0 %), `stato_`,
        `utenti_` (persons it is for), `a2sfca_`, `ae2sfca_` and `ab2sfca_` (places per 1,000 of
        them). A figure that cannot be is missing, and `stato_` says why.
    """
    shown = public(offices).sort_values("id", kind="stable")
    kinds = dict(zip(services["id"], services["tipo_servizio"], strict=True))
    given = [{kinds[s] for s in ids.split(";") if s} for ids in shown["servizi"].fillna("")]
    out: dict[str, object] = {
        "residenti": ages.sum(axis=1),
        "metodo_costo": told(travel, how),
    }
    for name, users in how.services.items():
        kind = users.kind or name
        gives = np.array([kind in offered for offered in given], dtype=bool)
        chosen = shown[gives & _open(shown["orari"], users)]
        first, last = users.ages
        demand = ages.loc[:, first:last].sum(axis=1)
        out |= _of_kind(name, chosen, travel.costs(chosen), demand, how)
    return pd.DataFrame(out, index=ages.index)


def public(offices: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the offices that may be in a figure, with `lon` and `lat`."""
    shown = offices[~offices["riservata"].astype(bool) & offices.geometry.notna()]
    shown = shown[shown.geom_type == "Point"]
    return pd.DataFrame(shown.drop(columns="geometry")).assign(
        lon=shown.geometry.x, lat=shown.geometry.y
    )


def told(travel: Travel, how: Accessibility) -> str:
    """Return how costs are known, and what counts only offices that are open at a moment."""
    return travel.method + "".join(_moments(how).values())


def told_of(text: str, how: Accessibility, kinds: Collection[str]) -> str:
    """Return what `told` says, of these kinds of service alone."""
    for name, moment in _moments(how).items():
        if name not in kinds:
            text = text.replace(moment, "")
    return text


def _moments(how: Accessibility) -> dict[str, str]:
    """Return what is said of kinds of service that are asked for at a moment."""
    return {
        name: f"; {name}: solo sedi aperte {users.open_at}, secondo gli orari pubblicati"
        for name, users in how.services.items()
        if users.open_at
    }


def _open(hours: pd.Series, users: Users) -> Floats:
    """Tell which offices are open when it is asked; one that gives no hours is not known to be."""
    if users.open_at is None:
        return np.ones(len(hours), dtype=bool)
    at = Moment.read(users.open_at)
    return np.array([bool(text) and is_open(text, at) for text in hours.fillna("")], dtype=bool)


def _of_kind(
    name: str, offices: pd.DataFrame, costs: Costs, demand: pd.Series, how: Accessibility
) -> dict[str, object]:
    places = offices["posti"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(places)
    supplied = _supplied(costs.minutes[:, known], demand, places[known], how)
    minutes, km, nearest = _nearest(costs, offices["id"].to_numpy(dtype=object))
    near = {f"entro{limit}": np.where(minutes <= limit, 100.0, 0.0) for limit in NEAR}
    if not len(offices):
        near = dict.fromkeys(near, np.full(len(demand), np.nan))
    stato = _status(minutes, offices=len(offices), known=bool(known.any()))
    found = {
        "min": minutes, "km": km, "sede": nearest, "stato": stato, "utenti": demand,
        **near, **supplied,
    }  # fmt: skip
    return {f"{figure}_{name}": values for figure, values in found.items()}


def _status(minutes: Floats, *, offices: int, known: bool) -> Objects:
    if not offices:
        return np.full(len(minutes), "no-office", dtype=object)
    reached = "published" if known else "no-places"
    return np.where(np.isnan(minutes), "unreachable", reached).astype(object)


def _nearest(costs: Costs, names: Objects) -> tuple[Floats, Floats, Objects]:
    """Return minutes, kilometres and name of the nearest office; of equal ones the first."""
    size = len(costs.minutes)
    if not len(names):
        nothing = np.full(size, np.nan)
        return nothing, nothing, np.full(size, None, dtype=object)
    nearest = costs.minutes.argmin(axis=1)
    rows = np.arange(size)
    minutes = costs.minutes[rows, nearest]
    name = names[nearest]
    name[~np.isfinite(minutes)] = None
    km = costs.km[rows, nearest]
    return (
        np.where(np.isfinite(minutes), minutes, np.nan).round(DECIMALS["min"]),
        np.where(np.isfinite(minutes), km, np.nan).round(DECIMALS["km"]),
        name,
    )


def _supplied(
    minutes: Floats, demand: pd.Series, places: Floats, how: Accessibility
) -> dict[str, Floats]:
    """Return places per 1,000 persons by 2SFCA, E2SFCA and E2SFCA with demand counted once."""
    limits = [zone.minutes for zone in how.zones]
    zones = in_zones(minutes, limits, [zone.weight for zone in how.zones])
    variants: dict[str, tuple[Floats, Steps]] = {
        "a2sfca": (within(minutes, limits[-1]), "plain"),
        "ae2sfca": (zones, "plain"),
        "ab2sfca": (zones, "shares"),
    }
    if not places.size:
        return dict.fromkeys(variants, np.full(len(minutes), np.nan))
    persons = demand.to_numpy(dtype=np.float64)
    return {
        name: (1000 * catchment(w, demand=persons, supply=places, steps=steps).access).round(
            DECIMALS[name]
        )
        for name, (w, steps) in variants.items()
    }


def coarsen(reached: pd.DataFrame, res: int) -> pd.DataFrame:
    """Return coarser hexagons: means of the leaf cells, as a coarser zone of the layer has them.

    Times, kilometres and shares are weighed by residents, places per 1,000 persons by those
    persons, over the cells of which they are known; where none of them lives, places are missing.
    The office named is that of most residents.

    Parameters
    ----------
    reached : DataFrame
        What `reach` returns.
    res : int
        Resolution of the result, not finer than that of `reached`.
    """
    if res == LEAF:
        return reached
    above = pd.Index([parent(CellId(cell), res) for cell in reached.index], name="h3")
    out = {}
    for name in reached.columns:
        beginning, _, rest = name.partition("_")
        values, people = reached[name], reached["residenti"]
        if beginning in COUNTED:
            out[name] = values.groupby(above).sum()
        elif name == "metodo_costo":
            out[name] = values.groupby(above).first()
        elif beginning == "stato":
            # Reached in one of its cells: the code before `unreachable` in the alphabet.
            out[name] = values.groupby(above).min()
        elif beginning == "sede":
            out[name] = _of_most(values, people, above)
        else:
            weight = reached[f"utenti_{rest}"] if beginning in PER_USER else people
            out[name] = _mean(values, weight, above).round(DECIMALS[beginning])
    return pd.DataFrame(out).sort_index()


def _mean(values: pd.Series, weight: pd.Series, above: pd.Index) -> pd.Series:
    """Return the weighed mean of what is known; missing where nothing is, or nobody counts."""
    known = weight.where(values.notna(), 0)
    total = known.groupby(above).sum()
    return (values.fillna(0) * known).groupby(above).sum() / total.where(total > 0)


def _of_most(values: pd.Series, people: pd.Series, above: pd.Index) -> pd.Series:
    """Return the text that most residents have, ties to the first in order; maybe missing."""
    rows = pd.DataFrame({"h3": above, "value": values.to_numpy(), "n": people.to_numpy()})
    counted = rows.dropna().groupby(["h3", "value"], sort=True)["n"].sum().reset_index()
    first = counted.sort_values("n", ascending=False, kind="stable").drop_duplicates("h3")
    return first.set_index("h3")["value"].reindex(pd.Index(above.unique(), name="h3")).sort_index()


def by_unit(reached: pd.DataFrame, population: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return means over the residents of municipalities or bodies.

    Parameters
    ----------
    reached : DataFrame
        What `reach` returns.
    population : DataFrame
        `h3` (leaf cell), `n` (persons) and the column `unit`; further rows of a pair are summed.
    unit : str
        `cod_istat`, or another column; rows without a unit are left out.

    Returns
    -------
    DataFrame
        Index: the unit in ascending order. The numbers of `reached` with a mean, weighed by
        residents; `residenti` those that are in a cell of `reached`.
    """
    lived = population.groupby(["h3", unit])["n"].sum().reset_index()
    lived = lived[lived["h3"].isin(reached.index) & (lived["n"] > 0)]
    people = pd.Series(lived["n"].to_numpy(), dtype=np.float64)
    units = pd.Index(lived[unit], name=unit)
    rows = reached.reindex(lived["h3"]).reset_index(drop=True)
    out = {"residenti": people.groupby(units).sum()}
    for name in rows.columns:
        if name.partition("_")[0] in DECIMALS:
            out[name] = _mean(rows[name].astype(np.float64), people, units)
    return pd.DataFrame(out).sort_index()
