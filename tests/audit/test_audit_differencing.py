"""Checks (b) and (c): what subtraction and sums isolate is found, published cases among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from tiny_site import area_feature, audited, collections, disclosure, statement, tiny_site

from checks.audit import differencing, intervals
from checks.audit.bounds import Bounds
from checks.audit.findings import Tally
from checks.audit.layers import Layer
from checks.audit.themes import themes_of

BAND = {"low": 0, "high": 4}
UNKNOWN = None


def theme(method="", band=BAND, **others):
    said = statement("prova", categories={"A": {}}, band=band, method={"name": method}, **others)
    return themes_of({"statements": [said]})[0]


def layer(name, shapes, values, low=0, high=np.inf):
    """Return a layer of one count; `UNKNOWN` lies between `low` and `high`."""
    known = np.array([np.nan if v is UNKNOWN else v for v in values], np.float64)
    none = np.isnan(known)
    bounds = Bounds(np.where(none, low, known), np.where(none, high, known), none)
    ids = [f"{name}-{i}" for i in range(len(values))]
    return Layer(name, ids, np.array(shapes, dtype=object), None, {"n_a": bounds})


def squares(*columns):
    return [shapely.box(c, 0, c + 1, 1) for c in columns]


def subtracted(*layers, **said):
    tally = Tally("differencing")
    differencing.subtract(tally, theme(**said), layers)
    return tally.findings


def test_a_municipality_less_than_its_squares_by_one_person_is_found():
    # Destatis, NTTS 2025: squares of 5, 4, 4 and 4, a municipality of 16 that they cover.
    grid = layer("grid", squares(0, 1, 2, 3), [5, 4, 4, 4])
    town = layer("town", [shapely.box(0, 0, 3.9, 1)], [16])
    by_persons = {abs(f.evidence["persons"][0]): f.evidence for f in subtracted(grid, town)}
    assert by_persons[1]["areas"] == [f"grid-{i}" for i in range(4)]
    assert by_persons[1]["less"] == ["town-0"]
    assert set(by_persons) == {1, 3}  # 3: the town less the squares that lie in it
    whole = layer("town", [shapely.box(0, 0, 4, 1)], [17])
    assert subtracted(grid, whole) == []


def test_a_municipality_larger_than_the_squares_in_it_is_found():
    grid = layer("grid", squares(0, 1), [5, 4])
    town = layer("town", [shapely.box(0, 0, 2.4, 1)], [12])
    assert {abs(f.evidence["persons"][0]) for f in subtracted(grid, town)} == {3}
    assert subtracted(grid, replace(town, counts=layer("x", squares(0), [19]).counts)) == []


def test_counts_of_one_place_that_differ_are_found():
    grid = layer("grid", squares(0, 1), [50, 40])
    by_index = layer("index", [shapely.box(0, 0, 2, 1)], [88])
    assert subtracted(grid, by_index)
    assert subtracted(grid, replace(grid, name="again")) == []


def test_components_that_differ_by_a_few_are_found():
    grid = layer("grid", squares(0, 1, 2), [50, 40, 30])
    zones = layer("zones", [shapely.box(0, 0, 1.5, 1), shapely.box(1.5, 0, 2.9, 1)], [71, 47])
    found = subtracted(grid, zones)
    assert {f.evidence["difference"] for f in found} == {"all that touch each other"}


def test_a_second_geography_over_the_same_cells_is_found():
    given = collections()
    cells = [f["properties"]["h3"] for f in given["bisogni_r8"]]
    across = area_feature(sorted({cells[3], cells[4], cells[-1]}))
    for name in ("h3", "tipo_area", "celle"):
        del across["properties"][name]
    across["properties"]["n_a"] -= 2
    given["bisogni_zone"] = [across]
    assert differencing.check(audited(tiny_site(given))).findings


def test_a_clean_site_has_no_finding():
    published = audited(tiny_site())
    for check in (differencing, intervals):
        checked = check.check(published)
        assert checked.findings == ()
        assert checked.figures > 10


def drawn_again(given):
    given["bisogni_r8"][4]["properties"]["n_a"] += 1
    given["voti_sedi"][0]["properties"]["n_1"] += 1


def test_fresh_noise_in_a_later_release_is_found_unless_it_is_charged():
    given, said = collections(), disclosure()
    drawn_again(given)
    old, new = replace(audited(tiny_site()), release="r0"), audited(tiny_site(given))
    assert differencing.check(replace(new, earlier=[old])).notes == ()
    found = {f.where for f in differencing.check(replace(new, earlier=[old])).findings}
    assert "bisogni_r8, r0/bisogni_r8" in found
    assert "voti_sedi" in found
    for one in said["statements"]:
        one |= {"epsilon": 2.0, "epsilon_cumulative": 4.0, "method": {"name": "dp"}}
    checked = differencing.check(replace(audited(tiny_site(given, said)), earlier=[old]))
    assert checked.findings == ()
    assert len(checked.notes) == 2
    for one in said["statements"]:
        one["method"] = {"name": "round5"}
    twice = replace(audited(tiny_site(given, said)), earlier=[old])
    assert differencing.check(twice).findings


def test_releases_without_an_address_are_noted():
    listed = replace(audited(tiny_site()), releases=[{"id": "r1"}, {"id": "r0"}])
    assert "no address" in differencing.check(listed).notes[0]


def judged(layers, **said):
    tally = Tally("intervals")
    intervals.judge(tally, theme(**said), layers)
    return tally


# sdcTable, test-linked-tables.r: counts up to 3 are suppressed.
REGIONS = dict(zip("ABIJKLMN", (2, 2, 8, 8, 3, 3, 3, 7), strict=True))


def union(names):
    return shapely.union_all(squares(*(list(REGIONS).index(n) for n in names)))


def regions():
    shown = [UNKNOWN if n <= 3 else n for n in REGIONS.values()]
    return layer("regions", squares(*range(8)), shown)


def linked(*parts):
    totals = [sum(REGIONS[region] for region in part) for part in parts]
    return layer("".join(parts), [union(part) for part in parts], totals)


def test_two_tables_that_are_safe_alone_reveal_a_cell_together():
    counties, groups = linked("ABIJ", "KLMN"), linked("LM", "ABIJKN")
    assert judged([regions(), counties]).findings == []
    assert judged([regions(), groups]).findings == []
    (found,) = judged([regions(), counties, groups]).findings
    assert found.evidence["id"] == "regions-4"
    assert found.evidence["surely"] == [3, 3]


def test_under_noise_pinned_bands_are_noted_and_contradictions_found():
    noisy = judged([regions(), linked("IK", "ABJLMN")], method="dp")
    assert noisy.findings == []
    it, en = noisy.notes[0].split(" / ")
    assert "pin 1 of 5" in en
    assert en.endswith("the protected number, not the true one")
    assert "fissano 1 di 5" in it
    assert it.endswith("il numero protetto, non quello vero")
    wrong = layer("town", [union("IJ")], [15])
    for method in ("dp", "round5", ""):
        if method == "round5":  # 16, but each is rounded by 4 at most
            wrong = layer("town", [union("IJ")], [3])
        found = judged([regions(), wrong], method=method)
        assert "contradict" in found.findings[0].what


def rounded(values):
    """Round to multiples of 5 so that every sum of neighbours is off by less than 5."""
    ends = np.round((np.cumsum(values) + 0.5) / 5) * 5
    return np.diff(ends, prepend=0)


@pytest.mark.parametrize("seed", range(5))
def test_rounded_layers_have_no_finding_and_one_true_sum_has(seed):
    values = np.random.default_rng(seed).poisson(3, 12)
    fours = [shapely.box(c, 0, c + 4, 1) for c in (0, 4, 8)]
    fine = layer("fine", squares(*range(12)), rounded(values).tolist())
    coarse = layer("coarse", fours, rounded(values).reshape(3, 4).sum(axis=1).tolist())
    assert judged([fine, coarse], method="round5").findings == []
    shown = [UNKNOWN if v < 5 else v for v in rounded(values)]
    banded = layer("fine", squares(*range(12)), shown, 0, 4)
    assert judged([banded, coarse], method="round5").findings == []
    least = layer("coarse", fours, [0, 0, 0], 0, 3)
    assert judged([banded, least], method="round5").findings
