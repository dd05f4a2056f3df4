"""How a test ends: it returns, or it raises what was expected and found, or why it was skipped."""

from __future__ import annotations

from typing import Any, Final

from checks.conform.http import Answer

SHOWN_MAX: Final = 400
"""Characters of a value that are shown."""


class Failed(Exception):
    """A requirement is not met.

    Attributes
    ----------
    request : str
        What was asked.
    expected, found : str
        What the requirement asks for, and what came.
    """

    def __init__(self, request: object, expected: str, found: object) -> None:
        super().__init__(expected)
        self.request, self.expected, self.found = str(request), expected, shown(found)


class Skipped(Exception):
    """A requirement cannot be tested here; the message says why, in Italian and English."""


def shown(value: object) -> str:
    """Return a value as short text."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]} …"


def require(holds: object, answer: Answer | str, expected: str, found: object) -> None:
    """Raise `Failed` unless a condition holds."""
    if not holds:
        raise Failed(answer.asked if isinstance(answer, Answer) else answer, expected, found)


def require_status(answer: Answer, *statuses: int) -> Answer:
    """Return an answer that has one of the statuses; `Failed` otherwise."""
    wanted = " / ".join(str(status) for status in statuses)
    found = f"status {answer.status} {answer.body[:200].decode(errors='replace')}"
    require(answer.status in statuses, answer, f"status {wanted}", found)
    return answer


def object_of(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a 200 answer; `Failed` otherwise."""
    require_status(answer, 200)
    try:
        document = answer.json
    except ValueError:
        document = None
    found = f"{answer.media or 'no media type'}: {answer.body[:200].decode(errors='replace')}"
    require(isinstance(document, dict), answer, "a JSON object", found)
    return dict(document)


def skip_unless(holds: object, why: str) -> None:
    """Raise `Skipped` unless a condition holds."""
    if not holds:
        raise Skipped(why)
