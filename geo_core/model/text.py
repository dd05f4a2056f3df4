"""Text in the two published languages."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
