"""Text in the two published languages."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

type Lang = Literal["it", "en"]


class Strict(BaseModel):
    """Base of every declared document: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Strict):
    """One text in Italian (the default) and English."""

    it: str = Field(min_length=1)
    en: str = Field(min_length=1)

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
