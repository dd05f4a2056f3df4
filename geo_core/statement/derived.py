"""What a statement says of the columns that are made of the protected counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from geo_core.disclose.estimates import (
    CELLS,
    KEYS,
    RESIDENTS,
    WEIGHTS,
    columns_of,
    rates_of,
    sums_of,
)
from geo_core.disclose.figures import DECIMALS
from geo_core.disclose.rates import HIGH, LOW
from geo_core.model.accuracy import Accuracy
from geo_core.model.disclosure import Bounded, Derived, Ends, Estimates, Interval
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy, Category, Rate, UnitPolicy
from geo_core.model.text import Name


def derived(policy: AreaPolicy | UnitPolicy, public: Sequence[Name]) -> Derived:
    """Say how columns are made of the counts of one theme.

    Parameters
    ----------
    policy : AreaPolicy or UnitPolicy
        Of the theme.
    public : sequence of str
        Columns of numbers that are made of open data alone.
    """
    return Derived(
        fewest=policy.fewest,
        totals=_totals(policy.sums, policy),
        shares=dict(sorted(policy.shares.items())),
        medians=dict(sorted(policy.medians.items())) if isinstance(policy, AreaPolicy) else {},
        mean=policy.mean if isinstance(policy, UnitPolicy) else None,
        rates=_rates(policy.rates) if isinstance(policy, AreaPolicy) else {},
        public=tuple(sorted(public)),
    )


def estimates(
    policy: AreaPolicy | UnitPolicy, layers: Sequence[Layer], errors: Accuracy
) -> tuple[Estimates, ...]:
    """Say how the estimates of one theme are made, and how far they may be off.

    Parameters
    ----------
    policy : AreaPolicy or UnitPolicy
        Of the theme.
    layers : sequence of Layer
        Of the theme; those of estimates are described.
    errors : Accuracy
        What was measured of them.
    """
    if not isinstance(policy, AreaPolicy):
        return ()
    found = (
        _estimates(layer.id, KEYS[layer.estimated_on], policy, errors.of(layer.id))
        for layer in layers
        if layer.estimated_on is not None
    )
    return tuple(sorted(found, key=lambda one: one.collection))


def in_order(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return intervals by resolution, column and class: their order tells nothing."""
    return tuple(
        sorted(intervals, key=lambda i: (i.resolution or 0, i.column or "", i.residents_from))
    )


def _estimates(collection: Name, key: Name, policy: AreaPolicy, errors: Accuracy) -> Estimates:
    (utility,) = errors.utility
    return Estimates(
        collection=collection,
        key=key,
        weights=WEIGHTS,
        cells=CELLS,
        residents=RESIDENTS,
        columns=columns_of(policy),
        totals=_totals(sums_of(policy), policy),
        ends=Ends(low=LOW, high=HIGH),
        rates=_rates(rates_of(policy)),
        intervals=in_order(errors.intervals),
        utility=utility,
    )


def _totals(
    sums: Mapping[Name, Sequence[Category]], policy: AreaPolicy | UnitPolicy
) -> dict[Name, tuple[Category, ...]]:
    """Return sums by column, each with its categories in the order of all."""
    return {
        name: tuple(c for c in policy.categories if c in parts)
        for name, parts in sorted(sums.items())
    }


def _rates(rates: Mapping[Name, Rate]) -> dict[Name, Bounded]:
    return {
        name: Bounded(
            count=rate.count,
            residents=RESIDENTS,
            per=rate.per,
            low=name + LOW,
            high=name + HIGH,
            decimals=DECIMALS,
        )
        for name, rate in sorted(rates.items())
    }
