"""Which GeoJSON a client means: plain, or JSON-FG (JSON-FG 1.0, class `api`).

Both have one media type; the parameter `profile` tells them apart, and `f=jsonfg` is short for it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from api.asked import Asked
from api.describe.links import Link
from api.features.formats.media import JSONFG, JSONFG_PLUS
from api.language import GEOJSON, Media
from geo_core.errors import InvalidParameter

PROFILE: Final = "profile"
NAMES: Final = {"rfc7946": GEOJSON, JSONFG.profile: JSONFG, JSONFG_PLUS.profile: JSONFG_PLUS}
"""What each profile is, the default first."""

_ADDRESS: Final = "http://www.opengis.net/def/profile/OGC/0/"
_NAMED: Final = re.compile(
    r"(?:https?://www\.opengis\.net/def/profile/(?:OGC|ogc)/0/|\[ogc-profile:)?([a-z0-9-]+)\]?"
)


def profiled(asked: Asked) -> Asked:
    """Return the request with the GeoJSON that its profile asks for; other types have no profile.

    Raises
    ------
    InvalidParameter
        None of the profiles is offered.
    """
    if PROFILE not in asked.params:
        return asked
    media = _read(asked.params[PROFILE])
    return replace(asked, media=media) if asked.media.type == media.type else asked


def _read(text: str) -> Media:
    named = [_NAMED.fullmatch(part) for part in text[:1000].split(",")]
    offered = [NAMES[found[1]] for found in named if found and found[1] in NAMES]
    if not offered:
        raise InvalidParameter(
            PROFILE, "`profile` names none that is offered", hint=f"one of: {', '.join(NAMES)}"
        )
    return offered[0]


def profile_links(asked: Asked) -> list[Link]:
    """Return the link to the profile of an answer that has one."""
    names = [name for name, media in NAMES.items() if media == asked.media]
    return [{"rel": PROFILE, "href": _ADDRESS + name} for name in names]
