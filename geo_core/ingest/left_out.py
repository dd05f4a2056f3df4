"""Rows that are neither taken nor refused: how many, and why, for whoever sent them."""

from __future__ import annotations

from geo_core.model.text import Strict, Text


class LeftOut(Strict):
    """Rows of a file that were left out for one reason."""

    rows: int
    why: Text


def left_out(rows: int, *, it: str, en: str) -> tuple[LeftOut, ...]:
    """Return the rows with their reason; nothing where there are none."""
    return (LeftOut(rows=rows, why=Text(it=it, en=en)),) if rows else ()
