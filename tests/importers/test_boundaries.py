"""ISTAT's boundaries (shapefile in UTM, alone or in the published zip) and Openpolis's GeoJSON."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from accounts import left_out, notes

from geo_core.errors import AtlanteError, IngestError
from geo_core.importers import boundaries
from geo_core.ingest.boundaries import boundaries as read_back
from geo_core.place.areas import METRIC


def istat(municipalities):
    """Return municipalities with the columns of ISTAT's Com01012024_g_WGS84."""
    province = municipalities["cod_provincia"].astype(int)
    codes = municipalities["cod_istat"]
    columns = {
        "COD_RIP": 1, "COD_REG": 1, "COD_PROV": province, "COD_CM": 0, "COD_UTS": province,
        "PRO_COM": codes.astype(int), "PRO_COM_T": codes,
        "COMUNE": municipalities["denominazione"], "COMUNE_A": None, "CC_UTS": 0,
        "SHAPE_LENG": 0.0, "SHAPE_AREA": 0.0,
    }  # fmt: skip
    frame = gpd.GeoDataFrame(columns, geometry=municipalities.geometry)
    return frame.to_crs(METRIC)


def shapefile(folder, frame, name="Com01012024_g_WGS84"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.shp"
    frame.to_file(path, encoding="utf-8")
    return path


def zipped(path, folder):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.fixture
def published(tmp_path, municipalities):
    """Return the zip as published: the larger units are in it too."""
    folder = tmp_path / "zip"
    frame = istat(municipalities)
    shapefile(folder / "Limiti01012024_g" / "Com01012024_g", frame)
    whole = gpd.GeoDataFrame({"COD_REG": [1]}, geometry=[frame.union_all()], crs=METRIC)
    for name in ("Reg01012024_g", "ProvCM01012024_g"):
        shapefile(folder / "Limiti01012024_g" / name, whole, f"{name}_WGS84")
    return zipped(tmp_path / "Limiti01012024_g.zip", folder)


def test_the_published_zip_gives_the_real_municipalities(published, municipalities, context):
    made = boundaries.read([published], context)
    table = made.tables["confini"]
    assert made.problems == ()
    assert set(table["anno"]) == {"2024"}
    for name in ("cod_istat", "denominazione", "cod_catastale", "cod_provincia"):
        assert table[name].tolist() == municipalities[name].tolist()
    off = (
        table.geometry.to_crs(METRIC)
        .reset_index(drop=True)
        .symmetric_difference(municipalities.geometry.to_crs(METRIC))
    )
    assert off.area.max() < 1  # m²
    assert table.geometry.is_valid.all()


def test_what_is_written_is_read_back_for_one_province(published, context, municipalities):
    table = boundaries.read([published], context).tables["confini"]
    table.to_parquet(context.input / "confini.parquet")
    held = read_back(context.input, "002")
    assert held["cod_istat"].tolist() == municipalities["cod_istat"].tolist()
    assert held["denominazione"].dtype == object
    with pytest.raises(IngestError, match="province 003"):
        read_back(context.input, "003")
    (context.input / "confini.parquet").write_bytes(b"PAR1")
    with pytest.raises(AtlanteError, match=r"confini\.parquet"):
        read_back(context.input, "002")
    (context.input / "confini.parquet").unlink()
    assert read_back(context.input, "002") is None


def test_codes_without_zeros_and_bad_rows_are_named(tmp_path, municipalities, context):
    frame = istat(municipalities.head(6)).drop(columns="PRO_COM_T")
    frame.loc[3, "PRO_COM"] = frame.loc[2, "PRO_COM"]
    frame.loc[4, "PRO_COM"] = 12
    frame.loc[5, "geometry"] = None
    made = boundaries.read([shapefile(tmp_path / "a", frame, "Com2021_WGS84")], context)
    assert set(made.tables["confini"]["anno"]) == {"2021"}
    assert [(p.row, p.column) for p in made.problems] == [
        (4, "PRO_COM"),
        (5, "PRO_COM"),
        (6, "geometry"),
    ]
    assert made.tables["confini"]["cod_istat"].str.len().eq(6).all()
    assert "of the district, not in the file" in notes(made)
    assert left_out(made) == {}


def test_a_crossing_boundary_is_mended_and_said(tmp_path, municipalities, context):
    frame = istat(municipalities.head(2))
    corners = np.array([(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)])
    bowtie = np.array([430_000, 5_030_000]) + corners
    frame.loc[0, "geometry"] = shapely.Polygon(bowtie)
    made = boundaries.read([shapefile(tmp_path / "a", frame)], context)
    assert made.tables["confini"].geometry.is_valid.all()
    assert f"geometry mended: {municipalities['cod_istat'].iloc[0]}" in notes(made)


def test_a_new_municipality_has_no_cadastral_code_and_that_is_said(
    tmp_path, municipalities, context
):
    frame = istat(municipalities.head(2)).assign(PRO_COM_T=["002002", "002999"])
    made = boundaries.read([shapefile(tmp_path / "a", frame)], context)
    assert made.tables["confini"]["cod_catastale"].tolist() == ["A119", None]
    assert "municipalities without cadastral code: 1" in notes(made)


def test_openpolis_has_its_own_names_and_no_year(shared_boundaries, municipalities, context):
    made = boundaries.read([shared_boundaries], context)
    table = made.tables["confini"]
    assert table["cod_istat"].tolist() == municipalities["cod_istat"].tolist()
    assert table["cod_catastale"].tolist() == municipalities["cod_catastale"].tolist()
    assert table["anno"].isna().all()
    assert "the name of the file says no year" in notes(made)


@pytest.fixture
def shared_boundaries(root):
    path = root.parent / "shared" / "data" / "limits_P_2_municipalities.geojson"
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand")
    return path


def test_other_shapes_are_refused(tmp_path, context):
    other = gpd.GeoDataFrame(
        {"x": [1]}, geometry=[shapely.box(400_000, 5e6, 5e5, 5.1e6)], crs=METRIC
    )
    with pytest.raises(IngestError, match="none of the columns"):
        boundaries.read([shapefile(tmp_path / "a", other)], context)
    with pytest.raises(IngestError, match="one file"):
        boundaries.read([], context)
    shapefile(tmp_path / "b", other, "Reg01012024_g_WGS84")
    shapefile(tmp_path / "b", other, "RipGeo01012024_g_WGS84")
    with pytest.raises(AtlanteError, match="holds 2 shapefiles"):
        boundaries.read([zipped(tmp_path / "b.zip", tmp_path / "b")], context)
