"""The HSDS export: stable, strict, complete, and silent on secret places."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import UUID, uuid5

import pytest
from exchange_release import BASE, HOSTILE, SECRET, everything, read, unpacked
from hypothesis import given
from hypothesis import strategies as st
from publication import PUBLICATION

from api.exchange.hours import weekly
from api.exchange.lists import KINDS

PROBLEM = "application/problem+json"


def test_the_tables_hold_what_the_objects_hold_and_find_each_other(client):
    tables = unpacked(client)
    services = {row["id"]: row for row in tables["services.csv"]}
    assert {one["id"]: one["name"] for one in everything(client, "services")} == {
        ident: row["name"] for ident, row in services.items()
    }
    locations = {row["id"] for row in tables["locations.csv"]}
    for row in tables["service_at_locations.csv"]:
        assert row["service_id"] in services
        assert row["location_id"] in locations
    links = {row["taxonomy_term_id"] for row in tables["attributes.csv"]}
    assert links <= {row["id"] for row in tables["taxonomy_terms.csv"]}
    assert (
        client.get("/hsds/datapackage.zip").content == client.get("/hsds/datapackage.zip").content
    )


def test_the_root_says_what_the_standard_asks(client):
    root = read(client, "")
    assert root == {
        "version": "3.0",
        "profile": f"{BASE}/hsds/profile",
        "openapi_url": f"{BASE}/api?f=json",
    }


def test_a_service_says_what_is_known_of_it(client):
    (nursery,) = everything(client, "services", search="nursery", full="true", lang="en")
    assert nursery["name"] == "Nursery"
    assert nursery["alternate_name"] == "Nido"
    assert (nursery["minimum_age"], nursery["maximum_age"]) == (0, 2)
    assert [(c["amount"], c["currency"]) for c in nursery["cost_options"]] == [
        (0.0, "EUR"),
        (480.5, "EUR"),
    ]
    assert nursery["last_modified"] == "2023-11-30T00:00:00Z"
    assert nursery["organization"]["tax_id"] == "00000000000"
    codes = {a["taxonomy_term"]["code"] for a in nursery["attributes"]}
    assert codes == {"nido", "A3.03", "FAM", "minori", "01.1.1", "2"}
    siuss = next(a["taxonomy_term"] for a in nursery["attributes"] if a["link_type"] == "cod_siuss")
    assert siuss["term_uri"].endswith("/tipo_categoria_prestazione_siuss/A3.03")
    first, second = nursery["service_at_locations"]
    assert first["location"]["addresses"][0]["address_1"] == "Via Roma 1"
    assert (first["location"]["latitude"], first["location"]["longitude"]) == (45.3, 8.4)
    assert first["location"]["schedules"][0]["byday"] == "MO,TU,WE,TH,FR"
    assert first["location"]["phones"][0]["number"] == "0161 2"
    assert first["location"]["transportation"] == "Linea 1"
    # Without its postal code an address would not be valid, so there is none.
    assert "addresses" not in second["location"]
    assert "latitude" not in second["location"]
    assert "freq" not in second["location"]["schedules"][0]
    assert "appuntamento" in second["location"]["schedules"][0]["description"]


def test_what_is_no_address_is_left_out(client):
    bodies = {one["name"]: one for one in everything(client, "organizations", full="true")}
    assert bodies["Consorzio di prova"]["website"] == "https://prova.invalid/"
    assert not {"website", "email"} & set(bodies["Rete di prova"])


def test_a_service_without_status_is_left_out_and_counted(client):
    assert "Senza stato" not in {one["name"] for one in everything(client, "services")}
    assert read(client, "/profile")["services_without_status"] == 1


def test_what_is_over_or_not_begun_is_left_out(client):
    assert "Finito" not in {one["name"] for one in everything(client, "services")}
    places = everything(client, "service_at_locations")
    assert {one["location"]["name"] for one in places} == {"Nido di via Roma", "Senza CAP"}


def test_hostile_text_comes_out_as_it_went_in(client):
    (hostile,) = everything(client, "services", search="alert(1)")
    assert hostile["name"] == HOSTILE


def test_a_secret_place_is_in_no_answer(client):
    packed = zipfile.ZipFile(io.BytesIO(client.get("/hsds/datapackage.zip").content))
    answers = [packed.read(name) for name in packed.namelist()]
    for name in KINDS:
        paths = [f"/hsds/{name}/{one['id']}" for one in everything(client, name)]
        shapes = {"full", "full_service"} & set(KINDS[name].parameters)
        paths += [f"/hsds/{name}", *(f"/hsds/{name}?{shape}=true" for shape in shapes)]
        answers += [client.get(path).content for path in paths]
    text = b"\n".join(answers).decode()
    for secret in SECRET:
        assert str(secret) not in text
    # Nor can it be asked for by the identifier that anybody can compute.
    for key in SECRET[4:]:
        uuid = str(uuid5(PUBLICATION.namespace, f"sedi/{key}"))
        assert uuid not in text
        place = str(uuid5(PUBLICATION.namespace, f"servizi_sedi/SER-2/{key}"))
        assert client.get(f"/hsds/service_at_locations/{place}").status_code == 404
    # The service is there, at no location, and its organisation has no seat.
    (service,) = everything(client, "services", search="antiviolenza", full="true")
    assert "service_at_locations" not in service
    (body,) = everything(client, "organizations", search="rete di prova", full="true")
    assert "locations" not in body


def test_no_reserved_office_of_the_demonstration_is_told(demo):
    items = demo.get("/collections/sedi/items", params={"riservata": "true"}).json()["features"]
    assert items
    text = json.dumps(everything(demo, "service_at_locations", full="true"), ensure_ascii=False)
    for office in items:
        assert office["properties"]["nome"] not in text
        assert str(uuid5(namespace(demo), f"sedi/{office['id']}")) not in text


def namespace(client):
    return UUID(read(client, "/profile")["namespace"])


def test_identifiers_follow_from_our_keys_and_never_change(client):
    # Written out: a change of these breaks everybody who has stored them.
    names = {one["name"]: one["id"] for one in everything(client, "services", lang="en")}
    assert names["Nursery"] == "8fb0a874-609d-50fc-a98f-7e90ff226df1"
    assert names["Nursery"] == str(uuid5(PUBLICATION.namespace, "servizi/SER-1"))
    places = {one["id"] for one in everything(client, "service_at_locations")}
    assert str(uuid5(PUBLICATION.namespace, "servizi_sedi/SER-1/SED-1")) in places


def test_no_identifier_is_given_twice(demo):
    tables = unpacked(demo)
    del tables["datapackage.json"]
    for name, rows in tables.items():
        assert len({row["id"] for row in rows}) == len(rows), name
    every = [row["id"] for rows in tables.values() for row in rows]
    assert len(every) == len(set(every))
    assert {UUID(ident).version for ident in every} == {5}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_hold_everything_once(demo, name, size):
    seen, number, page = [], 0, {"last_page": False}
    while not page["last_page"] and number < 20:
        number += 1
        page = read(demo, f"/{name}", page=number, per_page=size)
        assert page["page_number"] == number
        assert page["size"] == len(page["contents"]) <= size
        assert page["first_page"] == (number == 1)
        assert page["empty"] is False
        seen += [one["id"] for one in page["contents"]]
    assert len(seen) == len(set(seen)) == min(page["total_items"], 20 * size)
    assert page["total_pages"] == -(-page["total_items"] // size)


def test_beyond_the_last_page_there_is_nothing(client):
    page = read(client, "/services", page=99)
    assert (page["empty"], page["size"], page["contents"], page["last_page"]) == (True, 0, [], True)
    nothing = read(client, "/services", search="inesistente")
    assert (nothing["total_items"], nothing["total_pages"], nothing["empty"]) == (0, 0, True)
    assert nothing["first_page"]
    assert nothing["last_page"]


def test_a_page_is_bounded(demo):
    assert read(demo, "/service_at_locations", per_page=10**9)["size"] <= 500


@pytest.mark.parametrize(
    ("path", "params", "parameter"),
    [
        ("/services", {"pages": "1"}, "pages"),
        ("/services", {"page": "0"}, "page"),
        ("/services", {"page": "1.5"}, "page"),
        ("/services", {"per_page": "-1"}, "per_page"),
        ("/services", {"full": "yes"}, "full"),
        ("/services", {"format": "xml"}, "format"),
        ("/services", {"modified_after": "ieri"}, "modified_after"),
        ("/services", {"modified_after": "2023-02-30"}, "modified_after"),
        ("/services", {"search": ""}, "search"),
        ("/services", {"search": "a" * 201}, "search"),
        ("/services", {"full_service": "true"}, "full_service"),
        ("/service_at_locations", {"minimal": "true"}, "minimal"),
        ("/service_at_locations", {"proximity": "10"}, "proximity"),
        ("/taxonomies", {"full": "true"}, "full"),
        ("/taxonomy_terms", {"top_only": "1"}, "top_only"),
        ("/taxonomy_terms", {"parent_id": ""}, "parent_id"),
        ("/services", {"organization_id": "ORG-1"}, "organization_id"),
        ("", {"page": "1"}, "page"),
        ("/datapackage.zip", {"page": "1"}, "page"),
    ],
)
def test_what_is_not_understood_is_refused(client, path, params, parameter):
    answer = client.get(f"/hsds{path}", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["parameter"] == parameter


@pytest.mark.parametrize(
    "path", ["/nothing", "/services/x", "/services/00000000-0000-5000-8000-000000000000", "/x/y"]
)
def test_what_is_not_there_is_not_found(client, path):
    answer = client.get(f"/hsds{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    "path",
    ["", "/profile", "/services", "/services?format=ndjson", "/taxonomy_terms", "/datapackage.zip"],
)
def test_an_answer_that_is_held_is_not_sent_again(client, path):
    answer = client.get(f"/hsds{path}")
    assert answer.status_code == 200
    again = client.get(f"/hsds{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"/hsds{path}", headers={"Accept-Language": "en"})
    assert other.headers["etag"] != answer.headers["etag"]


def test_filters_choose(client):
    by_body = {
        one["name"]
        for one in everything(client, "services", organization_id=uuid("organizzazioni/ORG-1"))
    }
    assert by_body == {"Nido"}
    term = uuid("termini/target/tutti")
    assert [one["name"] for one in everything(client, "services", taxonomy_term_id=term)] == [
        "Antiviolenza"
    ]
    kinds = uuid("tassonomie/tipo_servizio")
    assert len(everything(client, "services", taxonomy_id=kinds)) == 2
    terms = everything(client, "taxonomy_terms", taxonomy_id=kinds)
    assert terms
    assert {one["taxonomy_id"] for one in terms} == {kinds}
    assert everything(client, "services", modified_after="2023-11-30")
    assert everything(client, "services", modified_after="2023-12-01T00:00:00Z") == []
    offices = everything(
        client, "service_at_locations", taxonomy_term_id=uuid("termini/tipo_sede/nido")
    )
    assert {one["location"]["name"] for one in offices} == {"Nido di via Roma"}
    assert everything(client, "services", organization_id=uuid("organizzazioni/ORG-9")) == []
    children = everything(client, "taxonomy_terms", parent_id=uuid("termini/prestazione/A1.05"))
    assert all(one["code"].startswith("A1.05.") for one in children)


def uuid(key):
    return str(uuid5(PUBLICATION.namespace, key))


def test_minimal_lists_say_what_changed_when(client):
    for one in everything(client, "services", minimal="true"):
        assert set(one) == {"id", "last_modified"}


def test_the_profile_is_a_page_for_people_in_both_languages(client):
    for lang, words in (("it", "Campi che restano fuori"), ("en", "Fields that are left out")):
        page = client.get("/hsds", params={"f": "html", "lang": lang})
        assert page.headers["content-type"].startswith("text/html")
        assert words in page.text
        assert str(PUBLICATION.namespace) in page.text


def test_every_link_of_the_profile_answers(client):
    for link in read(client, "/profile")["links"]:
        assert link["href"].startswith(BASE)
        answer = client.get(link["href"].removeprefix(BASE))
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(link["type"])


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("Mo-Fr 09:00-12:30", [("MO,TU,WE,TH,FR", "09:00", "12:30")]),
        ("Tu,Th 14:00-17:00", [("TU,TH", "14:00", "17:00")]),
        ("Sa-Mo 10:00-11:00", [("MO,SA,SU", "10:00", "11:00")]),
        (
            "Mo 09:00-12:00,14:00-18:00; We 09:00-24:00",
            [("MO", "09:00", "12:00"), ("MO", "14:00", "18:00"), ("WE", "09:00", "24:00")],
        ),
        ("24/7", []),
        ("Mo-Fr 09:00-12:00; PH off", []),
        ("Mo 9-12", []),
        ("", []),
    ],
)
def test_plain_hours_become_weekly_rules(hours, expected):
    assert [tuple(rule) for rule in weekly(hours)] == expected


@given(st.text(max_size=60) | st.text("MoTuWeThFrSaSu-,; 0123456789:", max_size=60))
def test_no_text_of_hours_is_an_error(text):
    for rule in weekly(text):
        assert set(rule.byday.split(",")) <= {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
