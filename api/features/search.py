"""`POST /collections/{id}/search`: the query of `items`, in the body of the request."""

from __future__ import annotations

from collections.abc import Mapping

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api.asked import Asked, ask
from api.describe.links import link
from api.features.encode import Link
from api.features.formats.answers import made
from api.features.formats.media import offered
from api.features.formats.profiles import PROFILE, profiled
from api.features.paging import TOKEN, Token, first_of, release_in
from api.features.posted import posted
from api.features.query import FeatureQuery, parameters_of, read_feature_query
from api.features.routes import (
    HEAVY,
    continued,
    limits,
    link_to_collection,
    pages_around,
)
from api.params import checked
from api.served import served


def routes() -> list[Route]:
    """Return the route."""
    return [Route("/collections/{collection}/search", search, methods=["POST"])]


async def search(request: Request) -> Response:
    """Answer `/collections/{collection}/search`."""
    pairs = await posted(request)
    await continued(request, release_in(pairs))
    collection = served(request).collection(request.path_params["collection"])
    media = tuple(one for one in offered(collection.layer) if not one.is_html)
    asked = profiled(ask(request, names=(PROFILE,), media=media))
    said = checked(pairs, parameters_of(collection.layer))
    first = first_of(asked.served.release.id, asked.path, said)
    query = read_feature_query(said, collection.layer, limits(asked), first=first)

    def links(matched: int) -> list[Link]:
        return [link_to_collection(asked, collection), *_paging(asked, said, query, matched)]

    def answer() -> Response:
        found = made(asked, collection, query, links)
        headers = {**found.headers, **_described(asked)}
        if found.large:
            return StreamingResponse(found.pieces, headers=headers)
        return Response(b"".join(found.pieces), headers=headers)

    return await to_thread.run_sync(answer, limiter=HEAVY)


def _described(asked: Asked) -> dict[str, str]:
    return {
        "Content-Type": asked.media.type,
        "Content-Language": asked.lang,
        "Cache-Control": "no-store",
    }


def _paging(asked: Asked, said: Mapping[str, str], query: FeatureQuery, matched: int) -> list[Link]:
    """Return links to other pages: what is to be posted is in their `body`."""
    address = asked.url()
    links: list[Link] = []
    for rel, title, first, limit in pages_around(query, matched):
        token = Token.at(asked.served.release.id, first, asked.path, said)
        body = {**said, TOKEN: str(token), "limit": str(limit)}
        body.pop("offset", None)
        to = link(rel, address, asked.media.type, title.in_(asked.lang))
        links.append({**to, "method": "POST", "body": body})
    return links
