"""Recognises what must never be handed in: signs of a person in a cell."""

from __future__ import annotations

import re
from typing import Final

# Letters that replace digits when two persons would share a code ("omocodia") are allowed for.
_DIGIT: Final = "[0-9LMNPQRSTUV]"
_TAX_CODE: Final = re.compile(
    rf"(?<![A-Z0-9])[A-Z]{{6}}\s?{_DIGIT}{{2}}\s?[A-EHLMPRST]\s?{_DIGIT}{{2}}\s?"
    rf"[A-Z]{_DIGIT}{{3}}\s?[A-Z](?![A-Z0-9])",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"[^\s@]{1,64}\s?@\s?[^\s@]{1,64}\.[^\s@]")
_DATE: Final = re.compile(
    r"(?<!\d)(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?!\d)"
)
_PHONE: Final = re.compile(r"(?<![\w.])\+?\d(?:[ ./()-]{0,2}\d){7,14}(?!\w)")

SIGNS: Final = (
    ("looks like a tax code of a person", _TAX_CODE),
    ("looks like an e-mail address", _EMAIL),
    ("looks like a full date", _DATE),
    ("looks like a telephone number", _PHONE),
)
"""What each pattern is a sign of; the first that is found is told."""


def sign_of_a_person(text: str) -> str | None:
    """Return what personal thing a text looks like, or None.

    Parameters
    ----------
    text : str
        One cell. Every repetition is bounded, so the time is linear in its length.

    Examples
    --------
    >>> sign_of_a_person("chiamare 0161 555 0199")
    'looks like a telephone number'
    >>> sign_of_a_person("Sportello n. 12") is None
    True
    """
    return next((what for what, pattern in SIGNS if pattern.search(text)), None)


def looks_like_prose(text: str) -> bool:
    """Say whether a text that should be a code was written by hand: words and blanks."""
    return " " in text or len(text) > 40
