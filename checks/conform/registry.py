"""The list of tests: a decorator with the requirement's identifier adds one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from checks.conform.service import Service

type Run = Callable[[Service], str | None]
"""Returns what was looked at, where that is worth telling."""


@dataclass(frozen=True)
class Check:
    """One requirement and how it is tested.

    Attributes
    ----------
    group : str
        Conformance class, without the base address of the specifications.
    requirement : str
        Identifier of the requirement, such as `/req/core/root-op`.
    italian, english : str
        What is tested, for people.
    run : callable
        Returns if the requirement is met, best with what was looked at; raises `Failed` or
        `Skipped` otherwise.
    """

    group: str
    requirement: str
    italian: str
    english: str
    run: Run


TESTS: Final[dict[tuple[str, str], Check]] = {}
"""All tests, by class and requirement, in the order in which they run."""


def add(test: Check) -> None:
    """Add a test; `ValueError` if its requirement has one."""
    key = (test.group, test.requirement)
    if key in TESTS:
        raise ValueError(f"{key} has a test")
    TESTS[key] = test


def conformance_class(group: str) -> Callable[[str, str], Callable[[Run], Run]]:
    """Return the decorator of the tests of one conformance class.

    Parameters
    ----------
    group : str
        Such as `ogcapi-features-1/1.0/conf/core`.

    Examples
    --------
    >>> core = conformance_class("ogcapi-features-1/1.0/conf/core")
    >>> @core("/req/core/root-op", "La pagina iniziale risponde.")
    ... def root_op(service: Service) -> None:
    ...     "The landing page answers."
    """

    def requirement(ident: str, italian: str) -> Callable[[Run], Run]:
        def register(run: Run) -> Run:
            english = (run.__doc__ or "").strip().partition("\n")[0]
            add(Check(group, ident, italian, english, run))
            return run

        return register

    return requirement
