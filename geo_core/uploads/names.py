"""Which headings and file names a receipt may repeat: they too may say something of a person."""

from __future__ import annotations

import re
from typing import Final

from geo_core.ingest.personal import sign_of_a_person

_PLAIN: Final = re.compile(r"[\w ./()'°%-]{1,40}")


def shown_heading(heading: str, position: int | None = None) -> str:
    """Return a heading if it is a few plain words, else where its column is, from 1, if known."""
    if _PLAIN.fullmatch(heading) and sign_of_a_person(heading) is None:
        return heading
    return "una colonna" if position is None else f"colonna {position}"


def shown_file(name: str, position: int) -> str:
    """Return the name of a file, or only which file it is, from 1, if it looks personal."""
    return name if sign_of_a_person(name) is None else f"file {position}"
