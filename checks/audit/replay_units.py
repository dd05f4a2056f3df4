"""Recomputes the figures of units of a public list: total, shares and mean of one row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from checks.audit.bounds import BAND, PUBLISHED, Bools, Floats, rounded
from checks.audit.findings import Tally
from checks.audit.mvt import Ints
from checks.audit.published import Collection
from checks.audit.replay_areas import ROUNDING
from checks.audit.themes import Theme

STATE = "stato"


def check(tally: Tally, collection: Collection, theme: Theme, at: Ints) -> None:
    """Check every row of a collection of units: all figures of one are shown, or none."""
    tally.require(
        len(at) == theme.units,
        collection.id,
        "the number of units is not the stated one",
        units=theme.units,
        shown=len(at),
    )
    numbers = {name: collection.numbers(name)[at] for name in theme.sums}
    status = collection.rows[STATE].to_numpy()[at]
    shown = status == PUBLISHED
    ids = [collection.ids[i] for i in at.tolist()]
    for name, values in numbers.items():
        whole = (values >= 0) & (np.mod(values, 1) == 0)
        tally.each(
            np.where(shown, whole, np.isnan(values)) & (shown | (status == BAND)),
            collection.id,
            f"{name} and {STATE} contradict each other",
            lambda i, v=values: {"id": ids[i], "value": v[i], STATE: status[i]},  # type: ignore[misc]
        )
    for name, (expected, rounding) in _made(numbers, theme).items():
        _follows(tally, collection, at, name, (expected, rounding, shown))
    everybody = np.sum([numbers[column] for column in theme.counts.values()], axis=0)
    tally.each(
        ~shown | (everybody >= (theme.fewest or 0)),
        collection.id,
        f"figures are shown of fewer than {theme.fewest}",
        lambda i: {"id": ids[i], "counted": everybody[i]},
    )


def _made(numbers: Mapping[str, Floats], theme: Theme) -> dict[str, tuple[Floats, float]]:
    """Return every column that is made of the counts, and how far rounding may take it off."""
    made: dict[str, tuple[Floats, float]] = {}
    for name, parts in theme.totals.items():
        made[name] = np.sum([numbers[theme.counts[c]] for c in parts], axis=0), 0.0
    for name, said in theme.shares.items():
        made[name] = _percent(numbers, said), ROUNDING
    if theme.mean is not None:
        made[theme.mean] = _mean(numbers, theme), ROUNDING
    return made


def _percent(numbers: Mapping[str, Floats], said: Mapping[str, str]) -> Floats:
    """Return one count in 100 of another."""
    part, whole = numbers[said["part"]], numbers[said["whole"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(100 * part / whole)


def _mean(numbers: Mapping[str, Floats], theme: Theme) -> Floats:
    """Return the mean of marks, each as often as it is counted."""
    weighted = [int(mark) * numbers[column] for mark, column in theme.counts.items()]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.sum(weighted, axis=0) / np.sum([numbers[c] for c in theme.counts.values()], axis=0)
        )


def _follows(
    tally: Tally,
    collection: Collection,
    at: Ints,
    name: str,
    rule: tuple[Floats, float, Bools],
) -> None:
    expected, rounding, shown = rule
    value = collection.numbers(name)[at]
    tally.each(
        np.where(
            shown, (np.abs(value - expected) <= rounding) & rounded(value, 1), np.isnan(value)
        ),
        collection.id,
        f"{name} does not follow from the counts of the row",
        lambda i: {
            "id": collection.ids[int(at[i])],
            "shown": value[i],
            "recomputed": expected[i],
        },
    )
