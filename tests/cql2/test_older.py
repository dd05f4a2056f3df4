"""The older language that GDAL writes means what GDAL means, and stays apart from CQL2."""

from __future__ import annotations

import pytest
from api_client import ITEMS
from api_release import matching

DAYS = ("2023-06-15", "2023-06-15T", "2023-06-15T00:00:00Z")
MEANT = [
    *((f"fatto_il >= '{day}'", lambda p: p["fatto_il"] >= "2023-06-15") for day in DAYS),
    *((f"fatto_il = '{day}'", lambda p: p["fatto_il"] == "2023-06-15") for day in DAYS),
    ("aperto = 1", lambda p: p["aperto"]),
    ("aperto <> 1", lambda p: not p["aperto"]),
    ("(aperto = 0) AND (posti > 3)", lambda p: not p["aperto"] and p["posti"] > 3),
    ("nome ILIKE 'sEDE 1%'", lambda p: p["nome"].startswith("Sede 1")),
    ("NOT (nome ILIKE 'sede%')", lambda p: not p["nome"].startswith("Sede")),
    ("nome NOT ILIKE 'sede%'", lambda p: not p["nome"].startswith("Sede")),
    ("tipi = 'band'", lambda p: "band" in p["tipi"]),
    ("tipi <> 'band'", lambda p: "band" not in p["tipi"]),
]
"""Filters, and which places they mean; a place with a null in what is asked is never meant."""


def asked(client, written, language):
    return client.get(ITEMS, params={"filter": written, "filter-lang": language})


@pytest.mark.parametrize(("written", "holds"), MEANT, ids=[written for written, _ in MEANT])
def test_what_gdal_writes_is_understood(client, written, holds):
    answer = asked(client, written, "cql-text")
    assert answer.status_code == 200, answer.text
    found = [feature["id"] for feature in answer.json()["features"]]
    assert sorted(found) == matching(written, holds) != []


@pytest.mark.parametrize(
    "written",
    ["fatto_il = '2023-06-15T'", "aperto = 1", "nome ILIKE 'sede%'", "tipi = 'band'"],
)
def test_cql2_itself_stays_strict(client, written):
    assert asked(client, written, "cql2-text").status_code == 400


@pytest.mark.parametrize(
    "written",
    [
        "fatto_il = '2023-06-15T12:00:00Z'",
        "fatto_il = '2023-02-30T'",
        "aperto = 2",
        "aperto > 'vero'",
        "tipi > 'band'",
        "ignoto = 1",
        "ILIKE 'x'",
    ],
)
def test_what_means_nothing_is_refused(client, written):
    answer = asked(client, written, "cql-text")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "filter"
