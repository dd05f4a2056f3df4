"""What every request for a document says, and how it is answered: once, for all resources.

Every answer is a function of (release, page sizes, path, query, media type, language), so its
ETag is known before anything is computed: a client that has it gets 304 at once, and an answer
that was made once is sent again. In a content coding it is other bytes and has an ETag of its
own, which ends with the name of the coding.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from api.answers import Answers, Named, Words
from api.coding import packed, packed_pieces, packs, preferred_coding
from api.language import HTML, JSON, Media, preferred_language, preferred_media
from api.pages import assets, render
from api.params import read_query
from api.served import Served, served
from geo_core.model.text import Lang

COMMON: Final = ("f", "lang")
"""Parameters every document understands."""

_SOFTWARE: Final = version("atlante")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.,:/~@-]*")
"""What may stand in an address as it is, and does in most."""

ANY: Final = "*"
"""In `If-None-Match`: whatever there is."""

_MAX_IF_NONE_MATCH: Final = 8_192
_VARY: Final = "Accept, Accept-Encoding, Accept-Language"
_WISHES: Final = (b"accept", b"accept-encoding", b"accept-language")


@dataclass(frozen=True)
class Asked:
    """A request, checked.

    Attributes
    ----------
    served : Served
        The release this request is pinned to.
    params : Mapping
        Its parameters, each one known and given once, `f` and `lang` included.
    coding : str
        Content coding the client prefers; empty for none.
    words : tuple
        The request itself, as far as an answer depends on it.
    """

    served: Served
    path: str
    params: Mapping[str, str]
    media: Media
    lang: Lang
    coding: str
    if_none_match: str
    words: Words

    @property
    def base(self) -> str:
        """Address of the service, without a slash at the end."""
        return self.served.base

    def url(self, *, without: Collection[str] = (), **changed: str) -> str:
        """Return the address of this resource, its query in canonical order and changed."""
        pairs = self._encoded | {name: _encode(name, value) for name, value in changed.items()}
        query = "&".join(pairs[name] for name in sorted(pairs) if name not in without)
        return f"{self._address}?{query}" if query else self._address

    def formatted(self, names: Iterable[str], *, without: Collection[str] = ()) -> list[str]:
        """Return what `url(f=name)` is for each of many names of formats, in less time."""
        kept = [(n, pair) for n, pair in sorted(self._encoded.items()) if n not in without]
        before = "".join(f"{pair}&" for n, pair in kept if n < "f")
        after = "".join(f"&{pair}" for n, pair in kept if n > "f")
        return [f"{self._address}?{before}f={name}{after}" for name in names]

    @cached_property
    def _address(self) -> str:
        return self.base + _quoted(self.path)

    @cached_property
    def _encoded(self) -> dict[str, str]:
        return {name: _encode(name, value) for name, value in self.params.items()}

    @cached_property
    def etag(self) -> str:
        """A strong ETag of the answer as it is: equal exactly when it is byte for byte equal."""
        # A page names its style sheets and scripts by their hash.
        made_by = (_SOFTWARE, assets.version() if self.media.is_html else "")
        asked = (
            self.media.f,
            self.media.type,
            self.lang,
            *map("=".join, sorted(self.params.items())),
        )
        # The path is last: it alone may hold the sign between the parts.
        seed = (*made_by, *self.served.sizes, self.served.release.id, self.base, *asked, self.path)
        return f'"{sha256("\0".join(seed).encode(errors="replace")).hexdigest()[:32]}"'

    @cached_property
    def named(self) -> Named:
        """What the answer is known by, before it is made."""
        tags = (coded(self.etag, self.coding), self.etag) if self.coding else (self.etag,)
        return Named(tags, self.media.type, self.served.caching, self.lang)


def _encode(name: str, value: str) -> str:
    # Names are known, so there is nothing in them to encode.
    return f"{name}={_quoted(value)}"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe=",:/~@")


def coded(etag: str, coding: str) -> str:
    """Return the strong ETag of the same answer in a content coding: these are other bytes."""
    return f'{etag[:-1]}-{coding}"' if coding else etag


def matches(if_none_match: str, *etags: str) -> str:
    """Return which ETag an `If-None-Match` header names, the first for `*`; empty for none.

    The comparison is the weak one of RFC 9110.
    """
    if not if_none_match or len(if_none_match) > _MAX_IF_NONE_MATCH:
        return ""
    if if_none_match == ANY:
        return etags[0]
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return next((etag for etag in etags if etag in tags), "")


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
    headers = _headers(request.scope)

    def header(name: bytes) -> str:
        return headers.get(name, b"").decode("latin-1")

    return Asked(
        served=served(request),
        path=request.scope["path"],
        params=params,
        media=preferred_media(params.get("f"), header(b"accept"), media),
        lang=preferred_language(params.get("lang"), header(b"accept-language")),
        coding=preferred_coding(header(b"accept-encoding")),
        if_none_match=header(b"if-none-match"),
        words=_words(request.scope, headers),
    )


def again(scope: Scope) -> Response | None:
    """Return the answer to a request in words that were heard before, if it takes no time.

    Nothing of it is checked once more: what was refused was not kept.
    """
    served: Served = scope["served"]
    headers = _headers(scope)
    named = served.heard.get(_words(scope, headers))
    if named is None:
        return None
    return _held(served.answers, named, headers.get(b"if-none-match", b"").decode("latin-1"))


def _headers(scope: Scope) -> dict[bytes, bytes]:
    return dict(scope["headers"])


def _words(scope: Scope, headers: Mapping[bytes, bytes]) -> Words:
    wishes = (headers.get(name, b"") for name in _WISHES)
    return (scope["served"].base, scope["path"], scope["query_string"], *wishes)


def answer(
    asked: Asked, body: Callable[[], bytes], headers: Mapping[str, str] | None = None
) -> Response:
    """Return the body with its validators: kept, or made; or 304 without either.

    Parameters
    ----------
    body : callable
        Makes the body; not called when the client or this process holds the answer.
    headers : Mapping, optional
        Headers of this answer beside those of every one.
    """
    found = known(asked)
    if found is not None:
        return found
    plain = asked.served.answers.get(asked.etag) or _made(asked, body(), headers or {})
    return _packed(asked, plain)


def streamed(asked: Asked, pieces: Iterable[bytes], headers: Mapping[str, str]) -> Response:
    """Return an answer that is sent while it is made: it is never whole in memory, nor kept."""
    described = {**headers, "Content-Type": asked.media.type}
    if not asked.coding or not packs(asked.media.type, sys.maxsize):
        return StreamingResponse(pieces, headers={**validators(asked, asked.etag), **described})
    described |= {**validators(asked, asked.named.tags[0]), "Content-Encoding": asked.coding}
    return StreamingResponse(packed_pieces(pieces, asked.coding), headers=described)


def known(asked: Asked) -> Response | None:
    """Return the answer if it takes no time: 304 to a client that holds it, or a kept one."""
    found = _held(asked.served.answers, asked.named, asked.if_none_match)
    if found is not None:
        asked.served.heard.keep(asked.words, asked.named)
    return found


def _held(answers: Answers, named: Named, if_none_match: str) -> Response | None:
    found = _unchanged(named, if_none_match) or answers.get(named.tags[0])
    if found is None and len(named.tags) > 1:
        plain = answers.get(named.tags[-1])
        if plain is not None and not packs(named.media_type, len(plain.body)):
            return plain
    return found


def unchanged(asked: Asked) -> Response | None:
    """Return 304 if the client holds the answer, in any coding that may be sent to it now."""
    return _unchanged(asked.named, asked.if_none_match)


def _unchanged(named: Named, if_none_match: str) -> Response | None:
    held = matches(if_none_match, *named.tags)
    return _not_modified(held, named.caching, named.lang) if held else None


# A page that many look at again and again is told so with one and the same answer.
@lru_cache(maxsize=2_000)
def _not_modified(etag: str, caching: str, lang: Lang) -> Response:
    return Response(status_code=304, headers=_validators(etag, caching, lang))


def _made(asked: Asked, body: bytes, headers: Mapping[str, str]) -> Response:
    """Return an answer as it is, and keep it."""
    described = {**validators(asked, asked.etag), **headers, "Content-Type": asked.media.type}
    out = Response(body, headers=described)
    asked.served.answers.keep(asked.etag, out)
    asked.served.heard.keep(asked.words, asked.named)
    return out


def _packed(asked: Asked, plain: Response) -> Response:
    """Return an answer in the coding the client prefers, and keep that too."""
    if not asked.coding or not packs(asked.media.type, len(plain.body)):
        return plain
    etag = asked.named.tags[0]
    described = {**plain.headers, "etag": etag, "content-encoding": asked.coding}
    del described["content-length"]
    out = Response(packed(bytes(plain.body), asked.coding), headers=described)
    asked.served.answers.keep(etag, out)
    return out


def validators(asked: Asked, etag: str) -> dict[str, str]:
    """Return the headers by which an answer is kept and found again."""
    return _validators(etag, asked.served.caching, asked.lang)


def _validators(etag: str, caching: str, lang: Lang) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": caching, "Vary": _VARY, "Content-Language": lang}


def page(asked: Asked, template: str, doc: Any, **context: object) -> bytes:
    """Return a document as a page for people; it leads to what it shows, as JSON."""
    common = {
        "base": asked.base,
        "mirrored": asked.served.settings.mirrored,
        "release": asked.served.release.manifest,
        "doc": doc,
        "as_json": asked.url(f="json", lang=asked.lang),
    }
    return render(template, {**common, **context}, asked.lang).encode()


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
