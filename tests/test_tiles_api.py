"""Vector tiles over HTTP: the right bytes inside the range, nothing outside, validators."""

from __future__ import annotations

import gzip
from dataclasses import replace

import jsonschema
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient
from strict_mvt import decode
from tiles_release import named, publish_tiles

from api.coding import accepts_gzip
from api.errors import on_error, on_http_exception
from api.middleware import Boundary
from api.served import Releases
from api.settings import Settings
from api.tiles import raster, vector
from geo_core.errors import AtlanteError
from geo_core.formats.pmtiles import inflate
from geo_core.model.mercator import tile_range

PUBLIC = "https://dati.example.it/atlante"


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    root = tmp_path_factory.mktemp("releases")
    publish_tiles(root)
    return Releases(Settings(releases=root, public_url=PUBLIC))


@pytest.fixture(scope="module")
def client(releases):
    app = FastAPI(routes=vector.routes(), openapi_url=None, docs_url=None)
    app.include_router(raster.router())
    app.add_exception_handler(AtlanteError, on_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    whole = Boundary(app, direct=vector.tiles(), releases=releases, frame_ancestors="'self'")
    with TestClient(whole) as running:
        yield running


@pytest.fixture(scope="module")
def release(releases):
    return releases.current.release


def tileset(release, ident):
    return next(t for t in release.manifest.tilesets if t.id == ident)


def plain(client, address, **headers):
    return client.get(address, headers={"accept-encoding": "identity", **headers})


def problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


@pytest.mark.parametrize("ident", ["punti", "aree", "celle_r8", "celle"])
def test_every_tile_of_the_range_answers_200(client, release, ident):
    found = set()
    described = tileset(release, ident)
    document = client.get(_home(described)).json()
    for limit in document["tileMatrixSetLimits"][:4]:
        zoom = int(limit["tileMatrix"])
        for y in range(limit["minTileRow"], limit["maxTileRow"] + 1):
            for x in range(limit["minTileCol"], limit["maxTileCol"] + 1):
                answer = plain(client, f"/xyz/{ident}/{zoom}/{x}/{y}.mvt")
                assert answer.status_code == 200
                assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
                layers = decode(answer.content)
                assert set(layers) <= {ident}
                shown = [f for tile in layers.values() for f in tile.features if zoom == 9]
                found |= {f.properties["id"] for f in shown}
                ogc = f"{_home(described)}/{zoom}/{y}/{x}"
                assert plain(client, ogc).content == answer.content
    shown = named(described.collections[9])
    assert found == {*shown.frame[shown.frame.geometry.notna()]["id"]}


def _home(described):
    if described.theme:
        return f"/tiles/{described.id}/WebMercatorQuad"
    return f"/collections/{described.id}/tiles/WebMercatorQuad"


def test_an_empty_collection_answers_empty_tiles(client):
    answer = client.get("/xyz/vuota/6/33/22.mvt")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-encoding" not in answer.headers


OUTSIDE = [
    "5/16/11",
    "13/4000/2900",
    "9/0/0",
    "9/268/99999999999999999999",
    "9/-1/182",
    "09/268/182",
    "9/268/0182",
    "9/268.0/182",
    "9/٣/182",
    "1e1/268/182",
    "9/ 268/182",
    "9/268/182%00",
    "99/268/182",
    "9/268/%2e%2e",
]


@pytest.mark.parametrize("place", OUTSIDE)
def test_outside_the_range_nothing_is_read(client, releases, monkeypatch, place):
    class Untouchable:
        def get(self, *_):
            raise AssertionError("the archive was asked")

    guarded = replace(releases.current, tiles={"celle": Untouchable()})
    monkeypatch.setattr(releases, "current", guarded)
    problem(client.get(f"/xyz/celle/{place}.mvt"), 404)
    z, x, y = place.split("/")
    problem(client.get(f"/tiles/celle/WebMercatorQuad/{z}/{y}/{x}"), 404)


def test_addresses_that_do_not_exist(client):
    for address in (
        "/xyz/cell/9/268/182.mvt",
        "/xyz/cell.json",
        "/collections/celle/tiles",
        "/collections/celle/tiles/WebMercatorQuad",
        "/tiles/aree/WebMercatorQuad",
        "/tiles/celle/WorldCRS84Quad/9/182/268",
        "/collections/aree/tiles/WebMercatorQuad%00/9/182/268",
        "/tileMatrixSets/Altro",
        "/xyz/..%2fcelle.json",
    ):
        problem(client.get(address), 404)
    assert "Forse 'celle'" in client.get("/xyz/cell.json").json()["hint"]


def inside(release):
    t = tileset(release, "celle")
    west, south, east, north = t.bounds
    box = tile_range(((west + east) / 2, (south + north) / 2) * 2, 9)
    return f"/xyz/celle/9/{box.min_x}/{box.min_y}.mvt"


def test_gzip_is_passed_through_or_inflated(client, release):
    address = inside(release)
    packed = client.get(address, headers={"accept-encoding": "gzip, br"})
    plain_ = plain(client, address)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain_.headers
    assert packed.content == plain_.content
    assert int(packed.headers["content-length"]) < int(plain_.headers["content-length"])
    assert packed.headers["etag"] != plain_.headers["etag"]
    for answer in (packed, plain_):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "no-cache"


def test_a_client_that_has_the_tile_gets_304(client, release):
    address = inside(release)
    first = client.get(address)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = client.get(address, headers={"if-none-match": header})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert client.get(address, headers={"if-none-match": '"x"'}).status_code == 200
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == etag


@pytest.mark.parametrize(
    "query", ["filter=id='x'", "f=mvt", "token=", "url=http://127.0.0.1/", "a&b"]
)
def test_a_tile_has_no_parameters(client, release, query):
    found = problem(client.get(f"{inside(release)}?{query}"), 400)
    assert found["code"] == "invalid-parameter"
    assert found["parameter"]


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("x-gzip", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("identity", False),
    ],
)
def test_accept_encoding(header, accepted):
    assert accepts_gzip(header) is accepted


def test_tilejson_is_complete_and_follows_the_public_address(client, release):
    for described in release.manifest.tilesets:
        found = client.get(f"/xyz/{described.id}.json", headers={"host": "evil.example"}).json()
        assert found["tilejson"] == "3.0.0"
        assert found["tiles"] == [f"{PUBLIC}/xyz/{described.id}/{{z}}/{{x}}/{{y}}.mvt"]
        assert found["bounds"] == list(described.bounds)
        assert (found["minzoom"], found["maxzoom"]) == (6, 12)
        (layer,) = found["vector_layers"]
        fields = release.info(described.collections[12]).layer.field_names
        assert layer["id"] == described.id
        assert set(layer["fields"]) == set(fields)
        jsonschema.validate(found, TILEJSON)


TILEJSON = {
    "type": "object",
    "required": ["tilejson", "tiles", "vector_layers"],
    "properties": {
        "tilejson": {"const": "3.0.0"},
        "attribution": {"type": "string", "pattern": "^[^<>]*$"},
        "bounds": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
        "center": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}},
        "vector_layers": {
            "items": {
                "required": ["id", "fields"],
                "properties": {"fields": {"additionalProperties": {"type": "string"}}},
            }
        },
    },
}


def test_lists_of_tilesets(client):
    themes = client.get("/tiles").json()["tilesets"]
    assert [_self(t) for t in themes] == [
        f"{PUBLIC}/tiles/WebMercatorQuad",
        f"{PUBLIC}/tiles/celle/WebMercatorQuad",
    ]
    ours = client.get("/collections/aree/tiles").json()["tilesets"]
    assert [_self(t) for t in ours] == [f"{PUBLIC}/collections/aree/tiles/WebMercatorQuad"]
    assert client.get("/collections/righe/tiles").json()["tilesets"] == []
    for listed in (*themes, *ours):
        relations = {link["rel"] for link in listed["links"]}
        assert "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme" in relations
        assert {"title", "dataType", "crs", "tileMatrixSetURI"} <= set(listed)


def _self(document):
    (found,) = (link["href"] for link in document["links"] if link["rel"] == "self")
    return found


def test_every_link_of_a_tileset_answers(client):
    for address in (
        "/tiles/WebMercatorQuad",
        "/tiles/WebMercatorQuad?collections=punti,aree",
        "/tiles/celle/WebMercatorQuad",
        "/collections/aree/tiles/WebMercatorQuad",
    ):
        document = client.get(address).json()
        limit = document["tileMatrixSetLimits"][2]
        for link in document["links"]:
            if link["rel"].endswith("geodata"):
                continue  # answered by the collections
            href = link["href"].removeprefix(PUBLIC)
            if link.get("templated"):
                href = href.format(
                    tileMatrix=limit["tileMatrix"],
                    tileRow=limit["minTileRow"],
                    tileCol=limit["minTileCol"],
                )
            answer = client.get(href)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(link["type"])


def test_the_tile_matrix_set(client):
    (item,) = client.get("/tileMatrixSets").json()["tileMatrixSets"]
    found = client.get(_self(item).removeprefix(PUBLIC)).json()
    assert found["id"] == "WebMercatorQuad"
    assert found["uri"] == item["uri"]
    assert len(found["tileMatrices"]) > 12


def test_documents_speak_both_languages_and_are_cached(client):
    italian = client.get("/xyz/aree.json")
    english = client.get("/xyz/aree.json?lang=en")
    assert italian.headers["content-language"] == "it"
    assert italian.json()["description"] == "Una raccolta di prova."
    assert english.json()["description"] == "A collection for tests."
    again = client.get("/xyz/aree.json", headers={"if-none-match": italian.headers["etag"]})
    assert again.status_code == 304
    problem(client.get("/xyz/aree.json?lang=de"), 400)
    problem(client.get("/xyz/aree.json?foo=bar"), 400)


def test_the_served_bytes_are_those_of_the_archive(client, release, releases):
    address = inside(release)
    z, x, y = map(int, address.removesuffix(".mvt").split("/")[3:])
    packed = releases.current.tiles["celle"].get(z, x, y)
    assert plain(client, address).content == inflate(packed) == gzip.decompress(packed)
