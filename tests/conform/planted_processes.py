"""Faults against OGC API Processes, Part 1."""

from __future__ import annotations

from faulty import Fault, body, edit, given, status

_LIST = r"^/processes(\?|$)"
_ONE = r"^/processes/sensibilita(\?|$)"
_RUN = r"^/processes/sensibilita/execution"


def _first(document):
    return document["processes"][0]


def _without(name):
    return edit(lambda d: d.pop(name, None))


FAULTS = [
    Fault("core/req/core/process-list", r"^/$", body("def/rel/ogc/1.0/processes", "other")),
    Fault("core/req/core/process-list", _LIST, status(500)),
    Fault("core/req/core/process-list-success", _LIST, edit(lambda d: _first(d).pop("version"))),
    Fault("core/req/core/pl-links", _LIST, edit(lambda d: d["links"].clear())),
    Fault("core/req/core/pl-limit-response", _LIST,
          edit(lambda d: d["processes"].append({**_first(d), "id": "b"}))),
    Fault("core/req/core/pl-limit-response", _LIST, ask=given(limit="1")),
    Fault("core/req/core/process-success", _ONE, edit(lambda d: d.update(id="b"))),
    Fault("core/req/core/process-exception-no-such-process", r"^/processes/dUmmY",
          edit(lambda d: d.update(type="about:blank"))),
    Fault("core/req/core/process-exception-no-such-process", r"^/processes/dUmmY.*execution",
          status(500), method="POST"),
    Fault("core/req/core/process-execute-sync-raw-value-one", _RUN, status(500), method="POST"),
    Fault("core/req/core/process-execute-sync-document", _RUN,
          edit(lambda d: d.update(altro=1)), method="POST"),
    Fault("core/req/core/process-execute-input-validation", _RUN, status(200), method="POST"),
    Fault("core/req/core/job-exception-no-such-job", r"^/jobs/", status(200)),
    Fault("ogc-process-description/req/ogc-process-description/json-encoding", _ONE,
          _without("jobControlOptions")),
    Fault("ogc-process-description/req/ogc-process-description/inputs-def", _ONE,
          edit(lambda d: d["inputs"]["limit"].pop("schema"))),
    Fault("json/req/json/definition", _LIST, body(".*", "no")),
    Fault("html/req/html/definition", _ONE, status(406), accept="text/html"),
    Fault("oas30/req/oas30/oas-definition", r"^/api", body('"/processes/', '"/other/')),
]  # fmt: skip
