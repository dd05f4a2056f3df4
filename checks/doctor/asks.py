"""Asks a service and reads its features."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import orjson

from checks.audit import formats_files
from checks.audit.published import Field
from checks.audit.site import Answer, CannotAudit, Site
from checks.doctor.told import Row

LIMIT: Final = 10_000
PAGES_MAX: Final = 1_000
EVER: Final = "datetime=../.."
"""Also what was valid on other days than that of reference."""
_AS_JSON: Final = re.compile(r'<link rel="alternate" type="application/json" href="([^"]+)">')
"""How the landing page of a host of files leads to what it shows, as JSON."""
_NEXT: Final = re.compile(r'<([^<>]*)>; rel="next"')
_GEOMETRY: Final = "geometry"


@dataclass(frozen=True)
class Door:
    """A service, or its copy made of files, that is asked."""

    site: Site

    @cached_property
    def landing(self) -> Mapping[str, Any]:
        """The landing page; a host of files gives a page for people, which leads to it."""
        answer = self.get("", "application/json")
        led = _AS_JSON.search(answer.body.decode("utf-8", "replace"))
        if "html" in answer.headers.get("content-type", "") and led is not None:
            return dict(self.json(led[1]))
        return dict(self.json(""))

    @cached_property
    def answers(self) -> bool:
        """Whether it is a service, which understands questions; a copy declares no conformance."""
        return bool(hrefs(self.landing["links"], "conformance"))

    @cached_property
    def catalogue(self) -> str:
        """OGR virtual data source by which GDAL reads a copy; empty of a service."""
        found = hrefs(self.landing["links"], "related", ".vrt")
        return self.bytes(found[0]).decode() if found else ""

    @cached_property
    def styles(self) -> Sequence[Mapping[str, Any]]:
        """The styles as a copy lists them."""
        return list(self.json(hrefs(self.landing["links"], "styles")[0])["styles"])

    def asked(self, href: str, *questions: str) -> str:
        """Return an address with questions, for who understands them."""
        join = "&" if "?" in href else "?"
        return f"{href}{join}{'&'.join(questions)}" if questions and self.answers else href

    def get(self, path: str, accept: str | None = None, lang: str | None = None) -> Answer:
        """Ask for an address below the root."""
        return self.site.get(path, accept, lang)

    def bytes(self, path: str, accept: str | None = None) -> bytes:
        """Return a body; `CannotAudit` unless the answer is 200."""
        answer = self.get(path, accept)
        if answer.status != 200:
            raise CannotAudit(f"{path} answers {answer.status}")
        return answer.body

    def json(self, path: str, accept: str = "application/json") -> Any:
        """Return a document; `CannotAudit` unless it is one."""
        raw = self.bytes(path, accept)
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise CannotAudit(f"{path} answers with something that is not JSON") from error


@dataclass(frozen=True)
class Collection:
    """A collection and its features as GeoJSON.

    Attributes
    ----------
    rows, ever : list of Row
        What `items` has, and what it has of all times; a copy does not say the latter.
    placed : set of str
        Ids of features that have a place.
    """

    id: str
    links: Sequence[Mapping[str, Any]]
    fields: Mapping[str, Field]
    rows: list[Row]
    ever: list[Row]
    placed: frozenset[str]

    def hrefs(self, rel: str, ending: str = "") -> list[str]:
        """Return the addresses of a relation that end in some way."""
        return hrefs(self.links, rel, ending)


def hrefs(links: Sequence[Mapping[str, Any]], rel: str, ending: str = "") -> list[str]:
    """Return the addresses of a relation, whose name may be short or a whole address."""
    return [
        str(link["href"])
        for link in links
        if link["rel"].strip("[]").rpartition("/")[2].removeprefix("ogc-rel:") == rel
        and str(link["href"]).partition("?")[0].endswith(ending)
    ]


def collections(door: Door, only: frozenset[str] = frozenset()) -> Iterator[Collection]:
    """Yield the collections of a service, or some of them."""
    href = hrefs(door.landing["links"], "data")[0]
    for document in door.json(href)["collections"]:
        if not only or document["id"] in only:
            yield _collection(door, document)


def _collection(door: Door, document: Mapping[str, Any]) -> Collection:
    links = document["links"]
    said = door.json(hrefs(links, "schema")[0], "application/schema+json")["properties"]
    fields = {name: Field(of["type"]) for name, of in said.items() if "type" in of}
    items = plain_items(links)
    features = list(pages(door, door.asked(items, f"limit={LIMIT}")))
    ever = list(pages(door, door.asked(items, f"limit={LIMIT}", EVER))) if door.answers else []
    return Collection(
        id=str(document["id"]),
        links=links,
        fields=fields,
        rows=[_row(f) for f in features],
        ever=[_row(f) for f in ever],
        placed=frozenset(str(f["id"]) for f in features if f["geometry"] is not None),
    )


def plain_items(links: Sequence[Mapping[str, Any]]) -> str:
    """Return the address of the features, without a question."""
    return hrefs(links, "items")[0].partition("?")[0]


def pages(door: Door, href: str) -> Iterator[Mapping[str, Any]]:
    """Yield features, page after page; `CannotAudit` where they do not end."""
    for _ in range(PAGES_MAX):
        page = door.json(href, "application/geo+json")
        yield from page["features"]
        following = hrefs(page["links"], "next")
        if not following:
            return
        href = following[0]
    raise CannotAudit(f"{href}: more than {PAGES_MAX} pages")


def _row(feature: Mapping[str, Any]) -> Row:
    return str(feature["id"]), dict(feature["properties"])


def files(door: Door, of: Collection) -> Iterator[tuple[str, list[Row]]]:
    """Yield the features of a collection in each format of its items, by the format's name."""
    for link in of.links:
        how = str(link["href"]).partition("?f=")[2]
        if not door.answers:
            how = str(link["href"]).rpartition(".")[2]
        if link["rel"] != "items" or not how or "html" in link["type"]:
            continue
        href = door.asked(str(link["href"]), f"limit={LIMIT}")
        if link.get("profile") or "json" in link["type"]:
            yield how, [_row(f) for f in pages(door, href)]
        else:
            yield how, list(_filed(door, href, str(link["type"]), of.fields))


def _filed(door: Door, href: str, kind: str, fields: Mapping[str, Field]) -> Iterator[Row]:
    for _ in range(PAGES_MAX):
        answer = door.get(href)
        # Few hosts of files know the types of maps.
        media_type = answer.headers.get("content-type", "") if door.answers else kind
        read = formats_files.read(media_type, answer.body, fields) if answer.status == 200 else None
        if read is None:
            raise CannotAudit(f"{href} answers {answer.status} {media_type}")
        yield from map(_row, read)
        following = _NEXT.search(answer.headers.get("link", ""))
        if following is None:
            return
        href = following[1]


def download(door: Door, of: Collection) -> Iterator[list[Row]]:
    """Yield the features of the GeoParquet file of a collection; of a copy, those it shows."""
    shown = {ident for ident, _ in of.rows}
    for href in of.hrefs("enclosure", ".parquet"):
        read = formats_files.read("application/vnd.apache.parquet", door.bytes(href), of.fields)
        rows = map(_row, read or ())
        yield [row for row in rows if door.answers or row[0] in shown]
