"""The command `atlante doctor` finds no difference in the demonstration, and each that is made."""

from __future__ import annotations

import gzip
import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import zxy_to_tileid
from pmtiles.writer import Writer
from typer.testing import CliRunner

from checks.audit.site import HttpSite, gunzip
from checks.doctor.report import lines
from checks.doctor.run import examine
from geo_core.cli import app

ONE = "offerta_h3_r6"
THEME = ("segnalazioni_h3", "segnalazioni_h3_r6", "segnalazioni_h3_r7")
RASTER = "rischio_h3_r7"


@dataclass
class Changed:
    """A service one of whose answers is another; each is asked for once only in all tests."""

    site: HttpSite
    known: dict
    part: str = "no address has this"
    change: object = None
    changed: list = field(default_factory=list)
    asked: int = 0

    def get(self, path, accept=None, lang=None, headers=None, method="GET"):  # noqa: ARG002
        key = path, accept
        if key not in self.known:
            self.known[key] = self.site.get(path, accept, lang)
        answer = self.known[key]
        if self.part in path and (not self.changed or self.changed == [path]):
            body = self.change(answer.body)
            if body != answer.body:
                self.changed = [path]
                return replace(answer, body=body)
        return answer


def test_every_form_of_every_collection_has_the_same_figures(demo_server, out):
    site = HttpSite(f"{demo_server.url}/")
    told = examine(site)
    site.close()
    (out / "doctor.txt").write_text("\n".join(lines(told)) + "\n", encoding="utf-8")
    assert told.findings == []
    having = {form: {where for where, one in told.counts if one == form} for _, form in told.counts}
    layers = [info.layer for info in demo_server.release.manifest.collections]
    every = {layer.id for layer in layers}
    assert len(every) > 40
    for form in ("items", "geoparquet", "csv", "csv-it", "gpkg", "parquet", "jsonfg"):
        assert having[form] == every, form
    drawn = {layer.id for layer in layers if layer.zooms is not None}
    assert having["pmtiles"] == drawn
    for form in ("xyz", "tiles", "mbtiles"):
        assert {where for where, one in told.packed if one == form} >= drawn
    cells = {i for i in drawn if i.rpartition("_r")[2].isdecimal()}
    for form in ("dggs json", "dggs geojson", "dggs csv", "dggs parquet"):
        assert having[form] == cells, form
    rasters = {raster.id for raster in demo_server.release.manifest.rasters}
    assert having["tif"] == having["point"] == rasters
    assert all(features for (_, form), (features, _) in told.counts.items() if form != "point")


# --- each comparison is seen to fail


def of_feature(change):
    def changed(raw):
        document = orjson.loads(raw)
        change(document["features"])
        return orjson.dumps(document)

    return changed


def a_value(features):
    features[3]["properties"]["fonte"] = "altro"


def another_kind(features):
    row = next(f for f in features if type(f["properties"]["residenti"]) is int)
    row["properties"]["residenti"] = float(row["properties"]["residenti"])


def none_for_absent(features):
    del features[3]["properties"]["fonte"]


def a_zone(features):
    features[0]["properties"]["sedi"] += 1


def text(raw):
    return raw.replace(b"CC-BY-4.0", b"CC-BY-4.1", 1)


def table(raw):
    rows = pq.read_table(io.BytesIO(raw))
    at = rows.column_names.index("fonte")
    values = ["altro", *rows["fonte"].to_pylist()[1:]]
    target = io.BytesIO()
    pq.write_table(rows.set_column(at, "fonte", pa.array(values, pa.string())), target)
    return target.getvalue()


def one_row_less(raw):
    target = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(raw)).slice(1), target)
    return target.getvalue()


def archive(change):
    def changed(raw):
        source = MemorySource(raw)
        reader, target = Reader(source), io.BytesIO()
        writer = Writer(target)
        tiles = {key: gunzip(tile) for key, tile in all_tiles(source)}
        for key, tile in sorted(change(tiles).items(), key=lambda one: zxy_to_tileid(*one[0])):
            writer.write_tile(zxy_to_tileid(*key), gzip.compress(tile, mtime=0))
        writer.finalize(reader.header(), reader.metadata())
        return target.getvalue()

    return changed


def without_a_zoom(tiles):
    return {key: tile for key, tile in tiles.items() if key[0] != 7}


def a_tag(tiles):
    return {key: text(tile) if key[0] == 8 else tile for key, tile in tiles.items()}


def cut(tiles):
    key = max(tiles)
    return {**tiles, key: tiles[key][:-3]}


def mbtiles(raw):
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(raw)
        file.execute("DELETE FROM tiles WHERE rowid = (SELECT min(rowid) FROM tiles)")
        file.commit()
        return file.serialize()


def pixels(raw):
    with rasterio.MemoryFile(raw) as memory, memory.open() as source:
        values, profile = source.read(), source.profile
    values[:] = np.where(values == 1, 2, values)
    profile = {name: profile[name] for name in ("count", "crs", "transform", "height", "width")}
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", dtype="float32", nodata=np.nan, **profile) as target:
            target.write(values)
        return memory.read()


def point(raw):
    return orjson.dumps({**orjson.loads(raw), "values": [9.0]})


CASES = {
    "a value of the features": (ONE, "/items?", of_feature(a_value), "csv"),
    "an integer that is a number": (ONE, "/items?", of_feature(another_kind), "pmtiles"),
    "a field that is left out": (ONE, "/items?", of_feature(none_for_absent), "gpkg"),
    "JSON-FG": (ONE, "f=jsonfg", of_feature(a_value), "jsonfg"),
    "CSV": (ONE, "f=csv&", text, "csv"),
    "FlatGeobuf": (ONE, "f=fgb", text, "fgb"),
    "GeoPackage": (ONE, "f=gpkg", text, "gpkg"),
    "Parquet": (ONE, "f=parquet", table, "parquet"),
    "cells": (ONE, "f=h3parquet", table, "h3parquet"),
    "the file": (ONE, f"/download/{ONE}.parquet", table, "geoparquet"),
    "a row less": (ONE, f"/download/{ONE}.parquet", one_row_less, "geoparquet"),
    "a tag of a zoom": (ONE, ".pmtiles", archive(a_tag), "pmtiles"),
    "a zoom": (ONE, ".pmtiles", archive(without_a_zoom), "pmtiles"),
    "a damaged tile": (ONE, ".pmtiles", archive(cut), "pmtiles"),
    "a tile by its address": (ONE, f"/xyz/{ONE}/9/", text, "xyz"),
    "a tile of the standard": (ONE, f"/{ONE}/tiles/WebMercatorQuad/12/", text, "tiles"),
    "MBTiles": (ONE, ".mbtiles", mbtiles, "mbtiles"),
    "a zone": (ONE, "f=geojson", of_feature(a_zone), "dggs sums"),
    "zones as CSV": (ONE, "zone-depth=5&f=csv", text, "dggs csv"),
    "a theme": (THEME, "/xyz/segnalazioni_h3/12/", text, "theme"),
    "a raster": (RASTER, ".tif", pixels, "tif"),
    "a point": (RASTER, "/point/", point, "point"),
}


@pytest.fixture(scope="module")
def known():
    return {}


@pytest.mark.parametrize("case", [None, *CASES])
def test_a_form_that_differs_is_found(case, demo_server, known):
    with closing(HttpSite(f"{demo_server.url}/")) as site:
        if case is None:
            for only in ({ONE}, {*THEME}, {RASTER}):
                assert not examine(Changed(site, known), only=frozenset(only)).findings
            return
        only, part, change, form = CASES[case]
        changed = Changed(site, known, part, change)
        told = examine(changed, only=frozenset({only} if isinstance(only, str) else only))
    assert changed.changed
    assert form in {found.form for found in told.findings}


def test_the_command_refuses_what_is_no_service(demo_server):
    for wrong in ("example", f"{demo_server.url}/collections", "http://127.0.0.1:9/"):
        assert CliRunner().invoke(app, ["doctor", wrong]).exit_code == 2
