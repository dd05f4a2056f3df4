"""Holds what nobody can recompute of a statement to what it can be, and to few decimals.

Errors are measured on invented counts that are not published. A number with many decimals could
be anything; one with few, between bounds, tells next to nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.audit.findings import Tally

PRIORS: Final = (0.004, 0.075, 0.5)
"""Chances before reading for which the most that can be learnt is stated."""
DECIMALS: Final = 4
"""Of shares and errors."""
DIGITS: Final = 2
"""Of an expected number of persons."""
ERROR_MAX: Final = 10
"""More than ten times the number counted is no error but nonsense."""
TWINS_MAX: Final = 1_000
ROUNDING: Final = 1e-9
"""Of a sum of budgets."""
DAY: Final = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
"""A seed is a day: a number that was chosen, not counted."""


def check(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check one statement."""
    _spent(tally, where, said)
    _twin(tally, where, said.get("twin"))
    for of, name, number in _measured(said):
        least, most = (0.0, ERROR_MAX) if name != "coverage" else (0.0, 1.0)
        tally.require(
            number is None or (_finite(number) and least <= number <= most and _short(number)),
            f"{where}, {of}",
            f"{name} is no share of {DECIMALS} decimals",
            stated=number,
        )
    priors = tuple(cap["prior"] for cap in said.get("posterior_caps") or ())
    tally.require(
        set(priors) <= set(PRIORS) and len(set(priors)) == len(priors),
        where,
        "chances before reading that are not the usual ones",
        stated=priors,
    )
    units, derived = said.get("units") or {}, said.get("derived") or {}
    if {"fewest"} <= units.keys() & derived.keys():
        tally.require(
            units["fewest"] == derived["fewest"],
            where,
            "units are shown from another number on than shares and means",
            stated=[units["fewest"], derived["fewest"]],
        )


def _spent(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check that 0 < epsilon <= spent so far <= the budget of the year; invented data cost none."""
    epsilon, year, spent = (
        said.get(name) for name in ("epsilon", "epsilon_year", "epsilon_cumulative")
    )
    if epsilon is None:
        tally.require(year is None and spent is None, where, "a budget of a theme without noise")
        return
    real = not said.get("synthetic")
    tally.require(
        0 < epsilon <= (math.inf if year is None else year) + ROUNDING,
        where,
        "epsilon is not between 0 and the budget of the year",
        epsilon=epsilon,
        epsilon_year=year,
    )
    if spent is None:
        return
    tally.require(
        epsilon <= spent + ROUNDING and (not real or year is None or spent <= year + ROUNDING),
        where,
        "what was spent is less than epsilon, or more than the budget of the year",
        epsilon=epsilon,
        epsilon_cumulative=spent,
        epsilon_year=year,
    )


def _twin(tally: Tally, where: str, twin: Mapping[str, Any] | None) -> None:
    if twin is None:
        return
    expected = twin["expected"]
    tally.require(
        _finite(expected) and expected > 0 and float(f"{expected:.{DIGITS}g}") == expected,
        where,
        "persons are expected with more digits than anybody expects",
        stated=expected,
    )
    tally.require(
        DAY.fullmatch(str(twin["seed"])) is not None and 0 < twin["releases"] <= TWINS_MAX,
        where,
        "a seed that is no day, or a number of twins that nobody makes",
        seed=twin["seed"],
        releases=twin["releases"],
    )


def _measured(said: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield every measured share: of what, its name and itself."""
    for utility in said.get("utility") or ():
        yield from _of_utility("utility", utility)
    for interval in said.get("intervals") or ():
        yield "intervals", "coverage", interval["coverage"]
    for made in said.get("estimates") or ():
        yield from _of_utility(made["collection"], made.get("utility") or {})
        for interval in made.get("intervals") or ():
            yield made["collection"], "coverage", interval["coverage"]


def _of_utility(of: str, utility: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name in ("error", "misplaced"):
        yield of, name, utility.get(name)


def _finite(number: Any) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)


def _short(number: float) -> bool:
    return round(number, DECIMALS) == number
