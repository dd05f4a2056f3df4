"""What the OpenAPI document says of processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.describe.links import Said
from api.describe.operations import (
    OBJECT,
    Json,
    as_types,
    get,
    in_path,
    in_query,
    object_of,
    post,
    schema_named,
    shared,
)
from api.language import JSON
from api.processes.asked import DOCUMENT, RAW, RESULT
from api.processes.documents import ABOUT, PROCESS, input_schemas, result_schema
from api.processes.index import Index

_TAG: Final = "processes"
_TEXT: Final[Json] = {"type": "string"}
_ONE: Final = in_path("processId", {"type": "string", "enum": [PROCESS]})
_LIMIT: Final = in_query(
    "limit",
    Said("Processi per pagina", "Processes per page"),
    {"type": "integer", "minimum": 1, "default": 10},
)


def paths() -> Json:
    """Return the paths of the processes."""
    return {
        "/processes": get(
            "getProcesses",
            Said("I processi", "The processes"),
            tag=_TAG,
            content=as_types(schema_named("processes"), JSON.type),
            parameters=[_LIMIT, *shared("f", "lang")],
        ),
        "/processes/{processId}": get(
            "getProcessDescription",
            Said(
                "Un processo: che cosa chiede e che cosa dà", "A process: what it takes and gives"
            ),
            tag=_TAG,
            content=as_types(schema_named("process"), JSON.type),
            parameters=[_ONE, *shared("f", "lang")],
            not_found=True,
        ),
        "/processes/{processId}/execution": _execution(),
    }


def _execution() -> Json:
    described = post(
        "execute",
        Said("Esegue un processo", "Execute a process"),
        tag=_TAG,
        content=as_types(schema_named("sensitivity"), JSON.type),
        parameters=[_ONE, *shared("f", "lang")],
        body={JSON.type: {"schema": schema_named("execution")}},
        about=ABOUT,
    )
    refused = {"404": "NotFound", "503": "Busy"}
    answers = {
        status: {"$ref": f"#/components/responses/{name}"} for status, name in refused.items()
    }
    responses = {**described["post"]["responses"], **answers}
    responses.pop("410")  # nothing is paged
    return {"post": {**described["post"], "responses": dict(sorted(responses.items()))}}


def schemas(indices: Mapping[str, Index]) -> Json:
    """Return the schemas of the documents and of the body of an execution."""
    links: Json = {"type": "array", "items": schema_named("link")}
    texts: Json = {"type": "array", "items": _TEXT}
    summary: Json = {
        "id": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "version": _TEXT,
        "jobControlOptions": texts,
        "outputTransmission": texts,
        "links": links,
    }
    inputs = {
        "type": "object",
        "required": ["collection"],
        "properties": input_schemas(indices),
        "additionalProperties": False,
    }
    execution = {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "inputs": inputs,
            "outputs": {
                "type": "object",
                "properties": {RESULT: OBJECT},
                "additionalProperties": False,
            },
            "response": {"type": "string", "enum": [RAW, DOCUMENT], "default": RAW},
            "mode": {"type": "string", "enum": ["sync"], "default": "sync"},
        },
        "additionalProperties": False,
    }
    short = object_of(["id", "version"], **summary)
    return {
        "processes": object_of(
            ["processes", "links"], processes={"type": "array", "items": short}, links=links
        ),
        "process": object_of(["id", "version"], **summary, inputs=OBJECT, outputs=OBJECT),
        "execution": execution,
        "sensitivity": result_schema(),
    }
