"""The disclosure statement: what was done, what it can reveal at most, what error to expect.

Everything in it follows from the policy, the public areas and the theory of the noise. No
function here can be given a count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Final, Literal

from geo_core.disclose import noise
from geo_core.disclose.shape import Shape, Shapes
from geo_core.model.cells import LEAF
from geo_core.model.manifest import Sha256
from geo_core.model.policy import (
    ROUND_BASE,
    AreaPolicy,
    Category,
    LevelName,
    Policies,
    Policy,
    RoundedPolicy,
    UnitPolicy,
)
from geo_core.model.policy import Method as MethodName
from geo_core.model.text import Strict, Text

METHOD_VERSION: Final = "3"
PRIORS: Final = (0.004, 0.075, 0.5)
"""Chances before the release, for which the most that can be learnt is stated: a rare category,
the average resident of a district with 7.5 % in need, and a coin."""


class Method(Strict):
    """What protects the numbers, and in which version; `noise` and its `library` under `dp`."""

    name: MethodName
    version: str
    noise: Literal["discrete-laplace"] | None
    library: str | None


class Rounding(Strict):
    """How numbers are rounded.

    Attributes
    ----------
    base : int
        Every number is a multiple of it.
    bound : int
        No number of a category is off by more, on any feature of any resolution; nor is the sum
        of all categories that share their areas.
    """

    base: int
    bound: int


class Geography(Strict):
    """The areas on which some categories are published.

    Attributes
    ----------
    smallest_residents : int
        Residents of the smallest area (public figure).
    sha256 : str
        Hash of the outlines: equal hashes, comparable areas.
    """

    categories: tuple[Category, ...]
    h3_leaf: int
    p_min: int
    areas: int
    smallest_residents: int
    sha256: Sha256


class Units(Strict):
    """The public list whose units are counted, where they are no areas of residents.

    Attributes
    ----------
    number : int
        Units on the list.
    fewest : int
        Smallest protected total of a unit whose figures are shown.
    """

    kind: Literal["sedi", "ambiti"]
    number: int
    fewest: int


class PosteriorCap(Strict):
    """Most that one can believe after reading, having believed `prior` before.

    The reader may know everybody else's record. `release` holds for one release, `year` for
    all releases of the theme in one year.
    """

    prior: float
    release: float
    year: float


class Band(Strict):
    """Protected numbers that are shown as a range."""

    low: int
    high: int


class LevelNoise(Strict):
    """Noise of one measured level, before the levels are reconciled.

    Attributes
    ----------
    half_width_95 : int
        The noise lies in `[-half_width_95, half_width_95]` with probability `coverage`, the
        smallest such interval that reaches 95 %.
    """

    level: LevelName
    epsilon: float
    scale: float
    half_width_95: int
    coverage: float


class Statement(Strict):
    """What `disclosure.json` says of one theme and year.

    Attributes
    ----------
    neighbouring : str
        What epsilon hides: whether one person's record is there at all. Hiding which of two
        places or categories a record known to exist belongs to costs twice as much.
    epsilon, epsilon_year : float | None
        None for a rounded table, which does not limit what can be learnt by somebody who knows
        all other records.
    rounding : Rounding | None
        None where noise protects the numbers.
    contribution_cap : int
        Records of one person that count; together they cost `epsilon`.
    categories : dict
        Titles of what is counted.
    geographies : tuple of Geography
        The areas; empty for a theme that is published for `units`.
    band : Band | None
        None where the units decide what is shown.
    """

    theme: str
    title: Text
    year: int
    synthetic: bool
    method: Method
    epsilon: float | None
    epsilon_year: float | None
    neighbouring: Literal["add-or-remove-one-person"] | None
    rounding: Rounding | None
    contribution_cap: int
    categories: dict[Category, Text]
    geographies: tuple[Geography, ...]
    units: Units | None
    posterior_caps: tuple[PosteriorCap, ...]
    band: Band | None
    noise_by_level: tuple[LevelNoise, ...]
    signed_by: str
    signed_on: str


class Total(Strict):
    """What all themes of one year may reveal together about a person who is in all of them.

    Attributes
    ----------
    without_epsilon : tuple of str
        Rounded themes of the year, which the sum does not cover.
    """

    year: int
    themes: tuple[str, ...]
    without_epsilon: tuple[str, ...]
    epsilon: float
    epsilon_year: float
    posterior_caps: tuple[PosteriorCap, ...]


class Disclosure(Strict):
    """The file `disclosure.json`: one statement per theme and year, and the sum by year."""

    statements: tuple[Statement, ...]
    totals: tuple[Total, ...]


def statement(  # noqa: PLR0913 - what a statement is about
    on: Shapes | int,
    policies: Policies,
    *,
    theme: str,
    year: int,
    synthetic: bool,
    titles: Mapping[Category, Text],
) -> Statement:
    """Write the statement of one theme and year.

    Parameters
    ----------
    on : Shapes or int
        The publishable areas, or the number of units of the public list.
    policies : Policies
        The signed document; KeyError if it has no such theme.
    theme, year, synthetic
        As given to `protect` or `protect_units`.
    titles : mapping
        Titles of the categories.
    """
    policy = policies.policies[theme]
    noisy = None if isinstance(policy, RoundedPolicy) else policy
    return Statement(
        theme=theme,
        title=policy.title,
        year=year,
        synthetic=synthetic,
        method=Method(
            name=policy.method,
            version=METHOD_VERSION,
            noise="discrete-laplace" if noisy else None,
            library=f"opendp {version('opendp')}" if noisy else None,
        ),
        epsilon=noisy.epsilon if noisy else None,
        epsilon_year=noisy.epsilon_year if noisy else None,
        neighbouring="add-or-remove-one-person" if noisy else None,
        rounding=None if noisy else Rounding(base=ROUND_BASE, bound=ROUND_BASE - 1),
        contribution_cap=policy.contribution_cap,
        categories={c: titles[c] for c in policy.categories},
        geographies=() if isinstance(on, int) else _geographies(on),
        units=_units(on, policy),
        posterior_caps=_caps(noisy.epsilon, noisy.epsilon_year) if noisy else (),
        band=Band(low=0, high=policy.band_max) if isinstance(policy, AreaPolicy) else None,
        noise_by_level=_levels(noisy) if noisy else (),
        signed_by=policies.signed_by,
        signed_on=policies.signed_on,
    )


def disclosure(statements: Iterable[Statement]) -> Disclosure:
    """Put statements together, latest year first, and sum what they cost by year.

    A person who is in the records of every theme loses at most the sum (sequential
    composition: Dwork and Roth, The algorithmic foundations of differential privacy, 2014,
    section 3.5).
    """
    ordered = sorted(statements, key=lambda s: -s.year)
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
    return tuple(_level(*item) for item in noise.level_epsilons(policy).items())


def _level(name: LevelName, epsilon: float) -> LevelNoise:
    half = noise.half_width(epsilon, coverage=0.95)
    return LevelNoise(
        level=name,
        epsilon=round(epsilon, 12),
        scale=noise.scale(epsilon),
        half_width_95=half,
        coverage=round(noise.covered(epsilon, half), 4),
    )
