"""The invented district at other sizes, and beside tables that are real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo_core.ingest.population import reconcile
from geo_core.input_folder import MARKER, is_invented
from geo_core.sources import geopop
from geo_core.synth.district import SEED, write_district
from geo_core.synth.extent import REGION, extent

SMALL = 5_000
BORGOMANERO = "003024"
"""Of the province of Novara."""


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def people(folder: Path) -> pd.DataFrame:
    return read(folder, "popolazione").astype({"eta": int, "n": int})


def official(*provinces: str) -> pd.DataFrame:
    return pd.concat([geopop.population(2023, p) for p in provinces])


def test_more_residents_are_real_municipalities_of_the_nearest_province(tmp_path: Path) -> None:
    write_district(tmp_path, seed=SEED, residents=250_000, records=400)
    settled = people(tmp_path)
    assert 250_000 <= settled["n"].sum() < 300_000
    provinces = set(settled["cod_istat"].str[:3])
    assert provinces == {"002", "096"}
    real = official(*provinces)
    reconcile(settled, real[real["cod_istat"].isin(set(settled["cod_istat"]))])
    assert set(settled.loc[settled["cod_istat"].str[:3] == "002", "cod_istat"]) == set(
        geopop.municipalities("002")["cod_istat"]
    )
    members = read(tmp_path, "ambiti")
    assert set(members["cod_istat"]) == set(settled["cod_istat"])
    elsewhere = members.loc[members["cod_istat"].str[:3] == "096", "denominazione"]
    assert elsewhere.str.contains("dimostrativo").all()
    assert not (tmp_path / "residenti.csv").exists()


def test_the_region_comes_before_its_neighbours() -> None:
    whole = extent(np.random.default_rng(1), residents=4_200_000)
    assert set(whole.municipalities["cod_provincia"]) == set(REGION)
    assert whole.residents.sum() >= 4_200_000


def test_fewer_residents_are_drawn_from_the_real_ones(tmp_path: Path) -> None:
    write_district(tmp_path, seed=SEED, residents=SMALL, records=300)
    settled, totals = people(tmp_path), read(tmp_path, "residenti").astype({"eta": int, "n": int})
    assert settled["n"].sum() == SMALL
    now = totals[totals["anno"] == "2023"]
    reconcile(settled, now)
    both = now.merge(official("002"), on=["cod_istat", "eta", "sesso"], suffixes=("", "_real"))
    assert len(both) == len(now) == 82 * 101 * 2
    assert (both["n"] <= both["n_real"]).all()
    assert set(totals["anno"]) == {"2022", "2023"}
    assert len(read(tmp_path, "domanda")) == 225


def test_all_residents_again_leave_no_totals_of_a_part(tmp_path: Path) -> None:
    write_district(tmp_path, seed=SEED, residents=SMALL, records=300)
    write_district(tmp_path, seed=SEED, records=300)
    assert not (tmp_path / "residenti.csv").exists()
    assert people(tmp_path)["n"].sum() == 165_505
    assert all(is_invented(path) for path in tmp_path.iterdir() if path.name != MARKER)


def test_the_same_seed_and_sizes_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_district(tmp_path / name, seed=3, residents=SMALL, records=2_000)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_many_records_of_few_residents_are_of_the_same_persons(tmp_path: Path) -> None:
    write_district(tmp_path, seed=SEED, residents=SMALL, records=40_000)
    requests = read(tmp_path, "domanda")
    assert len(requests) == 30_000
    persons = requests.groupby(requests["periodo"].str[:4])["pseudonimo"].nunique()
    assert (persons < 0.3 * SMALL).all()


@pytest.mark.parametrize("name", ["popolazione", "localita", "strumenti", "rilevazioni", "domanda"])
def test_a_table_that_was_not_invented_stays(tmp_path: Path, name: str) -> None:
    write_district(tmp_path, seed=SEED, residents=SMALL, records=300)
    path = tmp_path / f"{name}.csv"
    text = path.read_text(encoding="utf-8") + "\n"
    path.write_text(text, encoding="utf-8")
    notes = write_district(tmp_path, seed=SEED + 1, residents=SMALL, records=300)
    assert path.read_text(encoding="utf-8") == text
    assert any(path.name in note for note in notes)
    assert not is_invented(path)


def test_members_of_other_provinces_are_settled(tmp_path: Path) -> None:
    write_district(tmp_path, seed=SEED, records=300)
    path = tmp_path / "ambiti.csv"
    real = (
        path.read_text(encoding="utf-8")
        + f"{BORGOMANERO},GATTINARA,C.A.S.A. Gattinara,2023-01-01,\n"
    )
    real += "003149,GATTINARA,C.A.S.A. Gattinara,2020-01-01,2022-12-31\n"
    path.write_text(real, encoding="utf-8")
    notes = write_district(tmp_path, seed=SEED, records=300)
    assert path.read_text(encoding="utf-8") == real
    assert any("ambiti.csv" in note for note in notes)
    elsewhere = people(tmp_path).query("not cod_istat.str.startswith('002')")
    assert set(elsewhere["cod_istat"]) == {BORGOMANERO}
    reconcile(elsewhere, official("003").query("cod_istat == @BORGOMANERO"))


@pytest.mark.parametrize("name", ["organizzazioni", "servizi", "sedi"])
def test_nothing_is_invented_about_real_bodies(tmp_path: Path, name: str) -> None:
    write_district(tmp_path, seed=SEED, residents=SMALL, records=300)
    path = tmp_path / f"{name}.csv"
    text = path.read_text(encoding="utf-8").replace("dimostrativ", "ver")
    path.write_text(text, encoding="utf-8")
    notes = write_district(tmp_path, seed=SEED, residents=SMALL, records=300)
    assert path.read_text(encoding="utf-8") == text
    assert "no row was invented that would name one of a real register" in notes
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {
        path.name, "ambiti.csv", "localita.csv", "popolazione.csv", "residenti.csv", MARKER,
    }  # fmt: skip


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    write_district(tmp_path / "in", seed=SEED, residents=SMALL, records=300)
    assert (tmp_path / "in").stat().st_mode & 0o077 == 0
    for path in (tmp_path / "in").glob("*.csv"):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_long_work_is_told(tmp_path: Path) -> None:
    stages: list[str] = []
    said: list[str] = []
    write_district(
        tmp_path, seed=SEED, residents=SMALL, records=300,
        stage=stages.append, progress=said.append,
    )  # fmt: skip
    assert "abitati / settlement" in stages
    assert "domanda.csv: 225 of 225 rows" in said
