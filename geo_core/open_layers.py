"""The rows of every layer that is public as it stands (class A)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.errors import CatalogError
from geo_core.indicators import catalogue, values
from geo_core.indicators.composite import rank
from geo_core.indicators.reach import reach
from geo_core.indicators.risk import FEWEST_FOR_RELIABLE, Columns, risk
from geo_core.ingest import history
from geo_core.ingest.beside import Names, names_by, with_names
from geo_core.ingest.bodies import bodies, members_on, names_on
from geo_core.ingest.complete import complete
from geo_core.ingest.handed_in import HandedIn
from geo_core.ingest.lineage import Lineage, content, unknown
from geo_core.ingest.offices import services_at_offices
from geo_core.model.cells import CellId
from geo_core.model.content import described, state_of
from geo_core.model.district import District
from geo_core.model.indicator import Indicators
from geo_core.model.layer import Layer
from geo_core.model.tables import OpenTable
from geo_core.model.validity import valid_on
from geo_core.place import areas, population, supply, towns

DECIMALS: Final = 4
"""Decimals of published indicators and scores: far below their uncertainty."""


@dataclass(frozen=True)
class Ground:
    """The real base of a district, and what its offices handed in.

    Attributes
    ----------
    municipalities : GeoDataFrame
        `cod_istat`, `denominazione`, `cod_catastale`, `cod_provincia`, `geometry`.
    ages, before : DataFrame
        Residents by `cod_istat` (index) and age (columns), in the year and one earlier.
    territory : tuple of CellId
        Leaf cells with their centre in the district, inhabited or not.
    cells : DataFrame
        Residents by inhabited leaf cell (index `h3`) and age (columns); a few have their centre
        just outside the territory.
    history : DataFrame
        Municipal codes in time (`geo_core.ingest.history`); maybe no rows.
    lineages : mapping of Lineage
        Where each input comes from; one that is not there is not in it.
    """

    district: District
    indicators: Indicators
    municipalities: gpd.GeoDataFrame
    ages: pd.DataFrame
    before: pd.DataFrame
    territory: tuple[CellId, ...]
    cells: pd.DataFrame
    handed: HandedIn
    history: pd.DataFrame
    lineages: Mapping[str, Lineage]

    def invented(self, *names: str) -> bool:
        """Tell whether anything in one of these inputs is invented."""
        return any(n in self.lineages and self.lineages[n].synthetic != "none" for n in names)


def open_tables(catalog: Catalog, ground: Ground) -> list[OpenTable]:
    """Return one table per class A layer, in the order of the catalogue."""
    names = _names(ground)
    layers = [layer for layer in catalog.layers if layer.sensitivity == "A"]
    return [_table(layer, ground, catalog, names) for layer in layers]


def _names(ground: Ground) -> Names:
    return {
        "cod_istat": names_by(ground.municipalities, "cod_istat"),
        "cod_ambito": names_on(ground.handed.membership, ground.district.reference_date),
        "id_org": names_by(ground.handed.register["organizzazioni"], "id_org"),
    }


def _table(layer: Layer, ground: Ground, catalog: Catalog, names: Names) -> OpenTable:
    """Return the rows of a layer, which says of itself what they are."""
    said = content(layer, ground.lineages)
    rows = complete(
        with_names(ROWS[layer.family](layer, ground, catalog), layer.field_names, names),
        described(layer, said),
        reference_date=ground.district.reference_date,
    )
    invented = state_of(rows["dato_sintetico"].tolist())
    return OpenTable(described(layer, said.model_copy(update={"synthetic": invented})), rows)


def check_rows(catalog: Catalog) -> None:
    """Raise `CatalogError` if a layer is declared that nothing makes, or of unknown inputs."""
    for layer in catalog.layers:
        if wrong := unknown(layer.made_of):
            raise CatalogError(
                f"`made_of` names {wrong[0]!r}, which is no input",
                where=f"layers/{layer.family}.yml",
                hint="name the tables of the input folder, confini or residenti",
            )
        if layer.sensitivity == "A" and layer.family not in ROWS:
            raise CatalogError(
                "nothing makes the rows of this layer",
                where=f"layers/{layer.family}.yml",
                hint="add its family to ROWS in geo_core/open_layers.py, or remove the file",
            )


def _comuni(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    return areas.municipalities(
        _own(ground),
        now=ground.ages.sum(axis=1),
        before=ground.before.sum(axis=1),
        year=ground.district.year,
    )


def _comuni_storia(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    return history.published(ground.history, ground.municipalities)


def _ambiti(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    return bodies(
        ground.handed.membership,
        ground.municipalities,
        ground.ages.sum(axis=1),
        on=ground.district.reference_date,
        province=ground.district.province,
    )


def _register(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    rows = ground.handed.register[layer.family]
    if layer.geometry == catalog.documents[layer.family].geometry:
        return rows
    return rows[rows.geom_type.isin(["Polygon", "MultiPolygon"])]


def _servizi_sedi(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    register = ground.handed.register
    return services_at_offices(register["servizi"], register["sedi"], layer.field_names)


def _popolazione(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    res = _resolution(layer)
    ages = population.coarsen(ground.cells, res)
    inhabited = population.bands(ages[ages.sum(axis=1) > 0])
    usual = "sintetico" if ground.invented("popolazione") else "dasimetrico"
    inhabited["metodo"] = population.method(ground.handed.population, res, otherwise=usual)
    return _on_hexagons(inhabited)


def _celle_comuni(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    members = members_on(ground.handed.membership, ground.district.reference_date)
    body = {code: name for name, codes in members.items() for code in codes}
    return towns.residents_by_cell(ground.handed.population, body)


def _offerta(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    register = ground.handed.register
    chances = register["opportunita"]
    placed = supply.supply(
        register["sedi"],
        register["servizi"],
        chances[valid_on(ground.district.reference_date, chances)],
        types=[
            code.code
            for code in catalog.codelists["tipo_servizio"]
            if supply.TYPE_PREFIX + code.code in layer.field_names
        ],
    )
    res = _resolution(layer)
    residents = population.coarsen(ground.cells, res).sum(axis=1)
    rows = _on_hexagons(supply.coarsen(placed, res=res, residents=residents))
    rows["dato_sintetico"] = (rows["inventati"] > 0) | ground.invented("popolazione")
    return rows.drop(columns="inventati")


def _own(ground: Ground) -> gpd.GeoDataFrame:
    """Return the municipalities of the province: members of bodies elsewhere are in `ambiti`."""
    places = ground.municipalities
    return places[places["cod_provincia"] == ground.district.province]


def _rischio_comuni(_layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    places = _own(ground)[["cod_istat", "denominazione", "geometry"]]
    ages = ground.ages.loc[sorted(places["cod_istat"])]
    columns = risk(
        ages.to_numpy(),
        ground.before.reindex(ages.index).to_numpy(),
        composite=ground.indicators.composites["rischio_comuni"],
        catalogue=ground.indicators,
    )
    scored = _scored(columns, ages.index, ground.indicators, catalog)
    scored["rango"] = rank(columns["punteggio"].astype(float))
    return places.merge(scored, left_on="cod_istat", right_index=True, validate="1:1").assign(
        id=lambda rows: rows["cod_istat"]
    )


def _rischio_h3(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    ages = population.coarsen(ground.cells, _resolution(layer))
    columns = risk(
        ages.to_numpy(),
        None,
        composite=ground.indicators.composites["rischio_h3"],
        catalogue=ground.indicators,
    )
    return _on_hexagons(_scored(columns, ages.index, ground.indicators, catalog))


def _accessibilita(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    register = ground.handed.register
    reached = reach(
        population.coarsen(ground.cells, _resolution(layer)),
        register["sedi"],
        register["servizi"],
        how=ground.indicators.accessibility,
        fields=layer.field_names,
    )
    return _on_hexagons(reached)


def _valori(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    supplied = values.supplied(ground.handed.register["sedi"], ground.handed.register["servizi"])
    members = members_on(ground.handed.membership, ground.district.reference_date)
    body = {code: name for name, codes in members.items() for code in codes}
    before = ground.before.reindex(ground.ages.index, fill_value=0)
    units = {
        "comune": (ground.ages, before, supplied),
        "ambito": (
            ground.ages.groupby(body).sum(),
            before.groupby(body).sum(),
            supplied.by(body),
        ),
    }
    parts = [
        values.rows(
            ground.indicators,
            unit=unit,
            ages=ages,
            before=earlier,
            supply=supply_of,
            year=ground.district.year,
        )
        for unit, (ages, earlier, supply_of) in units.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    invented = {
        "comune": ground.invented("residenti"),
        "ambito": ground.invented("residenti", "ambiti"),
    }
    names = _names(ground)
    named = {"comune": names["cod_istat"], "ambito": names["cod_ambito"]}
    return rows.assign(
        dato_sintetico=rows["dato_sintetico"] | rows["tipo_unita"].map(invented),
        nome_unita=[
            named[kind].get(code)
            for kind, code in zip(rows["tipo_unita"], rows["unita"], strict=True)
        ],
    )


def _indicatori(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    return pd.DataFrame(catalogue.rows(ground.indicators, year=ground.district.year))


ROWS: Final[Mapping[str, Callable[[Layer, Ground, Catalog], pd.DataFrame]]] = {
    "comuni": _comuni,
    "comuni_storia": _comuni_storia,
    "ambiti": _ambiti,
    "organizzazioni": _register,
    "servizi": _register,
    "sedi": _register,
    "servizi_sedi": _servizi_sedi,
    "aree_servizio": _register,
    "reti": _register,
    "strumenti": _register,
    "opportunita": _register,
    "patti": _register,
    "buone_prassi": _register,
    "popolazione_h3": _popolazione,
    "celle_comuni": _celle_comuni,
    "offerta_h3": _offerta,
    "accessibilita_h3": _accessibilita,
    "rischio_comuni": _rischio_comuni,
    "rischio_h3": _rischio_h3,
    "indicatori": _indicatori,
    "valori_indicatori": _valori,
}
"""How the rows of each family are made; a new layer is a new entry here."""


def _resolution(layer: Layer) -> int:
    if layer.resolution is None:
        raise ValueError(f"{layer.id} has no resolution")
    return layer.resolution


def _on_hexagons(values: pd.DataFrame) -> pd.DataFrame:
    """Give values by cell (index `h3`) their hexagons."""
    hexagons = areas.hexagons(CellId(cell) for cell in values.index)
    return hexagons.merge(values, left_on="h3", right_index=True, validate="1:1")


def _scored(
    columns: Columns, index: pd.Index, indicators: Indicators, catalog: Catalog
) -> pd.DataFrame:
    """Return the columns every risk layer shares: score, class in words, parts, method."""
    out = pd.DataFrame(columns, index=index).round(DECIMALS)
    known = out["punteggio"].notna()
    names = {int(c.code): c.title for c in catalog.codelists["classe"]}
    titles = [names.get(k) for k in out["classe"]]
    out["classe"] = out["classe"].astype("Int64").where(known)
    out["classe_nome"] = [t.it if t else None for t in titles]
    out["classe_nome_en"] = [t.en if t else None for t in titles]
    few = out["residenti"] < FEWEST_FOR_RELIABLE
    out["affidabilita"] = np.where(few, "bassa", "normale")
    out["stato"] = np.where(known, "published", "no-data")
    out["metodo_id"] = indicators.method
    out["riferimenti_id"] = indicators.goalposts_id
    return out
