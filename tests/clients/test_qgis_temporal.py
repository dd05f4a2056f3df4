"""QGIS 3.22's temporal controller steps through the years of the index of fragility."""

from __future__ import annotations

import pytest

COLLECTION = "rischio_comuni_serie"


@pytest.fixture(scope="module")
def seen(qgis, demo_server):
    source = f"url='{demo_server.url}' typename='{COLLECTION}' pagingEnabled='true' pageSize='1000'"
    return qgis("qgis_temporal.py", source, 2021, 2022, 2023, timeout=300)


def test_periods_are_dates_to_qgis(seen):
    assert seen["valid"]
    assert seen["types"] == ["Date", "Date"]


@pytest.mark.parametrize("year", ["2022", "2023"])
def test_a_year_shows_its_own_features_alone(seen, year):
    shown = seen["years"][year]
    assert len(shown["ids"]) == 82
    assert all(ident.endswith(f"-{year}") for ident in shown["ids"])
    assert shown["pixels"] > 1_000


def test_a_year_without_figures_shows_nothing(seen):
    assert seen["years"]["2021"]["ids"] == []
    assert seen["years"]["2021"]["pixels"] == 0
