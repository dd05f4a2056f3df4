"""Answers that are kept, so that a question asked again is answered by sending bytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

from starlette.responses import Response

MOST: Final = 2_000
"""Answers that are kept, however small."""

_SHARE: Final = 4
"""A larger part of all bytes than one in this many is not given to a single answer."""

_BESIDE: Final = 1_000
"""Bytes that an answer costs beside its body: headers, key and bookkeeping."""


class Answers:
    """Answers by their strong ETag, which no two different answers have.

    The one that was not asked for longest leaves first. Nothing that clients ask makes it grow
    over its bounds, and a giant answer is not kept: it would push out all others.

    Parameters
    ----------
    size : int
        Bytes of all that is kept; 0 keeps nothing.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = 0
        self._answers: OrderedDict[str, Response] = OrderedDict()
        self._lock = Lock()

    def get(self, etag: str) -> Response | None:
        """Return a kept answer; it may be sent many times and must not be changed."""
        with self._lock:
            found = self._answers.get(etag)
            if found is not None:
                self._answers.move_to_end(etag)
            return found

    def keep(self, etag: str, answer: Response) -> None:
        """Keep an answer, if it is not too large."""
        cost = _cost(answer)
        if cost > self._size // _SHARE:
            return
        with self._lock:
            if etag in self._answers:
                return
            self._answers[etag] = answer
            self._held += cost
            while self._held > self._size or len(self._answers) > MOST:
                _, oldest = self._answers.popitem(last=False)
                self._held -= _cost(oldest)


def _cost(answer: Response) -> int:
    return len(answer.body) + _BESIDE
