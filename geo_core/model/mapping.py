"""What a layer file says about an office's own file, as plain data."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from geo_core.model.text import Name, Strict


def folded(word: str) -> str:
    """Return a word as it is compared: without regard to capitals and to blanks."""
    return " ".join(word.split()).casefold()


class ColumnMapping(Strict):
    """What a layer file says about the file that fills it.

    Attributes
    ----------
    layer : str | None
        Sheet, layer, table or entity to read; None for the only one.
    columns : mapping
        Column of the file to column of the layer; each of both once.
    ignore : tuple of str
        Columns of the file that are left out on purpose.
    constants : mapping
        Columns of the layer that are the same in every row, with that text.
    words : mapping
        By column of the layer: words of the office, and what they are written as. Capitals and
        blanks make no difference.
    """

    layer: str | None = None
    columns: dict[str, Name] = Field(min_length=1)
    ignore: tuple[str, ...] = ()
    constants: dict[Name, str] = Field(default_factory=dict)
    words: dict[Name, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        targets = [*self.columns.values(), *self.constants]
        twice = sorted({name for name in targets if targets.count(name) > 1})
        if twice:
            raise ValueError(f"several columns become {', '.join(twice)}")
        for name, words in self.words.items():
            if len({folded(word) for word in words}) < len(words):
                raise ValueError(f"the words of {name} differ in capitals or blanks alone")
        if "geometry" in targets:
            raise ValueError("the geometry is taken as it is; it is not mapped")
        both = sorted(set(self.ignore) & set(self.columns))
        if both:
            raise ValueError(f"mapped and ignored at once: {', '.join(both)}")
        return self
