"""GDAL leaves filters to the server: only the rows that match leave it, in both versions here.

Each client first asks for a few features, to learn their types; all that follows is filtered.
"""

from __future__ import annotations

import re
import subprocess

import geopandas
import pytest
from api_release import PLACES, matching, place

ROWS = [place(i) for i in range(PLACES)]
SAMPLE = 20
"""Features that GDAL looks at, at most, before it asks for what it wants."""
BOX = (8.1, 45.1, 8.35, 45.35)

PUSHED = [
    ("nome = 'Sede 07'", "nome = 'Sede 07'", lambda p: p["nome"] == "Sede 07"),
    ("nome = 'età < 18 & co'", "nome = 'età < 18 & co'", lambda p: p["nome"][:3] == "età"),
    ("nome = 'a\"b'", "nome = 'a\"b'", lambda p: p["nome"] == 'a"b'),
    ("nome <> 'l''età'", "nome <> 'l''età'", lambda p: p["nome"]),
    ("posti < 5", "posti < 5", lambda p: p["posti"] < 5),
    ("quota >= 150.5", "quota >= 150.5", lambda p: p["quota"] >= 150.5),
    ("posti BETWEEN 3 AND 6", "(posti >= 3) AND (posti <= 6)", lambda p: 3 <= p["posti"] <= 6),
    ("nome LIKE 'Sede 1%'", "nome LIKE 'Sede 1%'", lambda p: p["nome"].startswith("Sede 1")),
    ("nome ILIKE 'sede 1%'", "nome ILIKE 'sede 1%'", lambda p: p["nome"].startswith("Sede 1")),
    (
        "posti = 3 OR posti = 5",
        "(posti = 3) OR (posti = 5)",
        lambda p: p["posti"] in {3, 5},
    ),
    ("NOT posti = 3", "NOT (posti = 3)", lambda p: p["posti"] != 3),
    ("fatto_il = '2023-03-15'", "fatto_il = '2023-03-15T'", lambda p: p["fatto_il"][5:7] == "03"),
    (
        "fatto_il >= '2023-06-01' AND fatto_il < '2023-09-01'",
        "(fatto_il >= '2023-06-01T') AND (fatto_il < '2023-09-01T')",
        lambda p: "06" <= p["fatto_il"][5:7] <= "08",
    ),
    ("aperto = 1", "aperto = 1", lambda p: p["aperto"]),
    ("tipi = 'band'", "tipi = 'band'", lambda p: "band" in p["tipi"]),
    ("nome IS NULL", "(nome IS NULL)", lambda p: p["nome"] is None),
    ("nome IS NOT NULL", "NOT ((nome IS NULL))", lambda p: p["nome"] is not None),
]
"""What is asked of GDAL, the filter that must arrive, and which places match.

A place with a null in what is asked matches only what asks for null.
"""
KEPT = [
    ("posti IN (3, 5)", None, lambda p: p["posti"] in {3, 5}),
    ("posti + 1 = 4", None, lambda p: p["posti"] == 3),
    (
        "posti = 3 AND nome IN ('Sede 06', 'Sede 08')",
        "posti = 3",
        lambda p: p["posti"] == 3 and p["nome"] == "Sede 06",
    ),
]
"""What GDAL looks up itself, and the part of it that it leaves to the server."""


@pytest.fixture(params=["geopandas", "ogrinfo"])
def read(request, recorded):
    """Read features by one client: what it shows is the identifiers."""
    if request.param == "geopandas":
        return lambda **asked: list(
            geopandas.read_file(f"OAPIF:{recorded.url}", layer="luoghi", **asked)["id"]
        )
    program = request.getfixturevalue("ogrinfo")

    def by_ogrinfo(where=None, bbox=None):
        wanted = ["-where", where] if where else []
        box = ["-spat", *map(str, bbox)] if bbox else []
        printed = ogrinfo_of(program, "-q", *wanted, *box, f"OAPIF:{recorded.url}", "luoghi")
        return re.findall(r"^  id \(String\) = (\S+)$", printed, re.MULTILINE)

    return by_ogrinfo


def ogrinfo_of(program, *arguments):
    done = subprocess.run(
        [program, "-ro", *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert not done.stderr, done.stderr
    return done.stdout


def after_the_sample(recorded):
    """Return the pages that were asked for once the types were known."""
    sample, *pages = recorded.pages("luoghi")
    assert set(sample.query) == {"limit"}
    assert len(sample.ids) <= SAMPLE
    assert {one.status for one in recorded.seen()} == {200}
    return pages


def sent(pages):
    return [ident for page in pages for ident in page.ids]


def test_types_of_columns_are_those_of_the_schema(recorded, read):
    """Else GDAL guesses them from the first features, and a column without values is text."""
    read(where="posti < 5")
    assert "/collections/luoghi/schema" in [one.path for one in recorded.seen()]


@pytest.mark.parametrize(("where", "filtered", "holds"), PUSHED, ids=[one[0] for one in PUSHED])
def test_only_rows_that_match_leave_the_server(recorded, read, where, filtered, holds):
    rows, wanted = read(where=where), matching(where, holds)
    pages = after_the_sample(recorded)
    assert {page.query.get("filter") for page in pages} == {filtered}
    assert {page.query["filter-lang"] for page in pages} == {"cql-text"}
    assert {page.matched for page in pages} == {len(wanted)}
    assert sorted(sent(pages)) == sorted(rows) == wanted != []


@pytest.mark.parametrize(("where", "filtered", "holds"), KEPT, ids=[one[0] for one in KEPT])
def test_what_gdal_looks_up_itself_is_right_but_costs_more(recorded, read, where, filtered, holds):
    rows, wanted = read(where=where), matching(where, holds)
    pages = after_the_sample(recorded)
    assert {page.query.get("filter") for page in pages} == {filtered}
    assert sorted(rows) == wanted != []
    assert len(sent(pages)) > len(wanted)


def test_one_feature_is_asked_for_by_its_name(recorded, read):
    assert read(where="id = 'luogo-007'") == ["luogo-007"]
    assert after_the_sample(recorded) == []
    assert recorded.seen()[-1].path == "/collections/luoghi/items/luogo-007"


def test_gdal_loses_what_is_asked_beside_a_name(recorded, read):
    """A fault of GDAL that docs/gis.md warns of; when this fails, the warning can go."""
    assert read(where="id = 'luogo-007' OR posti = 5") == ["luogo-007"]
    assert after_the_sample(recorded) == []


def test_gdal_reads_everything_again_for_each_row_it_orders(recorded, ogrinfo):
    """As above: nobody asks for an order, and each row is looked for from the start."""
    ordered = "SELECT id FROM luoghi WHERE posti > 27 ORDER BY quota"
    printed = ogrinfo_of(ogrinfo, "-q", "-sql", ordered, f"OAPIF:{recorded.url}")
    rows = re.findall(r"^  id \(String\) = (\S+)$", printed, re.MULTILINE)
    assert sorted(rows) == matching("posti", lambda p: p["posti"] > 27)
    filtered, *again = after_the_sample(recorded)
    assert sorted(filtered.ids) == sorted(rows)
    assert len(again) >= len(rows)
    assert not any("sortby" in page.query for page in again)


def inside(p):
    west, south, east, north = BOX
    at = p["geometry"]
    return at is not None and west <= at.x <= east and south <= at.y <= north


def test_a_box_is_left_to_the_server_alone_and_with_a_filter(recorded, read):
    placed = [p for p in ROWS if inside(p)]
    nowhere = [p["id"] for p in ROWS if p["geometry"] is None]
    assert sorted(read(bbox=BOX)) == sorted(p["id"] for p in placed)
    pages = after_the_sample(recorded)
    # What has no place matches every box (Part 1); GDAL leaves it out itself.
    assert sorted(sent(pages)) == sorted([*nowhere, *(p["id"] for p in placed)])
    assert all([float(n) for n in page.query["bbox"].split(",")] == [*BOX] for page in pages)

    recorded.forget()
    rows = read(bbox=BOX, where="posti > 6")
    pages = after_the_sample(recorded)
    both = {(page.query["filter"], bool(page.query["bbox"])) for page in pages}
    assert both == {("posti > 6", True)}
    assert sorted(sent(pages)) == sorted(rows)
    assert set(rows) == {p["id"] for p in placed if p["posti"] and p["posti"] > 6} != set()


def test_fields_are_chosen_by_the_client(recorded):
    found = geopandas.read_file(
        f"OAPIF:{recorded.url}", layer="luoghi", columns=["nome"], where="posti > 25"
    )
    assert list(found.columns) == ["nome", "geometry"]
    assert not any("properties" in page.query for page in after_the_sample(recorded))


def test_pages_of_a_filter_give_each_row_once(recorded):
    rows = geopandas.read_file(
        f"OAPIF:{recorded.url}", layer="luoghi", where="posti > 3", PAGE_SIZE=15
    )
    pages = after_the_sample(recorded)
    assert [len(page.ids) for page in pages] == [15, 15, len(rows) - 30]
    assert {page.query["filter"] for page in pages} == {"posti > 3"}
    assert sent(pages) == list(rows["id"])


def counted(program, *arguments):
    printed = ogrinfo_of(program, "-so", *arguments, "luoghi")
    return int(re.search(r"^Feature Count: (\d+)$", printed, re.MULTILINE)[1])


def test_a_collection_is_counted_without_reading_it(recorded, ogrinfo):
    assert counted(ogrinfo, f"OAPIF:{recorded.url}") == PLACES
    assert after_the_sample(recorded) == []


def test_counting_what_matches_reads_no_more_than_that(recorded, ogrinfo):
    number = counted(ogrinfo, "-where", "posti > 3", f"OAPIF:{recorded.url}")
    pages = after_the_sample(recorded)
    assert number == len(sent(pages)) == pages[0].matched < PLACES
