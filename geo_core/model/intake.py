"""What people hand in about persons: the records that never leave the intake (class D)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field as Bound
from pydantic import model_validator

from geo_core.model.field import FieldType, Withheld
from geo_core.model.text import Name, Strict, Text

type AnswerType = FieldType | Literal["month", "place", "pseudonym"]
"""`month` is ``2023-04``; `place` a leaf cell or a municipality; `pseudonym` 32 hex digits."""


class AnswerDocument(Strict):
    """One column of an intake table, where its key is the name.

    Attributes
    ----------
    refers : str | None
        The register (`organizzazioni`, `sedi`) whose codes it may hold.
    low, high : float
        Bounds of a number, both allowed.
    max_items : int
        Longest list of codes.
    """

    type: AnswerType
    it: str = Bound(min_length=1)
    en: str = Bound(min_length=1)
    description: Text
    required: bool = False
    codelist: str | None = None
    refers: Literal["organizzazioni", "sedi"] | None = None
    low: float = 0
    high: float = Bound(1_000_000, le=1_000_000)
    max_items: int = Bound(10, ge=1, le=50)
    unit: str | None = None
    sensitivity: Withheld = "D"

    @model_validator(mode="after")
    def _coded(self) -> Self:
        free = self.codelist is None and self.refers is None
        if self.type in {"text", "codes"} and free:
            raise ValueError("a text names a `codelist` or `refers`: free text is never collected")
        if self.type in {"integer", "number"} and not self.unit:
            raise ValueError("a number has a `unit`")
        return self


class IntakeDocument(Strict):
    """A file of `layers/intake/`; its name without the ending is the table.

    Attributes
    ----------
    replaces : tuple of str
        An upload replaces the earlier rows that agree with one of its rows in these columns.
    """

    title: Text
    description: Text
    replaces: tuple[Name, ...] = Bound(min_length=1)
    fields: dict[Name, AnswerDocument]

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not set(self.replaces) <= set(self.fields):
            raise ValueError("`replaces` names a column that is not in `fields`")
        return self
