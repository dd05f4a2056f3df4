"""The audit computes again what is said of scores, and finds whatever does not follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks.audit import replay_risk
from checks.audit.collect import collect_folder
from checks.audit.findings import Tally
from checks.audit.from_folder import FolderSite
from checks.audit.published import Published
from geo_core.release.read import Release

type Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def published(demo_release: Release) -> Published:
    return collect_folder(FolderSite(demo_release.folder), print)


def found(published: Published, ident: str, change: Callable[[Rows], object]) -> list[str]:
    """Return what the audit says after the rows of a collection were changed."""
    shown = published.collections[ident]
    features = [{**f, "properties": dict(f["properties"])} for f in shown.features]
    change([f["properties"] for f in features])
    collections = {**published.collections, ident: replace(shown, features=features)}
    tally = Tally("replay")
    replay_risk.check(tally, replace(published, collections=collections))
    return [f"{finding.where}: {finding.what}" for finding in tally.findings]


def test_everything_follows_in_the_demonstration(published: Published):
    assert found(published, "rischio_comuni", list) == []


def put(**values: object) -> Callable[[Rows], None]:
    """Return what gives these values to the first row that has such values."""

    def change(rows: Rows) -> None:
        next(row for row in rows if all(row[name] is not None for name in values)).update(values)

    return change


def moved(name: str, by: float) -> Callable[[Rows], None]:
    """Return what adds to a value, of the first row that has one."""

    def change(rows: Rows) -> None:
        row = next(row for row in rows if row[name] is not None)
        row[name] = round(row[name] + by, 4)

    return change


def exchanged(name: str) -> Callable[[Rows], None]:
    """Return what gives the first and the last of a ranking each other's value."""

    def change(rows: Rows) -> None:
        ranked = sorted((row for row in rows if row["rango"]), key=lambda row: row["rango"])
        ranked[0][name], ranked[-1][name] = ranked[-1][name], ranked[0][name]

    return change


def all_by_one(rows: Rows) -> None:
    """Turn 1, 2, 3 into 2, 3, 4."""
    for row in rows:
        row["rango"] = row["rango"] and row["rango"] + 1


def other_class(rows: Rows) -> None:
    """Say of the first rank that it is of another stability."""
    row = next(row for row in rows if row["stabilita"])
    row["stabilita"] = "incerta" if row["stabilita"] != "incerta" else "stabile"


def other_quadrant(rows: Rows) -> None:
    """Put a unit that resembles its neighbours surely into the quadrant across."""
    for row in rows:
        if row["moran_p"] is not None and abs(row["moran_i"]) > 0.1:
            row["moran_p"] = 0.01
            row["moran"] = "HL" if row["moran_i"] > 0 else "HH"
            return


@pytest.mark.parametrize("ident", ["rischio_comuni", "rischio_h3_r6", "rischio_h3_r7"])
@pytest.mark.parametrize(
    ("about", "change"),
    [
        ("rango", exchanged("rango")),
        ("rango", all_by_one),
        ("rango_inf", put(rango_inf=0)),
        ("rango_inf", put(rango_inf=1.5)),
        ("rango_sup", put(rango_sup=117_117)),
        ("rango_caso_inf", put(rango_caso_inf=0)),
        ("rango_caso_sup", put(rango_caso_sup=117_117)),
        ("punteggio_inf", moved("punteggio_inf", 60)),
        ("punteggio_sup", moved("punteggio_sup", -60)),
        ("stabilita", other_class),
        ("class below", exchanged("classe")),
        ("hotspot_z", moved("hotspot_z", 0.0117)),
        ("hotspot_p", moved("hotspot_p", -0.0117)),
        ("hotspot ", put(hotspot="caldo_95")),
        ("moran_i", moved("moran_i", 0.0117)),
        ("moran_p", put(moran_p=0.0)),
        ("moran_p", put(moran_p=1.17)),
        ("moran ", put(moran="HH")),
        ("moran ", other_quadrant),
    ],
)
def test_what_does_not_follow_from_the_scores_is_found(
    published: Published, ident: str, about: str, change: Callable[[Rows], None]
):
    assert any(about in said for said in found(published, ident, change))


@pytest.mark.parametrize("name", ["rango", "rango_caso_sup", "stabilita", "hotspot", "moran_p"])
def test_what_stands_where_there_is_no_score_is_found(published: Published, name: str):
    def change(rows: Rows) -> None:
        next(row for row in rows if row["punteggio"] is None)[name] = 117

    assert any(name in said for said in found(published, "rischio_h3_r7", change))


@pytest.mark.parametrize(
    ("about", "change"),
    [
        ("variazione ", moved("variazione", 0.0117)),
        ("variazione_inf", moved("variazione_inf", 0.0117)),
        ("variazione_sup", moved("variazione_sup", -0.0117)),
        ("variazione_classe", put(variazione_classe="aumento", variazione=0)),
        ("rango", exchanged("rango")),
        ("stabilita", other_class),
        ("last year", lambda rows: [row.update(residenti=117) for row in rows]),
    ],
)
def test_a_series_follows_from_its_scores_and_ends_in_the_map_of_today(
    published: Published, about: str, change: Callable[[Rows], None]
):
    said = found(published, "rischio_comuni_serie", change)
    assert any(about in one and "serie" in one for one in said)


@pytest.mark.parametrize("name", ["pearson", "spearman", "unita"])
def test_correlations_are_those_of_the_published_columns(published: Published, name: str):
    assert any(
        name in said for said in found(published, "correlazioni_indici", moved(name, 0.0117))
    )
