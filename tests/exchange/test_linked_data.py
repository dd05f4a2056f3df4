"""Linked data in pages: it says what the page says, closes no script, tells no secret place."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import httpx2
import pytest
from exchange_release import BASE, HOSTILE, SECRET
from hypothesis import given
from hypothesis import strategies as st

from api.pages.templating import script_json
from checks.chromium import visit

LINKED = "application/ld+json"


class Scripts(HTMLParser):
    """The text of every script element, as a browser would find it."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script"
        if self.inside:
            self.found.append((dict(attrs).get("type"), ""))

    def handle_endtag(self, _tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            kind, text = self.found[-1]
            self.found[-1] = (kind, text + data)


def linked(client, path, lang="it"):
    answer = client.get(path, params={"f": "html", "lang": lang})
    assert answer.status_code == 200
    found = Scripts(answer.text).found
    assert {kind for kind, _text in found} <= {LINKED}
    return [json.loads(text) for _kind, text in found]


def item(client, collection, ident, lang="it"):
    (said,) = linked(client, f"/collections/{collection}/items/{ident}", lang)
    assert said["@context"] == "https://schema.org"
    assert said["@id"] == f"{BASE}/collections/{collection}/items/{ident}"
    return said


def title(catalog, codelist, code):
    return next(one.title.en for one in catalog.codelists[codelist] if one.code == code)


def test_a_service_names_its_giver_and_its_audience(client, catalog):
    said = item(client, "servizi", "SER-1", "en")
    assert said["@type"] == "GovernmentService"
    assert (said["name"], said["alternateName"]) == ("Nursery", "Nido")
    assert said["serviceType"] == title(catalog, "tipo_servizio", "nido")
    assert [a["audienceType"] for a in said["audience"]] == [title(catalog, "target", "minori")]
    assert said["provider"]["@type"] == "GovernmentOrganization"
    assert said["provider"]["@id"].endswith("/organizzazioni/items/ORG-1")
    assert said["disambiguatingDescription"] == "Data invented for demonstration."


def test_an_office_says_where_and_when(client):
    said = item(client, "sedi", "SED-1")
    assert said["@type"] == "CivicStructure"
    assert said["geo"] == {"@type": "GeoCoordinates", "latitude": 45.3, "longitude": 8.4}
    assert said["address"] == {
        "@type": "PostalAddress",
        "addressCountry": "IT",
        "streetAddress": "Via Roma 1",
        "postalCode": "13100",
        "addressLocality": "Vercelli",
    }
    assert said["openingHours"] == ["Mo,Tu,We,Th,Fr 09:00-12:30"]
    kind = "LocationFeatureSpecification"
    assert said["amenityFeature"] == [
        {"@type": kind, "name": "Ascensore", "value": False},
        {"@type": kind, "name": "Bagno accessibile", "value": True},
        {"@type": kind, "name": "Parcheggio riservato", "value": True},
    ]


@pytest.mark.parametrize("ident", SECRET[4:])
def test_of_a_secret_place_only_the_name_is_said(client, ident):
    said = item(client, "sedi", ident)
    assert set(said) == {"@context", "@id", "@type", "name", "disambiguatingDescription"}
    assert said["@type"] == "Organization"


def test_an_organisation_says_how_to_reach_it_and_no_secret_seat(client):
    said = item(client, "organizzazioni", "ORG-1")
    assert (said["telephone"], said["url"]) == ("0161 1", "https://prova.invalid/")
    assert said["address"]["addressLocality"] == "Vercelli"
    secret = item(client, "organizzazioni", "ORG-2")
    assert secret["@type"] == "NGO"
    assert not {"address", "geo", "location", "email", "url"} & set(secret)


def test_an_opportunity_is_what_its_kind_says(client):
    said = item(client, "opportunita", "OPP-1")
    assert said["@type"] == "Course"
    assert "url" not in said  # javascript: is no address


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_collection_is_a_dataset_with_its_downloads(client, lang):
    (said,) = linked(client, "/collections/sedi", lang)
    assert said["@type"] == "Dataset"
    assert said["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert said["publisher"]["name"] == {"it": "Ente di prova", "en": "Test body"}[lang]
    files = {one["contentUrl"] for one in said["distribution"]}
    assert f"{BASE}/download/sedi.parquet" in files
    assert said["includedInDataCatalog"]["url"] == f"{BASE}/dcat"


def test_other_pages_say_nothing(client):
    for path in (
        "/",
        "/collections",
        "/collections/sedi/items",
        "/collections/comuni/items/002158",
    ):
        assert linked(client, path) == []


def test_hostile_text_is_one_value_and_no_markup(client):
    said = item(client, "servizi", "SER-3")
    assert said["name"] == HOSTILE
    page = client.get("/collections/servizi/items/SER-3", params={"f": "html"}).text
    assert page.count("<script") == page.count("</script") == 1


@given(st.recursive(st.text() | st.integers(0, 9) | st.none(), st.lists, max_leaves=8))
def test_no_value_can_leave_its_script(value):
    text = script_json({"v": value})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == {"v": value}


def test_a_browser_reads_it_and_complains_of_nothing(demo_server, chromium, out):
    listed = httpx2.get(f"{demo_server.url}/collections/sedi/items?riservata=false&limit=1").json()
    office = listed["features"][0]["id"]
    with visit(chromium, width=1200, height=1000) as seen:
        page, complaints = seen.page, []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for name, path in (
            ("sede", f"/collections/sedi/items/{office}"),
            ("raccolta", "/collections/servizi"),
            ("hsds", "/hsds"),
            ("dcat", "/dcat"),
        ):
            page.goto(f"{demo_server.url}{path}?f=html&lang=it")
            blocks = page.evaluate(
                f"""[...document.querySelectorAll('script[type="{LINKED}"]')]
                    .map(block => JSON.parse(block.textContent)["@type"])"""
            )
            assert blocks == {"sede": ["CivicStructure"], "raccolta": ["Dataset"]}.get(name, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= 1200
            page.screenshot(path=out / f"scambio-{name}.png", full_page=True)
    assert complaints == []
