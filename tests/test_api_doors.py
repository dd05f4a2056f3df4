"""pygeoapi's door and our own give the same features, and its configuration does not drift."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import yaml
from api_release import NAUGHTY, layers, publish_small
from hypothesis import given, settings
from hypothesis import strategies as st
from pygeoapi.api import API, APIRequest
from pygeoapi.api.itemtypes import get_collection_item, get_collection_items
from pygeoapi.config import validate_config
from pygeoapi.openapi import get_oas
from starlette.testclient import TestClient

from api.app import create_app
from api.describe.pygeoapi import configuration
from api.features.crs import SUPPORTED
from api.features.provider import opened
from api.features.pygeoapi_config import with_resources
from api.features.query import sortables
from api.settings import Settings
from geo_core.catalog import Catalog
from geo_core.errors import CatalogError
from geo_core.release.read import Release, open_release

IDS = tuple(layer.id for layer in layers())

# What pygeoapi does otherwise, and the reason why the queries below leave it out:
#   datetime   outside the collection's extent is a 400 there, no match here
#   bbox-crs   it moves two corners, we follow the edges of a projected box
#   < and >    it writes them as &lt; and &gt; in all JSON
#   unknown    parameters are dropped there, refused here
#   properties it also returns geometry when asked for `geometry`, which is no property
ESCAPED = {"&lt;": "<", "&gt;": ">"}


@dataclass
class Question:
    """A request as pygeoapi reads it."""

    args: dict[str, str]
    headers: dict[str, str]
    path_info: str = ""


@dataclass
class Doors:
    """Both ways into one release."""

    client: TestClient
    api: API
    release: Release

    def ours(self, ident, query):
        return self.client.get(f"/collections/{ident}/items?{urlencode(query)}")

    def pygeoapis(self, ident, query):
        request = APIRequest(Question(query, {}), self.api.locales)
        _headers, status, body = get_collection_items(self.api, request, ident)
        return status, json.loads(unescaped(body))


def unescaped(text):
    for escaped, plain in ESCAPED.items():
        text = text.replace(escaped, plain)
    return text


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    root = tmp_path_factory.mktemp("releases")
    manifest = publish_small(root)
    server = Settings(releases=root)
    with pytest.MonkeyPatch.context() as patch, TestClient(create_app(server)) as client:
        patch.setenv("ATLANTE_RELEASES", str(root))
        yield Doors(
            client, API(configuration(manifest, server), {}), open_release(root / manifest.id)
        )
    opened.cache_clear()


@st.composite
def queries(draw, features, layer):
    one = draw(st.sampled_from(features))
    names = [n for n in sortables(layer) if one["properties"][n] is not None]
    out = {"limit": str(draw(st.integers(1, 30))), "offset": str(draw(st.integers(0, 65)))}
    if draw(st.booleans()):
        name = draw(st.sampled_from(names))
        value = one["properties"][name]
        out[name] = str(value).lower() if isinstance(value, bool) else str(value)
    if draw(st.booleans()):
        west, south = draw(st.floats(7.9, 9.0)), draw(st.floats(44.9, 45.6))
        out["bbox"] = f"{west},{south},{west + 0.2},{south + 0.2}"
    if draw(st.booleans()):
        out["datetime"] = draw(
            st.sampled_from(["2022-05-01", "2021-01-01/2022-01-01", "2021-06-01/.."])
        )
    if draw(st.booleans()):
        key = draw(st.sampled_from(sortables(layer)))
        out["sortby"] = draw(st.sampled_from(["", "-"])) + key
    if draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(layer.field_names), min_size=1, unique=True))
        out["properties"] = ",".join(chosen)
    if draw(st.booleans()):
        out["crs"] = draw(st.sampled_from(SUPPORTED))
    return out


@pytest.mark.parametrize("ident", IDS)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_both_doors_give_the_same_features(doors, ident, data):
    layer = doors.release.info(ident).layer
    everything = doors.ours(ident, {"limit": "1000"}).json()["features"]
    query = data.draw(queries(everything, layer))
    ours = doors.ours(ident, query)
    status, theirs = doors.pygeoapis(ident, query)
    assert (ours.status_code, status) == (200, 200)
    for key in ("numberMatched", "numberReturned", "features"):
        assert ours.json()[key] == theirs[key], key


@pytest.mark.parametrize("q", ["sedi", "sede 07,Sede 08", "nulla"])
def test_both_doors_find_the_same_words(doors, q):
    ours, (status, theirs) = doors.ours("luoghi", {"q": q}), doors.pygeoapis("luoghi", {"q": q})
    assert (ours.status_code, status) == (200, 200)
    assert ours.json()["features"] == theirs["features"]


def test_one_feature_is_the_same_through_both_doors(doors):
    request = APIRequest(Question({"crs": SUPPORTED[3]}, {}), doors.api.locales)
    _headers, _status, body = get_collection_item(doors.api, request, "luoghi", "luogo-010")
    theirs, ours = (
        json.loads(body),
        doors.client.get("/collections/luoghi/items/luogo-010", params={"crs": SUPPORTED[3]}),
    )
    assert theirs["geometry"] == ours.json()["geometry"]
    assert theirs["properties"] == ours.json()["properties"]


@pytest.mark.parametrize(
    "query", [{"posti": "x"}, {"datetime": "2022-99-99"}, {"q": "di"}, {"filter": "nome='a'"}]
)
def test_what_the_provider_cannot_answer_it_refuses(doors, query):
    status, body = doors.pygeoapis("luoghi", query)
    assert status == 400
    assert "code" in body


def test_hits_and_missing_geometry_are_honoured(doors):
    _status, hits = doors.pygeoapis("luoghi", {"resulttype": "hits"})
    assert (hits["features"], hits["numberMatched"]) == ([], 60)
    _status, bare = doors.pygeoapis("luoghi", {"skipGeometry": "true"})
    assert {f["geometry"] for f in bare["features"]} == {None}


def test_pygeoapi_cannot_spoil_the_features_it_gets(doors):
    before = doors.pygeoapis("luoghi", {"limit": "5"})
    request = APIRequest(Question({"limit": "5", "f": "jsonld"}, {}), doors.api.locales)
    get_collection_items(doors.api, request, "luoghi")
    after = doors.pygeoapis("luoghi", {"limit": "5"})
    assert before[1]["features"] == after[1]["features"]


def test_pygeoapi_alters_text_where_we_do_not(doors):
    """The reason why JSON never goes through pygeoapi; when it fails, the decision is due."""
    name = NAUGHTY[1]
    request = APIRequest(Question({"nome": name}, {}), doors.api.locales)
    _headers, _status, body = get_collection_items(doors.api, request, "luoghi")
    assert name not in body
    assert name in doors.ours("luoghi", {"nome": name}).text


# --- the configuration


def test_the_configuration_is_that_of_the_layers(root, catalog: Catalog):
    """After editing `layers/`, run `python config/update_pygeoapi.py`."""
    text = (root / "config" / "pygeoapi.yml").read_text(encoding="utf-8")
    assert text == with_resources(text, catalog.layers)


def test_marker_lines_that_are_gone_are_named():
    with pytest.raises(CatalogError, match="marker"):
        with_resources("server: {}\n", ())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # modules pygeoapi loads for its OpenAPI
def test_stock_pygeoapi_reads_every_collection_of_the_configuration(root, demo_home, monkeypatch):
    monkeypatch.setenv("ATLANTE_RELEASES", str(demo_home / "releases"))
    config = yaml.safe_load((root / "config" / "pygeoapi.yml").read_text(encoding="utf-8"))
    assert validate_config(config)
    api = API(config, get_oas(config))
    for ident in config["resources"]:
        request = APIRequest(Question({"limit": "2"}, {}), api.locales)
        _headers, status, body = get_collection_items(api, request, ident)
        assert status == 200, ident
        assert json.loads(body)["numberMatched"] >= 0
    opened.cache_clear()
