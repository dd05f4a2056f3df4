"""What the page of a feature leads to: those before and after it, and its place on the map.

All of it follows from the list of features and from the outline. What does not follow stays on
the page, and then tells it from the others.
"""

from __future__ import annotations

import html
import math
import re
from functools import partial
from typing import Final
from urllib.parse import unquote

import shapely

from checks.audit.documents import DATE
from checks.audit.published import Collection, Feature

_NEIGHBOUR: Final = re.compile(
    r'\s*<a class="button quiet" rel="(prev|next)" '
    r'href="[^"]*/items/([^"/?]+)\?f=html&amp;lang=[a-z]{2}">[^<:]*: ([^<]*)</a>'
)
_STEPS: Final = {"prev": -1, "next": 1}
_ON_MAP: Final = re.compile(r"&amp;map=([0-9]+/-?[0-9]+\.[0-9]{5}/-?[0-9]+\.[0-9]{5})(?=\")")
_CLOSEST: Final = 12


def without(page: str, collection: Collection, place: int) -> str:
    """Return the page of a feature without what follows from its place in the list and on earth.

    Parameters
    ----------
    page : str
        The page, or a part of it.
    place : int
        Where the feature stands in the collection.
    """
    said = {found[1] for found in _NEIGHBOUR.finditer(page)}
    due = {rel for rel, step in _STEPS.items() if 0 <= place + step < len(collection.features)}
    if not said or said == due:
        page = _NEIGHBOUR.sub(partial(_neighbour, collection, place), page)
    on_map = f"&amp;map={_position(collection.geometry[place])}"
    return _ON_MAP.sub(lambda found: "" if found[0] == on_map else found[0], page)


def names_of(feature: Feature) -> list[str]:
    """Return the texts of a feature that may be its title, the longest first."""
    texts = {v for v in feature["properties"].values() if isinstance(v, str) and len(v) > 2}
    texts -= {text for text in texts if DATE.fullmatch(text)}
    return sorted(texts, key=len, reverse=True)


def _neighbour(collection: Collection, place: int, found: re.Match[str]) -> str:
    """Return nothing for a link that names the feature it should; the link itself otherwise."""
    feature = collection.features[place + _STEPS[found[1]]]
    ident, name = unquote(html.unescape(found[2])), html.unescape(found[3])
    named = ident == feature["id"] and name in {ident, *names_of(feature)}
    return "" if named else found[0]


def _position(shape: shapely.Geometry | None) -> str:
    """Return zoom, latitude and longitude at which a map shows a whole outline; empty without."""
    if shape is None or shape.is_empty:
        return ""
    west, south, east, north = shapely.bounds(shape)
    size = max(east - west, north - south)
    zoom = min(_CLOSEST, math.floor(math.log2(360 / size))) if size > 0 else _CLOSEST
    return f"{zoom}/{(south + north) / 2:.5f}/{(west + east) / 2:.5f}"
