"""The rules of protected figures, as the disclosure statement gives them.

Read of a statement, beside theme, year, categories, geographies, units, band and method:

- `columns` (optional): the column of each category; else `n_` and the category in lower case;
- `resolutions` (optional): H3 resolution of collections on hexagons, else that of the smallest
  whole cells;
- `collections` (optional): where the theme is shown; else wherever all these columns are;
- `derived` (optional): how other columns are made. `totals`: categories of each sum; `shares`:
  `part` and `whole` of each percentage, both columns; `medians`: categories in ascending order
  of each class of a median; `mean`: the column of the mean of marks; `rates`: `count`,
  `residents`, `per`, `low`, `high` and `decimals` of each rate; `fewest`: the smallest number any
  of them is made of; `public`: columns of numbers made of open data alone. Without `derived` such
  columns are noted and not recomputed; with it, one that no rule explains is a finding.
- `intervals` (optional): `below` and `above` by `resolution` and `column` (null: a category), each
  from `residents_from` residents (optional, 0) up to the next one of the same two.
- `estimates` (optional): collections whose figures share the protected numbers out by residents.
- `epsilon_cumulative` and `draw` (optional): spent so far on the theme and year, and the name of
  the draw. Two releases with the same name must show the same numbers; if the name differs, what
  was spent has to have grown by `epsilon` at least.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checks.audit.site import CannotAudit

type Interval = tuple[int, int]
"""A figure n says that the true number lies in [n - first, n + second]."""
type Classes = tuple[tuple[int, Interval], ...]
"""Intervals, each with the residents of a place from which it holds, in ascending order."""


@dataclass(frozen=True)
class Rate:
    """A count per so many residents, its bounds being columns as well."""

    count: str
    residents: str
    per: int
    low: str
    high: str
    decimals: int


@dataclass(frozen=True)
class Estimate:
    """A collection of figures for places that the areas of the theme do not make up.

    Attributes
    ----------
    collection : str
    key : str
        Column that names the place, in the collection and in the weights.
    weights, cells, residents : str
        Open collection of residents by cell and place, and its columns of both.
    counts, totals : dict
        As for the theme.
    ends : tuple of str
        What the names of the bounds of a figure end in, the lower one first.
    rates : dict
    intervals : dict
        By the column of a sum, None for a category.
    """

    collection: str
    key: str
    weights: str
    cells: str
    residents: str
    counts: Mapping[str, str]
    totals: Mapping[str, tuple[str, ...]]
    ends: tuple[str, str]
    rates: Mapping[str, Rate]
    intervals: Mapping[str | None, Classes]


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
    rates : dict
        Columns of counts per so many residents.
    intervals : dict
        By resolution (None for units) and by the column of a sum (None for a category).
    estimates : dict
        By collection.
    public : collection of str
        Further columns of numbers that are made of nothing but open data.
    derived : bool
        The statement says what is derived (its member `derived`).
    resolutions : dict
        H3 resolution that a collection shows, where the statement says it.
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
    draw : str
        Name of the draw; empty if not stated.
    synthetic : bool
        Whether the records are invented, if it is stated.
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
    rates: Mapping[str, Rate]
    intervals: Mapping[tuple[int | None, str | None], Classes]
    estimates: Mapping[str, Estimate]
    public: Collection[str]
    derived: bool
    collections: Collection[str] | None
    resolutions: Mapping[str, int]
    leaf: int
    fewest_residents: Mapping[str, int]
    method: str
    epsilon: float
    spent: float
    draw: str
    synthetic: bool

    @property
    def sums(self) -> dict[str, tuple[str, ...]]:
        """Columns of all counts, each with the columns it is the sum of (itself alone)."""
        own = {column: (column,) for column in self.counts.values()}
        return own | {n: tuple(self.counts[c] for c in parts) for n, parts in self.totals.items()}

    @property
    def shown(self) -> frozenset[str]:
        """Columns of all counts and sums, wherever they are shown: those of estimates too."""
        every = [self.sums, *(self.seen_in(ident).sums for ident in self.estimates)]
        return frozenset(name for sums in every for name in sums)

    def covers(self, ident: str, columns: Iterable[str]) -> bool:
        """Tell whether a collection shows this theme.

        Where the statement does not name its collections, it is those with a column for each
        of its categories.
        """
        if ident in self.estimates:
            return True
        if self.collections is not None:
            return ident in self.collections
        return set(self.counts.values()) <= set(columns)

    def seen_in(self, ident: str) -> Theme:
        """Return the theme with the columns it has in a collection: estimates have their own."""
        made = self.estimates.get(ident)
        if made is None:
            return self
        none: dict[str, Any] = {"shares": {}, "medians": {}, "mean": None}
        return replace(self, counts=made.counts, totals=made.totals, rates=made.rates, **none)


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
        totals=_parts(derived.get("totals", {})),
        shares=derived.get("shares", {}),
        medians=_parts(derived.get("medians", {})),
        mean=derived.get("mean"),
        rates=_rates(derived.get("rates", {})),
        intervals=_classes(said, "resolution", "column"),
        estimates={e["collection"]: _estimate(e) for e in said.get("estimates") or ()},
        public=derived.get("public", ()),
        derived="derived" in said,
        collections=said.get("collections"),
        resolutions={s["collection"]: s["resolution"] for s in said.get("resolutions", ())},
        leaf=max((g["h3_leaf"] for g in geographies), default=8),
        fewest_residents={counts[c]: g["p_min"] for g in geographies for c in g["categories"]},
        method=(said.get("method") or {}).get("name", ""),
        epsilon=said.get("epsilon") or 0.0,
        spent=said.get("epsilon_cumulative") or 0.0,
        draw=said.get("draw") or "",
        synthetic=bool(said.get("synthetic")),
    )


def _parts(said: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(parts) for name, parts in said.items()}


def _rates(said: Mapping[str, Mapping[str, Any]]) -> dict[str, Rate]:
    return {name: Rate(**rate) for name, rate in said.items()}


def _estimate(said: Mapping[str, Any]) -> Estimate:
    ends = said.get("ends") or {"low": "_min", "high": "_max"}
    return Estimate(
        **{name: said[name] for name in ("collection", "key", "weights", "cells", "residents")},
        counts=said["columns"],
        totals=_parts(said.get("totals", {})),
        ends=(ends["low"], ends["high"]),
        rates=_rates(said.get("rates", {})),
        intervals={column: of for (column,), of in _classes(said, "column").items()},
    )


def _classes(said: Mapping[str, Any], *names: str) -> dict[tuple[Any, ...], Classes]:
    """Return stated intervals by these of their members."""
    found: dict[tuple[Any, ...], list[tuple[int, Interval]]] = {}
    for i in said.get("intervals") or ():
        one = i.get("residents_from", 0), (i["below"], i["above"])
        found.setdefault(tuple(i[name] for name in names), []).append(one)
    return {key: tuple(sorted(classes)) for key, classes in found.items()}
