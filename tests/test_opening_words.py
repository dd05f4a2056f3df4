"""Opening hours as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exchange.hours import weekly
from api.pages.hours import in_words
from geo_core.indicators.opening import DAYS, Moment, is_open


@pytest.mark.parametrize(
    ("hours", "italian", "english"),
    [
        ("Mo-Fr 09:00-12:30; Tu,Th 14:00-17:00",
         "lunedì, mercoledì e venerdì 9:00-12:30; martedì e giovedì 14:00-17:00",
         "Monday, Wednesday and Friday 9:00-12:30; Tuesday and Thursday 14:00-17:00"),
        ("Mo-Sa 08:00-18:00; We off",
         "lunedì, martedì e da giovedì a sabato 8:00-18:00; mercoledì chiuso",
         "Monday, Tuesday and Thursday to Saturday 8:00-18:00; Wednesday closed"),
        ("Fr-Mo 10:00-12:00", "da venerdì a lunedì 10:00-12:00", "Friday to Monday 10:00-12:00"),
        ("We 99:99-77:00", "We 99:99-77:00", "We 99:99-77:00"),
        ("Mo,We,Fr 08:00-10:00,15:00-18:00",
         "lunedì, mercoledì e venerdì 8:00-10:00, 15:00-18:00",
         "Monday, Wednesday and Friday 8:00-10:00, 15:00-18:00"),
        ("Su off", "domenica chiuso", "Sunday closed"),
        ("Aug Mo 09:00-10:00", "Aug Mo 09:00-10:00", "Aug Mo 09:00-10:00"),
        ("24/7", "24/7", "24/7"),
    ],
)  # fmt: skip
def test_hours_are_said_in_words_or_left_as_they_are(hours, italian, english):
    assert (in_words(hours, "it"), in_words(hours, "en")) == (italian, english)
    assert in_words(None, "it") is None
    assert in_words("", "it") is None


SPAN = st.builds(
    lambda a, b: a if a == b else f"{a}-{b}", st.sampled_from(DAYS), st.sampled_from(DAYS)
)
RULE = st.builds(
    lambda days, hour, length: f"{','.join(days)} {hour:02}:00-{hour + length:02}:00",
    st.lists(SPAN, min_size=1, max_size=3), st.integers(6, 12), st.integers(1, 8),
)  # fmt: skip
HOURS = st.lists(RULE, min_size=1, max_size=4).map("; ".join)


@given(hours=HOURS, day=st.integers(0, 6), minute=st.integers(0, 24 * 60 - 1))
def test_calendars_are_open_when_the_indicator_says_so(hours, day, minute):
    now = f"{minute // 60:02}:{minute % 60:02}"
    told = any(
        DAYS[day].upper() in rule.byday.split(",") and rule.opens_at <= now < rule.closes_at
        for rule in weekly(hours)
    )
    assert told == is_open(hours, Moment(0, day, minute))
