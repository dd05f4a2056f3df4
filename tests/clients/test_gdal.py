"""GDAL, unmodified: the one in pyogrio's wheel through geopandas, and Debian's `ogrinfo`."""

from __future__ import annotations

import re
import subprocess

import geopandas
import pandas as pd
import pytest
from currency import shown


@pytest.fixture
def published(shown_rows):
    """Rows of one collection as the release shows them, without the bounding boxes."""
    return shown_rows.to_pandas().drop(columns="bbox", errors="ignore")


@pytest.fixture
def read(demo_server, collection, published):
    """Rows of one collection as GDAL reads them, in several pages."""
    page = max(1, len(published) // 3)
    return geopandas.read_file(
        f"OAPIF:{demo_server.url}",
        layer=collection,
        PAGE_SIZE=page,
        INITIAL_REQUEST_PAGE_SIZE=min(page, 20),
    )


def test_geopandas_reads_every_feature_once(read, published):
    assert sorted(read["id"]) == sorted(published["id"])


def test_geopandas_sees_the_columns_of_the_parquet(read, published):
    if "geometry" not in published:
        # GeoJSON features always have the member, so GDAL gives tables an empty column.
        assert read.pop("geometry").isna().all()
    assert set(read.columns) == set(published.columns)


def test_geopandas_reads_the_values_of_the_parquet(read, published, demo_release, collection):
    fields = demo_release.info(collection).layer.fields
    read, published = read.set_index("id").sort_index(), published.set_index("id").sort_index()
    for field in fields:
        if field.type in {"integer", "number"}:
            ours = pd.to_numeric(published[field.name]).astype("Float64")
            theirs = pd.to_numeric(read[field.name]).astype("Float64")
            pd.testing.assert_series_equal(theirs, ours, check_index_type=False)
        elif field.type == "text" and field.name != "id":
            assert _texts(read[field.name]) == _texts(published[field.name])


def _texts(column):
    return column.astype(object).where(column.notna(), None).tolist()


def test_geopandas_reads_by_place(demo_server, demo_release):
    bbox = (8.40, 45.30, 8.45, 45.35)
    read = geopandas.read_file(f"OAPIF:{demo_server.url}", layer="comuni", bbox=bbox)
    everything = geopandas.read_parquet(
        demo_release.path("collections/comuni/features.parquet")
    ).cx[bbox[0] : bbox[2], bbox[1] : bbox[3]]
    assert 0 < len(read) < demo_release.info("comuni").count
    assert set(read["id"]) == set(everything["id"])


def test_ogrinfo_lists_every_collection_with_its_count(ogrinfo, demo_server):
    done = subprocess.run(
        [ogrinfo, "-ro", "-so", "-al", f"OAPIF:{demo_server.url}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    pattern = re.compile(r"^Layer name: (\S+)$.*?^Feature Count: (\d+)$", re.MULTILINE | re.DOTALL)
    counts = dict(pattern.findall(done.stdout))
    release = demo_server.release
    collections = [info.layer.id for info in release.manifest.collections]
    wanted = {ident: str(len(shown(release, ident))) for ident in collections}
    assert counts == wanted
    assert "ERROR" not in done.stderr
