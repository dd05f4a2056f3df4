"""What pygeoapi makes of the provider beside features: documents, refusals, its configuration."""

from __future__ import annotations

import json
from functools import partial

import pytest
import yaml
from api_release import PLACES
from door_faults import said
from doors import Query, Question, doors_of, unescaped
from pygeoapi.api import API, APIRequest
from pygeoapi.api.itemtypes import get_collection_item, get_collection_items
from pygeoapi.config import validate_config
from pygeoapi.openapi import get_oas
from pygeofilter import ast, values
from pygeofilter.parsers.cql2_json import parse as parsed_json

from api.features.cql2 import document, text
from api.features.crs import SUPPORTED
from api.features.from_pygeofilter import filter_of
from api.features.provider import ReleaseProvider, opened, releases_folder
from api.features.pygeoapi_config import with_resources
from checks.conform.expressions import JSON, op, prop
from geo_core.catalog import Catalog
from geo_core.errors import CatalogError, InvalidParameter


@pytest.fixture(scope="module")
def doors(small_releases, small_release):
    with doors_of(small_releases, small_release) as doors:
        yield doors


def one(doors, ident, **query):
    answer = partial(_one, ident)
    return doors.pygeoapis(said(**query), answer)


def _one(ident, api, request, collection):
    return get_collection_item(api, request, collection, ident)


@pytest.mark.parametrize("crs", [SUPPORTED[0], SUPPORTED[1], SUPPORTED[3]])
def test_one_feature_is_the_same_through_both_doors(doors, crs):
    theirs = one(doors, "luogo-010", crs=crs).document
    ours = doors.client.get("/collections/luoghi/items/luogo-010", params={"crs": crs}).json()
    for member in ("id", "geometry", "properties"):
        assert theirs[member] == ours[member]


def test_a_feature_that_is_not_there_is_not_found(doors):
    assert one(doors, "nessuno").status == 404


@pytest.mark.parametrize(
    "written",
    [
        "posti NOT BETWEEN 3 AND 9",
        "nome NOT LIKE 'Sede_0%'",
        "posti NOT IN (1, 2, 3)",
        "nome IS NOT NULL",
        "\"nome\" = 'Sede 07'",
        "20 >= posti",
        "S_WITHIN(POINT(8.5 45.2), geometry)",
        "S_INTERSECTS(geometry, MULTIPOINT(8.5 45.2, 8.1 45.1))",
    ],
)
def test_other_ways_to_write_a_filter_choose_the_same(doors, written):
    theirs, ours = doors.pygeoapis(said(filter=written)), doors.ours(said(filter=written))
    assert unescaped(theirs).found == ours.found
    assert 0 < ours.document["numberMatched"] < PLACES


@pytest.mark.parametrize(
    "query",
    [
        said(posti="x"),
        said(datetime="2022-99-99"),
        said(q="di"),
        said("celle", q="sede"),
        said(nome="a\0"),
        said(filter="nessuno = 1"),
        said(filter="posti = 'a'"),
        said(filter="posti / 0 = 1"),
        said(filter="nome"),
        said(filter="INCLUDE"),
        said(filter="RELATE(geometry, POINT(8 45), 'T********') "),
        said(filter=f"posti = 1{'0' * 400}"),
        said(filter="S_INTERSECTS(geometry, POLYGON((8 45, 9 46)))"),
        Query(filter=op("=", prop("posti"), 10**400), language=JSON),
        Query(filter=op("t_after", prop("fatto_il"), {"interval": ["P1D", ".."]}), language=JSON),
        Query(filter=op("=", prop("nome"), {"timestamp": "2023-05-01T00:00:00"}), language=JSON),
    ],
    ids=lambda query: (query["filter"] or str(query.said or query.filter))[:50],
)
def test_what_the_provider_cannot_answer_it_refuses(doors, query):
    refused = doors.pygeoapis(query)
    assert (refused.status, doors.ours(query).status) == (400, 400)
    assert "code" in refused.document


def test_a_filter_nested_too_deep_is_refused_before_it_is_walked():
    deep = ast.Equal(ast.Attribute("posti"), 1)
    for _ in range(200):
        deep = ast.Not(deep)
    with pytest.raises(InvalidParameter, match="nested"):
        filter_of(deep)


def test_hundreds_of_conditions_joined_are_one_list():
    said = " AND ".join(["posti > 0"] * 300)
    joined = ast.And.from_items(*[ast.GreaterThan(ast.Attribute("posti"), 0.0)] * 300)
    assert len(filter_of(joined).node.args) == len(text.parse(said).args) == 300


A, DAY = prop("a"), {"date": "2023-01-01"}
POINTS = {"type": "MultiPoint", "coordinates": [[1.0, 2.0], [3.0, 4.0]]}
SPATIAL = (
    "contains",
    "crosses",
    "disjoint",
    "equals",
    "intersects",
    "overlaps",
    "touches",
    "within",
)
TEMPORAL = ("after", "before", "contains", "during", "equals", "meets", "metby", "overlappedby")
READ_AS_WRITTEN = [
    *(op(name, A, 1.5) for name in ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/")),
    *(op(f"s_{name}", A, POINTS) for name in SPATIAL),
    *(op(f"t_{name}", A, DAY) for name in TEMPORAL),
    *(op(f"a_{name}", A, ["x"]) for name in ("containedby", "contains", "equals", "overlaps")),
    op("and", op("isNull", A), op("not", op("=", prop("b"), True))),
    op("or", op("in", A, ["x", "y"]), op("like", op("casei", A), "x_%")),
    op("t_meets", {"interval": ["..", "2023-01-01"]}, {"interval": ["2022-01-01T00:00:00Z", ".."]}),
    op("t_before", A, {"timestamp": "2023-01-01T00:00:00Z"}),
]


@pytest.mark.parametrize("expression", READ_AS_WRITTEN, ids=lambda said: said["op"])
def test_a_filter_is_read_as_it_was_written(expression):
    assert filter_of(parsed_json(expression)).node == document.read(json.dumps(expression))


def test_what_stands_inside_a_collection_of_geometries_is_kept():
    point = {"type": "Point", "coordinates": (1.0, 2.0)}
    there = values.Geometry({"type": "GeometryCollection", "geometries": (point,), "crs": {}})
    node = filter_of(ast.GeometryWithin(ast.Attribute("a"), there)).node
    assert document.written(node)["args"][1] == {
        "type": "GeometryCollection",
        "geometries": [{"type": "Point", "coordinates": [1.0, 2.0]}],
    }


def test_hits_and_missing_geometry_are_honoured(doors):
    hits = doors.pygeoapis(said(resulttype="hits", filter="posti > 10")).document
    assert (hits["features"], hits["numberMatched"]) == (
        [],
        doors.ours(said(filter="posti > 10")).document["numberMatched"],
    )
    bare = doors.pygeoapis(said(skipGeometry="true")).document
    assert {f["geometry"] for f in bare["features"]} == {None}


def test_pygeoapi_cannot_spoil_the_features_it_gets(doors):
    before = doors.pygeoapis(said(limit="5"))
    doors.pygeoapis(said(limit="5", f="jsonld"))
    assert doors.pygeoapis(said(limit="5")).found == before.found


# --- the configuration


def test_the_configuration_is_that_of_the_layers(root, catalog: Catalog):
    """After editing `layers/`, run `python config/update_pygeoapi.py`."""
    written = (root / "config" / "pygeoapi.yml").read_text(encoding="utf-8")
    assert written == with_resources(written, catalog.layers)


def test_marker_lines_that_are_gone_are_named():
    with pytest.raises(CatalogError, match="marker"):
        with_resources("server: {}\n", ())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # modules pygeoapi loads for its OpenAPI
def test_stock_pygeoapi_reads_every_collection_of_the_configuration(root, demo_home, monkeypatch):
    monkeypatch.setenv("ATLANTE_RELEASES", str(demo_home / "releases"))
    releases_folder.cache_clear()
    config = yaml.safe_load((root / "config" / "pygeoapi.yml").read_text(encoding="utf-8"))
    assert validate_config(config)
    api = API(config, get_oas(config))
    for ident in config["resources"]:
        request = APIRequest(Question({"limit": "2"}), api.locales)
        _headers, status, body = get_collection_items(api, request, ident)
        assert status == 200, ident
        assert json.loads(body)["numberMatched"] >= 0
    opened.cache_clear()
    releases_folder.cache_clear()


def test_the_settings_are_read_once_for_all_requests(doors, monkeypatch):
    definition = {"name": "x", "type": "feature", "id_field": "id",
                  "data": {"release": doors.release.id, "layer": "luoghi"}}  # fmt: skip
    first = ReleaseProvider(definition)
    monkeypatch.setenv("ATLANTE_RELEASES", "elsewhere")
    assert ReleaseProvider(definition).collection is first.collection
