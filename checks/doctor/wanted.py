"""What a client is to find: read by plain HTTP, and held against what the service says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from checks.audit.site import CannotAudit
from checks.doctor.asks import LIMIT, Door, hrefs, pages, plain_items

type Where = tuple[str, str | int]
"""A field, and a value that it may equal."""

_UNQUOTED: Final = frozenset("'\"\\%<>&+;\n")
"""What a value may not hold, so that no client has its own way of writing it."""
_VALUE_MAX: Final = 60
_QML: Final = "application/vnd.qgis.qml"
_PROJECT: Final = "application/vnd.qgis.qgz"


@dataclass(frozen=True)
class Wanted:
    """A collection as the service tells it.

    Attributes
    ----------
    wrong : tuple of str
        What its features do not hold of what is said of them.
    fields : frozenset of str
        Names of its schema, without the geometry.
    where : Where | None
        A condition that some features meet and others do not.
    filtered : int
        Features that meet it.
    tiles : dict | None
        TileJSON, with the address of a `style`.
    qml : str
        Address of its style for QGIS; empty without one.
    page : str
        Its page for people; empty of what no client is shown.
    project : str
        Address of a project of QGIS, which is no collection.
    catalogue : str
        OGR virtual data source by which GDAL reads a copy made of files; empty of a service.
    """

    id: str
    wrong: tuple[str, ...] = ()
    count: int = 0
    fields: frozenset[str] = frozenset()
    where: Where | None = None
    filtered: int = 0
    tiles: Mapping[str, Any] | None = None
    qml: str = ""
    page: str = ""
    project: str = ""
    catalogue: str = ""


def every(door: Door, only: frozenset[str] = frozenset()) -> Iterator[Wanted]:
    """Yield the collections of a service, or some of them, and its project of QGIS.

    Raises
    ------
    CannotAudit, KeyError, TypeError, IndexError
        There is no list of collections.
    """
    links = door.landing["links"]
    for document in door.json(hrefs(links, "data")[0])["collections"]:
        ident = str(document["id"])
        if not only or ident in only:
            yield _read(ident, partial(_wanted, door, ident, document["links"]))
    for link in links:
        ident = str(link["href"]).rpartition("/")[2]
        if link.get("type") == _PROJECT and (not only or ident in only):
            yield _read(ident, partial(_project, door, ident, link["href"]))


def _read(ident: str, read: Callable[[], Wanted]) -> Wanted:
    try:
        return read()
    except CannotAudit as error:
        return Wanted(ident, (error.message,))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return Wanted(ident, (f"{type(error).__name__}: {error}",))


def _project(door: Door, ident: str, href: str) -> Wanted:
    door.bytes(href)
    return Wanted(ident, page=href, project=href)


def _wanted(door: Door, ident: str, links: Sequence[Mapping[str, Any]]) -> Wanted:
    said = door.json(hrefs(links, "schema")[0], "application/schema+json")["properties"]
    kinds = {name: of["type"] for name, of in said.items() if "type" in of}
    items = plain_items(links)
    first = door.json(door.asked(items, "limit=1"), "application/geo+json")
    matched = int(first["numberMatched"])
    rows = [one["properties"] for one in pages(door, door.asked(items, f"limit={LIMIT}"))]
    styles = _styles(door, links)
    where, filtered = _condition(rows, {name for name, of in said.items() if _plain(of)})
    return Wanted(
        id=ident,
        wrong=(*_wrong(rows, matched, frozenset(kinds)), *_unreadable(door, styles)),
        count=matched,
        fields=frozenset(kinds),
        where=where,
        filtered=filtered,
        tiles=_tiles(door, ident, links),
        qml=next((href for href, kind in styles if kind == _QML), ""),
        page=_page(door, links),
        catalogue=door.catalogue,
    )


def _page(door: Door, links: Sequence[Mapping[str, Any]]) -> str:
    """Return the address of the page for people."""
    own = hrefs(links, "self")[0]
    if door.answers:
        return f"{own.partition('?')[0]}?f=html"
    return hrefs(door.json(own)["links"], "alternate", "/")[0]


def _styles(door: Door, links: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return address and media type of every form of the style of a collection."""
    return [
        (str(sheet["link"]["href"]), str(sheet["link"]["type"]))
        for href in hrefs(links, "styles")
        for sheet in door.json(_described(door, href))["stylesheets"]
    ]


def _described(door: Door, style: str) -> str:
    """Return where a style is described; a copy says it in its list of styles."""
    if door.answers:
        return f"{style}/metadata"
    for one in door.styles:
        if style in hrefs(one["links"], "stylesheet"):
            return hrefs(one["links"], "describedby")[0]
    raise CannotAudit(f"stile non descritto / style that is not described: {style}")


def _unreadable(door: Door, styles: Sequence[tuple[str, str]]) -> Iterator[str]:
    for href, kind in styles:
        answer = door.get(href)
        if answer.status != 200 or not answer.body:
            yield f"stile / style {href} ({kind}): {answer.status}"


def _plain(of: Mapping[str, Any]) -> bool:
    """Tell whether a field holds texts or whole numbers, and no dates."""
    return of.get("type") in {"string", "integer"} and "format" not in of


def _wrong(
    rows: Sequence[Mapping[str, Any]], matched: int, fields: frozenset[str]
) -> Iterator[str]:
    if len(rows) != matched:
        yield f"oggetti / features {len(rows):,} ≠ numberMatched {matched:,}"
    names = {name for row in rows for name in row}
    if rows and names | {"id"} != fields | {"id"}:
        yield f"campi / fields ≠ schema: {' '.join(sorted(names ^ fields))}"
    elif any(len(row) != len(names) for row in rows):
        yield "campi assenti in alcuni oggetti / fields absent from some features"


def _condition(rows: Sequence[Mapping[str, Any]], fields: set[str]) -> tuple[Where | None, int]:
    """Return a condition that divides the features most evenly; texts before numbers."""
    found: list[tuple[bool, int, str, str | int]] = []
    for name in sorted(fields - {"id"}):
        of = Counter(row[name] for row in rows if type(row.get(name)) in {str, int})
        for value, number in of.most_common(3):
            if number < len(rows) and _writable(value):
                found.append((type(value) is int, abs(2 * number - len(rows)), name, value))
    if not found:
        return None, 0
    _, _, name, value = min(found, key=lambda one: one[:3])
    return (name, value), sum(row.get(name) == value for row in rows)


def _writable(value: str | int) -> bool:
    return isinstance(value, int) or (
        0 < len(value) <= _VALUE_MAX and value.isascii() and not _UNQUOTED & set(value)
    )


def _tiles(door: Door, ident: str, links: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the TileJSON of a collection that has tiles, and where its style is."""
    style = next(iter(hrefs(links, "styles")), None)
    for href in hrefs(links, "related", f"/{ident}.json"):
        if style is not None:
            said = door.json(href)
            needed = ("tiles", "minzoom", "maxzoom", "bounds")
            return {name: said[name] for name in needed} | {"style": style}
    return None
