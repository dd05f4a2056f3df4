"""Tables that writers accept: exactly the declared columns, and an id for every row."""

from __future__ import annotations

import geopandas as gpd
import pytest
from disclose_district import NEEDS, layers_of
from shapely.geometry import Point

from geo_core.model.tables import MINT, OpenTable, ProtectedTable, TableMismatch

(OPEN, *_) = layers_of("organizzazioni")
CLOSED = NEEDS[0]


def rows(layer, **changes):
    columns = {name: ["a", "b"] for name in layer.field_names} | changes
    return gpd.GeoDataFrame(columns, geometry=[Point(8, 45), Point(8, 46)], crs="EPSG:4326")


def opened(layer, frame):
    return OpenTable(layer, frame)


def closed(layer, frame):
    return ProtectedTable(layer, frame, key=MINT)


BOTH = pytest.mark.parametrize(("make", "layer"), [(opened, OPEN), (closed, CLOSED)])


@BOTH
def test_a_table_has_the_columns_of_its_layer(make, layer):
    assert make(layer, rows(layer)).frame["id"].tolist() == ["a", "b"]


@BOTH
def test_columns_that_lack_or_are_too_many_or_in_another_order_are_refused(make, layer):
    frame = rows(layer)
    last = layer.field_names[-1]
    for wrong, said in (
        (frame.drop(columns=last), rf"missing columns \['{last}'\], unexpected columns \[\]"),
        (frame.assign(n_vero=1), r"missing columns \[\], unexpected columns \['n_vero'\]"),
        (frame[[*frame.columns[::-1]]], "not in the declared order"),
    ):
        with pytest.raises(TableMismatch, match=said):
            make(layer, wrong)


@BOTH
@pytest.mark.parametrize("ids", [["a", "a"], ["a", None]])
def test_every_row_has_an_id_of_its_own(make, layer, ids):
    with pytest.raises(TableMismatch, match="`id` is missing or repeated"):
        make(layer, rows(layer, id=ids))


def test_rows_about_persons_are_no_open_table():
    with pytest.raises(TableMismatch, match="must pass disclosure control"):
        OpenTable(CLOSED, rows(CLOSED))


@pytest.mark.parametrize("key", [None, object(), "MINT"])
def test_without_the_key_nothing_becomes_a_protected_table(key):
    with pytest.raises(TypeError, match=r"made by geo_core\.disclose"):
        ProtectedTable(CLOSED, rows(CLOSED), key=key)
