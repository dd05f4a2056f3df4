"""The rows of the risk maps."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground, on_hexagons, own, resolution
from geo_core.indicators.change import Estimate, change
from geo_core.indicators.correlation import correlation
from geo_core.indicators.demography import by_group
from geo_core.indicators.neighbours import rings, touching
from geo_core.indicators.risk import (
    FEWEST_FOR_A_SCORE,
    FEWEST_FOR_RELIABLE,
    Columns,
    Fragility,
    fragility,
)
from geo_core.indicators.standing import Units, standing
from geo_core.model.indicator import Composite
from geo_core.model.layer import Layer
from geo_core.model.text import Text
from geo_core.place import population

DECIMALS: Final = 4
"""Decimals of published indicators and scores: far below their uncertainty."""
INDEX: Final = "ifs"

WRONG: Final = {
    "sintetico": Text(
        it="non misurabile: gli abitati nei comuni sono inventati, veri i soli totali comunali",
        en="cannot be measured: settlement in municipalities is invented, their totals are real",
    ),
    "areale": Text(
        it="misurato sull'insediamento dimostrativo: la superficie dice poco di dove si abita",
        en="measured on the demonstration settlement: area tells little of where people live",
    ),
    "dasimetrico": Text(
        it="non dichiarato da chi ha fornito la popolazione per cella",
        en="not stated by whoever gave the population by cell",
    ),
}
"""What is known of the error of the population by cell, by its method."""


def municipalities(_layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the index of the municipalities of the province."""
    places = _places(ground)
    ages = ground.ages.loc[places["cod_istat"]]
    found = _fragility(ages, ground)
    stands = _standing(found, _towns(ages, places), ground)
    return _placed(places, _scored({**found.columns, **stands}, ages.index, ground, catalog))


def municipalities_by_year(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the index of the municipalities in two years, and its change beyond noise."""
    places, year = _places(ground), ground.district.year
    then, now = (
        _of_year(ages.reindex(places["cod_istat"], fill_value=0), places, ground)
        for ages in (ground.before, ground.ages)
    )
    tables = []
    for when, before, found in ((year - 1, None, then), (year, then, now)):
        columns, index = {**found, **_changed(found, before)}, pd.Index(places["cod_istat"])
        rows = _placed(places, _scored(columns, index, ground, catalog))
        rows["id"] += f"-{when}"
        rows["periodo_inizio"], rows["periodo_fine"] = f"{when}-01-01", f"{when}-12-31"
        tables.append(rows[[n for n in rows if n in (*layer.field_names, "geometry")]])
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=places.crs)


def hexagons(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the index of hexagons, with all that says how far it can be trusted."""
    res = resolution(layer)
    ages = population.coarsen(ground.cells, res)
    cells = [str(cell) for cell in ages.index]
    units = Units(by_group(ages.to_numpy()), [int(c, 16) for c in cells], rings(cells))
    found = _fragility(ages, ground, fewest=FEWEST_FOR_A_SCORE)
    stands = _standing(found, units, ground)
    rows = _scored({**found.columns, **stands}, ages.index, ground, catalog)
    usual = "sintetico" if ground.invented("popolazione") else "dasimetrico"
    rows["metodo"] = population.method(ground.handed.population, res, otherwise=usual)
    rows["errore"] = [population.MISPLACED.get((how, res), np.nan) for how in rows["metodo"]]
    said = [WRONG[how] for how in rows["metodo"]]
    rows["errore_nota"], rows["errore_nota_en"] = [t.it for t in said], [t.en for t in said]
    return on_hexagons(rows)


def counted(layer: Layer, ground: Ground) -> tuple[pd.DataFrame, int]:
    """Return residents of each unit of a risk layer by age, and how many a score needs."""
    if layer.resolution is None:
        return ground.ages.loc[_places(ground)["cod_istat"]], 1
    return population.coarsen(ground.cells, layer.resolution), FEWEST_FOR_A_SCORE


def scores_of_hexagons(res: int, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the index of hexagons alone: score, class and parts."""
    ages = population.coarsen(ground.cells, res)
    found = _fragility(ages, ground, fewest=FEWEST_FOR_A_SCORE)
    return on_hexagons(_scored(found.columns, ages.index, ground, catalog))


def correlations(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    """Return how far the indicators of the index, and the index, say the same at each level."""
    towns = ground.ages.loc[_places(ground)["cod_istat"]]
    levels = {"comune": (_fragility(towns, ground), ground.invented("residenti"))}
    for res in (6, 7):
        ages = population.coarsen(ground.cells, res)
        of = _fragility(ages, ground, fewest=FEWEST_FOR_A_SCORE)
        levels[f"h3_r{res}"] = (of, ground.invented("popolazione"))
    rows = []
    for level, (found, invented) in levels.items():
        columns = _compared(found.columns, ground)
        for one, other in combinations(columns, 2):
            said = correlation(columns[one], columns[other])
            rows.append(
                {
                    "id": f"{level}-{one}-{other}",
                    "indice": INDEX.upper(),
                    "livello": level,
                    "variabile_a": one,
                    "variabile_b": other,
                    "pearson": round(said.pearson, DECIMALS),
                    "spearman": round(said.spearman, DECIMALS),
                    "unita": said.units,
                    "dato_sintetico": invented,
                }
            )
    return pd.DataFrame(rows)


def _composite(ground: Ground) -> Composite:
    return ground.indicators.composites[INDEX]


def _places(ground: Ground) -> gpd.GeoDataFrame:
    """Return the municipalities of the province, by code."""
    return own(ground)[["cod_istat", "denominazione", "geometry"]].sort_values("cod_istat")


def _placed(places: gpd.GeoDataFrame, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    placed = places.merge(rows, left_on="cod_istat", right_index=True, validate="1:1")
    return placed.assign(id=placed["cod_istat"])


def _towns(ages: pd.DataFrame, places: gpd.GeoDataFrame) -> Units:
    keys = [int(code) for code in ages.index]
    return Units(by_group(ages.to_numpy()), keys, touching(places.geometry.to_list()))


def _fragility(ages: pd.DataFrame, ground: Ground, fewest: int = 1) -> Fragility:
    groups, composite = by_group(ages.to_numpy()), _composite(ground)
    return fragility(groups, composite=composite, catalogue=ground.indicators, fewest=fewest)


def _standing(found: Fragility, units: Units, ground: Ground) -> Columns:
    return standing(found, units, composite=_composite(ground), catalogue=ground.indicators)


def _of_year(ages: pd.DataFrame, places: gpd.GeoDataFrame, ground: Ground) -> Columns:
    found = _fragility(ages, ground)
    return {**found.columns, **_standing(found, _towns(ages, places), ground)}


def _changed(now: Columns, before: Columns | None) -> Columns:
    """Return the change of scores; of a first year there is none to be told."""
    names = ("punteggio", "punteggio_inf", "punteggio_sup")
    of = Estimate(*(now[name].astype(float) for name in names))
    was = Estimate(
        *(before[n].astype(float) if before else np.full_like(of.value, np.nan) for n in names)
    )
    found = change(of, was)
    return {
        "variazione": found.value,
        "variazione_inf": found.low,
        "variazione_sup": found.high,
        "variazione_classe": found.kind,
    }


def _compared(columns: Columns, ground: Ground) -> dict[str, np.ndarray]:
    """Return what is correlated: the smoothed indicators by their codes, and the score.

    As they are published: whoever has the columns finds the same correlations, and rounding of
    the machine parts no equal values.
    """
    members = _composite(ground).indicators
    fields = {i: f"eb_{ground.indicators.indicators[i].field}" for i in members}
    fields[INDEX.upper()] = "punteggio"
    return {name: columns[field].astype(float).round(DECIMALS) for name, field in fields.items()}


def _scored(columns: Columns, index: pd.Index, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return columns with what every risk layer says beside them: class in words, method."""
    out = pd.DataFrame(columns, index=index).round(DECIMALS)
    known = out["punteggio"].notna()
    names = {int(c.code): c.title for c in catalog.codelists["classe"]}
    titles = [names.get(k) for k in out["classe"]]
    for name in ("classe", "rango", "rango_inf", "rango_sup", "rango_caso_inf", "rango_caso_sup"):
        if name in out:
            out[name] = out[name].astype("Int64").where(known)
    for name in ("stabilita", "hotspot", "moran"):
        if name in out:
            out[name] = [text or None for text in out[name]]
    out["classe_nome"] = [t.it if t else None for t in titles]
    out["classe_nome_en"] = [t.en if t else None for t in titles]
    few = out["residenti"] < FEWEST_FOR_RELIABLE
    out["affidabilita"] = np.where(few, "bassa", "normale")
    out["stato"] = np.where(known, "published", "no-data")
    out["metodo_id"] = ground.indicators.method
    out["riferimenti_id"] = ground.indicators.goalposts_id
    return out
