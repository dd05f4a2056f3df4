"""The rules of protected figures, as the disclosure statement gives them.

Read of a statement, beside theme, year, categories, geographies, units, band and method:

- `columns` (optional): the column of each category; else `n_` and the category in lower case;
- `collections` (optional): where the theme is shown; else wherever all these columns are;
- `derived` (optional): how other columns are made. `totals`: categories of each sum; `shares`:
  `part` and `whole` of each percentage, both columns; `medians`: categories in ascending order
  of each class of a median; `mean`: the column of the mean of marks; `fewest`: the smallest
  number any of them is made of; `public`: columns of numbers made of open data alone. Without
  `derived` such columns are noted and not recomputed; with it, one that no rule explains is a
  finding.
- `epsilon_cumulative` (optional): spent so far on the theme and year. If it grows from one
  release to the next by at least `epsilon`, the later one says that it was drawn anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checks.audit.site import CannotAudit


@dataclass(frozen=True)
class Theme:
    """One statement: a theme in one year.

    Attributes
    ----------
    counts : dict
        Column of each category by the category.
    band : tuple of int, or None
        Numbers that are shown as a range; None for a theme on units.
    units : int or None
        Units of the public list, None for a theme on areas.
    fewest : int or None
        Smallest number that a share, a median or a mean is made of; None if not stated.
    totals : dict
        Columns that are sums, with their categories.
    shares : dict
        Columns that are percentages: `part` and `whole` are columns of counts.
    medians : dict
        Columns that hold the class of the median, with the categories in ascending order.
    mean : str or None
        Column of the mean of marks, the categories being the marks.
    public : collection of str
        Further columns of numbers that are made of nothing but open data.
    derived : bool
        The statement says what is derived (its member `derived`).
    collections : collection of str, or None
        Where the theme is published; None if the statement does not say.
    leaf : int
        H3 resolution of the members of areas.
    fewest_residents : dict
        Fewest residents of the areas of each column of a count.
    method : str
        How the counts are protected; empty if not stated.
    epsilon, spent : float
        Of this release, and in all releases so far; 0 where not stated.
    """

    name: str
    year: int
    counts: Mapping[str, str]
    band: tuple[int, int] | None
    units: int | None
    fewest: int | None
    totals: Mapping[str, tuple[str, ...]]
    shares: Mapping[str, Mapping[str, str]]
    medians: Mapping[str, tuple[str, ...]]
    mean: str | None
    public: Collection[str]
    derived: bool
    collections: Collection[str] | None
    leaf: int
    fewest_residents: Mapping[str, int]
    method: str
    epsilon: float
    spent: float

    @property
    def sums(self) -> dict[str, tuple[str, ...]]:
        """Columns of all counts, each with the columns it is the sum of (itself alone)."""
        own = {column: (column,) for column in self.counts.values()}
        return own | {n: tuple(self.counts[c] for c in parts) for n, parts in self.totals.items()}

    def covers(self, ident: str, columns: Iterable[str]) -> bool:
        """Tell whether a collection shows this theme.

        Where the statement does not name its collections, it is those with a column for each
        of its categories.
        """
        if self.collections is not None:
            return ident in self.collections
        return set(self.counts.values()) <= set(columns)


def themes_of(disclosure: Mapping[str, Any]) -> tuple[Theme, ...]:
    """Read the statements; `CannotAudit` if they are not of the known form."""
    try:
        return tuple(_theme(statement) for statement in disclosure["statements"])
    except (KeyError, TypeError, AttributeError) as error:
        raise CannotAudit(f"the disclosure statement lacks {error}") from error


def _theme(said: Mapping[str, Any]) -> Theme:
    columns = said.get("columns", {})
    counts = {c: columns.get(c, f"n_{c.lower()}") for c in said["categories"]}
    derived = said.get("derived") or {}
    units, band = said["units"], said["band"]
    geographies = said["geographies"]
    return Theme(
        name=said["theme"],
        year=said["year"],
        counts=counts,
        band=band and (band["low"], band["high"]),
        units=units and units["number"],
        fewest=(units or derived).get("fewest"),
        totals={name: tuple(parts) for name, parts in derived.get("totals", {}).items()},
        shares=derived.get("shares", {}),
        medians={name: tuple(parts) for name, parts in derived.get("medians", {}).items()},
        mean=derived.get("mean"),
        public=derived.get("public", ()),
        derived="derived" in said,
        collections=said.get("collections"),
        leaf=max((g["h3_leaf"] for g in geographies), default=8),
        fewest_residents={counts[c]: g["p_min"] for g in geographies for c in g["categories"]},
        method=(said.get("method") or {}).get("name", ""),
        epsilon=said.get("epsilon") or 0.0,
        spent=said.get("epsilon_cumulative") or 0.0,
    )
