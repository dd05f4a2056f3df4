"""Texts of the cells of the tables of a page."""

from __future__ import annotations

import html
import re
from typing import Final

_BODY: Final = re.compile(r"<tbody\b.*?</tbody>", re.DOTALL)
_ROW: Final = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")


def rows(page: str) -> list[list[str]]:
    """Return the texts of the cells of every body row of the tables of a page."""
    return [
        [html.unescape(_TAG.sub("", cell)).strip() for cell in _CELL.findall(row)]
        for body in _BODY.findall(page)
        for row in _ROW.findall(body)
    ]
