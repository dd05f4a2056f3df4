"""Counts for the units of a public list, columns made of protected counts, and years."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from disclose_district import (
    DEMAND,
    NEEDS,
    OPEN,
    POLICIES,
    POLICY,
    RATINGS,
    SERIES,
    layers_of,
    needs_of,
    residents_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.disclose import figures, ledger
from geo_core.disclose.noise import accounted, level_epsilons, scale
from geo_core.disclose.protect import protect
from geo_core.disclose.sealed import Charged, finished
from geo_core.disclose.units import protect_units, settled
from geo_core.errors import DisclosureError
from geo_core.model.policy import Policy, UnitPolicy
from geo_core.model.text import Text
from geo_core.statement.accuracy import expected_errors
from geo_core.statement.statement import disclosure, posterior_cap, statements

(LAYER,) = layers_of("valutazioni_sedi")
MARKS = RATINGS.categories
NUMBERS = st.integers(0, 60)
TWICE = RATINGS.model_copy(update={"epsilon_year": 2 * RATINGS.epsilon})


def offices(count: int) -> gpd.GeoDataFrame:
    names = [f"SED-{i:02d}" for i in range(count)]
    public = dict.fromkeys(("id", "id_sede", "nome", "nome_en"), names)
    return gpd.GeoDataFrame(
        {**public, "tipo_sede": "sportello", "cod_istat": "002158"},
        geometry=[shapely.Point(8 + i / 100, 45) for i in range(count)],
        crs="EPSG:4326",
    )


def marks(rows: list[tuple[int, str, str, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["anno", "luogo", "categoria", "n"])
    return frame.astype({"anno": "int64", "n": "int64"})


def drawn(private, prepared, *, new):
    (found,) = finished(private, [prepared], new=lambda *_: new, say=lambda _: None, published=())
    return found


def rate(private, rows, units=None, *, new=True, **changes):
    charged = Charged("valutazioni", True)
    settings = {"layer": LAYER, "policy": RATINGS, "year": 2023, "charged": charged}
    found = drawn(
        private,
        protect_units(marks(rows), offices(3) if units is None else units, **(settings | changes)),
        new=new,
    )
    return found.table, found.years


MANY = [(2023, "SED-00", m, 10 * int(m)) for m in MARKS] + [(2022, "SED-01", "1", 400)]


def test_every_unit_is_there_with_all_its_figures_or_none(tmp_path):
    # So many that noise alone never reaches them.
    table, years = rate(tmp_path / "p", MANY, policy=RATINGS.model_copy(update={"fewest": 50}))
    frame = table.frame.set_index("id")
    assert years == (2023,)
    assert list(frame.index) == ["SED-00", "SED-01", "SED-02"]
    counts = [f"n_{m}" for m in MARKS]
    shown = frame.loc["SED-00"]
    assert shown["stato"] == "published"
    assert shown["n_voti"] == shown[counts].sum()
    expected = sum(int(m) * shown[f"n_{m}"] for m in MARKS) / shown["n_voti"]
    assert shown["voto_medio"] == pytest.approx(expected, abs=0.051)
    assert abs(shown["n_voti"] - 150) < 40
    for hidden in ("SED-01", "SED-02"):
        assert frame.loc[hidden, "stato"] == "band"
        assert frame.loc[hidden, [*counts, "n_voti", "voto_medio"]].isna().all()
    assert set(frame["periodo_inizio"]) == {"2023-01-01"}


def test_the_order_of_rows_and_units_changes_nothing_and_is_charged_once(tmp_path):
    first, _ = rate(tmp_path / "p", MANY)
    again, _ = rate(tmp_path / "p", MANY[::-1], offices(3)[::-1])
    pd.testing.assert_frame_equal(first.frame, again.frame)
    (entry,) = ledger.read(tmp_path / "p")
    assert (entry.theme, entry.year, entry.epsilon) == ("valutazioni", 2023, RATINGS.epsilon)


def test_without_marks_there_is_no_draw_and_no_row(tmp_path):
    table, years = rate(tmp_path / "p", [])
    assert years == ()
    assert len(table.frame) == 0
    assert list(table.frame.columns) == [*LAYER.field_names, "geometry"]
    assert list((tmp_path / "p").iterdir()) == []


def test_no_record_decides_which_year_is_shown(tmp_path):
    for rows in (MANY, [row for row in MANY if row[0] == 2022], [*MANY, (2024, "SED-00", "1", 1)]):
        table, years = rate(tmp_path / "p", rows)
        assert years == (2023,)
        assert len(table.frame) == 3
        assert set(table.frame["periodo_inizio"]) == {"2023-01-01"}
    assert {entry.year for entry in ledger.read(tmp_path / "p")} == {2023}


def test_a_mark_of_a_unit_that_is_not_on_the_list_stops_everything(tmp_path):
    with pytest.raises(DisclosureError):
        rate(tmp_path / "p", [(2023, "SED-99", "1", 1)])
    assert not (tmp_path / "p").exists()


def test_a_layer_of_another_theme_is_refused(tmp_path):
    with pytest.raises(DisclosureError, match="policy"):
        rate(tmp_path / "p", MANY, charged=Charged("domanda", True))


@given(st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1, max_size=8))
def test_no_figure_of_a_small_unit_is_shown(histograms):
    numbers = {m: [h[i] for h in histograms] for i, m in enumerate(MARKS)}
    columns = pd.DataFrame(figures.on_units(numbers, RATINGS))
    for histogram, (_, row) in zip(histograms, columns.iterrows(), strict=True):
        names = ["n_voti", "voto_medio", *(f"n_{m}" for m in MARKS)]
        if sum(histogram) >= RATINGS.fewest:
            assert row[names].notna().all()
            mean = sum(n * (i + 1) for i, n in enumerate(histogram)) / sum(histogram)
            assert row["voto_medio"] == pytest.approx(mean, abs=0.0501)
        else:
            assert row[names].isna().all()


AREAS = st.lists(
    st.dictionaries(
        st.sampled_from(DEMAND.categories), st.one_of(st.none(), NUMBERS), min_size=0
    ).map(lambda d: {c: d.get(c, 0) for c in DEMAND.categories}),
    min_size=1,
    max_size=6,
)


@given(AREAS)
def test_demand_is_a_function_of_its_protected_counts(areas):
    numbers = {c: [a[c] for a in areas] for c in DEMAND.categories}
    columns = pd.DataFrame(figures.on_areas(numbers, DEMAND))
    for area, (_, row) in zip(areas, columns.iterrows(), strict=True):
        for name, parts in DEMAND.totals.items():
            fits = all(area[c] is not None for c in parts)
            total = sum(area[c] or 0 for c in parts)
            status = "published" if total > DEMAND.band_max else "band"
            assert row[f"{name}_stato"] == (status if fits else "merged")
            assert pd.isna(row[name]) or row[name] == total
        for name, share in DEMAND.shares.items():
            both = row[share.part], row[share.whole]
            if row[f"{name}_stato"] == "published":
                assert row[name] == pytest.approx(100 * both[0] / both[1], abs=0.0501)
                assert both[1] >= DEMAND.fewest
            else:
                assert pd.isna(row[name])
        waits = [area[c] for c in DEMAND.medians["attesa_mediana"]]
        if None not in waits and sum(waits) >= DEMAND.fewest:
            everybody = np.repeat(DEMAND.medians["attesa_mediana"], waits)
            assert row["attesa_mediana"] == everybody[(len(everybody) - 1) // 2]
        else:
            assert pd.isna(row["attesa_mediana"])
            assert row["attesa_mediana_stato"] != "published"


def test_what_the_shares_of_a_person_cost_together_is_epsilon():
    placing = POLICIES.units("collocazione")
    (each,) = level_epsilons(placing).values()
    assert placing.contribution_cap == 3
    assert placing.contribution_cap * accounted(scale(each)) == pytest.approx(placing.epsilon)


@pytest.mark.parametrize("layer", [*layers_of("domanda_h3"), *layers_of("segnalazioni_h3")])
def test_the_columns_of_every_area_theme_are_those_of_its_layers(layer):
    policy = POLICIES.areas(layer.policy)
    made = figures.on_areas({c: [1] for c in policy.categories}, policy)
    assert set(made) <= set(layer.field_names)
    assert [n for n in layer.field_names if n.startswith("n_")] == [
        n for n in layer.field_names if n in made and n.startswith("n_")
    ]


RESIDENTS = residents_of(6, 8_000)
COUNTS = needs_of(RESIDENTS, 900)


def both_years():
    return pd.concat([COUNTS, COUNTS.assign(anno=2022, n=COUNTS["n"] * 2)])


def run(private, counts, **changes):
    settings = {
        "layers": (*NEEDS, SERIES),
        "policy": POLICY,
        "years": (2022, 2023),
        "charged": Charged("bisogni", True),
        **OPEN,
    }
    return drawn(private, protect(counts, RESIDENTS, **(settings | changes)), new=True)


def test_the_series_holds_every_year_and_the_others_the_latest(tmp_path):
    protected = run(tmp_path / "p", both_years())
    assert protected.years == (2022, 2023)
    series, latest = protected.table(SERIES).frame, protected.table(NEEDS[1]).frame
    assert SERIES.resolution == NEEDS[1].resolution == 7
    assert set(latest["periodo_inizio"]) == {"2023-01-01"}
    own = series[series["periodo_inizio"] == "2023-01-01"]
    assert own["id"].tolist() == [f"{ident}_2023" for ident in latest["id"]]
    pd.testing.assert_frame_equal(
        own.drop(columns="id").reset_index(drop=True), latest.drop(columns="id")
    )
    before = series[series["periodo_fine"] == "2022-12-31"]
    assert len(before) == len(own) == len(series) / 2
    assert before["n_fam"].sum() > 1.5 * own["n_fam"].sum()


def test_each_year_is_a_draw_of_its_own_charged_to_its_own_year(tmp_path):
    run(tmp_path / "p", both_years())
    assert [e.year for e in ledger.read(tmp_path / "p")] == [2022, 2023]
    more = pd.concat([both_years(), COUNTS.head(1).assign(n=1)])
    run(tmp_path / "p", more)
    assert [e.year for e in ledger.read(tmp_path / "p")] == [2022, 2023, 2023]


def test_a_year_does_not_depend_on_the_others(tmp_path):
    alone = run(tmp_path / "p", COUNTS, years=(2023,)).table(NEEDS[2]).frame
    together = run(tmp_path / "p", both_years()).table(NEEDS[2]).frame
    pd.testing.assert_frame_equal(alone, together)


def test_no_record_decides_which_years_are_drawn(tmp_path):
    found = [COUNTS, both_years(), COUNTS.assign(anno=2022), COUNTS.assign(anno=2021)]
    for counts in found:
        protected = run(tmp_path / "p", counts)
        assert protected.years == (2022, 2023)
        shown = protected.table(SERIES).frame
        assert shown["periodo_inizio"].unique().tolist() == ["2022-01-01", "2023-01-01"]
        assert set(protected.table(NEEDS[0]).frame["periodo_inizio"]) == {"2023-01-01"}


def test_without_records_there_is_no_draw_and_no_row(tmp_path):
    protected = run(tmp_path / "p", COUNTS.head(0))
    assert protected.years == ()
    for layer in (*NEEDS, SERIES):
        frame = protected.table(layer).frame
        assert len(frame) == 0
        assert list(frame.columns) == [*layer.field_names, "geometry"]
    assert list((tmp_path / "p").iterdir()) == []


class TestStatements:
    def said(self, theme: str, year: int, on: object = 5):
        policy = POLICIES.policies[theme]
        (said,) = statements(
            on, POLICIES, theme=theme, years=(year,), layers=(LAYER,), public=(), synthetic=True,
            titles=dict.fromkeys(policy.categories, Text(it="x", en="y")),
            errors=expected_errors(on, policy, resolutions=()),
        )  # fmt: skip
        return said

    def test_the_sum_by_year_is_that_of_its_themes(self):
        written = disclosure(
            [self.said("valutazioni", 2022), self.said("valutazioni", 2023),
             self.said("collocazione", 2023)]
        )  # fmt: skip
        assert [s.year for s in written.statements] == [2023, 2023, 2022]
        assert [(t.year, t.themes) for t in written.totals] == [
            (2023, ("collocazione", "valutazioni")), (2022, ("valutazioni",)),
        ]  # fmt: skip
        total = written.totals[0]
        assert total.epsilon == RATINGS.epsilon + POLICIES.units("collocazione").epsilon
        assert [c.release for c in total.posterior_caps] == [
            posterior_cap(c.prior, total.epsilon) for c in total.posterior_caps
        ]
        assert type(written).model_validate_json(written.model_dump_json()) == written

    def test_units_are_stated_instead_of_areas(self):
        said = self.said("valutazioni", 2023, 147)
        assert said.units is not None
        assert (said.units.kind, said.units.number) == ("sedi", 147)
        assert (said.geographies, said.band, said.suffixes) == ((), None, None)
        assert said.derived.mean == "voto_medio"
        assert said.derived.totals == {"n_voti": RATINGS.categories}
        stated = {(i.resolution, i.column) for i in said.intervals}
        assert stated == {(None, None), (None, "n_voti")}


@pytest.mark.parametrize(
    ("policy", "change", "reason"),
    [
        (DEMAND, {"categories": ("a", "a")}, "twice"),
        (DEMAND, {"medians": {"x": ("nobody",)}}, "not one of the categories"),
        (DEMAND, {"shares": {"q": {"part": "n_x", "whole": "n_richieste"}}}, "published counts"),
        (DEMAND, {"p_min_by_category": {"inviate": 60}}, "below"),
        (DEMAND, {"epsilon": 2.0}, "larger than epsilon_year"),
        (RATINGS, {"categories": ("bene", "male")}, "whole numbers"),
        (RATINGS, {"contribution_cap": 4}, "less than or equal to 3"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(
    policy: Policy | UnitPolicy, change: dict[str, object], reason: str
):
    with pytest.raises(ValueError, match=reason):
        type(policy).model_validate(policy.model_dump() | change)


HISTOGRAMS = st.dictionaries(
    st.sampled_from([f"SED-{i:02d}" for i in range(4)]),
    st.lists(st.integers(0, 40), min_size=5, max_size=5),
)


def of_offices(histograms: dict[str, list[int]]) -> list[tuple[int, str, str, int]]:
    # A mark of another year, so that there are records whatever is counted in this one.
    given_marks = [
        (2023, name, mark, n)
        for name, numbers in histograms.items()
        for mark, n in zip(MARKS, numbers, strict=True)
    ]
    return [(2022, "SED-00", "1", 1), *given_marks]


def shown(table) -> dict[str, dict[str, object]]:
    frame = table.frame.drop(columns="geometry").astype(object)
    frame = frame.where(frame.notna(), None)
    return {row["id"]: row for row in frame.to_dict("records")}


@settings(max_examples=25)
@given(HISTOGRAMS, st.booleans())
def test_a_new_or_removed_office_leaves_every_other_as_it_is(tmp_path_factory, histograms, real):
    private = tmp_path_factory.mktemp("p") / "private"
    how = {"charged": Charged("valutazioni", not real), "policy": TWICE}
    first = shown(rate(private, of_offices(histograms), offices(4), **how)[0])
    new = of_offices({**histograms, "SED-04": [40, 0, 0, 0, 40]})
    more = shown(rate(private, new, offices(5), **how)[0])
    assert {name: more[name] for name in first} == first
    assert more["SED-04"]["stato"] == "published"
    kept = {name: n for name, n in histograms.items() if name != "SED-03"}
    fewer = shown(rate(private, of_offices(kept), offices(3), **how)[0])
    assert fewer == {name: first[name] for name in fewer}
    assert sum(entry.epsilon for entry in ledger.read(private)) == TWICE.epsilon_year


@given(st.sampled_from(MARKS), st.booleans())
def test_whoever_goes_to_a_new_office_pays_again(tmp_path_factory, mark, replaced):
    """Neither where their old office has one less, nor where another came in their place."""
    private = tmp_path_factory.mktemp("p") / "private"
    real = Charged("valutazioni", False)
    before = shown(rate(private, [(2023, "SED-00", mark, 20)], charged=real)[0])
    moved = [(2023, "SED-00", mark, 19 + replaced), (2023, "SED-03", mark, 1)]
    if not replaced:
        with pytest.raises(DisclosureError, match="budget"):
            rate(private, moved, offices(4), charged=real)
    table, _ = rate(private, moved, offices(4), charged=real, new=replaced)
    assert shown(table)["SED-03"]["stato"] == "band"
    assert {name: shown(table)[name] for name in before} == before
    (entry,) = ledger.read(private)
    assert entry.epsilon == RATINGS.epsilon


def test_nothing_a_reader_sees_says_that_figures_are_kept(tmp_path):
    """With kept figures, what is shown does not depend on the records of today at all."""
    real = {"charged": Charged("valutazioni", False)}
    rate(tmp_path / "p", MANY, **real)
    other = [(2022, "SED-00", "1", 9), (2023, "SED-02", "5", 60), (2023, "SED-03", "5", 60)]
    for units in (offices(2), offices(3), offices(4)):
        records = ([r for r in rows if r[1] in set(units["id"])] for rows in (MANY, other, []))
        tables = [rate(tmp_path / "p", own, units, new=False, **real)[0] for own in records]
        for table in tables[1:]:
            pd.testing.assert_frame_equal(tables[0].frame, table.frame)


@given(st.data(), st.integers(1, 7), st.integers(0, 4))
def test_the_figures_of_an_office_are_whole_and_keep_their_sum(data, categories, units):
    own = st.lists(st.integers(-60, 60), min_size=units, max_size=units)
    noisy = np.array([data.draw(own) for _ in range(categories)], dtype=np.int64)
    found = settled(noisy)
    assert (found >= 0).all()
    assert (found.sum(axis=0) == np.maximum(noisy.sum(axis=0), 0)).all()
    assert ((found == noisy).all(axis=0) | (noisy < 0).any(axis=0)).all()
