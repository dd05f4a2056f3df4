"""Services at offices: one flat row for each service that is given at a place people may know."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import pandas as pd

from geo_core.ingest.across import reserved
from geo_core.ingest.placing import split
from geo_core.model.content import licence_of


def services_at_offices(
    services: pd.DataFrame, offices: gpd.GeoDataFrame, fields: Collection[str]
) -> gpd.GeoDataFrame:
    """Return one point for each service at each office.

    Parameters
    ----------
    services, offices : DataFrame
        Rows of the registers `servizi` and `sedi`, ready to be published.
    fields : collection of str
        Fields of the layer `servizi_sedi`.

    Returns
    -------
    GeoDataFrame
        The rows, `id` made of both codes, without any office that is reserved. What both
        registers call the same (name, organisation, dates) is the service's; the office's name
        is `nome_sede`. A row is invented where either of its halves is, and under the licence
        that the stricter of them asks for; `fonte` names the sources of both.
    """
    shown = offices[~reserved(offices)].rename(
        columns={"nome": "nome_sede", "nome_en": "nome_sede_en"}
    )
    pairs = shown.assign(id_servizio=shown["servizi"].fillna("").map(split)).explode("id_servizio")
    pairs = pairs[pairs["id_servizio"].notna()]
    ours = services.set_index("id_servizio").loc[pairs["id_servizio"]].reset_index()
    columns = {name: pairs[name].to_numpy() for name in pairs if name not in ours}
    both = [set(pair) for pair in zip(ours["licenza"], pairs["licenza"], strict=True)]
    joined = ours.drop(columns="geometry").assign(
        **columns,
        id=[f"{s}@{o}" for s, o in zip(pairs["id_servizio"], pairs["id_sede"], strict=True)],
        dato_sintetico=(
            ours["dato_sintetico"].to_numpy(dtype=bool)
            | pairs["dato_sintetico"].to_numpy(dtype=bool)
        ),
        fonte=[
            "; ".join(dict.fromkeys(f"{a}; {b}".split("; ")))
            for a, b in zip(ours["fonte"], pairs["fonte"], strict=True)
        ],
        licenza=[licence_of(pair, otherwise=min(pair)) for pair in both],
    )
    kept = [name for name in joined if name in fields]
    return gpd.GeoDataFrame(joined[kept], geometry=pairs.geometry.array, crs=offices.crs)
