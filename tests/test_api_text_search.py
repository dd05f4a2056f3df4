"""Full text (`q`): whole words in Italian, whatever their case, accents and number."""

from __future__ import annotations

import pytest
from api_release import ROOT
from hypothesis import given
from hypothesis import strategies as st

from api.features.columns import read_column, read_list_column
from api.features.sought import (
    MAX_LENGTH,
    MAX_TERMS,
    Reading,
    read_sought,
    reading,
    searched,
    spelt,
)
from geo_core.catalog import read_catalog
from geo_core.errors import InvalidParameter
from geo_core.model.field import Field
from geo_core.model.manifest import Code
from geo_core.model.text import Text

ITEMS = "/collections/luoghi/items"
SAID = Text(it="Nome", en="Name")
NAME = Field(name="nome", type="text", title=SAID, description=SAID)


def texts(*values) -> Reading:
    return reading(read_column(NAME, values), ())


def found(q, *values):
    return texts(*values).holding(read_sought({"q": q})).tolist()


SAME = {
    "servizio": "Servizi",
    "scuole": "scuola",
    "anziana": "ANZIANI",
    "biblioteche": "Biblioteca",
    "laghi": "lago",
    "amiche": "amico",
    "province": "Provincia",
    "uffici": "ufficio",
    "città": "CITTA'",
    "perché no": "perche no",
    "sportello per l'infanzia": "Sportelli dell\u2019infanzia",
    "via Libertà": "Via della Libertà, 12",
    "12": "Via della Libertà, 12",
}


@pytest.mark.parametrize(("q", "text"), SAME.items())
def test_case_accents_articles_and_number_make_no_difference(q, text):
    assert found(q, text, None, "altro") == [True, False, False]


OTHER = {
    "asilo": "casilina",
    "anziani": "anzianità",
    "nido asilo": "Asilo nido",
    "asilo comunale": "Asilo nido comunale",
    "idee": "Ida",
    "2": "12",
}


@pytest.mark.parametrize(("q", "text"), OTHER.items())
def test_parts_of_words_and_other_orders_are_not_found(q, text):
    assert found(q, text) == [False]


def test_commas_separate_alternatives():
    assert found("mensa, doposcuola", "Mense", "Doposcuola estivo", "Nido") == [True, True, False]


@given(words=st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=5), at=st.data())
def test_every_run_of_words_of_a_text_finds_it(words, at):
    first = at.draw(st.integers(0, len(words) - 1))
    sought = spelt(" ".join(words[first : at.draw(st.integers(first + 1, len(words)))]))
    assert sought.strip() == "" or sought in spelt(" ".join(words))


@pytest.mark.parametrize("q", ["asili", "nursery", "ASILO NIDO"])
def test_a_code_is_found_by_its_title_in_both_languages(q):
    codes = (Code(code="x1", title=Text(it="Asilo nido", en="Nursery")),)
    one = reading(read_column(NAME, ["x1", None, "x2"]), codes)
    many = reading(read_list_column([["x1", "x2"], ["x2"], None]), codes)
    for column in (one, many):
        assert column.holding(read_sought({"q": q})).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "q", ["", " ", ",", "nido,", "di", "'", "a" * (MAX_LENGTH + 1), ",".join("ab" * MAX_TERMS)]
)
def test_what_holds_no_word_or_too_many_is_refused(q):
    with pytest.raises(InvalidParameter):
        read_sought({"q": q})


def test_no_field_of_identifiers_addresses_or_protected_marks_is_read():
    layers = {layer.id: layer for layer in read_catalog(ROOT).layers}
    assert set(searched(layers["sedi"])) >= {"nome", "nome_en", "indirizzo", "tipo_sede"}
    assert searched(layers["bisogni_h3_r7"]) == ()
    read = {name for layer in layers.values() for name in searched(layer)}
    assert not {n for n in read if n.startswith(("id", "h3", "cod_")) and n != "cod_siuss"}
    assert not read & {"email", "telefono", "sito", "fonte", "licenza", "link", "servizi"}


def test_words_go_with_other_conditions_and_pages(client):
    every = client.get(ITEMS, params={"q": "sedi"}).json()
    names = [feature["properties"]["nome"] for feature in every["features"]]
    assert every["numberMatched"] == len(names) > 20
    assert all(name.startswith("Sede") for name in names)
    few = client.get(ITEMS, params={"q": "sedi", "aperto": "true", "limit": 3}).json()
    assert 3 < few["numberMatched"] < len(names)
    (following,) = [link["href"] for link in few["links"] if link["rel"] == "next"]
    assert "q=sedi" in following


def test_where_there_is_nothing_to_read_the_parameter_does_not_exist(client):
    assert client.get("/collections/celle/items", params={"q": "a"}).status_code == 400
    paths = client.get("/api").json()["paths"]
    for ident, offered in (("luoghi", True), ("celle", False)):
        named = paths[f"/collections/{ident}/items"]["get"]["parameters"]
        assert ("q" in {one.get("name") for one in named}) is offered


@pytest.mark.parametrize(("lang", "label"), [("it", "Cerca parole"), ("en", "Search for words")])
def test_the_page_has_a_search_field_that_keeps_what_was_sought(client, lang, label):
    page = client.get(ITEMS, params={"f": "html", "lang": lang, "q": '"><b>sede'}).text
    assert label in page
    assert 'value="&#34;&gt;&lt;b&gt;sede"' in page
    assert "<form" not in client.get("/collections/celle/items", params={"f": "html"}).text
