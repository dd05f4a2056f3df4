"""The rows of every layer that is public as it stands (class A)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from geo_core import access_layers, crossed_layers, indicator_layers, risk_layers
from geo_core.catalog import Catalog
from geo_core.errors import CatalogError
from geo_core.gap_layers import GAPS
from geo_core.ground import Ground, names_of, on_hexagons, own, resolution
from geo_core.ingest import history
from geo_core.ingest.beside import Names, with_names
from geo_core.ingest.bodies import bodies, members_on
from geo_core.ingest.complete import complete
from geo_core.ingest.lineage import content, unknown
from geo_core.ingest.offices import services_at_offices
from geo_core.model.content import described, state_of
from geo_core.model.layer import Layer
from geo_core.model.tables import OpenTable
from geo_core.model.validity import valid_on
from geo_core.place import areas, population, supply, towns


def open_tables(catalog: Catalog, ground: Ground) -> list[OpenTable]:
    """Return one table per class A layer, in the order of the catalogue; without those `LATER`."""
    names = names_of(ground)
    opened = [layer for layer in catalog.layers if layer.sensitivity == "A"]
    layers = [layer for layer in opened if layer.family not in LATER]
    return [_table(layer, ground, catalog, names) for layer in layers]


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
        if layer.sensitivity == "A" and layer.family not in ROWS.keys() | LATER:
            raise CatalogError(
                "nothing makes the rows of this layer",
                where=f"layers/{layer.family}.yml",
                hint="add its family to ROWS in geo_core/open_layers.py, or remove the file",
            )


def _comuni(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    return areas.municipalities(
        own(ground),
        now=ground.ages.sum(axis=1),
        before=ground.before.sum(axis=1),
        year=ground.district.year,
    )


def _comuni_storia(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    return history.published(ground.history, ground.municipalities)


def _luoghi(_layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    places = ground.toponyms
    return places[places["cod_istat"].isin(own(ground)["cod_istat"])]


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
    res = resolution(layer)
    ages = population.coarsen(ground.cells, res)
    inhabited = population.bands(ages[ages.sum(axis=1) > 0])
    usual = "sintetico" if ground.invented("popolazione") else "dasimetrico"
    inhabited["metodo"] = population.method(ground.handed.population, res, otherwise=usual)
    return on_hexagons(inhabited)


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
    res = resolution(layer)
    residents = population.coarsen(ground.cells, res).sum(axis=1)
    rows = on_hexagons(supply.coarsen(placed, res=res, residents=residents))
    rows["dato_sintetico"] = (rows["inventati"] > 0) | ground.invented("popolazione")
    return rows.drop(columns="inventati")


LATER: Final = frozenset({GAPS})
"""Families made of published figures of persons: there are none before the protection."""

ROWS: Final[Mapping[str, Callable[[Layer, Ground, Catalog], pd.DataFrame]]] = {
    "comuni": _comuni,
    "comuni_storia": _comuni_storia,
    "luoghi": _luoghi,
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
    "confini_enti": access_layers.at_borders,
    "accessibilita_h3": access_layers.within_reach,
    "rischio_accesso_h3": crossed_layers.risk_and_access,
    "rischio_comuni": risk_layers.municipalities,
    "rischio_comuni_serie": risk_layers.municipalities_by_year,
    "rischio_h3": risk_layers.hexagons,
    "correlazioni_indici": risk_layers.correlations,
    "indicatori": indicator_layers.described,
    "valori_indicatori": indicator_layers.of_units,
}
"""How the rows of each family are made; a new layer is a new entry here."""
