"""Hot spots and clusters of a score in words."""

from __future__ import annotations

import h3
import numpy as np
import pytest

from geo_core.indicators.clusters import clusters, hotspot
from geo_core.indicators.hotspots import gi_star
from geo_core.indicators.neighbours import rings
from geo_core.indicators.significance import false_discovery, two_sided

CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 7), 12))
NEAR = rings(CELLS)
HEART = dict.fromkeys(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 7), 3), 0)


def planted() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(100, 1, len(CELLS)) + np.array([8.0 if c in HEART else 0 for c in CELLS])


def test_a_planted_hot_spot_is_found_and_chance_is_not():
    found = clusters(planted(), NEAR)
    hot = {c for c, kind in zip(CELLS, found["hotspot"], strict=True) if kind == "caldo_99"}
    assert set(HEART) <= hot <= set(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 7), 4))
    high = {c for c, kind in zip(CELLS, found["moran"], strict=True) if kind == "HH"}
    assert set(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 7), 2)) <= high
    chance = clusters(np.random.default_rng(1).normal(size=len(CELLS)), NEAR)
    for kinds in (chance["hotspot"], chance["moran"]):
        assert (kinds != "ns").mean() < 0.02


def test_p_is_adjusted_for_the_number_of_units():
    score = planted()
    found = clusters(score, NEAR)
    raw = two_sided(gi_star(score, NEAR))
    assert found["hotspot_p"].tolist() == false_discovery(raw).tolist()
    assert (found["hotspot_p"] >= raw).all()
    assert (found["hotspot_p"] > raw).any()


def test_the_same_scores_give_the_same_figures():
    one, other = clusters(planted(), NEAR), clusters(planted(), NEAR)
    assert all(one[name].tolist() == other[name].tolist() for name in one)


@pytest.mark.parametrize(
    ("z", "p", "kind"),
    [
        (3.0, 0.01, "caldo_99"),
        (-3.0, 0.01, "freddo_99"),
        (2.5, 0.05, "caldo_95"),
        (2.0, 0.1, "caldo_90"),
        (-2.0, 0.0999, "freddo_90"),
        (1.0, 0.11, "ns"),
        (np.nan, np.nan, ""),
    ],
)
def test_classes_of_hot_spots_follow_the_adjusted_p(z, p, kind):
    assert hotspot(np.array([z]), np.array([p])).tolist() == [kind]


def test_a_unit_without_a_score_is_in_no_cluster():
    score = planted()
    score[:40] = np.nan
    found = clusters(score, NEAR)
    for name in ("hotspot", "moran"):
        assert set(found[name][:40].tolist()) == {""}
    for name in ("hotspot_z", "hotspot_p", "moran_i", "moran_p"):
        assert np.isnan(found[name][:40]).all()


@pytest.mark.parametrize("score", [np.full(5, 3.0), np.full(5, np.nan), np.array([1.0])])
def test_where_nothing_varies_there_is_no_cluster(score):
    found = clusters(score, rings(CELLS[: score.size]))
    assert set(found["hotspot"].tolist()) == set(found["moran"].tolist()) == {""}
