"""One style per layer: the single source of every legend and every client's colours."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field as Bound
from pydantic import StringConstraints, model_validator

from geo_core.model.layer import Name
from geo_core.model.text import Strict, Text

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class Class(Strict):
    """One row of a legend: a value, or a half-open range `[min, max)`, and its colour."""

    value: str | int | None = None
    min: float | None = None
    max: float | None = None
    colour: Colour
    title: Text

    @property
    def is_range(self) -> bool:
        """True for a range, False for a single value."""
        return self.min is not None or self.max is not None

    @model_validator(mode="after")
    def _value_or_range(self) -> Self:
        if (self.value is not None) == self.is_range:
            raise ValueError("a class has either a `value` or a `min`/`max` range")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("a class has min >= max")
        return self


class Style(Strict):
    """A file of `styles/`; its name without the ending is the layer family.

    Attributes
    ----------
    fields : tuple of names
        Fields that may be drawn with these classes; the first is the default. Empty for a
        style with one colour.
    classes : tuple of Class
        Rows of the legend, in order.
    band : Class title and colour | None
        How a value that is shown only as a band is drawn (hatched where clients can).
    missing : title and colour
        How a feature without a value is drawn; it never looks like the lowest class.
    """

    title: Text
    mark: Literal["fill", "circle"]
    fields: tuple[Name, ...] = ()
    classes: tuple[Class, ...] = Bound(min_length=1)
    band: Class | None = None
    missing: Class | None = None
    outline: Colour = "#ffffff"
    unit: str | None = None

    @model_validator(mode="after")
    def _ranges_in_order(self) -> Self:
        ranges = [c for c in self.classes if c.is_range]
        for low, high in pairwise(ranges):
            if low.max is None or high.min != low.max:
                raise ValueError(
                    f"classes {low.title.it!r} and {high.title.it!r} leave a gap or overlap"
                )
        if not self.fields and len(self.classes) > 1:
            raise ValueError("a style with several classes names the `fields` they classify")
        return self
