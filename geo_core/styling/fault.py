"""What is wrong with a style, so that the reader of its file can mend it."""

from __future__ import annotations

from typing import NamedTuple

type Keys = tuple[str | int, ...]
"""Keys and positions that lead to a value of a document."""


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    at : tuple
        Keys below the scale that lead to it: ``("classes", 2, "colour")``.
    what, hint : str
        What is wrong, and how to mend it.
    """

    at: Keys
    what: str
    hint: str
