"""Links between resources; every one starts with the public address."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from api.asked import Asked
from api.language import HTML, Media
from geo_core.model.text import Lang

OGC: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
LICENCES: Final = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
"""Addresses of licences by SPDX id; named in links, never fetched."""

PROFILES: Final = "http://www.opengis.net/def/profile/ogc/0/"
"""What the address of a profile begins with, as QGIS compares it."""

type Link = dict[str, str | int | list[str]]


class Said(NamedTuple):
    """The title of a link in both languages."""

    it: str
    en: str

    def in_(self, lang: Lang) -> str:
        """Return the title in one language."""
        return self.it if lang == "it" else self.en


def link(rel: str, href: str, media_type: str, title: str) -> Link:
    """Return a link object."""
    return {"rel": rel, "href": href, "type": media_type, "title": title}


def link_to(media: Media, rel: str, href: str, title: str) -> Link:
    """Return a link to a representation; one that has a profile says so."""
    said = link(rel, href, "text/html" if media is HTML else media.type, title)
    return {**said, "profile": [PROFILES + media.profile]} if media.profile else said


_THIS = Said("Questo documento", "This document")


def self_links(asked: Asked, offered: tuple[Media, ...]) -> list[Link]:
    """Return `self` for the representation being answered and `alternate` for the others."""
    said = _of_formats(offered, asked.media, asked.lang)
    addresses = asked.formatted([media.f for media in offered], without=("profile",))
    return [
        {**one, "href": address if one["rel"] == "alternate" else asked.url()}
        for one, address in zip(said, addresses, strict=True)
    ]


# These are many in every page of features, and of each only the address is its own.
@lru_cache(maxsize=256)
def _of_formats(offered: tuple[Media, ...], answered: Media, lang: Lang) -> tuple[Link, ...]:
    title = _THIS.in_(lang)
    return tuple(
        link_to(media, "alternate", "", f"{title} ({media.f})")
        if media.f != answered.f
        else link_to(answered, "self", "", title)
        for media in offered
    )
