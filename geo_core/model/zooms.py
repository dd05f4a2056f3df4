"""The zooms of a tileset, and which member of a family of hexagon layers is shown at which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from pydantic import Field as Bound
from pydantic import model_validator

from geo_core.model.text import Strict

_FINEST_SHOWN: Final = ((8, 6), (10, 7))
"""Up to this zoom, this H3 resolution; above the last one, `_CLOSE`."""

_CLOSE: Final = 8


class Zooms(Strict):
    """Zoom levels of a vector tileset, both included."""

    min: int = Bound(6, ge=0, le=14)
    max: int = Bound(12, ge=0, le=14)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError("zooms.min is larger than zooms.max")
        return self


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
