"""`atlante index` with spatial statistics: golden numbers, and tables that are wrong."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import h3
import libpysal
import numpy as np
import pytest
from indexing import computed, run, table

# esda, esda/tests/test_getisord.py
POINTS = """u,x,y,v
a,10,10,2
b,20,10,3
c,40,10,3.2
d,15,20,5
e,30,20,8
f,30,30,7
"""
HOT = "method: %s\nid: u\nvariable: v\nneighbours: {distance: {x: x, y: y, band: 15}}\n"
PAIRS = (
    "method: %s\nid: u\nvariable: v\n"
    "neighbours: {pairs: {file: near.csv, unit: a, neighbour: b, both_ways: %s}}\n"
)


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def test_hot_spots_are_the_published_ones(tmp_path: Path):
    rows = table(tmp_path, HOT % "gi_star", POINTS)
    assert np.round(column(rows, "z"), 8).tolist() == [
        *(-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331)
    ]
    assert [row["vicini"] for row in rows] == ["2", "3", "1", "3", "4", "1"]
    assert float(rows[5]["p"]) == pytest.approx(math.erfc(2.02424331 / 2**0.5), rel=1e-7)
    assert float(rows[5]["p_fdr"]) == pytest.approx(6 * float(rows[5]["p"]), rel=1e-12)
    assert column(table(tmp_path, HOT % "gi", POINTS), "z")[0] == pytest.approx(-1.0136729)
    (whole,) = table(tmp_path, HOT % "global_g", POINTS)
    assert round(float(whole["g"]), 8) == 0.55709779
    # esda says 0.172936 for one side
    assert round(float(whole["p"]) / 2, 6) == 0.172936
    assert (whole["unita"], whole["stato"]) == ("6", "computed")


def test_local_moran_is_that_of_pysal(tmp_path: Path):
    example = libpysal.examples.get_path
    with closing(libpysal.io.open(example("desmith.gal"))) as file:
        near = file.read().neighbors
    with closing(libpysal.io.open(example("desmith.txt"))) as file:
        data = "\n".join(["u,v", *(f"{i + 1},{z}" for i, z in enumerate(file.by_col["z"]))])
    pairs = "\n".join(["a,b", *(f"{a},{b}" for a, others in near.items() for b in others)])
    rows = table(tmp_path, PAIRS % ("local_moran", "false"), data, near=pairs)
    # esda.Moran_Local of the same data
    assert np.round(column(rows, "i"), 8).tolist() == [
        *(-0.11409277, -0.19940543, -0.13351408, -0.51770383, 0.48095009),
        *(0.12208113, 1.19148298, -0.58144305, 0.07101383, 0.34314301),
    ]
    assert [row["quadrante"] for row in rows] == [
        *["HL"] * 3,
        "LH",
        "LL",
        "LL",
        "HH",
        "HL",
        "LL",
        "LL",
    ]
    assert computed(tmp_path)["permutations"] == 9_999
    again = table(tmp_path, PAIRS % ("local_moran", "true"), data, near=pairs)
    assert again == rows
    (whole,) = table(tmp_path, PAIRS % ("global_moran", "true"), data, near=pairs)
    assert round(float(whole["i"]), 8) == 0.07361243


@pytest.mark.parametrize("method", ["gi_star", "gi", "local_moran"])
def test_the_order_of_rows_changes_no_digit(tmp_path: Path, method: str):
    head, *rows = POINTS.replace(",3.2", ",").split()
    values = table(tmp_path, HOT % method, "\n".join([head, *rows]))
    mixed = table(tmp_path, HOT % method, "\n".join([head, *(rows[i] for i in (3, 0, 5, 2, 1, 4))]))
    assert sorted(mixed, key=lambda row: row["u"]) == values
    assert [row["u"] for row in mixed] == [*"dafcbe"]


def test_the_seed_decides_the_chances(tmp_path: Path):
    with_seed = HOT % "local_moran" + "options: {permutations: 99, seed: %s}"
    one, other = (column(table(tmp_path, with_seed % s, POINTS), "p") for s in (1, 2))
    assert one != other
    assert all(round(p * 100, 9) == round(p * 100) for p in one + other)


def test_too_few_permutations_for_so_many_units_are_told(tmp_path: Path):
    few = HOT % "local_moran" + "options: {permutations: 238}"
    told = run(tmp_path, few, POINTS).words
    assert "un'unità da sola fra 6 non può" in told
    assert "it takes 239" in told
    assert "it takes" not in run(tmp_path, few.replace("238", "239"), POINTS).words


def test_cells_and_kilometres(tmp_path: Path):
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(45.3, 8.4, 8), 3))
    centres = [h3.cell_to_latlng(c) for c in cells]
    rows = [
        f"{c},{i % 5},{lon},{lat}"
        for i, (c, (lat, lon)) in enumerate(zip(cells, centres, strict=True))
    ]
    data = "\n".join(["cell,v,lon,lat", *rows])
    head = "method: gi_star\nid: cell\nvariable: v\nneighbours: "
    by_ring = table(tmp_path, head + "{h3: {cell: cell}}", data)
    # Neighbours of resolution 8 are about 0.9 km apart, the next ones 1.6 km.
    by_km = table(tmp_path, head + "{distance_km: {lon: lon, lat: lat, band: 1.2}}", data)
    assert by_ring == by_km
    assert sorted({row["vicini"] for row in by_ring}) == ["3", "4", "6"]
    wide = table(tmp_path, head + "{h3: {cell: cell, ring: 2}}", data)
    assert max(int(row["vicini"]) for row in wide) == 18


def test_what_has_no_statistic_says_why(tmp_path: Path):
    def states(method: str, data: str, near: str = "a,b\na,b\n") -> list[str]:
        found = table(tmp_path, PAIRS % (method, "true"), data, near=near)
        return [row["stato"].partition(":")[2].strip() or row["stato"] for row in found]

    data = "u,v\na,1\nb,2\nc,5\nd,\n"
    alone, none = "no neighbours with a value", "v"
    assert states("gi_star", data) == ["computed", "computed", "computed", none]
    assert states("gi", data) == ["computed", "computed", alone, none]
    assert states("local_moran", data) == ["computed", "computed", alone, none]
    same = "u,v\na,0.1\nb,0.1\nc,0.1\n"
    alike = "too few values, or all the same"
    nowhere = "too few values, all the same, or no neighbours to tell apart"
    for method in ("gi_star", "gi", "local_moran"):
        assert states(method, same) == [alike] * 3
        assert states(method, "u,v\na,4\n", near="a,b\na,a\n") == [alike]
        assert states(method, "u,v\na,\n", near="a,b\na,a\n") == [none]
    for method in ("global_g", "global_moran"):
        assert states(method, same) == [nowhere]
        assert states(method, "u,v\na,\n", near="a,b\na,a\n") == [nowhere]
    everyone = "a,b\na,b\na,c\nb,c\n"
    assert (
        states("gi_star", "u,v\na,1\nb,2\nc,5\n", near=everyone) == ["nothing to compare with"] * 3
    )


@pytest.mark.parametrize(
    "case",
    [
        (HOT % "gi_star", POINTS.replace("a,10", "a,"), "row 2, column x", "dare le coordinate"),
        (HOT % "gi_star", POINTS.replace("40,10", "40,x"), "row 4, column y", "non è un numero"),
        (HOT % "gi_sta", POINTS, "did you mean 'gi_star'?", "forse «gi_star»?"),
        (HOT % "global_g", POINTS.replace(",7", ",-7"), "from 0 on", "da 0 in su"),
        (HOT % "gi" + "options: {seed: 1}", POINTS, "`options`", "non esiste"),
        (
            HOT % "local_moran" + "options: {permutations: 1}",
            POINTS,
            "greater than or equal to 9",
            "9",
        ),
        (
            (HOT % "gi").replace("distance: {x: x, y: y,", "distance_km: {lon: x, lat: v,"),
            POINTS.replace("c,40", "c,181"),
            "row 4, column x: is no coordinate",
            "longitudine da -180",
        ),
        (
            (HOT % "gi").replace("distance: {x: x, y: y, band: 15}", "h3: {cell: u}"),
            POINTS,
            "row 2, column u: is not a valid H3 index",
            "15 caratteri",
        ),
        (PAIRS % ("gi", "true"), POINTS, "near.csv, row 2, column b: names no row", "non nomina"),
    ],
)
def test_what_is_wrong_is_said_with_place_and_remedy(tmp_path: Path, case: tuple[str, ...]):
    spec, data, said, italian = case
    told = run(tmp_path, spec, data, near="a,b\na,z\n")
    assert told.code, told.words
    assert said in told.words
    assert italian in told.words
    assert not (tmp_path / "out.csv").exists()
