"""The published risk layers: what their rows say of themselves holds together."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.embed.config import config
from api.settings import Settings
from geo_core.release.read import Release

ROOT = Path(__file__).parents[1]
RANKED = ("rischio_comuni", "rischio_h3_r6", "rischio_h3_r7")
BOUNDS = ("rango_inf", "rango_sup", "rango_caso_inf", "rango_caso_sup")


def table(release: Release, collection: str) -> list[dict]:
    return pq.read_table(release.path(f"collections/{collection}/features.parquet")).to_pylist()


def test_the_name_ivsm_is_for_its_seven_inputs_alone():
    """It stands in the catalogue, which says that there are no values; in no layer, no style."""
    for path in [*ROOT.glob("layers/**/*.yml"), *ROOT.glob("styles/*.yml")]:
        assert "ivsm" not in path.read_text(encoding="utf-8").lower(), path
    (entry,) = re.findall(
        r"\n  IVSM:\n((?:    .*\n)+)", (ROOT / "config/indicatori.yml").read_text(encoding="utf-8")
    )
    assert "collections" not in entry


@pytest.mark.parametrize("name", RANKED)
def test_ranks_lie_in_their_intervals_and_never_exceed_the_units(demo_release, name):
    rows = table(demo_release, name)
    scored = [r for r in rows if r["punteggio"] is not None]
    assert min(r["rango"] for r in scored) == 1
    for row in scored:
        assert row["rango_inf"] <= row["rango"] <= row["rango_sup"] <= len(scored)
        assert 1 <= row["rango_caso_inf"] <= row["rango"] <= row["rango_caso_sup"] <= len(scored)
        assert row["punteggio_inf"] < row["punteggio"] < row["punteggio_sup"]
        wide = max(row["rango_sup"] - row["rango_inf"],
                   row["rango_caso_sup"] - row["rango_caso_inf"]) / (len(scored) - 1)  # fmt: skip
        assert row["stabilita"] == (
            "stabile" if wide <= 0.1 else "incerta" if wide <= 0.25 else "instabile"
        )
        assert row["hotspot"] is not None
    for row in rows:
        if row["punteggio"] is None:
            assert all(row[name] is None for name in ("rango", *BOUNDS, "stabilita", "classe"))
            assert row["hotspot"] is row["hotspot_z"] is row["moran"] is None
            assert row["stato"] == "no-data"


def test_the_smallest_village_is_not_first_by_noise(demo_release):
    rows = {r["denominazione"]: r for r in table(demo_release, "rischio_comuni")}
    village = rows["Cervatto"]
    raw = sorted(rows.values(), key=lambda r: -(r["indice_vecchiaia"] or 0))
    assert raw[0] is village
    assert village["rango"] > 20
    assert village["stabilita"] == "instabile"
    assert village["affidabilita"] == "bassa"
    assert village["peso_proprio"] < 0.1
    assert sum(r["residenti"] < 100 for r in rows.values() if r["rango"] <= 10) == 0


@pytest.mark.parametrize("res", [6, 7])
def test_hexagons_say_how_their_residents_were_placed_and_how_wrong_that_is(demo_release, res):
    info = {i.layer.id: i.layer for i in demo_release.manifest.collections}
    assert "(dimostrativo)" in info[f"rischio_h3_r{res}"].title.it
    for row in table(demo_release, f"rischio_h3_r{res}"):
        assert row["metodo"] == "sintetico"
        assert row["errore"] is None
        assert "inventati" in row["errore_nota"]
        assert row["dato_sintetico"] is True


def test_the_series_has_both_years_and_the_change_beyond_noise(demo_release):
    rows = table(demo_release, "rischio_comuni_serie")
    now = {r["cod_istat"]: r for r in rows if r["periodo_inizio"] == "2023-01-01"}
    then = {r["cod_istat"]: r for r in rows if r["periodo_inizio"] == "2022-01-01"}
    latest = {r["cod_istat"]: r for r in table(demo_release, "rischio_comuni")}
    assert len(now) == len(then) == len(rows) / 2 == 82
    for town, row in now.items():
        assert row["punteggio"] == latest[town]["punteggio"]
        assert row["rango_caso_sup"] == latest[town]["rango_caso_sup"]
        difference = row["punteggio"] - then[town]["punteggio"]
        assert row["variazione"] == pytest.approx(difference, abs=2e-4)
        noise = row["variazione_inf"] <= 0 <= row["variazione_sup"]
        assert (row["variazione_classe"] == "rumore") == noise
        assert then[town]["variazione"] is None
        assert then[town]["variazione_classe"] == "no-data"


def test_a_year_of_the_series_is_asked_for_by_datetime(demo_home):
    with TestClient(create_app(Settings(releases=demo_home / "releases"))) as client:
        for year in (2022, 2023):
            found = client.get(
                "/collections/rischio_comuni_serie/items",
                params={"datetime": f"{year}-06-01", "limit": 100},
            ).json()
            assert found["numberMatched"] == 82
            begins = {f["properties"]["periodo_inizio"] for f in found["features"]}
            assert begins == {f"{year}-01-01"}


def test_correlations_are_of_every_pair_at_every_level(demo_release):
    rows = table(demo_release, "correlazioni_indici")
    assert len(rows) == 3 * 10
    scored = {
        "comune": 82,
        **{
            f"h3_r{res}": sum(r["punteggio"] is not None for r in table(demo_release, name))
            for res, name in ((6, "rischio_h3_r6"), (7, "rischio_h3_r7"))
        },
    }
    for row in rows:
        assert -1 <= row["pearson"] <= 1
        assert -1 <= row["spearman"] <= 1
        assert row["unita"] == scored[row["livello"]]
    index = [r for r in rows if r["variabile_b"] == "IFS"]
    assert all(r["spearman"] > 0.5 for r in index)


def test_the_map_shows_stability_and_clusters_of_risk_as_maps_of_their_own(demo_release):
    shown = config(demo_release.manifest, public_url="http://x")
    for family in ("rischio_comuni", "rischio_h3"):
        (area,) = [area for area in shown["areas"] if area["id"] == family]
        choices = {choice["field"]: choice for choice in area["choices"]}
        assert list(choices) == ["classe", "stabilita", "hotspot", "moran"]
        assert all(choice["alone"] for choice in choices.values())
        assert len({choice["legend"]["it"] for choice in choices.values()}) == 4
        words = [row["title"]["it"] for row in choices["stabilita"]["rows"]]
        assert [word.split(":")[0] for word in words[:3]] == ["Stabile", "Incerta", "Instabile"]
        read = {field["name"] for field in area["fields"]}
        assert {"punteggio_inf", "punteggio_sup", *BOUNDS, "stabilita", "affidabilita"} <= read
        assert area["unreliable"] == {"field": "affidabilita", "value": "bassa"}
