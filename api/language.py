"""Which language and which representation a client prefers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api.params import choice
from geo_core.errors import AtlanteError
from geo_core.model.text import Lang

LANGUAGES: Final[tuple[Lang, ...]] = ("it", "en")
"""Published languages; the first is the default."""

_MAX_HEADER = 2_000


class NotAcceptable(AtlanteError):
    """The resource has no representation of the accepted media types."""

    code = "not-acceptable"


@dataclass(frozen=True)
class Media:
    """One representation of a resource.

    Attributes
    ----------
    f : str
        Value of the parameter `f` that selects it.
    type : str
        Its Content-Type.
    also : tuple of str
        Other media types in `Accept` that select it.
    """

    f: str
    type: str
    also: tuple[str, ...] = ()

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


def preferred_language(asked: str | None, header: str) -> Lang:
    """Return the language of the parameter `lang`, else of `Accept-Language`, else Italian.

    Raises
    ------
    InvalidParameter
        `lang` is not a published language. A header is a wish and never an error.
    """
    if asked is not None:
        choice("lang", asked, LANGUAGES)
    wishes = [asked] if asked is not None else _by_weight(header)
    for wish in wishes:
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
        by_name = {media.f: media for media in offered}
        return by_name[choice("f", asked, by_name)]
    wishes = list(_by_weight(header))
    for wish in wishes:
        for media in offered:
            if _fits(wish, media):
                return media
    if wishes:
        raise NotAcceptable(
            "there is no representation of the accepted media types",
            hint="offered: " + ", ".join(media.type for media in offered),
        )
    return offered[0]


def _fits(wish: str, media: Media) -> bool:
    known = (media.type.split(";", 1)[0], *media.also)
    return (
        wish == "*/*" or wish in known or (wish.endswith("/*") and known[0].startswith(wish[:-1]))
    )


def _by_weight(header: str) -> Iterator[str]:
    """Yield what a header lists, heaviest first; nonsense in it weighs nothing."""
    listed = [_weighted(part) for part in header[:_MAX_HEADER].lower().split(",")]
    for weight, wish in sorted(listed, key=lambda pair: -pair[0]):
        if weight > 0 and wish:
            yield wish


def _weighted(part: str) -> tuple[float, str]:
    wish, *attributes = (piece.strip() for piece in part.split(";"))
    return _weight(attributes), wish


def _weight(attributes: Iterable[str]) -> float:
    values = {name: value for name, _, value in (a.partition("=") for a in attributes)}
    try:
        return min(1.0, float(values.get("q", "1")))
    except ValueError:
        return 0.0
