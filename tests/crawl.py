"""Follows every address that a service gives out, in whatever form it gives it."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

type Answer = tuple[int, dict[str, str], bytes]

_ADDRESS = re.compile(r"https?://[^\s\"'<>\\|`^]+")
_STYLE = re.compile(r"url\(\s*[\"']?(?!data:)([^\"')]+)")
_SCRIPT = re.compile(r"(?:\bfrom|\bimport)\s*\(?\s*[\"'](\.{0,2}/[^\"']+)[\"']")
_LINKS = {"href", "src", "action", "formaction", "poster", "data", "cite"}
_RELATIVE = {"href", "url", "sprite", "glyphs", "tiles", "iframe_src", "thumbnail_url"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in _LINKS:
                self.found.append(value)
            elif value and name == "srcset":
                self.found += [part.split()[0] for part in value.split(",")]


@dataclass
class Found:
    """What a walk met."""

    asked: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    dead: dict[str, tuple[int, str]] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)


def walked(
    base: str, get: Callable[[str], Answer], shape: Callable[[str], str], most: int
) -> Found:
    """Follow all addresses from the landing page on, at most so many of each shape.

    Parameters
    ----------
    base : str
        Public address of the service, prefix included.
    get : callable
        Asks for an address and returns status, headers in small letters and body; follows nothing.
    shape : callable
        The template of a path below the prefix.
    most : int
        Addresses of one shape that are asked for.
    """
    found, seen = Found(), {base}
    host = urlsplit(base).netloc
    waiting = deque([(base, ""), (f"{base}/?f=html", "")])
    while waiting:
        url, where = waiting.popleft()
        parts = urlsplit(url)
        asked = sorted({f"{k}={v}" if k in {"f", "lang"} else k for k, v in parse_qsl(parts.query)})
        kind = " ".join([shape(parts.path.removeprefix(urlsplit(base).path) or "/"), *asked])
        if found.asked[kind] >= most:
            continue
        found.asked[kind] += 1
        status, headers, body = get(url)
        found.kinds[headers.get("content-type", "").partition(";")[0]] += 1
        if status != 200 and "location" not in headers:
            found.dead[url] = (status, where)
        for one in _given(headers, body):
            address = urljoin(url, one).partition("#")[0]
            if urlsplit(address).hostname in {"127.0.0.1", "localhost"}:
                within = address == base or address.startswith((f"{base}/", f"{base}?"))
                if not within or urlsplit(address).netloc != host:
                    found.outside[address] = url
                elif address not in seen:
                    seen.add(address)
                    waiting.append((address, url))
    return found


def _given(headers: dict[str, str], body: bytes) -> Iterator[str]:
    kind = headers.get("content-type", "").partition(";")[0]
    if "location" in headers:
        yield headers["location"]
    yield from re.findall(r"<([^>]+)>\s*;", headers.get("link", ""))
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield from _written(packed.read(name).decode("utf-8", "replace"))
        return
    text = body.decode("utf-8", "replace")
    if kind == "text/html":
        page = _Page()
        page.feed(text)
        yield from (one for one in page.found if not one.startswith(("#", "data:", "mailto:")))
    elif kind.endswith("json"):
        yield from _documented(json.loads(text))
    elif kind == "text/css":
        yield from _STYLE.findall(text)
    elif kind.endswith("javascript"):
        yield from _SCRIPT.findall(text)
        return  # what else is written there is for examples and namespaces
    yield from _written(text)


def _written(text: str) -> Iterator[str]:
    """Yield absolute addresses in any text; those with places to fill in are filled in.

    A page that shows code for another page has an address that is escaped twice.
    """
    for one in _ADDRESS.findall(html.unescape(html.unescape(text))):
        for whole in {one, *_ADDRESS.findall(unquote(one)[1:])} if "%3A%2F%2F" in one else {one}:
            yield from _filled(whole.rstrip(".,;:)]}*" if not whole.endswith("}") else ".,"))


def _filled(address: str) -> list[str]:
    """Return an address without the places of a template, which a tile of the province fills."""
    plain = unquote(address)
    for names, value in (
        ("{z} {TileMatrix} {tileMatrix}", "8"), ("{x} {TileCol} {tileCol}", "133"),
        ("{y} {TileRow} {tileRow}", "91"), ("{TileMatrixSet} {tileMatrixSetId}", "WebMercatorQuad"),
        ("{Style} {style}", "default"),
    ):  # fmt: skip
        for name in names.split():
            plain = plain.replace(name, value)
    if "{" in plain:
        return []
    return [address if plain == unquote(address) else plain]


def _documented(document: object) -> Iterator[str]:
    """Yield what a JSON document links to; sprites have four files."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "sprite" and isinstance(value, str):
                yield from (value + end for end in (".json", ".png", "@2x.json", "@2x.png"))
            elif name in _RELATIVE and isinstance(value, str) and value.startswith(("/", ".")):
                yield value
            else:
                yield from _documented(value)
    elif isinstance(document, list):
        for one in document:
            yield from _documented(one)
