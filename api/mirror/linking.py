"""Links inside documents: from addresses of the service to files of the mirror."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from typing import Any, Final
from urllib.parse import quote

import orjson

from api.mirror.naming import Wanted, file_of, still_asked, wanted

NOT_HERE: Final = "senza-server/index.html"
"""Page that a link leads to whose address only the service answers."""

_REST: Final = r"(?P<rest>[/?#][^\s\"'<>\\)]*)?(?=[\s\"'<>\\)]|$)"
_RELATIVE: Final = re.compile(r'href="\?(?P<query>[^"]*)"')
JSON_FORMS: Final = frozenset({"json", "mapbox", "geojson"})
"""Forms in which `&` stands for itself."""
_TEMPLATE: Final = re.compile(r"\{[a-zA-Z]+\}|%7B")


def found(text: str, base: str, path: str, *, form: str, lang: str) -> Iterator[Wanted]:
    """Yield what a document links to within the service."""
    for match in _links(base).finditer(text):
        rest = unescape(match["rest"] or "/").split("#")[0]
        if not _TEMPLATE.search(rest):
            yield wanted(rest, form=_meant(form), lang=lang)
    for match in _RELATIVE.finditer(text):
        yield wanted(
            f"{path}?{unescape(match['query']).split('#')[0]}", form=_meant(form), lang=lang
        )


def relinked(  # noqa: PLR0913 - a document, where it stands, and what there is
    text: str, base: str, path: str, *, form: str, lang: str, there: Callable[[Wanted], bool]
) -> str:
    """Return a document with links to files.

    Parameters
    ----------
    base : str
        Address of the mirror, with which every link of the service begins.
    path : str
        Path of the document, which relative links mean.
    there : callable
        Whether the mirror has the file of an address.
    """

    def to(rest: str) -> str:
        rest, hashed, fragment = rest.partition("#")
        if _TEMPLATE.search(rest):
            return f"{base}{rest}{hashed}{fragment}"
        one = wanted(rest or "/", form=_meant(form), lang=lang)
        if there(one):
            return f"{base}/{_href(file_of(one))}{still_asked(rest)}{hashed}{fragment}"
        # What a browser opens says that it is not here; elsewhere it is no link, but a name.
        opened = form == "html" or path.endswith(".atom")
        return f"{base}/{_href(NOT_HERE)}" if opened else f"{base}{rest}"

    def absolute(match: re.Match[str]) -> str:
        if form in JSON_FORMS:
            return to(match["rest"] or "/")
        return escape(to(unescape(match["rest"] or "/")), quote=False)

    def relative(match: re.Match[str]) -> str:
        return f'href="{escape(to(f"{path}?{unescape(match['query'])}"), quote=False)}"'

    text = _links(base).sub(absolute, text)
    return _RELATIVE.sub(relative, text) if form == "html" else text


def without_dead_links(
    text: str, base: str, *, lang: str, there: Callable[[Wanted], bool]
) -> dict[str, Any]:
    """Return a JSON document without links to what the mirror has not, and what had only those.

    Parameters
    ----------
    text : str
        A document as the service gives it.
    there : callable
        Whether the mirror has the file of an address.
    """

    def dead(one: Any) -> bool:
        href = one.get("href") if isinstance(one, dict) else None
        if not isinstance(href, str) or not _links(base).fullmatch(href.split("{")[0]):
            return False
        rest = href.removeprefix(base).split("#")[0] or "/"
        return not there(wanted(rest, form="json", lang=lang))

    def lasting(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: lasting(part) for name, part in value.items()}
        if not isinstance(value, list):
            return value
        kept = [(one, lasting(one)) for one in value if not dead(one)]
        return [new for old, new in kept if not _emptied(old, new)]

    document: dict[str, Any] = lasting(orjson.loads(text))
    return document


def _emptied(old: Any, new: Any) -> bool:
    return isinstance(old, dict) and bool(old.get("links")) and not new["links"]


def _meant(form: str) -> str:
    """Return the form that a link means which does not say it: pages lead to pages."""
    return form if form == "html" else "json"


def _links(base: str) -> re.Pattern[str]:
    return re.compile(re.escape(base) + _REST)


def _href(file: str) -> str:
    """Return the address of a file; a folder is named without its page."""
    return quote(file.removesuffix("index.html"), safe="/~-")
