"""What is said in English where it is found, said in Italian by a table of sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property


class Wording:
    """Sentences with their Italian.

    Parameters
    ----------
    sentences : Mapping
        English to Italian; ``{}`` stands for what varies, as often and in the same order in both.
        What stands there is itself said in Italian if it is a sentence of the table.
    """

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = sentences

    def italian(self, text: str) -> str:
        """Return a sentence in Italian; the sentence itself if it is not known."""
        for pattern, first, others in self._patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                parts = zip(found.groups(), others, strict=True)
                return first + "".join(self.italian(part) + piece for part, piece in parts)
        return text

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str, list[str]]]:
        """Sentences, with the Italian in pieces; those that say most by themselves first."""
        ordered = sorted(self._sentences.items(), key=lambda pair: -len(pair[0].replace("{}", "")))
        out = []
        for english, italian in ordered:
            first, *others = italian.split("{}")
            expression = re.escape(english).replace(r"\{\}", "(.+)")
            out.append((re.compile(expression, re.DOTALL), first, others))
        return out
