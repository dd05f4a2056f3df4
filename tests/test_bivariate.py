"""Risk crossed with distance: thirds, nine classes, and what is published of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.catalog import Catalog
from geo_core.indicators.bivariate import crossed, thirds
from geo_core.release.read import Release
from geo_core.styling.colour import VISIONS, delta_e, lab

LAYER = "rischio_accesso_h3_r7"


def test_thirds_by_hand():
    found = thirds(np.array([5, 1, 2, np.nan, 3, 4, 6.0]), decimals=4)
    assert found.third.tolist() == [3, 1, 1, 0, 2, 2, 3]
    assert found.breaks == (2.6667, 4.3333)


def test_ties_and_nothing_at_all():
    assert thirds(np.full(4, 7.0), decimals=4).third.tolist() == [1, 1, 1, 1]
    nothing = thirds(np.full(2, np.nan), decimals=4)
    assert nothing.third.tolist() == [0, 0]
    assert np.isnan(nothing.breaks).all()
    assert thirds(np.array([2.0]), decimals=4).third.tolist() == [1]


VALUES = st.lists(st.integers(0, 10_000), min_size=1, max_size=60)


@given(values=VALUES, data=st.data())
def test_thirds_follow_the_values_whatever_their_order(values: list[int], data: Any):
    numbers = np.array(values) / 100
    found = thirds(numbers, decimals=4)
    assert (np.diff(found.third[np.argsort(numbers, kind="stable")]) >= 0).all()
    order = data.draw(st.permutations(range(len(values))))
    again = thirds(numbers[list(order)], decimals=4)
    assert again.third.tolist() == found.third[list(order)].tolist()
    assert again.breaks == found.breaks
    if len(set(values)) == len(values):
        sizes = np.bincount(found.third, minlength=4)[1:]
        assert sizes.max() - sizes.min() <= 1


def test_classes_ascend_in_both_thirds():
    first, second = np.repeat([1, 2, 3], 3), np.tile([1, 2, 3], 3)
    assert crossed(first, second).tolist() == list(range(1, 10))
    assert crossed(np.array([0, 2, 0]), np.array([1, 0, 0])).tolist() == [0, 0, 0]


def rows(release: Release, ident: str) -> dict[str, dict[str, Any]]:
    table = pq.read_table(release.path(f"collections/{ident}/features.parquet"))
    return {row["h3"]: row for row in table.drop_columns(["geometry"]).to_pylist()}


def test_what_is_published_is_the_two_layers_crossed(demo_release: Release):
    found = rows(demo_release, LAYER)
    risk, access = rows(demo_release, "rischio_h3_r7"), rows(demo_release, "accessibilita_h3_r7")
    assert {row["classe"] for row in found.values()} >= set(range(1, 10))
    for cell, row in found.items():
        assert row["punteggio"] == risk[cell]["punteggio"]
        assert row["affidabilita"] == risk[cell]["affidabilita"]
        assert "sabato" not in row["metodo_costo"]
        minutes = access.get(cell, {}).get("min_sportello_sociale")
        assert row["min_sportello_sociale"] == minutes
        parts = [
            None if value is None else 1 + sum(value > row[f"soglia_{name}_{k}"] for k in (1, 2))
            for name, value in (("rischio", row["punteggio"]), ("accesso", minutes))
        ]
        assert [row["terzo_rischio"], row["terzo_accesso"]] == parts
        lacking = tuple(part is None for part in parts)
        assert (
            row["stato"]
            == {
                (False, False): "published",
                (True, False): "no-risk",
                (False, True): "no-access",
                (True, True): "no-data",
            }[lacking]
        )
        if None in parts:
            assert row["classe"] is row["classe_nome"] is row["classe_nome_en"] is None
        else:
            assert row["classe"] == 3 * (parts[0] - 1) + parts[1]
            assert row["classe_nome"]
    for name in ("rischio", "accesso"):
        third = [row[f"terzo_{name}"] for row in found.values() if row[f"terzo_{name}"]]
        sizes = np.bincount(third)[1:]
        assert sizes.min() > 0.3 * len(third)


def test_the_legend_says_what_the_rows_say(catalog: Catalog, demo_release: Release):
    said = {int(c.code): c.title for c in catalog.codelists["rischio_accesso"]}
    legend = {c.value: c.title for c in catalog.styles["rischio_accesso_h3"].classes}
    assert list(legend) == list(range(1, 10))
    for k, title in legend.items():
        assert (title.it, title.en) == (f"{k} · {said[k].it}", f"{k} · {said[k].en}")
    for row in rows(demo_release, LAYER).values():
        if row["classe"] is not None:
            assert row["classe_nome"] == said[row["classe"]].it


@pytest.mark.parametrize("seen_by", VISIONS)
def test_nine_colours_are_told_apart_and_darken_along_both_sides(catalog: Catalog, seen_by: str):
    style = catalog.styles["rischio_accesso_h3"]
    seen = [lab(c.colour, seen_by) for c in style.classes]
    for i, one in enumerate(seen):
        for other in seen[i + 1 :]:
            assert delta_e(one, other) >= 10
    lightness = np.array([c[0] for c in seen]).reshape(3, 3)
    assert (np.diff(lightness, axis=1) < -6).all()
    assert (np.diff(lightness, axis=0) < -15).all()
    assert (np.diff(lightness.ravel()) < -6).all()
    white = lab(style.missing.colour if style.missing else "", seen_by)
    assert delta_e(white, seen[0]) >= 5
