"""Check (d): what a filter and an order may tell, worked out from the features themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny_service import tiny_service
from tiny_site import audited, tiny_site

from checks.audit import oracle
from checks.audit.collect import collect
from checks.audit.oracle_answers import order_explained, questions, sorted_by
from checks.audit.published import Field
from checks.audit.site import FolderSite
from checks.audit.themes import themes_of


@pytest.fixture(scope="module")
def published():
    return collect(tiny_service())


@pytest.fixture(scope="module")
def areas(published):
    return published.collections["bisogni_r8"]


def test_a_clean_service_has_no_finding(published):
    checked = oracle.check(published, tiny_service())
    assert checked.findings == ()
    assert checked.figures > 1000
    assert any("CQL" in note for note in checked.notes)


def test_the_collection_at_work_is_named(published):
    said = []
    oracle.check(published, tiny_service(), said.append)
    assert said[0] == "bisogni_r8"
    assert len(said) > 2


def test_a_service_without_a_description_of_its_parameters_is_noted():
    site = tiny_site()
    assert any("service-desc" in note for note in oracle.check(audited(site), site).notes)


def test_a_folder_answers_no_questions(published, tmp_path):
    checked = oracle.check(published, FolderSite(tmp_path))
    assert (checked.figures, checked.findings) == (0, ())
    assert checked.notes


def test_numbers_of_the_band_are_asked_for_and_match_nothing(published, areas):
    theme = themes_of(published.disclosure)[0]
    asked = list(questions(areas, theme))
    assert ({"n_a": "3"}, set()) in asked
    assert ({"n_a": "3", "n_a_stato": "band"}, set()) in asked
    assert ({}, set(areas.ids)) in asked


def test_equal_features_come_in_the_usual_order_or_backwards(areas):
    def keyed(i):
        return areas.rows["tipo_area"][i]

    at = sorted(range(len(areas.ids)), key=keyed)
    ids = [areas.ids[i] for i in at]
    assert sorted_by(areas, "tipo_area", ids, descending=False)
    assert sorted_by(areas, "tipo_area", ids[::-1], descending=True)
    ids[2], ids[5] = ids[5], ids[2]
    assert not sorted_by(areas, "tipo_area", ids, descending=False)
    assert not sorted_by(areas, "tipo_area", ids[1:], descending=False)


def test_nulls_stand_at_one_end(areas):
    values = areas.rows["n_a"].tolist()
    full = [i for i in range(len(values)) if values[i] is not None]
    full.sort(key=values.__getitem__)
    empty = [i for i in range(len(values)) if values[i] is None]
    ids = [areas.ids[i] for i in (*full, *empty)]
    assert sorted_by(areas, "n_a", ids, descending=False)
    assert sorted_by(areas, "n_a", [*ids[len(full) :], *ids[: len(full)]], descending=False)
    assert not sorted_by(areas, "n_a", [*ids[1:], ids[0]], descending=False)
    assert not sorted_by(areas, "n_a", ids, descending=True)


def test_an_order_by_one_or_two_columns_is_explained(areas):
    kept = {n: f for n, f in areas.fields.items() if n in {"id", "celle", "n_b"}}
    rows = sorted(
        areas.features,
        key=lambda f: (-f["properties"]["celle"], f["properties"]["n_b"] or 99, f["id"]),
    )
    assert order_explained(replace(areas, features=rows, fields=kept))
    listed = {"lista": Field("array")}
    assert not order_explained(replace(areas, features=rows[::-1][3:] + rows[:3], fields=listed))


def test_an_order_by_many_columns_with_nulls_last_is_explained(areas):
    names = ("n_c", "n_b", "n_a", "residenti")

    def severe(feature):
        values = [feature["properties"][name] for name in names]
        return [(v is None, -(v or 0)) for v in values], feature["id"]

    kept = {n: f for n, f in areas.fields.items() if n in names}
    rows = sorted(areas.features, key=severe)
    assert order_explained(replace(areas, features=rows, fields=kept))
    first, second, *others = rows
    for moved in ([second, first, *others], [*others, first, second]):
        assert not order_explained(replace(areas, features=moved, fields=kept))


def test_an_order_by_a_dozen_columns_is_explained(areas):
    """Each column tells one feature only from those after it."""
    names = [f"n_{k:02}" for k in range(12)]
    rows = [
        {"id": f"{-at % 13}", "properties": {name: int(k == at) for k, name in enumerate(names)}}
        for at in range(13)
    ]
    made = replace(areas, features=rows, fields=dict.fromkeys(names, Field("integer")))
    assert order_explained(made)
    assert not order_explained(replace(made, fields=dict.fromkeys(names[1:], Field("integer"))))
