"""Recomputes what the disclosure statement says of itself: budgets, noise, what can be learnt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from checks.audit import replay_promises
from checks.audit.documents import leaves, numbers_in
from checks.audit.findings import Tally

MEMBERS: Final = frozenset((
    "above", "areas", "base", "below", "bound", "contribution_cap", "coverage", "decimals",
    "epsilon", "epsilon_cumulative", "epsilon_year", "error", "expected", "fewest", "h3_leaf",
    "half_width_95", "high", "low", "misplaced", "number", "p_min", "per", "prior", "release",
    "releases", "residents_from", "resolution", "scale", "seed", "smallest_residents", "year",
))  # fmt: skip
"""Names of the numbers of a statement."""
COVERED: Final = 0.95
"""Share that a stated interval holds at least."""
LEAST_HELD: Final = 0.85
"""Share of the noise of one measurement that an interval holds at least: figures are clamped at 0
and reconciled, which lets an interval be somewhat narrower."""
EPSILON: Final = 1e-9
"""Tolerance of a sum of budgets."""
SHARE: Final = 4
"""Decimals of the share of a budget that a level has, and of a probability."""
TWELFTH: Final = 1e-12
"""Of the last decimal of the epsilon of a level."""
FLOAT: Final = 1e-14
"""Part of a number that computing it in another order may change."""


def check(tally: Tally, disclosure: Mapping[str, Any]) -> None:
    """Check every statement and the sums by year.

    A statement that names a smaller epsilon than its noise has, or a smaller chance than its
    epsilon gives, promises what the figures do not keep.
    """
    for said in disclosure["statements"]:
        where = f"disclosure of {said['theme']} {said['year']}"
        _members(tally, where, said)
        _noise(tally, where, said)
        _intervals(tally, where, said)
        _learnt(tally, where, said)
        replay_promises.check(tally, where, said)
        geographies = said.get("geographies", [])
        small = [g for g in geographies if g.get("smallest_residents", g["p_min"]) < g["p_min"]]
        tally.require(not small, where, "an area has fewer residents than stated", areas=small)
    for total in disclosure.get("totals", []):
        where = f"disclosure of all themes {total['year']}"
        parts = [s for s in disclosure["statements"] if s["year"] == total["year"]]
        for name in ("epsilon", "epsilon_year"):
            spent = math.fsum(s.get(name) or 0.0 for s in parts)
            tally.require(
                abs(spent - total[name]) <= EPSILON,
                where,
                f"{name} is not the sum of its themes",
                stated=total[name],
                themes=spent,
            )
        _learnt(tally, where, total)


def _members(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check that every number has a known name, and that both languages state the same ones."""
    for path, value in leaves(said):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        tally.require(
            not number or path[-1] in MEMBERS,
            where,
            "a number in the statement that no rule explains",
            path=".".join(path),
            number=value,
        )
    for path, text in _texts(said):
        tally.require(
            numbers_in(text["it"]) == numbers_in(text["en"]),
            where,
            "a text whose languages state other numbers",
            path=".".join(path),
            text=dict(text),
        )


def _texts(
    node: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, str]]]:
    """Yield the texts in two languages of a document."""
    if isinstance(node, Mapping):
        if node.keys() == {"it", "en"} and all(isinstance(t, str) for t in node.values()):
            yield path, node
        for name, child in node.items():
            yield from _texts(child, (*path, name))
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child, path)


def _intervals(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check that no interval is narrower than the noise can be after all that was reconciled.

    Every level that measures a figure makes its noise smaller: at best as if all measured it
    alone, with the inverse of their variances added.
    """
    lists = [of.get("intervals") or () for of in (said, *(said.get("estimates") or ()))]
    every = [i for stated in lists for i in stated]
    for stated in lists:
        _begin(tally, where, stated)
    scales = [level["scale"] for level in said.get("noise_by_level") or ()]
    best = sum(scale**-2 for scale in scales) ** -0.5 if scales else 0.0
    for interval in every:
        below, above = interval["below"], interval["above"]
        tally.require(
            below >= 0 and above >= 0 and COVERED <= interval["coverage"] <= 1,
            where,
            "an interval that does not hold what it says",
            **interval,
        )
        tally.require(
            not scales or below + above > 0,
            where,
            "an interval without width although there is noise",
            **interval,
        )
        if best and interval.get("resolution") is not None:
            holds = (_within(below, best) + _within(above, best)) / 2
            tally.require(
                holds >= LEAST_HELD,
                where,
                "an interval narrower than the noise",
                **interval,
                holds=holds,
            )


def _begin(tally: Tally, where: str, stated: Sequence[Mapping[str, Any]]) -> None:
    """Check that of each figure the first interval begins at 0, and no two begin together."""
    begin: dict[tuple[Any, Any], list[int]] = {}
    for i in stated:
        own = begin.setdefault((i.get("resolution"), i.get("column")), [])
        own.append(i.get("residents_from", 0))
    for (resolution, column), starts in begin.items():
        tally.require(
            min(starts) == 0 and len(set(starts)) == len(starts),
            where,
            "classes of residents that leave places without an interval, or with two",
            resolution=resolution,
            column=column,
            residents_from=starts,
        )


def _noise(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check that levels add up to epsilon, and that scale and interval are those of the noise."""
    levels = said.get("noise_by_level") or []
    if not levels:
        return
    records = said.get("contribution_cap", 1)
    spent = records * math.fsum(level["epsilon"] for level in levels)
    tally.require(
        abs(spent - said["epsilon"]) <= EPSILON,
        where,
        "epsilon is not the sum of the levels, for every record of a person",
        stated=said["epsilon"],
        levels=spent,
    )
    for level in levels:
        scale, k = level["scale"], level["half_width_95"]
        share = round(records * level["epsilon"] / said["epsilon"], SHARE)
        exact = share * (said["epsilon"] / records)
        tally.require(
            abs(scale * exact - 1) <= FLOAT and abs(level["epsilon"] - exact) <= TWELFTH,
            where,
            "epsilon and scale of the noise are not those of a share of the budget",
            **{name: level[name] for name in ("level", "epsilon", "scale")},
        )
        tally.require(
            level["coverage"] in {round(_within(k, scale) + off, SHARE) for off in (-FLOAT, FLOAT)}
            and _within(k, scale) >= 0.95 > _within(k - 1, scale),
            where,
            "the interval of the noise is not the smallest that holds 95 %",
            half_width=k,
            stated=level["coverage"],
            recomputed=_within(k, scale),
        )


def _within(k: int, scale: float) -> float:
    """Return the chance that discrete Laplace noise lies in [-k, k]."""
    fall = math.exp(-1 / scale)
    return 1 - 2 * fall ** (k + 1) / (1 + fall)


def _learnt(tally: Tally, where: str, said: Mapping[str, Any]) -> None:
    """Check what one may believe at most: p e^epsilon / (p e^epsilon + 1 - p)."""
    for cap in said.get("posterior_caps") or []:
        for name, key in (("release", "epsilon"), ("year", "epsilon_year")):
            odds = cap["prior"] * math.exp(said[key])
            most = odds / (odds + 1 - cap["prior"])
            tally.require(
                cap[name] in {math.ceil((most + off) * 10_000) / 10_000 for off in (-FLOAT, FLOAT)},
                where,
                "what can be learnt at most is not what epsilon allows",
                prior=cap["prior"],
                stated=cap[name],
                recomputed=most,
            )
