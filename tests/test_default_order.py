"""The order of a collection that nobody asks to sort: the most severe first, nulls last."""

from __future__ import annotations

import pytest
from api_release import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from api.features.columns import read_column
from api.features.engine import ordered
from geo_core.catalog import read_catalog

LAYERS = {layer.id: layer for layer in read_catalog(ROOT).layers}
SEVERITY = {
    "rischio_h3": "-punteggio",
    "rischio_comuni": "-punteggio",
    "rischio_comuni_serie": "-punteggio",
    "rischio_accesso_h3": "-classe",
    "divario_bisogni": "-divario_anz",
    "bisogni_h3": "-n_fam",
    "bisogni_comuni": "-stima_fam",
    "bisogni_ambiti": "-stima_fam",
    "domanda_h3": "-n_richieste",
    "nuclei_h3": "-n_nuclei",
    "segnalazioni_h3": "-n_segnalazioni",
    "violenza_ambiti": "-n_vio",
}
"""What is sorted by first in collections of risks and needs."""
WITHOUT = {
    "copertura_ambiti", "correlazioni_indici", "indicatori", "valori_indicatori",
    "valutazioni_sedi",
}  # fmt: skip
"""Those that tell how the others are made, or how offices are rated."""
VALUES = {
    "text": st.sampled_from(["a", "b", "c"]),
    "date": st.sampled_from(["2021-01-01", "2022-01-01"]),
    "integer": st.integers(0, 3),
    "number": st.sampled_from([0.5, 1.5, 2.5]),
    "boolean": st.booleans(),
}


def test_the_most_severe_of_risks_and_needs_comes_first():
    severe = [
        layer
        for layer in LAYERS.values()
        if (layer.group == "rischio" or layer.sensitivity == "B") and layer.id not in WITHOUT
    ]
    assert {layer.family: layer.sort[0] for layer in severe} == SEVERITY
    for layer in severe:
        assert layer.field(layer.sort[0].removeprefix("-")).type in {"integer", "number"}


@pytest.mark.parametrize("ident", sorted(LAYERS))
@settings(max_examples=10)
@given(data=st.data())
def test_every_default_order_has_nulls_last_and_ties_by_id(ident, data):
    layer = LAYERS[ident]
    names = [key.removeprefix("-") for key in layer.sort]
    count = data.draw(st.integers(0, 12))
    rows = {
        name: data.draw(
            st.lists(st.none() | VALUES[layer.field(name).type], min_size=count, max_size=count)
        )
        for name in names
    }
    rows["id"] = data.draw(st.permutations([f"x{i:02d}" for i in range(count)]))
    columns = {name: read_column(layer.field(name), values) for name, values in rows.items()}

    def place(row):
        keys = [_place(rows[key.removeprefix("-")], row, key) for key in layer.sort]
        return [*keys, (False, rows["id"][row])]

    found = ordered(columns, layer.sort).tolist()
    assert found == sorted(range(count), key=place)


def _place(values, row, key):
    value = values[row]
    ranks = sorted({v for v in values if v is not None}, reverse=key.startswith("-"))
    return (True, 0) if value is None else (False, ranks.index(value))
