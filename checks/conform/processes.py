"""Tests of OGC API Processes, Part 1: core, descriptions, JSON, HTML and OpenAPI 3.0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from checks.conform.definition import path_below
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service, links_of
from checks.conform.table import JSON

_BASE: Final = "ogcapi-processes-1/1.0/conf"
core = conformance_class(f"{_BASE}/core")
described = conformance_class(f"{_BASE}/ogc-process-description")
encoded = conformance_class(f"{_BASE}/json")
html = conformance_class(f"{_BASE}/html")
oas30 = conformance_class(f"{_BASE}/oas30")

REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
NO_SUCH: Final = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-process"
NOBODY: Final = "dUmmYPrOcEsS"
"""A process that no server has."""

type Json = Mapping[str, Any]


def _list(service: Service) -> Answer:
    links = links_of(service.landing, f"{REL}processes", "[ogc-rel:processes]")
    return service.ask(str(links[0]["href"]) if links else "/processes")


def _processes(service: Service) -> list[Json]:
    found = object_of(_list(service)).get("processes")
    listed: list[Json] = [one for one in found or () if isinstance(one, dict)]
    skip_unless(listed, "nessun processo / no process")
    return listed


def _description(service: Service, process: Json) -> Answer:
    return service.ask(f"/processes/{process['id']}")


def _execution(description: Json) -> Json | None:
    """Return a body with the inputs that have to be there, of what their schemas say of them."""
    inputs = {}
    for name, said in description.get("inputs", {}).items():
        schema = said.get("schema", {})
        likely = [schema.get("default"), *schema.get("enum", ()), *schema.get("examples", ())]
        known = [value for value in likely if value is not None]
        if said.get("minOccurs", 1) and not known:
            return None
        if said.get("minOccurs", 1):
            inputs[name] = known[0]
    return {"inputs": inputs}


def _executed(service: Service, **more: object) -> tuple[Json, Answer]:
    """Return a process that can be executed without knowing it, and what its execution gives."""
    for one in _processes(service):
        description = object_of(_description(service, one))
        body = _execution(description)
        if body is not None and "sync-execute" in description.get("jobControlOptions", ()):
            address = f"/processes/{one['id']}/execution"
            return description, service.post(address, {**body, **more})
    skip_unless(holds=False, why="nessun processo da eseguire / no process to execute")
    raise AssertionError


@core("/req/core/process-list", "La pagina iniziale porta all'elenco dei processi")
def process_list(service: Service) -> None:
    """The landing page links the list of processes, and it answers."""
    rels = [link.get("rel") for link in links_of(service.landing)]
    linked = f"{REL}processes" in rels or "[ogc-rel:processes]" in rels
    require(linked, service.ask("/"), f"a link {REL}processes", rels)
    require_status(_list(service), 200)


@core("/req/core/process-list-success", "Ogni processo dell'elenco ha id e versione")
def process_list_success(service: Service) -> str:
    """Every process of the list has an id and a version."""
    answer, listed = _list(service), _processes(service)
    for one in listed:
        named = isinstance(one.get("id"), str) and isinstance(one.get("version"), str)
        require(named, answer, "id and version", one)
    return f"{len(listed)} processi / processes"


@core("/req/core/pl-links", "L'elenco ha collegamenti a sé e alle altre forme")
def pl_links(service: Service) -> None:
    """The list links to itself and to its other representations."""
    answer = _list(service)
    rels = [link.get("rel") for link in links_of(object_of(answer))]
    require("self" in rels, answer, "a link `self`", rels)


@core("/req/core/pl-limit-response", "L'elenco non è più lungo di `limit`")
def pl_limit_response(service: Service) -> None:
    """The list is no longer than `limit`, and a limit of 0 is refused."""
    answer = service.ask("/processes", {"limit": "1"})
    found = object_of(answer).get("processes") or []
    require(len(found) <= 1, answer, "at most 1 process", len(found))
    require_status(service.ask("/processes", {"limit": "0"}), 400)


@core("/req/core/process-success", "La descrizione di ogni processo è quella del suo id")
def process_success(service: Service) -> None:
    """Each process is described under its id."""
    for one in _processes(service):
        answer = _description(service, one)
        found = object_of(answer).get("id")
        require(found == one["id"], answer, f"id {one['id']}", found)


@core("/req/core/process-exception-no-such-process", "Un processo che non c'è è 404, e si dice")
def no_such_process(service: Service) -> None:
    """A process that is not there is 404, with the type that the standard gives it."""
    for answer in (
        service.ask(f"/processes/{NOBODY}"),
        service.post(f"/processes/{NOBODY}/execution", {"inputs": {}}),
    ):
        require_status(answer, 404)
        found = answer.json.get("type")
        require(found == NO_SUCH, answer, f"type {NO_SUCH}", found)


@core("/req/core/process-execute-sync-raw-value-one", "Un'esecuzione risponde con il risultato")
def execute_raw(service: Service) -> str:
    """An execution answers with its output."""
    description, answer = _executed(service)
    require_status(answer, 200)
    require(answer.media, answer, "a media type", answer.headers)
    return str(description["id"])


@core("/req/core/process-execute-sync-document", "Se chiesto, i risultati stanno in un documento")
def execute_document(service: Service) -> None:
    """Outputs come in a document by their names where that is asked for."""
    description, answer = _executed(service, response="document")
    found = object_of(answer)
    named = {*found} <= {*description["outputs"]}
    require(found and named, answer, f"outputs {[*description['outputs']]}", [*found])


@core("/req/core/process-execute-input-validation", "Dati che il processo non prevede sono 400")
def execute_unknown(service: Service) -> None:
    """Inputs that the process does not have are refused."""
    one = _processes(service)[0]
    address = f"/processes/{one['id']}/execution"
    require_status(service.post(address, {"inputs": {NOBODY: 1}}), 400)


@core("/req/core/job-exception-no-such-job", "Un lavoro che non c'è è 404")
def no_such_job(service: Service) -> None:
    """A job that is not there is 404."""
    require_status(service.ask(f"/jobs/{NOBODY}"), 404)


@described("/req/ogc-process-description/json-encoding", "Le descrizioni dicono dati e risultati")
def process_description(service: Service) -> None:
    """Descriptions tell inputs, outputs and how a process may be executed."""
    for one in _processes(service):
        answer = _description(service, one)
        document = object_of(answer)
        for name, kind in (("inputs", dict), ("outputs", dict), ("jobControlOptions", list)):
            require(isinstance(document.get(name), kind), answer, name, document.get(name))


@described("/req/ogc-process-description/inputs-def", "Ogni dato e risultato ha uno schema")
def schemas_of_inputs(service: Service) -> str:
    """Every input and output has a schema."""
    seen = 0
    for one in _processes(service):
        answer = _description(service, one)
        document = object_of(answer)
        for name, said in [*document["inputs"].items(), *document["outputs"].items()]:
            require(isinstance(said.get("schema"), dict), answer, f"a schema of {name}", said)
            seen += 1
    return f"{seen} schemi / schemas"


@encoded("/req/json/definition", "Documenti ed errori sono JSON")
def json_definition(service: Service) -> None:
    """Documents come as JSON."""
    for answer in (_list(service), _description(service, _processes(service)[0])):
        object_of(answer)
        require(answer.media == JSON, answer, JSON, answer.media)
    text = json.dumps(service.ask(f"/processes/{NOBODY}").json)
    require(text.startswith("{"), "no such process", "an object", text)


@html("/req/html/definition", "Elenco e descrizioni hanno una pagina per le persone")
def html_definition(service: Service) -> None:
    """The list and the descriptions have a page for people."""
    for path in ("/processes", f"/processes/{_processes(service)[0]['id']}"):
        answer = require_status(service.ask(path, accept="text/html"), 200)
        require(answer.media == "text/html", answer, "text/html", answer.media)


@oas30("/req/oas30/oas-definition", "La definizione ha i percorsi dei processi")
def oas_definition(service: Service) -> None:
    """The definition has the paths of processes, and their execution as POST."""
    definition, one = service.definition, _processes(service)[0]
    root = service.client.root
    for path in ("/processes", f"/processes/{one['id']}"):
        known = definition.operation(path_below(f"{root}{path}", root))
        require(known, definition.answer, f"GET {path}", sorted(definition.paths)[:20])
    named = definition.path_of(f"/processes/{one['id']}/execution")
    item = definition.resolve(definition.paths[named]) if named else {}
    require("post" in item, definition.answer, "POST of the execution", sorted(item))
