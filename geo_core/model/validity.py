"""Which rows are valid on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def valid_on(
    day: str, frame: pd.DataFrame, *, first: str = "valido_dal", last: str = "valido_al"
) -> pd.Series:
    """Return a mask of the rows valid on a day; an open end is always reached.

    Parameters
    ----------
    day : str
        ``YYYY-MM-DD``.
    frame : DataFrame
        Holds two columns of days as text, None where open.
    first, last : str
        Their names; both days are included.
    """
    begun = frame[first].isna() | (frame[first].fillna("") <= day)
    lasts = frame[last].isna() | (frame[last].fillna("9999") >= day)
    return begun & lasts
