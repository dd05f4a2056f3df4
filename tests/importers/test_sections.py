"""Census sections of 2011 and 2021: variables and shapes, official totals to the person."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from accounts import left_out, notes
from openpyxl import Workbook

from geo_core.errors import AtlanteError, IngestError
from geo_core.importers import sections
from geo_core.ingest.population import check_population, reconcile
from geo_core.model.cells import CellId, polygon
from geo_core.place.areas import METRIC
from geo_core.sources import geopop, registry

PATH = Path("popolazione.csv")
CLASSES = sections.CLASSES


@pytest.fixture(scope="module")
def residents():
    return geopop.population(2023, "002")


@pytest.fixture(scope="module")
def census(municipalities):
    """Return eight sections for every municipality, in strips, the second without residents."""
    rows = []
    for code, area in zip(municipalities["cod_istat"], municipalities.geometry, strict=True):
        west, south, east, north = area.bounds
        edges = np.linspace(west, east, 9)
        for number, (left, right) in enumerate(pairwise(edges), start=1):
            strip = area.intersection(shapely.box(left, south, right, north))
            people = np.zeros((2, CLASSES), dtype=int)
            if number != 2:
                people[:] = np.random.default_rng(number).integers(0, 20, (2, CLASSES))
            rows.append((code, number, people, strip))
    return rows


def variables(census, edition):
    """Return the columns of ISTAT's table of variables that matter, and some that do not."""
    out = []
    for code, number, (females, males), _ in census:
        head = {
            "CODREG": 1, "REGIONE": "Piemonte", "CODPRO": int(code[:3]), "PROVINCIA": "Vercelli",
            "CODCOM": int(code[3:]), "COMUNE": "Comùne", "PROCOM": int(code),
            edition: f"{int(code)}{number:07d}", "NSEZ": number,
        }  # fmt: skip
        counts = {"P1": int((females + males).sum()), "P2": int(males.sum())}
        counts |= {f"P{14 + k}": int(females[k] + males[k]) for k in range(CLASSES)}
        counts |= {f"P{30 + k}": int(males[k]) for k in range(CLASSES)}
        out.append({**head, **counts, "PF1": ""})
    return pd.DataFrame(out)


def shapes(census, edition):
    ids = [float(f"{int(code)}{number:07d}") for code, number, _, _ in census]
    codes = [int(code) for code, *_ in census]
    frame = gpd.GeoDataFrame(
        {"COD_REG": 1, "PRO_COM": codes, edition: ids},
        geometry=[strip for *_, strip in census],
        crs="EPSG:4326",
    )
    return frame.to_crs(METRIC)


@pytest.fixture(scope="module")
def folder(census, tmp_path_factory):
    """Return a folder with both censuses as published: CSV and workbook, two shapefiles."""
    folder = tmp_path_factory.mktemp("sezioni")
    table = variables(census, "SEZ2011")
    table.to_csv(
        folder / "R01_indicatori_2011_sezioni.csv", sep=";", index=False, encoding="latin-1"
    )
    book = Workbook()
    table = variables(census, "SEZ21_ID")
    book.active.append(list(table.columns))
    for row in table.astype(str).itertuples(index=False):
        book.active.append(list(row))
    book.save(folder / "R01_indicatori_2021_sezioni.xlsx")
    shapes(census, "SEZ2011").to_file(folder / "R01_11_WGS84.shp")
    shapes(census, "SEZ21_ID").to_file(folder / "R01_21_WGS84.shp")
    return folder


@pytest.fixture(scope="module", params=["2011", "2021"])
def files(folder, request):
    table = {"2011": "R01_indicatori_2011_sezioni.csv", "2021": "R01_indicatori_2021_sezioni.xlsx"}
    return [folder / table[request.param], folder / f"R01_{request.param[2:]}_WGS84.shp"]


def checked(made, municipalities):
    rows = made.tables["popolazione"]
    done = check_population(PATH, rows, municipalities=set(municipalities["cod_istat"]))
    assert done.problems == ()
    return done.frame


def test_official_totals_are_kept_to_the_person(files, context, municipalities, residents):
    made = sections.read(files, context)
    people = checked(made, municipalities)
    reconcile(people, residents)
    assert set(people["metodo"]) == {"dasimetrico"}
    assert made.problems == ()
    assert f"{residents['n'].sum()} residents of 2023" in notes(made)


def test_people_are_where_the_census_found_them(folder, census, context, municipalities, residents):
    files = [folder / "R01_indicatori_2011_sezioni.csv", folder / "R01_11_WGS84.shp"]
    people = checked(sections.read(files, context), municipalities)
    code = "002158"
    here = [row for row in census if row[0] == code]
    n = residents.query("cod_istat == @code and sesso == 'M' and eta == 30")["n"].item()
    males = np.array([row[2][1][6] for row in here])
    found = people.query("cod_istat == @code and sesso == 'M' and eta == 30").set_index("h3")["n"]
    expected = pd.Series(
        {
            cell: sum(
                n
                * males[k]
                / males.sum()
                * polygon(CellId(cell)).intersection(strip).area
                / strip.area
                for k, (*_, strip) in enumerate(here)
            )
            for cell in people.loc[people["cod_istat"] == code, "h3"].unique()
        }
    )
    off = found.reindex(expected.index, fill_value=0) - expected
    assert off.abs().max() < 1.001  # area in degrees against area: a thousandth


def test_a_section_that_changed_municipality_counts_where_it_lies(
    tmp_path, census, context, municipalities
):
    """Cellio and Breia became Cellio con Breia: the census knows only the old codes."""
    old = [("002999" if code == "002171" else code, *rest) for code, *rest in census]
    path = tmp_path / "R01_indicatori_2011_sezioni.csv"
    variables(old, "SEZ2011").to_csv(path, sep=";", index=False)
    shapes(old, "SEZ2011").to_file(tmp_path / "R01_11_WGS84.shp")
    made = sections.read([path, tmp_path / "R01_11_WGS84.shp"], context)
    assert set(checked(made, municipalities)["metodo"]) == {"dasimetrico"}


def test_what_is_missing_is_said_and_shared_by_area(
    tmp_path, census, context, municipalities, residents
):
    path = tmp_path / "R01_indicatori_2011_sezioni.csv"
    variables(census, "SEZ2011").to_csv(path, sep=";", index=False)
    drawn = shapes([row for row in census if row[0] != "002158"], "SEZ2011")
    drawn.to_file(tmp_path / "R01_11_WGS84.shp")
    made = sections.read([path, tmp_path / "R01_11_WGS84.shp"], context)
    people = checked(made, municipalities)
    reconcile(people, residents)
    assert set(people.loc[people["metodo"] == "areale", "cod_istat"]) == {"002158"}
    assert "shared by area only: 002158" in notes(made)
    assert "without a shape weigh nothing" in notes(made)


def test_wrong_rows_are_named(tmp_path, folder, census, context):
    table = variables(census, "SEZ2011").astype(object)
    table.loc[0, "P14"] = "tre"
    table.loc[1, "P30"] = 10_000
    table.loc[3, "SEZ2011"] = table.loc[2, "SEZ2011"]
    elsewhere = table.tail(1).assign(PROCOM=1272, SEZ2011="12720000001")
    path = tmp_path / "R01_indicatori_2011_sezioni.csv"
    pd.concat([table, elsewhere]).to_csv(path, sep=";", index=False)
    made = sections.read([path, folder / "R01_11_WGS84.shp"], context)
    assert [(p.row, p.column) for p in made.problems] == [(2, "P14"), (3, "P14"), (5, "PROCOM")]
    assert left_out(made) == {"of other municipalities": 1}


def test_files_that_do_not_belong_together_are_refused(folder, tmp_path, context):
    table = folder / "R01_indicatori_2011_sezioni.csv"
    with pytest.raises(IngestError, match="another census"):
        sections.read([table, folder / "R01_21_WGS84.shp"], context)
    with pytest.raises(IngestError, match="variables and their shapes"):
        sections.read([table], context)
    other = tmp_path / "altro.csv"
    other.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(AtlanteError, match=r"altro\.csv: has none of SEZ2011"):
        sections.read([other, folder / "R01_11_WGS84.shp"], context)


def test_only_what_touches_the_box_of_the_files_system_is_read(folder):
    path = folder / "R01_11_WGS84.shp"
    everything = registry.read(path).frame
    first = everything.to_crs(METRIC).geometry.iloc[0]
    box = first.bounds
    near = registry.read(path, boxes={METRIC: box}).frame
    assert 0 < len(near) < len(everything) / 4
    assert len(registry.read(path, boxes={"EPSG:3003": box}).frame) == len(everything)
