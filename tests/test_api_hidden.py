"""Properties that are not public: for the public process they are like any name nobody gave."""

from __future__ import annotations

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from api_client import BASE, ITEMS, addresses, client_of, local
from api_release import PLACES, ROOT, layers, publish_small
from doors import Query, doors_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pygeoapi.api import get_collection_schema
from pygeoapi.api.itemtypes import get_collection_queryables

from checks.conform.expressions import JSON
from geo_core.model.layer import LayerDocument
from geo_core.release.pointer import current
from geo_core.release.read import open_release
from geo_core.strict_yaml import read_document

HIDDEN, SECRET = "fascicolo_riservato", "SEGRETO-99"
DOCUMENTS = sorted((ROOT / "layers").glob("*.yml"))


def hide(folder):
    """Put a column into the table of places that its layer does not declare."""
    path = folder / "collections/luoghi/features.parquet"
    table = pq.read_table(path)
    values = pa.array([SECRET] * table.num_rows)
    pq.write_table(table.append_column(HIDDEN, values), path)


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    """Folder of a release whose table holds a column that its layer does not declare."""
    folder = tmp_path_factory.mktemp("releases")
    publish_small(folder, change=hide)
    return folder


@pytest.fixture(scope="module")
def client(releases):
    with client_of(releases) as client:
        yield client


@pytest.fixture(scope="module")
def doors(releases):
    with doors_of(releases, open_release(releases / current(releases))) as doors:
        yield doors


def read(path):
    return read_document(path, LayerDocument)


def test_some_declared_field_is_never_published():
    assert [
        path.stem for path in DOCUMENTS if any(f.sensitivity for f in read(path).fields.values())
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_release_says_of_a_layer_what_it_would_without_its_hidden_fields(path):
    document = read(path)
    public = {name: f for name, f in document.fields.items() if f.sensitivity is None}
    without = document.model_copy(update={"fields": public, "mappings": {}})
    assert document.resolve(path.stem) == without.resolve(path.stem)


def pages(client):
    """Yield the text of everything that is linked or described, but whole files."""
    described = [path for path in client.get("/api").json()["paths"] if "{" not in path]
    seen, waiting = set(), described
    while waiting:
        path = waiting.pop()
        if path in seen or "/download/" in path or path.endswith("/search"):
            continue
        seen.add(path)
        answer = client.get(path)
        kind = answer.headers["content-type"]
        if "json" in kind and "openapi" not in kind:
            links = [a for a in addresses(answer.json()) if a.startswith(BASE) and "{" not in a]
            waiting += map(local, links)
        yield path, answer


def test_no_document_names_it_nor_holds_its_values(client):
    read_pages = dict(pages(client))
    assert len(read_pages) > 60
    assert {answer.status_code for answer in read_pages.values()} == {200}
    for path, answer in read_pages.items():
        for lang in ("it", "en"):
            page = client.get(path.partition("?")[0], params={"f": "html", "lang": lang})
            assert HIDDEN not in answer.text + page.text, path
            assert SECRET not in answer.text + page.text, path


def questions(name):
    """Ask for a name in every way there is."""
    in_json = {"op": "=", "args": [{"property": name}, SECRET]}
    return [
        ("GET", {name: SECRET}),
        ("GET", {"sortby": name}),
        ("GET", {"sortby": f"-{name}"}),
        ("GET", {"properties": name}),
        ("GET", {"properties": f"nome,{name}"}),
        ("GET", {"filter": f"{name} = '{SECRET}'"}),
        ("GET", {"filter": f"{name} IS NULL OR posti > 3"}),
        ("GET", {"filter": f"{name}(nome) = 1"}),
        ("GET", {"filter": json.dumps(in_json), "filter-lang": "cql2-json"}),
        ("POST", {"filter": in_json}),
        ("POST", {name: SECRET}),
    ]


def answers(client, name):
    for method, said in questions(name):
        if method == "GET":
            answer = client.get(ITEMS, params=said)
        else:
            answer = client.post(ITEMS.replace("items", "search"), json=said)
        told = answer.json()
        # Which public name is like it depends on how it is spelt.
        told.pop("hint", None)
        yield answer.status_code, json.loads(json.dumps(told).replace(name, "NAME"))


PUBLIC = {*(name for layer in layers() for name in layer.field_names), "geometry"}
NAMES = st.from_regex(r"[a-z]{4,9}_[a-z]{4,9}", fullmatch=True).filter(lambda n: n not in PUBLIC)


@settings(max_examples=25)
@given(name=NAMES)
def test_it_is_asked_for_in_vain_like_a_name_that_never_was(client, name):
    never, hidden = list(answers(client, name)), list(answers(client, HIDDEN))
    assert hidden == never
    assert {status for status, _ in hidden} == {400}


def test_nothing_that_is_not_public_is_suggested(client):
    for close in (HIDDEN[:-1], f"{HIDDEN}x"):
        for method, said in questions(close):
            if method == "GET":
                assert not re.search(HIDDEN + r"\b", client.get(ITEMS, params=said).text)


# --- pygeoapi over the same release


DESCRIBED = (get_collection_queryables, get_collection_schema)


def theirs(doors, name):
    """Ask pygeoapi for a name in every way there is, its descriptions of a collection included."""
    for _method, said in questions(name):
        if isinstance(said.get("filter"), dict):
            yield doors.pygeoapis(Query(filter=said["filter"], language=JSON))
        else:
            yield doors.pygeoapis(Query().with_(**said))
    for describe in DESCRIBED:
        yield doors.pygeoapis(Query().with_(properties=name), describe)


def told(doors, name):
    for reply in theirs(doors, name):
        document = reply.document
        document.pop("timeStamp", None)
        document["features"] = [feature["id"] for feature in document.get("features", ())]
        yield reply.status, json.loads(json.dumps(document).replace(name, "NAME"))


def test_pygeoapi_describes_and_answers_without_it(doors):
    whole = Query().with_(limit="1000")
    replies = [
        *(doors.pygeoapis(Query().with_(f=f), d) for d in DESCRIBED for f in ("json", "html")),
        *(doors.pygeoapis(whole.with_(f=f)) for f in ("json", "jsonld", "html")),
    ]
    assert {reply.status for reply in replies} == {200}
    for reply in replies:
        assert "luoghi" in reply.text
        assert HIDDEN not in reply.text
        assert SECRET not in reply.text


@settings(max_examples=15)
@given(name=NAMES)
def test_pygeoapi_is_asked_for_it_in_vain_like_for_a_name_that_never_was(doors, name):
    hidden = list(told(doors, HIDDEN))
    assert hidden == list(told(doors, name))
    # An unknown parameter is passed over there, and chooses nothing.
    passed_over = [said["numberMatched"] for status, said in hidden if "numberMatched" in said]
    assert set(passed_over) == {PLACES}
    assert {status for status, _ in hidden} == {200, 400}


def test_pygeoapi_suggests_nothing_that_is_not_public(doors):
    for close in (HIDDEN[:-1], f"{HIDDEN}x"):
        for reply in theirs(doors, close):
            assert not re.search(HIDDEN + r"\b", reply.text)
