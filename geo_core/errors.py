"""Every error raised on purpose, in one tree.

An error is written for the person who must act on it: what is wrong, where, and how
to mend it. It never carries a row of personal data.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, Final, Self

SHOWN_NAMES: Final = 20
"""Known names that an error lists where none is close to what was asked for."""


class AtlanteError(Exception):
    """Root of every error raised on purpose.

    Parameters
    ----------
    message : str
        What is wrong, in one sentence.
    where : str
        File, line, row or parameter; empty when the message says it.
    hint : str
        How to mend it; empty when there is nothing to do.
    """

    code: ClassVar[str] = "atlante"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Return the message with its place and hint, on as few lines as possible."""
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  {self.hint}" if self.hint else head


class SettingsError(AtlanteError):
    """A setting of the command line or the environment is wrong."""

    code = "settings"
    exit_code = 2


class CatalogError(AtlanteError):
    """A document in `layers/`, `styles/` or `config/` is wrong."""

    code = "catalog"
    exit_code = 3


class SourceError(AtlanteError):
    """An input file cannot be read."""

    code = "source"
    exit_code = 4


class IngestError(AtlanteError):
    """Rows of an input file were refused."""

    code = "ingest"
    exit_code = 5


class DisclosureError(AtlanteError):
    """Publishing would break the disclosure policy: nothing is published."""

    code = "disclosure"
    exit_code = 6


class ReleaseError(AtlanteError):
    """A release cannot be written or read."""

    code = "release"
    exit_code = 7


class ReleaseDamaged(ReleaseError):
    """A file of a release is missing or differs from its manifest."""

    code = "release-damaged"


class ServeError(AtlanteError):
    """The server cannot start."""

    code = "serve"
    exit_code = 8


class NotFound(AtlanteError):
    """The release has nothing of that name."""

    code = "not-found"

    @classmethod
    def among(cls, kind: str, asked: str, known: Iterable[str]) -> Self:
        """Build the error, suggesting the closest known name, or all if they are few.

        Parameters
        ----------
        kind : str
            What was asked for, e.g. ``"collection"``.
        asked : str
            The name that is not there. It is repeated only if it is short and printable.
        known : Iterable[str]
            Every name that exists.
        """
        shown = f" {asked!r}" if len(asked) <= 64 and asked.isprintable() else ""
        names = list(known)
        close = get_close_matches(asked[:64], names, n=1)
        listed = f"known: {', '.join(names)}" if 0 < len(names) <= SHOWN_NAMES else ""
        return cls(
            f"there is no {kind}{shown}",
            hint=f"did you mean {close[0]!r}?" if close else listed,
        )


class InvalidParameter(AtlanteError):
    """A request parameter is unknown, malformed or out of range.

    Parameters
    ----------
    parameter : str
        Name of the parameter as the client wrote it.
    message, hint : str
        As in `AtlanteError`.
    """

    code = "invalid-parameter"

    def __init__(self, parameter: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, where=parameter, hint=hint)
        self.parameter = parameter
