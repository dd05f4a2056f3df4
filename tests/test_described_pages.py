"""The pages that say what there is to ask: fields, addresses, releases, conformance."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import shapely
from api_client import BASE

from api.describe.classes import WORDS
from api.features.beside import neighbours, on_map
from api.features.engine import open_collection
from api.pages.shelves import THEMES, shelves
from geo_core.model.layer import Layer
from geo_core.styling.legend import rows


def text_of(client, path, lang="it"):
    answer = client.get(path, params={"f": "html", "lang": lang})
    assert answer.status_code == 200
    return html.unescape(answer.text)


def links_of(text):
    return re.findall(r'<a [^>]*href="([^"]*)"', text)


@pytest.mark.parametrize(
    ("collection", "shown"), [("luoghi", "tipo = 'band'"), ("enti", "id = 'ente-0'")]
)
def test_the_fields_to_filter_on_show_a_filter_that_matches(client, collection, shown):
    address = f"/collections/{collection}/queryables"
    text = text_of(client, address)
    assert f"<code>filter={shown}</code>" in text
    (link,) = (one for one in links_of(text) if "filter=" in one)
    answer = client.get(link.removeprefix(BASE).replace("f=html", "f=json"))
    assert answer.json()["numberMatched"] > 0
    assert "filter=" not in text_of(client, address.replace("query", "sort"))


def test_the_fields_to_filter_on_tell_every_code_and_every_type_in_words(client):
    text = text_of(client, "/collections/luoghi/queryables")
    codes = client.get("/collections/luoghi/queryables").json()["properties"]["tipo"]["oneOf"]
    for code in codes:
        # In a field of one code and in one of a list.
        assert text.count(f"<li><code>{code['const']}</code> {code['title']}</li>") == 2
    assert set(re.findall(r'data-label="Tipo">([^<]*)<', text)) == {
        "testo", "codice", "elenco di codici", "numero intero", "numero", "sì o no (true, false)",
        "data (AAAA-MM-GG)", "geometria",
    }  # fmt: skip


def test_collections_stand_under_their_themes(client):
    text = text_of(client, "/collections")
    listed = client.get("/collections").json()["collections"]
    found = [link for link in links_of(text) if "/collections/" in link]
    assert sorted(found) == sorted(
        f"{BASE}/collections/{one['id']}?f=html&lang=it" for one in listed
    )
    anchors = {link for link in links_of(text) if link.startswith("#")} - {"#main"}
    assert len(anchors) > 1
    assert {f"#{ident}" for ident in re.findall(r'<h2 id="([^"]+)"', text)} == anchors


def test_every_group_of_layers_is_a_theme():
    assert set(THEMES) == set(get_args(Layer.model_fields["group"].annotation))


def test_sizes_and_years_of_one_subject_stand_together(catalog):
    layers = catalog.layers
    families = {f.id: f for one in shelves(layers, "en") for f in one.families}
    assert families["bisogni_h3"].title == "Social needs"
    assert [one.label for one in families["bisogni_h3"].members] == [
        "hexagons of about 36 km²",
        "hexagons of about 5 km²",
        "hexagons of about 0.7 km²",
        "hexagons of about 5 km², every year",
    ]
    assert {m.id for f in families.values() for m in f.members} == {one.id for one in layers}


@pytest.mark.parametrize("lang", ["it", "en"])
def test_the_page_of_the_api_has_every_address_once_and_links_that_answer(client, lang):
    text = text_of(client, "/api", lang)
    paths = client.get("/api").json()["paths"]
    shown = re.findall(r"<dt>(?:<b>POST</b> )?(?:<a [^>]*>)?<code>(/[^<]*)</code>", text)
    assert sorted(shown) == sorted(paths)
    tried = {link.removeprefix(BASE) for link in links_of(text) if link.startswith(BASE)}
    assert len(tried) > len(paths) / 2
    for link in tried:
        assert client.get(link).status_code == 200, link
    assert text.count("<details") > len(client.get("/collections").json()["collections"])
    assert "`" not in text


@pytest.mark.parametrize("lang", ["it", "en"])
def test_conformance_says_of_each_class_what_it_lets_one_do(client, lang):
    declared = client.get("/conformance").json()["conformsTo"]
    shown = re.findall(
        r'<dt>(.+?)</dt><dd><code class="detail">([^<]+)<', text_of(client, "/conformance", lang)
    )
    assert sorted(address for _, address in shown) == sorted(declared)
    assert set(WORDS) == set(declared)
    assert len({text for text, _ in shown}) > len(declared) - 5


def test_each_release_leads_to_what_never_changes(client, small_release):
    for here in ("", f"/releases/{small_release.id}"):
        (listed,) = client.get(f"{here}/releases").json()["releases"]
        pinned = f"{BASE}/releases/{small_release.id}"
        assert {link["rel"]: link["href"] for link in listed["links"]} == {
            "item": f"{pinned}/",
            "cite-as": f"{pinned}/",
            "describedby": f"{pinned}/citation.bib",
            "privacy-policy": f"{pinned}/disclosure",
        }
        shown = {link for link in links_of(text_of(client, f"{here}/releases")) if pinned in link}
        assert {f"{pinned}/?f=html&lang=it", f"{pinned}/disclosure?f=html&lang=it"} <= shown
    for link in shown:
        answer = client.get(link.removeprefix(BASE))
        assert answer.status_code == 200


@pytest.mark.parametrize("lang", ["it", "en"])
def test_styles_are_shown_with_their_legends(client, small_release, lang):
    text = text_of(client, "/styles", lang)
    for family, style in small_release.manifest.styles.items():
        for row in rows(style):
            assert f'fill="{row.colour}"' in text
            assert f"<span>{row.title.in_(lang)}</span>" in text, family
    listed = {f"{BASE}/styles/{one['id']}" for one in client.get("/styles").json()["styles"]}
    linked = {link for link in links_of(text) if "/styles/" in link}
    assert {link.partition("?")[0] for link in linked} == listed
    assert all(client.get(link.removeprefix(BASE)).status_code == 200 for link in linked)


def test_people_are_led_to_pages(client):
    """Nobody who follows a link of the first page as a browser does lands on raw data."""
    links = [one for one in links_of(text_of(client, "/")) if one.startswith(BASE)]
    links.remove(f"{BASE}/?f=json&lang=it")  # at the end, and called JSON
    for link in links:
        answer = client.get(link.removeprefix(BASE), headers={"accept": "text/html,*/*;q=0.8"})
        if "/qgis/" in link:  # a file to keep, and its button says so
            assert answer.headers["content-disposition"].startswith("attachment; ")
            continue
        assert answer.headers["content-type"].startswith("text/html"), link
    assert f"{BASE}/styles?f=html&lang=it" in links


def test_the_page_of_a_feature_leads_to_those_beside_it_in_the_list(client):
    here = "/collections/luoghi/items"
    listed = [one["id"] for one in client.get(here).json()["features"]]
    for place in (0, 1, len(listed) - 1):
        text = text_of(client, f"{here}/{listed[place]}")
        found = re.findall(r'rel="(prev|next)" href="[^"]*/items/([^?]+)\?', text)
        beside = {"prev": listed[place - 1] if place else None, "next": (*listed, None)[place + 1]}
        assert dict(found) == {rel: ident for rel, ident in beside.items() if ident}
        links = [one for one in links_of(text) if f"{listed[place]}?f=" in one]
        formats = [one.partition("?f=")[2].partition("&")[0] for one in links]
        assert formats == ["json", "jsonfg", "json"]  # beside the values, and at the end
        assert all(client.get(one.removeprefix(BASE)).status_code == 200 for one in links)


def test_a_page_leads_to_what_it_shows_as_json(client):
    """The same features of the same query, said in the same language."""
    shown = client.get("/collections/luoghi/items?limit=1&offset=1&lang=en&f=html").text
    (link,) = re.findall(r'href="([^"]*)">This page as JSON<', shown)
    answer = client.get(html.unescape(link).removeprefix(BASE))
    assert answer.headers["content-language"] == "en"
    second = client.get("/collections/luoghi/items?limit=1&offset=1").json()["features"]
    assert answer.json()["features"] == second


def test_a_feature_that_the_list_leaves_out_has_nothing_beside_it(small_release):
    collection = open_collection(small_release, "luoghi")
    gone = replace(collection, row_of={}, order=collection.order[1:])
    assert neighbours(gone, int(collection.order[0]), "it") == ()
    assert [one.rel for one in neighbours(gone, int(collection.order[1]), "it")] == ["next"]


@pytest.mark.parametrize(
    ("family", "shape", "at"),
    [("sedi", shapely.Point(8.5, 45.3), "sedi=1&map=12/45.30000/8.50000"),
     ("bisogni_h3", shapely.box(8, 45, 8.5, 45.25), "layer=bisogni_h3&map=9/45.12500/8.25000"),
     ("sedi", None, None), ("reti", shapely.Point(8, 45), None)],
)  # fmt: skip
def test_a_feature_is_found_on_the_map_where_it_lies(small_release, family, shape, at):
    collection = open_collection(small_release, "luoghi")
    layer = collection.layer.model_copy(update={"family": family})
    info = collection.info.model_copy(update={"layer": layer})
    assert on_map(replace(collection, info=info, shapes=np.array([shape])), 0) == at
