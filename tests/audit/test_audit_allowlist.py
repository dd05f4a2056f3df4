"""Check (f): nothing but numbers, codes, cells and years in a protected collection."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny_site import audited, collections, tiny_site

from checks.audit import allowlist
from checks.audit.wording import spelt


def messages(checked):
    return " | ".join(f"{f.where}: {f.what}" for f in checked.findings)


def found(plant=lambda _given: None):
    given = collections()
    plant(given)
    return allowlist.check(audited(tiny_site(given)))


def test_a_clean_site_has_no_finding():
    checked = found()
    assert (checked.findings, checked.notes) == ((), ())
    assert checked.figures > 200


def column(name, *values, collection="bisogni_r8"):
    def plant(given):
        for i, feature in enumerate(given[collection]):
            feature["properties"][name] = values[i % len(values)]

    return plant


def sequence(given):
    for i, feature in enumerate(given["bisogni_r8"]):
        feature["id"] = feature["properties"]["id"] = f"A-{i}"


def a_code_off_the_list(given):
    given["bisogni_r8"][0]["properties"]["tipo_area"] = "via Roma 3"


def units_of_nowhere(given):
    given["voti_sedi"][0]["id"] = given["voti_sedi"][0]["properties"]["id"] = "SED-9"


PLANTED = {
    "free text": (column("nota", "seguita dal 2019", "altro"), "nota: free text"),
    "a day": (column("periodo_visita", "2023-05-07"), "a date finer than a year"),
    "ids in a sequence": (sequence, "an id that is not made of area and period"),
    "a name that is not open": (
        column("nome", "Mario", "Anna", collection="voti_sedi"),
        "nome: free text",
    ),
    "units that are on no list": (units_of_nowhere, "the ids are not those of an open list"),
    "counts in an open collection": (
        column("n_a", 3, collection="sedi"),
        "outside the collections of its statement",
    ),
    "a long constant": (column("nota", "x" * 400), "nota: free text"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_column_is_found(name):
    plant, expected = PLANTED[name]
    assert expected in messages(found(plant))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("last-modified", "Sun, 22 Nov 2026 04:36:56 GMT"),
        ("set-cookie", "visit=7"),
        ("x-built", "2026-11-22T04:36:56Z"),
        ("x-epoch", "1795322216"),
    ],
)
def test_a_header_that_tells_a_time_or_marks_the_reader_is_found(name, value):
    published = audited(tiny_site())
    marked = replace(published.seen[0], headers={**published.seen[0].headers, name: value})
    assert name in messages(allowlist.check(replace(published, seen=[marked])))
    dated = replace(published.seen[0], headers={"date": "Sun, 22 Nov 2026 04:36:56 GMT"})
    assert allowlist.check(replace(published, seen=[dated])).findings == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("COMUNE DI VERCELLI", []),
        ("SI RIVOLGA A CI PENSO IO", []),
        ("Casi: CXVII", ["CXVII"]),
        ("Casi DI CXVII", ["CXVII"]),
        ("Casi: centodiciassette", ["centodiciassette"]),
    ],
)
def test_a_word_in_capitals_is_no_roman_numeral(text, words):
    assert spelt(text) == words


def test_a_theme_of_which_nothing_was_handed_in_is_no_leak():
    published = audited(tiny_site())
    empty = replace(published.collections["bisogni_r8"], features=[])
    said = {"statements": published.disclosure["statements"][1:]}
    none = replace(published, collections={"bisogni_r8": empty}, disclosure=said)
    assert allowlist.check(none).findings == ()
