"""Names of municipalities on a picture: the largest first, none over another."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

import numpy as np

from api.embed.figures import places
from api.embed.shapes import WIDTH, Frame
from api.served import Served

_LETTERS: Final = 19
"""Pixels: still read where the picture is shown at half its size."""
_SIGN: Final = 10.5
"""Pixels a letter is wide, on average: no font is measured here."""
_RAISED: Final = 8
"""Pixels above the place: offices stand in the middle of towns."""
_MOST: Final = 24

type _Box = tuple[float, float, float, float]


def labels(served: Served, frame: Frame) -> ET.Element:
    """Return the names that fit into a picture."""
    halo = {
        "stroke": "#ffffff",
        "stroke-width": "4",
        "paint-order": "stroke",
        "stroke-linejoin": "round",
    }
    letters = {"font-size": str(_LETTERS), "text-anchor": "middle", "fill": "#17324d"}
    group = ET.Element("g", {**halo, **letters, "font-family": "sans-serif", "aria-hidden": "true"})
    taken: list[_Box] = []
    for place in places(served):
        x, y = frame(np.array([[place.lon, place.lat]]))[0]
        y -= _RAISED
        box = _box(float(x), float(y), place.name)
        if len(taken) < _MOST and _inside(box, frame) and not any(_meet(box, b) for b in taken):
            taken.append(box)
            ET.SubElement(group, "text", {"x": f"{x:.0f}", "y": f"{y:.0f}"}).text = place.name
    return group


def _box(x: float, y: float, name: str) -> _Box:
    half = len(name) * _SIGN / 2
    return (x - half, y - _LETTERS, x + half, y + _LETTERS / 3)


def _inside(box: _Box, frame: Frame) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= frame.height


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
