"""Offices, services and opportunities on hexagons: placed once, summed up the index."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.model.cells import SUPPLY, CellId, at, parent

TYPE_PREFIX = "s_"


def supply(
    offices: gpd.GeoDataFrame,
    services: pd.DataFrame,
    opportunities: gpd.GeoDataFrame,
    *,
    types: Sequence[str],
) -> pd.DataFrame:
    """Count supply per cell of resolution `SUPPLY`.

    Parameters
    ----------
    offices : GeoDataFrame
        `servizi` (service ids joined by `;`), `posti`, `posti_liberi` (NA where unknown),
        `riservata`, `dato_sintetico`; Point geometry, OGC:CRS84. A reserved office is in no
        figure.
    services : DataFrame
        `id`, `tipo_servizio` and `dato_sintetico`.
    opportunities : GeoDataFrame
        `dato_sintetico`; points and areas, OGC:CRS84; only a point is in a cell.
    types : sequence of str
        Kinds of service that are counted by themselves.

    Returns
    -------
    DataFrame
        One row per cell that holds supply, index `h3`; `sedi`, `servizi`, `opportunita`,
        `posti`, `posti_liberi`, `posti_ignoti`, `inventati` (counted rows that are invented)
        and `s_<type>`. Every column sums to the figure over all offices that are not reserved.
    """
    shown = offices[~offices["riservata"].astype(bool) & offices.geometry.notna()]
    kinds = dict(zip(services["id"], services["tipo_servizio"], strict=True))
    unreal = set(services.loc[services["dato_sintetico"].astype(bool), "id"])
    lists = shown["servizi"].fillna("").astype(str)
    given = [[s for s in ids.split(";") if s] for ids in lists]
    offered = [[kinds[s] for s in ids] for ids in given]
    counts = pd.DataFrame(
        {
            "h3": _placed(shown),
            "sedi": 1,
            "servizi": [len(ids) for ids in offered],
            "posti": _known(shown["posti"]),
            "posti_liberi": _known(shown["posti_liberi"]),
            "posti_ignoti": shown["posti"].isna().to_numpy(dtype=np.int64),
            "inventati": shown["dato_sintetico"].to_numpy(dtype=np.int64)
            + [sum(s in unreal for s in ids) for ids in given],
            **{TYPE_PREFIX + kind: [ids.count(kind) for ids in offered] for kind in types},
        }
    )
    located = opportunities[opportunities.geom_type == "Point"]
    chances = pd.DataFrame(
        {
            "h3": _placed(located),
            "opportunita": 1,
            "inventati": located["dato_sintetico"].to_numpy(dtype=np.int64),
        }
    )
    return pd.concat([counts, chances]).groupby("h3").sum().astype(np.int64)


def coarsen(supplied: pd.DataFrame, *, res: int, residents: pd.Series) -> pd.DataFrame:
    """Sum supply up the index and relate it to residents.

    Parameters
    ----------
    supplied : DataFrame
        What `supply` returns.
    res : int
        H3 resolution of the result, at most `SUPPLY`.
    residents : Series
        Residents by cell of `res`; a cell that is not in it has none.

    Returns
    -------
    DataFrame
        The sums per cell, index `h3`, with `residenti`, `sedi_10000` and `posti_10000` (NaN
        where nobody lives).
    """
    above = [parent(CellId(cell), res) for cell in supplied.index]
    parents = pd.Index(above, name="h3", dtype=str)
    out = supplied.groupby(parents).sum().sort_index()
    out["residenti"] = residents.reindex(out.index, fill_value=0).astype(np.int64)
    people = out["residenti"].where(out["residenti"] > 0)
    out["sedi_10000"] = (10_000 * out["sedi"] / people).round(2)
    out["posti_10000"] = (10_000 * out["posti"] / people).round(2)
    return out


def _known(numbers: pd.Series) -> list[int]:
    return [0 if pd.isna(n) else int(n) for n in numbers]


def _placed(points: gpd.GeoDataFrame) -> pd.Index:
    # Cells are text also where there are none.
    return pd.Index([at(p.y, p.x, SUPPLY) for p in points.geometry], dtype=str)
