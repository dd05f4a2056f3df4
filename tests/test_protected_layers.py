"""What the build of protected layers decides before anything is drawn."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from disclose_district import layers_of
from shapely.geometry import Point

from geo_core.errors import DisclosureError
from geo_core.protected_layers import PLACING, _invented, _offices, _residents_of_district
from geo_core.spending import tables_of

ONE = pd.DataFrame({"anno": [2023], "luogo": ["x"], "categoria": ["FAM"], "n": [1]})


def ground(**tables):
    """Return tables with records: `invented` or `real`, with `empty` none."""
    records = {
        name: SimpleNamespace(counts=ONE.head(0) if "empty" in said else ONE)
        for name, said in tables.items()
    }
    return SimpleNamespace(
        handed=SimpleNamespace(records=records), invented=lambda name: "invented" in tables[name]
    )


@pytest.mark.parametrize(
    ("theme", "tables", "expected"),
    [
        ("bisogni", {"rilevazioni": "invented"}, True),
        ("bisogni", {"rilevazioni": "real"}, False),
        ("bisogni", {"rilevazioni": "invented", "domanda": "real"}, True),
        ("domanda", {"rilevazioni": "invented", "domanda": "real"}, False),
        ("valutazioni", {"valutazioni": "real", "rilevazioni": "invented"}, False),
        (PLACING, {"rilevazioni": "invented", "domanda": "invented"}, True),
        (PLACING, {"rilevazioni": "real", "segnalazioni": "real"}, False),
        (PLACING, {"rilevazioni": "real", "valutazioni": "invented"}, False),
        (PLACING, {"rilevazioni": "invented", "domanda": "real empty"}, True),
        (PLACING, {}, False),
        ("bisogni", {"rilevazioni": "real empty"}, False),
    ],
)
def test_records_of_a_theme_are_invented_or_real(theme, tables, expected):
    assert _invented(theme, ground(**tables)) is expected


def test_a_theme_that_counts_invented_and_real_records_is_refused():
    mixed = ground(rilevazioni="invented", domanda="real", valutazioni="real")
    with pytest.raises(DisclosureError) as caught:
        _invented(PLACING, mixed)
    said = str(caught.value)
    assert "rilevazioni.csv is invented and domanda.csv is not" in said
    assert f"{PLACING} counts both" in said
    assert caught.value.hint == "take the invented tables out: atlante synth --remove"


def test_records_with_a_cell_are_all_placed_and_marks_of_offices_are_not():
    made = tables_of(PLACING)
    assert sorted(made[PLACING]) == ["domanda", "rilevazioni", "segnalazioni"]
    assert made["valutazioni"] == ["valutazioni"]


def test_where_nobody_lives_is_part_of_the_district_with_no_residents():
    people = pd.DataFrame({"0-14": [3], "15+": [9]}, index=["b"])
    found = _residents_of_district(SimpleNamespace(cells=people, territory=pd.Index(["a", "b"])))
    assert found.to_dict() == {"a": 0, "b": 12}
    assert found.dtype == "int64"


def test_a_reserved_office_is_no_unit():
    layers = layers_of("valutazioni_sedi")
    columns = {name: [f"{name}-{i}" for i in range(3)] for name in layers[0].field_names}
    columns |= {"id": ["a", "b", "c"], "riservata": [True, False, None], "altro": [1, 2, 3]}
    offices = gpd.GeoDataFrame(columns, geometry=[Point(8, 45)] * 3, crs="EPSG:4326")
    shown = _offices(SimpleNamespace(public={"sedi": offices}), layers)
    assert shown["id"].tolist() == ["b", "c"]
    assert not {"riservata", "altro"} & set(shown)
