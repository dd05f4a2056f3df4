"""OGC API Features of another server: bounded pages of one collection, from one host only."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NoReturn, override
from urllib.parse import urljoin, urlsplit

import orjson

from geo_core.errors import SourceError
from geo_core.sources import bounded, geojson
from geo_core.sources.base import LIMITS, MIB, Job, Limits, Reading
from geo_core.sources.frame import assemble

PAGE: Final = 1_000
"""Features asked for at once; a server may give fewer."""

MAX_PAGE: Final = 32 * MIB
MAX_PAGES: Final = 10_000
SECONDS: Final = 30
"""Longest silence of the server."""

SECONDS_ALL: Final = 600

_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_BLOCK: Final = 65_536


def read(address: str, *, collection: str, limits: Limits = LIMITS, page: int = PAGE) -> Reading:
    """Read one collection, following `next` links.

    Parameters
    ----------
    address : str
        Landing page, `http` or `https`.
    collection : str
        Its id.
    limits : Limits
        `bytes` and `rows` hold for all pages together.
    page : int
        Features asked for at once.

    Raises
    ------
    SourceError
        The server does not answer, answers something else, leads to another host or in a
        circle, or holds more than the limits allow.
    """
    if urlsplit(address).scheme not in {"http", "https"}:
        raise SourceError("is not a web address", where="the server", hint="write https://...")
    if not _NAME.fullmatch(collection):
        hint = "copy the `id` from the list of collections"
        raise SourceError("the id of the collection is not usable", hint=hint)
    start = f"{address.rstrip('/')}/collections/{collection}/items?f=json&limit={page}"
    with TemporaryDirectory() as folder:
        places = []
        for number, body in enumerate(_pages(start, collection, limits), start=1):
            place = Path(folder) / f"{collection}, page {number}"
            place.write_bytes(body)
            places.append(str(place))
        job = Job(places=tuple(places), limits=limits)
        return assemble(job, bounded.parse(geojson.SOURCE, job))


def _pages(start: str, collection: str, limits: Limits) -> Iterator[bytes]:
    seen: set[str] = set()
    room, rows, until = limits.bytes, limits.rows, time.monotonic() + SECONDS_ALL
    address: str | None = start
    while address is not None:
        if address in seen or len(seen) >= MAX_PAGES:
            _refuse(collection, "leads in a circle, or has too many pages", "ask its operator")
        seen.add(address)
        body = _fetched(address, collection, min(room, MAX_PAGE), until)
        document = _document(body, collection)
        room -= len(body)
        rows -= len(document["features"])
        if rows < 0:
            _refuse(collection, f"has more than {limits.rows} rows", "ask for a smaller collection")
        yield body
        address = _next(document, address, collection)


class _SameHost(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if not _same_host(req.full_url, newurl):
            fp.close()
            raise SourceError(
                "leads to another host", where=urlsplit(req.full_url).netloc, hint="use its address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetched(address: str, collection: str, most: int, until: float) -> bytes:
    request = urllib.request.Request(address, headers={"Accept": "application/geo+json"})  # noqa: S310 - the scheme was checked
    opener = urllib.request.build_opener(_SameHost)
    body = bytearray()
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            while block := answer.read(_BLOCK):
                body += block
                if len(body) > most:
                    _refuse(collection, f"answers more than {most} bytes", "ask for smaller pages")
                if time.monotonic() > until:
                    hint = "try again when it is less busy"
                    _refuse(collection, f"takes more than {SECONDS_ALL} seconds", hint)
    except urllib.error.HTTPError as error:
        error.close()
        _refuse(collection, f"answers with status {error.code}", "check address and collection")
    except OSError:
        _refuse(collection, "does not answer", "check the address and the network")
    return bytes(body)


def _document(body: bytes, collection: str) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not (isinstance(document, dict) and isinstance(document.get("features"), list)):
        _refuse(collection, "answers something else than GeoJSON", "check the address")
    return document


def _next(document: dict[str, Any], here: str, collection: str) -> str | None:
    links = document.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next":
            address = urljoin(here, str(link.get("href")))
            if not _same_host(here, address):
                hint = "ask its operator to correct the links"
                _refuse(collection, "links its next page on another host", hint)
            return address
    return None


def _same_host(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc) == (second.scheme, second.netloc)


def _refuse(collection: str, message: str, hint: str) -> NoReturn:
    raise SourceError(f"the server {message}", where=collection, hint=hint)
