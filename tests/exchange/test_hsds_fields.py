"""No field of the directory is forgotten: it reaches the export, or is told to be left out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchange_release import BASE, everything, read

from api.exchange.directory import AREAS, OFFICES, ORGANIZATIONS, SERVICES, directory
from api.exchange.profile import KEPT, WHY
from api.exchange.tables import tables
from api.exchange.view import View

MEMBERS = {
    ORGANIZATIONS: "organizations",
    SERVICES: "services",
    OFFICES: "offices",
    AREAS: "areas",
}
DECIDE = {
    ORGANIZATIONS: {"id"},
    SERVICES: {"id", "stato"},
    OFFICES: {"id", "servizi", "riservata"},
    AREAS: {"id"},
}
"""Fields that decide what is in the directory at all; other tests show that they do."""


@pytest.fixture
def found(client):
    return directory(client.app.releases.current)


@pytest.mark.parametrize("family", KEPT)
def test_a_field_is_kept_or_left_out_for_a_reason(catalog, root, family):
    (layer,) = (one for one in catalog.layers if one.id == family)
    assert not KEPT[family] & set(WHY[family])
    assert set(layer.field_names) == KEPT[family] | set(WHY[family])
    page = (root / "docs" / "scambio.md").read_text("utf-8")
    for name in WHY[family]:
        assert f"`{name}`" in page, f"docs/scambio.md does not say that {name} is left out"


def test_the_profile_lists_what_is_left_out_of_every_collection(demo):
    dropped = {(one["collection"], one["field"]) for one in read(demo, "/profile")["dropped"]}
    assert dropped == {(family, name) for family, why in WHY.items() for name in why}


@pytest.mark.parametrize(
    ("family", "field"),
    [(f, name) for f in MEMBERS for name in sorted(KEPT[f] - DECIDE[f])],
)
def test_a_field_that_is_kept_makes_a_difference(found, family, field):
    member = MEMBERS[family]
    held = getattr(found, member)
    assert any(record.get(field) is not None for record in held.values()), "no row has it"
    without = {
        uuid: replace(record, values={**record.values, field: None})
        for uuid, record in held.items()
    }
    less = replace(found, **{member: without})
    assert [exported(found, lang) for lang in ("it", "en")] != [
        exported(less, lang) for lang in ("it", "en")
    ]


def exported(found, lang):
    return tables(View(found, lang))


def test_services_at_offices_are_made_of_both():
    renamed = {"nome_sede": "nome", "nome_sede_en": "nome_en"}
    known = KEPT[SERVICES] | KEPT[OFFICES] | {"id_servizio", "id_sede"}
    assert {renamed.get(name, name) for name in KEPT["servizi_sedi"]} <= known


def test_an_area_of_a_service_leads_to_its_outline(client):
    (service,) = everything(client, "services", search="alert(1)", full="true")
    whole, travel = service["service_areas"]
    assert whole["name"] == "Area di prova"
    assert whole["description"] == (
        "Comuni interi. Vercelli, 002999. Dati inventati a scopo dimostrativo"
    )
    assert travel["description"].startswith("Tempo di viaggio. 15 minuti")
    outline = client.get(whole["uri"].removeprefix(BASE), headers={"Accept": "application/json"})
    assert outline.json()["geometry"]["type"] == "MultiPolygon"
    codes = [one["taxonomy_term"]["code"] for one in whole["attributes"]]
    assert codes == ["comuni"]


def test_an_office_says_its_places_and_its_age_in_words(client):
    (nursery,) = everything(client, "services", search="nursery", full="true", lang="en")
    location = nursery["service_at_locations"][0]["location"]
    assert location["description"] == (
        "Municipality of Vercelli. Places: 20. Free places: 3 (2023-12-01). "
        "Data checked on 2023-10-02. Data invented for demonstration"
    )
    assert [one["email"] for one in location["contacts"]] == ["nido@prova.invalid"]


def test_a_body_says_its_legal_form_and_its_address(client):
    bodies = {one["name"]: one for one in everything(client, "organizations", full="true")}
    body = bodies["Consorzio di prova"]
    assert body["legal_status"] == "Comune"
    assert body["locations"][0]["addresses"][0]["address_1"] == "Via Dante 3"
    codes = {one["link_type"]: one["taxonomy_term"]["code"] for one in body["attributes"]}
    assert codes["sezione_runts"] == "aps"
