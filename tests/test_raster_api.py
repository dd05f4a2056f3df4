"""titiler over HTTP: it can only name a raster of the release, and nothing can be asked of it."""

from __future__ import annotations

import io

import h3
import numpy as np
import pytest
import rasterio
from fastapi.routing import APIRoute
from test_tiles_api import PUBLIC, client, problem, releases  # noqa: F401 - fixtures
from tiles_release import CENTRE, named

from api.tiles import raster
from geo_core.model.mercator import tile_range

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


def test_a_point_has_the_value_of_its_hexagon(client):  # noqa: F811
    frame = named("celle_r7").frame
    for cell, value in list(zip(frame["id"], frame["indice"], strict=True))[:12]:
        lat, lon = h3.cell_to_latlng(cell)
        found = client.get(f"/raster/celle_r7/point/{lon:.7f},{lat:.7f}").json()["values"]
        assert found == [None if np.isnan(value) else pytest.approx(value, rel=1e-6)]


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
