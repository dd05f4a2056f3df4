"""The disclosure policy: what the data-protection officer signs, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field as Bound
from pydantic import StringConstraints, model_validator

from geo_core.model.text import Name, Strict, Text

Category = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,24}$")]
"""A code of the policy's code list. Categories of one theme are disjoint."""

MOST_CHANGED: Final[Mapping[str, int]] = {"nuclei": 2, "collocazione": 3}
"""How much one person changes the counts of a theme, in all, where it is more than 1: a household
moves with a person, and placing counts the records of needs, demand and reports."""

WITHOUT_PLACE: Final = frozenset({"VIO"})
"""Categories that no theme on areas or offices may have: who is in one must not be found. They are
counted by managing body alone."""

ROUND_BASE: Final = 5
"""Under `round5` every count becomes a multiple of this, the one below it or the one above."""

type Method = Literal["dp", "round5"]
"""What protects the counts of a theme: noise, or rounding."""

type LevelName = Literal["4", "5", "6", "7", "area"]
"""A measured level: an H3 resolution, or `area` for the published areas or units themselves."""


def count_name(category: Category) -> Name:
    """Return the published column that holds the count of a category."""
    return f"n_{category.lower()}"


def estimate_name(count: Name) -> Name:
    """Return the column of the estimate of a published count, where a layer shows estimates."""
    return f"stima_{count.removeprefix('n_')}"


class Share(Strict):
    """One published count as a percentage of another."""

    part: Name
    whole: Name


class Rate(Strict):
    """A published count per so many residents; its bounds are columns of their own."""

    count: Name
    per: Annotated[int, Bound(ge=1)] = 1000


class _Common(Strict):
    """What the policies of all themes say.

    Attributes
    ----------
    contribution_cap : int
        Most that one person more or less changes the counts of a theme and year, in all.
    codelist : str
        Code list that holds the titles of the categories.
    categories : tuple of Category
        What is counted; each is published in a column of its own (`count_name`).
    shares : dict
        Further columns: one count as a percentage of another.
    fewest : int
        Smallest protected number that a share, a median or a mean is made of.
    expected : float
        Persons that are expected in a year per 1,000 residents, or per unit. Known before any
        record is read: the errors that the statement promises are measured on as many.
    """

    title: Text
    contribution_cap: Annotated[int, Bound(ge=1, le=3)]
    codelist: str
    categories: Annotated[tuple[Category, ...], Bound(min_length=1)]
    shares: dict[Name, Share] = Bound({})
    fewest: Annotated[int, Bound(ge=5)] = 20
    expected: Annotated[float, Bound(gt=0)] = 75

    @property
    def sums(self) -> Mapping[Name, tuple[Category, ...]]:
        """Published counts that are sums of several categories, by column."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("a category is listed twice")
        counts = {*map(count_name, self.categories), *self.sums}
        for name, share in self.shares.items():
            if not {share.part, share.whole} <= counts:
                raise ValueError(f"the share {name!r} is not made of published counts")
        return self

    def _check_known(self, named: Iterable[Category], where: str) -> None:
        if unknown := sorted(set(named) - set(self.categories)):
            raise ValueError(f"{where} names {unknown[0]!r}, which is not one of the categories")


class _Private(_Common):
    """What a policy says whose counts get noise.

    Attributes
    ----------
    epsilon : float
        Privacy loss of one release (pure differential privacy, add or remove one person).
    epsilon_year : float
        Most that the releases of one theme may spend on one person and calendar year.
    """

    method: Literal["dp"]
    epsilon: Annotated[float, Bound(gt=0, le=10)]
    epsilon_year: Annotated[float, Bound(gt=0, le=10)]

    @model_validator(mode="after")
    def _within_the_year(self) -> Self:
        if self.epsilon > self.epsilon_year:
            raise ValueError("epsilon is larger than epsilon_year")
        return self


def _refuse_placed(categories: Iterable[Category]) -> None:
    if hidden := sorted(WITHOUT_PLACE & set(categories)):
        raise ValueError(f"{hidden[0]!r} is counted by managing body alone, never at a place")


class AreaPolicy(_Common):
    """How a theme is published on areas made of hexagons.

    Attributes
    ----------
    p_min : int
        Fewest residents of a publishable area.
    p_min_by_category : dict
        Larger minimum for categories under article 9 GDPR.
    band_max : int
        Protected values from 0 to this are shown as a band where people live.
    totals : dict
        Further columns: sums of categories.
    medians : dict
        Further columns: the class that holds the median, of categories in ascending order.
    rates : dict
        Further columns: counts per so many residents.
    """

    on: Literal["aree"]
    p_min: Annotated[int, Bound(ge=50)]
    p_min_by_category: dict[Category, Annotated[int, Bound(ge=50)]] = Bound({})
    band_max: Annotated[int, Bound(ge=2, le=20)]
    totals: dict[Name, tuple[Category, ...]] = Bound({})
    medians: dict[Name, tuple[Category, ...]] = Bound({})
    rates: dict[Name, Rate] = Bound({})

    @property
    def sums(self) -> Mapping[Name, tuple[Category, ...]]:
        """The declared totals."""
        return self.totals

    @model_validator(mode="after")
    def _areas_consistent(self) -> Self:
        _refuse_placed(self.categories)
        if any(p < self.p_min for p in self.p_min_by_category.values()):
            raise ValueError("a category's p_min is below the policy's p_min")
        self._check_known(self.p_min_by_category, "p_min_by_category")
        for name, parts in (self.totals | self.medians).items():
            self._check_known(parts, name)
        counts = {*map(count_name, self.categories), *self.sums}
        for name, rate in self.rates.items():
            if rate.count not in counts:
                raise ValueError(f"the rate {name!r} is not made of a published count")
        return self


class Policy(AreaPolicy, _Private):
    """A theme on areas whose counts get noise.

    Attributes
    ----------
    level_shares : dict
        Share of epsilon for each measured level. They sum to 1.
    """

    level_shares: dict[LevelName, Annotated[float, Bound(gt=0, le=1)]]

    @model_validator(mode="after")
    def _levels_consistent(self) -> Self:
        if abs(sum(self.level_shares.values()) - 1) > 1e-9:
            raise ValueError("level_shares do not sum to 1")
        if "area" not in self.level_shares:
            raise ValueError("level_shares has no `area`: the publishable areas must be measured")
        return self


class RoundedPolicy(AreaPolicy):
    """A theme on areas whose counts are rounded, once: for a table that is published one time.

    The band is what a rounded 0 stands for. A sum of categories is published only where its error
    is bounded like that of a category: of all of them, on the same areas.
    """

    method: Literal["round5"]
    band_max: Literal[4]

    @model_validator(mode="after")
    def _sums_bounded(self) -> Self:
        everything = sorted(self.categories)
        if any(sorted(parts) != everything for parts in self.totals.values()):
            raise ValueError("a rounded total is one of all categories")
        if self.totals and len({self.p_min, *self.p_min_by_category.values()}) > 1:
            raise ValueError("categories on different areas have no rounded total")
        return self


class UnitPolicy(_Private):
    """How a theme is protected that is published for units of a public list.

    A unit of which fewer than `fewest` are counted shows no figure at all.

    Attributes
    ----------
    on : str
        The units: offices or bodies.
    total : str
        Published column of the sum of all categories.
    mean : str | None
        Published column of the mean, where the categories are marks.
    """

    on: Literal["sedi", "ambiti"]
    total: Name
    mean: Name | None = None

    @property
    def sums(self) -> Mapping[Name, tuple[Category, ...]]:
        """The total, which is the sum of all categories."""
        return {self.total: self.categories}

    @property
    def level_shares(self) -> Mapping[LevelName, float]:
        """The whole epsilon goes to the units."""
        return {"area": 1.0}

    @model_validator(mode="after")
    def _marks_are_numbers(self) -> Self:
        if self.mean is not None and not all(c.isdecimal() for c in self.categories):
            raise ValueError("a `mean` needs categories that are whole numbers")
        return self

    @model_validator(mode="after")
    def _no_place_of_violence(self) -> Self:
        if self.on != "ambiti":
            _refuse_placed(self.categories)
        return self


class Policies(Strict):
    """The file `config/disclosure.yml`.

    Attributes
    ----------
    demonstration : bool
        Nobody has signed: only invented records may be published.
    signature : str | None
        SHA-256 of what was signed; `atlante sign` writes it.
    """

    signed_by: str
    signed_on: str
    demonstration: bool = False
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    policies: dict[
        Name,
        Annotated[
            Annotated[Policy | RoundedPolicy, Bound(discriminator="method")] | UnitPolicy,
            Bound(discriminator="on"),
        ],
    ]

    @model_validator(mode="after")
    def _caps_hold(self) -> Self:
        for name, policy in self.policies.items():
            least = MOST_CHANGED.get(name, 1)
            if policy.contribution_cap < least:
                raise ValueError(f"{name}: one person changes {least} counts: contribution_cap")
        return self

    def areas(self, theme: str) -> Policy:
        """Return the policy of a theme on areas whose counts get noise; KeyError otherwise."""
        policy = self.policies[theme]
        if not isinstance(policy, Policy):
            raise KeyError(theme)
        return policy

    def units(self, theme: str) -> UnitPolicy:
        """Return the policy of a theme that is published for units; KeyError otherwise."""
        policy = self.policies[theme]
        if not isinstance(policy, UnitPolicy):
            raise KeyError(theme)
        return policy
