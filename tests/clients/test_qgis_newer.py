"""What QGIS 3.32 to 4.x ask, replayed: the request shapes, and what must come back.

These versions cannot run here. Their requests are written down as the provider builds them
(`qgis/QGIS`, `src/providers/wfs/oapif`): names with more than letters and digits in double
quotes, everything in brackets, days as DATE('...'), a plus sign left as it is.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest
from api_client import ITEMS, links, local
from api_release import PLACES, matching, place

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CONF = "http://www.opengis.net/spec/"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
ACCEPT_API = f"{OPENAPI}, application/openapi+json;version=3.0, application/json"
ACCEPT_ITEMS = "application/geo+json, application/json"

FILTERS = [
    ("(nome = 'Sede 07')", lambda p: p["nome"] == "Sede 07"),
    ("(nome = 'età < 18 & co')", lambda p: p["nome"].startswith("età")),
    ("(nome = 'a\"b')", lambda p: p["nome"] == 'a"b'),
    ("(nome <> 'l''età')", lambda p: p["nome"]),
    ('("dato_sintetico" = TRUE)', lambda p: p["dato_sintetico"]),
    ("(aperto = FALSE)", lambda p: not p["aperto"]),
    ("(quota > 110.5)", lambda p: p["quota"] > 110.5),
    ("(nome IS NULL)", lambda p: p["nome"] is None),
    ("(nome IS NOT NULL)", lambda p: p["nome"] is not None),
    ("(nome LIKE 'Sede 1%')", lambda p: p["nome"].startswith("Sede 1")),
    ("(nome NOT LIKE 'Sede 1%')", lambda p: not p["nome"].startswith("Sede 1")),
    ("(CASEI(nome) LIKE CASEI('sEDE 1%'))", lambda p: p["nome"].startswith("Sede 1")),
    ("(CASEI(nome) NOT LIKE CASEI('sede 1%'))", lambda p: not p["nome"].startswith("Sede 1")),
    ("posti IN (3,5)", lambda p: p["posti"] in {3, 5}),
    ("posti NOT IN (3,5)", lambda p: p["posti"] not in {3, 5}),
    ("posti BETWEEN 3 AND 6", lambda p: 3 <= p["posti"] <= 6),
    ("posti NOT BETWEEN 3 AND 6", lambda p: not 3 <= p["posti"] <= 6),
    ("(posti BETWEEN 3 AND 6 AND (aperto = TRUE))", lambda p: 3 <= p["posti"] <= 6 and p["aperto"]),
    ("((posti = 3) OR (posti = 5))", lambda p: p["posti"] in {3, 5}),
    ("(NOT ((posti = 3)))", lambda p: p["posti"] != 3),
    ("((posti % 2) = 0)", lambda p: p["posti"] % 2 == 0),
    ("((quota / 2) >= 60)", lambda p: p["quota"] >= 120),
    ("((posti ^ 2) = 9)", lambda p: p["posti"] == 3),
    ("(( - (posti)) < -20)", lambda p: p["posti"] > 20),
    ("(\"fatto_il\" = DATE('2023-06-15'))", lambda p: p["fatto_il"] == "2023-06-15"),
    ("(\"fatto_il\" >= DATE('2023-06-15'))", lambda p: p["fatto_il"] >= "2023-06-15"),
    (
        "\"fatto_il\" BETWEEN '2023-06-01' AND '2023-08-31'",
        lambda p: "2023-06-01" <= p["fatto_il"] <= "2023-08-31",
    ),
    ("((posti > 5)) AND ((aperto = TRUE))", lambda p: p["posti"] > 5 and p["aperto"]),
]
"""Since 3.32. The last is a filter of the layer together with one of a request, each of which
QGIS puts in brackets."""

PART_1 = [
    ("nome=Sede%2007", "nome", lambda p: p["nome"] == "Sede 07"),
    ("posti=3", "posti", lambda p: p["posti"] == 3),
    ("quota=111.5", "quota", lambda p: p["quota"] == 111.5),
    ("aperto=true&posti=3", "aperto, posti", lambda p: p["aperto"] and p["posti"] == 3),
]
"""Since 3.32, where a server has no CQL2: equality by parameters."""

TIMES = [
    "2015-01-01T00:00:00.000Z%2F9999-12-31T00:00:00Z",
    "0000-01-01T00:00:00Z%2F2015-01-01T00:00:00.000Z",
    "2015-01-01T00:00:00.000Z%2F2016-01-01T00:00:00.000Z",
    "2015-01-01",
]

BOXES = [
    ("bbox=8.1,45.1,8.35,45.35", ""),
    (f"bbox=45.1,8.1,45.35,8.35&bbox-crs={EPSG}4326&crs={EPSG}4326", "4326"),
    (f"bbox=425191,4988710,449083,5022271&bbox-crs={EPSG}32632&crs={EPSG}32632", "32632"),
]
"""The extent of the map in the system of the layer, latitude first where the system says so."""

SHAPES = [
    "S_INTERSECTS(geometry,BBOX(8.1,45.1,8.35,45.35))",
    "S_INTERSECTS(geometry,POINT(8.2 45.2))",
]
"""Where a server says of a queryable geometry what Part 3 forbids (a `$ref`): not of ours, so
that QGIS looks these up itself. Answered all the same."""

REFUSED = [
    ("(\"fatto_il\" > TIMESTAMP('2023-06-15T00:00:00.000Z'))", "instant"),
    ("(tipi = 'band')", "list of codes"),
    ("(aperto IS TRUE)", "`NULL`"),
    ("((posti + 1) = 4)", "character"),  # the plus sign arrives as a space
]
"""What QGIS sends and CQL2 does not know: refused in words, never answered wrongly."""

CLASSES = [
    "ogcapi-features-2/1.0/conf/crs",
    "ogcapi-features-3/1.0/conf/filter",
    "ogcapi-features-3/1.0/conf/features-filter",
    "cql2/1.0/conf/cql2-text",
    "cql2/1.0/conf/basic-cql2",
    "cql2/1.0/conf/advanced-comparison-operators",
    "cql2/1.0/conf/case-insensitive-comparison",
    "cql2/1.0/conf/basic-spatial-operators",  # 3.32 to 3.42
    "cql2/1.0/conf/basic-spatial-functions",  # since 3.44
    "ogcapi-features-5/1.0/conf/schemas",  # since 3.44
]


def get(client, address, accept):
    answer = client.get(address, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer


def page(client, query):
    """Return a page of features, as QGIS reads it."""
    answer = get(client, f"{ITEMS}?{query}", ACCEPT_ITEMS)
    assert answer.headers["content-type"].startswith("application/geo+json")
    return answer.json()


def ids(client, query):
    found = page(client, query)
    assert found["numberMatched"] == len(found["features"])
    return sorted(feature["id"] for feature in found["features"])


def filtered(written):
    """Return parameters of a filter, encoded as Qt does it."""
    return f"filter={quote(written, safe="!$'()*,;:@/?+")}&filter-lang=cql2-text"


def test_the_landing_page_leads_to_all_that_qgis_reads(client):
    landing = get(client, "/", "application/json").json()
    wanted = {("service-desc", OPENAPI), ("data", "application/json")}
    assert wanted <= {(link["rel"], link["type"]) for link in landing["links"]}
    assert links(landing, "conformance")


def test_the_description_says_the_size_of_pages_and_what_can_be_asked(client):
    document = get(client, "/api", ACCEPT_API).json()
    size = document["components"]["parameters"]["limit"]["schema"]
    assert (size["default"], size["maximum"]) == (1000, 10_000)
    asked = document["paths"][ITEMS]["get"]["parameters"]
    named = {p["name"]: p for p in asked if "name" in p}
    for name, kind in {"nome": "string", "posti": "integer", "quota": "number"}.items():
        assert (named[name]["style"], named[name]["explode"]) == ("form", False)
        assert named[name]["schema"]["type"] == kind


def test_the_collection_says_where_it_is_and_in_which_formats(client):
    collection = get(client, "/collections/luoghi", "application/json").json()
    assert len(collection["extent"]["spatial"]["bbox"][0]) == 4
    assert collection["storageCrs"].endswith("/OGC/1.3/CRS84")
    assert f"{EPSG}32632" in collection["crs"]
    items = {link["type"] for link in collection["links"] if link["rel"] == "items"}
    assert {
        "application/geo+json",
        "application/flatgeobuf",
        "application/geopackage+sqlite3",
    } <= items


def test_the_classes_that_switch_filters_on_are_declared(client):
    declared = get(client, "/conformance", "application/json").json()["conformsTo"]
    assert {CONF + name for name in CLASSES} <= set(declared)


def test_queryables_have_one_type_each_and_days_a_format(client):
    found = get(client, "/collections/luoghi/queryables", "application/schema+json").json()
    kinds = {name: one.get("type") for name, one in found["properties"].items()}
    assert {name for name, kind in kinds.items() if not isinstance(kind, str)} == {"geometry"}
    assert found["properties"]["fatto_il"]["format"] == "date"


def test_the_schema_gives_aliases_in_order_and_the_geometry(client):
    collection = get(client, "/collections/luoghi", "application/json").json()
    (schema,) = [
        link["href"]
        for link in collection["links"]
        if link["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/schema"
        and link["type"] == "application/schema+json"
    ]
    found = get(client, local(schema), "application/schema+json").json()["properties"]
    fields = [one for name, one in found.items() if name != "geometry"]
    assert [one["x-ogc-propertySeq"] for one in fields] == [*range(1, len(fields) + 1)]
    assert all(one["title"] and one["description"] for one in fields)
    assert found["geometry"]["x-ogc-role"] == "primary-geometry"
    assert found["geometry"]["format"] == "geometry-point"


def test_nothing_can_be_edited(client):
    answer = client.options(ITEMS)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_pages_lead_to_the_next_one_and_repeat_the_filter(client):
    query, seen = f"limit=20&{filtered('(posti > 3)')}", []
    while query:
        found = page(client, query)
        seen += [feature["id"] for feature in found["features"]]
        after = [link for link in found["links"] if link["rel"] == "next"]
        assert {link["type"] for link in after} <= {"application/geo+json"}
        query = after[0]["href"].partition("?")[2] if after else ""
    assert sorted(seen) == matching("posti", lambda p: p["posti"] > 3)


@pytest.mark.parametrize(("written", "holds"), FILTERS, ids=[one[0] for one in FILTERS])
def test_a_filter_of_qgis_gives_the_rows_it_means(client, written, holds):
    assert ids(client, f"limit=1000&{filtered(written)}") == matching(written, holds) != []
    counted = page(client, f"limit=1&{filtered(written)}")
    assert counted["numberMatched"] == len(matching(written, holds))


@pytest.mark.parametrize(("query", "named", "holds"), PART_1, ids=[one[0] for one in PART_1])
def test_equality_by_parameters_gives_the_rows_it_means(client, query, named, holds):
    assert ids(client, f"limit=1000&{query}") == matching(named, holds) != []


@pytest.mark.parametrize("time", TIMES)
def test_times_of_qgis_are_understood(client, time):
    first, _, last = time.replace("T00:00:00.000Z", "").replace("T00:00:00Z", "").partition("%2F")
    lasting = [
        p["id"]
        for p in map(place, range(PLACES))
        if (p["valido_dal"] or "") <= (last or first) and (p["valido_al"] or "9999-12-31") >= first
    ]
    assert ids(client, f"limit=1000&datetime={time}") == lasting != []


@pytest.mark.parametrize(("box", "system"), BOXES, ids=[one[1] or "CRS84" for one in BOXES])
def test_the_extent_of_the_map_goes_with_a_filter_in_any_system(client, box, system):
    def inside(p):
        at = p["geometry"]
        return at is None or (8.1 <= at.x <= 8.35 and 45.1 <= at.y <= 45.35)

    query = f"limit=1000&{filtered('(posti > 3)')}&{box}"
    wanted = matching("posti", lambda p: inside(p) and p["posti"] > 3)
    assert ids(client, query) == wanted != []
    answer = get(client, f"{ITEMS}?{query}", ACCEPT_ITEMS)
    assert answer.headers["Content-Crs"].endswith(f"{system or 'CRS84'}>")


@pytest.mark.parametrize("written", SHAPES)
def test_a_place_in_a_filter_is_answered_in_any_system(client, written):
    in_degrees = ids(client, f"limit=1000&{filtered(written)}")
    turned = written.replace("8.1,45.1,8.35,45.35", "45.1,8.1,45.35,8.35")
    turned = turned.replace("8.2 45.2", "45.2 8.2")
    assert ids(client, f"limit=1000&{filtered(turned)}&filter-crs={EPSG}4326") == in_degrees != []


@pytest.mark.parametrize(("written", "said"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_cql2_does_not_know_is_refused_in_words(client, written, said):
    headers = {"Accept": ACCEPT_ITEMS, "Accept-Language": "en"}
    answer = client.get(f"{ITEMS}?limit=1000&{filtered(written)}", headers=headers)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_layer_that_is_opened_again_is_not_sent_again(client):
    for address in ("/", "/api", "/conformance", "/collections/luoghi", f"{ITEMS}?limit=10"):
        etag = client.get(address, headers={"Accept": "application/json"}).headers["ETag"]
        known = {"Accept": "application/json", "If-None-Match": etag}
        assert client.get(address, headers=known).status_code == 304
        assert client.head(address, headers={"Accept": "application/json"}).headers["ETag"] == etag


def items_links(client):
    """Return the types of the links to features, their profiles, and their addresses."""
    collection = get(client, "/collections/luoghi", "application/json").json()
    found = [link for link in collection["links"] if link["rel"] == "items"]
    return [(link["type"], link.get("profile", []), local(link["href"])) for link in found]


def test_flatgeobuf_pages_by_headers(client):
    """Since 4.0: asked for at the address of its link, where `next` and the total are headers."""
    (address,) = [href for kind, _, href in items_links(client) if kind == "application/flatgeobuf"]
    query = f"limit=10&{filtered('(posti > 3)')}"
    answer = get(client, f"{address}&{query}", "application/flatgeobuf")
    assert answer.headers["content-type"] == "application/flatgeobuf"
    wanted = matching("posti", lambda p: p["posti"] > 3)
    assert answer.headers["OGC-NumberMatched"] == str(len(wanted))
    after = next(one for one in answer.headers["Link"].split(", <") if 'rel="next"' in one)
    assert 'type="application/flatgeobuf"' in after


def test_json_fg_is_told_by_its_profile_and_geojson_comes_last(client):
    """Since 4.1: GeoJSON's type with one profile, this one. Before, the last of the type counts."""
    geojson = [one for one in items_links(client) if one[0] == "application/geo+json"]
    profile = "http://www.opengis.net/def/profile/ogc/0/jsonfg"
    assert [profiles for _, profiles, _ in geojson] == [[profile], []]
    address = geojson[0][2]
    document = get(client, f"{address}&limit=10", "application/geo+json").json()
    (after,) = [link for link in document["links"] if link["rel"] == "next"]
    assert after["type"] == "application/geo+json"
    assert document["numberMatched"] == PLACES
