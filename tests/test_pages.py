"""Pages for people: one design, nothing from elsewhere, hostile text inert, both languages."""

from __future__ import annotations

import gzip
import html
import re
from html.parser import HTMLParser

import pytest
from api_release import NAUGHTY
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from starlette.testclient import TestClient

from api.app import create_app
from api.embed.config import config, opened_at
from api.pages import render
from api.pages.assets import assets, version
from api.pages.templating import safe_href
from api.pages.words import FieldWords
from api.settings import Settings

BASE = "https://example.org/atlante"
PAGES = (
    "/", "/collections", "/collections/luoghi", "/collections/luoghi/items",
    "/collections/luoghi/items/luogo-001", "/collections/enti", "/collections/enti/items",
    "/conformance", "/collections/luoghi/queryables", "/releases", "/disclosure", "/api",
    "/styles", "/functions", "/collections/luoghi/schema", "/tiles", "/tiles/WebMercatorQuad",
    "/collections/luoghi/tiles", "/collections/luoghi/tiles/WebMercatorQuad", "/tileMatrixSets",
    "/collections/enti/tiles",
)  # fmt: skip
COLLECTION = {
    "base": BASE, "release": None, "fields": (), "formats": (), "count": 0, "most": 1,
}  # fmt: skip
VOID = {"base", "meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """Every tag with its attributes, in order; fails on tags that are not nested."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.open = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def every(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def client(small_releases):
    settings = Settings(releases=small_releases, public_url=BASE)
    with TestClient(create_app(settings)) as running:
        yield running


def page(client, path, lang):
    answer = client.get(path, params={"f": "html", "lang": lang})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


@pytest.mark.parametrize("path", [*PAGES, "/embed"])
@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_page_has_what_every_page_has(client, path, lang):
    found = page(client, path, lang)
    assert found.every("html") == [{"lang": lang}]
    # An area of a drawing has a title of its own.
    tags = [tag for tag, _ in found.tags]
    assert tags[: tags.index("body")].count("title") == 1
    assert len(found.every("h1")) == len(found.every("main")) == 1
    skip = next(a for a in found.every("a") if a.get("class") == "skip")
    assert skip["href"].lstrip("#") in {attrs.get("id") for _, attrs in found.tags}
    idents = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(idents) == len(set(idents))


@pytest.mark.parametrize("path", [*PAGES, "/embed"])
def test_a_page_runs_and_loads_only_our_files(client, path):
    found = page(client, path, "it")
    prefix = f"{BASE}/static/{version()}/"
    loaded = [a["src"] for t, a in found.tags if "src" in a]
    # An alternate is for other programs to find.
    loaded += [a["href"] for a in found.every("link") if a["rel"] != "alternate"]
    names = {address.removeprefix(prefix) for address in loaded}
    # The map library is put there by the set-up, not by git.
    assert {n for n in names if not n.startswith("vendor/")} <= assets().keys()
    for tag, attrs in found.tags:
        assert tag not in {"style", "iframe", "object", "embed"}
        assert tag != "base" or attrs == {"target": "_blank"}  # it moves no address
        assert not any(name == "style" or name.startswith("on") for name in attrs)
        # A block of linked data is not run.
        assert tag != "script" or attrs["type"] in {"module", "application/ld+json"}


@pytest.mark.parametrize("path", [*PAGES, "/embed"])
def test_links_stay_in_the_service_or_are_plain_web_addresses(client, path):
    for attrs in page(client, path, "it").every("a"):
        assert attrs["href"].startswith((f"{BASE}/", "https://", "#", "?"))


def test_hostile_text_is_shown_and_inert(client):
    answer = client.get("/collections/luoghi/items", params={"f": "html", "limit": "60"})
    found = Page(answer.text)
    assert not found.every("script")
    assert {attrs["src"] for attrs in found.every("img")} == {f"{BASE}/static/{version()}/icon.svg"}
    shown = "".join(re.findall(r">([^<]*)<", answer.text))
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in shown
    assert len(NAUGHTY) == sum("Sede" not in n for n in NAUGHTY)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
     "vbscript:x", "\x01javascript:alert(1)", "http://[bad"],
)  # fmt: skip
def test_a_link_that_could_run_leads_nowhere(address):
    assert safe_href(address) == "#"


@given(address=st.text(max_size=40))
def test_a_link_has_a_web_scheme_or_none(address):
    kept = safe_href(address)
    scheme = re.match(r"(?i)([a-z][a-z0-9+.-]*):", kept)
    assert scheme is None or scheme[1].lower() in {"http", "https"}


def test_a_page_that_lacks_a_value_is_an_error_and_not_a_hole():
    with pytest.raises(UndefinedError):
        render("conformance", {"base": BASE, "release": None}, "it")


def test_an_error_is_a_page_in_both_languages():
    problem = {
        "title": "Not Found", "status": 404, "detail": "<b>no</b>", "parameter": "", "hint": "",
    }  # fmt: skip
    for lang, heading in (("it", "Qui non c"), ("en", "There is nothing here")):
        text = render("error", {"base": BASE, "release": None, "doc": problem}, lang)
        assert heading in text
        assert "&lt;b&gt;no&lt;/b&gt;" in text


def item_page(lang, **properties):
    """Return the page of one feature whose fields are all measured in `m`."""
    codes = {"published": {"it": "Pubblicato", "en": "Published"}[lang]}
    fields = [FieldWords(name, name, "", "m", "mm", codes) for name in properties]
    context = {
        "base": BASE, "release": None, "doc": {"id": "x", "properties": properties},
        "collection": {"id": "c", "attribution": "Chi", "license": "CC0-1.0", "links": []},
        "heading": "x", "fields": fields, "neighbours": (), "on_map": None, "formats": (),
    }  # fmt: skip
    return render("item", context, lang)


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [("GET", "/nulla", 404, "indirizzo è sbagliato"),
     ("GET", "/collections/luoghi/items?limit=x", 400, "Un parametro"),
     ("GET", "/collections/luoghj", 404, "Forse &#39;luoghi&#39;?"),
     ("GET", "/collections/luoghi/items?lmit=1", 400, "Forse `limit`?"),
     ("GET", "/collections?lang=fr", 400, "Uno fra: it, en."),
     ("GET", "/collections/luoghi/items?limit=1&limit=1", 400, "Scriverlo una volta sola."),
     ("POST", "/collections", 405, "si possono solo leggere")],
)  # fmt: skip
def test_an_error_speaks_the_language_of_the_reader_first(client, method, path, status, said):
    answer = client.request(method, path, headers={"accept": "text/html"})
    assert answer.status_code == status
    assert said in answer.text
    assert ("<dt>Parametro</dt>" in answer.text) == ("?" in path)
    assert "<dd><code></code></dd>" not in answer.text
    assert '<dd lang="en"></dd>' not in answer.text
    detail = re.search(r'<p class="detail">(.+)</p>', answer.text)
    assert detail
    assert "lang=" not in detail[1]


@pytest.mark.parametrize(
    ("asked", "header", "lang"),
    [("?lang=it", "en", "it"), ("?lang=en", "it", "en"), ("", "en-GB,en;q=0.9", "en"),
     ("", "it-IT,it;q=0.9,en;q=0.8", "it"), ("", "de", "it"), ("?lang=fr", "en", "en"),
     ("?lang=it&lang=it", "en", "it")],
)  # fmt: skip
def test_an_error_is_in_the_language_that_is_asked_for(client, asked, header, lang):
    headers = {"accept": "text/html", "accept-language": header}
    for path in ("/nulla", "/collections", "/collections/nulla/items"):
        answer = client.get(f"{path}{asked or '?x=1'}", headers=headers)
        if answer.status_code != 200:
            assert answer.headers["content-language"] == lang
            assert f'<html lang="{lang}">' in answer.text


@pytest.mark.parametrize(
    ("value", "it", "en"),
    [(None, "—", "—"), (True, "sì", "yes"), (1234567.5, "1.234.567,5 m", "1,234,567.5 m"),
     (2023, "2023 m", "2023 m"), (["a", "published"], "a, Pubblicato", "a, Published"),
     ([], "—", "—"), (0, "0 m", "0 m"), (1, "1 mm", "1 mm"),
     ("published", "Pubblicato", "Published"),
     (0.1256, '<span title="0.1256">0,13</span> m', '<span title="0.1256">0.13</span> m'),
     (1.001, '<span title="1.001">1</span> mm', '<span title="1.001">1</span> mm')],
)  # fmt: skip
def test_values_are_written_as_people_write_them(value, it, en):
    for lang, expected in (("it", it), ("en", en)):
        assert f"<td>{expected}</td>" in item_page(lang, campo=value)


@pytest.mark.parametrize(
    ("name", "value", "other", "said"),
    [("affidabilita", "bassa", "normale", "Affidabilità bassa"),
     ("dato_sintetico", True, False, "Dati dimostrativi")],
)  # fmt: skip
def test_a_page_says_when_its_values_are_shaky_or_invented(name, value, other, said):
    assert said in item_page("it", **{name: value})
    assert said not in item_page("it", **{name: other})


@pytest.mark.parametrize("path", ["", "/items", "/items/luogo-001"])
def test_a_page_of_data_names_its_source_and_licence(client, path):
    text = client.get(f"/collections/luoghi{path}", params={"f": "html"}).text
    assert "Attribuzione" in text
    assert "Atlante, dati di prova" in text
    assert 'href="https://creativecommons.org/licenses/by/4.0/"' in text


def test_a_collection_says_where_it_is_and_what_can_be_taken(client, small_release):
    text = client.get("/collections/luoghi", params={"f": "html"}).text
    assert " ".join(re.search(r"<dd>(da .*?)</dd>", text, re.DOTALL)[1].split()) == (
        "da 8,0° a 8,9° est, da 45,0° a 45,5° nord"
    )
    links = client.get("/collections/luoghi").json()["links"]
    lengths = {link["href"]: link.get("length") for link in links if link["rel"] == "enclosure"}
    whole = small_release.path("collections/luoghi/features.parquet").stat().st_size
    assert lengths[f"{BASE}/download/luoghi.parquet"] == whole
    assert re.search(r'luoghi\.parquet">GeoParquet</a> \(\d+(,\d)? kB\)', text)
    assert 'luoghi.mbtiles">MBTiles</a> (fatto su richiesta)' in text
    assert f'href="{BASE}/collections/luoghi/tiles?f=html' in text
    assert (
        "/tiles?"
        not in client.get("/collections/enti", params={"f": "html"}).text.split("<footer")[0]
    )
    assert [text.count(f"<h2>{h}</h2>") for h in ("Consultare", "Scaricare", "Per programmi")] == [
        1, 1, 1,
    ]  # fmt: skip
    assert text.count(">GeoJSON</a>") == 1


@pytest.mark.parametrize(
    ("length", "it", "en"),
    [(999, "999 byte", "999 bytes"), (1_500, "1,5 kB", "1.5 kB"), (2_340_000, "2,3 MB", "2.3 MB"),
     (5_000_000_000, "5 GB", "5 GB")],
)  # fmt: skip
def test_sizes_are_written_as_people_write_them(length, it, en):
    doc = {
        "id": "c", "attribution": "Chi", "license": "CC0-1.0",
        "links": [{"rel": "enclosure", "href": f"{BASE}/x", "type": "x", "length": length}],
    }  # fmt: skip
    for lang, expected in (("it", it), ("en", en)):
        context = {**COLLECTION, "doc": doc, "on_map": None}
        assert f"({expected})" in render("collection", context, lang)


def test_codes_and_units_are_words_in_the_language_of_the_page(client):
    text = client.get("/collections/luoghi/items", params={"f": "html"}).text
    assert "<td>Pubblicato</td>" in text
    assert ">published<" not in text
    assert "<small>(posti)</small>" in text
    english = client.get("/collections/luoghi/items", params={"f": "html", "lang": "en"}).text
    assert "<td>Published</td>" in english
    assert "<small>(places)</small>" in english


@pytest.mark.parametrize(
    ("family", "at"),
    [("sedi", ["sedi=1"]), ("bisogni_h3", ["layer=bisogni_h3"]), ("reti", [])],
)
def test_a_collection_opens_on_the_map_by_itself_or_not_at_all(family, at):
    doc = {"id": "c", "attribution": "Chi", "license": "CC0-1.0", "links": []}
    context = {**COLLECTION, "doc": doc, "on_map": opened_at(family)}
    links = [a["href"] for a in Page(render("collection", context, "it")).every("a")]
    assert [link for link in links if "/embed/?" in link] == [
        f"{BASE}/embed/?lang=it",
        *(f"{BASE}/embed/?lang=it&{parameter}" for parameter in at),
    ]


def test_one_feature_is_counted_in_the_singular(client):
    def said(**params):
        return client.get("/collections/enti/items", params={"f": "html", **params}).text

    several = client.get("/collections/enti/items").json()["numberMatched"]
    assert f"<p>1 di {several} oggetti</p>" in said(limit=1)
    assert "<p>1 di 1 oggetto</p>" in said(filter="id = 'ente-1'")
    assert "<p>1 of 1 feature</p>" in said(filter="id = 'ente-1'", lang="en")


def test_a_row_of_a_table_begins_with_the_name_and_the_table_says_that_it_scrolls(client):
    address = "/collections/luoghi/items?limit=20"
    text = client.get(f"{address}&f=html").text
    shown = [html.unescape(cell) for cell in re.findall(r'<th scope="row"><a[^>]*>([^<]*)', text)]
    features = client.get(address).json()["features"]
    named = [(f["properties"]["nome"], f["id"]) for f in features]
    assert shown == [f"{name} · {ident}" if name else ident for name, ident in named]
    assert "scorre di lato" in text
    assert '<th scope="col" rowspan="2">Identificativo</th>' in text


def test_static_files_last_for_ever_under_their_version(client):
    answer = client.get(f"/static/{version()}/pages.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    known = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/static/{version()}/pages.css", headers=known).status_code == 304
    assert client.get("/static/old/pages.css").headers["cache-control"] == "no-cache"
    plain = client.get(f"/static/{version()}/pages.css", headers={"accept-encoding": "identity"})
    assert plain.content == answer.content == gzip.decompress(assets()["pages.css"].gzipped)


def test_a_browser_that_asks_for_the_icon_by_itself_gets_it(client):
    answer = client.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content == assets()["icon.svg"].body


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "embed", "", "nope.css"])
def test_nothing_else_is_served_as_a_file(client, path):
    assert client.get(f"/static/{version()}/{path}").status_code == 404


def test_the_map_of_other_layers_shows_those_with_areas(client, small_release):
    made = config(small_release.manifest, public_url=BASE)
    assert (made["base"], made["points"]) == (None, [])
    assert [area["id"] for area in made["areas"]] == ["celle"]
    assert client.get("/embed/config.json").json()["places"] == []
    assert "celle" in client.get("/embed/").text
    assert client.get("/embed/", params={"layer": "x"}).status_code == 404
    assert client.get("/embed/", params={"livello": "x"}).status_code == 400


def test_styles_are_listed_and_negotiated(client):
    listed = client.get("/styles").json()["styles"]
    assert {s["id"] for s in listed} == {"luoghi", "celle"}
    assert all(s["links"][0]["href"].startswith(f"{BASE}/styles/") for s in listed)
    answer = client.get("/styles/celle", headers={"accept": "application/vnd.mapbox.style+json"})
    assert answer.headers["content-type"] == "application/vnd.mapbox.style+json"
    assert answer.json()["version"] == 8
    assert client.get("/styles/celle", headers={"accept": "image/png"}).status_code == 406
    assert client.get("/styles/celle?f=sld10").status_code == 400
    assert client.get("/styles/cella").json()["hint"] == "Forse 'celle'?"
