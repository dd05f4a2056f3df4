"""A road network becomes the table of travel times that the build takes."""

from __future__ import annotations

import geopandas as gpd
import h3
import pandas as pd
import pytest
import shapely
from accounts import left_out, notes

from geo_core.errors import IngestError
from geo_core.importers import roads
from geo_core.ingest.times import check_times

HOME = h3.latlng_to_cell(45.32, 8.42, 8)
FAR = h3.latlng_to_cell(45.80, 8.20, 8)


def centre(cell):
    lat, lon = h3.cell_to_latlng(cell)
    return lon, lat


def along(*cells):
    return shapely.LineString([centre(cell) for cell in cells])


RING = sorted(h3.grid_ring(HOME, 2))


@pytest.fixture
def ready(context):
    """Put a population and offices into the input folder."""
    people = pd.DataFrame({"cod_istat": "002158", "h3": [HOME, RING[0], FAR]})
    people.to_csv(context.input / "popolazione.csv", index=False)
    lon, lat = centre(HOME)
    rows = [("SED-1", lon, lat, "false"), ("SED-2", lon, lat, "true"), ("SED-3", "", "", "false")]
    offices = pd.DataFrame(rows, columns=["id_sede", "lon", "lat", "riservata"])
    offices.to_csv(context.input / "sedi.csv", index=False)
    return context


def written(folder, name="strade.gpkg", **columns):
    lines = gpd.GeoDataFrame(columns, geometry=[along(HOME, RING[0])], crs=4326)
    path = folder / name
    lines.to_file(path)
    return path


@pytest.mark.parametrize("name", ["strade.gpkg", "strade.geojson", "strade.shp"])
def test_minutes_of_a_line_become_times_of_cells(ready, tmp_path, name):
    made = roads.read([written(tmp_path, name, minuti=[12.0])], ready)
    table = made.tables["tempi"]
    assert table[["h3", "id_sede", "minuti"]].to_numpy().tolist() == [
        [cell, "SED-1", minutes] for cell, minutes in sorted([(HOME, "0.0"), (RING[0], "12.0")])
    ]
    assert set(table["metodo"]) == {"rete stradale, percorso più veloce, minuti dati per tratto"}
    assert (made.rows, made.accepted) == (1, 1)
    assert "1 inhabited cells, 1 offices" in notes(made)
    cells = frozenset({HOME, RING[0], FAR})
    checked = check_times(tmp_path / "tempi.csv", table, offices=["SED-1"], cells=cells)
    assert not checked.problems
    assert checked.frame["km"].max() == pytest.approx(1.6, abs=0.4)


def test_speed_and_class_say_how_long_a_line_takes(ready, tmp_path):
    fast = roads.read([written(tmp_path, kmh=[50.0])], ready).tables["tempi"]
    slow = roads.read([written(tmp_path, "b.gpkg", highway=["residential"])], ready).tables["tempi"]
    assert float(slow["minuti"].astype(float).max()) == pytest.approx(
        2 * float(fast["minuti"].astype(float).max()), abs=0.11
    )
    assert slow["metodo"].iloc[0].endswith("velocità secondo la classe di strada")


def test_reserved_offices_have_no_time(ready, tmp_path):
    table = roads.read([written(tmp_path, minuti=[12.0])], ready).tables["tempi"]
    assert set(table["id_sede"]) == {"SED-1"}


def test_rows_are_used_left_out_or_refused(ready, tmp_path):
    shapes = [
        along(HOME, RING[0]),
        along(HOME, RING[1]),
        along(HOME, RING[2]),
        shapely.Point(8, 45),
    ]
    kinds = ["tertiary", "footway", "boulevard", "service"]
    path = tmp_path / "strade.gpkg"
    gpd.GeoDataFrame({"highway": kinds}, geometry=shapes, crs=4326).to_file(path)
    made = roads.read([path], ready)
    assert (made.rows, made.accepted, left_out(made)) == (4, 1, {"are not for cars": 1})
    assert [(p.row, p.reason) for p in made.problems] == [
        (3, "is no class of road"),
        (4, "is no line"),
    ]


def test_other_files_and_folders_are_refused(ready, tmp_path):
    with pytest.raises(IngestError, match="does not say how long"):
        roads.read([written(tmp_path, nome=["x"])], ready)
    away = gpd.GeoDataFrame(
        {"kmh": [50.0]}, geometry=[shapely.LineString([(12, 42), (12.1, 42)])], crs=4326
    )
    away.to_file(tmp_path / "roma.gpkg")
    with pytest.raises(IngestError, match="does not reach the district"):
        roads.read([tmp_path / "roma.gpkg"], ready)
    with pytest.raises(IngestError, match="has no line that can be used"):
        roads.read([written(tmp_path, "c.gpkg", kmh=[-1.0])], ready)
    (ready.input / "sedi.csv").unlink()
    with pytest.raises(IngestError, match="has no office with a position"):
        roads.read([written(tmp_path, "d.gpkg", kmh=[50.0])], ready)
    (ready.input / "popolazione.csv").unlink()
    with pytest.raises(IngestError, match="nobody knows where people live"):
        roads.read([written(tmp_path, "e.gpkg", kmh=[50.0])], ready)
