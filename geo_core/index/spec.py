"""What every specification of `atlante index` says; each method adds what it needs.

A specification is a YAML file. A key that is not known is an error, and so is a key that the
method would not use: nothing is ignored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from geo_core.errors import CatalogError
from geo_core.model.text import Strict
from geo_core.strict_yaml import place, read_document

LARGEST: Final = 1e15
"""Largest magnitude of a number; beyond it squares of sums lose their meaning."""

SMALLEST: Final = 1e-30
"""Smallest magnitude of a number that is not zero."""

_POWER: Final = re.compile(r"[+-]?[0-9]{1,20}[eE][+-]?[0-9]{1,2}")
_POLARITIES: Final = {"positive": 1, "negative": -1, "positiva": 1, "negativa": -1, 1: 1, -1: -1}


def _polarity(value: Any) -> Any:
    known = _POLARITIES.get(value) if isinstance(value, str | int) else None
    if known is None or isinstance(value, bool):
        raise ValueError("a polarity is 1 (positive) or -1 (negative)")
    return known


def _label(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(value: Any) -> Any:
    """Read what YAML takes for a text: a power of ten without a point, such as 1e-3."""
    is_power = isinstance(value, str) and _POWER.fullmatch(value) is not None
    return float(value) if is_power else value


def _bounded(value: float) -> float:
    if abs(value) > LARGEST or 0 < abs(value) < SMALLEST:
        raise ValueError("is too large or too small")
    return value


Number = Annotated[
    float,
    BeforeValidator(_number),
    Field(strict=True, allow_inf_nan=False),
    AfterValidator(_bounded),
]
Positive = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(gt=0, le=1)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Draws = Annotated[int, Field(strict=True, ge=9, le=9_999_999)]
Seed = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
Ring = Annotated[int, Field(strict=True, ge=1, le=50)]
Level = Annotated[float, Field(strict=True, gt=0, le=0.999999)]
"""Confidence of an interval: 0.95 for 95 %."""
ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
Polarity = Annotated[Literal[1, -1], BeforeValidator(_polarity)]
Label = Annotated[str, BeforeValidator(_label), Field(min_length=1, max_length=100)]
type Decimal = Literal["point", "comma"]


class Spec(Strict):
    """What every method is told.

    Attributes
    ----------
    method : str
        Name of the method.
    id : str
        Column that names the units.
    decimal : "point" or "comma"
        How numbers are written in the tables; thousands are never separated.
    missing_values : tuple of str
        Cells that mean "not known", besides empty ones.
    """

    method: str
    id: ColumnName
    decimal: Decimal = "point"
    missing_values: tuple[str, ...] = ()


class _Named(BaseModel):
    """The one key that says which model reads the rest."""

    model_config = ConfigDict(extra="ignore")
    method: Annotated[str, Field(strict=True)]


def read_spec(path: Path, models: Mapping[str, type[Spec]]) -> Spec:
    """Read a specification.

    Parameters
    ----------
    path : Path
        YAML, at most 1 MB.
    models : mapping
        What each method may be told, by its name.

    Raises
    ------
    CatalogError
        Names file, line and the nearest known key.
    """
    name = read_document(path, _Named).method
    if name not in models:
        close = get_close_matches(name[:64], models, n=1)
        raise CatalogError(
            f"there is no method '{name[:64]}'",
            where=place(path, "method"),
            hint=f"did you mean '{close[0]}'?" if close else f"known: {', '.join(models)}",
        )
    return read_document(path, models[name])


def distinct(names: Sequence[str]) -> None:
    """Refuse variables of which two have one name (for validators: `ValueError`)."""
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise ValueError(f"the variable {twice[0]} is there twice")


def all_or_none(given: Sequence[object | None], key: str) -> None:
    """Refuse a key that some variables have and others not (for validators: `ValueError`)."""
    if any(g is None for g in given) and any(g is not None for g in given):
        raise ValueError(f"give {key} to every variable, or to none")


def ordered(pair: tuple[float, float] | None) -> None:
    """Refuse a least value that is not below the greatest (for validators: `ValueError`)."""
    if pair is not None and pair[0] >= pair[1]:
        raise ValueError("give [min, max], with min below max")
