"""Whether the colours of a legend can be told apart: by every eye, and in print without colour.

Lightness alone must say the order, because a grey copy keeps nothing else. Limits are those the
maps of this project keep; 10 is several times what can just be seen (CIEDE2000).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import isqrt
from typing import Final

from geo_core.model.style import Scale
from geo_core.styling.colour import VISIONS, Lab, Vision, delta_e, lab
from geo_core.styling.fault import Fault

APART: Final = 10.0
"""Least difference of two classes (CIEDE2000), and of lightness between neighbours (L*)."""
BESIDE: Final = 5.0
"""Least difference of the lowest class and of what has no value (CIEDE2000 and L*)."""
DOWN: Final = 15.0
"""Least difference of lightness from a row of a grid to the next."""
ACROSS: Final = 6.0
"""Least difference of lightness along a row of a grid, and from its end to the next row."""
CLASSES_MAX: Final = 5
"""Of a sequence: more shades of one colour are not told apart on a map."""


def faults(scale: Scale) -> Iterator[Fault]:
    """Yield what is wrong with the colours of a scale; nothing of one with a single class."""
    if len(scale.classes) < 2:
        return
    if scale.palette == "sequential" and scale.grid is None and len(scale.classes) > CLASSES_MAX:
        yield Fault(
            ("classes",),
            f"{len(scale.classes)} shades of one sequence are not told apart on a map",
            f"join classes: {CLASSES_MAX} at most",
        )
    for vision in VISIONS:
        seen = [lab(one.colour, vision) for one in scale.classes]
        yield from _order(scale, seen, vision)
        yield from _alike(seen, vision)
        yield from _valueless(scale, seen, vision)


def _order(scale: Scale, seen: Sequence[Lab], vision: Vision) -> Iterator[Fault]:
    for line, least in _lines(scale, len(seen)):
        for light, dark in pairwise(line):
            if seen[light][0] - seen[dark][0] <= least:
                yield Fault(
                    ("classes", dark, "colour"),
                    f"class {dark + 1} is not darker than class {light + 1} by more than"
                    f" {least:g} L* ({_L(seen[light])} and {_L(seen[dark]) + _eye(vision)})",
                    "darken it, or lighten the other; lightness falls from class to class",
                )


def _lines(scale: Scale, number: int) -> Iterator[tuple[Sequence[int], float]]:
    """Yield classes along which lightness falls, as positions, and by how much at least."""
    if scale.grid:
        side = isqrt(number)
        yield range(number), ACROSS
        yield from ((range(column, number, side), DOWN) for column in range(side))
    elif scale.palette == "diverging":
        middle = number // 2
        yield range(middle, number), APART
        yield range(middle, -1, -1), APART
    else:
        yield range(number), APART


def _alike(seen: Sequence[Lab], vision: Vision) -> Iterator[Fault]:
    for one, other in combinations(range(len(seen)), 2):
        found = delta_e(seen[one], seen[other])
        if found < APART:
            yield Fault(
                ("classes", other, "colour"),
                f"classes {one + 1} and {other + 1} look alike: they differ by {found:.1f} of"
                f" {APART:g} ({'CIEDE2000' + _eye(vision)})",
                "take colours that lie further apart, or fewer classes",
            )


def _valueless(scale: Scale, seen: Sequence[Lab], vision: Vision) -> Iterator[Fault]:
    """Say which row without a value looks like a class, or is as light as the lightest one."""
    lightest = max(one[0] for one in seen)
    for name, row in (("band", scale.band), ("missing", scale.missing)):
        if row is None:
            continue
        own = lab(row.colour, vision)
        alike = [n for n, one in enumerate(seen, 1) if delta_e(one, own) < BESIDE]
        if alike or abs(lightest - own[0]) < BESIDE:
            yield Fault(
                (name, "colour"),
                f"`{name}` looks like class {str(alike[0] if alike else 1) + _eye(vision)}",
                "take a colour that nobody takes for a value",
            )


def _L(colour: Lab) -> str:  # noqa: N802 - the name of lightness
    return f"{colour[0]:.0f}"


def _eye(vision: Vision) -> str:
    return "" if vision == "normal" else f"; {vision}"
