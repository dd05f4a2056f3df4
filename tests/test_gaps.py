"""Gaps between need and supply: their arithmetic, and that the audit computes them again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.audit import replay_gaps
from checks.audit.findings import Tally
from checks.audit.from_folder import collect_folder
from checks.audit.published import Published
from checks.audit.site import FolderSite
from geo_core.indicators.gap import EVEN, NEED, SUPPLY, UNKNOWN, gap
from geo_core.release.read import Release

NUMBERS = st.lists(st.integers(0, 1_000) | st.just(np.nan), min_size=2, max_size=9)


@given(NUMBERS, st.randoms())
def test_need_and_supply_have_mean_zero_and_order_changes_nothing(numbers, random):
    need = np.array(numbers, dtype=float)
    supply = np.array([float(random.randint(0, 50)) for _ in numbers])
    found = gap(need, need * 0.9, need * 1.1, supply)
    known = ~np.isnan(found.value)
    if known.any():
        assert found.need[known].mean() == pytest.approx(0, abs=1e-6)
        assert found.supply[known].std() == pytest.approx(1)
        assert (found.low[known] <= found.value[known]).all()
        assert (found.value[known] <= found.high[known]).all()
    assert (np.isnan(need) <= np.isnan(found.value)).all()
    order = np.array(random.sample(range(len(need)), len(need)))
    turned = gap(need[order], need[order] * 0.9, need[order] * 1.1, supply[order])
    assert turned.value == pytest.approx(found.value[order], nan_ok=True, abs=1e-6)


def test_a_gap_is_told_only_beyond_the_noise():
    need = np.array([10.0, 20.0, 30.0, 20.0, np.nan])
    supply = np.array([3.0, 2.0, 1.0, 2.0, 2.0])
    found = gap(need, need - 1, need + 1, supply)
    assert found.kind.tolist() == [SUPPLY, EVEN, NEED, EVEN, UNKNOWN]
    wide = gap(need, need - 30, need + 30, supply)
    assert wide.kind.tolist() == [EVEN, EVEN, EVEN, EVEN, UNKNOWN]


def test_where_all_are_alike_nothing_is_above_the_mean():
    alike = np.full(3, 7.0)
    assert np.isnan(gap(alike, alike, alike, np.array([1.0, 2.0, 3.0])).value).all()
    assert np.isnan(gap(np.array([1.0, 2.0, 3.0]), alike, alike, alike).value).all()


def test_access_that_differs_by_the_rounding_of_means_is_the_same_everywhere():
    people = np.random.default_rng(0).integers(1, 900, (40, 5)).astype(float)
    supply = (people * 11.97).sum(axis=1) / people.sum(axis=1)
    assert np.ptp(supply) > 0
    need = np.arange(40.0)
    found = gap(need, need - 1, need + 1, supply)
    assert np.isnan(found.value).all()
    assert set(found.kind.tolist()) == {UNKNOWN}


def test_without_needs_there_are_no_gaps():
    nothing = np.array([], dtype=float)
    assert gap(nothing, nothing, nothing, nothing).value.size == 0


@pytest.fixture(scope="module")
def published(demo_release: Release) -> Published:
    return collect_folder(FolderSite(demo_release.folder), print)


def found(published: Published, column: str | None = None, value: object = None) -> list[str]:
    """Return what the audit says after the first known value of a column was replaced."""
    gaps = published.collections[replay_gaps.GAPS]
    features = [{**f, "properties": dict(f["properties"])} for f in gaps.features]
    if column is not None:
        next(f for f in features if f["properties"][column] is not None)["properties"][column] = (
            value
        )
    collections = {**published.collections, gaps.id: replace(gaps, features=features)}
    tally = Tally("replay")
    replay_gaps.check(tally, replace(published, collections=collections))
    return [finding.what for finding in tally.findings]


def test_the_audit_computes_every_gap_again(published: Published):
    assert found(published) == []


def test_the_audit_finds_no_gap_where_access_is_the_same_everywhere(published: Published):
    def access(row: dict[str, Any]) -> None:
        row["a2sfca_nido"] = 11.97

    def no_gap(row: dict[str, Any]) -> None:
        row |= dict.fromkeys(("z_accesso_fam", "divario_fam", "divario_fam_inf", "divario_fam_sup"))
        row["divario_fam_tipo"] = UNKNOWN
        row["divario_fam_stato"] = row["divario_fam_stato"].replace("published", "no-data")

    collections = {**published.collections}
    for ident, change in ((replay_gaps.ACCESS, access), (replay_gaps.GAPS, no_gap)):
        shown = collections[ident]
        features = [{**f, "properties": dict(f["properties"])} for f in shown.features]
        for feature in features:
            change(feature["properties"])
        collections[ident] = replace(shown, features=features)
    tally = Tally("replay")
    replay_gaps.check(tally, replace(published, collections=collections))
    assert [finding.what for finding in tally.findings] == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("divario_anz", 0.117), ("z_bisogno_fam", 1.17), ("z_accesso_dis", 1.17),
     ("divario_dis_sup", 11.7), ("divario_fam_tipo", "no-data"), ("divario_anz_stato", "merged"),
     ("residenti", 117), ("tipo_area", "altro")],
)  # fmt: skip
def test_a_planted_figure_is_found(published: Published, column: str, value: object):
    (what,) = found(published, column, value)
    assert column in what
