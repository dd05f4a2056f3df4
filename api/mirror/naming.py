"""Which file stands for which address of the service.

A plain host serves a file at its path, `index.html` for a folder, and knows neither queries nor
preferences. So the page of an address is `ADDRESS/index.html`, its JSON `ADDRESS.json`, other forms
`ADDRESS.ENDING`; pages in English are below `en/`. A map that is chosen by parameters becomes a
path: `embed/LAYER/FIELD/YEAR/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from api.embed.config import POINTS
from api.features.paging import TOKEN, read_token

_READ: Final = ("comune", *POINTS)
"""Parameters of the map that its script reads in the address; the file is the same."""
_SENT: Final = frozenset({*_READ, "luogo", "cerca", "target", "map"})
"""Parameters of the map that choose no file."""
ENDINGS: Final = {
    "json": "json", "mapbox": "json", "geojson": "geojson", "qml": "qml", "sld11": "sld",
    "svg": "svg", "csv": "csv", "fgb": "fgb", "xml": "xml",
}  # fmt: skip
"""Ending of the file of each form, beside the page."""
_PAGES: Final = re.compile(r"/(embed(/(?!.*\.)[^/]+)*|accessibilita)?")
"""Addresses that have a page alone, or whose page is their first form for a reader."""
_DATA: Final = re.compile(r"/disclosure/schema|/styles/[^/]+/metadata")
"""Addresses that have no page."""
_STYLE: Final = re.compile(r"/styles/[^/]+")
"""Addresses whose JSON is called by its own name."""
_FILE: Final = re.compile(
    r"/(?:(?:xyz|download|static|qgis)/.+|embed/[^/]+|styles/[^/]+|[^/]+)\.[a-z0-9]{2,8}"
)
"""Addresses that are files already; an id may have a dot, too."""
WHOLE: Final = frozenset({"fgb", "csv"})
"""Forms whose file holds all of a collection; others are written in pages."""
_SPOKEN: Final = (".svg", "config.json", "luoghi.json", ".qgz", ".qlr", ".atom")
"""Endings of files in words."""


class Wanted(NamedTuple):
    """What is asked of the service for one file."""

    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def address(self) -> str:
        """Path and query as they are sent."""
        path = quote(self.path)
        return f"{path}?{urlencode(self.query)}" if self.query else path


def wanted(address: str, *, form: str, lang: str) -> Wanted:
    """Return what an address means that stands in a document.

    Parameters
    ----------
    address : str
        Path and query below the address of the service.
    form, lang : str
        Form and language of the document, which a link without its own means.
    """
    parts = urlsplit(address)
    path = unquote(parts.path) or "/"
    path = path.rstrip("/") or "/"
    given = _placed(dict(parse_qsl(parts.query)))
    if path == "/embed" or path.startswith("/embed/"):
        given = {name: value for name, value in given.items() if name not in _SENT}
    if _FILE.fullmatch(path):
        kept = {name: value for name, value in given.items() if name not in {"f", "lang"}}
        # A file in words has a language; a tile has none.
        spoken = {"lang": given.get("lang", lang)} if path.endswith(_SPOKEN) else {}
        return Wanted(path, tuple(sorted({**kept, **spoken}.items())))
    if _DATA.fullmatch(path):
        given["f"] = "json"
    said = "html" if _PAGES.fullmatch(path) and path != "/" else given.pop("f", form)
    if said == "json" and _STYLE.fullmatch(path):
        said = "mapbox"
    given.pop("f", None)
    given.pop("limit", None)  # a page is as long as pages are
    if said in WHOLE or (form == "html" and said != "html"):
        given.pop("offset", None)  # pages for people are shorter than those of data
    tongue = given.pop("lang", lang) if said == "html" else "it"
    given.pop("lang", None)
    return Wanted(path, tuple(sorted({**given, "f": said, "lang": tongue}.items())))


def still_asked(address: str) -> str:
    """Return what stays of the query of a map: `?comune=…`, or nothing."""
    parts = urlsplit(address)
    if parts.path != "/embed" and not parts.path.startswith("/embed/"):
        return ""
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name in _READ]
    return f"?{urlencode(kept)}" if kept and not _FILE.fullmatch(parts.path) else ""


def _placed(given: dict[str, str]) -> dict[str, str]:
    """Say where a page begins by a number, and nothing of the first."""
    first = given.pop("offset", "0")
    if TOKEN in given:
        first = str(read_token(given.pop(TOKEN)).first)
    return given if first == "0" else {**given, "offset": first}


def file_of(one: Wanted) -> str:
    """Return the path of the file of an address, below the folder of the mirror."""
    query = dict(one.query)
    lang = query.pop("lang", "it")
    form = query.pop("f", None)
    path = one.path.strip("/")
    if form is None:
        return _in(lang, _varied(path, query))
    if path == "embed" and "layer" in query:
        path = f"embed/{query.pop('layer')}"
    if path.startswith("embed"):
        path = "/".join([path, *(query.pop(n) for n in ("field", "anno") if n in query)])
    path = _paged(path, query)
    if form == "html":
        return _in(lang, f"{path}/index.html".lstrip("/"))
    return _in(lang, f"{path or 'index'}.{ENDINGS.get(form, form)}")


def _in(lang: str, path: str) -> str:
    return path if lang == "it" else f"{lang}/{path}"


def _varied(path: str, query: Mapping[str, str]) -> str:
    """Put parameters into the name of a file, before its ending."""
    if not query:
        return path
    stem, _, ending = path.rpartition(".")
    said = "".join(f"~{name}-{value}" for name, value in sorted(query.items()))
    return f"{stem}{said}.{ending}"


def _paged(path: str, query: Mapping[str, str]) -> str:
    return f"{path}-{query['offset']}" if "offset" in query else path
