"""Lists of codes, and how they lie to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from api.features.cql2.nodes import refused
from api.features.cql2.values import KINDS, Codes, Mask, Texts, Truth, Value

FUNCTIONS: Final = frozenset({"a_containedby", "a_contains", "a_equals", "a_overlaps"})
"""Relations of lists, which are compared as sets."""


def listed(items: Sequence[Value]) -> Codes:
    """Return a list that is the same for all features.

    Raises
    ------
    InvalidParameter
        It holds something else than texts: what features list are codes.
    """
    texts = []
    for item in items:
        if not isinstance(item, Texts) or item.ranks.ndim:
            raise refused(f"a list holds {KINDS[type(item)]}; it may hold texts in single quotes")
        texts.append(item.vocabulary[0])
    vocabulary = sorted(set(texts))
    return Codes(np.ones((1, len(vocabulary)), dtype=np.bool_), vocabulary, np.array(True))


def related(name: str, a: Value, b: Value) -> Truth:
    """Return where a relation of two lists holds; a text alone is a list of one.

    Raises
    ------
    InvalidParameter
        One is no list.
    """
    first, second = (_codes(one, name) for one in (a, b))
    together = sorted({*first.vocabulary, *second.vocabulary})
    one, other = _spread(first, together), _spread(second, together)
    known = np.asarray(first.known & second.known)
    return Truth(known & _RELATIONS[name](one, other), known)


def _codes(value: Value, name: str) -> Codes:
    if isinstance(value, Texts) and value.ranks.ndim == 0:
        return listed([value])
    if not isinstance(value, Codes):
        raise refused(f"`{name}` compares lists, and {KINDS[type(value)]} is none")
    return value


def _spread(codes: Codes, together: Sequence[str]) -> Mask:
    """Return which of a larger vocabulary each list holds."""
    place = {code: i for i, code in enumerate(together)}
    holds = np.zeros((len(codes.holds), len(together)), dtype=np.bool_)
    holds[:, [place[code] for code in codes.vocabulary]] = codes.holds
    return holds


_RELATIONS: Final = {
    "a_contains": lambda a, b: (a | ~b).all(axis=1),
    "a_containedby": lambda a, b: (b | ~a).all(axis=1),
    "a_equals": lambda a, b: (a == b).all(axis=1),
    "a_overlaps": lambda a, b: (a & b).any(axis=1),
}
