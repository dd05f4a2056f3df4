"""Downloads everything public of a server, found by its links from the landing page."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson

from checks.audit import (
    descriptions,
    formats_files,
    formats_zones,
    html_tables,
    zones,
    zones_asked,
)
from checks.audit.descriptions import Links
from checks.audit.published import (
    CRS_ROWS,
    Collection,
    Feature,
    Field,
    Published,
    Seen,
    Tileset,
    Zoned,
    as_features,
    is_plain,
)
from checks.audit.site import Answer, CannotAudit, Site, lacking
from checks.audit.themes import Theme, themes_of
from checks.audit.tiles import addressed, archive

PAGES_MAX: Final = 10_000
"""Pages of one collection."""
JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
_NEXT: Final = re.compile(r'<([^<>]*)>; rel="next"')
"""The next page, in a header `Link`."""

TOGETHER: Final = 4
"""Levels below a zone in one answer about all themes."""
GRIDS: Final = "[ogc-rel:dggrs-list]"
_OGC: Final = "http://www.opengis.net/def/rel/ogc/1.0/"


@dataclass
class _Door:
    """The site, with what was asked of it written down."""

    site: Site
    seen: list[Seen] = field(default_factory=list)
    padded: list[str] = field(default_factory=list)

    def get(self, path: str, accept: str | None = None, lang: str | None = None) -> Answer:
        answer = self.site.get(path, accept, lang)
        digest = hashlib.sha256(answer.body).hexdigest()
        below = path.removeprefix(self.site.root)
        if answer.body[:1] in {b"{", b"["} and not _plain(answer.body):
            self.padded.append(below)
        self.seen.append(Seen(below, accept, lang, answer.status, digest, answer.headers))
        return answer

    def bytes(self, path: str, accept: str | None = None, lang: str | None = None) -> bytes:
        answer = self.get(path, accept, lang)
        if answer.status != 200:
            where = path or self.site.root
            raise _no_service(
                self.site.root,
                f"{where} answers {answer.status}",
                f"{where} risponde {answer.status}",
            )
        return answer.body

    def json(self, path: str, accept: str = JSON, lang: str | None = None) -> Any:
        raw = self.bytes(path, accept, lang)
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            where = path or self.site.root
            raise _no_service(
                self.site.root,
                f"{where} answers with something that is not JSON",
                f"{where} risponde con qualcosa che non è JSON",
            ) from error

    def links(self, document: Mapping[str, Any]) -> Links:
        """Return the links of a document that lead to this server: others are not asked."""
        found = defaultdict(list)
        for link in document.get("links", []):
            if not urlsplit(link["href"]).netloc or link["href"].startswith(self.site.root):
                found[link["rel"].removeprefix(_OGC)].append(link)
        return found


def _no_service(root: str, english: str, italian: str) -> CannotAudit:
    """Return the refusal of an address, which names the landing page that may be meant."""
    landing = f"{root.partition('/collections/')[0].rstrip('/')}/"
    meant = landing if landing != root else "http://127.0.0.1:8791/"
    return CannotAudit(
        english,
        f"name the landing page of a running service of Atlante, such as {meant}",
        (italian, f"indicare la pagina iniziale di un servizio Atlante, per esempio {meant}"),
    )


def _plain(raw: bytes) -> bool:
    try:
        return is_plain(raw, orjson.loads(raw))
    except orjson.JSONDecodeError:
        return False


def collect_http(site: Site, progress: Callable[[str], None]) -> Published:
    """Return everything a server publishes; `CannotAudit` if it is no service of this kind."""
    door = _Door(site)
    try:
        found = _published(door, progress)
        return replace(found, zones=zones.told(found))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        it, en = lacking(error)
        raise _no_service(
            site.root,
            f"{site.root} is no service of Atlante: of a document, {en}",
            f"{site.root} non è un servizio Atlante: di un documento, {it}",
        ) from error


def _published(door: _Door, progress: Callable[[str], None]) -> Published:
    known = _landing(door)
    disclosure = door.json(_one(known, "disclosure", "privacy-policy"))
    themes = themes_of(disclosure)
    documents = dict(descriptions.of_service(door, known))
    single: dict[str, list[tuple[str, str]]] = {}
    collections: dict[str, Collection] = {}
    tilesets: dict[str, Tileset] = {}
    files: dict[str, bytes] = {}
    styles: dict[str, Any] = {}
    zoned: dict[str, list[Zoned]] = {}
    for document in door.json(_one(known, "data"))["collections"]:
        links, ident = door.links(document), str(document["id"])
        progress(ident)
        collection = _collection(door, document, links)
        protected = any(theme.covers(ident, collection.fields) for theme in themes)
        collections[ident] = collection
        if protected:
            collections[ident] = _with_copies(door, collection, links)
            documents |= dict(descriptions.described(door, links))
            address = _one(links, "items").partition("?")[0]
            single[ident] = list(descriptions.singles(door, collection, address))
            zoned[ident] = _zoned(door, collection, links)
        tilesets |= _tilesets(door, links, ask=protected)
        files |= {_name(h): door.bytes(h) for h in _hrefs(links, "enclosure", *_FILES)}
        for href in _hrefs(links, "styles"):
            styles[ident] = door.json(href, "*/*")
    zoned[""] = _of_all(door, known, collections)
    progress("tiles")
    tilesets |= _theme_tilesets(door, known, themes)
    releases = [r for h in _hrefs(known, "version-history") for r in door.json(h)["releases"]]
    return Published(
        release=next((str(r["id"]) for r in releases if r.get("current")), ""),
        collections=collections,
        tilesets=tilesets,
        files=files,
        styles=styles,
        disclosure=disclosure,
        releases=releases,
        seen=door.seen,
        documents=documents,
        padded=door.padded,
        single=single,
        zoned=zoned,
    )


def _landing(door: _Door) -> Links:
    document = door.json("")
    links = door.links(document)
    if document.get("links") and not links:
        elsewhere = document["links"][0]["href"]
        raise CannotAudit(
            f"every link of {door.site.root} leads elsewhere, such as {elsewhere}",
            "audit the server at the address its own links carry",
            (
                f"ogni collegamento di {door.site.root} porta altrove, per esempio {elsewhere}",
                "controllare il servizio all'indirizzo che portano i suoi collegamenti",
            ),
        )
    if not links.keys() & {"disclosure", "privacy-policy"}:
        raise _no_service(
            door.site.root,
            f"{door.site.root} links to no disclosure statement",
            f"{door.site.root} non porta a una dichiarazione sulla riservatezza",
        )
    return links


def _hrefs(links: Links, rel: str, *endings: str) -> list[str]:
    found = (link["href"] for link in links.get(rel, ()))
    return [h for h in found if not endings or urlsplit(h).path.endswith(endings)]


def _one(links: Links, *rels: str) -> str:
    """Return the first link of the first relation there is; JSON is preferred, without profile."""
    for rel in rels:
        if found := links.get(rel):
            return min(found, key=_unlike_plain_json)["href"]
    raise CannotAudit(f"there is no link of relation {rels[0]!r}", "is this a service of Atlante?")


def _unlike_plain_json(link: Mapping[str, Any]) -> tuple[bool, bool]:
    return "json" not in link.get("type", ""), "profile" in link


def _collection(door: _Door, document: Mapping[str, Any], links: Links) -> Collection:
    schema = door.json(_one(links, "schema"), "application/schema+json, */*")
    fields = {n: _field(said) for n, said in schema["properties"].items() if "type" in said}
    features, matched = _items(door, _one(links, "items"))
    return Collection(
        str(document["id"]), {**document, "numberMatched": matched}, fields, features, {}, {}
    )


def _field(said: Mapping[str, Any]) -> Field:
    listed = said.get("items", said).get("oneOf")
    return Field(
        type=said["type"],
        date=said.get("format") == "date",
        codes=None if listed is None else {str(c["const"]): str(c["title"]) for c in listed},
    )


def _items(door: _Door, href: str, lang: str | None = None) -> tuple[list[Feature], int]:
    """Return all features, page after page by the link `next`, and `numberMatched`."""
    features: list[Feature] = []
    for _ in range(PAGES_MAX):
        page = door.json(href, GEOJSON, lang)
        features += as_features(page["features"], href)
        following = _hrefs(door.links(page), "next")
        if not following:
            return features, int(page["numberMatched"])
        href = following[0]
    raise CannotAudit(f"{href}: more than {PAGES_MAX} pages")


def _with_copies(door: _Door, collection: Collection, links: Links) -> Collection:
    """Ask for a protected collection in every other way it is offered."""
    items = _one(links, "items")
    address = items.partition("?")[0]
    copies = {f"lang={lang}": _items(door, items, lang)[0] for lang in ("it", "en")}
    singles = (door.json(f"{address}/{quote(i, safe='')}", GEOJSON) for i in collection.ids)
    copies["items/{id}"] = as_features(singles, f"{address}/{{id}}")
    for crs in collection.document.get("crs", [])[1:]:
        asked = f"{address}?crs={quote(crs, safe='')}&limit={CRS_ROWS}"
        copies[f"crs={crs}"] = as_features(door.json(asked, GEOJSON)["features"], asked)
    copies |= dict(_in_formats(door, links, collection.fields))
    pages: dict[str, list[list[str]]] = {}
    markup: list[str] = []
    for lang in descriptions.LANGUAGES:
        if any("html" in link.get("type", "") for link in links["items"]):
            found = list(_pages(door, address, lang, len(collection.features)))
            pages[lang] = [row for page in found for row in html_tables.rows(page)]
            markup += found
    return replace(collection, copies=copies, pages=pages, markup=markup)


def _zoned(door: _Door, collection: Collection, links: Links) -> list[Zoned]:
    """Ask for all zones of a collection, below a link or where the standard has its grids."""
    items = _one(links, "items").partition("?")[0]
    grids = _hrefs(links, GRIDS) or [f"{items.removesuffix('/items')}/dggs"]
    return [one for href in grids for one in zones_asked.asked(door, href, collection.fields)]


def _of_all(door: _Door, known: Links, collections: Mapping[str, Collection]) -> list[Zoned]:
    """Ask for all zones of all themes together, as a table: the others say the same of less."""
    fields = {
        f"{formats_zones.family(ident)}.{name}": field
        for ident, collection in collections.items()
        for name, field in collection.fields.items()
    }
    return [
        one
        for href in _hrefs(known, GRIDS)
        for one in zones_asked.asked(door, href, fields, formats=("csv",), deepest=TOGETHER)
    ]


def _in_formats(
    door: _Door, links: Links, fields: Mapping[str, Field]
) -> Iterator[tuple[str, list[Feature]]]:
    """Yield all features in every format that the collection links, by what names it."""
    for link in links["items"]:
        how = str(link["href"]).partition("?")[2]
        if link.get("profile"):
            yield how, _items(door, link["href"])[0]
        elif how and "html" not in link["type"]:
            yield how, _filed(door, link["href"], fields)


def _filed(door: _Door, href: str, fields: Mapping[str, Field]) -> list[Feature]:
    """Return all features of a format whose pages are linked by headers."""
    features: list[Feature] = []
    for _ in range(PAGES_MAX):
        answer = door.get(href)
        media_type = answer.headers.get("content-type", "")
        found = (
            formats_files.read(media_type, answer.body, fields) if answer.status == 200 else None
        )
        if found is None:
            raise CannotAudit(f"{href} answers {answer.status} {media_type}")
        features += found
        following = _NEXT.search(answer.headers.get("link", ""))
        if following is None:
            return features
        href = following[1]
    raise CannotAudit(f"{href}: more than {PAGES_MAX} pages")


def _pages(door: _Door, address: str, lang: str, number: int) -> Iterator[str]:
    at = 0
    while at < number:
        raw = door.bytes(f"{address}?f=html&lang={lang}&limit=1000&offset={at}", "text/html")
        page = raw.decode(errors="replace")
        rows = len(html_tables.rows(page))
        if not rows:
            return
        yield page
        at += rows


_FILES: Final = (".parquet", ".tif", ".mbtiles")
"""Downloads that are kept as they are; archives of tiles are read at once."""


def _tilesets(door: _Door, links: Links, *, ask: bool) -> dict[str, Tileset]:
    """Return the tilesets of a collection; with `ask` every tile is asked for one by one."""
    found = {}
    archives = [door.bytes(h) for h in _hrefs(links, "enclosure", ".pmtiles")]
    for href in _hrefs(links, "related", ".json"):
        document = door.json(href)
        if "tilejson" not in document:
            continue
        ident = _name(href).removesuffix(".json")
        stored, tiles, loose = archive(archives[0]) if archives else ({}, {}, 0)
        tileset = _tileset(door, ident, document, tiles, ask=ask)
        found[ident] = replace(tileset, stored=stored, loose=loose)
    return found


def _theme_tilesets(door: _Door, known: Links, themes: Iterable[Theme]) -> dict[str, Tileset]:
    """Return the tilesets of the whole service, which switch collections by zoom."""
    found = {}
    for href in _hrefs(known, "tilesets-vector"):
        for said in door.json(href)["tilesets"]:
            for link in _hrefs(door.links(said), "alternate", ".json"):
                document = door.json(link)
                ident = _name(link).removesuffix(".json")
                shown = {f for layer in document["vector_layers"] for f in layer["fields"]}
                ask = any(shown & theme.shown for theme in themes)
                found[ident] = _tileset(door, ident, document, {}, ask=ask)
    return found


def _tileset(
    door: _Door, ident: str, document: Mapping[str, Any], tiles: Mapping[Any, bytes], *, ask: bool
) -> Tileset:
    asked = {}
    for key, address in addressed(document) if ask or not tiles else ():
        answer = door.get(address)
        if answer.status not in {200, 204, 404}:
            raise CannotAudit(f"{address} answers {answer.status}")
        asked[key] = answer.body or None if answer.status == 200 else None
    tiles = tiles or {key: raw for key, raw in asked.items() if raw is not None}
    return Tileset(ident, document, tiles, asked)


def _name(href: str) -> str:
    return urlsplit(href).path.rpartition("/")[2]
