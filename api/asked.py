"""What every request for a document says, and how it is answered: once, for all resources.

Every answer is a function of (release, path, query, media type, language), so its ETag is known
before anything is computed and a client that has it gets 304 at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.language import HTML, JSON, Media, preferred_language, preferred_media
from api.pages import assets, render
from api.params import read_query
from api.served import Served, served
from geo_core.model.text import Lang

COMMON: Final = ("f", "lang")
"""Parameters every document understands."""

_SOFTWARE: Final = version("atlante")
_MAX_IF_NONE_MATCH: Final = 8_192


@dataclass(frozen=True)
class Asked:
    """A request, checked.

    Attributes
    ----------
    served : Served
        The release this request is pinned to.
    params : Mapping
        Its parameters, each one known and given once, `f` and `lang` included.
    """

    served: Served
    path: str
    params: Mapping[str, str]
    media: Media
    lang: Lang
    if_none_match: str

    @property
    def base(self) -> str:
        """Address of the service, without a slash at the end."""
        return self.served.base

    def url(self, *, without: Collection[str] = (), **changed: str) -> str:
        """Return the address of this resource, its query in canonical order and changed."""
        pairs = self._encoded | {name: _encode(name, value) for name, value in changed.items()}
        query = "&".join(pairs[name] for name in sorted(pairs) if name not in without)
        return f"{self._address}?{query}" if query else self._address

    @cached_property
    def _address(self) -> str:
        return self.base + quote(self.path, safe="/~:@")

    @cached_property
    def _encoded(self) -> dict[str, str]:
        return {name: _encode(name, value) for name, value in self.params.items()}

    @cached_property
    def etag(self) -> str:
        """A strong ETag: equal exactly when the answer is byte for byte equal."""
        # A page names its style sheets and scripts by their hash.
        made_by = (_SOFTWARE, assets.version() if self.media.is_html else "")
        seed = (*made_by, self.served.release.id, self.url(), self.media.type, self.lang)
        return f'"{sha256("\n".join(seed).encode()).hexdigest()[:32]}"'

    @property
    def unchanged(self) -> bool:
        """True when the client already holds this answer."""
        return matches(self.if_none_match, self.etag)


def _encode(name: str, value: str) -> str:
    return f"{quote(name, safe='')}={quote(value, safe=',:/~')}"


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether an `If-None-Match` header names an ETag (weak comparison, RFC 9110)."""
    if len(if_none_match) > _MAX_IF_NONE_MATCH:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


def ask(
    request: Request,
    *,
    names: Collection[str] = (),
    media: Sequence[Media] = (JSON, HTML),
) -> Asked:
    """Check a request against what the resource understands.

    Parameters
    ----------
    names : Collection[str]
        Parameters beside `f` and `lang`.
    media : Sequence[Media]
        Representations the resource has; the first is the default.

    Raises
    ------
    InvalidParameter
        An unknown or repeated parameter, or a bad `f` or `lang`.
    NotAcceptable
        `Accept` excludes every representation.
    """
    params = read_query(request.scope["query_string"], {*COMMON, *names})
    headers = request.headers
    return Asked(
        served=served(request),
        path=request.scope["path"],
        params=params,
        media=preferred_media(params.get("f"), headers.get("accept", ""), media),
        lang=preferred_language(params.get("lang"), headers.get("accept-language", "")),
        if_none_match=headers.get("if-none-match", ""),
    )


def answer(
    asked: Asked, body: Callable[[], bytes], headers: Mapping[str, str] | None = None
) -> Response:
    """Return the body with its validators, or 304 without making it."""
    kept = {
        "ETag": asked.etag,
        "Cache-Control": asked.served.caching,
        "Vary": "Accept, Accept-Language",
        "Content-Language": asked.lang,
        **(headers or {}),
    }
    if asked.unchanged:
        return Response(status_code=304, headers=kept)
    return Response(body(), headers={**kept, "Content-Type": asked.media.type})


def page(asked: Asked, template: str, doc: Any, **context: object) -> bytes:
    """Return a document as a page for people."""
    return render(
        template,
        {"base": asked.base, "release": asked.served.release.manifest, "doc": doc, **context},
        asked.lang,
    ).encode()


def document(
    asked: Asked,
    template: str,
    build: Callable[[], Mapping[str, Any]],
    context: Callable[[], Mapping[str, object]] = dict,
) -> Response:
    """Answer with a description, as JSON or as the page made of it.

    Parameters
    ----------
    template : str
        Page of `api/pages/templates` that shows the document.
    build : callable
        Makes the document; not called when the client holds it.
    context : callable
        Makes what the page needs beside the document.
    """

    def body() -> bytes:
        if asked.media.is_html:
            return page(asked, template, build(), **context())
        return orjson.dumps(build())

    return answer(asked, body)
