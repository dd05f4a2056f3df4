"""Every object of the HSDS export is valid against the published schemas of HSDS 3.0."""

from __future__ import annotations

import json
import re
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from exchange_release import everything, read, unpacked
from jsonschema import Draft202012Validator, FormatChecker

from api.exchange.lists import KINDS

FORMATS = FormatChecker(["uuid", "email"])


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(text):
    parts = urlsplit(text)
    return (
        bool(parts.scheme and (parts.netloc or parts.path)) and re.search(r"[\s<>]", text) is None
    )


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(text):
    return datetime.fromisoformat(text).tzinfo is not None


@pytest.fixture(scope="module")
def fixtures(root):
    folder = root.parent / "shared" / "fixtures" / "hsds"
    if not folder.is_dir():
        pytest.skip("the HSDS schemas are not here (../shared/fixtures/hsds)")
    return folder


@pytest.fixture(scope="module")
def validators(fixtures):
    compiled = fixtures / "schema" / "compiled"
    whole = json.loads((compiled / "service_with_definitions.json").read_text("utf-8"))
    listed = {
        name: json.loads((compiled / f"{file}.json").read_text("utf-8"))
        for name, file in (
            ("services", "service_list"),
            ("organizations", "organization_list"),
            ("service_at_locations", "service_at_location_list"),
        )
    }
    part = {
        "services": whole,
        "organizations": {"$ref": "#/definitions/organization"},
        "service_at_locations": {"$ref": "#/definitions/service_at_location"},
        "taxonomies": {"$ref": "#/definitions/taxonomy"},
        "taxonomy_terms": {"$ref": "#/definitions/taxonomy_term"},
    }

    def made(schema):
        rooted = schema if schema is whole else {**schema, "definitions": whole["definitions"]}
        return Draft202012Validator(rooted, format_checker=FORMATS)

    return (
        {name: made(schema) for name, schema in part.items()},
        {name: made(listed.get(name, part[name])) for name in part},
    )


def test_the_checks_of_this_suite_can_fail(validators, fixtures):
    full, _brief = validators
    example = json.loads((fixtures / "examples" / "service_full.json").read_text("utf-8"))
    assert not list(full["services"].iter_errors(example))
    for member, wrong in (
        ("id", "no-uuid"), ("email", "no address"), ("url", "no uri"), ("status", "open"),
        ("last_modified", "2023-03-15"),
    ):  # fmt: skip
        assert list(full["services"].iter_errors({**example, member: wrong})), member


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_object_of_the_demonstration_is_valid(demo, validators, name, lang):
    full, brief = validators
    listed = everything(demo, name, lang=lang)
    assert listed
    for one in listed:
        brief[name].validate(one)
        full[name].validate(read(demo, f"/{name}/{one['id']}", lang=lang))


@pytest.mark.parametrize("name", KINDS)
def test_every_awkward_object_is_valid(client, validators, name):
    full, brief = validators
    for one in everything(client, name):
        brief[name].validate(one)
        full[name].validate(read(client, f"/{name}/{one['id']}"))


def test_services_nested_in_other_objects_are_valid(demo, validators):
    full, _brief = validators
    for place in everything(demo, "service_at_locations", full="true"):
        full["services"].validate(place["service"])
    for body in everything(demo, "organizations", full_service="true"):
        for service in body.get("services", []):
            full["services"].validate(service)


def test_the_tables_of_the_demonstration_are_valid(demo, fixtures):
    schema = json.loads((fixtures / "schema" / "compiled" / "tabular.json").read_text("utf-8"))
    known = {
        one["items"]["name"]: (table, one["items"]) for table, one in schema["properties"].items()
    }
    tables = unpacked(demo)
    by_name = {name: rows for name, rows in tables.items() if name != "datapackage.json"}
    assert set(by_name) == {f"{r['name']}.csv" for r in tables["datapackage.json"]["resources"]}
    seen = 0
    for name, rows in by_name.items():
        single = next(
            k for k in known if name.startswith((f"{k}.", f"{k}s.", f"{k}es.", f"{k[:-1]}ies."))
        )
        fields = known[single][1]["properties"]
        validator = Draft202012Validator(known[single][1], format_checker=FORMATS)
        for row in rows:
            assert set(row) <= set(fields), name
            typed = {
                k: float(v) if fields[k]["type"] == "number" else v for k, v in row.items() if v
            }
            validator.validate(typed)
            seen += 1
    assert seen > 1_000
