"""One figure in every shape: items, GeoParquet, tiles of every zoom, zones and rasters agree.

For every collection of the demonstration the ids with their attributes are compared. What a form
cannot hold is said where it is compared: tiles have no nulls and write lists as JSON text. Tiles
over HTTP are held to the archive to the byte, and the archive is decoded.
"""

from __future__ import annotations

import gzip
import io
from collections import Counter
from functools import cache

import h3
import orjson
import pyarrow.parquet as pq
import pytest
import rasterio
from pyproj import Transformer
from starlette.testclient import TestClient
from strict_mvt import decode

from api.app import create_app
from api.settings import Settings
from geo_core.formats.pmtiles import open_archive

TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)


@pytest.fixture(scope="module")
def client(demo_home):
    with TestClient(create_app(Settings(releases=demo_home / "releases"))) as running:
        yield running


@pytest.fixture(scope="module")
def served(client):
    return client.app.releases.current


@pytest.fixture(scope="module")
def counted(out):
    """Collect what was compared, and leave it as a table."""
    found = {}
    yield found
    lines = [f"{form:<12} {name:<32} {number:>9}" for (form, name), number in sorted(found.items())]
    totals = Counter()
    for (form, _), number in found.items():
        totals[form] += number
    lines += [f"{form:<12} {'':<32} {number:>9}" for form, number in totals.items()]
    (out / "consistency.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def features(client):
    @cache
    def of(collection):
        """Return the properties of every feature, by id; those that are over included."""
        found, address = {}, f"/collections/{collection}/items?limit=10000&datetime=../.."
        while address:
            answer = client.get(address)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            for one in page["features"]:
                assert one["id"] not in found
                assert one["properties"].get("id", one["id"]) == one["id"]
                found[one["id"]] = {"id": one["id"], **one["properties"]}
            nexts = [link["href"] for link in page["links"] if link["rel"] == "next"]
            address = nexts[0] if nexts else ""
        return found

    return of


@pytest.fixture(scope="module")
def collections(served):
    return [info.layer for info in served.release.manifest.collections]


def shown(rows, layer, day):
    """Return what maps show: of a layer whose past is hidden, what is valid on the day."""
    if not layer.current_only:
        return rows
    return {
        ident: row
        for ident, row in rows.items()
        if (row["valido_dal"] or "") <= day and (row["valido_al"] or "9999") >= day
    }


def in_a_tile(row):
    """Return the attributes as a tile has them: without nulls, lists as JSON text."""
    return {
        name: orjson.dumps(value).decode() if isinstance(value, list) else value
        for name, value in row.items()
        if value is not None
    }


def test_geoparquet_has_the_features(client, collections, features, counted):
    for layer in collections:
        raw = client.get(f"/download/{layer.id}.parquet")
        table = pq.read_table(io.BytesIO(raw.content))
        rows = table.drop_columns([c for c in ("geometry", "bbox") if c in table.column_names])
        found = {row["id"]: row for row in rows.to_pylist()}
        assert found == features(layer.id), layer.id
        assert table.num_rows == len(found)
        counted["geoparquet", layer.id] = len(found)


def test_tiles_of_every_zoom_have_the_features_of_the_collection_they_show(
    served, features, counted
):
    release = served.release
    for tileset in release.manifest.tilesets:
        archive = open_archive(release.path(tileset.path))
        seen = {zoom: {} for zoom in tileset.collections}
        for zoom, x, y in archive:
            (layer,) = decode(gzip.decompress(archive.get(zoom, x, y))).values()
            assert layer.name == tileset.id
            for feature in layer.features:
                ident = feature.properties["id"]
                # A feature on the edge of two tiles is in both, and says the same in both.
                assert seen[zoom].setdefault(ident, feature.properties) == feature.properties
                counted["tiles", tileset.id] = counted.get(("tiles", tileset.id), 0) + 1
        for zoom, collection in tileset.collections.items():
            info = release.info(collection)
            rows = shown(features(collection), info.layer, release.manifest.reference_date)
            placed = {
                row["id"] for row in rows.values() if has_place(served, collection, row["id"])
            }
            wanted = {ident: in_a_tile(rows[ident]) for ident in placed}
            assert seen[zoom] == wanted, (tileset.id, zoom)


def has_place(served, collection, ident):
    found = served.collection(collection)
    return found.shapes is not None and found.shapes[found.row(ident)] is not None


def test_tiles_over_http_are_those_of_the_archive(client, served, counted):
    release = served.release
    for tileset in release.manifest.tilesets:
        raw = client.get(f"/download/{tileset.id}.pmtiles")
        assert raw.content == release.path(tileset.path).read_bytes()
        archive = open_archive(release.path(tileset.path))
        for zoom, x, y in archive:
            tile = client.get(f"/xyz/{tileset.id}/{zoom}/{x}/{y}.mvt")
            assert tile.status_code == 200
            # The client unpacks what was sent packed.
            assert tile.content == gzip.decompress(archive.get(zoom, x, y))
            counted["xyz", tileset.id] = counted.get(("xyz", tileset.id), 0) + 1


def test_zones_have_the_features_and_name_the_areas_of_the_rest(
    client, served, features, collections, counted
):
    for layer in collections:
        if layer.family not in served.themes or layer.series:
            continue
        origin, level = f"/collections/{layer.id}/dggs/H3/zones", layer.resolution
        first = max(0, level - 5)
        named = {"zone-level": first, "compact-zones": "false"}
        own, areas = {}, set()
        for zone in client.get(origin, params=named).json()["zones"]:
            answer = client.get(
                f"{origin}/{zone}/data", params={"zone-depth": level - first, "f": "geojson"}
            )
            assert answer.status_code == 200, answer.text
            for one in answer.json()["features"]:
                said = dict(one["properties"])
                zone_id, merged = said.pop("zoneID"), said.pop("zone_area")
                status = said.pop("zone_status")
                assert said.pop("zone_level") == level
                if status == "published":
                    own[said["id"]] = said
                    assert h3.cell_to_parent(said["h3"], level) == zone_id
                else:
                    assert status == "merged"
                    assert {v for k, v in said.items()} == {None}
                    areas |= set(merged.split())
        rows = features(layer.id)
        assert {ident: rows[ident] for ident in own} == own, layer.id
        # Every area that is no zone is named by the zones that lie in it.
        assert {f"{layer.id}/{ident}" for ident in rows.keys() - own.keys()} == areas, layer.id
        counted["zones", layer.id] = len(own)


def test_pixels_at_the_centres_of_cells_have_the_values_of_the_features(
    client, served, features, counted
):
    release = served.release
    assert release.manifest.rasters
    for raster in release.manifest.rasters:
        rows = features(raster.shown)
        centres = {i: h3.cell_to_latlng(row["h3"]) for i, row in rows.items()}
        with rasterio.open(release.path(raster.path)) as source:
            at = [TO_METRES.transform(lon, lat) for lat, lon in centres.values()]
            pixels = [float(value) for (value,) in source.sample(at)]
        for ident, pixel in zip(centres, pixels, strict=True):
            value = rows[ident][raster.field]
            if value is None:
                assert pixel != pixel, (raster.id, ident)  # noqa: PLR0124 - NaN
            else:
                assert pixel == pytest.approx(value, rel=1e-6), (raster.id, ident)
        for ident in list(centres)[:: max(1, len(centres) // 25)]:
            lat, lon = centres[ident]
            said = client.get(f"/raster/{raster.id}/point/{lon:.7f},{lat:.7f}").json()
            value = rows[ident][raster.field]
            assert said["values"] == [value if value is None else pytest.approx(value, rel=1e-6)]
        counted["raster", raster.id] = len(centres)
