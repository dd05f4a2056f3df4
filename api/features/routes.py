"""Door one: the data plane. `items` and one item, over fragments that are already encoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import ANY, Asked, answer, ask, known, page, streamed
from api.describe.documents import collection as describe
from api.describe.links import Link, Said, link, link_to, self_links
from api.embed.config import opened_at
from api.exchange import schema_org
from api.features import beside
from api.features.crs import CRS84, checked_crs
from api.features.encode import feature, feature_collection
from api.features.engine import Collection, check, select
from api.features.filters import FILTER
from api.features.formats import jsonfg
from api.features.formats.answers import is_plus, made, schema_of
from api.features.formats.found import Found
from api.features.formats.media import ITEM, JSONFG, NAMES, offered
from api.features.formats.profiles import PROFILE, profile_links, profiled
from api.features.paging import TOKEN, ReleaseGone, Token, first_of, release_of
from api.features.query import FeatureQuery, Limits, read_feature_query
from api.features.sought import Q, searched
from api.language import GEOJSON, HTML, Media
from api.lineage import documents as lineage
from api.pages.words import in_own_units, words_of
from api.served import served
from geo_core.errors import NotFound

_INLINE = 1_000
"""Features that are joined in the event loop; a larger or changed page is not."""

_SIFTED_INLINE, _SHORT = 10_000, 200
"""Features of a collection that is sifted in the event loop, and characters of the condition."""

_PACKED_INLINE = 100
"""The same, where the answer is also packed in a content coding."""

_PEOPLE_PAGE, _MOST_PEOPLE_READ = 50, 200
"""Rows of a page for people: where nobody said how many, and at most."""

HEAVY = CapacityLimiter(2)
"""Each answer that is made in a thread holds a decoded copy: few at a time bound the memory."""

_COLLECTION = Said("La raccolta", "The collection")
_NEXT = Said("Pagina seguente", "Next page")
_PREVIOUS = Said("Pagina precedente", "Previous page")


def routes() -> list[Route]:
    """Return the routes of the data plane."""
    return [
        Route("/collections/{collection}/items", items, methods=["GET"]),
        Route("/collections/{collection}/items/{feature}", item, methods=["GET"]),
    ]


async def items(request: Request) -> Response:
    """Answer `/collections/{collection}/items`."""
    await continued(request, release_of(request.scope["query_string"]))
    collection = served(request).collection(request.path_params["collection"])
    known_names = collection.parameters | {PROFILE}
    media = offered(collection.layer)
    asked = profiled(ask(request, names=known_names, media=media))
    # Who names an answer, or finds it kept, asks what was checked when it was made.
    unnamed = asked.if_none_match == ANY
    held = None if unnamed else known(asked)
    if held is not None:
        return held
    first = first_of(asked.served.release.id, asked.path, asked.params)
    query = read_feature_query(asked.params, collection.layer, limits(asked), first=first)
    if unnamed:
        await to_thread.run_sync(check, collection, query, limiter=HEAVY)

    def links(matched: int) -> list[Link]:
        around = _around(asked, collection, media)
        return [*around, *_paging(asked, query, matched)]

    def body() -> bytes:
        return _encoded_items(asked, collection, query, links)

    if asked.media in {GEOJSON, HTML}:
        return await _answered(asked, query, body, quick=_quick(asked, collection, query))

    def other() -> Response:
        found = made(asked, collection, query, links)
        if found.large:
            return streamed(asked, found.pieces, found.headers)
        return answer(asked, lambda: b"".join(found.pieces), found.headers)

    held = known(asked)
    return await to_thread.run_sync(other, limiter=HEAVY) if held is None else held


async def continued(request: Request, named: str | None) -> None:
    """Go on in the release in which the client began to page, if its token names one.

    Where the address names a release, nothing leads to another: a token of one does not fit.
    """
    here = served(request)
    if here.is_pinned or named in {None, here.release.id}:
        return
    try:
        request.scope["served"] = await request.scope["releases"].opened(named)
    except NotFound:
        start = f"{here.base}{request.scope['path']}"
        raise ReleaseGone(
            "the release these pages are of is not published any more",
            hint=f"start again at {start}",
        ) from None


async def item(request: Request) -> Response:
    """Answer `/collections/{collection}/items/{feature}`."""
    collection = served(request).collection(request.path_params["collection"])
    asked = profiled(ask(request, names=("crs", PROFILE), media=ITEM))
    query = FeatureQuery(limit=1, crs=checked_crs("crs", asked.params.get("crs", CRS84)))
    row = collection.row(request.path_params["feature"])

    def body() -> bytes:
        return _item(asked, collection, row, query.crs)

    return await _answered(asked, query, body, quick=_quick(asked, collection, query))


async def _answered(
    asked: Asked, query: FeatureQuery, body: Callable[[], bytes], *, quick: bool
) -> Response:
    headers = {"Content-Crs": f"<{query.crs}>"}
    if quick:
        return answer(asked, body, headers)
    held = known(asked)
    if held is not None:
        return held
    return await to_thread.run_sync(answer, asked, body, headers, limiter=HEAVY)


def _quick(asked: Asked, collection: Collection, query: FeatureQuery) -> bool:
    """Tell whether an answer is made in less time than a thread takes to begin."""
    changed = query.crs != CRS84 or query.properties is not None
    packing = asked.coding and query.limit > _PACKED_INLINE
    if asked.media.is_html or changed or packing or query.limit > _INLINE:
        return False
    if query.filter is None and not query.sought:
        return True
    said = len(asked.params.get(FILTER, "")) + len(asked.params.get(Q, ""))
    return collection.info.count <= _SIFTED_INLINE and said <= _SHORT


def limits(asked: Asked) -> Limits:
    """Return how many features a page holds."""
    settings = asked.served.settings
    if asked.media.is_html:
        most = min(_MOST_PEOPLE_READ, settings.items_max)
        return Limits(default=min(_PEOPLE_PAGE, most), maximum=most)
    return Limits(default=settings.items_default, maximum=settings.items_max)


def _encoded_items(
    asked: Asked,
    collection: Collection,
    query: FeatureQuery,
    links: Callable[[int], Sequence[Mapping[str, object]]],
) -> bytes:
    """Return the answer to a query; `links` makes its links of the number of matches."""
    found = select(collection, query)
    encoded = feature_collection(collection, found, query, links=links(found.matched))
    return _page(asked, collection, "items", encoded) if asked.media.is_html else encoded


def _item(asked: Asked, collection: Collection, row: int, crs: str) -> bytes:
    links = _around(asked, collection, ITEM)
    links += lineage.link_to(asked, collection, asked.url(without=asked.params))
    if asked.media.f == JSONFG.f:
        found = Found(collection, np.array([row]), crs)
        schema = schema_of(asked, collection)
        return jsonfg.feature(found, links=links, schema=schema, plus=is_plus(asked))
    encoded = feature(collection, row, crs=crs, links=links)
    return _page(asked, collection, "item", encoded) if asked.media.is_html else encoded


def _page(asked: Asked, collection: Collection, template: str, encoded: bytes) -> bytes:
    doc: Any = orjson.loads(encoded)
    release = asked.served.release
    fields = words_of(release.info(collection.id), release.manifest, asked.lang)
    context: dict[str, object] = {
        "collection": describe(asked, collection.id),
        "fields": fields,
    }
    if template == "items":
        context["sought"] = asked.params.get(Q, "") if searched(collection.layer) else None
        context["formats"] = _files(asked, collection)
        context["on_map"] = opened_at(collection.layer.family)
    if template == "item":
        row = collection.row(doc["id"])
        context["fields"] = in_own_units(fields, collection.layer, doc["properties"], asked.lang)
        context["heading"] = beside.heading(asked, collection, doc)
        context["neighbours"] = beside.neighbours(collection, row, asked.lang)
        context["on_map"] = beside.on_map(collection, row)
        context["formats"] = [(NAMES[one.f], asked.url(f=one.f)) for one in ITEM if not one.is_html]
        context["computed"] = collection.id in asked.served.lineages
        context["about"] = schema_org.item(asked, collection.id, doc)
    return page(asked, template, doc, **context)


def _files(asked: Asked, collection: Collection) -> list[tuple[str, str]]:
    """Return name and address of what was found in every format, as much as an answer holds."""
    most = str(asked.served.settings.items_max)
    return [
        (NAMES[media.f], asked.url(f=media.f, limit=most, without=(TOKEN, "offset", PROFILE)))
        for media in offered(collection.layer)
        if not media.is_html
    ]


def _around(asked: Asked, collection: Collection, media: tuple[Media, ...]) -> list[Link]:
    return [
        *self_links(asked, media),
        *profile_links(asked),
        link_to_collection(asked, collection),
    ]


def link_to_collection(asked: Asked, collection: Collection) -> Link:
    """Return the link to the document of a collection."""
    address = f"{asked.base}/collections/{collection.id}"
    return link("collection", address, "application/json", _COLLECTION.in_(asked.lang))


def _paging(asked: Asked, query: FeatureQuery, matched: int) -> list[Link]:
    return [
        link_to(asked.media, rel, _at(asked, first, limit), title.in_(asked.lang))
        for rel, title, first, limit in pages_around(query, matched)
    ]


def pages_around(query: FeatureQuery, matched: int) -> list[tuple[str, Said, int, int]]:
    """Return the pages beside one: relation, title, first feature, number of features."""
    pages = []
    if query.offset + query.limit < matched:
        pages.append(("next", _NEXT, query.offset + query.limit, query.limit))
    if query.offset > 0:
        # The page before the first may be shorter, so that no feature stands on two pages.
        first, size = max(0, query.offset - query.limit), min(query.limit, query.offset)
        pages.append(("prev", _PREVIOUS, first, size))
    return pages


def _at(asked: Asked, first: int, limit: int) -> str:
    token = Token.at(asked.served.release.id, first, asked.path, asked.params)
    changed = {TOKEN: str(token), "limit": str(limit)}
    if asked.media is not GEOJSON:
        changed["f"] = asked.media.f
    return asked.url(**changed, without=("offset",))
