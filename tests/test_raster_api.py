"""titiler over HTTP: it can only name a raster of the release, and nothing can be asked of it."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import h3
import numpy as np
import pyproj
import pytest
import rasterio
from fastapi.routing import APIRoute
from test_tiles_api import PUBLIC, client, problem, releases  # noqa: F401 - fixtures
from tiles_release import CENTRE, named, style

from api.tiles import legend, raster
from geo_core.model.mercator import tile_range
from geo_core.model.style import Swatch
from geo_core.model.text import Text

SAID = Text(it="Da 0 a 4", en="0 to 4")
HERE = tile_range((CENTRE[1], CENTRE[0]) * 2, 11)
TILE = f"/raster/celle_r7/tiles/WebMercatorQuad/11/{HERE.min_x}/{HERE.min_y}.png"


def picture(content):
    with rasterio.MemoryFile(io.BytesIO(content)) as memory, memory.open(driver="PNG") as source:
        return source.read()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_tile_has_the_colours_of_the_style(client):  # noqa: F811
    answer = client.get(TILE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    red, green, blue, alpha = picture(answer.content)
    assert red.shape == (256, 256)
    shown = {tuple(c) for c in np.stack((red, green, blue))[:, alpha > 0].T.tolist()}
    assert shown == {(0xF8, 0xD9, 0xB0), (0x52, 0x1C, 0x30)}
    assert set(np.unique(alpha)) <= {0, 255}


def test_a_client_that_has_the_tile_gets_304(client):  # noqa: F811
    etag = client.get(TILE).headers["etag"]
    again = client.get(TILE, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(TILE).status_code == 200


def test_a_tile_is_made_once_and_sent_again_as_each_address_has_it(client, releases, monkeypatch):  # noqa: F811
    other = tile_range((CENTRE[1], CENTRE[0]) * 2, 10)
    tile = f"/raster/celle_r7/tiles/WebMercatorQuad/10/{other.min_x}/{other.min_y}.png"
    pinned = f"/releases/{releases.current.release.id}{tile}"
    first = {address: client.get(address) for address in (tile, pinned)}

    def unable(*_args, **_kwargs):
        raise AssertionError

    monkeypatch.setattr(raster.rasterio, "Env", unable)
    for address, answer in first.items():
        again = client.get(address)
        assert (again.status_code, again.content) == (200, answer.content)
        assert again.headers["cache-control"] == answer.headers["cache-control"]
    assert "immutable" in first[pinned].headers["cache-control"]
    assert first[tile].headers["cache-control"] == "no-cache"


def test_a_point_has_the_value_of_its_hexagon(client):  # noqa: F811
    frame = named("celle_r7").frame
    for cell, value in list(zip(frame["id"], frame["indice"], strict=True))[:12]:
        lat, lon = h3.cell_to_latlng(cell)
        found = client.get(f"/raster/celle_r7/point/{lon:.7f},{lat:.7f}").json()["values"]
        assert found == [None if np.isnan(value) else pytest.approx(value, rel=1e-6)]


def test_a_point_has_its_class_in_words_and_in_colour(client):  # noqa: F811
    frame = named("celle_r7").frame
    seen = set()
    for cell, value in zip(frame["id"], frame["indice"], strict=True):
        lat, lon = h3.cell_to_latlng(cell)
        found = client.get(f"/raster/celle_r7/point/{lon:.7f},{lat:.7f}").json()
        seen.add(found["colour"])
        if np.isnan(value):
            assert (found["class"], found["colour"]) == (None, None)
            assert found["nothing"] == ["Nessun valore", "Nessuna area pubblicata in questo punto"]
        else:
            styled = next(c for c in style().classes if c.holds(value))
            assert (found["class"], found["colour"]) == (styled.title.it, styled.colour)
            assert found["nothing"] is None
    assert seen == {None, "#f8d9b0", "#521c30"}


def test_a_point_says_it_in_the_language_asked_for(client):  # noqa: F811
    lat, lon = h3.cell_to_latlng(named("celle_r7").frame["id"][1])
    place = f"{lon:.7f},{lat:.7f}"
    found = client.get(f"/raster/celle_r7/point/{place}", params={"lang": "en"}).json()
    assert found["title"] == named("celle_r7").layer.field("indice").title.en
    assert found["class"] == "Test"


def test_the_list_leads_to_every_raster_and_every_address_answers(client):  # noqa: F811
    listed = client.get("/raster").json()
    assert [one["id"] for one in listed["rasters"]] == ["celle_r6", "celle_r7", "celle_r8"]
    one = listed["rasters"][1]
    assert (one["id"], one["collection"], one["field"]) == ("celle_r7", "celle_r7", "indice")
    assert (one["minzoom"], one["maxzoom"], one["metres"]) == (6, 12, 50)
    alone = client.get("/raster/celle_r7").json()
    assert {k: v for k, v in alone.items() if k not in {"links", "legend"}} == {
        k: v for k, v in one.items() if k != "links"
    }
    assert alone["legend"] == client.get("/raster/celle_r7/legend").json()
    elsewhere = ("/collections/", "/download/")  # not served by this small server
    for link in [*listed["links"], *one["links"], *alone["links"]]:
        assert link["href"].startswith(PUBLIC)
        path = link["href"].removeprefix(PUBLIC)
        path = path.replace("{lon},{lat}", "8.42,45.32")
        path = path.replace("{z}/{x}/{y}", f"11/{HERE.min_x}/{HERE.min_y}")
        if not path.startswith(elsewhere):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].startswith(link["type"])


@pytest.mark.parametrize("lang", ["it", "en"])
@pytest.mark.parametrize("path", ["/raster", "/raster/celle_r7"])
def test_there_is_a_page_that_says_how_to_add_it(client, path, lang):  # noqa: F811
    page = client.get(path, params={"f": "html", "lang": lang})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "QGIS" in page.text
    assert "/wmts/1.0.0/WMTSCapabilities.xml" in page.text
    assert f'<html lang="{lang}">' in page.text


class TestLegend:
    def test_as_json_it_has_the_classes_of_the_style_and_names_what_is_transparent(self, client):  # noqa: F811
        found = client.get("/raster/celle_r7/legend", params={"lang": "en"}).json()
        assert found["classes"] == [
            {"title": "Test", "colour": "#f8d9b0", "max": 20.0},
            {"title": "Test", "colour": "#521c30", "min": 20.0},
        ]
        assert [one["kind"] for one in found["transparent"]] == ["missing", "outside"]

    def test_as_a_picture_it_is_svg_with_every_row(self, client):  # noqa: F811
        answer = client.get("/raster/celle_r7/legend", params={"f": "svg", "lang": "en"})
        assert answer.headers["content-type"] == "image/svg+xml"
        svg = ET.fromstring(answer.content)
        space = "{http://www.w3.org/2000/svg}"
        said = client.get("/raster/celle_r7/legend", params={"lang": "en"}).json()
        texts = [element.text for element in svg.iter(f"{space}text")]
        titles = [row["title"] for row in said["classes"]]
        empty = [f"{row['title']} (transparent)" for row in said["transparent"]]
        assert texts == [said["title"], *titles, *empty]
        fills = [element.get("fill") for element in svg.iter(f"{space}rect")][1:]
        assert fills == [row["colour"] for row in said["classes"]] + ["none"] * len(empty)
        assert max(map(len, texts)) * 8 < int(svg.get("width")) < 2000

    def test_a_style_with_a_band_has_three_kinds_of_nothing(self):
        banded = style().model_copy(update={"band": Swatch(colour="#ffffff", title=SAID)})
        raster_ = SimpleNamespace(style=banded)
        assert [one.kind for one in legend.nothing(raster_)] == ["band", "missing", "outside"]

    @pytest.mark.parametrize("query", ["f=png", "width=10", "f=html"])
    def test_nothing_else_can_be_asked(self, client, query):  # noqa: F811
        problem(client.get(f"/raster/celle_r7/legend?{query}"), 400)


OWS = "{http://www.opengis.net/ows/1.1}"
WMTS = "{http://www.opengis.net/wmts/1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
CAPABILITIES = ["/raster/wmts", "/raster/celle_r7/wmts"]


class TestWmts:
    @pytest.mark.parametrize("home", CAPABILITIES)
    @pytest.mark.parametrize(
        "rest",
        [
            "",
            "/1.0.0/WMTSCapabilities.xml",
            "?SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0",
            "?service=WMTS&request=GetCapabilities",
        ],
    )
    def test_it_names_each_raster_and_the_limits_of_its_tiles(self, client, home, rest):  # noqa: F811
        answer = client.get(home + rest)
        assert answer.headers["content-type"] == "application/xml"
        top = ET.fromstring(answer.content)
        layers = {e.findtext(f"{OWS}Identifier"): e for e in top.iter(f"{WMTS}Layer")}
        all_ = {"celle_r6", "celle_r7", "celle_r8"}
        assert set(layers) == ({"celle_r7"} if "celle_r7" in home else all_)
        layer = layers["celle_r7"]
        (template,) = (e.get("template") for e in layer.iter(f"{WMTS}ResourceURL"))
        limits = [[int(part.text) for part in e] for e in layer.iter(f"{WMTS}TileMatrixLimits")]
        assert [one[0] for one in limits] == list(range(6, 13))
        for zoom, low_row, high_row, low_column, high_column in limits:
            places = {"TileMatrix": zoom, "TileCol": low_column, "TileRow": high_row}
            path = template.removeprefix(PUBLIC).format(**places)
            assert client.get(path).status_code == 200
            beyond = template.removeprefix(PUBLIC).format(**places | {"TileRow": high_row + 1})
            assert client.get(beyond).status_code == 404
            assert (low_row <= high_row, low_column <= high_column) == (True, True)

    def test_boxes_agree_and_the_legend_answers(self, client):  # noqa: F811
        top = ET.fromstring(client.get("/raster/celle_r7/wmts").content)
        (layer,) = top.iter(f"{WMTS}Layer")
        degrees, metres_ = (
            [float(n) for corner in layer.find(f"{OWS}{name}") for n in corner.text.split()]
            for name in ("WGS84BoundingBox", "BoundingBox")
        )
        assert degrees == client.get("/raster/celle_r7").json()["bounds"]
        to_metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
        assert metres_ == pytest.approx(to_metres.transform_bounds(*degrees), abs=0.01)
        legend_ = next(layer.iter(f"{WMTS}LegendURL"))
        answer = client.get(legend_.get(f"{XLINK}href").removeprefix(PUBLIC))
        assert answer.headers["content-type"] == legend_.get("format") == "image/svg+xml"

    def test_the_grid_is_that_of_google_maps(self, client):  # noqa: F811
        top = ET.fromstring(client.get("/raster/wmts").content)
        (grid,) = top.find(f"{WMTS}Contents").findall(f"{WMTS}TileMatrixSet")
        assert grid.findtext(f"{WMTS}WellKnownScaleSet").endswith("GoogleMapsCompatible")
        for matrix in grid.iter(f"{WMTS}TileMatrix"):
            zoom = int(matrix.findtext(f"{OWS}Identifier"))
            scale = float(matrix.findtext(f"{WMTS}ScaleDenominator"))
            assert scale == pytest.approx(559_082_264.0287178 / 2**zoom)  # OGC 07-057r7, table E.4
            assert int(matrix.findtext(f"{WMTS}MatrixWidth")) == 2**zoom
            corner = [float(n) for n in matrix.findtext(f"{WMTS}TopLeftCorner").split()]
            assert corner == pytest.approx([-20037508.3428, 20037508.3428])

    @pytest.mark.parametrize(("lang", "title"), [("it", "Celle"), ("en", "Celle")])
    def test_titles_are_in_the_language_asked_for(self, client, lang, title):  # noqa: F811
        top = ET.fromstring(client.get("/raster/wmts", params={"lang": lang}).content)
        name = next(top.iter(f"{WMTS}Layer")).find(f"{OWS}Title")
        assert title in name.text
        assert name.get("{http://www.w3.org/XML/1998/namespace}lang") == lang

    @pytest.mark.parametrize(
        "query",
        [
            "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=celle_r7&TILEMATRIX=6",
            "service=WMTS&request=GetFeatureInfo",
            "SERVICE=WMS&REQUEST=GetCapabilities",
            "SERVICE=WMTS&VERSION=2.0.0",
            "service=WMTS&SERVICE=WMTS",
            "REQUEST=GetCapabilities&REQUEST=GetCapabilities",
            "Sections=All",
        ],
    )
    def test_what_it_does_not_do_is_refused(self, client, query):  # noqa: F811
        said = problem(client.get(f"/raster/wmts?{query}"), 400)
        assert ("ResourceURL" in said.get("hint", "")) == ("GetTile" in query or "Info" in query)


def test_info_and_tilejson(client):  # noqa: F811
    info = client.get("/raster/celle_r7/info").json()
    assert (info["dtype"], info["field"], info["driver"]) == ("float32", "indice", "GTiff")
    found = client.get("/raster/celle_r7/tilejson.json", headers={"host": "evil.example"}).json()
    assert found["tiles"] == [
        f"{PUBLIC}/raster/celle_r7/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}.png"
    ]
    assert (found["minzoom"], found["maxzoom"]) == (6, 12)
    assert len(found["bounds"]) == 4


def test_only_four_resources_are_registered():
    paths = {
        route.path for route in raster.RasterTiler().router.routes if isinstance(route, APIRoute)
    }
    assert paths == {
        "/tiles/WebMercatorQuad/{z}/{x}/{y}.png",
        "/tilejson.json",
        "/info",
        "/point/{lon},{lat}",
    }


QUERIES = [
    "url=http://127.0.0.1:9/a.tif",
    "url=/vsicurl/http://127.0.0.1:9/a.tif",
    "url=%3CGDAL_WMS%3E",
    "url=file:///etc/passwd",
    "expression=__import__('os')",
    "bidx=1",
    "rescale=0,1",
    "colormap_name=viridis",
    "colormap=%7B%7D",
    "tilesize=100000",
    "algorithm=hillshade",
    "nodata=0",
    "resampling=average",
    "return_mask=false",
    "buffer=1000",
    "foo=bar",
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_parameter_exists(client, query):  # noqa: F811
    for address in (TILE, "/raster/celle_r7/info", "/raster/celle_r7/point/8.42,45.32"):
        problem(client.get(f"{address}?{query}"), 400)


ABSENT = [
    "/raster/altro/info",
    "/raster/aree/info",
    "/raster/..%2f..%2fetc%2fpasswd/info",
    "/raster/%2fvsicurl%2fhttp:%2f%2f127.0.0.1:9%2fa.tif/info",
    "/raster/celle_r7/preview",
    "/raster/celle_r7/preview/20000x20000.png",
    "/raster/celle_r7/bbox/8,45,9,46.png",
    "/raster/celle_r7/statistics",
    "/raster/celle_r7/info.geojson",
    "/raster/celle_r7/map",
    "/raster/celle_r7/WebMercatorQuad/tilejson.json",
    TILE.replace(".png", "@10000x.png"),
    TILE.replace(".png", "@2x.png"),
    "/raster/celle_r7/legend.png",
    "/raster/altro/wmts",
    "/raster/altro/legend",
    "/raster/altro",
    "/raster/celle_r7/wmts/2.0.0/WMTSCapabilities.xml",
    TILE.replace(".png", ".tif"),
    TILE.replace("WebMercatorQuad", "WorldCRS84Quad"),
    "/raster/celle_r7/tiles/WebMercatorQuad/11/0/0.png",
    "/raster/celle_r7/tiles/WebMercatorQuad/5/16/11.png",
    "/raster/celle_r7/tiles/WebMercatorQuad/22/2195264/1500000.png",
    TILE.replace("/11/", "/011/"),
    "/raster/celle_r7/point/8.42,145.32",
    "/raster/celle_r7/point/nan,nan",
    "/raster/celle_r7/point/1e1,45",
    "/raster/celle_r7/point/120,10",
]


@pytest.mark.parametrize("address", ABSENT)
def test_what_does_not_exist_is_404(client, address):  # noqa: F811
    problem(client.get(address), 404)
