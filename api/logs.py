"""What the server logs: what happened and where in the program, nothing of who asked for what."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Final

_OURS: Final = "atlante"
_FORM: Final = "%(levelname)s %(name)s %(message)s"


class Impersonal(logging.Formatter):
    """Writes the words of our own records; of all others, which may quote a request, the place.

    The message of an exception may quote what was asked for, too: of exceptions, the kinds and the
    lines of the program remain, which is what mends a fault.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of one record."""
        said = record.name.split(".")[0] == _OURS
        message = record.getMessage() if said else f"({record.module}:{record.lineno})"
        told = _FORM % {**vars(record), "message": _one_line(message)}
        error = record.exc_info[1] if record.exc_info else None
        return told if error is None else f"{told}\n{trail(error)}"


def trail(error: BaseException) -> str:
    """Return where an exception came from, and those before it, without their messages."""
    return "\n".join(_told(one) for one in _chain(error))


def to_stderr() -> None:
    """Send the records of this process to the standard error, in that form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Impersonal())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    # The program that holds the sockets brings a handler of its own.
    for name in ("_granian", "granian.access"):
        for own in logging.getLogger(name).handlers:
            own.setFormatter(Impersonal())


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _told(error: BaseException) -> str:
    lines = "".join(traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"Traceback (most recent call last):\n{lines}{kind}"


def _one_line(text: str) -> str:
    """Return a text whose control characters are spelled out: it cannot forge a line of the log."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
