"""Rows of `accessibilita_h3`: offices from the centre of every inhabited cell."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import h3
import numpy as np
import pandas as pd

from geo_core.indicators.access import Floats, catchment, in_zones, straight_km, within
from geo_core.model.indicator import Accessibility

DECIMALS = 2


def reach(
    ages: pd.DataFrame,
    offices: gpd.GeoDataFrame,
    services: pd.DataFrame,
    *,
    how: Accessibility,
    fields: Collection[str],
) -> pd.DataFrame:
    """Return distance to, and supply in reach of, every inhabited cell.

    Parameters
    ----------
    ages : DataFrame
        Residents by cell (index `h3`) and age (columns).
    offices : GeoDataFrame
        `id`, `servizi` (service ids joined by `;`), `posti`, `riservata`, Point geometry. An
        office that is reserved or has no position is in no figure.
    services : DataFrame
        `id`, `tipo_servizio`.
    how : Accessibility
        Detour, speed, zones, and whom each kind of service is for.
    fields : collection of str
        Wanted columns; of a kind without `a2sfca_<kind>` no supply is computed.

    Returns
    -------
    DataFrame
        Index `h3`; `residenti`, `metodo_costo`, and by kind of service `min_`, `km_`, `sede_`
        and maybe `a2sfca_`, `ae2sfca_` (places per 1,000 persons it is for). Everything of a
        kind that no office gives is missing.
    """
    inhabited = ages[ages.sum(axis=1) > 0]
    shown = offices[~offices["riservata"].astype(bool) & offices.geometry.notna()]
    shown = shown[shown.geom_type == "Point"]
    there = np.column_stack([shown.geometry.x, shown.geometry.y]).astype(np.float64)
    here = np.array([h3.cell_to_latlng(cell)[::-1] for cell in inhabited.index]).reshape(-1, 2)
    km = how.detour * straight_km(here, there)
    out: dict[str, object] = {
        "residenti": inhabited.sum(axis=1),
        "metodo_costo": f"linea d'aria × {how.detour:g}, {how.speed_kmh:g} km/h",  # noqa: RUF001
    }
    kinds = dict(zip(services["id"], services["tipo_servizio"], strict=True))
    given = [{kinds[s] for s in ids.split(";") if s} for ids in shown["servizi"].fillna("")]
    places = np.array([np.nan if pd.isna(n) else float(n) for n in shown["posti"]])
    for kind, users in how.services.items():
        gives = np.array([kind in offered for offered in given], dtype=bool)
        first, last = users.ages
        demand = inhabited.loc[:, first:last].sum(axis=1).to_numpy(dtype=np.float64)
        out |= _nearest(kind, km[:, gives], shown["id"].to_numpy()[gives], how)
        if f"a2sfca_{kind}" in fields:
            known = gives & ~np.isnan(places)
            out |= _in_reach(kind, km[:, known], demand, places[known], how)
    return pd.DataFrame(out, index=inhabited.index)


def _nearest(kind: str, km: Floats, names: Floats, how: Accessibility) -> dict[str, object]:
    if not km.size:
        return dict.fromkeys((f"min_{kind}", f"km_{kind}", f"sede_{kind}"))
    nearest = km.argmin(axis=1)
    far = km[np.arange(len(km)), nearest]
    return {
        f"min_{kind}": _minutes(far, how).round(1),
        f"km_{kind}": far.round(DECIMALS),
        f"sede_{kind}": names[nearest],
    }


def _in_reach(
    kind: str, km: Floats, demand: Floats, places: Floats, how: Accessibility
) -> dict[str, object]:
    if not km.size:
        return dict.fromkeys((f"a2sfca_{kind}", f"ae2sfca_{kind}"))
    minutes = _minutes(km, how)
    limits = [zone.minutes for zone in how.zones]
    weights = {
        "a2sfca": within(minutes, limits[-1]),
        "ae2sfca": in_zones(minutes, limits, [zone.weight for zone in how.zones]),
    }
    return {
        f"{name}_{kind}": (1000 * catchment(w, demand=demand, supply=places).access).round(DECIMALS)
        for name, w in weights.items()
    }


def _minutes(km: Floats, how: Accessibility) -> Floats:
    minutes: Floats = 60 * km / how.speed_kmh
    return minutes
