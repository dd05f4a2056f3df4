"""What a layer says of itself follows its content: invented or real, whose, which licence."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point
from test_cli import atlante

from geo_core.catalog import Catalog
from geo_core.ingest.lineage import (
    INVENTED,
    MOST,
    Lineage,
    content,
    lineages,
    owned,
    sourced,
    whole,
)
from geo_core.ingest.offices import services_at_offices
from geo_core.input_folder import MARKER, held, prepare, put
from geo_core.model.content import Content, content_of, described, licence_of, state_of
from geo_core.model.text import Text
from geo_core.place import supply
from geo_core.synth.folder import remove

OWNER = owned(Text(it="Provincia di Prova", en="Province of Test"), "CC-BY-4.0")
OSM = "© OpenStreetMap contributors (ODbL 1.0)"


def rows(*said: tuple[bool, str, str]) -> pd.DataFrame:
    return pd.DataFrame(said, columns=["dato_sintetico", "fonte", "licenza"])


REAL = (False, OWNER.it, "CC-BY-4.0")
FAKE = (True, INVENTED.it, "CC-BY-4.0")
MAPPED = (False, OSM, "ODbL-1.0")


def of(tmp_path, **register) -> dict[str, Lineage]:
    return lineages(tmp_path, register, {"confini": Lineage((Text(it="C", en="B"),))}, owner=OWNER)


@pytest.mark.parametrize(
    ("state", "title", "end"),
    [
        ("all", " (dimostrativo), esagoni", "da non usare per decidere."),
        ("some", " (in parte dimostrativo), esagoni", "se lo è."),
        ("none", "esagono, esagoni", ""),
    ],
)
def test_a_layer_says_how_much_of_it_is_invented(catalog: Catalog, state, title, end):
    layer = catalog.layer("offerta_h3_r7")
    said = described(layer, Content(synthetic=state, licence="CC-BY-4.0", sources=(OWNER,)))
    assert title in said.title.it
    assert said.title.it.endswith("km²")
    assert said.description.it == layer.description.it if not end else True
    assert said.description.it.endswith(end)
    assert ("inventat" in said.description.it.removeprefix(layer.description.it)) == bool(end)
    assert (said.synthetic, said.attribution, said.source) == (state, OWNER.it, OWNER)
    assert described(layer, content_of(said)) == said


def test_rows_decide_how_much_is_invented():
    assert [state_of(x) for x in ([], [False], [True, False], [True])] == [
        "none", "none", "some", "all",
    ]  # fmt: skip


def test_a_derived_layer_is_under_the_licence_that_its_rows_ask_for(catalog: Catalog, tmp_path):
    open_, shared = of(tmp_path, sedi=rows(REAL)), of(tmp_path, sedi=rows(REAL, MAPPED))
    derived = ("sedi", "servizi_sedi", "offerta_h3_r7", "accessibilita_h3_r8", "valutazioni_sedi",
               "valori_indicatori")  # fmt: skip
    for name in derived:
        layer = catalog.layer(name)
        assert content(layer, open_).licence == "CC-BY-4.0"
        assert content(layer, shared).licence == "ODbL-1.0"
        assert OSM in described(layer, content(layer, shared)).attribution
    for name in ("comuni", "patti", "bisogni_h3_r7", "popolazione_h3_r8", "ambiti"):
        assert content(catalog.layer(name), shared).licence == "CC-BY-4.0"


def test_every_licence_that_is_made_from_is_asked():
    assert licence_of({"CC-BY-4.0", "ODbL-1.0"}, otherwise="CC-BY-4.0") == "ODbL-1.0"
    assert licence_of({"CC-BY-4.0"}, otherwise="CC-BY-4.0") == "CC-BY-4.0"


def test_real_organisations_are_never_called_invented(catalog: Catalog, tmp_path):
    mixed = (False, f"IPA, AgID (CC BY 4.0); {OSM}", "ODbL-1.0")
    found = of(tmp_path, organizzazioni=rows(REAL, mixed))
    said = described(layer := catalog.layer("organizzazioni"), content(layer, found))
    assert said.synthetic == "none"
    assert said.title == layer.title
    assert said.attribution == f"{OWNER.it}; IPA, AgID (CC BY 4.0); {OSM}"
    assert content(layer, of(tmp_path, organizzazioni=rows(FAKE))).sources == (INVENTED,)


def test_many_sources_are_named_and_the_rest_counted(catalog: Catalog, tmp_path):
    many = rows(*((False, f"Fonte {i:02d}", "CC-BY-4.0") for i in range(MOST + 3)))
    said = content(catalog.layer("reti"), of(tmp_path, reti=many))
    assert len(said.sources) == MOST + 2
    assert said.sources[-1].it == "e altre 3 fonti (campo fonte)"


def test_only_the_marker_says_that_a_table_of_persons_is_invented(tmp_path):
    text = "pseudonimo,dato_sintetico\nx,true\n"
    (tmp_path / "rilevazioni.csv").write_text(text, encoding="utf-8")
    assert of(tmp_path)["rilevazioni"] == whole(invented=False, owner=OWNER)
    with held(tmp_path):
        (prepare(tmp_path) / "rilevazioni.csv").write_text(text, encoding="utf-8")
        put(tmp_path, invented=["rilevazioni.csv"])
    assert of(tmp_path)["rilevazioni"].synthetic == "all"
    with (tmp_path / "rilevazioni.csv").open("a", encoding="utf-8") as file:
        file.write("y,true\n")
    assert of(tmp_path)["rilevazioni"].synthetic == "none"


def test_a_layer_is_invented_where_a_part_of_a_table_is(catalog: Catalog, tmp_path):
    layer = catalog.layer("offerta_h3_r7")
    for said, state in ((rows(REAL, FAKE), "all"), (rows(FAKE), "all"), (rows(REAL), "none")):
        assert content(layer, of(tmp_path, sedi=said)).synthetic == state


def test_the_history_of_codes_is_not_the_districts_own(tmp_path):
    for name in ("comuni_storia", "ambiti"):
        (tmp_path / f"{name}.csv").write_text("x\n1\n", encoding="utf-8")
    (source,) = of(tmp_path)["comuni_storia"].sources
    assert source.it.startswith("Storia dei codici: OntoPiA")
    assert of(tmp_path)["ambiti"].sources == (OWNER,)


def test_a_row_that_names_its_source_keeps_it():
    said = pd.DataFrame(
        {"dato_sintetico": [False, False, True, True], "fonte": ["Ente", None, "Ente", None]}
    )
    assert sourced(said, owner=OWNER)["fonte"].tolist() == [
        "Ente", OWNER.it, "Ente", INVENTED.it,
    ]  # fmt: skip


def test_invented_rows_beside_real_ones_stay_and_are_told(tmp_path):
    folder = tmp_path / "input"
    with held(folder):
        prepared = prepare(folder)
        for name in ("sedi", "servizi", "reti"):
            row = "id,dato_sintetico\nA,true\n"
            (prepared / f"{name}.csv").write_text(row, encoding="utf-8")
        put(folder, invented=["sedi.csv", "servizi.csv", "reti.csv"])
    for name, state in (("sedi", "false"), ("reti", "true")):
        with (folder / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(f"B,{state}\n")
    said = atlante("synth", "--remove", "--home", tmp_path).stdout
    assert "taken out: servizi.csv" in said
    assert "sedi.csv has real rows too, and 1 invented one stays" in said
    assert "reti.csv has real rows too, and 2 invented ones stay" in said
    assert "atlante import sedi --withdraw KEY" in said


def test_invented_tables_are_taken_out_by_one_command(tmp_path):
    with held(tmp_path):
        folder = prepare(tmp_path)
        for name in ("sedi.csv", "ambiti.csv"):
            (folder / name).write_text("x\n", encoding="utf-8")
        put(tmp_path, invented=["sedi.csv", "ambiti.csv"])
    (tmp_path / "ambiti.csv").write_text("real\n", encoding="utf-8")
    assert remove(tmp_path) == ("sedi.csv",)
    assert {p.name for p in tmp_path.iterdir()} == {"ambiti.csv", MARKER}
    assert remove(tmp_path) == ()
    assert json.loads((tmp_path / MARKER).read_text(encoding="utf-8"))


def offices(*invented: bool) -> gpd.GeoDataFrame:
    n = len(invented)
    columns = {
        "id": [f"S{i}" for i in range(n)],
        "id_sede": [f"S{i}" for i in range(n)],
        "nome": "Sede",
        "servizi": "A",
        "posti": 10,
        "posti_liberi": None,
        "riservata": False,
        "cod_istat": [f"00200{i}" for i in range(n)],
        "dato_sintetico": list(invented),
        "fonte": [INVENTED.it if x else OSM for x in invented],
        "licenza": ["CC-BY-4.0" if x else "ODbL-1.0" for x in invented],
    }
    points = [Point(8.42 + i / 10, 45.32) for i in range(n)]
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")


def services(*, invented: bool) -> gpd.GeoDataFrame:
    said = FAKE if invented else REAL
    frame = rows(said).assign(id="A", id_servizio="A", nome="Nido", tipo_servizio="nido")
    return gpd.GeoDataFrame(frame, geometry=[None], crs="EPSG:4326")


def test_a_cell_is_invented_where_a_counted_row_is():
    none = offices()
    for service, expected in ((False, [True, False]), (True, [True, True])):
        cells = supply.supply(
            offices(True, False), services(invented=service), none, types=["nido"]
        )
        west_to_east = cells.loc[[supply._placed(offices(True, False))[i] for i in (0, 1)]]
        assert (west_to_east["inventati"] > 0).tolist() == expected
    chance = supply.supply(none, services(invented=False), offices(True), types=["nido"])
    assert chance["inventati"].tolist() == [1]


def test_a_service_at_a_mapped_office_is_under_the_licence_of_the_map():
    fields = ["id", "nome", "dato_sintetico", "fonte", "licenza"]
    made = services_at_offices(services(invented=False), offices(True, False), fields)
    assert made["licenza"].tolist() == ["CC-BY-4.0", "ODbL-1.0"]
    assert made["dato_sintetico"].tolist() == [True, False]
    assert made["fonte"].tolist() == [f"{OWNER.it}; {INVENTED.it}", f"{OWNER.it}; {OSM}"]


def test_a_title_has_one_pair_of_brackets_and_a_series_says_it_is_one(catalog: Catalog):
    for layer in catalog.layers:
        told = described(layer, content_of(layer).model_copy(update={"synthetic": "some"}))
        assert told.title.it.count("(") == told.title.en.count("(") == 1, told.title
        assert layer.series == ("per anno" in layer.description.it), layer.id
        assert layer.series == ("each area and year" in layer.description.en), layer.id
