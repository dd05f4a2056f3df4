"""Text in the two published languages."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

type Lang = Literal["it", "en"]


DECLARED: Final = {"declared": True}
"""Context in which a document is validated that people write: its texts are looked at closely."""


class Strict(BaseModel):
    """Base of every declared document: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Strict):
    """One text in Italian (the default) and English."""

    it: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @field_validator("it", "en")
    @classmethod
    def _one_line(cls, text: str, info: ValidationInfo) -> str:
        """Refuse in a declaration what nobody sees, and XML and pages cannot hold."""
        if info.context != DECLARED:
            return text
        odd = next((c for c in text if not c.isprintable()), None)
        if odd is not None:
            raise ValueError(
                f"an invisible character, U+{ord(odd):04X}: write it without, on one line"
            )
        if text != " ".join(text.split()):
            raise ValueError("a blank at an end, or two in a row: remove it")
        return text

    def in_(self, lang: Lang) -> str:
        """Return the text in one language."""
        return self.it if lang == "it" else self.en


def counted(number: int, it: tuple[str, str], en: tuple[str, str]) -> Text:
    """Return a number with what it counts.

    Parameters
    ----------
    number : int
        Written with the separator of thousands of each language.
    it, en : tuple of str
        What is counted: of one, and of more or none.
    """
    many = int(number != 1)
    grouped = f"{number:,}"
    return Text(it=f"{grouped.replace(',', '.')} {it[many]}", en=f"{grouped} {en[many]}")


def _plain_name(text: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]{0,29}", text) is None:
        raise ValueError(
            f"{text!r} is not a name: a lower-case letter, then at most 29 lower-case letters "
            "without accent, digits or `_`"
        )
    return text


Name = Annotated[str, AfterValidator(_plain_name)]
"""A published name: of a collection or a field."""
