"""Looks behind the documented doors: names, parameters, headers and methods nobody was told of.

What is not documented must not be there: it is refused, or it answers as if it had not been asked
for. So must the same question in another form (HEAD, packed, another `Accept`) give what the usual
form gives.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import h3

from checks.audit.areas import is_cell
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published
from checks.audit.site import Answer, Site
from checks.audit.themes import themes_of

PARAMETERS: Final = (
    "debug=1", "raw=1", "true=1", "exact=1", "unprotected=1", "protected=false", "noise=0",
    "admin=1", "internal=1", "verbose=1", "full=1", "expand=1", "stats=1", "count=1", "seed=1",
    "epsilon=100", "profile=raw", "schema=raw", "level=9", "resolution=9", "token=1", "release=x",
    "fields=*", "select=*", "groupby=h3", "aggregate=sum", "resultType=hits", "skipGeometry=true",
)  # fmt: skip
"""What a server might understand without saying so."""
HEADERS: Final = (
    {"X-Debug": "1"}, {"X-Raw": "1"}, {"X-Admin": "1"}, {"Authorization": "Bearer debug"},
    {"Authorization": "Basic YWRtaW46YWRtaW4="}, {"Prefer": "return=representation"},
    {"X-Forwarded-User": "admin"}, {"X-Real-IP": "127.0.0.1"}, {"X-HTTP-Method-Override": "TRACE"},
    {"X-Original-URL": "/private"}, {"Cookie": "debug=1; admin=1"},
)  # fmt: skip
TYPES: Final = (
    "application/json", "text/csv", "application/xml", "application/gml+xml", "text/plain",
    "application/x-ndjson", "application/geo+json-seq", "application/vnd.apache.arrow.stream",
    "application/vnd.flatgeobuf", "application/vnd.sqlite3", "application/vnd.raw+json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/ld+json",
)  # fmt: skip
FORMATS: Final = (
    "csv", "xml", "gml", "kml", "geojson", "jsonld", "fgb", "shp", "gpkg", "xlsx", "ndjson", "raw",
    "true", "debug", "parquet", "arrow", "txt", "sql",
)  # fmt: skip
GUESSES: Final = (
    "raw", "true", "vero", "veri", "grezzi", "records", "record", "cases", "casi", "persone",
    "persons", "people", "utenti", "input", "private", "protected", "base", "debug", "test", "tmp",
    "counts", "conteggi", "noise", "rumore", "ledger",
)  # fmt: skip
"""Names of collections that should not be there."""
ENDINGS: Final = (
    "_raw", "_true", "_vero", "_base", "_all", "_old", "_h3_r9", "_h3_r10", "_exact", "_counts",
)  # fmt: skip
ADDRESSES: Final = (
    "sitemap.xml", ".well-known/security.txt", "metrics", "status", "stats", "health",
    "debug", "admin", "private", "internal", "console", "env", ".env", ".git/config", "docs",
    "openapi.json", "swagger.json", "graphql", "manifest.json", "disclosure.json", "ledger.jsonl",
    "server-status", "backup", "dump", "export", "data", "api/raw", "processes", "jobs", "dggs",
)  # fmt: skip
ROBOTS: Final = "robots.txt"
"""What robots look for by its name; nothing leads to it."""
ROBOTS_LINE: Final = re.compile(r"(User-agent|Allow|Disallow): [a-z*/-]{1,40}")
NOBODY: Final = "zzqxy"
ROWS: Final = 50
"""Features of a page that is asked for in other ways."""


def check(tally: Tally, published: Published, site: Site) -> None:
    """Try everything on every protected collection, and addresses of the whole service."""
    themes = themes_of(published.disclosure)
    protected = [
        c for c in published.collections.values() if any(t.covers(c.id, c.fields) for t in themes)
    ]
    told: set[str] = set()
    for collection in protected:
        theme = next(t.name for t in themes if t.covers(collection.id, collection.fields))
        for address in _addresses(collection, every=theme not in told):
            _otherwise(tally, site, address)
        told.add(theme)
        _formats(tally, site, collection)
        _items(tally, site, collection, published)
    names = {t.name for t in themes} | {c.id for c in protected}
    _names(tally, site, published, sorted(names))
    _paths(tally, site, published)


def _items_of(collection: Collection) -> str:
    """Return the address of the items, empty if no link names it."""
    links = collection.document.get("links", [])
    found = (str(k["href"]) for k in links if k["rel"] == "items")
    return next(found, "").partition("?")[0]


def _addresses(collection: Collection, *, every: bool) -> Iterator[str]:
    """Yield one address of each kind: items, one of them; with `every` what describes them too."""
    items = _items_of(collection)
    if items:
        yield f"{items}?limit={ROWS}"
        if collection.ids:
            yield f"{items}/{quote(collection.ids[0], safe='')}"
    for link in collection.document.get("links", []) if every else ():
        if link["rel"].rpartition("/")[2] in {"self", "schema", "related", "styles"}:
            yield str(link["href"])


def _otherwise(tally: Tally, site: Site, address: str) -> None:
    usual = site.get(address)
    if usual.status != 200:
        return
    join = "&" if "?" in address else "?"
    for parameter in PARAMETERS:
        answer = site.get(f"{address}{join}{parameter}")
        _same(tally, address, usual, answer, parameter)
    for headers in HEADERS:
        _same(tally, address, usual, site.get(address, headers=headers), headers)
    packed = site.get(address, headers={"Accept-Encoding": "gzip, br, zstd"})
    if packed.headers.get("content-encoding") in {"br", "zstd"}:  # not unpacked here
        packed = site.get(address, headers={"Accept-Encoding": "gzip"})
    _same(tally, address, usual, packed, "Accept-Encoding")
    head = site.get(address, method="HEAD")
    own = {n: v for n, v in head.headers.items() if n in {"etag", "content-type", "content-length"}}
    tally.require(
        not head.body
        and head.headers.keys() - {"content-length"} == usual.headers.keys() - {"content-length"}
        and all(usual.headers.get(name, value) == value for name, value in own.items()),
        address,
        "HEAD does not answer as GET does",
        head=dict(head.headers),
        get=dict(usual.headers),
    )


def _same(tally: Tally, address: str, usual: Answer, answer: Answer, how: object) -> None:
    tally.require(
        answer.status in {400, 401, 403, 404, 405, 406} or _content(answer) == _content(usual),
        address,
        "asked in a way that nothing documents, it answers otherwise",
        how=how,
        status=answer.status,
    )


def _content(answer: Answer) -> bytes:
    """Return what an answer tells; a link to itself repeats the question."""
    return re.sub(rb'"href":\s?"[^"]*"', b"", answer.body)


def _formats(tally: Tally, site: Site, collection: Collection) -> None:
    """Check that what answers in a format that no link names is refused, or one that is known."""
    if not _items_of(collection):
        return
    items = f"{_items_of(collection)}?limit={ROWS}"
    links = [str(k["href"]) for k in collection.document.get("links", []) if k["rel"] == "items"]
    known = {_digest(site.get(items, accept)) for accept in (None, "application/geo+json")}
    known |= {_digest(site.get(f"{href}&limit={ROWS}")) for href in links if "?f=" in href}
    ways = [(items, accept) for accept in TYPES] + [(f"{items}&f={f}", None) for f in FORMATS]
    for address, accept in ways:
        answer = site.get(address, accept)
        tally.require(
            answer.status >= 400 or _digest(answer) in known,
            address,
            "a format that no link offers, and that differs from those offered",
            accept=accept,
            status=answer.status,
            type=answer.headers.get("content-type"),
        )


def _digest(answer: Answer) -> str:
    return hashlib.sha256(_content(answer)).hexdigest()


def _items(tally: Tally, site: Site, collection: Collection, published: Published) -> None:
    """Check that only listed features have an address, and that all others are told the same."""
    address = _items_of(collection)
    if not address:
        return
    measure = _told(site, f"{address}/{NOBODY}", NOBODY)
    for ident in _other_ids(collection, published):
        status, told = _told(site, f"{address}/{quote(ident, safe='')}", ident)
        tally.require(
            status in {400, 404} and (status, told) == measure,
            address,
            "an id that is not listed is not refused like any other",
            id=ident,
            status=status,
            told=told[:200],
        )


def _told(site: Site, address: str, ident: str) -> tuple[int, str]:
    answer = site.get(address)
    headers = sorted(n for n in answer.headers if n not in {"date", "content-length"})
    text = re.sub(
        rf"(?<![\w.]){re.escape(ident)}(?![\w.])", "{}", answer.body.decode(errors="replace")
    )
    return answer.status, f"{text} {headers}"


def _other_ids(collection: Collection, published: Published) -> Iterator[str]:
    """Yield ids that features might have: neighbours, parents and children of cells, numbers."""
    listed = set(collection.ids)
    guesses = ["0", "1", "2", "totale", "total", "all", "raw"]
    for ident in collection.ids[:3]:
        guesses += [f"{ident}_raw", f"{ident}~0", f"{ident}_0"]
        if is_cell(ident):
            guesses += [h3.cell_to_parent(ident), h3.cell_to_center_child(ident)]
    for other in published.collections.values():
        guesses += other.ids[:2]
    yield from [g for g in dict.fromkeys(guesses) if g not in listed]


def _names(tally: Tally, site: Site, published: Published, names: Iterable[str]) -> None:
    """Check that no collection, table, tileset or style answers that is not listed."""
    listed = set(published.collections) | set(published.tilesets)
    guesses = [*GUESSES, *(n + e for n in names for e in ("", *ENDINGS))]
    for name in guesses:
        if name in listed:
            continue
        for address in (
            f"collections/{name}",
            f"collections/{name}/items",
            f"download/{name}.parquet",
            f"download/{name}.csv",
            f"xyz/{name}.json",
        ):
            _absent(tally, site, address)


def _absent(tally: Tally, site: Site, address: str) -> None:
    answer = site.get(address)
    tally.require(
        answer.status in {400, 401, 403, 404, 405, 410},
        address,
        "an address that nothing links to answers",
        status=answer.status,
        type=answer.headers.get("content-type"),
    )


def check_robots(tally: Tally, site: Site) -> None:
    """Hold what is said to robots to words that can carry no figure."""
    answer = site.get(ROBOTS)
    lines = (
        answer.body.decode("ascii", "replace").splitlines()
        if answer.status < HTTPStatus.MULTIPLE_CHOICES
        else []
    )
    for line in lines:
        fits = ROBOTS_LINE.fullmatch(line) is not None
        tally.require(fits, ROBOTS, "a line that says nothing to robots", line=line[:80])


def _paths(tally: Tally, site: Site, published: Published) -> None:
    check_robots(tally, site)
    linked = {seen.path.partition("?")[0].strip("/") for seen in published.seen}
    for address in ADDRESSES:
        if address not in linked:
            _absent(tally, site, address)
    for name in published.files:
        stem, _, ending = name.rpartition(".")
        for other in {"csv", "json", "geojson", "sqlite", "gpkg", "xlsx", "zip"} - {ending}:
            if f"download/{stem}.{other}" not in linked:
                _absent(tally, site, f"download/{stem}.{other}")
