"""`/processes`, the description of the one process, and its execution while the client waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, ask, document, page
from api.features.beside import towns
from api.features.posted import FORM, Busy, body, object_in, said_as
from api.language import HTML, JSON
from api.params import checked, read_pairs, whole
from api.processes import documents
from api.processes.asked import EXAMPLE, Execution, read
from api.processes.documents import OFFERED, PROCESS
from api.processes.forms import fields, of_form
from api.processes.index import MEANS, SCALES
from api.processes.sensitivity import sensitivity
from geo_core.errors import InvalidParameter, NotFound

CONFORMANCE: Final = tuple(
    f"http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{name}"
    for name in ("core", "ogc-process-description", "json", "html", "oas30")
)
MAX_BODY: Final = 65_536
"""Bytes of an execution: as many ids as may be named, and room."""
_RUNNING: Final = CapacityLimiter(1)
_ANY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""A process that is not there is not there by any method; of the one that is, `Boundary` refuses
all but POST."""
_WAITING: Final = 8
"""Executions that may wait for the one that runs."""


class NoSuchProcess(NotFound):
    """There is no process of that name."""

    kind: ClassVar[str] = (
        "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-process"
    )


def routes() -> list[Route]:
    """Return the routes of the processes."""
    return [
        Route("/processes", processes, methods=["GET"]),
        Route("/processes/{process}", process, methods=["GET"]),
        Route("/processes/{process}/execution", execution, methods=_ANY),
    ]


def processes(request: Request) -> Response:
    """Answer `/processes`."""
    asked = ask(request, names=("limit",), media=OFFERED)
    if "limit" in asked.params:  # there is one process, so every limit leaves it
        whole("limit", asked.params["limit"], least=1)
    return document(asked, "processes", lambda: documents.processes(asked))


def process(request: Request) -> Response:
    """Answer `/processes/{process}`."""
    asked = ask(request, media=OFFERED)
    _known(request)
    return document(
        asked,
        "process",
        lambda: documents.process(asked),
        lambda: {
            "indices": asked.served.indices,
            "scales": SCALES,
            "means": MEANS,
            **_words(asked),
        },
    )


def _words(asked: Asked) -> dict[str, object]:
    """Return what collections, indicators and choices are called."""
    choices = {name: said.in_(asked.lang) for name, said in documents.CHOICES.items()}
    return {"collections": _titles(asked), "fields": _fields(asked), "choices": choices}


def _titles(asked: Asked) -> dict[str, str]:
    collections = asked.served.collections
    return {ident: collections[ident].layer.title.in_(asked.lang) for ident in asked.served.indices}


def _fields(asked: Asked) -> dict[str, str]:
    """Return the titles of the indicators of every index."""
    layers = {ident: asked.served.collections[ident].layer for ident in asked.served.indices}
    return {
        name: layers[ident].field(name).title.in_(asked.lang)
        for ident, index in asked.served.indices.items()
        for name in index.members
    }


def _known(request: Request) -> None:
    name = request.path_params["process"]
    if name != PROCESS:
        raise NoSuchProcess.among("process", name, (PROCESS,))


async def execution(request: Request) -> Response:
    """Answer `/processes/{process}/execution`: an object of JSON, or the form of its page."""
    _known(request)
    asked = ask(request, media=OFFERED)
    if "respond-async" in request.headers.get("prefer", "").lower():
        raise InvalidParameter(
            "Prefer",
            "`respond-async` is not supported: the answer comes at once",
            hint="send no `Prefer`",
        )
    media = said_as(request)
    raw = await body(request, most=MAX_BODY)
    if _RUNNING.statistics().tasks_waiting >= _WAITING:
        raise Busy("too many executions at once", hint="try again in a few seconds")

    def answered() -> Response:
        return _answered(asked, media, raw)

    return await to_thread.run_sync(answered, limiter=_RUNNING)


def _answered(asked: Asked, media: str, raw: bytes) -> Response:
    members = {ident: index.members for ident, index in asked.served.indices.items()}
    if media == FORM:
        pairs = read_pairs(raw, longest=MAX_BODY)
        wanted = read(of_form(checked(pairs, fields(members)), members), members)
    else:
        wanted = read(object_in(raw, example=EXAMPLE), members)
    found = _run(asked, wanted)
    headers = {"Cache-Control": "no-store", "Content-Language": asked.lang}
    if asked.media is HTML:
        shown = page(asked, "sensitivity", found, towns=_towns(asked, found), **_words(asked))
        return Response(shown, headers=headers, media_type=HTML.type)
    sent: Mapping[str, Any] = {"result": found} if wanted.as_document else found
    return Response(orjson.dumps(sent), headers=headers, media_type=JSON.type)


def _towns(asked: Asked, found: Mapping[str, Any]) -> list[str | None]:
    """Return the municipality of each unit that is a hexagon."""
    collection = asked.served.collection(found["collection"])
    return towns(asked.served, collection, [collection.row(one["id"]) for one in found["units"]])


def _run(asked: Asked, wanted: Execution) -> dict[str, Any]:
    collection = asked.served.collection(wanted.collection)
    index = asked.served.indices[wanted.collection]
    return sensitivity(collection, index, wanted, asked.served.release.id)
