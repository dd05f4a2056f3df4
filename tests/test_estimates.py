"""Estimates for municipalities and bodies: how they are made, what is shown and promised."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise
from operator import attrgetter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from disclose_district import (
    DEMAND,
    NEEDS,
    POLICIES,
    POLICY,
    POOL,
    SERIES,
    districts,
    layers_of,
    needs_of,
    residents_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from api.pages import render
from geo_core.disclose import estimates
from geo_core.disclose.estimates import Places, estimated, held, spread
from geo_core.disclose.features import PUBLIC, Basis
from geo_core.disclose.protect import protect
from geo_core.disclose.rates import bounds
from geo_core.disclose.sealed import Charged, finished
from geo_core.disclose.shape import Area, Shape, publishable
from geo_core.errors import DisclosureError
from geo_core.model.disclosure import Interval
from geo_core.model.text import Text
from geo_core.place.towns import residents_by_cell
from geo_core.statement import promise
from geo_core.statement.classes import Measured, by_class, joined
from geo_core.statement.promise import errors_on_areas
from geo_core.statement.statement import disclosure, statements

TOWNS = ("002001", "002002", "002003", "002004")
BODIES = {"002001": "EG1", "002002": "EG1", "002003": "EG2"}
RESIDENTS = residents_of(8, 12_000)
COUNTS = needs_of(RESIDENTS, 1_200)
(ON_TOWNS,) = layers_of("bisogni_comuni")
(ON_BODIES,) = layers_of("bisogni_ambiti")
LAYERS = (*NEEDS, SERIES, ON_TOWNS, ON_BODIES)
CODES = [c.lower() for c in POLICY.categories]
KEY = {"x": "cod_istat"}
BEGINS = attrgetter("residents_from")
ENDS = ("", "_fascia", "_stato", "_min", "_max")


def weights_of(residents, seed=4):
    """Share the residents of every cell out to towns: some lie in one, some in several."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, (cell, n) in enumerate(sorted(residents.items())):
        main = min(4 * i // len(residents), 3)
        other = rng.binomial(n, 0.4) if rng.random() < 0.3 else 0
        rows += [(TOWNS[main], cell, n - other), (TOWNS[(main + 1) % 4], cell, other)]
    people = pd.DataFrame(rows, columns=["cod_istat", "h3", "n"])
    return residents_by_cell(people, BODIES)


WEIGHTS = weights_of(RESIDENTS.to_dict())


def outlines(key, names):
    shapes = [box(8 + i, 45, 9 + i, 46) for i in range(len(names))]
    return gpd.GeoDataFrame({key: names, "denominazione": names}, geometry=shapes, crs="EPSG:4326")


PLACES = Places(
    WEIGHTS,
    {"comuni": outlines("cod_istat", TOWNS), "ambiti": outlines("cod_ambito", ["EG1", "EG2"])},
)


def run(private, counts=COUNTS, *, new=True, synthetic=True):
    prepared = protect(
        counts, RESIDENTS, layers=LAYERS, policy=POLICY, years=(2022, 2023),
        charged=Charged("bisogni", synthetic), places=PLACES,
        errors=lambda on: errors_on_areas(on, POLICY, layers=LAYERS, weights=WEIGHTS),
    )  # fmt: skip
    (found,) = finished(private, [prepared], new=lambda *_: new, say=lambda _: None, published=())
    return found


@pytest.fixture(scope="module")
def protected(tmp_path_factory):
    return run(tmp_path_factory.mktemp("vault") / "private")


@pytest.fixture(params=[ON_TOWNS, ON_BODIES], ids=lambda layer: layer.id)
def layer(request):
    return request.param


def area(name, residents, *members):
    return Area(name, name, name, members, residents)


def test_the_greatest_number_of_a_band_has_no_bounds_and_no_rate():
    last = POLICY.band_max
    exact = {c: [Fraction(last), Fraction(last + 1)] for c in POLICY.categories}
    stated = Interval(resolution=None, column=None, below=1, above=1, coverage=0.95)
    made = estimates._figures(exact, [500, 500], POLICY, {None: [stated]})
    rates = [name for name in made if name.startswith("tasso")]
    figures = [name for name in made if name.endswith(("_min", "_max"))]
    assert rates
    for name in (*rates, *figures):
        banded, shown = made[name]
        assert pd.isna(banded), name
        assert not pd.isna(shown), name


def test_the_example_by_hand():
    """30 of 100 residents, 75 of whom are in X; 10 of 50 in Y alone: 22.5 and 17.5."""
    shape = Shape((area("a", 100, "c1", "c2"), area("b", 50, "c3")), 50)
    shares = pd.DataFrame(
        [("c1", "X", 60), ("c2", "X", 15), ("c2", "Y", 25), ("c3", "Y", 50)],
        columns=["h3", "cod_istat", "residenti"],
    )
    shared = held(shape, shares, "cod_istat")
    assert shared == {("X", 0): 75, ("Y", 0): 25, ("Y", 1): 50}
    found = spread(np.array([30, 10]), shape, shared)
    assert found == {"X": Fraction(45, 2), "Y": Fraction(35, 2)}
    assert {place: round(n) for place, n in found.items()} == {"X": 22, "Y": 18}


def within(below, above, start=0):
    return Interval(
        resolution=None, column=None, residents_from=start, below=below, above=above, coverage=0.95
    )


def test_bounds_end_at_zero_and_a_sum_has_its_own():
    around = {None: [within(7, 2)], "n_all": [within(1, 1)]}
    given = [5, None], [9, 9], around
    assert bounds("n_a", *given, sums=["n_all"]) == ([0, None], [7, None])
    assert bounds("n_all", *given, sums=["n_all"]) == ([4, None], [6, None])
    assert bounds("n_other", *given, sums=["n_other"]) == ([None, None], [None, None])


def test_bounds_are_those_of_the_class_of_residents():
    around = {None: [within(1, 2), within(3, 4, 1000), within(5, 6, 5000)]}
    residents = [0, 999, 1000, 4999, 5000, 45_206]
    low, high = bounds("n_a", [9] * 6, residents, around, sums=())
    assert low == [8, 8, 6, 6, 4, 4]
    assert high == [11, 11, 13, 13, 15, 15]


@settings(max_examples=40)
@given(districts(), st.integers(0, 99))
def test_over_all_municipalities_they_sum_to_the_protected_total(residents, seed):
    shapes = publishable(residents, POLICY)
    rng = np.random.default_rng(seed)
    numbers = {c: rng.integers(0, 90, len(shapes.of(c).areas)) for c in POLICY.categories}
    found = estimated(numbers, shapes, weights_of(residents, seed), "cod_istat")
    for category, by_town in found.items():
        assert sum(by_town.values()) == numbers[category].sum()


def test_places_in_no_body_are_in_no_estimate_of_bodies():
    shapes = publishable(RESIDENTS.to_dict(), POLICY)
    ones = {c: np.array([a.residents for a in shapes.of(c).areas]) for c in POLICY.categories}
    found = estimated(ones, shapes, WEIGHTS, "cod_ambito")["FAM"]
    lived = WEIGHTS.groupby("cod_ambito")["residenti"].sum()
    assert found == {"EG1": lived["EG1"], "EG2": lived["EG2"]}


def test_a_cell_that_two_municipalities_share_has_two_rows():
    cell = POOL[0]
    people = [(TOWNS[0], cell, 3), (TOWNS[0], cell, 4), (TOWNS[3], cell, 5), (TOWNS[1], cell, 0)]
    rows = residents_by_cell(pd.DataFrame(people, columns=["cod_istat", "h3", "n"]), BODIES)
    assert rows[["id", "cod_ambito", "residenti"]].to_numpy(dtype=object).tolist() == [
        [f"{cell}_{TOWNS[0]}", "EG1", 7],
        [f"{cell}_{TOWNS[3]}", None, 5],
    ]


def test_the_rows_are_those_of_the_public_collection(protected, layer):
    frame = protected.table(layer).frame
    public = PLACES.areas[layer.estimated_on]
    assert frame["id"].tolist() == public.iloc[:, 0].tolist()
    assert frame.geometry.geom_equals(public.geometry, align=False).all()
    assert set(frame["periodo_inizio"]) == {"2023-01-01"}
    key = estimates.KEYS[layer.estimated_on]
    assert frame["residenti"].tolist() == WEIGHTS.groupby(key)["residenti"].sum().tolist()


@pytest.mark.parametrize("code", CODES)
def test_what_is_shown_of_an_estimate(protected, layer, code):
    frame = protected.table(layer).frame
    stated = protected.errors.of(layer.id).around(None)[None]
    name = f"stima_{code}"
    seen = frame[f"{name}_stato"] == "published"
    assert set(frame[f"{name}_stato"]) <= {"published", "band"}
    assert ((frame[f"{name}_fascia"] == "0-4") == ~seen).all()
    for end in ("", "_min", "_max"):
        assert frame[f"{name}{end}"].notna().tolist() == seen.tolist()
    shown = frame[seen]
    assert (shown[name] > POLICY.band_max).all()
    assert [i.residents_from for i in stated] == ([0, 5000] if layer is ON_TOWNS else [0])
    for _, row in shown.iterrows():
        own = max((i for i in stated if i.residents_from <= row["residenti"]), key=BEGINS)
        assert row[f"{name}_min"] == max(row[name] - own.below, 0)
        assert row[f"{name}_max"] == row[name] + own.above
    check_rates(frame, name, code, stated)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("hexagons", [*NEEDS, SERIES], ids=lambda layer: layer.id)
def test_rates_are_null_exactly_where_the_count_is(protected, hexagons, code):
    around = protected.errors.around(hexagons.resolution)[None]
    check_rates(protected.table(hexagons).frame, f"n_{code}", code, around)


def check_rates(frame, count, code, stated):
    rates = [f"tasso_{code}{end}" for end in ("", "_min", "_max")]
    assert {str(frame[name].dtype) for name in rates} == {"Float64"}
    for n, of, *found in frame[[count, "residenti", *rates]].itertuples(index=False):
        own = max((i for i in stated if i.residents_from <= of), key=BEGINS)
        if pd.isna(n):
            assert all(pd.isna(x) for x in found)
        else:
            ends = n, max(0, n - own.below), n + own.above
            assert found == [round(1000 * x / of, 1) for x in ends]


def test_the_same_protected_numbers_give_the_same_estimates_whatever_the_records(tmp_path):
    before = run(tmp_path / "p", synthetic=False)
    changed = COUNTS.assign(n=COUNTS["n"] + 3)
    after = run(tmp_path / "p", changed, new=False, synthetic=False)
    for one in LAYERS:
        pd.testing.assert_frame_equal(after.table(one).frame, before.table(one).frame)


def test_without_figures_there_are_no_rows(tmp_path):
    found = run(tmp_path / "p", new=False, synthetic=False)
    for one in (ON_TOWNS, ON_BODIES):
        assert list(found.table(one).frame.columns) == [*one.field_names, "geometry"]
        assert len(found.table(one).frame) == 0


def test_a_layer_for_unknown_areas_is_refused():
    shapes = publishable(RESIDENTS.to_dict(), POLICY)
    with pytest.raises(DisclosureError, match="no public areas"):
        estimates.rows(ON_TOWNS, Places(WEIGHTS, {}), Basis(shapes, {}, POLICY, synthetic=True), {})


def test_the_largest_band_has_neither_bounds_nor_rate_and_the_next_number_has():
    band, number = POLICY.band_max, POLICY.band_max + 1
    exact = {c: [Fraction(band), Fraction(number)] for c in POLICY.categories}
    made = pd.DataFrame(estimates._figures(exact, [900, 900], POLICY, {None: [within(1, 2)]}))
    for code in CODES:
        names = [f"stima_{code}{end}" for end in ("", "_min", "_max")]
        assert made[names].iloc[0].isna().all()
        assert made[names].iloc[1].tolist() == [number, number - 1, number + 2]
    rates = made.filter(regex="^tasso_")
    assert rates.iloc[0].isna().all()
    assert rates.iloc[1].notna().all()


def test_another_theme_needs_a_layer_alone_and_sums_are_added_before_they_are_rounded():
    shapes = publishable(RESIDENTS.to_dict(), DEMAND)
    rng = np.random.default_rng(7)
    numbers = {c: rng.integers(0, 9, len(shapes.of(c).areas)) for c in DEMAND.categories}
    exact = estimated(numbers, shapes, WEIGHTS, "cod_istat")
    basis = Basis(shapes, {2023: numbers}, DEMAND, synthetic=True)
    frame = estimates.rows(_demand(), PLACES, basis, {"stima_richieste": [within(1, 2)]})
    for town, row in frame.set_index("id").iterrows():
        assert row["stima_richieste"] == round(sum(exact[c][town] for c in DEMAND.categories))
        assert row["stima_richieste_max"] == row["stima_richieste"] + 2
        assert pd.isna(row["stima_inviate_max"])


def _demand():
    """Return a layer of estimates of demand, as its file would declare it."""
    names = [*(f"stima_{c}" for c in DEMAND.categories), *estimates.sums_of(DEMAND)]
    own = [f for f in ON_TOWNS.fields if not f.name.startswith(("stima_", "tasso_"))]
    like = {end: ON_TOWNS.field(f"stima_fam{end}") for end in ENDS}
    made = [like[e].model_copy(update={"name": n + e}) for n in names for e in ENDS]
    return ON_TOWNS.model_copy(update={"policy": "domanda", "fields": (*own, *made)})


class TestPromise:
    def test_the_interval_holds_95_of_100_estimates_of_other_releases(self):
        """Sampling error of both: three standard errors of releases that differ."""
        shapes = publishable(RESIDENTS.to_dict(), POLICY)
        keys = {"bisogni_comuni": "cod_istat", "bisogni_ambiti": "cod_ambito"}
        stated = promise.errors_of_estimates(shapes, POLICY, WEIGHTS, keys)
        found = list(islice(promise.estimated(shapes, POLICY, WEIGHTS, keys, seed=5), 300))
        for name, errors in stated.items():
            first = found[0][name][None]
            assert (first.shown == (first.protected > POLICY.band_max)).all()
            for own, end in pairwise((*errors.intervals, within(0, 0, 10**9))):
                inside = []
                for release in found:
                    off, people = release[name][None].errors, release[name][None].people
                    off = off[(people >= own.residents_from) & (people < end.residents_from)]
                    inside.append(((off >= -own.below) & (off <= own.above)).mean())
                more = 3 * np.sqrt(1 + 300 / errors.twin.releases) * np.std(inside) / np.sqrt(300)
                assert np.mean(inside) >= 0.95 - more
                assert np.mean(inside) <= own.coverage + more + 1e-4

    def test_every_class_with_enough_numbers_has_its_own_interval(self):
        """One town of 45,000 residents among 40 of 500, and one of 2,000."""
        residents = np.array([500] * 40 + [2000, 45_000])
        rng = np.random.default_rng(1)
        parts = []
        for _ in range(300):
            off = rng.choice([-1, 1], 42) * np.array([1] * 40 + [3, 9])
            parts.append(Measured(50 + off, np.full(42, 50), np.full(42, True), residents))
        stated = list(by_class(None, None, joined(parts)))
        assert [(i.residents_from, i.below, i.above) for i in stated] == [
            (0, 1, 1), (1000, 3, 3), (5000, 9, 9),
        ]  # fmt: skip
        # With fewer numbers, a class is joined with the next, and the last with the one before.
        few = list(by_class(None, None, joined(parts[:200])))
        assert [(i.residents_from, i.below) for i in few] == [(0, 1), (1000, 9)]
        (one,) = by_class(None, None, joined(parts[:7]))
        assert (one.residents_from, one.below) == (0, 1)
        whole = joined(parts)
        hidden = whole._replace(shown=whole.true < 0)
        assert list(by_class(None, None, hidden)) == []

    def test_neighbours_with_the_same_interval_are_one_class(self):
        residents = np.repeat([500, 2000, 45_000], 400)
        off = np.where(residents == 45_000, 3, 1) * np.tile([-1, 1], 600)
        found = Measured(50 + off, np.full(1200, 50), np.full(1200, True), residents)
        stated = [(i.residents_from, i.above, i.coverage) for i in by_class(7, "n", found)]
        assert stated == [(0, 1, 1.0), (5000, 3, 1.0)]

    def test_noise_and_sharing_out_are_both_in_it(self):
        """Where every cell lies in one town, and one area in one town, noise alone is left."""
        shapes = publishable(RESIDENTS.to_dict(), POLICY)
        whole = WEIGHTS.assign(cod_istat=WEIGHTS["h3"].map(lambda c: shapes.base.area_of[c] % 4))
        mixed, alone = (
            promise.errors_of_estimates(shapes, POLICY, w.astype({"cod_istat": str}), KEY)["x"]
            for w in (WEIGHTS, whole)
        )
        assert mixed.utility[0].misplaced > 1.3 * alone.utility[0].misplaced

    def test_the_statement_says_how_they_are_made(self, protected):
        earlier, said = statements(
            protected.shapes, POLICIES, theme="bisogni", years=(2022, 2023), layers=LAYERS,
            public=PUBLIC, synthetic=True, errors=protected.errors,
            titles=dict.fromkeys(POLICY.categories, Text(it="x", en="x")),
        )  # fmt: skip
        assert earlier.estimates == ()
        assert [e.collection for e in said.estimates] == ["bisogni_ambiti", "bisogni_comuni"]
        assert not {"bisogni_comuni", "bisogni_ambiti"} & set(said.collections)
        assert said.derived.rates["tasso_fam"].model_dump() == {
            "count": "n_fam", "residents": "residenti", "per": 1000, "low": "tasso_fam_min",
            "high": "tasso_fam_max", "decimals": 1,
        }  # fmt: skip
        towns = said.estimates[1]
        assert (towns.key, towns.weights, towns.cells) == ("cod_istat", "celle_comuni", "h3")
        assert towns.columns["FAM"] == "stima_fam"
        assert towns.rates["tasso_fam"].count == "stima_fam"
        assert {i.column for i in towns.intervals} == {None}
        assert [i.residents_from for i in towns.intervals] == [0, 5000]
        assert towns.utility.error is not None
        page = {"base": "https://example.org", "release": None, "columns": {}}
        document = disclosure([said]).model_dump(mode="json")
        small, large = (
            f"<strong>{100 - i.below}</strong> {{}} <strong>{100 + i.above}</strong>"
            for i in towns.intervals
        )
        for lang, *words in (
            ("it", "Stime per comune", f"sono: sotto 5000 residenti, da {small.format('a')}; ",
             f"; da 5000 residenti in su, da {large.format('a')}."),
            ("en", "Estimates by municipality",
             f"they are: under 5000 residents, from {small.format('to')}; ",
             f"; with 5000 residents and more, from {large.format('to')}."),
        ):  # fmt: skip
            told = " ".join(render("disclosure", page | {"doc": document}, lang).split())
            assert [text for text in words if text not in told] == []
