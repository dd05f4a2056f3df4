"""Which district an installation publishes, and for which year."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from geo_core.model.publication import Publication
from geo_core.model.text import Strict, Text


class District(Strict):
    """The file `config/distretto.yml`.

    Attributes
    ----------
    province : str
        Three-digit ISTAT code.
    year : int
        Year of the population and calendar year of needs. Its residents and those of the year
        before must be at hand: imported, or else those of 2023 and 2022.
    reference_date : str
        ISO date the release refers to; no clock enters a release.
    publication : Publication
        Who publishes, who holds the rights, whom to write to.
    """

    title: Text
    province: Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
    year: Annotated[int, Field(ge=2000, le=2100)]
    reference_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    publication: Publication
