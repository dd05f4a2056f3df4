"""Names beside codes: they follow from the published code, and from nothing else."""

from __future__ import annotations

import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ingest.beside import NAMED_BY, with_names
from geo_core.ingest.rules import TABLES, input_columns

NAMES = {
    "cod_istat": {"002158": "Vercelli"},
    "cod_ambito": {"CISAS": "Consorzio"},
    "id_org": {"CISAS": "Associazione", "002158": "Di un altro elenco"},
}


def test_a_row_without_the_code_has_no_name_either():
    rows = pd.DataFrame({"cod_istat": ["002158", None, "001001"], "id_org": ["CISAS", None, "X"]})
    named = with_names(rows, ["nome_comune", "nome_org", "cod_istat", "id_org"], NAMES)
    assert named["nome_comune"].where(named["nome_comune"].notna(), None).tolist() == [
        "Vercelli", None, None,
    ]  # fmt: skip
    assert named["nome_org"].where(named["nome_org"].notna(), None).tolist() == [
        "Associazione", None, None,
    ]  # fmt: skip
    assert list(with_names(rows, ["cod_istat"], NAMES)) == list(rows)


def test_every_open_collection_shows_the_name_beside_the_code(catalog: Catalog):
    seen = 0
    for layer in catalog.layers:
        fields = list(layer.field_names)
        of_places = layer.family not in TABLES and "denominazione" in fields
        if layer.sensitivity == "B" or of_places:
            continue
        key = TABLES[layer.family].key if layer.family in TABLES else "id"
        for name, code in NAMED_BY.items():
            if code in fields and code != key:
                assert fields[fields.index(code) + 1] == name, f"{layer.id}: {code}"
                seen += 1
    assert seen >= 15


def test_nobody_hands_a_name_in_that_the_build_finds(catalog: Catalog):
    codes = {name: [c.code for c in entries] for name, entries in catalog.codelists.items()}
    for name in TABLES:
        columns = input_columns(
            name, catalog.documents[name], codes, known={}, municipalities=frozenset()
        )
        assert not {column.name for column in columns} & set(NAMED_BY)
