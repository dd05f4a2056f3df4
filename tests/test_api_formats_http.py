"""The formats over HTTP: which is chosen, what its headers say, how pages are followed."""

from __future__ import annotations

import html
import io
import json
import re

import pandas as pd
import pyarrow as pa
import pytest
from api_client import BASE, ITEMS, PROBLEM, client_of, links, local
from api_release import NAUGHTY, PLACES, layers
from read_formats import read

from api.features.crs import CRS84, SUPPORTED
from api.features.formats import answers
from api.features.formats.media import offered
from api.features.formats.writers import WRITERS

LAYERS = {layer.id: layer for layer in layers()}
CELLS = "/collections/celle/items"
TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}
NOT_JSON = [f for f in WRITERS if not f.startswith("h3")]
JSONFG = "http://www.opengis.net/def/profile/OGC/0/jsonfg"


def header_links(answer):
    """Return address and attributes of each link of the header, split as QGIS 4.0 does."""
    found = {}
    for one in re.split(r"\s*,\s*(?=<)", answer.headers["link"]):
        assert "," not in one
        address, *said = re.split(r"\s*;\s*(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", one)
        values = dict(pair.split("=", 1) for pair in said)
        found[values.pop("rel").strip('"')] = (address.strip("<>"), values)
    return found


# --- choosing


@pytest.mark.parametrize("f", TYPES)
def test_a_format_is_chosen_by_name_or_by_accept(client, f):
    by_name = client.get(ITEMS, params={"f": f})
    by_type = client.get(ITEMS, headers={"Accept": TYPES[f]})
    assert by_name.status_code == by_type.status_code == 200
    assert by_name.headers["content-type"] == by_type.headers["content-type"] == TYPES[f]
    assert by_name.content == by_type.content
    assert len(read(by_name.content, f, LAYERS["luoghi"])) == PLACES


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html", ""])
def test_what_was_answered_before_is_answered_still(client, accept):
    media = client.get(ITEMS, headers={"Accept": accept}).headers["content-type"]
    assert media == (
        "text/html; charset=utf-8" if accept == "text/html" else "application/geo+json"
    )


@pytest.mark.parametrize("f", ["xls", "shp", "CSV", "h3csv", "", "json,csv", "<b>"])
def test_an_unknown_format_is_refused_with_the_list(client, f):
    answer = client.get(ITEMS, params={"f": f, "lang": "en"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    names = [media.f for media in offered(LAYERS["luoghi"])]
    assert ", ".join(names) in answer.json()["hint"]
    assert "<b>" not in answer.text


def test_a_type_that_is_not_offered_is_not_acceptable(client):
    for path, accept in (
        (ITEMS, "application/xml"),
        ("/collections/enti/items", "application/flatgeobuf"),
        (f"{ITEMS}/luogo-001", "text/csv"),
    ):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.status_code == 406
        assert "application/geo+json" in answer.json()["hint"]


def test_every_format_is_linked_and_every_link_answers(client):
    for ident, layer in LAYERS.items():
        document = client.get(f"/collections/{ident}").json()
        addresses = links(document, "items")
        assert len(addresses) == len(offered(layer))
        page = client.get(f"/collections/{ident}/items?limit=2").json()
        for address in addresses + links(page, "alternate"):
            assert client.get(local(address)).status_code == 200
    (jsonfg,) = [k for k in document["links"] if k.get("profile")]
    assert jsonfg["type"] == "application/geo+json"
    # GDAL takes the last link of this type for the features.
    of_type = [k for k in document["links"] if k["type"] == jsonfg["type"]]
    assert [k.get("profile") for k in of_type if k["rel"] == "items"] == [jsonfg["profile"], None]
    assert jsonfg["profile"] == [JSONFG.replace("OGC", "ogc")]


def test_the_files_that_a_later_page_offers_begin_with_the_first_feature(client):
    (following,) = links(client.get(f"{ITEMS}?limit=2&sortby=-id").json(), "next")
    text = html.unescape(client.get(f"{local(following)}&f=html").text)
    (file,) = re.findall(r'href="([^"]*[?&]f=csv&[^"]*)"', text)
    lines = client.get(local(file)).text.split("\r\n")
    assert lines[1].startswith(f'"luogo-{PLACES - 1:03}"')


def test_the_page_of_a_collection_offers_files_of_all_there_is_or_says_what_they_lack(
    small_releases,
):
    cut = ("Questi hanno i primi 20 oggetti di 60", "These hold the first 20 features of 60")
    for most in (PLACES, 20):
        with client_of(small_releases, items_default=10, items_max=most) as client:
            pages = [
                client.get("/collections/luoghi", params={"f": "html", "lang": lang}).text
                for lang in ("it", "en")
            ]
            offers = re.findall(r'<a href="([^"]*/items\?f=[^"]*limit[^"]*)">([^<]*)</a>', pages[0])
            assert [name for _, name in offers] == [
                "GeoJSON", "JSON-FG", "CSV", "CSV (Excel, Calc)", "FlatGeobuf", "GeoPackage",
                "GeoParquet",
            ]  # fmt: skip
            for address, _ in offers:
                answer = client.get(local(html.unescape(address)))
                number = answer.headers.get("ogc-numberreturned")
                assert int(number or answer.json()["numberReturned"]) == most
            told = [re.sub(r"<[^>]*>", "", page) for page in pages]
            assert [sentence in page for sentence, page in zip(cut, told, strict=True)] == [
                most < PLACES,
                most < PLACES,
            ]


def test_each_collection_says_its_formats_in_the_openapi(client):
    paths = client.get("/api").json()["paths"]
    for ident, layer in LAYERS.items():
        operation = paths[f"/collections/{ident}/items"]["get"]
        (f,) = [p for p in operation["parameters"] if p.get("name") == "f"]
        assert f["schema"]["enum"] == [media.f for media in offered(layer)]
        content = operation["responses"]["200"]["content"]
        assert {media.type.partition(";")[0] for media in offered(layer)} == set(content)


# --- headers


@pytest.mark.parametrize("f", [*NOT_JSON, "jsonfg"])
def test_following_next_in_the_header_meets_every_feature_once(client, f):
    path, seen = f"{ITEMS}?f={f}&limit=25&sortby=-posti,nome&bbox=7,44,9,46", []
    whole = client.get(path.replace(f"f={f}&limit=25", "limit=60")).json()
    while path:
        page = client.get(path)
        assert page.headers["ogc-numbermatched"] == str(whole["numberMatched"])
        rows = read(page.content, f, LAYERS["luoghi"])
        assert page.headers["ogc-numberreturned"] == str(len(rows))
        seen += [values["id"] for values, _ in rows]
        following = header_links(page).get("next")
        path = local(following[0]) if following else None
    assert seen == [one["id"] for one in whole["features"]]


def test_the_next_page_of_an_accepted_type_is_of_that_type(client):
    page = client.get(f"{ITEMS}?limit=10", headers={"Accept": "application/flatgeobuf"})
    address, said = header_links(page)["next"]
    assert said["type"] == '"application/flatgeobuf"'
    assert client.get(local(address)).headers["content-type"] == "application/flatgeobuf"


@pytest.mark.parametrize("f", WRITERS)
def test_files_have_a_name_and_say_their_system(client, f):
    answer = client.get(CELLS, params={"f": f, "crs": SUPPORTED[2]})
    ending = f"h3.{f[2:]}" if f.startswith("h3") else f.replace("csv-it", "it.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="celle.{ending}"'
    assert answer.headers["content-crs"] == f"<{SUPPORTED[2]}>"
    part = client.get(CELLS, params={"f": f, "limit": 10, "offset": 10})
    assert f'filename="celle-11-20.{ending}"' in part.headers["content-disposition"]
    assert part.headers["content-crs"] == f"<{CRS84}>"


def test_other_sites_may_read_the_headers(client):
    exposed = client.get(ITEMS).headers["access-control-expose-headers"].split(", ")
    assert {"OGC-NumberMatched", "OGC-NumberReturned", "Content-Disposition"} <= set(exposed)


@pytest.mark.parametrize("f", [*WRITERS, "jsonfg"])
def test_a_client_that_holds_the_answer_is_told_so(client, f):
    first = client.get(CELLS, params={"f": f})
    headers = {"If-None-Match": first.headers["etag"]}
    assert client.get(CELLS, params={"f": f}, headers=headers).status_code == 304
    assert client.get(CELLS, params={"f": f}).content == first.content
    assert client.head(CELLS, params={"f": f}).headers["etag"] == first.headers["etag"]


def test_formats_of_one_address_have_etags_of_their_own(client):
    types = (*TYPES.values(), "application/geo+json", "application/fg+json", "text/html")
    tags = {client.get(ITEMS, headers={"Accept": one}).headers["etag"] for one in types}
    assert len(tags) == len(types)


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("f", [*WRITERS, "jsonfg"])
def test_a_large_answer_is_sent_while_it_is_made(client, monkeypatch, f, coding):
    whole = client.get(CELLS, params={"f": f, "limit": 60}, headers={"Accept-Encoding": coding})
    monkeypatch.setattr(answers, "HELD", 20)
    query = {"f": f, "limit": 59}
    answer = client.get(CELLS, params=query, headers={"Accept-Encoding": coding})
    streamed = "content-length" not in answer.headers
    assert streamed == (f != "gpkg")
    packs = f not in {"parquet", "h3parquet"} and coding != "identity"
    assert answer.headers.get("content-encoding") == (coding if packs else None)
    rows = read(plain(answer), f, LAYERS["celle"])
    assert rows == read(plain(whole), f, LAYERS["celle"])[:59]


def plain(answer):
    """Return the content of an answer; the client of these tests does not know zstd."""
    if answer.headers.get("content-encoding") != "zstd":
        return answer.content
    return pa.input_stream(io.BytesIO(answer.content), compression="zstd").read()


# --- JSON-FG


@pytest.mark.parametrize(
    "said", ["jsonfg", JSONFG, JSONFG.replace("OGC", "ogc"), "[ogc-profile:jsonfg]", "x,jsonfg"]
)
def test_the_profile_chooses_json_fg(client, said):
    answer = client.get(ITEMS, params={"profile": said, "limit": 2})
    assert answer.headers["content-type"] == "application/geo+json"
    assert header_links(answer)["profile"][0] == JSONFG
    assert links(answer.json(), "profile") == [JSONFG]
    assert answer.json()["features"] == client.get(f"{ITEMS}?f=jsonfg&limit=2").json()["features"]


def test_plain_geojson_is_the_default_and_can_be_asked_for(client):
    for query in ({}, {"profile": "rfc7946"}, {"f": "jsonfg", "profile": "rfc7946"}):
        document = client.get(ITEMS, params={**query, "limit": 2}).json()
        assert "conformsTo" not in document
        assert links(document, "profile") == [JSONFG.replace("jsonfg", "rfc7946")]
    assert client.get(ITEMS, params={"f": "csv", "profile": "jsonfg"}).text.startswith('"id"')


@pytest.mark.parametrize("said", ["", "raw", "jsonfg/", "http://evil.example/jsonfg", "JSONFG"])
def test_a_profile_that_is_not_offered_is_refused_with_the_list(client, said):
    answer = client.get(ITEMS, params={"profile": said})
    assert answer.status_code == 400
    assert "rfc7946, jsonfg, jsonfg-plus" in answer.json()["hint"]


@pytest.mark.parametrize("ident", LAYERS)
@pytest.mark.parametrize("profile", ["jsonfg", "jsonfg-plus"])
@pytest.mark.parametrize("crs", [None, SUPPORTED[1], SUPPORTED[3]])
def test_json_fg_keeps_the_rules_of_its_standard(client, ident, profile, crs):
    query = {"profile": profile, **({"crs": crs} if crs else {})}
    address = f"/collections/{ident}/items"
    document = client.get(address, params=query).json()
    plain = client.get(address).json()
    conforms = [name.rpartition("/")[2] for name in document["conformsTo"]]
    assert conforms == ["core", "types-schemas"]
    assert document["featureType"] == ident
    assert local(document["featureSchema"]) == f"/collections/{ident}/schema"
    assert document["coordRefSys"] == (crs or CRS84)
    assert document.get("geometryDimension") == {"luoghi": 0, "celle": 2}.get(ident)
    for one, other in zip(document["features"], plain["features"], strict=True):
        assert not one.keys() & {"conformsTo", "coordRefSys", "featureType"}
        assert one["properties"] == other["properties"]
        assert one["id"] == other["id"]
        placed = crs is not None and other["geometry"] is not None
        assert (one["place"] is not None) == placed
        kept = not placed or profile == "jsonfg-plus"
        assert one["geometry"] == (other["geometry"] if kept else None)


def test_one_feature_has_json_fg_too(client):
    item = client.get(f"{ITEMS}/luogo-001?profile=jsonfg-plus&crs={SUPPORTED[1]}").json()
    assert item["type"] == "Feature"
    assert item["featureType"] == "luoghi"
    assert item["place"]["coordinates"] == item["geometry"]["coordinates"][::-1]
    assert local(links(item, "collection")[0]) == "/collections/luoghi"
    assert client.get(f"{ITEMS}/luogo-001?f=csv").status_code == 400


# --- pages and posts


def test_the_page_links_what_was_found_in_every_format(client):
    whole = client.get(ITEMS, params={"f": "html", "tipo": "band", "offset": 2}).text
    # Head and foot lead to the JSON of this page alone.
    page = whole.partition("<main")[2].partition("<footer")[0]
    for f in ("csv", "fgb", "gpkg", "parquet", "jsonfg", "json"):
        (address,) = re.findall(rf'href="([^"]*[?;]f={f}&[^"]*)"', page)
        answer = client.get(local(address.replace("&amp;", "&")))
        found = (
            read(answer.content, f, LAYERS["luoghi"]) if f != "json" else answer.json()["features"]
        )
        assert len(found) == PLACES // 3
    assert "h3csv" not in page


def test_a_posted_query_has_every_format(client):
    said = {"filter": "nome = 'età < 18 & co'"}
    for f, media in TYPES.items():
        answer = client.post(f"/collections/luoghi/search?f={f}", json=said)
        assert answer.headers["content-type"] == media
        assert answer.headers["ogc-numbermatched"] == "1"
        ((values, _),) = read(answer.content, f, LAYERS["luoghi"])
        assert values["nome"] == NAUGHTY[0]
    document = client.post("/collections/luoghi/search?profile=jsonfg", json=said).json()
    assert document["featureType"] == "luoghi"


def test_every_address_in_the_headers_follows_the_public_one(client):
    for f in (*NOT_JSON, "jsonfg"):
        said = header_links(client.get(f"{ITEMS}?f={f}&limit=5&offset=5"))
        assert {"next", "prev", "collection"} <= said.keys()
        assert all(said[rel][0].startswith(BASE) for rel in said if rel != "profile")


def test_the_numbers_of_csv_are_those_of_json(client):
    text = client.get(ITEMS, params={"f": "csv", "properties": "quota", "limit": 3}).text
    values = [
        one["properties"]["quota"] for one in client.get(f"{ITEMS}?limit=3").json()["features"]
    ]
    column = [line.split(",")[1] for line in text.splitlines()[1:]]
    assert column == ["" if value is None else json.dumps(value) for value in values]


def test_a_table_for_italian_spreadsheets_has_their_signs_and_no_outline(client):
    asked = {"f": "csv-it", "properties": "nome,quota,aperto", "limit": 3, "sortby": "id"}
    answer = client.get(ITEMS, params=asked)
    assert answer.headers["content-disposition"].endswith('luoghi-1-3.it.csv"')
    head, *lines = answer.content.decode("utf-8-sig").splitlines()
    assert head.split(";")[0] == '"id"'
    assert head.endswith('"lon";"lat"')
    assert all(re.search(r";-?\d+,\d+;-?\d+,\d+$", line) for line in lines[1:])
    outlines = client.get(CELLS, params={"f": "csv-it"}).text
    assert not {"wkt", "lon", "POLYGON"} & set(re.findall(r"\w+", outlines))


def test_a_page_of_areas_without_outlines_is_read_by_pandas(client):
    body = client.get(CELLS, params={"f": "csv-it"}).content
    table = pd.read_csv(
        io.BytesIO(body), sep=";", decimal=",", true_values=["VERO"], false_values=["FALSO"]
    )
    features = client.get(CELLS).json()["features"]
    flags = [one["properties"]["dato_sintetico"] for one in features]
    assert table["dato_sintetico"].tolist() == flags
    assert list(table) == list(features[0]["properties"])
    assert table["id"].tolist() == [one["id"] for one in features]
