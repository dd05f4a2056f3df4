"""How much work a filter asks, so that no filter keeps the others waiting.

Its length alone does not tell: a short one may compare every outline with itself a hundred times.
What an operation costs is reckoned from what it is applied to, before it is done, so the same
filter of the same features is always answered or always refused.
"""

from __future__ import annotations

from typing import Final

from api.features.cql2.nodes import refused
from api.features.cql2.values import Codes, Shapes, Texts, Value

MOST: Final = 100_000_000
"""Steps of a filter, of about ten nanoseconds each: a second of a slow processor."""

_OF_TEXT: Final = 100
"""To look at one text, however short; and to change one letter's case or accent: a fifth."""
_OF_VERTEX: Final = 200
"""Of the relation of two outlines, for each vertex."""
_OF_FEATURE, _OF_PAIRS = 200, 2
"""The same where one outline is the same for all: of each feature, and of so many pairs of a
feature and a vertex of the outline. An index and its preparation make it less."""
_CHANGING: Final = frozenset({"casei", "accenti"})


class Work:
    """Counts the steps of one filter.

    Parameters
    ----------
    size : int
        Number of features.
    """

    def __init__(self, size: int) -> None:
        self._size, self._left = size, MOST

    def spend(self, name: str, args: tuple[Value, ...]) -> None:
        """Count an operation.

        Raises
        ------
        InvalidParameter
            All operations together are more than a filter may ask.
        """
        self._left -= self._size + _steps(name, args, self._size)
        if self._left < 0:
            raise refused(
                "`filter` asks too much work of these features",
                "ask for less at once: fewer comparisons, shorter patterns, simpler outlines",
            )


def _steps(name: str, args: tuple[Value, ...], size: int) -> int:
    match args:
        case Texts() as text, Texts() as pattern if name == "like":
            return _texts(text) + _letters(text) * sum(map(len, pattern.vocabulary))
        case Shapes() as a, Shapes() as b:
            return _outlines(a, b, size)
    changing = _OF_TEXT // 5 if name in _CHANGING else 0
    texts = [one for one in args if isinstance(one, Texts)]
    codes = sum(one.holds.size for one in args if isinstance(one, Codes))
    return codes + sum(_texts(one) + changing * _letters(one) for one in texts)


def _texts(texts: Texts) -> int:
    return _OF_TEXT * len(texts.vocabulary)


def _letters(texts: Texts) -> int:
    return sum(map(len, texts.vocabulary))


def _outlines(a: Shapes, b: Shapes, size: int) -> int:
    if a.shapes.ndim == b.shapes.ndim:
        return _OF_VERTEX * (a.vertices + b.vertices)
    alone = a if a.shapes.ndim == 0 else b
    return size * (_OF_FEATURE + alone.vertices // _OF_PAIRS)
