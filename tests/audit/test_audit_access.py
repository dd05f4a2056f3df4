"""The audit computes what is in reach again, and finds whatever does not follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.audit import replay_access
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
    replay_access.check(tally, replace(published, collections=collections))
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
