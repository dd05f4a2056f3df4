"""`/collections/{collection}/items/{feature}/lineage`."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import ask, document
from api.describe.documents import collection as describe
from api.features import beside
from api.features.encode import decoded
from api.features.query import FeatureQuery
from api.lineage.documents import MEANS, OFFERED, lineage
from api.pages.words import words_of
from api.served import served
from geo_core.errors import NotFound

_ONE: Final = FeatureQuery(limit=1)


def routes() -> list[Route]:
    """Return the route."""
    return [Route("/collections/{collection}/items/{feature}/lineage", of_feature, methods=["GET"])]


def of_feature(request: Request) -> Response:
    """Answer with the lineage of a feature; `NotFound` where its collection has none."""
    asked = ask(request, media=OFFERED)
    collection = served(request).collection(request.path_params["collection"])
    row = collection.row(request.path_params["feature"])
    file = asked.served.lineages.get(collection.id)
    feature = decoded(collection, [row], _ONE)[0]
    inputs = None if file is None else file.inputs(str(feature["id"]))
    if file is None or inputs is None:
        raise NotFound(
            "nothing of this collection is computed step by step",
            hint=f"one of: {', '.join(asked.served.lineages)}" if asked.served.lineages else "",
        )
    release = asked.served.release
    return document(
        asked,
        "lineage",
        lambda: lineage(asked, file, inputs, feature),
        lambda: {
            "collection": describe(asked, collection.id),
            "parameters": {name: said.in_(asked.lang) for name, said in MEANS.items()},
            "heading": beside.heading(asked, collection, feature),
            "fields": {
                one.name: one
                for one in words_of(release.info(collection.id), release.manifest, asked.lang)
            },
        },
    )
