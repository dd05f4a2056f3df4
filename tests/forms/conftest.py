"""A small input folder, and the forms of one organisation made from it."""

from __future__ import annotations

import csv

import pytest

from checks.chromium import visit
from geo_core.forms.describe import describe, entered
from geo_core.forms.html import render
from geo_core.forms.known import find_body, read_known
from geo_core.model.district import District
from geo_core.strict_yaml import read_document

BODY = "COOP-1"
TABLES = {
    "organizzazioni": [
        {"id_org": BODY, "denominazione": "Cooperativa «Uno» & Due", "cod_istat": "002158"},
        {"id_org": "ASS-2", "denominazione": "=Associazione due", "cod_istat": "002148"},
    ],
    "servizi": [
        {"id_servizio": "SER-1", "nome": "Sportello", "id_org": BODY},
        {"id_servizio": "SER-2", "nome": "Mensa", "id_org": BODY},
        {"id_servizio": "SER-3", "nome": "Nido", "id_org": "ASS-2"},
    ],
    "sedi": [
        {"id_sede": "SED-1", "nome": "Sportello <b>uno</b>", "id_org": BODY, "riservata": "false"},
        {"id_sede": "SED-2", "nome": "Nido", "id_org": "ASS-2", "riservata": "false"},
    ],
    "ambiti": [
        {
            "cod_istat": "002158",
            "cod_ambito": "VERCELLI",
            "denominazione": "Comune di Vercelli",
            "dal": "2023-01-01",
            "al": "",
        }
    ],
    "localita": [
        {"cod_istat": "002158", "denominazione": "Larizzate", "lon": "8.374", "lat": "45.293"},
    ],
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("input")
    for name, rows in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture(scope="session")
def known(root, folder):
    return read_known(folder, read_document(root / "config" / "distretto.yml", District))


@pytest.fixture(scope="session")
def body(known):
    return find_body(known, BODY)


@pytest.fixture(scope="session")
def forms(catalog, known, body):
    """Describe the form of every kind."""
    return {name: describe(catalog, name, known, body) for name in entered(catalog)}


@pytest.fixture(scope="session")
def pages(forms, tmp_path_factory):
    """Write the page of every kind and return the addresses."""
    target = tmp_path_factory.mktemp("moduli")
    for name, form in forms.items():
        (target / f"{name}.html").write_text(render(form), encoding="utf-8")
    return {name: (target / f"{name}.html").as_uri() for name in forms}


@pytest.fixture
def seen(chromium):
    """Return a visit that must end without an error, a request or anything stored."""
    with visit(chromium) as page:
        page.page.set_default_timeout(30_000)
        yield page
        assert page.errors == []
        assert page.failed == []
        assert page.hosts <= {""}
        assert page.page.context.cookies() == []
        kept = "localStorage.length + sessionStorage.length"
        assert page.page.evaluate(kept) == 0
        assert page.page.evaluate("async () => (await indexedDB.databases()).length") == 0
