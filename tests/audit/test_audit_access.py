"""The audit computes what is in reach again, and finds whatever does not follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.audit import replay_access, replay_reach
from checks.audit.collect import collect_folder
from checks.audit.findings import Tally
from checks.audit.from_folder import FolderSite
from checks.audit.published import Published
from geo_core.release.read import Release


@pytest.fixture(scope="module")
def published(demo_release: Release) -> Published:
    return collect_folder(FolderSite(demo_release.folder), print)


def found(published: Published, ident: str = "", column: str = "", value: object = 0) -> list[str]:
    """Return what the audit says after the first known value of a column was replaced."""
    collections = dict(published.collections)
    if ident:
        shown = collections[ident]
        features = [{**f, "properties": dict(f["properties"])} for f in shown.features]
        known = (f["properties"] for f in features if f["properties"][column] is not None)
        next(known)[column] = value
        collections[ident] = replace(shown, features=features)
    tally = Tally("replay")
    for checked in (replay_access, replay_reach):
        checked.check(tally, replace(published, collections=collections))
    return [f"{finding.where}: {finding.what}" for finding in tally.findings]


def test_everything_follows_in_the_demonstration(published: Published):
    assert found(published) == []


@pytest.mark.parametrize(
    ("ident", "column", "value"),
    [
        ("accessibilita_h3_r7", "min_nido", 0.7),
        ("accessibilita_h3_r6", "ab2sfca_centro_diurno", 117.0),
        ("accessibilita_h3_r6", "entro30_sportello_sociale", 11.7),
        ("accessibilita_h3_r8", "entro15_sportello_sabato", 11.7),
        ("accessibilita_h3_r8", "a2sfca_struttura_residenziale", 1e9),
        ("accessibilita_h3_r8", "a2sfca_nido", 0.117),
        ("accessibilita_h3_r8", "ae2sfca_centro_diurno", 0.117),
        ("accessibilita_h3_r8", "ab2sfca_nido", 0.117),
        ("accessibilita_h3_r8", "min_nido", 0.7),
        ("accessibilita_h3_r8", "km_centro_impiego", 0.17),
        ("accessibilita_h3_r8", "sede_sportello_sociale", "SED-117"),
        ("accessibilita_h3_r8", "stato_nido", "no-office"),
        ("rischio_accesso_h3_r7", "classe", 11),
        ("rischio_accesso_h3_r7", "terzo_rischio", 7),
        ("rischio_accesso_h3_r7", "soglia_rischio_2", 0.117),
        ("rischio_accesso_h3_r7", "soglia_accesso_1", 0.117),
        ("rischio_accesso_h3_r7", "punteggio", 0.117),
        ("rischio_accesso_h3_r7", "min_sportello_sociale", 0.117),
        ("confini_enti", "dmin_nido", 117.0),
        ("confini_enti", "dposti_nido", 117.0),
    ],
)
def test_a_planted_figure_is_found(published: Published, ident: str, column: str, value: object):
    assert any(column in said and ident in said for said in found(published, ident, column, value))


def test_a_district_with_zones_of_its_own_is_told_that_places_are_not_recomputed(
    published: Published, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(replay_reach, "ZONES", ((5, 1.0), (12, 0.5), (24, 0.1)))
    tally = Tally("replay")
    replay_reach.check(tally, published)
    assert not tally.findings
    assert any("zones that are not the usual ones" in note for note in tally.notes)


def test_minutes_of_a_table_of_times_are_not_recomputed_and_that_is_told(published: Published):
    shown = published.collections["accessibilita_h3_r8"]
    said = {"metodo_costo": "rete stradale", "min_nido": 0.7}
    features = [{**f, "properties": {**f["properties"], **said}} for f in shown.features]
    collections = {**published.collections, shown.id: replace(shown, features=features)}
    tally = Tally("replay")
    replay_reach.check(tally, replace(published, collections=collections))
    assert (tally.findings, len(tally.notes)) == ([], 1)
