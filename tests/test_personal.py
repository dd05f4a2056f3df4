"""Signs of a person in a text: what is found, what passes, and at what cost."""

from __future__ import annotations

import re
from re import _parser  # type: ignore[attr-defined]  # the only way to count what a pattern may do

import pytest
from personal_texts import HONEST as HONEST_TEXTS
from personal_texts import PERSONAL

from geo_core.ingest.columns import Column, read_value
from geo_core.ingest.personal import HONEST, SIGNS, TAX_CODE, plain, sign_of_a_person
from geo_core.ingest.problems import Refusal

PATTERNS = (*HONEST, *(pattern for _, pattern in SIGNS))
LONGEST = 250
"""Characters that a pattern may look at from where it begins, whatever the text."""


@pytest.mark.parametrize(
    ("sign", "text"), [(sign, text) for sign, texts in PERSONAL.items() for text in texts]
)
@pytest.mark.parametrize("around", ["{}", "Sede aperta. {} (chiedere)", "«{}»"])
def test_what_is_personal_is_found(sign: str, text: str, around: str):
    found = sign_of_a_person(around.format(text))
    assert found is not None
    # Eight digits glued together may be a day or a telephone: either will do.
    assert sign in found or {sign, found[11:]} <= {"telephone", "a full date", "a telephone number"}


@pytest.mark.parametrize("text", HONEST_TEXTS)
@pytest.mark.parametrize("around", ["{}", "Si veda: {}", "{}; poi si vedrà"])
def test_what_is_honest_passes(text: str, around: str):
    assert sign_of_a_person(around.format(text)) is None


def test_what_was_taken_out_does_not_join_what_stood_around_it():
    assert sign_of_a_person("stanza 333 10:00-12:00 1234567") is None
    assert sign_of_a_person("stanza 333 1234567") is not None


def test_a_code_is_found_whatever_stands_between_its_letters():
    code = "RSSMRA80A01L750X"
    for gap in ("", " ", "-", ".", "/", "_", "\u2011", "\u3000", " - ", "\u200b"):
        assert sign_of_a_person(gap.join(code)) == TAX_CODE, repr(gap)
        assert sign_of_a_person(f"cf{gap}{gap.join(code).lower()}") == TAX_CODE, repr(gap)


def test_plain_is_plain():
    for text in (
        "Città \u2013  Nord",
        "\ufb01ne\u00ad",
        "\u0130\u0131\u017fK",
        "\uff41\t\nb",
        "l\u20198 º",
    ):
        once = plain(text)
        assert plain(once) == once
        assert once == once.upper()
    assert plain("\uff23ittà \u2013\u00a0\u2003 Nord\u200b \u2019\uff18") == "CITTA - NORD '8"


def test_no_pattern_looks_farther_than_a_bound():
    """A bounded look from each place of a text is time linear in its length."""
    for pattern in PATTERNS:
        assert _parser.parse(pattern.pattern).getwidth()[1] <= LONGEST, pattern.pattern
    assert _parser.parse("(?:a|b)*c").getwidth()[1] > LONGEST
    assert not any(re.search(r"[*+](?![^\[]*\])", p.pattern.replace(r"\+", "")) for p in PATTERNS)


@pytest.mark.parametrize(
    "unit", ["1", "0 ", "3 ", "A", "A ", "a.", "@", "a@", "(at)", " at a", "12/", "1 1 ", "RSSMRA8",
             "nata ", "€1.000", "1.000", "9.00-", "n. 1 del 1 ", "\u0301", "\u0130", "\uff0d",
             "1 marzo "],
)  # fmt: skip
def test_a_hostile_text_is_read_to_its_end(unit: str):
    """Whoever waits for these waits for ever if a pattern is not linear."""
    long = unit * (100_000 // len(unit))
    sign_of_a_person(long)
    assert sign_of_a_person(f"{long}~ RSSMRA80A01L750X") is not None


def test_a_contact_may_be_a_number_but_never_a_tax_code():
    phone, name = Column("telefono", "text", contact=True), Column("nome", "text")
    for text in ("+39 0161 555 0199", "0161 5550199", "ufficio@comune.example", "1522"):
        assert read_value(phone, text) == text
        assert isinstance(read_value(name, text), Refusal) or text == "1522"
    refused = read_value(phone, "RSS MRA 80A01 L750X")
    assert isinstance(refused, Refusal)
    assert refused.reason == TAX_CODE


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("https://a.example","b")', "=cmd|'/c calc'!A0",
     "\uff1d1+1", "\uff20SUM(A1)", '"=1+1"', "\u2212x", "a;=1+1", "a; =1+1", "a,@SUM(A1)",
     "\u200b=1", ";-1+1", "ok; +1+1", "ok, -2*3", "a;--1+1", "a; -(1+1)", "a;+cmd|'/c calc'!A0",
     "a; - HYPERLINK(A1)", "a;-'Foglio 1'!A1", "a; +A1&B1", "a|+SUM(A1)", '"x";"-1+1"'],
)  # fmt: skip
def test_what_a_spreadsheet_would_compute_is_refused(text: str):
    for contact in (False, True):
        assert isinstance(read_value(Column("nome", "text", contact=contact), text), Refusal)


@pytest.mark.parametrize("text", ["\t=1", "a\tb", "\r=1", "\n@x"])
def test_no_text_begins_a_cell_of_its_own(text: str):
    assert isinstance(read_value(Column("nome", "text"), text), Refusal)


@pytest.mark.parametrize(
    "text",
    ["a=1", "3-6 anni", "C++", "uno - due", "10 % = tutto", "x; y", "lun-ven; -", "lun; - sab-dom",
     "uno, -due", "posti 15, -2 di prima", "aperto; -(chiuso il lunedi)", "lat 45,3, -8,4"],
)  # fmt: skip
def test_what_a_spreadsheet_leaves_alone_passes(text: str):
    assert read_value(Column("nome", "text"), text) == text


def test_a_second_telephone_number_is_no_formula():
    text = "0161 250011; +39 0161-555-0199"
    assert read_value(Column("telefono", "text", contact=True), text) == text


def test_a_number_below_zero_is_a_number():
    assert read_value(Column("lat", "number"), "-8.5") == -8.5
