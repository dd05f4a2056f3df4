"""The pages that say what there is to ask: fields, addresses, releases, conformance."""

from __future__ import annotations

import html
import re

import pytest
from api_client import BASE


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
