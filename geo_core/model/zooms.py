"""Which member of a family of hexagon layers a map shows at which zoom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_FINEST_SHOWN: Final = ((8, 6), (10, 7))
"""Up to this zoom, this H3 resolution; above the last one, `_CLOSE`."""

_CLOSE: Final = 8


def shown_at(zoom: int, resolutions: Iterable[int]) -> int:
    """Return the H3 resolution a theme shows at a zoom.

    Resolution 6 up to zoom 8, 7 at zooms 9 and 10, 8 from zoom 11: a hexagon is then
    always between about 10 and 100 pixels wide. Where that resolution does not exist, the
    nearest one does (the coarser of two that are as near).

    Parameters
    ----------
    zoom : int
        Web map zoom, 0 is the world.
    resolutions : Iterable[int]
        Resolutions that exist; at least one.
    """
    wanted = next((res for last, res in _FINEST_SHOWN if zoom <= last), _CLOSE)
    return min(resolutions, key=lambda res: (abs(res - wanted), res))
