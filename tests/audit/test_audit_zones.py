"""Answers about zones are held against the features: each planted figure is found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from checks.audit import formats_zones, from_http, replay, themes, zones, zones_asked
from checks.audit.findings import Tally
from checks.audit.published import Published
from checks.audit.site import open_site

ASKED = ("nuclei_h3_r6", "nuclei_h3_r7")
BESIDE = ("nuclei_h3_r8", "popolazione_h3_r8")

type Row = dict[str, Any]


@pytest.fixture(scope="module")
def published(demo_server) -> Published:
    """Return some collections of the demonstration, and what is said of the zones of two."""
    with closing(open_site(demo_server.url)) as site:
        door = from_http._Door(site)
        collections, zoned = {}, {}
        for document in door.json("collections")["collections"]:
            if (ident := document["id"]) in {*ASKED, *BESIDE}:
                collections[ident] = from_http._collection(door, document, door.links(document))
        for ident in ASKED:
            address = f"{site.root}collections/{ident}/dggs"
            zoned[ident] = list(zones_asked.asked(door, address, collections[ident].fields))
        zoned[""] = from_http._of_all(door, from_http._landing(door), collections)
        found = Published(
            release="",
            collections=collections,
            tilesets={},
            files={},
            styles={},
            disclosure=door.json("disclosure"),
            releases=[],
            seen=door.seen,
            zoned=zoned,
        )
    return replace(found, zones=zones.told(found))


def formats(published: Published) -> list[str]:
    tally = Tally("formats")
    formats_zones.check(tally, published)
    return [one.what for one in tally.findings]


def replayed(published: Published) -> list[str]:
    """Return what is found in the figures of the theme."""
    tally = Tally("replay")
    said = published.disclosure["statements"]
    for theme, one in zip(themes.themes_of(published.disclosure), said, strict=True):
        if theme.name == "nuclei" and theme.year == 2023:
            bare = replace(theme, estimates={})
            replay._theme(tally, published, bare, one["geographies"])
    return [one.what for one in tally.findings]


def test_every_level_is_answered_in_every_format(published):
    assert [(one.how, one.level) for one in published.zoned[""]] == [("csv", at) for at in range(9)]
    for ident in ASKED:
        own = int(ident[-1])
        answers = {(one.how, one.level) for one in published.zoned[ident]}
        every = {(how, at) for how in zones_asked.FORMATS for at in range(own + 1)}
        assert answers == every
        assert all(one.rows for one in published.zoned[ident])


def test_nothing_is_found_in_what_the_server_says(published):
    assert formats(published) == []
    assert replayed(published) == []
    shown = [len(one.features) for one in published.zones.values()]
    assert len(shown) == 6
    assert sum(shown) > 10


def shown(rows: list[Row]) -> Row:
    """Return a row with a figure of its own."""
    return next(r for r in rows if r.get("values", r).get("n_nuclei") is not None)


def merged(rows: list[Row]) -> Row:
    return next(r for r in rows if r.get("zone_status") == "merged" or r.get("areas"))


def table(change: Callable[[Row], object], of: Callable = shown) -> Callable[[Row], object]:
    return lambda rows: change(of(rows))


TABLES = {
    "another count": table(lambda r: r.update(n_nuclei=r["n_nuclei"] + 1)),
    "a count in a merged zone": table(lambda r: r.update(n_nuclei=7), merged),
    "a count that a band hides": table(lambda r: r.update(n_nuclei=None)),
    "another status": table(lambda r: r.update(zone_status="merged")),
    "a column of its own": table(lambda r: r.update(veri=117)),
    "an area that does not hold it": table(lambda r: r.update(zone_area="801ffffffffffff"), merged),
    "a zone that is not told": lambda rows: rows.remove(shown(rows)),
    "a zone told twice": lambda rows: rows.append(rows[0]),
    "a zone elsewhere": lambda rows: rows.append({**rows[0], "zoneID": "861f9d447ffffff"}),
}
PACKETS = {
    "another value": table(lambda r: r["values"].update(n_nuclei=r["values"]["n_nuclei"] + 1)),
    "a value in a merged zone": table(lambda r: r["values"].update(n_nuclei=7), merged),
    "another reason": table(lambda r: r["status"].update(n_nuclei="band")),
    "an area that is another": table(lambda r: r.update(areas=[("", "801ffffffffffff")]), merged),
    "a field of its own": table(lambda r: r["values"].update(veri=117)),
    "a member of its own": table(lambda r: r.update(odd=["persons"])),
}
TRIED = [(how, what) for how in ("geojson", "csv", "parquet") for what in TABLES]
TRIED += [("json", what) for what in PACKETS]


@pytest.mark.parametrize("ident", ASKED)
@pytest.mark.parametrize("level", [5, 6])
@pytest.mark.parametrize(("how", "what"), TRIED)
def test_a_zone_that_tells_something_else_is_found(published, ident, level, how, what):
    (one,) = (a for a in published.zoned[ident] if (a.how, a.level) == (how, level))
    rows = copy.deepcopy(list(one.rows))
    (PACKETS if how == "json" else TABLES)[what](rows)
    # The other answers are found nothing in: they need not be looked at again.
    assert formats(replace(published, zoned={ident: [replace(one, rows=rows)]}))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update({"nuclei_h3.n_nuclei": r["nuclei_h3.n_nuclei"] + 1}),
        lambda r: r.update({"nuclei_h3.n_nuclei": None}),
        lambda r: r.update({"nuclei_h3.veri": 117}),
    ],
)
def test_a_theme_that_is_told_otherwise_among_all_is_found(published, change):
    answers = copy.deepcopy(published.zoned[""])
    rows = [row for one in answers if one.level == 5 for row in one.rows]
    change(next(row for row in rows if row["nuclei_h3.n_nuclei"] is not None))
    assert formats(replace(published, zoned={**published.zoned, "": answers}))


def test_an_outline_that_is_moved_is_found(published):
    answers = published.zoned[ASKED[0]]
    (one,) = (a for a in answers if (a.how, a.level) == ("geojson", 6))
    rows = copy.deepcopy(list(one.rows))
    rows[0]["geometry"]["coordinates"][0][2][0] += 1e-5
    assert formats(replace(published, zoned={ASKED[0]: [replace(one, rows=rows)]}))


def test_a_sum_of_a_coarser_level_that_is_another_is_found_in_the_figures(published):
    """All answers of all collections agree, and none of them with the features."""
    zoned = {
        ident: [replace(one, rows=[more(row, one.level) for row in one.rows]) for one in answers]
        for ident, answers in published.zoned.items()
        if ident
    }
    spoiled = replace(published, zoned=zoned)
    spoiled = replace(spoiled, zones=zones.told(spoiled))
    assert formats(spoiled) == []
    assert "n_nuclei is not the sum of its categories" in replayed(spoiled)


def more(row: Row, level: int) -> Row:
    if level >= 6:
        return row
    row = copy.deepcopy(row)
    figures = row.get("values", row)
    if figures.get("n_nuclei") is not None:
        figures["n_nuclei"] += 1_000
    return row
