"""Texts of the cells of the tables of a page, and what is left of a page without them."""

from __future__ import annotations

import html
import re
from typing import Final

_BODY: Final = re.compile(r"<tbody\b.*?</tbody>", re.DOTALL)
_ROW: Final = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_VALUE: Final = re.compile(r"(<td\b[^>]*>)([^<]*)(</td>)|(<th\b[^>]*><a\b[^>]*>)([^<]*)(</a></th>)")


def rows(page: str) -> list[list[str]]:
    """Return the texts of the cells of every body row of the tables of a page."""
    return [
        [html.unescape(_TAG.sub("", cell)).strip() for cell in _CELL.findall(row)]
        for body in _BODY.findall(page)
        for row in _ROW.findall(body)
    ]


def bare_rows(page: str) -> list[str]:
    """Return the markup of every body row, without the texts of its cells."""
    return [
        _VALUE.sub(_without_text, row) for body in _BODY.findall(page) for row in _ROW.findall(body)
    ]


def _without_text(cell: re.Match[str]) -> str:
    """Return the tags of a cell; how wide the text of one with letters is set follows from it."""
    begin, text, end = (next(g for g in cell.groups()[i::3] if g is not None) for i in range(3))
    wide = any(letter.isalpha() for letter in text)
    return (begin.replace(' class="text"', "") if wide else begin) + end


def outside(page: str) -> str:
    """Return a page without the rows of its tables."""
    return _BODY.sub(lambda body: _ROW.sub("", body[0]), page)
