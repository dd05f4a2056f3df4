"""Opening hours as people say them."""

from __future__ import annotations

import pytest

from api.pages.hours import in_words


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
