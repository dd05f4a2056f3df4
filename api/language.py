"""Which language and which representation a client prefers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from api.params import choice
from geo_core.errors import AtlanteError
from geo_core.model.text import Lang

LANGUAGES: Final[tuple[Lang, ...]] = ("it", "en")
"""Published languages; the first is the default."""

_MAX_HEADER = 2_000
_QUALITY: Final = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")


class NotAcceptable(AtlanteError):
    """The resource has no representation of the accepted media types."""

    code = "not-acceptable"


@dataclass(frozen=True, eq=False)
class Media:
    """One representation of a resource: the one object of its kind, compared as such.

    Attributes
    ----------
    f : str
        Value of the parameter `f` that selects it.
    type : str
        Its Content-Type.
    also : tuple of str
        Other media types in `Accept` that select it.
    profile : str
        Name of the profile that tells it from others of its type; empty for none.
    """

    f: str
    type: str
    also: tuple[str, ...] = ()
    profile: str = ""

    @property
    def is_html(self) -> bool:
        """True for the page, false for data."""
        return self.f == "html"


HTML: Final = Media("html", "text/html; charset=utf-8", ("application/xhtml+xml",))
JSON: Final = Media("json", "application/json")
GEOJSON: Final = Media(
    "json", "application/geo+json", ("application/json", "application/vnd.geo+json")
)
SCHEMA: Final = Media("json", "application/schema+json", ("application/json",))
FEATURE_SCHEMA: Final = Media("geojson", "application/schema+json")
STYLE: Final = Media("mapbox", "application/vnd.mapbox.style+json", ("application/json",))
OPENAPI: Final = Media(
    "json",
    "application/vnd.oai.openapi+json;version=3.0",
    ("application/json", "application/openapi+json"),
)
SVG: Final = Media("svg", "image/svg+xml")
XML: Final = Media("xml", "application/xml", ("text/xml",))
OPENAPI_31: Final = Media("json31", "application/vnd.oai.openapi+json;version=3.1")


def preferred_language(asked: str | None, header: str) -> Lang:
    """Return the language of the parameter `lang`, else of `Accept-Language`, else Italian.

    Raises
    ------
    InvalidParameter
        `lang` is not a published language. A header is a wish and never an error.
    """
    if asked is not None:
        by_name: dict[str, Lang] = {lang: lang for lang in LANGUAGES}
        return by_name[choice("lang", asked, by_name)]
    return _wished_language(header[:_MAX_HEADER])


# Few headers are in use, so what they mean is worked out once.
@lru_cache(maxsize=128)
def _wished_language(header: str) -> Lang:
    for wish in _by_weight(header):
        for lang in LANGUAGES:
            if wish == lang or wish.startswith(f"{lang}-"):
                return lang
    return LANGUAGES[0]


def preferred_media(asked: str | None, header: str, offered: Sequence[Media]) -> Media:
    """Return the representation of the parameter `f`, else of `Accept`, else the first offered.

    Raises
    ------
    InvalidParameter
        `f` names none of the offered ones.
    NotAcceptable
        `Accept` excludes all of them.
    """
    if asked is not None:
        name = choice("f", asked, [media.f for media in offered])
        return next(media for media in offered if media.f == name)
    return _wished_media(header[:_MAX_HEADER], tuple(offered))


@lru_cache(maxsize=256)
def _wished_media(header: str, offered: tuple[Media, ...]) -> Media:
    wishes = _by_weight(header)
    named = {wish for _, wish in weighed(header)}
    for wish in wishes:
        for media in offered:
            if _closest(media, named) == wish:
                return media
    unnamed = [media for media in offered if not _closest(media, named)]
    if wishes or not unnamed:
        raise NotAcceptable(
            "there is no representation of the accepted media types",
            hint="offered: " + ", ".join(media.type for media in offered),
        )
    return unnamed[0]


def _closest(media: Media, named: Collection[str]) -> str:
    """Return which of the ranges of an `Accept` header says how a representation is wished.

    It is the most specific one that fits (RFC 9110), so that `*/*` brings back nothing that is
    excluded by its name; empty if none fits.
    """
    own = media.type.split(";", 1)[0]
    ranges = (own, *media.also, f"{own.split('/', 1)[0]}/*", "*/*")
    return next((name for name in ranges if name in named), "")


def weighed(header: str) -> list[tuple[float, str]]:
    """Return what a header lists with its weights, heaviest first; nonsense weighs nothing."""
    listed = [_weighted(part) for part in header[:_MAX_HEADER].lower().split(",")]
    return sorted((pair for pair in listed if pair[1]), key=lambda pair: -pair[0])


def _by_weight(header: str) -> list[str]:
    """Return what a header lists, heaviest first, without what it excludes."""
    return [wish for weight, wish in weighed(header) if weight > 0]


def _weighted(part: str) -> tuple[float, str]:
    wish, *attributes = (piece.strip() for piece in part.split(";"))
    return _weight(attributes), wish


def _weight(attributes: Iterable[str]) -> float:
    values = {name: value for name, _, value in (a.partition("=") for a in attributes)}
    written = values.get("q", "1")
    return min(1.0, float(written)) if _QUALITY.fullmatch(written) else 0.0
