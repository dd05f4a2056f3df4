"""Opening hours at a moment of an ordinary week."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.indicators.opening import DAYS, MONTHS, Moment, is_open
from geo_core.ingest.rules import OPENING_HOURS

CASES = [
    ("24/7", "Su 03:00", True),
    ("Mo-Fr 09:00-12:30", "Fr 12:29", True),
    ("Mo-Fr 09:00-12:30", "Fr 12:30", False),
    ("Mo-Fr 09:00-12:30", "Sa 10:00", False),
    ("Mo-Sa 08:00-18:00", "Sa 10:00", True),
    ("Tu,Th 14:00-17:00", "Th 14:00", True),
    ("Tu, Th 14:00-17:00", "Tu 15:00", True),
    ("Tu,Th 14:00-17:00", "We 15:00", False),
    ("09:00-12:00,14:00-18:00", "Su 15:00", True),
    ("Mo-Fr 09:00-12:00, 14:00-18:00", "We 15:00", True),
    ("Mo-Fr 09:00-12:00, Sa 10:00-11:00", "Sa 10:30", True),
    ("Mo-Fr 09:00-12:00, Sa 10:00-11:00", "We 10:30", True),
    ("Mo-Sa 08:00-18:00; Sa off", "Sa 10:00", False),
    ("Mo-Sa 08:00-18:00; Sa 08:00-09:00", "Sa 10:00", False),
    ("Mo-Sa 08:00-18:00; PH off", "Sa 10:00", True),
    ("Mo-Fr 09:00-12:00; Sa[1] 09:00-12:00", "Sa 10:00", False),
    ("Fr-Mo 10:00-12:00", "Su 11:00", True),
    ("Fr-Mo 10:00-12:00", "Tu 11:00", False),
    ("Jun-Sep Mo-Fr 09:00-12:00", "Mo 10:00", False),
    ("Jun-Sep Mo-Fr 09:00-12:00", "Aug Mo 10:00", True),
    ("Nov-Feb: Mo 09:00-12:00", "Jan Mo 10:00", True),
    ("Mo-Fr 09:00-18:00; Aug off", "Aug Mo 10:00", False),
    ("Mo-Fr 09:00-18:00; Aug off", "Mo 10:00", True),
    ("Sa 22:00-02:00", "Su 01:00", True),
    ("Sa 22:00-02:00", "Sa 01:00", False),
    ("Su 22:00-02:00", "Mo 01:59", True),
    ("Mo 09:00+", "Mo 20:00", True),
    ("Mo 09:00+", "Tu 00:30", False),
    ("Mo-Fr 09:00-12:00 || Sa 10:00-11:00", "Sa 10:30", True),
    ("Mo-Fr off || 08:00-18:00", "Mo 10:00", False),
    ("Mo-Fr open", "Mo 10:00", True),
    ("closed", "Mo 10:00", False),
    ("off", "Mo 10:00", False),
]


@pytest.mark.parametrize(("hours", "at", "expected"), CASES)
def test_hours_by_hand(hours: str, at: str, *, expected: bool):
    assert re.fullmatch(OPENING_HOURS[0], hours)
    assert is_open(hours, Moment.read(at)) is expected


@pytest.mark.parametrize("wrong", ["", "Saturday 10:00", "Sa 24:00", "Sa 9:00", "sa 10:00", "Sa"])
def test_other_moments_are_refused(wrong: str):
    with pytest.raises(ValueError, match="no moment"):
        Moment.read(wrong)


MOMENTS = st.builds(Moment, st.integers(0, 11), st.integers(0, 6), st.integers(0, 24 * 60 - 1))


@given(
    hours=st.from_regex(OPENING_HOURS[0].split("|", maxsplit=1)[1], fullmatch=True),
    at=MOMENTS,
)
def test_whatever_the_rules_accept_has_an_answer(hours: str, at: Moment):
    assert is_open(hours, at) in {True, False}


@given(day=st.sampled_from(DAYS), at=MOMENTS)
def test_a_day_that_is_off_is_closed(day: str, at: Moment):
    hours = f"24/7; {day} off"
    assert is_open(hours, at) is (DAYS[at.day] != day)


@given(month=st.sampled_from(MONTHS), at=MOMENTS)
def test_a_rule_of_a_month_holds_in_that_month(month: str, at: Moment):
    assert is_open(f"{month} 00:00-24:00", at) is (MONTHS[at.month] == month)
