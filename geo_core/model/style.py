"""One style per layer: the single source of every legend and every client's colours."""

from __future__ import annotations

import re
from itertools import pairwise
from math import isqrt
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic import Field as Bound
from pydantic_core import InitErrorDetails, PydanticCustomError

from geo_core.model.text import Name, Strict, Text


def _hexadecimal(text: str) -> str:
    if re.fullmatch(r"#[0-9a-f]{6}", text) is None:
        raise ValueError(
            f"{text!r} is not a colour: `#` and six hexadecimal digits in lower case, in quotes, "
            'like "#1f78b4"'
        )
    return text


Colour = Annotated[str, AfterValidator(_hexadecimal)]


type Hatch = Literal["none", "lines", "cross"]
"""Lines at 45 degrees, or crossing ones; over the colour of the row."""


class Swatch(Strict):
    """One row of a legend: a colour and what it means."""

    colour: Colour
    title: Text
    hatch: Hatch = "none"


class Band(Swatch):
    """The row of values that are shown as a band only."""

    hatch: Hatch = "lines"


class Missing(Swatch):
    """The row of features without a value."""

    hatch: Hatch = "cross"


class Grid(Strict):
    """Two questions that nine (or any square number of) classes answer together.

    Attributes
    ----------
    rows, columns : Text
        What grows from one row of the grid to the next, and from one column to the next. The
        first class is low in both; the classes of a row follow each other.
    """

    rows: Text
    columns: Text


class Scales(Strict):
    """Map scales, as denominators, between which features are drawn.

    Attributes
    ----------
    farthest : int | None
        Not drawn on maps of a smaller scale: 500000 for 1:500,000.
    nearest : int | None
        Not drawn on maps of this scale or a larger one.
    """

    farthest: int | None = Bound(None, gt=0)
    nearest: int | None = Bound(None, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.farthest and self.nearest and self.nearest >= self.farthest:
            raise ValueError("`nearest` is a smaller denominator than `farthest`")
        return self


type Palette = Literal["sequential", "diverging"]
"""Colours that darken from the first class to the last, or from the middle one to both ends."""


class Class(Swatch):
    """A row for a value, or for a half-open range `[min, max)`; for everything if neither."""

    value: str | int | None = None
    min: float | None = Bound(None, allow_inf_nan=False)
    max: float | None = Bound(None, allow_inf_nan=False)

    @property
    def is_range(self) -> bool:
        """True for a range, False for a single value."""
        return self.min is not None or self.max is not None

    def holds(self, value: float | str) -> bool:
        """Tell whether a value belongs to this class; text never belongs to a range."""
        if self.value is not None:
            return value == self.value
        if isinstance(value, str):
            return not self.is_range
        return (self.min is None or value >= self.min) and (self.max is None or value < self.max)

    @model_validator(mode="after")
    def _value_or_range(self) -> Self:
        if self.value is not None and self.is_range:
            raise ValueError("a class has either a `value` or a `min`/`max` range, not both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("a class has min >= max: the smaller number is `min`")
        return self


def _of_class(number: int, said: str) -> ValidationError:
    """Return an error of one class, so that its line is told."""
    kind = PydanticCustomError("class", "{said}", {"said": said})
    details = InitErrorDetails(type=kind, loc=("classes", number), input=None)
    return ValidationError.from_exception_data("Scale", [details])


class Scale(Strict):
    """How features are drawn by one of some fields that share classes and colours.

    Attributes
    ----------
    fields : tuple of names
        Fields that may be drawn with these classes; the first is the default. Empty for a
        style with one colour.
    classes : tuple of Class
        Rows of the legend, in order.
    palette : Palette
        What the lightness of the colours does; checked when the catalogue is read.
    grid : Grid | None
        Of classes that cross two questions: what they are.
    band : Swatch | None
        How a value that is shown only as a band is drawn (hatched where clients can). The band
        of a field `n` is the text of the field `n_fascia`.
    missing : Swatch | None
        How a feature without a value is drawn; it never looks like the lowest class.
    opacity : float
        Of areas; under 1 where they lie on each other.
    """

    title: Text
    mark: Literal["fill", "circle"]
    fields: tuple[Name, ...] = ()
    classes: tuple[Class, ...] = Bound(min_length=1)
    palette: Palette = "sequential"
    grid: Grid | None = None
    band: Band | None = None
    missing: Missing | None = None
    outline: Colour = "#ffffff"
    opacity: float = Bound(1, gt=0, le=1)
    unit: str | None = None

    @model_validator(mode="after")
    def _ranges_in_order(self) -> Self:
        ranges = [(number, one) for number, one in enumerate(self.classes) if one.is_range]
        for (_, low), (number, high) in pairwise(ranges):
            if low.max is None or high.min != low.max:
                said = (
                    f"classes {low.title.it!r} and {high.title.it!r} leave a gap or overlap: "
                    "the `min` of a class is the `max` of the one above it"
                )
                raise _of_class(number, said)
        return self

    @model_validator(mode="after")
    def _fields_classify(self) -> Self:
        limited = [c.is_range or c.value is not None for c in self.classes]
        if self.fields and not all(limited):
            raise ValueError("a style with `fields` gives every class a `value` or a range")
        if not self.fields and (len(self.classes) > 1 or any(limited) or self.missing or self.band):
            raise ValueError("a style without `fields` has one class, of everything")
        return self

    @model_validator(mode="after")
    def _square_grid(self) -> Self:
        if self.grid and isqrt(len(self.classes)) ** 2 != len(self.classes):
            raise ValueError("a `grid` has as many rows as columns: 4 or 9 classes")
        return self


class Style(Scale):
    """A file of `styles/`; its name without the ending is the layer family.

    Attributes
    ----------
    also : tuple of Scale
        Classes of further fields, for which those of `fields` do not do. Maps are drawn by
        `fields`; rasters by any of them.
    visible : Scales | None
        Map scales at which features are drawn; at all if there is none.
    label : str | None
        Field whose text is written on features, by clients that bring letters of their own.
    """

    also: tuple[Scale, ...] = ()
    visible: Scales | None = None
    label: Name | None = None

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The classes of `fields`, and those of further fields."""
        return (self, *self.also)

    @property
    def classified(self) -> tuple[str, ...]:
        """Every field that has classes."""
        return tuple(name for scale in self.scales for name in scale.fields)

    def of(self, field: str) -> Scale:
        """Return the classes of a field; `KeyError` if it has none."""
        return {name: scale for scale in self.scales for name in scale.fields}[field]

    @model_validator(mode="after")
    def _once(self) -> Self:
        if not all(scale.fields for scale in self.also):
            raise ValueError("`also` classifies further `fields`: name them")
        if len(set(self.classified)) < len(self.classified):
            raise ValueError("a field has one set of classes")
        return self
