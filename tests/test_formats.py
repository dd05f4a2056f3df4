"""One suite for every output format, then what is particular to Parquet and fragments."""

from __future__ import annotations

import json
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from tiles_release import ROOT, layer, named, table, tables

from geo_core.errors import ReleaseDamaged, ReleaseError
from geo_core.formats import cog, fragments, geoparquet, vector_tiles
from geo_core.formats.base import FORMATS
from geo_core.formats.rows import rows_of
from geo_core.model.tables import OpenTable

CASES = [
    pytest.param(fmt, t, id=f"{fmt.name}-{t.layer.id}")
    for fmt in FORMATS
    for t in tables()
    if fmt.covers(t.layer)
]


def shuffled(t: OpenTable) -> OpenTable:
    return OpenTable(t.layer, t.frame.sample(frac=1, random_state=1).reset_index(drop=True))


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(("fmt", "t"), CASES)
class TestEveryFormat:
    def test_the_order_of_the_input_changes_no_byte(self, fmt, t, tmp_path):
        one, two = tmp_path / "one", tmp_path / "two"
        one.mkdir()
        two.mkdir()
        fmt.write(t, one / "file.bin")
        fmt.write(shuffled(t), two / "file.bin")
        assert written(one) == written(two)

    def test_a_collection_without_rows_is_still_written(self, fmt, t, tmp_path):
        empty = OpenTable(t.layer, t.frame.iloc[:0])
        fmt.write(empty, tmp_path / "file.bin")
        assert "file.bin" in written(tmp_path)


def test_names_are_unique():
    assert len({fmt.name for fmt in FORMATS}) == len(FORMATS)
    assert {fmt.name for fmt in FORMATS} == {"geoparquet", "fragments", "vector-tiles", "cog"}


_DIGEST = """
import hashlib, pathlib, sys, tempfile
sys.path.insert(0, "tests")
from geo_core.formats.base import FORMATS
from tiles_release import tables
CHOSEN = {"punti", "aree", "celle_r6"}
digest = hashlib.sha256()
with tempfile.TemporaryDirectory() as folder:
    for fmt in FORMATS:
        for t in (t for t in tables() if fmt.covers(t.layer) and t.layer.id in CHOSEN):
            fmt.write(t, pathlib.Path(folder) / "file")
            digest.update((pathlib.Path(folder) / "file").read_bytes())
print(digest.hexdigest())
"""


def test_another_process_with_another_hash_seed_writes_the_same_bytes():
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("t", tables(), ids=lambda t: t.layer.id)
def test_parquet_and_fragments_agree_row_by_row(t, tmp_path):
    geoparquet.write(t, tmp_path / "features.parquet")
    fragments.write(t, tmp_path / "features.geojsonl")
    rows = pq.read_table(tmp_path / "features.parquet").to_pylist()
    lines = fragments.open_fragments(tmp_path / "features.geojsonl")
    assert len(lines) == len(rows) == len(t.frame)
    for i, row in enumerate(rows):
        feature = json.loads(lines[i])
        assert list(feature["properties"]) == list(t.layer.field_names)
        assert feature["properties"] == {name: row[name] for name in t.layer.field_names}
        assert feature["id"] == row["id"]
        shape = row.get("geometry")
        found = shapely.geometry.shape(feature["geometry"]) if feature["geometry"] else None
        assert found == (shapely.from_wkb(shape) if shape else None)


def test_parquet_has_the_declared_types_even_where_all_is_null(tmp_path):
    geoparquet.write(named("aree"), tmp_path / "a.parquet")
    schema = pq.read_schema(tmp_path / "a.parquet")
    found = {f.name: str(schema.field(f.name).type) for f in layer("aree").fields}
    assert found["vuoto"] == found["id"] == found["fatto_il"] == "string"
    assert found["n_persone"] == "int64"
    assert found["indice"] == "double"
    assert found["aperto"] == "bool"
    assert found["tipi"] == "list<element: string>"


def test_parquet_is_geoparquet_with_a_covering_box(tmp_path):
    path = tmp_path / "cells.parquet"
    geoparquet.write(named("celle_r8"), path)
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert geo["version"] == "1.1.0"
    assert column["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}
    assert column["geometry_types"] == ["MultiPolygon"]
    assert pq.ParquetFile(path).num_row_groups > 1
    everything = gpd.read_parquet(path)
    west, south, east, north = everything.total_bounds
    box = (west, south, west + (east - west) / 5, south + (north - south) / 5)
    part = gpd.read_parquet(path, bbox=box)
    expected = everything.cx[box[0] : box[2], box[1] : box[3]]
    assert 0 < len(expected) <= len(part) < len(everything)
    assert set(expected["id"]) <= set(part["id"])


def test_a_small_area_lies_in_few_row_groups(tmp_path):
    t = named("celle_r8")
    geoparquet.write(t, tmp_path / "c.parquet")
    file = pq.ParquetFile(tmp_path / "c.parquet")
    spans = []
    for i in range(file.num_row_groups):
        box = shapely.total_bounds(
            shapely.from_wkb(file.read_row_group(i, columns=["geometry"])["geometry"].to_pylist())
        )
        spans.append((box[2] - box[0]) * (box[3] - box[1]))
    west, south, east, north = t.frame.total_bounds
    assert np.mean(spans) < (east - west) * (north - south) / 2


@pytest.mark.parametrize("t", tables(), ids=lambda t: t.layer.id)
def test_parquet_says_whose_data_it_holds(t, tmp_path):
    geoparquet.write(t, tmp_path / "features.parquet")
    said = json.loads(pq.read_schema(tmp_path / "features.parquet").metadata[b"atlante"])
    for name in ("id", "licence", "attribution", "synthetic"):
        assert said[name] == getattr(t.layer, name)
    for name in ("title", "description", "source"):
        assert said[name] == {"it": getattr(t.layer, name).it, "en": getattr(t.layer, name).en}


def test_a_layer_without_geometry_is_plain_parquet_by_id(tmp_path):
    geoparquet.write(named("righe"), tmp_path / "r.parquet")
    found = pq.read_table(tmp_path / "r.parquet")
    assert found["id"].to_pylist() == ["r1", "r2", "r3"]
    assert "geometry" not in found.column_names
    assert b"geo" not in (found.schema.metadata or {})


def test_fragments_are_wound_as_rfc_7946_asks_and_keep_every_digit(tmp_path):
    t = named("aree")
    fragments.write(t, tmp_path / "f.geojsonl")
    lines = fragments.open_fragments(tmp_path / "f.geojsonl")
    found = {f["id"]: f["geometry"] for f in map(json.loads, (lines[i] for i in range(len(lines))))}
    assert found["senza"] is None
    for ident, shape in zip(t.frame["id"], t.frame.geometry, strict=True):
        if shape is None:
            continue
        assert found[ident]["type"] == "MultiPolygon"
        for exterior, *holes in found[ident]["coordinates"]:
            assert shapely.LinearRing(exterior).is_ccw
            assert all(not shapely.LinearRing(hole).is_ccw for hole in holes)
        written_ = {tuple(p) for polygon in found[ident]["coordinates"] for r in polygon for p in r}
        assert written_ == set(map(tuple, shapely.get_coordinates(shape).tolist()))


def test_joined_fragments_are_json(tmp_path):
    fragments.write(named("punti"), tmp_path / "f.geojsonl")
    lines = fragments.open_fragments(tmp_path / "f.geojsonl")
    found = json.loads(b"[" + lines.joined([3, 0]) + b"]")
    assert found == [json.loads(lines[3]), json.loads(lines[0])]
    assert lines.joined([]) == b""


@pytest.mark.parametrize("harm", ["shorter", "unordered", "gone"])
def test_an_index_that_does_not_fit_is_refused(tmp_path, harm):
    path = tmp_path / "f.geojsonl"
    fragments.write(named("punti"), path)
    index = np.fromfile(path.with_suffix(".idx"), dtype="<u8")
    changed = {"shorter": index[:-1], "unordered": index[::-1], "gone": index[:0]}[harm]
    path.with_suffix(".idx").write_bytes(changed.tobytes())
    with pytest.raises(ReleaseDamaged, match="index"):
        fragments.open_fragments(path)


WRONG = {
    "text that is a number": ("nome", [1, None]),
    "a fraction in an integer": ("n_persone", [1.5, None]),
    "an infinite number": ("indice", [float("inf"), None]),
    "a boolean that is text": ("aperto", ["sì", None]),
    "codes that are one text": ("tipi", ["ab", None]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_value_of_another_type_stops_the_build(case):
    name, values = WRONG[case]
    t = table("righe", {"a": None, "b": None})
    frame = t.frame.assign(**{name: pd.Series(values, dtype=object)})
    with pytest.raises(ReleaseError, match=name):
        rows_of(OpenTable(t.layer, frame))


def test_a_geometry_of_another_type_stops_the_build():
    with pytest.raises(ReleaseError, match="Point"):
        rows_of(table("punti", {"a": shapely.box(8, 45, 9, 46)}))
    with pytest.raises(ReleaseError, match="empty"):
        rows_of(table("aree", {"a": shapely.Polygon()}))


def test_only_layers_with_a_raster_have_one():
    assert cog.covers(layer("celle_r7"))
    assert not cog.covers(layer("aree"))
    assert not vector_tiles.covers(layer("righe"))
