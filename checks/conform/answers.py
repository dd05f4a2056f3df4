"""Holding the features of an answer against those that a downloaded sample lets expect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from shapely.geometry import box as box_of

from checks.conform.outcome import require
from checks.conform.table import SAMPLE_MAX, Feature, Table, geometry_of, ids_of

SLACK: Final = 1e-6
"""Degrees by which a geometry may miss a box, or touch it, without being judged."""
_DAY: Final = timedelta(days=1)

type Box = tuple[float, float, float, float]
type Time = tuple[datetime | None, datetime | None]
type Chosen = tuple[set[str], set[str]]
"""Identifiers of features that must be in an answer, and of those that may be."""


def compare(table: Table, chosen: Chosen, **parameters: str) -> None:
    """Ask for items and hold their identifiers against what a sample lets expect.

    Parameters
    ----------
    table : Table
        The collection that is asked.
    chosen : tuple
        Features of the sample that must and that may be answered.
    parameters : str
        The question.

    Raises
    ------
    Failed
        Features are missing, or there are some that do not fit.
    """
    features, whole = table.download(SAMPLE_MAX, **parameters)
    got, known = set(ids_of(features)), set(ids_of(table.features))
    must, may = chosen
    missing = must - got if whole else set()
    extra = (got if table.whole else got & known) - may
    found = f"{len(got)} features; missing {_some(missing)}; too many {_some(extra)}"
    request = f"GET {table.client.address(f'{table.path}/items', parameters)}"
    expected = f"{len(must)} features of {len(known)}"
    require(not missing and not extra, request, expected, found)


def _some(ids: Collection[str]) -> str:
    return f"{len(ids)} {sorted(ids)[:3]}" if ids else "0"


def chosen_by(table: Table, holds: Callable[[Feature], bool | None]) -> Chosen:
    """Return the features that surely and possibly fit; a condition may leave it open by None."""
    pairs = zip(ids_of(table.features), table.features, strict=True)
    judged = [(ident, holds(feature)) for ident, feature in pairs]
    return {i for i, fits in judged if fits}, {i for i, fits in judged if fits is not False}


def in_box(box: Box, *, unplaced: bool | None = None) -> Callable[[Feature], bool | None]:
    """Return the condition that the geometry of a feature meets a box.

    Parameters
    ----------
    box : tuple of float
        West, south, east, north in degrees.
    unplaced : bool or None
        What holds for a feature without a geometry; open unless a test is about it.
    """
    west, south, east, north = box
    outer = box_of(west - SLACK, south - SLACK, east + SLACK, north + SLACK)
    inner = box_of(west + SLACK, south + SLACK, east - SLACK, north - SLACK)

    def holds(feature: Feature) -> bool | None:
        geometry = geometry_of(feature)
        if geometry is None:
            return unplaced
        if geometry.intersects(inner):
            return True
        return None if geometry.intersects(outer) else False

    return holds


def box_round_one(table: Table) -> Box:
    """Return a box round one geometry of the sample."""
    bounds = [g.bounds for f in table.features if (g := geometry_of(f)) is not None]
    west, south, east, north = bounds[len(bounds) // 2]
    return west - 1e-4, south - 1e-4, east + 1e-4, north + 1e-4


def some_boxes(table: Table) -> Iterator[Box]:
    """Yield a box round one geometry, one of the west half of all, and one where nothing is."""
    bounds = [g.bounds for f in table.features if (g := geometry_of(f)) is not None]
    west, south = (min(b[side] for b in bounds) for side in (0, 1))
    east, north = (max(b[side] for b in bounds) for side in (2, 3))
    yield box_round_one(table)
    yield west, south, (west + east) / 2 + 1e-5, north
    yield west, south, east, (south + north) / 2 + 1e-5
    yield (-170, -80, -169.5, -79.5) if east > -100 else (170, 79, 170.5, 79.5)


def as_text(box: Box) -> str:
    """Return a box as a parameter has it."""
    return ",".join(f"{number:.7f}" for number in box)


def instant(text: object) -> datetime | None:
    """Return a date or date-time as an instant of UTC; nothing if it is neither."""
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def time_of(table: Table, feature: Feature) -> Time:
    """Return start and end of a feature; nothing for a side that is open."""
    start, end = table.times or ("", "")
    properties = feature.get("properties") or {}
    return instant(properties.get(start)), instant(properties.get(end))


def during(table: Table, asked: Time) -> Callable[[Feature], bool | None]:
    """Return the condition that a feature has no time, or one that meets an interval.

    A date may be read as an instant or as a whole day: what differs by this is left open.
    """

    def holds(feature: Feature) -> bool | None:
        start, end = time_of(table, feature)
        if (start is None and end is None) or _meet((start, end), asked):
            return True
        return None if _meet((start, end and end + _DAY), asked) else False

    return holds


def _meet(one: Time, other: Time) -> bool:
    return _not_after(one[0], other[1]) and _not_after(other[0], one[1])


def _not_after(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start <= end
