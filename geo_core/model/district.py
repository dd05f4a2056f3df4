"""Which district an installation publishes, and for which year."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from geo_core.model.publication import Publication
from geo_core.model.text import Strict, Text

MOST_YEARS: Final = 10
"""Calendar years of records that are published: each is a draw of noise of its own."""


class District(Strict):
    """The file `config/distretto.yml`.

    Attributes
    ----------
    province : str
        Three-digit ISTAT code.
    year : int
        Year of the population and calendar year of needs. Its residents and those of the year
        before must be at hand: imported, or else those of 2023 and 2022.
    first_year : int
        First calendar year of the records that are published. What is drawn and shown are the
        years from this one to `year`: public, and the doing of no record.
    reference_date : str
        ISO date the release refers to; no clock enters a release.
    publication : Publication
        Who publishes, who holds the rights, whom to write to.
    demonstration : bool
        `publication` names nobody real: it must not go out with real data.
    """

    title: Text
    province: Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
    year: Annotated[int, Field(ge=2000, le=2100)]
    first_year: Annotated[int, Field(ge=2000, le=2100)]
    reference_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    publication: Publication
    demonstration: bool = False

    @property
    def years(self) -> range:
        """Calendar years of records, ascending."""
        return range(self.first_year, self.year + 1)

    @model_validator(mode="after")
    def _few_years(self) -> Self:
        if not 1 <= len(self.years) <= MOST_YEARS:
            raise ValueError(f"from first_year to year are 1 to {MOST_YEARS} years")
        return self
