"""The disclosure policy: what the data-protection officer signs, as data."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Bound
from pydantic import model_validator

from geo_core.model.text import Name, Strict, Text

type Category = Literal["FAM", "DIS", "DIP", "ANZ", "IMM", "POV", "MUL"]
"""The seven user areas of ISTAT's survey of municipal social services."""

CATEGORIES: tuple[Category, ...] = ("FAM", "DIS", "DIP", "ANZ", "IMM", "POV", "MUL")


class Policy(Strict):
    """How one theme is protected.

    Attributes
    ----------
    epsilon : float
        Privacy loss of one release (pure differential privacy, add or remove one person).
    epsilon_year : float
        Most that the releases of one theme may spend on one person and calendar year.
    contribution_cap : int
        Records of one person that count, per theme and year.
    p_min : int
        Fewest residents of a publishable area.
    p_min_by_category : dict
        Larger minimum for categories under article 9 GDPR.
    band_max : int
        Protected values from 0 to this are shown as a band where people live.
    level_shares : dict
        Share of epsilon for each measured level: an H3 resolution, or `area` for the
        publishable areas themselves. They sum to 1.
    """

    method: Literal["dp"]
    title: Text
    epsilon: Annotated[float, Bound(gt=0, le=10)]
    epsilon_year: Annotated[float, Bound(gt=0, le=10)]
    contribution_cap: Literal[1]
    p_min: Annotated[int, Bound(ge=50)]
    p_min_by_category: dict[Category, Annotated[int, Bound(ge=50)]]
    band_max: Annotated[int, Bound(ge=2, le=20)]
    level_shares: dict[Literal["4", "5", "6", "7", "area"], Annotated[float, Bound(gt=0, le=1)]]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if abs(sum(self.level_shares.values()) - 1) > 1e-9:
            raise ValueError("level_shares do not sum to 1")
        if "area" not in self.level_shares:
            raise ValueError("level_shares has no `area`: the publishable areas must be measured")
        if self.epsilon > self.epsilon_year:
            raise ValueError("epsilon is larger than epsilon_year")
        if any(p < self.p_min for p in self.p_min_by_category.values()):
            raise ValueError("a category's p_min is below the policy's p_min")
        return self


class Policies(Strict):
    """The file `config/disclosure.yml`."""

    signed_by: str
    signed_on: str
    policies: dict[Name, Policy]
