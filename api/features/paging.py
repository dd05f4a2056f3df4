"""Pages of a collection: tokens that name the release, so that no switch mixes two of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from api.params import Pairs, read_pairs
from geo_core.errors import AtlanteError, InvalidParameter

TOKEN: Final = "token"  # noqa: S105 - the name of a parameter
_FORM: Final = re.compile(
    r"(?P<release>[0-9a-f-]{1,40})\.(?P<first>[0-9a-f]{1,12})\.(?P<check>[0-9a-f]{16})"
)
_PERHAPS: Final = re.compile(rb"(?:^|&)(?:token=|[^=&]*%)")
"""In queries that may hold a token, its name encoded or not; most are not read to know."""
_OF_PAGE: Final = frozenset({TOKEN, "limit", "offset", "f", "lang", "profile"})
"""Parameters that do not change which features there are, nor their order."""


class ReleaseGone(AtlanteError):
    """The release somebody was paging through is not published any more."""

    code = "release-gone"


@dataclass(frozen=True, slots=True)
class Token:
    """A place in the answer to a query: of a release, the first feature of the page.

    Its `check` is a digest of both, the collection and the query: a token that was changed, or
    is of another query, does not fit. It hides nothing and protects nothing.
    """

    release: str
    first: int
    check: str

    @classmethod
    def at(cls, release: str, first: int, path: str, params: Mapping[str, str]) -> Self:
        """Make the token of a place."""
        asked = sorted((n, v) for n, v in params.items() if n not in _OF_PAGE)
        said = repr((release, first, path, asked)).encode(errors="surrogatepass")
        return cls(release, first, sha256(said).hexdigest()[:16])

    def __str__(self) -> str:
        """Write it as in an address."""
        return f"{self.release}.{self.first:x}.{self.check}"


def read_token(text: str) -> Token:
    """Read a token; `InvalidParameter` if it is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise _unfit()
    return Token(found["release"], int(found["first"], 16), found["check"])


def release_of(query: bytes) -> str | None:
    """Return the release that a query string's token names, if there is one.

    Raises
    ------
    InvalidParameter
        The query string cannot be read.
    """
    if not _PERHAPS.search(query):
        return None
    return release_in(read_pairs(query))


def release_in(pairs: Pairs) -> str | None:
    """Return the release that the token among parameters names, if there is one."""
    found = _FORM.fullmatch(dict(pairs).get(TOKEN, ""))
    return found["release"] if found else None


def first_of(release: str, path: str, params: Mapping[str, str]) -> int | None:
    """Return the place that checked parameters ask for by a token; None without one.

    Raises
    ------
    InvalidParameter
        The token is none, was changed, or belongs to another query or collection; or `offset` is
        given beside it.
    """
    if TOKEN not in params:
        return None
    if "offset" in params:
        raise InvalidParameter(
            "offset", "`offset` is given beside `token`", hint="give one of them"
        )
    token = read_token(params[TOKEN])
    if token != Token.at(release, token.first, path, params):
        raise _unfit()
    return token.first


def _unfit() -> InvalidParameter:
    return InvalidParameter(
        TOKEN,
        "`token` does not belong to this query",
        hint="take the address of the next page as it stands in the answer",
    )
