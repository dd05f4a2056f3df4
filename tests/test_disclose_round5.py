"""The policy `round5`: from counts to published rows, and one table per theme and year."""

from __future__ import annotations

import numpy as np
import pytest
from disclose_district import DEMAND, NEEDS, OPEN, POLICIES, POLICY, needs_of, residents_of

from api.pages import render
from geo_core.disclose import ledger
from geo_core.disclose.counts import checked, per_area
from geo_core.disclose.features import PUBLIC, on_areas
from geo_core.disclose.protect import protect
from geo_core.disclose.sealed import Charged, finished
from geo_core.disclose.shape import cut, publishable
from geo_core.errors import DisclosureError
from geo_core.model.policy import Policies, RoundedPolicy
from geo_core.model.text import Text
from geo_core.statement.accuracy import bounded_errors
from geo_core.statement.promise import errors_on_areas
from geo_core.statement.statement import disclosure, statements

RESIDENTS = residents_of(7, 8_000)
COUNTS = needs_of(RESIDENTS, 800)
NOISY = {"epsilon", "epsilon_year", "level_shares"}
SETTINGS = {**POLICY.model_dump(exclude=NOISY), "method": "round5"}
ROUNDED = RoundedPolicy(**SETTINGS)


def run(folder, counts=COUNTS, *, policy=ROUNDED, synthetic=False, new=True):
    charged = Charged("bisogni", synthetic)
    prepared = protect(
        counts, RESIDENTS, layers=NEEDS, policy=policy, years=(2023,), charged=charged, **OPEN
    )
    (found,) = finished(
        folder / "private", [prepared], new=lambda *_: new, say=lambda _: None, published=()
    )
    return found


def changed():
    other = COUNTS.copy()
    other.loc[0, "n"] += 1
    return other


@pytest.fixture(scope="module")
def protected(tmp_path_factory):
    return run(tmp_path_factory.mktemp("rounded"))


@pytest.mark.parametrize("layer", NEEDS, ids=lambda layer: layer.id)
def test_every_published_number_is_a_multiple_within_four_of_the_truth(protected, layer):
    frame, shapes = protected.table(layer).frame, protected.shapes
    (own,) = checked(COUNTS, places=shapes.base.area_of, categories=ROUNDED.categories).values()
    true = per_area(own, shapes)
    shown = cut(shapes.base, layer.resolution)
    for category in ROUNDED.categories:
        name = f"n_{category.lower()}"
        exact = on_areas(true[category], shapes.of(category), shown)
        for n, status, t in zip(frame[name], frame[f"{name}_stato"], exact, strict=True):
            assert (t is None) == (status == "merged")
            if status == "band":
                assert 0 <= t <= 4
            elif status == "published":
                assert n % 5 == 0
                assert abs(n - t) <= 4


def test_the_ledger_charges_no_epsilon_and_names_the_method(tmp_path):
    run(tmp_path)
    (entry,) = ledger.read(tmp_path / "private")
    assert (entry.method, entry.epsilon) == ("round5", 0)


def test_the_same_input_gives_the_same_rows(tmp_path):
    first, again = run(tmp_path), run(tmp_path)
    for layer in NEEDS:
        assert first.table(layer).frame.equals(again.table(layer).frame)
    assert len(ledger.read(tmp_path / "private")) == 1


@pytest.mark.parametrize("second", ["counts", "noise"])
def test_a_second_real_table_of_a_theme_and_year_is_refused(tmp_path, second):
    run(tmp_path)
    with pytest.raises(DisclosureError, match="published once"):
        run(tmp_path, changed()) if second == "counts" else run(tmp_path, policy=POLICY)
    assert len(ledger.read(tmp_path / "private")) == 1


def test_a_rounded_table_is_refused_after_noisy_ones(tmp_path):
    run(tmp_path, policy=POLICY)
    with pytest.raises(DisclosureError, match="published once"):
        run(tmp_path)


def test_kept_figures_need_no_second_table(tmp_path):
    first, again = run(tmp_path), run(tmp_path, changed(), new=False)
    assert again.kept == (2023,)
    assert first.table(NEEDS[0]).frame.equals(again.table(NEEDS[0]).frame)


def test_invented_counts_are_rounded_as_often_as_they_change(tmp_path):
    run(tmp_path, synthetic=True)
    run(tmp_path, changed(), synthetic=True)
    assert len(ledger.read(tmp_path / "private")) == 2


def test_a_policy_that_claims_an_epsilon_or_a_wider_band_is_refused():
    for wrong in ({"epsilon": 2.0}, {"band_max": 6}, {"method": "dp"}):
        with pytest.raises(ValueError, match=r"round5|band_max|epsilon"):
            RoundedPolicy(**(SETTINGS | wrong))


def test_only_sums_with_a_bound_are_published():
    demand = DEMAND.model_dump(exclude=NOISY) | {"method": "round5"}
    with pytest.raises(ValueError, match="one of all categories"):
        RoundedPolicy(**demand)
    whole = {"totals": {"n_richieste": demand["categories"]}, "shares": {}}
    policy = RoundedPolicy(**(demand | whole))
    assert policy.sums == {"n_richieste": DEMAND.categories}
    with pytest.raises(ValueError, match="different areas"):
        RoundedPolicy(**(demand | whole | {"p_min_by_category": {"inviate": 200}}))


def test_the_sum_of_categories_on_the_same_areas_is_within_four_too(protected):
    frame, shapes = protected.table(NEEDS[0]).frame, protected.shapes
    together = [c for c in ROUNDED.categories if c not in ROUNDED.p_min_by_category]
    names = [f"n_{c.lower()}" for c in together]
    shown = cut(shapes.base, 6)
    own = COUNTS[COUNTS["categoria"].isin(together)]
    true = own.groupby(own["luogo"].map(shown.area_of))["n"].sum()
    true = true.reindex(range(len(shown.areas)), fill_value=0).to_numpy()
    # A band stands for a rounded 0, so it adds nothing.
    total = frame[names].fillna(0).sum(axis=1).to_numpy(dtype=np.int64)
    assert np.abs(total - true).max() <= 4


@pytest.fixture(scope="module")
def said():
    """Read a document with one rounded theme, and state it beside one with noise."""
    policies = Policies.model_validate(
        {**POLICIES.model_dump(), "policies": {"bisogni": SETTINGS, "domanda": DEMAND.model_dump()}}
    )
    weights = OPEN["places"].weights
    stated = [
        one
        for theme, policy in policies.policies.items()
        for on in [publishable(RESIDENTS.to_dict(), policy)]
        for one in statements(
            on, policies, theme=theme, years=(2023,), layers=NEEDS, public=PUBLIC, synthetic=True,
            titles=dict.fromkeys(policy.categories, Text(it="x", en="x")),
            errors=errors_on_areas(on, policy, layers=NEEDS, weights=weights),
        )
    ]  # fmt: skip
    return disclosure(stated).model_dump(mode="json")


def test_the_statement_names_the_bound_and_claims_no_epsilon(said):
    needs, demand = said["statements"]
    assert needs["method"]["name"] == "round5"
    assert needs["rounding"] == {"base": 5, "bound": 4}
    assert needs["epsilon"] is needs["epsilon_year"] is needs["neighbouring"] is None
    assert not needs["posterior_caps"]
    assert not needs["noise_by_level"]
    assert needs["twin"]["releases"] >= 1
    assert {(i["below"], i["above"]) for i in needs["intervals"]} == {(4, 4)}
    assert demand["rounding"] is None
    (total,) = said["totals"]
    assert (total["themes"], total["without_epsilon"]) == (["domanda"], ["bisogni"])
    assert total["epsilon"] == demand["epsilon"]


def test_the_utility_is_that_of_invented_persons_and_the_same_every_time(said):
    found = {u["resolution"]: u for u in said["statements"][0]["utility"]}
    assert sorted(found) == [6, 7, 8]
    assert 0 < found[6]["misplaced"] < found[7]["misplaced"] < found[8]["misplaced"] < 1
    assert all(0 < u["error"] <= 4 / 20 for u in found.values() if u["error"] is not None)
    assert found[6]["error"] is not None
    shapes = publishable(RESIDENTS.to_dict(), ROUNDED)
    again = bounded_errors(shapes, ROUNDED, resolutions=(6, 7, 8))
    assert [u.model_dump() for u in again.utility] == said["statements"][0]["utility"]


@pytest.mark.parametrize(
    ("lang", "told"),
    [("it", ["multiplo di 5", "al massimo <strong>4</strong>", "arrotondato: nessun epsilon"]),
     ("en", ["multiple of 5", "by at most <strong>4</strong>", "rounded: no epsilon"])],
)  # fmt: skip
def test_the_page_tells_what_rounding_is(said, lang, told):
    context = {"base": "https://example.org", "release": None, "doc": said, "columns": {}}
    plain = " ".join(render("disclosure", context, lang).split())
    assert [part for part in told if part not in plain] == []
    assert "None" not in plain
