"""The routes of the project and pygeoapi over its provider give the same features.

Where they do not, the written list says why: `door_faults`, `door_filter_faults` and, for the form
of the answers, below. It is published as `docs/pygeoapi.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest
from api_release import NAUGHTY, layers
from door_faults import IN_PARAMETERS, Fault, Instead, said
from door_filter_faults import IN_FILTERS
from door_queries import Draw
from doors import Query, Reply, doors_of, unescaped
from hypothesis import given, settings
from hypothesis import strategies as st

IDS = tuple(layer.id for layer in layers())
QUERIES = 700
"""Of each collection."""
FAULTS = (*IN_PARAMETERS, *IN_FILTERS)

# The geometries of pygeoapi are moved by a function that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")


@dataclass(frozen=True)
class Flaw:
    """Something in the form of pygeoapi's answers; `shows` tells it, given theirs and ours."""

    asked: str
    done: str
    requirement: str
    example: Query
    shows: Callable[[Reply, Reply], bool]


def linked(reply, rel):
    return [link["href"] for link in reply.document["links"] if link["rel"] == rel]


FLAWS = (
    Flaw(
        "testi con `<` e `>`",
        "li scrive `&lt;` e `&gt;` in ogni JSON",
        "/req/geojson/content",
        said(nome=NAUGHTY[3]),
        lambda theirs, ours: NAUGHTY[3] in ours.text and NAUGHTY[3] not in theirs.text,
    ),
    Flaw(
        "oggetti, senza dire il formato",
        "`application/json`",
        "/req/geojson/definition",
        said(limit="1"),
        lambda theirs, ours: (
            ours.headers["content-type"] == "application/geo+json"
            and theirs.headers["Content-Type"] == "application/json"
        ),
    ),
    Flaw(
        "l'ultima pagina, se è piena",
        "rimanda a una pagina vuota (`next`)",
        "-",
        said(limit="30", offset="30"),
        lambda theirs, ours: bool(linked(theirs, "next")) and not linked(ours, "next"),
    ),
    Flaw(
        "`limit=10&offset=5`",
        "la pagina prima (`prev`) ripete cinque oggetti di questa",
        "-",
        said(limit="10", offset="5"),
        lambda theirs, ours: (
            "offset=0" in linked(theirs, "prev")[0]
            and "limit=10" in linked(theirs, "prev")[0]
            and "limit=5" in linked(ours, "prev")[0]
        ),
    ),
)


@pytest.fixture(scope="module")
def doors(small_releases, small_release):
    with doors_of(small_releases, small_release) as doors:
        yield doors


@pytest.fixture(scope="module")
def features(doors):
    return {ident: doors.ours(Query(ident)).document["features"] for ident in IDS}


def meant(query, doors) -> tuple[Instead, list[Fault]]:
    """Return what pygeoapi answers in place of a query, and the faults that explain it."""
    instead: Instead = query
    met = []
    for fault in FAULTS:
        if isinstance(instead, Query) and fault.meets(instead, doors):
            instead = fault.instead(instead)
            met.append(fault)
    return instead, met


def compared(doors, query):
    """Return what pygeoapi gives, and what it should, its known faults included."""
    instead, _ = meant(query, doors)
    expected = doors.ours(instead).found if isinstance(instead, Query) else instead
    return unescaped(doors.pygeoapis(query)).found, expected


@pytest.mark.parametrize("ident", IDS)
def test_both_doors_give_the_same_features(doors, features, ident):
    layer, seen = doors.release.info(ident).layer, Counter()
    for seed in range(QUERIES):
        query = Draw(Random(seed), layer, features[ident]).query()
        found, expected = compared(doors, query)
        assert found == expected, query
        seen["answered"] += isinstance(found, dict)
        seen["with features"] += isinstance(found, dict) and found["numberReturned"] > 0
    assert seen["answered"] > QUERIES / 2
    assert seen["with features"] > QUERIES / 8


@pytest.mark.parametrize("ident", IDS)
@settings(max_examples=60, derandomize=True)
@given(random=st.randoms(use_true_random=False))
def test_no_query_that_is_sought_finds_a_difference(doors, features, ident, random):
    layer = doors.release.info(ident).layer
    found, expected = compared(doors, Draw(random, layer, features[ident]).query())
    assert found == expected


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.asked[:40])
def test_a_fault_on_the_list_is_one_still(doors, fault):
    assert meant(fault.example, doors)[1] == [fault]
    found, expected = compared(doors, fault.example)
    assert found == expected, "mended, or changed: take it off the list"
    assert found != doors.ours(fault.example).found


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.asked)
def test_a_flaw_of_form_on_the_list_is_one_still(doors, flaw):
    theirs, ours = doors.pygeoapis(flaw.example), doors.ours(flaw.example)
    assert (theirs.status, ours.status) == (200, 200)
    assert flaw.shows(theirs, ours), "mended: take it off the list"


@pytest.mark.parametrize(
    ("title", "listed"),
    [("parametri", IN_PARAMETERS), ("filtri", IN_FILTERS), ("forma", FLAWS)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_list_is_published_as_it_is(root, title, listed):
    page = (root / "docs/pygeoapi.md").read_text(encoding="utf-8")
    section = page.partition(f"### {title.capitalize()}\n")[2].partition("\n#")[0]
    rows = [f"| {one.asked} | {one.done} | {shown(one.requirement)} |" for one in listed]
    assert section.split("|---|---|---|\n")[-1].strip().splitlines() == rows


def shown(requirement):
    return f"`{requirement}`" if requirement != "-" else "non ne parla"
