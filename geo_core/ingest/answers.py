"""What a month, a place and a pseudonym may be in a record about persons."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from geo_core.ingest.columns import is_a_day, suspected
from geo_core.ingest.problems import Refusal
from geo_core.model import cells as h3_cells

PSEUDONYM: Final = (
    "[0-9a-f]{32}",
    "a pseudonym of 32 hexadecimal characters in lower case",
)
MONTH: Final = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])")
_PLACE: Final = (
    "write the cell (15 hexadecimal characters, lower case), or the six-digit ISTAT code of the "
    "municipality"
)
OUTSIDE: Final = "is a municipality outside the district"
COORDINATE: Final = re.compile(r"-?\d{1,3}[.,]\d+(\s*[,; ]\s*-?\d{1,3}[.,]\d+)?")


def month(text: str, years: Collection[int]) -> Refusal | None:
    """Refuse everything but a month of one of these years."""
    found = MONTH.fullmatch(text)
    if found is None and is_a_day(text):
        hint = f"write the month alone, as {max(years)}-01, in a column formatted as text"
        return Refusal("is a whole day where a month is expected", hint)
    if found is None:
        return suspected(text, Refusal("is not a month", f"write it as {max(years)}-01"))
    if int(found[1]) not in years:
        listed = ", ".join(str(year) for year in sorted(years))
        return Refusal(f"is a month outside the years {listed}", "send the months of these years")
    return None


def place(
    text: str, cells: Collection[str], municipalities: Collection[str] = ()
) -> Refusal | None:
    """Refuse everything but a leaf cell of the district or one of its municipalities."""
    if text in cells or text in municipalities:
        return None
    if COORDINATE.fullmatch(text):
        return _too_fine()
    if re.fullmatch("[0-9]{6}", text):
        return Refusal(OUTSIDE, "write the code of a municipality of the district")
    try:
        res = h3_cells.resolution(h3_cells.cell(text))
    except h3_cells.InvalidCell:
        return suspected(text, Refusal("is neither an H3 cell nor a municipality", _PLACE))
    return _wrong_cell(res)


def _wrong_cell(res: int) -> Refusal:
    if res > h3_cells.LEAF:
        return _too_fine()
    if res < h3_cells.LEAF:
        return Refusal(
            f"is a cell of resolution {res}, coarser than {h3_cells.LEAF}",
            "write the cell of the place, or the code of the municipality",
        )
    return Refusal(
        "is a cell outside the district", "write a cell, or a municipality, of the district"
    )


def _too_fine() -> Refusal:
    return Refusal(
        "holds coordinates finer than a cell",
        f"write the H3 cell of resolution {h3_cells.LEAF} and nothing finer",
    )
