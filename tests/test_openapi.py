"""The OpenAPI document: valid, self-contained, and what the service really does."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy

import pytest
from api_client import ITEMS
from api_release import layers
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.openapi import from_dict

from api.dggs import routes as dggs
from api.features import routes as features
from api.features.query import parameters_of
from api.tiles import vector

SEARCH = "/collections/luoghi/search"
METHODS = {"get", "post"}


@pytest.fixture(scope="module")
def document(client):
    return client.get("/api").json()


def operations(document):
    return [
        (path, method, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]


@pytest.mark.parametrize(
    ("f", "version", "validator"),
    [("json", "3.0", OpenAPIV30SpecValidator), ("json31", "3.1", OpenAPIV31SpecValidator)],
)
@pytest.mark.parametrize("lang", ["it", "en"])
def test_the_document_is_valid_and_needs_no_other(client, f, version, validator, lang):
    answer = client.get("/api", params={"f": f, "lang": lang})
    assert answer.headers["content-type"] == f"application/vnd.oai.openapi+json;version={version}"
    assert answer.json()["openapi"].startswith(version)
    assert [error.message for error in validator(answer.json()).iter_errors()] == []
    references = re.findall(r'"\$ref":\s*"([^"]*)"', answer.text)
    assert references
    assert not [one for one in references if not one.startswith("#/")]
    assert "nullable" not in answer.text or version == "3.0"


def test_every_operation_has_a_name_of_its_own_and_an_answer(document):
    names = [said["operationId"] for _, _, said in operations(document)]
    assert len(names) == len(set(names))
    assert {method for _, method, _ in operations(document)} == METHODS


@pytest.mark.parametrize("origin", ["dataset", "collection"])
@pytest.mark.parametrize("resource", ["TileSetsList", "TileSet", "Tile"])
def test_tiles_are_found_by_the_names_of_their_operations(document, origin, resource):
    ending = f".{origin}.vector.get{resource}"
    (path,) = (p for p, _, said in operations(document) if said["operationId"].endswith(ending))
    assert path.startswith("/collections/{" if origin == "collection" else "/tiles")
    placed = "/{tileMatrix}/{tileRow}/{tileCol}"
    last = {"Tile": placed, "TileSet": "/WebMercatorQuad", "TileSetsList": "/tiles"}
    assert path.endswith(last[resource])
    # A suite takes the first operation with this in its name for one of OGC API - Tiles.
    others = [p for p, _, said in operations(document) if ".getTile" in said["operationId"]]
    assert all("/tiles" in other or "tilejson" in other for other in others)


def test_every_route_of_the_service_is_described(client, document):
    """Each route answers a path of the document; only files of pages have none."""
    routes = [*features.routes(), *vector.tiles(), *client.app._app.routes]
    files = {"/favicon.ico", "/robots.txt", "/static/{tag}/{path:path}"}
    # This release was not audited, has no themes, no hexagons and no lineage.
    absent = {
        *(route.path for route in dggs.routes()),
        "/collections/{collection}/items/{feature}/lineage",
        "/disclosure/audit",
        "/tiles/{tileset}/WebMercatorQuad",
        "/tiles/{tileset}/WebMercatorQuad/{z}/{y}/{x}",
    }
    paths = [re.sub(r"\{[^}]+\}", "x", path) for path in document["paths"]]
    missing = {
        route.path
        for route in routes
        if hasattr(route, "path_regex") and not any(map(route.path_regex.fullmatch, paths))
    }
    assert missing == files | absent


def test_each_collection_has_the_parameters_it_understands(document):
    shared = document["components"]["parameters"]
    for layer in layers():
        said = document["paths"][f"/collections/{layer.id}/items"]["get"]["parameters"]
        named = {one.get("name") or shared[one["$ref"].rsplit("/", 1)[1]]["name"] for one in said}
        assert named == {"f", "lang", "profile", *parameters_of(layer)}


def test_page_sizes_and_languages_are_where_clients_look(document):
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (1000, 10_000)
    assert {"$ref": "#/components/parameters/limit"} in document["paths"][ITEMS]["get"][
        "parameters"
    ]
    # GDAL sends filters only where it finds the older name.
    assert "cql-text" in document["components"]["parameters"]["filter-lang"]["schema"]["enum"]


def test_every_path_without_parameters_answers(client, document):
    paths = [path for path, said in document["paths"].items() if "get" in said and "{" not in path]
    assert len(paths) > 15
    for path in paths:
        assert client.get(path).status_code == 200, path


def test_a_parameter_given_twice_is_refused_wherever_it_is_known(client, document):
    shared, tried = document["components"]["parameters"], 0
    for path, method, said in operations(document):
        place = path.replace("{featureId}", "luogo-001").replace("{tileset}", "luoghi")
        for one in said["parameters"] if method == "get" and "{" not in place else ():
            parameter = shared[one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one
            if parameter["in"] == "query":
                name, tried = parameter["name"], tried + 1
                answer = client.get(f"{place}?{name}=1&{name}=1")
                assert (answer.status_code, answer.json()["parameter"]) == (400, name), path
    assert tried > 150


LENIENT = {
    # A schema cannot say that the corners of a box are in order, that one parameter needs
    # another, or what a filter may be: such values are refused with their reason.
    "positive_data_acceptance",
    # Of services that create things or ask who is there.
    "use_after_free", "ensure_resource_availability", "ignored_auth", "object_level_authorization",
}  # fmt: skip


def test_made_up_requests_are_answered_as_described(client, document):
    load_all_checks()
    checks = CHECKS.get_by_names([n for n in CHECKS.get_all_names() if n not in LENIENT])
    described = deepcopy({**document, "servers": [{"url": "/"}]})
    # Clients read the most features of a page here; more are not refused, as the standard asks.
    del described["components"]["parameters"]["limit"]["schema"]["maximum"]
    schema = from_dict(described)
    schema.app, schema.location = client.app, "/api"
    few = settings(
        max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )  # fmt: skip
    statuses = Counter()

    def answered(case):
        response = case.call_and_validate(checks=checks)
        statuses[response.status_code] += 1

    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode if [*operation.iter_parameters()] else [GenerationMode.POSITIVE]:
            few(given(case=operation.as_strategy(generation_mode=mode))(answered))()
    assert set(statuses) == {200, 400, 404}
    assert statuses[200] > 100


def test_it_says_who_keeps_it_and_what_each_operation_is_about(document):
    """What the linters of Redocly and Spectral ask beside what a validator does."""
    assert document["security"] == []
    assert document["info"]["contact"]["email"].count("@") == 1
    assert document["info"]["description"]
    assert all(tag["description"] for tag in document["tags"])
    used = set()
    for path in document["paths"].values():
        for method in METHODS & path.keys():
            assert path[method]["description"]
            used |= set(path[method]["tags"])
    assert used <= {tag["name"] for tag in document["tags"]}


def texts(value, path=()):
    """Yield every text for people in a document, with its place."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from texts(one, (*path, place))
    for name, one in value.items() if isinstance(value, dict) else ():
        if name in {"summary", "description"} and isinstance(one, str):
            yield (*path, name), one
        elif name == "tags":
            words = (tag["name"] if isinstance(tag, dict) else tag for tag in one)
            yield from (((*path, name, n), word) for n, word in enumerate(words))
            yield from texts(one, (*path, name))
        else:
            yield from texts(one, (*path, name))


@pytest.mark.parametrize("f", ["json", "json31"])
def test_every_text_is_in_the_language_that_is_asked_for(client, f):
    said = {
        lang: dict(texts(client.get("/api", params={"f": f, "lang": lang}).json()))
        for lang in ("it", "en")
    }
    assert said["it"].keys() == said["en"].keys()
    assert len(said["it"]) > 300
    alike = {text for place, text in said["it"].items() if text == said["en"][place]}
    # What the small release says of its fields is the same in both languages.
    own = {f"{field.title.it}. {field.description.it}" for one in layers() for field in one.fields}
    assert alike <= own


def test_the_language_is_negotiated_as_everywhere(client):
    answers = [client.get("/api", headers={"accept-language": one}) for one in ("it", "en", "de")]
    assert [one.headers["content-language"] for one in answers] == ["it", "en", "it"]
    assert answers[0].headers["etag"] == answers[2].headers["etag"] != answers[1].headers["etag"]
    assert all("Accept-Language" in one.headers["vary"] for one in answers)
    assert [one.json()["tags"][0]["name"] for one in answers[:2]] == ["Il servizio", "The service"]
