"""The documents that describe the service, as data and as pages."""

from __future__ import annotations

import jsonschema
import pytest
from api_client import BASE, ITEMS, PAGES, addresses, links, local

from api.describe.links import LICENCES
from api.features.crs import CRS84, SUPPORTED


@pytest.mark.parametrize("path", PAGES)
def test_every_document_is_json_and_a_page_in_both_languages(client, path):
    data = client.get(path)
    assert data.status_code == 200
    assert "json" in data.headers["content-type"]
    for lang in ("it", "en"):
        page = client.get(path, params={"f": "html", "lang": lang})
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-language"] == lang
        assert {"Accept", "Accept-Language"} <= set(page.headers["vary"].split(", "))
        assert f'<html lang="{lang}">' in page.text
        assert "http://evil.example" not in page.text


@pytest.mark.parametrize("path", PAGES)
def test_both_slash_forms_answer_alike_without_a_redirect(client, path):
    with_slash = client.get(f"{path.rstrip('/')}/", follow_redirects=False)
    assert (with_slash.status_code, with_slash.content) == (200, client.get(path).content)


def test_every_link_of_every_document_starts_with_the_public_address_and_answers(client):
    seen, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        kind = answer.headers["content-type"]
        if "json" in kind and "openapi" not in kind:
            found = [local(a) for a in addresses(answer.json()) if a not in LICENCES.values()]
            waiting += [path for path in found if "{" not in path]
    assert {"/api", "/conformance", "/collections", "/embed", "/disclosure"} <= seen
    assert "/download/luoghi.parquet" in seen


@pytest.mark.parametrize("path", ["/", "/collections/luoghi", ITEMS])
def test_the_link_to_the_page_of_a_document_is_of_a_plain_media_type(client, path):
    said = client.get(path).json()["links"]
    pages = [link for link in said if link["rel"] == "alternate" and "f=html" in link["href"]]
    assert [link["type"] for link in pages] == ["text/html"]


def test_the_landing_page_says_where_everything_is(client):
    document = client.get("/").json()
    for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
        assert links(document, rel), rel


def test_a_collection_says_all_that_clients_look_for(client):
    document = client.get("/collections/luoghi").json()
    assert document["itemType"] == "feature"
    assert document["crs"] == list(SUPPORTED)
    assert document["storageCrs"] == CRS84
    assert document["extent"]["spatial"]["bbox"] == [[8.0, 45.0, 8.9, 45.5]]
    ogc = "http://www.opengis.net/def/rel/ogc/1.0/"
    for rel in ("items", "license", "describedby", "enclosure", f"{ogc}schema"):
        assert links(document, rel), rel
    assert links(document, "describedBy") == links(document, "describedby"), "for GDAL 3.6"
    for rel in (f"{ogc}queryables", f"{ogc}sortables", f"{ogc}tilesets-vector"):
        assert links(document, rel), rel


def test_a_collection_states_its_licence_and_whom_to_name(client):
    listed = {c["id"]: c for c in client.get("/collections").json()["collections"]}
    for document in (listed["luoghi"], client.get("/collections/luoghi").json()):
        assert document["license"] == "CC-BY-4.0"
        assert document["attribution"] == "Atlante, dati di prova"
        (licence,) = (k for k in document["links"] if k["rel"] == "license")
        # QGIS shows the title of this link as the licence of the layer.
        assert (licence["title"], licence["href"]) == ("CC-BY-4.0", LICENCES["CC-BY-4.0"])


def test_a_link_states_the_type_that_is_answered(client):
    for link in client.get("/collections/luoghi").json()["links"]:
        if link["href"].startswith(BASE) and link["rel"] != "alternate":
            answered = client.get(local(link["href"])).headers["content-type"]
            assert answered.split(";")[0] == link["type"].split(";")[0], link


def test_a_collection_without_geometry_claims_no_place(client):
    document = client.get("/collections/enti").json()
    assert "spatial" not in document.get("extent", {})
    assert "crs" not in document
    assert not [a for a in addresses(document) if "/tiles" in a or ".pmtiles" in a]


def test_titles_follow_the_language(client):
    assert client.get("/collections/luoghi").json()["title"] == "Luoghi"
    english = client.get("/collections/luoghi", headers={"Accept-Language": "en-GB,it;q=0.5"})
    assert english.json()["title"] == "Places"
    assert english.headers["content-language"] == "en"
    assert (
        client.get("/", headers={"Accept-Language": "../../x"}).headers["content-language"] == "it"
    )


def test_the_schemas_hold_every_field(client):
    flat = client.get("/collections/luoghi/schema")
    assert flat.headers["content-type"] == "application/schema+json"
    fields = flat.json()["properties"]
    sample = client.get(ITEMS).json()["features"][0]["properties"]
    assert [name for name in fields if name != "geometry"] == list(sample)
    assert fields["id"]["x-ogc-role"] == "id"
    assert fields["geometry"] == {
        "title": "Geometria",
        "format": "geometry-point",
        "x-ogc-role": "primary-geometry",
    }
    assert fields["posti"]["x-ogc-unit"] == "posti"
    codes = [code["const"] for code in fields["tipo"]["oneOf"]]
    assert {"published", "band"} <= set(codes)
    nested = client.get("/collections/luoghi/schema?f=geojson").json()
    assert [*nested["properties"]["properties"]["properties"]] == [n for n in sample if n != "id"]


def test_schemas_are_valid_and_every_feature_obeys(client):
    for ident in ("luoghi", "celle", "enti"):
        schema = client.get(f"/collections/{ident}/schema").json()
        jsonschema.Draft202012Validator.check_schema(schema)
    queryables = client.get("/collections/luoghi/queryables").json()
    assert "tipi" in queryables["properties"]
    assert "tipi" not in client.get("/collections/luoghi/sortables").json()["properties"]
    assert queryables["additionalProperties"] is False


def test_every_function_that_is_listed_can_be_called_as_it_says(client):
    values = {"number": ("posti", "1"), "string": ("nome", "'a'"), "datetime": ("fatto_il", "")}
    listed = client.get("/functions").json()["functions"]
    assert [one["name"] for one in listed] == ["abs", "ceil", "floor", "length", "year"]
    for one in listed:
        (taken,), (given,) = one["arguments"][0]["type"], one["returns"]
        said = {"filter": f"{one['name']}({values[taken][0]}) >= {values[given][1]}"}
        assert client.get(ITEMS, params=said).json()["numberMatched"] > 0, one
    described = {one["description"] for one in client.get("/functions?lang=en").json()["functions"]}
    assert not described & {one["description"] for one in listed}


def test_conformance_declares_what_qgis_needs_to_send_a_filter(client):
    classes = client.get("/conformance").json()["conformsTo"]
    assert len(classes) == len(set(classes))
    # Without one of these QGIS filters by itself; the last two are of older versions and newer.
    for name in (
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-3/1.0/conf/filter",
        "ogcapi-features-3/1.0/conf/features-filter",
        "cql2/1.0/conf/cql2-text",
        "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/basic-spatial-operators",
        "cql2/1.0/conf/basic-spatial-functions",
    ):
        assert f"http://www.opengis.net/spec/{name}" in classes
