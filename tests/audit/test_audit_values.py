"""The audit computes again how sure values of indicators are, and finds what does not follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.audit import replay_values
from checks.audit.collect import collect_folder
from checks.audit.findings import Tally
from checks.audit.from_folder import FolderSite
from checks.audit.published import Published
from geo_core.release.read import Release

VALUES = replay_values.VALUES


@pytest.fixture(scope="module")
def published(demo_release: Release) -> Published:
    return collect_folder(FolderSite(demo_release.folder), print)


def found(published: Published, kind: str = "", **values: object) -> list[str]:
    """Return what the audit says after the first row of a kind of interval says something else."""
    shown = published.collections[VALUES]
    features = [{**f, "properties": dict(f["properties"])} for f in shown.features]
    if kind:
        rows: list[dict[str, Any]] = [f["properties"] for f in features]
        row = next(
            row for row in rows
            if row["ic_metodo"] == kind and all(row[name] is not None for name in values)
        )  # fmt: skip
        row.update({n: row[n] + v if isinstance(v, float) else v for n, v in values.items()})
    tally = Tally("replay")
    collections = {**published.collections, VALUES: replace(shown, features=features)}
    replay_values.check(tally, replace(published, collections=collections))
    return [finding.what for finding in tally.findings]


def test_everything_follows_in_the_demonstration(published: Published):
    assert found(published) == []


@pytest.mark.parametrize("kind", ["share", "ratio", "count", "denominator"])
@pytest.mark.parametrize("bound", ["ic_inf", "ic_sup"])
def test_a_bound_that_is_not_of_what_is_counted_is_found(
    published: Published, kind: str, bound: str
):
    said = found(published, kind, **{bound: 0.0117})
    assert "the interval is not that of what is counted" in said


@pytest.mark.parametrize("name", ["valore_eb", "eb_inf", "eb_sup"])
@pytest.mark.parametrize("kind", ["share", "count"])
def test_what_is_not_smoothed_as_its_towns_say_is_found(published: Published, kind: str, name: str):
    assert found(published, kind, **{name: 0.0117}) == ["is not smoothed as its towns say"]


@pytest.mark.parametrize("name", ["variazione", "variazione_inf", "variazione_sup"])
def test_a_change_that_is_not_that_of_both_years_is_found(published: Published, name: str):
    assert "the change is not that of both years" in found(published, "share", **{name: 0.0117})


def test_a_kind_of_change_that_its_bounds_do_not_give_is_found(published: Published):
    what = ["variazione_classe does not follow from its bounds"]
    assert found(published, "share", variazione_inf=0.0, variazione_classe="no-data") == what
    assert found(published, "none", variazione_classe="aumento") == what


def test_a_method_without_an_interval_is_found(published: Published):
    what = "ic_metodo names a method where there is no interval, or none where there is one"
    assert what in found(published, "share", ic_metodo="none")
    assert found(published, "none", ic_metodo="share") == [what]
