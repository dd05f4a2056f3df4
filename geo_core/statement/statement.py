"""The disclosure statement: what was done, what it can reveal at most, what error to expect.

Everything in it follows from the policy, the public areas, the theory of the noise and invented
counts. No function here can be given a count of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Final

from geo_core.disclose import noise
from geo_core.disclose.figures import BAND, STATUS
from geo_core.disclose.ledger import Told
from geo_core.disclose.shape import Shape, Shapes
from geo_core.model.accuracy import Accuracy
from geo_core.model.cells import LEAF
from geo_core.model.disclosure import (
    Band,
    Disclosure,
    Geography,
    LevelNoise,
    Method,
    PosteriorCap,
    Rounding,
    Shown,
    Statement,
    Suffixes,
    Total,
    Units,
)
from geo_core.model.layer import Layer
from geo_core.model.policy import (
    ROUND_BASE,
    AreaPolicy,
    Category,
    LevelName,
    Policies,
    Policy,
    RoundedPolicy,
    UnitPolicy,
    count_name,
)
from geo_core.model.text import Name, Text
from geo_core.statement.derived import derived, estimates, in_order

METHOD_VERSION: Final = "3"
PRIORS: Final = (0.004, 0.075, 0.5)
"""Chances before the release, for which the most that can be learnt is stated: a rare category,
the average resident of a district with 7.5 % in need, and a coin."""
SUFFIXES: Final = Suffixes(status=STATUS, band=BAND)


def statements(  # noqa: PLR0913 - what statements are about
    on: Shapes | int,
    policies: Policies,
    *,
    theme: str,
    years: Sequence[int],
    layers: Sequence[Layer],
    public: Sequence[Name],
    synthetic: bool,
    titles: Mapping[Category, Text],
    errors: Accuracy,
) -> tuple[Statement, ...]:
    """Write the statements of one theme, one for each year.

    Parameters
    ----------
    on : Shapes or int
        The publishable areas, or the number of units of the public list.
    policies : Policies
        The signed document; KeyError if it has no such theme.
    theme, years, synthetic
        As given to `protect` or `protect_units`.
    layers : sequence of Layer
        Where the theme is shown: those with `series` in every year, the others in the last.
    public : sequence of str
        Columns of numbers in these layers that are made of open data alone.
    titles : mapping
        Titles of the categories.
    errors : Accuracy
        What error to expect of the figures of these layers.
    """
    policy = policies.policies[theme]
    if not years:
        return ()
    noisy = None if isinstance(policy, RoundedPolicy) else policy
    latest = Statement(
        theme=theme,
        title=policy.title,
        year=years[-1],
        collections=tuple(layer.id for layer in layers if layer.estimated_on is None),
        resolutions=_resolutions(layers),
        synthetic=synthetic,
        method=_method(policy),
        epsilon=noisy.epsilon if noisy else None,
        epsilon_year=noisy.epsilon_year if noisy else None,
        neighbouring="add-or-remove-one-person" if noisy else None,
        rounding=None if noisy else Rounding(base=ROUND_BASE, bound=ROUND_BASE - 1),
        contribution_cap=policy.contribution_cap,
        categories={c: titles[c] for c in policy.categories},
        columns={c: count_name(c) for c in policy.categories},
        suffixes=SUFFIXES if isinstance(policy, AreaPolicy) else None,
        derived=derived(policy, public),
        geographies=() if isinstance(on, int) else _geographies(on),
        units=_units(on, policy),
        posterior_caps=_caps(noisy.epsilon, noisy.epsilon_year) if noisy else (),
        band=Band(low=0, high=policy.band_max) if isinstance(policy, AreaPolicy) else None,
        noise_by_level=_levels(noisy) if noisy else (),
        twin=errors.twin,
        intervals=in_order(errors.intervals),
        utility=tuple(sorted(errors.utility, key=lambda u: u.resolution or 0)),
        estimates=estimates(policy, layers, errors),
        signed_by=policies.signed_by,
        signed_on=policies.signed_on,
    )
    series = [layer for layer in layers if layer.series]
    return (*(_earlier(latest, year, series) for year in years[:-1]), latest)


def with_draws(said: Iterable[Statement], draws: Mapping[int, Told]) -> tuple[Statement, ...]:
    """Add to the statements of one theme what may be told of the draw of each year.

    Parameters
    ----------
    said : iterable of Statement
        One for each year of `draws`.
    draws : mapping
        By year.
    """
    return tuple(_with_draw(one, draws[one.year]) for one in said)


def _with_draw(said: Statement, told: Told) -> Statement:
    spent = None if said.epsilon is None else told.spent
    return said.model_copy(update={"draw": told.draw, "epsilon_cumulative": spent})


def _earlier(latest: Statement, year: int, series: Sequence[Layer]) -> Statement:
    """Return the statement of an earlier year, which only some layers show."""
    shown = {layer.resolution for layer in series}
    changed = {
        "year": year,
        "collections": tuple(layer.id for layer in series),
        "resolutions": _resolutions(series),
        "intervals": tuple(i for i in latest.intervals if i.resolution in shown),
        "utility": tuple(u for u in latest.utility if u.resolution in shown),
        "estimates": (),
    }
    return latest.model_copy(update=changed)


def _resolutions(layers: Iterable[Layer]) -> tuple[Shown, ...]:
    pairs = [(layer.id, layer.resolution) for layer in layers]
    return tuple(Shown(collection=i, resolution=r) for i, r in pairs if r is not None)


def _method(policy: Policy | RoundedPolicy | UnitPolicy) -> Method:
    rounded = isinstance(policy, RoundedPolicy)
    return Method(
        name=policy.method,
        version=METHOD_VERSION,
        noise=None if rounded else "discrete-laplace",
        library=None if rounded else f"opendp {version('opendp')}",
    )


def disclosure(statements: Iterable[Statement]) -> Disclosure:
    """Put statements together, latest year first, then by theme, and sum what they cost by year.

    A person who is in the records of every theme loses at most the sum (sequential
    composition: Dwork and Roth, The algorithmic foundations of differential privacy, 2014,
    section 3.5).
    """
    ordered = sorted(statements, key=lambda s: (-s.year, s.theme))
    years = dict.fromkeys(s.year for s in ordered if s.epsilon is not None)
    return Disclosure(
        statements=tuple(ordered),
        totals=tuple(_total(year, [s for s in ordered if s.year == year]) for year in years),
    )


def _total(year: int, of_year: list[Statement]) -> Total:
    epsilon = round(sum(s.epsilon or 0 for s in of_year), 9)
    most = round(sum(s.epsilon_year or 0 for s in of_year), 9)
    return Total(
        year=year,
        themes=tuple(s.theme for s in of_year if s.epsilon is not None),
        without_epsilon=tuple(s.theme for s in of_year if s.epsilon is None),
        epsilon=epsilon,
        epsilon_year=most,
        posterior_caps=_caps(epsilon, most),
    )


def _units(on: Shapes | int, policy: AreaPolicy | UnitPolicy) -> Units | None:
    if not isinstance(on, int) or not isinstance(policy, UnitPolicy):
        return None
    return Units(kind=policy.on, number=on, fewest=policy.fewest)


def posterior_cap(prior: float, epsilon: float) -> float:
    """Return `p e^epsilon / (p e^epsilon + 1 - p)`, rounded up to 4 decimals.

    Differential privacy multiplies the odds by at most `e^epsilon`, whatever else is known.
    """
    raised = prior * math.exp(epsilon)
    return math.ceil(raised / (raised + 1 - prior) * 10_000) / 10_000


def _caps(epsilon: float, epsilon_year: float) -> tuple[PosteriorCap, ...]:
    return tuple(
        PosteriorCap(
            prior=prior,
            release=posterior_cap(prior, epsilon),
            year=posterior_cap(prior, epsilon_year),
        )
        for prior in PRIORS
    )


def _geographies(shapes: Shapes) -> tuple[Geography, ...]:
    by_minimum: dict[int, tuple[Shape, list[Category]]] = {}
    for category in shapes.categories:
        shape = shapes.of(category)
        by_minimum.setdefault(shape.p_min, (shape, []))[1].append(category)
    return tuple(
        Geography(
            categories=tuple(categories),
            h3_leaf=LEAF,
            p_min=shape.p_min,
            areas=len(shape.areas),
            smallest_residents=shape.smallest,
            sha256=shape.sha256,
        )
        for shape, categories in by_minimum.values()
    )


def _levels(policy: Policy | UnitPolicy) -> tuple[LevelNoise, ...]:
    return tuple(_level(*item) for item in sorted(noise.level_epsilons(policy).items()))


def _level(name: LevelName, epsilon: float) -> LevelNoise:
    half = noise.half_width(epsilon, coverage=0.95)
    return LevelNoise(
        level=name,
        epsilon=round(epsilon, 12),
        scale=noise.scale(epsilon),
        half_width_95=half,
        coverage=round(noise.covered(epsilon, half), 4),
    )
