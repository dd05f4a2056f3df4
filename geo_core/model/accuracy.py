"""The errors that are promised of the figures of one theme, as the statement will say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_core.model.disclosure import Interval, Twin, Utility
from geo_core.model.text import Name

type Around = Mapping[Name | None, Sequence[Interval]]
"""How far from a figure the true number may be: by sum, None for any category. Intervals of one
figure are in ascending order of the residents that they begin at; the first begins at 0."""


@dataclass(frozen=True)
class Accuracy:
    """Errors of one theme, or of its estimates for some places.

    Attributes
    ----------
    twin : Twin | None
        None where errors need no measuring.
    intervals, utility : tuple
        By resolution; of units and places, it is None.
    estimates : mapping
        Of estimates, by the collection that shows them.
    """

    twin: Twin | None = None
    intervals: tuple[Interval, ...] = ()
    utility: tuple[Utility, ...] = ()
    estimates: Mapping[Name, Accuracy] = field(default_factory=dict)

    def of(self, collection: Name) -> Accuracy:
        """Return the errors of one collection of estimates; none where none are stated."""
        return self.estimates.get(collection, Accuracy())

    def around(self, resolution: int | None) -> Around:
        """Return the intervals of one resolution."""
        found: dict[Name | None, list[Interval]] = {}
        for interval in sorted(self.intervals, key=lambda i: i.residents_from):
            if interval.resolution == resolution:
                found.setdefault(interval.column, []).append(interval)
        return found
