"""What is the same for every row says nothing of one: periods, marks, members of a feature.

A mark that differs from row to row carries a bit of each, and a member that the standard does not
know carries anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from checks.audit.findings import Tally
from checks.audit.published import Collection
from checks.audit.themes import Theme

START: Final = "periodo_inizio"
END: Final = "periodo_fine"
MARK: Final = "dato_sintetico"
MEMBERS: Final = frozenset({"type", "id", "geometry", "properties"})
"""Members of a feature in a page or a file."""
OF_GEOMETRY: Final = frozenset({"type", "coordinates", "geometries"})
"""Members of its geometry."""


def check(tally: Tally, collection: Collection, themes: Sequence[Theme]) -> None:
    """Check the rows of a protected collection."""
    ids = collection.ids
    if {START, END} <= set(collection.fields):
        ends = zip(collection.rows[START].tolist(), collection.rows[END].tolist(), strict=True)
        tally.each(
            [_whole_year(start, end) for start, end in ends],
            collection.id,
            "a period that is no calendar year",
            lambda i: {"id": ids[i]},
        )
    if MARK in collection.fields:
        stated = {theme.synthetic for theme in themes}
        tally.each(
            [mark in stated for mark in collection.rows[MARK].tolist()],
            collection.id,
            f"{MARK} is not what the statement says",
            lambda i: {"id": ids[i]},
        )
    tally.each(
        [_members(feature) for feature in collection.features],
        collection.id,
        "a feature or its geometry has further members",
        lambda i: {"id": ids[i], "members": sorted(collection.features[i])},
    )


def _whole_year(start: object, end: object) -> bool:
    first, last = str(start), str(end)
    return first[:4] == last[:4] and first[4:] == "-01-01" and last[4:] == "-12-31"


def _members(feature: object) -> bool:
    if not isinstance(feature, dict) or not feature.keys() <= MEMBERS:
        return False
    geometry = feature["geometry"]
    return geometry is None or (isinstance(geometry, dict) and geometry.keys() <= OF_GEOMETRY)
