"""Whether the classes of a style are those of the fields they classify, and of their values."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from geo_core.model.field import Field
from geo_core.model.style import Class, Scale
from geo_core.styling.fault import Fault, Keys

_NUMBERS: Final = frozenset({"integer", "number"})
_DOMAINS: Final[Mapping[str, tuple[float, float]]] = {
    "%": (0, 100), "persone": (0, math.inf), "nuclei": (0, math.inf), "sedi": (0, math.inf),
    "minuti": (-math.inf, math.inf), "classe": (1, math.inf),
}  # fmt: skip
"""Values that a unit can have; any of a unit that is not named."""


def misfits(scale: Scale, field: Field, codes: Collection[str]) -> Iterator[Fault]:
    """Yield the classes that no value of a field can belong to.

    Parameters
    ----------
    scale : Scale
        Its classes.
    field : Field
        A field that they classify.
    codes : collection of str
        Of its code list; empty if it has none.
    """
    for number, one in enumerate(scale.classes):
        at = ("classes", number)
        found = _unlike(at, one, field, codes) or _outside(at, one, field)
        if found is not None:
            yield found


def _unlike(at: Keys, one: Class, field: Field, codes: Collection[str]) -> Fault | None:
    """Say why a class is not of the type of a field."""
    title, name = one.title.it, field.name
    if isinstance(one.value, str):
        if field.type in _NUMBERS:
            what = f"class {title!r} is a text, and {name!r} is a number"
            return Fault(at, what, "give it a `min` and a `max`")
        if codes and one.value not in codes:
            what = f"class {title!r} is of {one.value!r}, which is no code of {field.codelist!r}"
            return Fault(at, what, f"its codes: {', '.join(sorted(codes))}")
    elif field.type not in _NUMBERS:
        return Fault(at, f"class {title!r} is a number, and {name!r} is none", "give it a `value`")
    return None


def _outside(at: Keys, one: Class, field: Field) -> Fault | None:
    """Say why no value of a field can be in a class of numbers."""
    low, high = _DOMAINS.get(field.unit or "", (-math.inf, math.inf))
    if isinstance(one.value, str):
        return None
    first = one.value if one.value is not None else one.min
    last = one.value if one.value is not None else one.max
    beyond = first is not None and first > high
    before = last is not None and (last < low or (last == low and one.is_range))
    if not beyond and not before:
        return None
    what = f"class {one.title.it!r} is outside the values of {field.name!r}: {low:g} to {high:g}"
    if high == math.inf:
        what = f"class {one.title.it!r} is outside the values of {field.name!r}: {low:g} and more"
    return Fault(
        at,
        what,
        "remove the class, or mend its limits: the unit of the field says what they are in",
    )


def unclassed(scale: Scale, field: str, values: Sequence[float | str]) -> Fault | None:
    """Return what is wrong when a value belongs to no class: it would be drawn as nothing.

    Parameters
    ----------
    scale : Scale
        Its classes.
    field : str
        The field that has the values.
    values : sequence
        What is published, without nulls.
    """
    left = sorted({v for v in values if not any(one.holds(v) for one in scale.classes)}, key=str)
    if not left:
        return None
    shown = ", ".join(str(value) for value in left[:3])
    return Fault(
        ("classes",),
        f"{len(left)} of the values of {field!r} are in no class: {shown}",
        "give the first class no `min` and the last no `max`, or add the class that lacks",
    )
