"""OpenStreetMap: the offices that are wanted, no secret place, no person, one licence."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from accounts import left_out

from geo_core.errors import IngestError
from geo_core.importers import osm
from geo_core.importers.base import Context, Imported

type Tags = dict[str, str]

DESK = {
    "@id": "node/101", "amenity": "social_facility", "social_facility": "outreach",
    "name": "Sportello di prova", "operator": "Comune di Prova", "operator:type": "public",
    "addr:street": "Via Inventata", "addr:housenumber": "12/A", "addr:postcode": "13100",
    "opening_hours": "Mo-Fr 09:00-12:00", "wheelchair": "yes", "toilets:wheelchair": "no",
    "contact:phone": "+39 0161 000000", "contact:email": "mario.rossi@prova.example",
    "capacity": "20",
}  # fmt: skip


@pytest.fixture
def inside(municipalities: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return a point of the town of Vercelli."""
    point = municipalities.set_index("cod_istat").geometry["002158"].representative_point()
    return point.x, point.y


def imported(
    context: Context, folder: Path, at: tuple[float, float], *objects: Tags, shape: str = "Point"
) -> Imported:
    x, y = at
    ring = [[x, y], [x + 1e-4, y], [x + 1e-4, y + 1e-4], [x, y + 1e-4], [x, y]]
    place = list(at) if shape == "Point" else [ring]
    collection = {
        "type": "FeatureCollection",
        "generator": "overpass-turbo",
        "copyright": "The data included in this document is from www.openstreetmap.org.",
        "features": [
            {"type": "Feature", "id": tags["@id"], "properties": tags,
             "geometry": {"type": shape, "coordinates": place}}
            for tags in objects
        ],
    }  # fmt: skip
    path = folder / "export.geojson"
    path.write_text(json.dumps(collection), encoding="utf-8")
    return osm.IMPORTER.read([path], context)


def test_an_office_comes_in_with_its_operator_and_licence(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    done = imported(context, tmp_path, inside, DESK)
    (office,) = done.tables["sedi"].to_dict("records")
    (owner,) = done.tables["organizzazioni"].to_dict("records")
    assert office == {
        "id_sede": "OSM-n101", "nome": "Sportello di prova", "tipo_sede": "sportello_sociale",
        "id_org": owner["id_org"], "indirizzo": "Via Inventata, 12/A", "cap": "13100",
        "cod_istat": "002158", "orari": "Mo-Fr 09:00-12:00", "accessibilita_gradini": "false",
        "accessibilita_bagno": "false", "posti": "", "riservata": "false",
        "qualita_geocodifica": "civico", "lon": f"{inside[0]:.7f}", "lat": f"{inside[1]:.7f}",
        "dato_sintetico": "false", "fonte": "© OpenStreetMap contributors (ODbL 1.0)",
        "licenza": "ODbL-1.0",
    }  # fmt: skip
    assert (owner["denominazione"], owner["tipo"]) == ("Comune di Prova", "comune")
    assert (owner["licenza"], owner["fonte"]) == ("ODbL-1.0", office["fonte"])
    assert set(done.dropped) == {"id", "contact:phone", "contact:email"}
    assert "mario" not in (done.tables["sedi"].to_csv() + done.tables["organizzazioni"].to_csv())


KINDS: list[tuple[Tags, str | None]] = [
    ({"social_facility": "day_care"}, "centro_diurno"),
    ({"social_facility": "nursing_home"}, "struttura_residenziale"),
    ({"social_facility": "assisted_living"}, "struttura_residenziale"),
    ({"social_facility": "group_home", "social_facility:for": "senior;disabled"},
     "struttura_residenziale"),
    ({"social_facility": "shelter", "social_facility:for": "homeless"}, "accoglienza"),
    ({"social_facility": "soup_kitchen"}, "mensa"),
    ({"social_facility": "food_bank"}, "emporio"),
    ({"amenity": "childcare", "social_facility": ""}, "nido"),
    ({"amenity": "kindergarten", "social_facility": "", "name": "Asilo nido di prova"}, "nido"),
    ({"amenity": "kindergarten", "social_facility": "", "name": "Scuola materna"}, None),
    ({"amenity": "nursing_home", "social_facility": ""}, "struttura_residenziale"),
    ({"amenity": "community_centre", "social_facility": ""}, "centro_aggregazione"),
    ({"amenity": "", "social_facility": "", "office": "employment_agency",
      "name": "Centro per l'impiego"}, "centro_impiego"),
    ({"amenity": "", "social_facility": "", "office": "employment_agency",
      "name": "Agenzia interinale"}, None),
    ({"amenity": "restaurant", "social_facility": ""}, None),
    ({"social_facility": "day_care", "name": ""}, None),
]  # fmt: skip


def test_tags_give_the_kind(context: Context, tmp_path: Path, inside: tuple[float, float]) -> None:
    objects = [{**DESK, **tags, "@id": f"node/{n}"} for n, (tags, _) in enumerate(KINDS)]
    offices = imported(context, tmp_path, inside, *objects).tables["sedi"]
    found = dict(zip(offices["id_sede"], offices["tipo_sede"], strict=True))
    assert found == {f"OSM-n{n}": kind for n, (_, kind) in enumerate(KINDS) if kind is not None}


SECRET: list[Tags] = [
    {"social_facility": "shelter"},
    {"social_facility": "shelter", "social_facility:for": "homeless;abused"},
    {"social_facility": "shelter", "social_facility:for": "migrant"},
    {"social_facility": "group_home"},
    {"social_facility": "group_home", "social_facility:for": "women"},
    {"social_facility": "group_home", "social_facility:for": "child"},
    {"social_facility:for": "victim"},
    {"name": "Centro Antiviolenza di prova"},
    {"description": "Sportello per donne maltrattate"},
    {"operator": "Associazione contro la VIOLENZA"},
    {"note": "numero 1522"},
    {"amenity": "refugee_site"},
    {"women": "yes"},
    {"alt_name": "Casa rifugio"},
]


def test_a_place_that_may_be_secret_is_never_taken(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    hidden = [{**DESK, **tags, "@id": f"node/{n}"} for n, tags in enumerate(SECRET)]
    done = imported(context, tmp_path, inside, *hidden, DESK)
    assert done.tables["sedi"]["id_sede"].tolist() == ["OSM-n101"]
    assert len(done.tables["organizzazioni"]) == 1


def test_an_address_does_not_make_a_place_secret(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    done = imported(context, tmp_path, inside, {**DESK, "addr:street": "Via Madre Teresa"})
    assert len(done.tables["sedi"]) == 1


def test_operators_that_are_persons_are_not_named(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    done = imported(context, tmp_path, inside, {**DESK, "operator": "Dott. Mario Rossi"})
    assert done.tables["organizzazioni"]["denominazione"].tolist() == ["Sportello di prova"]


def test_areas_are_placed_inside_and_others_left_out(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    done = imported(context, tmp_path, inside, {**DESK, "@id": "way/7"}, shape="Polygon")
    (office,) = done.tables["sedi"].to_dict("records")
    assert office["id_sede"] == "OSM-w7"
    assert inside[0] < float(office["lon"]) < inside[0] + 1e-4
    rome = imported(context, tmp_path, (12.5, 41.9), DESK)
    assert len(rome.tables["sedi"]) == 0
    assert left_out(rome) == {"of other municipalities": 1}


def test_osmium_names_objects_by_type_and_number(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    done = imported(context, tmp_path, inside, {**DESK, "@id": "55", "@type": "relation"})
    assert done.tables["sedi"]["id_sede"].tolist() == ["OSM-r55"]


def test_earlier_rows_of_the_map_are_replaced_and_others_stay(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    first = imported(context, tmp_path, inside, DESK)
    own = pd.DataFrame([{"id_sede": "NOSTRA", "nome": "Nostra", "orari": "", "fonte": ""}])
    together = pd.concat([own, first.tables["sedi"]]).fillna("")
    together.to_csv(context.input / "sedi.csv", index=False)
    again = imported(context, tmp_path, inside, {**DESK, "@id": "node/102"})
    assert again.tables["sedi"]["id_sede"].tolist() == ["NOSTRA", "OSM-n102"]
    assert again.tables["sedi"]["licenza"].tolist() == ["", "ODbL-1.0"]


def test_a_wide_export_is_read_and_another_file_refused(
    context: Context, tmp_path: Path, inside: tuple[float, float]
) -> None:
    many = {f"tag:{number}": "x" for number in range(600)}
    assert len(imported(context, tmp_path, inside, {**DESK, **many}).tables["sedi"]) == 1
    path = tmp_path / "altro.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"a": 1},
             "geometry": {"type": "Point", "coordinates": [8, 45]}}]}),
        encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(IngestError, match="no export of OpenStreetMap"):
        osm.IMPORTER.read([path], context)
