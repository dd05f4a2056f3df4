"""Running the tests of what a server declares, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError

# Importing a module of tests adds them to the registry; the order is that of the reports.
from checks.conform import (
    core,
    core_items,
    cql2,
    crs,
    dggs,
    dggs_data,
    dggs_filter,
    dggs_lists,
    dggs_subset,
    dggs_sums,
    dggs_where,
    dggs_zones,
    encodings,
    filtering,
    processes,
    schemas,
    tiles,
    tiles_mvt,
    tiles_selection,
    tms,
)
from checks.conform.http import CannotTest, NoAnswer, Spent
from checks.conform.outcome import Failed, Skipped
from checks.conform.registry import TESTS, Check
from checks.conform.service import Service, links_of

MODULES: Final = (
    *(core, core_items, encodings, crs, filtering, cql2, schemas),
    *(tiles, tiles_selection, tiles_mvt, tms),
    *(dggs, dggs_zones, dggs_where, dggs_lists, dggs_data, dggs_subset, dggs_sums),
    dggs_filter,
    processes,
)
"""The modules of tests."""
ALWAYS: Final = frozenset({core.GROUP})
"""Classes that are tested whether or not they are declared, unless the server is of another API."""
OTHERS: Final = ("ogcapi-tiles-1/", "ogcapi-dggs-1/", "ogcapi-processes-1/")
"""APIs that need no features."""
ALIASES: Final = {
    "ogcapi-features-5/1.0/conf/schemas": "ogcapi-common-3/1.0/conf/schemas",
    "cql2/1.0/conf/basic-spatial-operators": "cql2/1.0/conf/basic-spatial-functions",
}
"""Names that classes had before their standard was approved, and the names they have."""
PARTS: Final = (
    "ogcapi-features-1/1.0/conf/core",
    "ogcapi-features-1/1.0/conf/html",
    "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-2/",
    "ogcapi-features-3/",
    "cql2/",
    "ogcapi-common-3/",
    "ogcapi-tiles-1/",
    "tms/",
    "ogcapi-dggs-1/",
    "ogcapi-processes-1/",
)
"""How the names of classes begin, in the order of the tests; others follow."""
LANDING: Final = ("conformance", "data", "service-desc", "service-doc")
"""Relations of links, of which a landing page has some."""
LAST: Final = "ogcapi-features-1/1.0/conf/oas30"
"""Tested last: it holds all answers of the run against the definition."""
SPENT: Final = "richieste esaurite / no requests left"

UNEXPECTED: Final = (
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    IndexError,
    RecursionError,
    ShapelyError,
    ProjError,
)
"""What reading a document of another form than expected can raise."""

type Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Result:
    """How one test ended.

    Attributes
    ----------
    test : Check
        What was tested.
    outcome : str
        `passed`, `failed` or `skipped`.
    request, expected, found : str
        Of a test that failed.
    why : str
        Of a test that was skipped.
    seen : str
        What a test that passed has looked at.
    """

    test: Check
    outcome: Outcome
    request: str = ""
    expected: str = ""
    found: str = ""
    why: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Report:
    """How all tests ended.

    Attributes
    ----------
    root : str
        Address of the landing page.
    results : tuple of Result
        In the order of the tests.
    undeclared, untested : tuple of str
        Classes with tests that the server does not declare, and the other way round.
    requests : int
        How many were sent.
    """

    root: str
    results: tuple[Result, ...]
    undeclared: tuple[str, ...]
    untested: tuple[str, ...]
    requests: int

    @property
    def failed(self) -> tuple[Result, ...]:
        """The tests that failed."""
        return tuple(result for result in self.results if result.outcome == "failed")

    @property
    def exit_code(self) -> int:
        """0 if no test failed, else 1."""
        return 1 if self.failed else 0


def groups_of(declared: Iterable[str]) -> set[str]:
    """Return the classes a server declares, by the names they have today."""
    return {ALIASES.get(group, group) for group in declared}


def place_of(group: str) -> int:
    """Return where a class stands in the order of the tests."""
    places = [place for place, part in enumerate(PARTS) if group.startswith(part)]
    return places[0] if places else len(PARTS) + (group == LAST)


def conform(service: Service, progress: Callable[[str], None] = lambda _text: None) -> Report:
    """Test what a server declares.

    Parameters
    ----------
    service : Service
        The server.
    progress : callable
        Told the requirement that is being tested.

    Raises
    ------
    CannotTest
        Nothing answers at the address, or it is no OGC API.
    """
    declared = groups_of(_declared(service))
    if not any(group.startswith(OTHERS) for group in declared):
        declared |= ALWAYS
    wanted = [test for test in TESTS.values() if test.group in declared]
    wanted.sort(key=lambda test: place_of(test.group))
    results = []
    for test in wanted:
        progress(f"{test.group} {test.requirement}")
        results.append(judge(test, service))
    groups = {test.group for test in TESTS.values()}
    return Report(
        service.client.root,
        tuple(results),
        tuple(dict.fromkeys(t.group for t in TESTS.values() if t.group not in declared)),
        tuple(sorted(declared - groups)),
        len(service.client.log),
    )


def _declared(service: Service) -> frozenset[str]:
    try:
        answer = service.ask("/")
        links = service.landing.get("links")
    except NoAnswer as error:
        raise CannotTest(f"non risponde / does not answer: {error}") from error
    except Skipped as error:
        raise CannotTest(f"non è una pagina iniziale / no landing page: {error}") from error
    if not isinstance(links, list):
        raise CannotTest(f"non è una pagina iniziale / no landing page: {answer.asked}")
    try:
        return service.declared
    except (Skipped, NoAnswer) as error:
        if not links_of(service.landing, *LANDING):
            raise CannotTest(f"non è una pagina iniziale / no landing page: {error}") from error
        return frozenset()


def judge(test: Check, service: Service) -> Result:
    """Run one test and say how it ended."""
    try:
        seen = test.run(service) or ""
    except Failed as error:
        return Result(test, "failed", error.request, error.expected, error.found)
    except Skipped as error:
        return Result(test, "skipped", why=str(error))
    except Spent:
        return Result(test, "skipped", why=SPENT)
    except NoAnswer as error:
        return Result(test, "failed", "", "an answer", str(error))
    except UNEXPECTED as error:
        asked = str(service.client.log[-1].asked) if service.client.log else ""
        return Result(test, "failed", asked, "documents of the required form", repr(error))
    return Result(test, "passed", seen=seen)
