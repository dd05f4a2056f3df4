"""Whatever the server refuses is said in the language of the reader, Italian if none is named."""

from __future__ import annotations

import ast
import json
from http import HTTPStatus
from pathlib import Path

import pytest
from api_client import ITEMS
from sentences import Said, called

from api.errors import STATUS
from api.features.cql2.values import KINDS
from api.italian import SENTENCES, in_italian

ROOT = Path(__file__).parents[1]
UNHEARD = {
    ROOT / "api" / name
    for name in ("asgi.py", "served.py", "features/provider.py", "features/pygeoapi_config.py")
}
SAID = Said(p for p in (ROOT / "api").rglob("*.py") if p not in UNHEARD)

RAISED = {
    "NotFound", "NotAcceptable", "ReleaseGone", "ReleaseDamaged", "BodyTooLarge", "BodyTooSlow",
    "UnsupportedMedia", "InvalidParameter", "refused", "problem",
}  # fmt: skip
HANDED_ON = {"reader.unexpected", "self.unexpected", "_unreadable", "_truth", "_pair", "_unknown"}
"""Functions that take a part of a sentence and hand it on."""
UNSAID = {"where", "code", "parameter", "headers"}


def sentences() -> set[str]:
    found = set(KINDS.values())
    for _, call, local in SAID.calls(RAISED | HANDED_ON):
        first = 1 if called(call) == "InvalidParameter" else 0
        said = [*call.args[first:], *(k.value for k in call.keywords if k.arg not in UNSAID)]
        found |= {text for one in said for text in SAID.texts(one, local)}
    for _, call, _ in SAID.calls({"NotFound.among"}):
        kind = ast.literal_eval(call.args[0])
        found |= {f"there is no {kind}", f"there is no {kind} {{}}"}
    return found | {"did you mean {}?", "known: {}"}


def test_every_refusal_is_said_in_italian():
    assert sorted(sentences() - set(SENTENCES)) == []
    assert len(sentences()) > 150
    for english, italian in SENTENCES.items():
        assert english.count("{}") == italian.count("{}"), english
        assert italian.strip(), english
    statuses = {*STATUS.values(), HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.INTERNAL_SERVER_ERROR}
    assert {s.phrase for s in statuses} <= set(SENTENCES)


def test_what_varies_is_left_as_it_is_and_parts_are_said():
    said = in_italian("the filter is a list of codes where true or false is needed")
    assert said == "Qui serve vero o falso: il filtro è un elenco di codici."
    assert in_italian("`{}` is given twice") == "`{}` è scritto due volte."
    assert in_italian("nobody ever said this") == "nobody ever said this"


@pytest.mark.parametrize(
    ("query", "header", "lang"),
    [
        ("", "", "it"),
        ("&lang=it", "en", "it"),
        ("&lang=en", "it", "en"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "it-IT", "it"),
        ("", "de", "it"),
        ("&lang=xx", "", "it"),
        ("", "\xff;q=\xff", "it"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_refusal_is_in_the_language_asked_for(client, query, header, lang, accept):
    headers = {"Accept": accept, "Accept-Language": header.encode("latin-1")}
    answer = client.get(f"/collections/nulla/items?limit=1{query}", headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-language"] == lang
    assert "Accept-Language" in answer.headers["vary"]
    assert ("Non c" in answer.text) == (lang == "it")
    assert ("there is no collection" in answer.text) == (lang == "en")
    if accept == "application/json":
        title = {"it": "Non trovato", "en": "Not Found"}[lang]
        told = answer.json()
        assert (told["title"], told["code"], told["type"]) == (title, "not-found", "about:blank")
        assert told["detail"] == told["description"]


def test_a_language_that_cannot_be_read_is_refused_in_italian(client):
    for asked in ("%ff", "xx"):
        answer = client.get(f"{ITEMS}?lang={asked}", headers={"Accept-Language": "de"})
        assert (answer.status_code, answer.json()["title"][:9]) == (400, "Richiesta"), asked


def test_refusals_before_any_address_have_a_language_too(client):
    answer = client.get("/", headers={"Host": "a b", "Accept-Language": "en"})
    assert (answer.status_code, answer.headers["content-language"]) == (400, "en")
    assert "non indica" in client.get("/", headers={"Host": "a b"}).json()["detail"]


@pytest.mark.parametrize(
    ("query", "said", "hint"),
    [
        ("filter=nome %3D mensa", "unknown property", "stands in single quotes"),
        ('filter=nome %3D "mensa"', "unknown property", "stands in single quotes"),
        ("filter=nme %3D 'a'", "unknown property", "did you mean `nome`?"),
        ("filter=posti>>3", "at character 7 of `filter`, a property", "compared by ="),
        ("filter=posti %3D%3D 3", "at character 8 of `filter`, a property", "compared by ="),
        ("filter=posti != 3", "at character 7", "compared by ="),
        ("filter=tipi %3D 'a'", "a list of codes", "A_CONTAINS(tipi, ('x'))"),
        ("filter=tipi IN ('a')", "a list of codes", "the parameter tipi=x"),
        ("sortby=nme", "unknown field", "'nome'"),
        ("properties=nome,pippo", "unknown field", ""),
        ("crs=EPSG:32632", "not offered", "opengis.net/def/crs/EPSG/0/32632?"),
        ("crs=urn:ogc:def:crs:EPSG::3857", "not offered", "opengis.net/def/crs/EPSG/0/3857?"),
        ("bbox=1,2,3,4&bbox-crs=crs84", "not offered", "/OGC/1.3/CRS84?"),
        ("crs=EPSG:9999", "not offered", "for example"),
    ],
)
def test_common_slips_get_a_hint(client, query, said, hint):
    told = client.get(f"{ITEMS}?{query}&lang=en").json()
    assert said in told["detail"]
    assert hint in told["hint"]
    assert "9999" not in told["hint"]


def test_a_query_sent_the_wrong_way_is_told_the_right_one(client):
    english = {"Accept-Language": "en"}
    at_items = client.post(ITEMS, json={"filter": "posti > 3"}, headers=english)
    assert (at_items.status_code, at_items.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "`search`" in at_items.json()["hint"]
    assert "hint" not in client.post("/collections", json={}, headers=english).json()
    search = ITEMS.replace("items", "search")
    bare = {"op": ">", "args": [{"property": "posti"}, 3]}
    told = client.post(search, json=bare, headers=english).json()
    assert told["hint"].startswith('{"filter": {')
    assert client.post(search, json=json.loads(told["hint"])).is_success
