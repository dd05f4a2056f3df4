"""From counts to published rows: what a reader can rely on, and what must never get out."""

from __future__ import annotations

import ast
import inspect
import json
import math
import subprocess

import numpy as np
import pandas as pd
import pytest
import shapely
from disclose_district import (
    CATEGORIES,
    NEEDS,
    OPEN,
    POLICIES,
    POLICY,
    ROOT,
    SERIES,
    needs_of,
    residents_of,
)
from hypothesis import given
from hypothesis import strategies as st

from geo_core.disclose import ledger
from geo_core.disclose.counts import checked, per_area
from geo_core.disclose.features import PUBLIC, on_areas
from geo_core.disclose.noise import draw, level_epsilons, variance
from geo_core.disclose.protect import measured, protect
from geo_core.disclose.sealed import Charged, finished, with_noise
from geo_core.disclose.shape import coarsen, cut, merge, publishable
from geo_core.errors import DisclosureError, NotFound
from geo_core.model.policy import Policy
from geo_core.model.tables import ProtectedTable
from geo_core.model.text import Text
from geo_core.statement.accuracy import expected_errors
from geo_core.statement.statement import posterior_cap, statements

RESIDENTS = residents_of(8, 12_000)
COUNTS = needs_of(RESIDENTS, 1_200)
TITLES = dict.fromkeys(CATEGORIES, Text(it="x", en="x"))
NUMBERS = [f"n_{c.lower()}" for c in CATEGORIES]


def run(  # noqa: PLR0913 - each can differ
    private, counts=COUNTS, residents=RESIDENTS, *, theme="bisogni", synthetic=True, new=True,
    **changes,
):  # fmt: skip
    settings = {"layers": NEEDS, "policy": POLICY, "years": (2023,), **OPEN}
    settings |= {"charged": Charged(theme, synthetic)} | changes
    prepared = protect(counts, residents, **settings)
    (found,) = finished(private, [prepared], new=lambda *_: new, say=lambda _: None, published=())
    return found


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    return tmp_path_factory.mktemp("vault") / "private"


@pytest.fixture(scope="module")
def protected(private):
    return run(private)


@pytest.fixture(params=NEEDS, ids=lambda layer: layer.id)
def frame(request, protected):
    return protected.table(request.param).frame


def test_every_layer_gets_its_declared_table(protected):
    for layer in NEEDS:
        table = protected.table(layer)
        assert isinstance(table, ProtectedTable)
        assert list(table.frame.columns) == [*layer.field_names, "geometry"]


def test_the_types_are_those_of_every_collection(frame):
    integers = ["celle", "residenti", *NUMBERS]
    assert all(str(frame[c].dtype) == "Int64" for c in integers)
    assert str(frame["dato_sintetico"].dtype) == "boolean"
    others = {c for c in frame if "tasso" not in c} - {*integers, "dato_sintetico", "geometry"}
    assert {str(frame[c].dtype) for c in others} == {"object"}
    assert all(isinstance(v, str) or v is None for c in others for v in frame[c])
    assert (frame.crs.to_epsg(), set(frame.geom_type)) == (4326, {"MultiPolygon"})
    xy = shapely.get_coordinates(frame.geometry)
    assert (xy == np.round(xy, 7)).all()


def test_the_rows_cover_the_district_and_the_year(frame):
    assert frame["residenti"].sum() == RESIDENTS.sum()
    assert frame["celle"].sum() == len(RESIDENTS)
    assert frame["residenti"].min() >= POLICY.p_min
    assert set(frame["periodo_inizio"]) == {"2023-01-01"}
    assert set(frame["periodo_fine"]) == {"2023-12-31"}
    assert set(frame["tipo_area"]) <= {"cella", "gruppo"}
    assert ((frame["id"] == frame["h3"]) == (frame["tipo_area"] == "cella")).all()


@pytest.mark.parametrize("name", NUMBERS)
def test_number_band_and_status_agree(frame, name):
    number, band, status = (frame[f"{name}{end}"] for end in ("", "_fascia", "_stato"))
    published = status == "published"
    assert (number[published] > POLICY.band_max).all()
    assert number[~published].isna().all()
    assert ((band == "0-4") == (status == "band")).all()
    assert band[status != "band"].isna().all()
    assert set(status) <= {"published", "band", "merged"}


def test_only_categories_with_a_larger_minimum_are_merged(protected):
    frame = protected.table(NEEDS[-1]).frame
    merged = {n for n in NUMBERS if (frame[f"{n}_stato"] == "merged").any()}
    assert merged == {f"n_{c.lower()}" for c in POLICY.p_min_by_category}
    for name in merged:
        assert (frame.loc[frame[f"{name}_stato"] != "merged", "residenti"] >= 200).all()


def test_coarser_features_sum_the_unbanded_numbers(tmp_path):
    """With the lowest band, what is shown at r8 never exceeds what is shown at r6."""
    tables = run(tmp_path / "private", policy=_policy(band_max=2))
    fine, coarse = (tables.table(NEEDS[i]).frame for i in (2, 0))
    above = cut(tables.shapes.base, 6)
    parent = [above.areas[above.area_of[a.members[0]]].id for a in tables.shapes.base.areas]
    for name in ("n_fam", "n_anz", "n_pov"):
        low = fine[name].fillna(0).groupby(parent).sum()
        high = fine[name].fillna(2).groupby(parent).sum()
        shown = coarse.set_index("id")[name].dropna()
        assert len(shown)
        assert (low[shown.index] <= shown).all()
        assert (shown <= high[shown.index]).all()


def test_large_noiseless_counts_come_back(tmp_path):
    """A budget so large that noise all but vanishes shows that nothing else moves a number."""
    policy = _policy(epsilon=10.0, epsilon_year=10.0, level_shares={"area": 1.0})
    base = publishable(RESIDENTS.to_dict(), policy).base
    cell = next(a.id for a in base.areas if a.members == (a.id,))
    counts = one(cell, "ANZ", 40)
    frame = run(tmp_path / "p", counts, policy=policy).table(NEEDS[2]).frame
    found = frame.loc[frame["n_anz_stato"] == "published", ["h3", "n_anz"]]
    assert found["h3"].tolist() == [cell]
    assert abs(found["n_anz"].item() - 40) <= 2


def test_reconciling_adds_no_error_to_the_noise_it_was_given():
    """About 600 numbers; the bound lies five standard errors above what is expected."""
    people = residents_of(12, 60_000)
    shapes = publishable(people.to_dict(), POLICY)
    years = checked(needs_of(people, 4_500), places=shapes.base.area_of, categories=CATEGORIES)
    true = per_area(years[2023], shapes)
    trees = measured(shapes, POLICY)
    found = with_noise(true, trees, draw(trees, POLICY), POLICY)
    squared = np.concatenate([(found[c] - true[c]) ** 2 for c in CATEGORIES])
    assert len(squared) > 500
    assert 0.05 < squared.mean() < 1.5 * variance(level_epsilons(POLICY)["area"])


def test_the_same_input_gives_the_same_rows_and_charges_once(private, protected):
    shuffled = COUNTS.sample(frac=1, random_state=1)
    again = run(private, shuffled, RESIDENTS.sample(frac=1, random_state=2))
    for layer in NEEDS:
        pd.testing.assert_frame_equal(again.table(layer).frame, protected.table(layer).frame)
    assert len(ledger.read(private)) == 1


def test_public_changes_alone_draw_no_new_noise(tmp_path):
    run(private := tmp_path / "p")
    more = RESIDENTS.mask(RESIDENTS > 500, RESIDENTS + 1)
    renamed = _policy(band_max=6, epsilon_year=3.0, title={"it": "Altro", "en": "Other"})
    run(private, residents=more)
    run(private, policy=renamed)
    run(private, layers=NEEDS[:1])
    assert len(ledger.read(private)) == 1


def one(place, category, n):
    return pd.DataFrame({"anno": [2023], "luogo": [place], "categoria": [category], "n": [n]})


def _one_more(counts):
    return pd.concat([counts, counts.head(1).assign(n=1)])


@pytest.mark.parametrize(
    "change",
    [
        {"counts": _one_more(COUNTS)},
        {"counts": COUNTS.assign(anno=2024), "years": (2024,)},
        {"synthetic": False},
        {"policy": Policy(**{**POLICY.model_dump(), "epsilon": 1.0})},
    ],
    ids=["counts", "year", "kind", "epsilon"],
)
def test_anything_that_decides_the_noise_draws_anew(tmp_path, change):
    run(tmp_path / "p")
    run(tmp_path / "p", **change)
    assert len(ledger.read(tmp_path / "p")) == 2


def test_real_input_is_refused_when_the_year_is_spent(tmp_path):
    run(tmp_path / "p", synthetic=False)
    with pytest.raises(DisclosureError, match="budget"):
        run(tmp_path / "p", _one_more(COUNTS), synthetic=False)


def test_real_records_that_were_corrected_leave_the_kept_figures_as_they_are(tmp_path):
    before = run(tmp_path / "p", synthetic=False)
    files = {p.name: p.read_bytes() for p in (tmp_path / "p").iterdir()}
    keep = {"synthetic": False, "new": False}
    after = run(tmp_path / "p", _one_more(COUNTS), **keep)
    for layer in NEEDS:
        pd.testing.assert_frame_equal(after.table(layer).frame, before.table(layer).frame)
    assert (before.kept, after.kept) == ((), (2023,))
    assert run(tmp_path / "p", **keep).kept == ()
    assert {p.name: p.read_bytes() for p in (tmp_path / "p").iterdir()} == files


def test_real_records_without_figures_wait_and_nothing_is_charged(tmp_path):
    found = run(tmp_path / "p", synthetic=False, new=False)
    assert found.years == ()
    assert all(len(table.frame) == 0 for table in found.tables.values())
    assert list((tmp_path / "p").iterdir()) == []


def test_figures_outlast_the_withdrawal_of_every_record(tmp_path):
    before = run(tmp_path / "p", synthetic=False)
    after = run(tmp_path / "p", COUNTS.head(0), synthetic=False, new=False)
    pd.testing.assert_frame_equal(after.table(NEEDS[0]).frame, before.table(NEEDS[0]).frame)


def test_figures_on_other_areas_are_not_kept(tmp_path):
    run(tmp_path / "p", synthetic=False)
    moved = RESIDENTS.sample(frac=1, random_state=3).set_axis(RESIDENTS.index)
    with pytest.raises(DisclosureError, match="population has changed"):
        run(tmp_path / "p", residents=moved, synthetic=False, new=False)


def test_the_private_folder_holds_no_noise_and_no_count(tmp_path):
    """What is sealed are the numbers behind the release: nothing to subtract from them."""
    table = run(tmp_path / "p").table(NEEDS[2])
    (path,) = (tmp_path / "p").glob("figures-*.json")
    (part,) = json.loads(path.read_text())["parts"].values()
    assert set(part) == {"outline", "counts", "numbers"}
    rows = table.frame[table.frame["n_anz_stato"] == "published"]
    base = max(publishable(RESIDENTS.to_dict(), POLICY).base.area_of.values()) + 1
    assert len(part["numbers"]["ANZ"]) == base == len(table.frame)
    found = dict(zip(table.frame["id"], part["numbers"]["ANZ"], strict=True))
    assert [found[ident] for ident in rows["id"]] == rows["n_anz"].tolist()


def test_a_table_that_was_not_asked_for_is_named(tmp_path):
    with pytest.raises(NotFound, match="bisogni_h3_r6"):
        run(tmp_path / "p", layers=NEEDS[1:]).table(NEEDS[0])


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (COUNTS.assign(categoria="XXX"), "outside the list"),
        (COUNTS.assign(n=-1), "negative"),
        (COUNTS.assign(n=1.5), "whole number"),
        (COUNTS.assign(n=COUNTS["n"].astype("Int64").mask(COUNTS.index == 0)), "missing"),
        (COUNTS.assign(nome="x"), "columns"),
        (COUNTS.drop(columns="n"), "columns"),
        (COUNTS.assign(luogo="882a100d01fffff", n=1), "population input does not have"),
        (COUNTS.assign(luogo="not a cell"), "population input does not have"),
    ],
)
def test_bad_counts_are_refused_without_saying_where(tmp_path, counts, reason):
    with pytest.raises(DisclosureError, match=reason) as caught:
        run(tmp_path / "p", counts)
    text = str(caught.value)
    assert not any(str(c) in text for c in [*counts.get("luogo", []), "XXX"])
    assert not (tmp_path / "p").exists()


def test_a_need_where_nobody_lives_belongs_to_the_area_around_it(tmp_path):
    empty = RESIDENTS.index[RESIDENTS == 0][0]
    counts = one(empty, "POV", 500)
    frame = run(tmp_path / "p", counts).table(NEEDS[2]).frame
    top = frame.loc[frame["n_pov"].idxmax()]
    assert top["n_pov"] > 450
    assert top["residenti"] >= POLICY.p_min


@pytest.mark.parametrize(
    ("residents", "reason"),
    [
        (RESIDENTS.astype(float), "missing or broken"),
        (RESIDENTS.astype("Int64").mask(RESIDENTS > 500), "missing or broken"),
        (pd.concat([RESIDENTS, RESIDENTS.head(1)]), "twice"),
        (RESIDENTS * 0, "too few"),
    ],
)
def test_unknown_population_stops_everything(tmp_path, residents, reason):
    with pytest.raises(DisclosureError, match=reason):
        run(tmp_path / "p", residents=residents)


def test_a_layer_of_another_policy_is_refused(tmp_path):
    with pytest.raises(DisclosureError, match="policy"):
        run(tmp_path / "p", theme="domanda")


@given(st.integers(6, 8), st.data())
def test_sums_appear_exactly_where_the_outlines_fit(res, data):
    people = RESIDENTS.to_dict()
    base = merge(people, p_min=100)
    coarse, shown = coarsen(base, p_min=200), cut(base, res)
    values = np.array(
        data.draw(st.lists(st.integers(0, 9), min_size=(n := len(coarse.areas)), max_size=n))
    )
    for area, value in zip(shown.areas, on_areas(values, coarse, shown), strict=True):
        touching = {coarse.area_of[m] for m in area.members}
        fits = sum(len(coarse.areas[i].members) for i in touching) == len(area.members)
        assert value == (int(values[list(touching)].sum()) if fits else None)


def test_only_disclosure_control_can_make_a_protected_table():
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    users = {p for p in found.stdout.split() if _names_mint(ROOT / p)}
    assert users == {
        "geo_core/model/tables.py",
        "geo_core/disclose/protect.py",
        "geo_core/disclose/units.py",
        "tests/test_tables.py",  # of the key itself
    }


def _names_mint(path):
    if not path.exists():
        return False
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        named = {
            getattr(node, "id", None),
            getattr(node, "attr", None),
            *(a.name for a in getattr(node, "names", ()) if isinstance(a, ast.alias)),
        }
        if "MINT" in named:
            return True
    return False


class TestStatement:
    def test_it_cannot_be_given_a_count(self):
        assert set(inspect.signature(statements).parameters) == {
            "on", "policies", "theme", "years", "layers", "public", "synthetic", "titles", "errors",
        }  # fmt: skip

    def test_it_states_policy_areas_and_theory(self):
        shapes = publishable(RESIDENTS.to_dict(), POLICY)
        earlier, said = statements(
            shapes, POLICIES, theme="bisogni", years=(2022, 2023), layers=(*NEEDS, SERIES),
            public=PUBLIC, synthetic=True, titles=TITLES,
            errors=expected_errors(shapes, POLICY, resolutions=(6, 7, 8)),
        )  # fmt: skip
        assert (earlier.year, said.year) == (2022, 2023)
        assert earlier.collections == ("bisogni_h3_serie",)
        assert said.collections == (*(layer.id for layer in NEEDS), "bisogni_h3_serie")
        for statement, shown in ((earlier, [7]), (said, [6, 7, 8])):
            classes = [(i.resolution, i.residents_from) for i in statement.intervals]
            assert classes == sorted(set(classes))
            assert [resolution for resolution, start in classes if start == 0] == shown
        assert said.columns["FAM"] == "n_fam"
        assert said.derived.public == ("celle", "residenti")
        assert said.epsilon == 2.0
        assert said.contribution_cap == 1
        assert [g.p_min for g in said.geographies] == [100, 200]
        assert [set(g.categories) for g in said.geographies] == [
            {"FAM", "ANZ", "POV", "MUL"},
            {"DIS", "DIP", "IMM"},
        ]
        assert [g.smallest_residents >= g.p_min for g in said.geographies] == [True, True]
        assert {n.level: n.half_width_95 for n in said.noise_by_level} == {"6": 50, "area": 1}
        assert said.signed_by == POLICIES.signed_by
        assert type(said).model_validate_json(said.model_dump_json()) == said

    @pytest.mark.parametrize(
        ("prior", "epsilon", "cap"),
        [(0.075, 1, 0.1806), (0.075, 2, 0.3747), (0.075, 4, 0.8158), (0.004, 2, 0.0289)],
    )
    def test_the_most_that_can_be_learnt(self, prior, epsilon, cap):
        assert posterior_cap(prior, epsilon) == cap

    @given(st.floats(0.001, 0.999), st.floats(0.01, 10))
    def test_the_cap_multiplies_the_odds_by_no_less_than_the_bound(self, prior, epsilon):
        exact = 1 / (1 + (1 - prior) / (prior * math.exp(epsilon)))
        assert exact - 1e-12 <= posterior_cap(prior, epsilon) < exact + 1.1e-4


def _policy(**changes):
    return Policy(**{**POLICY.model_dump(), **changes})
