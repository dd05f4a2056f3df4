"""What importers bring stands up to the checks of the build, and nothing secret is looked up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_core.catalog import CodeList, read_catalog
from geo_core.importers import five_per_thousand, osm
from geo_core.importers.base import Context
from geo_core.ingest.kinds import References
from geo_core.ingest.problems import Checked
from geo_core.ingest.register import check_register
from geo_core.ingest.rules import TABLES
from geo_core.model.layer import LayerDocument
from geo_core.strict_yaml import read_document
from geo_core.uploads.checking import Around
from geo_core.uploads.consequences import consequences

LIST = (
    "codice_fiscale,denominazione,nome_comune,codice_comune,ets_e_onlus\n"
    "94000000021,UNO ODV,VERCELLI,002158,X\n"
    "94000000022,DUE ODV,VARALLO,002156,X\n"
)
OFFICE = {"id_sede": "D1", "nome": "Sede", "tipo_sede": "sportello_sociale",
          "id_org": "CF-94000000021", "cod_istat": "002158", "indirizzo": "v. Inventata n. 3",
          "riservata": "false"}  # fmt: skip


@pytest.fixture
def documents(root: Path) -> dict[str, LayerDocument]:
    return {name: read_document(root / f"layers/{name}.yml", LayerDocument) for name in TABLES}


@pytest.fixture
def town(municipalities: gpd.GeoDataFrame) -> shapely.Point:
    return municipalities.set_index("cod_istat").geometry["002158"].representative_point()


def checked(
    context: Context, root: Path, documents: Mapping[str, LayerDocument]
) -> dict[str, Checked[gpd.GeoDataFrame]]:
    lists = (root / "layers" / "codelists").glob("*.yml")
    return check_register(
        context.input,
        documents,
        codelists={path.stem: read_document(path, CodeList).published for path in lists},
        municipalities=context.municipalities,
        bodies={},
    )


def keep(context: Context, tables: Mapping[str, pd.DataFrame]) -> None:
    for name, table in tables.items():
        table.to_csv(context.input / f"{name}.csv", index=False)


@pytest.fixture
def bodies(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "elenco.csv"
    path.write_text(LIST, encoding="utf-8")
    keep(context, five_per_thousand.IMPORTER.read([path], context).tables)


@pytest.mark.usefixtures("bodies")
def test_imported_bodies_are_accepted_and_placed_in_their_municipality(
    context: Context, root: Path, documents: dict[str, LayerDocument]
) -> None:
    done = checked(context, root, documents)["organizzazioni"]
    assert not done.problems
    assert done.geocoded == {"comune": 2}
    assert set(done.frame["qualita_geocodifica"]) == {"comune"}
    assert done.frame["fonte"].str.startswith("Cinque per mille").all()
    assert not done.frame["dato_sintetico"].any()
    areas = context.municipalities.set_index("cod_istat").geometry
    for code, point in zip(done.frame["cod_istat"], done.frame.geometry, strict=True):
        assert areas[code].covers(point)


@pytest.mark.usefixtures("bodies")
def test_an_address_is_found_and_a_secret_office_is_not_looked_up(
    context: Context, root: Path, documents: dict[str, LayerDocument], town: shapely.Point
) -> None:
    address = {"cod_istat": "002158", "odonimo": "VIA INVENTATA", "localita": "", "civico": "3",
               "lon": f"{town.x:.7f}", "lat": f"{town.y:.7f}"}  # fmt: skip
    hidden = {**OFFICE, "id_sede": "D2", "tipo_sede": "centro_antiviolenza", "riservata": "true"}
    keep(
        context,
        {"indirizzi": pd.DataFrame([address]), "sedi": pd.DataFrame([OFFICE, hidden])},
    )
    done = checked(context, root, documents)["sedi"]
    assert not done.problems
    assert (done.geocoded, done.withheld) == ({"civico": 1}, 1)
    office, secret = done.frame.set_index("id").loc[["D1", "D2"]].to_dict("records")
    assert office["qualita_geocodifica"] == "civico"
    assert (office["geometry"].x, office["geometry"].y) == pytest.approx((town.x, town.y))
    assert secret["geometry"] is None
    assert secret["qualita_geocodifica"] is None
    assert secret["indirizzo"] is None


def test_rows_of_the_open_map_keep_their_licence_and_no_other_is_taken(
    context: Context,
    root: Path,
    documents: dict[str, LayerDocument],
    town: shapely.Point,
    tmp_path: Path,
) -> None:
    tags = {"@id": "node/1", "amenity": "social_facility", "social_facility": "food_bank",
            "name": "Emporio di prova", "operator": "Ente di prova"}  # fmt: skip
    feature = {"type": "Feature", "properties": tags,
               "geometry": {"type": "Point", "coordinates": [town.x, town.y]}}  # fmt: skip
    path = tmp_path / "export.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    brought = osm.IMPORTER.read([path], context).tables
    catalog = read_catalog(root)
    everything = frozenset(context.municipalities["cod_istat"])
    around = Around(
        context.input,
        catalog,
        context.district,
        context.municipalities,
        everything,
        References(),
        {},
    )
    assert set(brought["organizzazioni"]["licenza"]) == {"ODbL-1.0"}
    assert not any(consequences(brought, around).own.values())
    others = {name: table.assign(licenza="CC-BY-NC-4.0") for name, table in brought.items()}
    refused = consequences(others, around).own
    assert {p.column for p in refused["organizzazioni"]} == {"licenza"}
    keep(context, brought)
    accepted = checked(context, root, documents)
    assert not accepted["sedi"].problems
    assert accepted["sedi"].frame["licenza"].tolist() == ["ODbL-1.0"]
    assert accepted["sedi"].frame["fonte"].str.contains("OpenStreetMap").all()
