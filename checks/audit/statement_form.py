"""The closed form of the disclosure statement, and the rules of its texts.

`/disclosure/schema` publishes the same: no member that it does not name. Numbers stand where a
number is meant; a text of the statement has none that its code, or the same text elsewhere in the
release, does not have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from checks.audit import forms, statement_order
from checks.audit.documents import numbers_in
from checks.audit.findings import Tally
from checks.audit.forms import DAY, NAME, SHA256, TEXT, Keyed

CATEGORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,29}")
BOUNDED: Final = {
    "count": NAME, "residents": NAME, "per": {100, 1_000, 10_000, 100_000}, "low": NAME,
    "high": NAME, "decimals": {0, 1, 2, 3},
}  # fmt: skip
PARTS: Final = Keyed(NAME, [CATEGORY])
CLASSES: Final = {0, 1_000, 5_000, 20_000, 50_000, 250_000}
"""Residents at which classes begin."""
INTERVALS: Final = [
    {
        "resolution": (int, None),
        "column": (NAME, None),
        "residents_from": CLASSES,
        "below": int,
        "above": int,
        "coverage": float,
    }
]
UTILITY: Final = {"resolution": (int, None), "error": (float, None), "misplaced": float}
CAPS: Final = [{"prior": float, "release": float, "year": float}]
ESTIMATES: Final = {
    "collection": NAME,
    "key": NAME,
    "weights": NAME,
    "cells": NAME,
    "residents": NAME,
    "columns": Keyed(CATEGORY, NAME),
    "totals": PARTS,
    "ends": {"low": {"_min"}, "high": {"_max"}},
    "rates": Keyed(NAME, BOUNDED),
    "intervals": INTERVALS,
    "utility": UTILITY,
}
DERIVED: Final = {
    "fewest": int,
    "totals": PARTS,
    "shares": Keyed(NAME, {"part": NAME, "whole": NAME}),
    "medians": PARTS,
    "mean": (NAME, None),
    "rates": Keyed(NAME, BOUNDED),
    "public": [NAME],
}
GEOGRAPHY: Final = {
    "categories": [CATEGORY],
    "h3_leaf": int,
    "p_min": int,
    "areas": int,
    "smallest_residents": int,
    "sha256": SHA256,
}
STATEMENT: Final = {
    "theme": NAME,
    "title": TEXT,
    "year": int,
    "collections": [NAME],
    "resolutions": [{"collection": NAME, "resolution": int}],
    "synthetic": bool,
    "method": {
        "name": {"dp", "round5"},
        "version": {"1", "2", "3"},
        "noise": ({"discrete-laplace"}, None),
        "library": (re.compile(r"opendp \d{1,2}\.\d{1,2}\.\d{1,2}"), None),
    },
    "epsilon": (float, None),
    "epsilon_year": (float, None),
    "epsilon_cumulative": (float, None),
    "draw": (re.compile(r"[0-9a-f]{32}"), None),
    "neighbouring": ({"add-or-remove-one-person"}, None),
    "rounding": ({"base": {5}, "bound": {4}}, None),
    "contribution_cap": frozenset(range(1, 10)),
    "without_pseudonym": {"each-record-another-person"},
    "categories": Keyed(CATEGORY, TEXT),
    "columns": Keyed(CATEGORY, NAME),
    "suffixes": ({"status": {"_stato"}, "band": {"_fascia"}}, None),
    "derived": (DERIVED, None),
    "geographies": [GEOGRAPHY],
    "units": ({"kind": {"sedi", "ambiti"}, "number": int, "fewest": int}, None),
    "posterior_caps": CAPS,
    "band": ({"low": int, "high": int}, None),
    "noise_by_level": [
        {
            "level": re.compile(r"area|[4-7]"),
            "epsilon": float,
            "scale": float,
            "half_width_95": int,
            "coverage": float,
        }
    ],
    "twin": ({"expected": float, "seed": int, "releases": int}, None),
    "intervals": INTERVALS,
    "utility": [UTILITY],
    "estimates": [ESTIMATES],
    "signed_by": str,
    "signed_on": DAY,
}
TOTAL: Final = {
    "year": int,
    "themes": [NAME],
    "without_epsilon": [NAME],
    "epsilon": float,
    "epsilon_year": float,
    "posterior_caps": CAPS,
}
OF_H3: Final = frozenset(range(16))
"""Resolutions that there are."""
OF_YEAR: Final = {
    "theme", "year", "collections", "resolutions", "intervals", "utility", "estimates", "draw",
    "epsilon_cumulative",
}  # fmt: skip
"""Members in which the years of a theme may differ."""
ROUNDED: Final = "round5"
"""Method whose figures are multiples of a base."""
DISCLOSURE: Final = {"statements": [STATEMENT], "totals": [TOTAL]}


def check(tally: Tally, disclosure: Mapping[str, Any]) -> None:
    """Check the members of the whole statement, and its texts."""
    forms.check(tally, "disclosure", disclosure, DISCLOSURE)
    said = disclosure["statements"]
    _once(tally, disclosure)
    for name in ("signed_by", "signed_on"):
        tally.require(
            len({one.get(name) for one in said}) <= 1, "disclosure", f"{name} differs by theme"
        )
    for one in said:
        where = f"disclosure of {one['theme']} {one['year']}"
        texts = {"title": one.get("title") or {}, "signed_by": {"it": one.get("signed_by") or ""}}
        for name, text in texts.items():
            numbers = sorted(set().union(*map(numbers_in, text.values())))
            tally.require(not numbers, where, f"{name} has a number", numbers=numbers)
    _alike(tally, said)
    statement_order.check(tally, disclosure)


def _once(tally: Tally, disclosure: Mapping[str, Any]) -> None:
    """Check that nothing is said twice or of nothing: a number of its own could stand there."""
    said = disclosure["statements"]
    years = [total["year"] for total in disclosure.get("totals", [])]
    tally.require(
        len(set(years)) == len(years) and set(years) <= {one["year"] for one in said},
        "disclosure",
        "sums of years that no theme has, or twice of one",
        years=years,
    )
    for one in said:
        where = f"disclosure of {one['theme']} {one['year']}"
        _resolutions(tally, where, one)
        for name in ("collections", "resolutions", "geographies", "utility"):
            parts = [repr(part) for part in one.get(name) or ()]
            tally.require(len(set(parts)) == len(parts), where, f"{name} has a part twice")
        rounds = (one.get("method") or {}).get("name") == ROUNDED
        tally.require(
            rounds or one.get("rounding") is None,
            where,
            "a base of rounding of a method that does not round",
            rounding=one.get("rounding"),
        )


def _resolutions(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check that errors and intervals are those of resolutions that collections have."""
    shown = {entry["resolution"] for entry in said.get("resolutions") or ()} or OF_H3
    measured = {
        entry["resolution"] for name in ("intervals", "utility") for entry in said.get(name) or ()
    }
    made = {
        entry.get("resolution")
        for estimates in said.get("estimates") or ()
        for entry in (*(estimates.get("intervals") or ()), estimates.get("utility") or {})
    }
    odd = sorted((measured - shown | made) - {None})
    tally.require(not odd, where, "a resolution that no collection has", resolutions=odd)


def _alike(tally: Tally, said: list[Mapping[str, Any]]) -> None:
    """Check that all years of a theme, and all themes with the same twin, say the same of it."""
    for name in STATEMENT.keys() - OF_YEAR:
        known: dict[str, Any] = {}
        for one in said:
            first = known.setdefault(one["theme"], one.get(name))
            tally.require(
                one.get(name) == first,
                f"disclosure of {one['theme']} {one['year']}",
                f"{name} is not that of the other years of the theme",
            )
    seeds = {(one.get("twin") or {}).get("seed") for one in said if one.get("twin")}
    tally.require(len(seeds) <= 1, "disclosure", "twins of more than one seed", seeds=sorted(seeds))
