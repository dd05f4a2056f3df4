"""How often each kind of case occurs, among whom, when, and how that changes over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

YEARS: Final = (2022, 2023)
"""Calendar years of the records, ascending."""

MONTHS: Final = tuple(f"{year}-{month:02d}" for year in YEARS for month in range(1, 13))

BANDS: Final = (
    ("0-2", 0), ("3-5", 3), ("6-13", 6), ("14-17", 14),
    ("18-34", 18), ("35-64", 35), ("65-74", 65), ("75+", 75),
)  # fmt: skip
"""Age bands and their first year."""


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of case.

    Attributes
    ----------
    share : float
        Part of the persons of the last year.
    ages : tuple of 8 floats
        Relative risk by age band.
    growth : float
        Persons of the last year for each one of the year before.
    months : tuple of 12 floats
        Relative frequency by month, January first.
    """

    share: float
    ages: tuple[float, ...]
    growth: float
    months: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """The cases of one table.

    Attributes
    ----------
    per_person : float
        Records for each person and year, at least 1.
    known : float
        Share of persons whose body computes a pseudonym.
    staying : float
        Share of persons that are there in both years.
    """

    categories: Mapping[str, Category]
    per_person: float
    known: float
    staying: float


_EVEN: Final = (1, 1, 1, 1, 1, 1, 1, 0.6, 1, 1, 1, 0.9)
_WINTER: Final = (1.5, 1.4, 1.2, 1, 0.8, 0.7, 0.7, 0.5, 0.9, 1, 1.2, 1.5)
_SCHOOL: Final = (1, 1, 1, 1, 1.1, 0.9, 0.6, 0.4, 1.6, 1.4, 1.1, 0.8)
_SUMMER: Final = (0.8, 0.8, 0.9, 1, 1.1, 1.3, 1.3, 0.9, 1.1, 1, 0.9, 0.8)
_HEAT_AND_COLD: Final = (1.3, 1.2, 1, 0.9, 0.9, 1, 1.3, 1.1, 0.9, 0.9, 1, 1.2)
_ADULTS: Final = (0, 0, 0, 0.5, 3, 4, 2, 0.8)

# Shares of needs follow the spending shares of ISTAT's survey of municipal social services, with
# more addictions than there (0.3 % would leave nothing to protect).
NEEDS: Final = Theme(
    categories={
        "FAM": Category(0.345, (5, 5, 6, 6, 3, 2, 0.2, 0.1), 1.03, _SCHOOL),
        "DIS": Category(0.25, (0.5, 1, 2, 2, 1.5, 2, 3, 4), 1.02, _EVEN),
        "ANZ": Category(0.17, (0, 0, 0, 0, 0, 0, 2, 8), 1.06, _HEAT_AND_COLD),
        "POV": Category(0.085, (0, 0, 0, 0, 3, 4, 1.5, 1), 1.25, _WINTER),
        "IMM": Category(0.05, (2, 2, 2, 3, 4, 2, 0.3, 0.1), 1.12, _SUMMER),
        "DIP": Category(0.03, (0, 0, 0, 1, 4, 3, 0.5, 0.1), 0.95, _EVEN),
        "MUL": Category(0.055, (1, 1, 1, 1, 1, 1, 1, 1), 1.0, _EVEN),
        "VIO": Category(0.015, (0, 0, 0, 1, 4, 3, 0.5, 0.3), 1.1, _EVEN),
    },
    per_person=1.08,
    known=0.75,
    staying=0.45,
)

REPORTS: Final = Theme(
    categories={
        "accesso": Category(0.16, _ADULTS, 1.05, _EVEN),
        "barriere": Category(0.12, (0, 0, 0, 0.5, 1, 2, 3, 3), 1.0, _SUMMER),
        "solitudine": Category(0.14, (0, 0, 0, 0.2, 0.6, 1, 3, 5), 1.1, _HEAT_AND_COLD),
        "abitare": Category(0.13, _ADULTS, 1.2, _WINTER),
        "trasporti": Category(0.17, (0, 0, 1, 3, 3, 2, 3, 3), 1.0, _SCHOOL),
        "spazi": Category(0.16, _ADULTS, 0.95, _SUMMER),
        "proposta": Category(0.07, _ADULTS, 1.3, _EVEN),
        "altro": Category(0.05, _ADULTS, 1.0, _EVEN),
    },
    per_person=1.05,
    known=0.4,
    staying=0.05,
)
