"""A switch of releases under load: tiles, zones, features and documents each belong to one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import geopandas as gpd
import h3
import pytest
from api_release import ROOT, field, origin
from publication import PUBLICATION
from starlette.testclient import TestClient
from strict_mvt import decode
from tiles_release import CENTRE, hexagon

from api.app import create_app
from api.settings import Settings
from geo_core.catalog import read_catalog
from geo_core.model.layer import LayerDocument
from geo_core.model.mercator import tile_range
from geo_core.model.tables import OpenTable
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.pointer import switch
from geo_core.release.write import publish, staging

CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(*CENTRE, 7), 6))
HERE = tile_range((CENTRE[1], CENTRE[0]) * 2, 9)
SWITCHES = 20
ZONE = h3.cell_to_parent(CELLS[0], 4)
ADDRESSES = {
    "items": "/collections/prova_h3_r7/items?limit=200",
    "item": f"/collections/prova_h3_r7/items/{CELLS[5]}",
    "tile": f"/xyz/prova_h3_r7/9/{HERE.min_x}/{HERE.min_y}.mvt",
    "ogc": f"/collections/prova_h3_r7/tiles/WebMercatorQuad/9/{HERE.min_y}/{HERE.min_x}",
    "zones": f"/collections/prova_h3_r7/dggs/H3/zones/{ZONE}/data?zone-depth=3&f=geojson",
    "sums": f"/collections/prova_h3_r7/dggs/H3/zones/{ZONE}/data",
    "filter": "/collections/prova_h3_r7/dggs/H3/zones?filter=numero > 10",
    "csv": "/collections/prova_h3_r7/items?f=csv",
}


def document() -> LayerDocument:
    return LayerDocument(
        title=Text(it="Prova", en="Test"),
        description=Text(it="Una raccolta di prova.", en="A collection for tests."),
        group="rischio",
        sensitivity="A",
        geometry="MultiPolygon",
        resolutions=(7,),
        fields={
            "h3": field("text"),
            "numero": field("integer", "persone") | {"aggregate": "sum"},
        },
    )


def publish_number(root, number):
    """Publish a release in which every figure of every feature is one number."""
    (declared,) = document().resolve("prova_h3")
    layer = declared.model_copy(
        update={"source": Text(it="Prova", en="Test"), "attribution": "Atlante"}
    )
    n = len(CELLS)
    columns = {
        "id": CELLS,
        "h3": CELLS,
        "numero": [number] * n,
        "valido_dal": [None] * n,
        "valido_al": [None] * n,
        "aggiornato_il": ["2023-12-31"] * n,
        **{name: [value] * n for name, value in origin().items()},
    }
    shapes = gpd.GeoSeries([hexagon(cell) for cell in CELLS], crs="EPSG:4326")
    frame = gpd.GeoDataFrame(columns, geometry=shapes)
    table = OpenTable(layer, frame[[*layer.field_names, "geometry"]])
    contents = Contents(
        tables=(table,),
        inputs=(),
        statements=[],
        title=Text(it="Prova", en="Test"),
        reference_date="2023-12-31",
        publication=PUBLICATION,
    )
    catalog = replace(read_catalog(ROOT), layers=(layer,), styles={})
    with staging(root) as folder:
        return publish(root, folder, compose(folder, contents, catalog)).id


def numbers(name, answer):
    """Return the different figures of an answer, of one feature each."""
    if name in {"tile", "ogc"}:
        (layer,) = decode(answer.content).values()
        return {feature.properties["numero"] for feature in layer.features}
    if name == "csv":
        return {int(row.split(",")[2]) for row in answer.text.splitlines()[1:]}
    if name == "filter":
        return {bool(answer.json()["zones"])}
    if name == "sums":
        held = sum(h3.cell_to_parent(cell, 4) == ZONE for cell in CELLS)
        return {value / held for value in answer.json()["values"]["numero"][0]["data"]}
    if name == "item":
        return {answer.json()["properties"]["numero"]}
    return {one["properties"]["numero"] for one in answer.json()["features"]}


def meant(name, number):
    return {number > 10} if name == "filter" else {number}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    root = tmp_path_factory.mktemp("switched")
    return root, {publish_number(root, number): number for number in (7, 4000)}


def test_every_shape_belongs_to_one_release_while_the_pointer_moves(two):
    root, releases = two
    app = create_app(Settings(releases=root))
    stop, switched = threading.Event(), 0
    bodies: dict[tuple[str, str], bytes] = {}
    seen: dict[str, set[int]] = {}

    def keep_switching():
        nonlocal switched
        while not stop.is_set():
            for ident in releases:
                switch(root, ident)
                app.releases.refresh()
                switched += 1
                stop.wait(0.02)

    def ask(client, name):
        answer = client.get(ADDRESSES[name])
        assert answer.status_code == 200, answer.text
        found = numbers(name, answer)
        number = next(n for n in releases.values() if found == meant(name, n))
        # An ETag names one body, whichever release was current when it was asked for.
        kept = bodies.setdefault((name, answer.headers["etag"]), answer.content)
        assert kept == answer.content
        seen.setdefault(name, set()).add(number)

    switcher = threading.Thread(target=keep_switching)
    # One event loop for all requests, as a serving process has.
    with TestClient(app) as client, ThreadPoolExecutor(4) as pool:
        switcher.start()
        try:
            while switched < SWITCHES:
                for done in [pool.submit(ask, client, name) for name in ADDRESSES]:
                    done.result()
        finally:
            stop.set()
            switcher.join()
    assert all(numbers_seen == set(releases.values()) for numbers_seen in seen.values()), seen


def test_an_address_that_names_a_release_has_its_figures_in_every_shape(two):
    root, releases = two
    client = TestClient(create_app(Settings(releases=root)))
    for ident, number in releases.items():
        for name, address in ADDRESSES.items():
            answer = client.get(f"/releases/{ident}{address}")
            assert answer.status_code == 200, address
            assert numbers(name, answer) == meant(name, number), (ident, name)
            assert "immutable" in answer.headers["cache-control"]
