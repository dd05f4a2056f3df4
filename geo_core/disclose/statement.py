"""The disclosure statement: what was done, what it can reveal at most, what error to expect.

Everything in it follows from the policy, the public areas and the theory of the noise. No
function here can be given a count.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import Final, Literal

from geo_core.disclose import noise
from geo_core.disclose.shape import Shape, Shapes
from geo_core.disclose.tree import LevelName
from geo_core.model.cells import LEAF
from geo_core.model.manifest import Sha256
from geo_core.model.policy import CATEGORIES, Category, Policies
from geo_core.model.text import Strict, Text

METHOD_VERSION: Final = "1"
PRIORS: Final = (0.004, 0.075, 0.5)
"""Chances before the release, for which the most that can be learnt is stated: a rare category,
the average resident of a district with 7.5 % in need, and a coin."""


class Method(Strict):
    """What protects the numbers, and in which version."""

    name: Literal["dp"]
    version: str
    noise: Literal["discrete-laplace"]
    library: str


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
    """The content of `disclosure.json` for one theme and year.

    Attributes
    ----------
    neighbouring : str
        What epsilon hides: whether one person's record is there at all. Hiding which of two
        places or categories a record known to exist belongs to costs twice as much.
    contribution_cap : int
        Records of one person that count.
    """

    theme: str
    title: Text
    year: int
    synthetic: bool
    method: Method
    epsilon: float
    epsilon_year: float
    neighbouring: Literal["add-or-remove-one-person"]
    contribution_cap: int
    geographies: tuple[Geography, ...]
    posterior_caps: tuple[PosteriorCap, ...]
    band: Band
    noise_by_level: tuple[LevelNoise, ...]
    signed_by: str
    signed_on: str


def statement(
    shapes: Shapes, policies: Policies, *, theme: str, year: int, synthetic: bool
) -> Statement:
    """Write the statement of one theme and year.

    Parameters
    ----------
    shapes : Shapes
        The publishable areas.
    policies : Policies
        The signed document; KeyError if it has no such theme.
    theme, year, synthetic
        As given to `protect`.
    """
    policy = policies.policies[theme]
    return Statement(
        theme=theme,
        title=policy.title,
        year=year,
        synthetic=synthetic,
        method=Method(
            name=policy.method,
            version=METHOD_VERSION,
            noise="discrete-laplace",
            library=f"opendp {version('opendp')}",
        ),
        epsilon=policy.epsilon,
        epsilon_year=policy.epsilon_year,
        neighbouring="add-or-remove-one-person",
        contribution_cap=policy.contribution_cap,
        geographies=_geographies(shapes),
        posterior_caps=tuple(_cap(p, policy.epsilon, policy.epsilon_year) for p in PRIORS),
        band=Band(low=0, high=policy.band_max),
        noise_by_level=tuple(_level(*item) for item in noise.level_epsilons(policy).items()),
        signed_by=policies.signed_by,
        signed_on=policies.signed_on,
    )


def posterior_cap(prior: float, epsilon: float) -> float:
    """Return `p e^epsilon / (p e^epsilon + 1 - p)`, rounded up to 4 decimals.

    Differential privacy multiplies the odds by at most `e^epsilon`, whatever else is known.
    """
    raised = prior * math.exp(epsilon)
    return math.ceil(raised / (raised + 1 - prior) * 10_000) / 10_000


def _cap(prior: float, epsilon: float, epsilon_year: float) -> PosteriorCap:
    return PosteriorCap(
        prior=prior,
        release=posterior_cap(prior, epsilon),
        year=posterior_cap(prior, epsilon_year),
    )


def _geographies(shapes: Shapes) -> tuple[Geography, ...]:
    by_minimum: dict[int, tuple[Shape, list[Category]]] = {}
    for category in CATEGORIES:
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


def _level(name: LevelName, epsilon: float) -> LevelNoise:
    half = noise.half_width(epsilon, coverage=0.95)
    return LevelNoise(
        level=name,
        epsilon=epsilon,
        scale=noise.scale(epsilon),
        half_width_95=half,
        coverage=round(noise.covered(epsilon, half), 4),
    )
