"""The rows of the catalogue of indicators and of their values."""

from __future__ import annotations

import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground, names_of
from geo_core.indicators import catalogue, values
from geo_core.indicators.reach import by_unit
from geo_core.indicators.registers import counted
from geo_core.ingest.bodies import members_on
from geo_core.ingest.conteggi import COUNTS
from geo_core.model.layer import Layer


def of_units(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    """Return the values of municipalities and managing bodies."""
    members = members_on(ground.handed.membership, ground.district.reference_date)
    body = {code: name for name, codes in members.items() for code in codes}
    before = ground.before.reindex(ground.ages.index, fill_value=0)
    whole = ground.ages.groupby(body).sum()
    units = (
        _units("comune", ground, {code: code for code in before.index}, ground.ages, before),
        _units("ambito", ground, body, whole, before.groupby(body).sum()),
    )
    parts = [values.rows(ground.indicators, of, year=ground.district.year) for of in units]
    rows = pd.concat(parts, ignore_index=True)
    invented = {
        "comune": ground.invented("residenti"),
        "ambito": ground.invented("residenti", "ambiti"),
    }
    names = names_of(ground)
    named = {"comune": names["cod_istat"], "ambito": names["cod_ambito"]}
    return rows.assign(
        dato_sintetico=rows["dato_sintetico"] | rows["tipo_unita"].map(invented),
        nome_unita=[
            named[kind].get(code)
            for kind, code in zip(rows["tipo_unita"], rows["unita"], strict=True)
        ],
    )


def _units(
    kind: str, ground: Ground, unit_of: dict[str, str], ages: pd.DataFrame, before: pd.DataFrame
) -> values.Units:
    found = counted(ground.handed.register, unit_of, ages.index)
    given = _given(ground, kind, unit_of)
    return values.Units(kind, ages, before, found, given, _access(ground, unit_of, ages.index))


def _given(ground: Ground, kind: str, unit_of: dict[str, str]) -> pd.DataFrame:
    """Return the counts handed in of one kind of unit; a body has the sum of all its towns."""
    rows = ground.handed.conteggi
    keys = ["indicatore", "unita", "anno"]
    if kind == "comune":
        own = rows[rows["unita"].isin(set(unit_of))]
    else:
        towns = rows.assign(unita=rows["unita"].map(unit_of)).dropna(subset="unita")
        sums = towns.groupby(keys)[["numeratore", "denominatore"]].agg(["sum", "size"])
        size = pd.Series(unit_of).value_counts()
        whole = sums["numeratore", "size"] == sums.index.get_level_values("unita").map(size)
        summed = sums.loc[whole].xs("sum", axis=1, level=1).reset_index()
        own = pd.concat([rows[rows["unita"].isin(set(unit_of.values()))], summed])
    return own.assign(dato_sintetico=ground.invented(COUNTS))


def _access(ground: Ground, unit_of: dict[str, str], units: pd.Index) -> pd.DataFrame:
    lived = ground.handed.population.assign(
        unita=ground.handed.population["cod_istat"].map(unit_of)
    )
    means = by_unit(ground.reached, lived, "unita").reindex(units)
    return means.assign(dato_sintetico=ground.invented("sedi", "servizi", "tempi", "popolazione"))


def described(_layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the catalogue."""
    given = ground.handed.conteggi["indicatore"]
    rows = catalogue.rows(ground.indicators, year=ground.district.year, given=set(given))
    families = [str(row["raccolte"] or "").split(";") for row in rows]
    # A family on hexagons has no address; each of its collections does.
    members = [[x.id for name in names for x in catalog.family(name)] for names in families]
    return pd.DataFrame(rows).assign(raccolte=[";".join(ids) or None for ids in members])
