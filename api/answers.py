"""Answers that are kept, so that a question asked again is answered by sending bytes.

Requests are kept too: what one asks follows from its words, and is worked out once.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

from starlette.responses import Response

from geo_core.model.text import Lang

MOST: Final = 2_000
"""Answers that are kept, however small."""

_SHARE: Final = 4
"""A larger part of all bytes than one in this many is not given to a single answer."""

_BESIDE: Final = 1_000
"""Bytes that an answer costs beside its body: headers, key and bookkeeping."""


type Words = tuple[str | bytes, ...]
"""A request, as far as its answer depends on it."""

_LONG: Final = 1_000
"""Characters of a request that is not worth keeping."""


class Named(NamedTuple):
    """What the answer to a request is known by, before it is made.

    Attributes
    ----------
    tags : tuple of str
        ETags of what may be sent: packed in the preferred coding if there is one, and as it is.
    media_type : str
        Its Content-Type.
    caching : str
        How long it may be kept (`Cache-Control`).
    lang : str
        Its language.
    """

    tags: tuple[str, ...]
    media_type: str
    caching: str
    lang: Lang


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


class Heard:
    """What the answers to requests are known by; of requests that were answered.

    The one that was heard first leaves first, and a long one is not kept.
    """

    def __init__(self) -> None:
        self._named: dict[Words, Named] = {}
        self._lock = Lock()

    def get(self, words: Words) -> Named | None:
        """Return what the answer to a request in these words is known by."""
        return self._named.get(words)

    def keep(self, words: Words, named: Named) -> None:
        """Keep what the answer to a request is known by."""
        if sum(map(len, words)) > _LONG:
            return
        with self._lock:
            self._named[words] = named
            if len(self._named) > MOST:
                del self._named[next(iter(self._named))]
