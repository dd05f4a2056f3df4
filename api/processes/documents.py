"""The list of processes, and the description of the one there is."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

from api.asked import Asked
from api.describe.links import OGC, Link, Said, link, self_links
from api.language import HTML, JSON
from api.processes.asked import MOST_IDS, MOST_UNITS, MOST_WEIGHT, RESULT, USUAL_UNITS
from api.processes.index import MEANS, SCALES, Index

type Document = dict[str, Any]

OFFERED: Final = (JSON, HTML)
PROCESS: Final = "sensibilita"
TITLE: Final = Said("Sensibilità di un indice", "Sensitivity of an index")
ABOUT: Final = Said(
    "Ricalcola un indice di fragilità pubblicato con altri pesi, un'altra scala o un altro modo di fare la media, dai dati di partenza pubblicati, e dice di quanto si spostano le posizioni. Non cambia nulla di ciò che è pubblicato e non conserva nulla di ciò che riceve.",  # noqa: E501 - one sentence
    "Computes a published index of fragility with other weights, another scale or another kind of mean, from the published inputs, and tells how far ranks move. It changes nothing that is published and keeps nothing that it is sent.",  # noqa: E501 - as above
)
_EXECUTE: Final = Said("Esegui", "Execute")
_DESCRIBED: Final = Said("Descrizione del processo", "Description of the process")
_INPUTS: Final = {
    "collection": Said("La raccolta dell'indice", "The collection of the index"),
    "weights": Said(
        "Un peso per ogni indicatore; contano le proporzioni, 0 lo esclude. Se no, tutti uguali",
        "A weight for every indicator; proportions count, 0 leaves it out. Equal ones if absent",
    ),
    "aggregation": Said(
        "Come si fa un numero solo di più indicatori: con la penalità per gli squilibri in più (pubblicato) o in meno, o una media",  # noqa: E501 - one sentence
        "How one number is made of several: with the penalty for imbalance added (published) or subtracted, or a mean",  # noqa: E501 - as above
    ),
    "normalisation": Said(
        "La scala comune: i riferimenti pubblicati, lo scarto dalla media delle unità (100 e 10), o la quota di unità superate (70-130)",  # noqa: E501 - one sentence
        "The common scale: published goalposts, deviation from the mean of the units (100 and 10), or the share of units exceeded (70-130)",  # noqa: E501 - as above
    ),
    "limit": Said("Quante unità, dalla più fragile", "How many units, from the most fragile"),
    "ids": Said("Solo queste unità, in quest'ordine", "These units only, in this order"),
}


def processes(asked: Asked) -> Document:
    """Return the list."""
    return {"processes": [_summary(asked)], "links": self_links(asked, OFFERED)}


def process(asked: Asked) -> Document:
    """Return the description of the process."""
    indices = asked.served.indices
    return {
        **_summary(asked),
        "inputs": {
            name: {
                "title": name,
                "description": _INPUTS[name].in_(asked.lang),
                "minOccurs": int(name == "collection"),
                "maxOccurs": 1,
                "schema": schema,
            }
            for name, schema in input_schemas(indices).items()
        },
        "outputs": {
            RESULT: {
                "title": RESULT,
                "description": _RESULT.in_(asked.lang),
                "schema": result_schema(),
            }
        },
        "links": [*self_links(asked, OFFERED), _execution(asked)],
    }


CHOICES: Final = {
    "goalposts": Said("Riferimenti pubblicati", "Published goalposts"),
    "z-score": Said("Scarto dalla media delle unità", "Deviation from the mean of the units"),
    "percentile": Said("Quota di unità superate", "Share of units exceeded"),
    "ampi+": Said("AMPI con penalità in più (pubblicato)", "AMPI, penalty added (published)"),
    "ampi-": Said("AMPI con penalità in meno", "AMPI, penalty subtracted"),
    "arithmetic": Said("Media aritmetica", "Arithmetic mean"),
    "geometric": Said("Media geometrica", "Geometric mean"),
}
"""Scales and means, in words."""
_RESULT: Final = Said(
    "Punteggi e posizioni nuovi accanto a quelli pubblicati",
    "New scores and ranks beside the published ones",
)


def _summary(asked: Asked) -> Document:
    here = f"{asked.base}/processes/{PROCESS}"
    described = link("self", here, JSON.type, _DESCRIBED.in_(asked.lang))
    return {
        "id": PROCESS,
        "title": TITLE.in_(asked.lang),
        "description": ABOUT.in_(asked.lang),
        "version": version("atlante"),
        "jobControlOptions": ["sync-execute"],
        "outputTransmission": ["value"],
        "links": [described, _execution(asked)],
    }


def _execution(asked: Asked) -> Link:
    address = f"{asked.base}/processes/{PROCESS}/execution"
    return link(f"{OGC}execute", address, JSON.type, _EXECUTE.in_(asked.lang))


def input_schemas(indices: Mapping[str, Index]) -> dict[str, Document]:
    """Return the JSON Schema of each input."""
    members = dict.fromkeys(name for index in indices.values() for name in index.members)
    weight = {"type": "number", "minimum": 0, "maximum": MOST_WEIGHT}
    named: Document = {"enum": list(indices)} if indices else {}
    return {
        "collection": {"type": "string", **named},
        "weights": {
            "type": "object",
            "properties": dict.fromkeys(members, weight),
            "additionalProperties": False,
            **({"required": list(members)} if members else {}),
        },
        "aggregation": {"type": "string", "enum": list(MEANS), "default": MEANS[0]},
        "normalisation": {"type": "string", "enum": list(SCALES), "default": SCALES[0]},
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_UNITS,
            "default": USUAL_UNITS,
        },
        "ids": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MOST_IDS,
            "uniqueItems": True,
        },
    }


def result_schema() -> Document:
    """Return the JSON Schema of the output."""
    number, whole = {"type": "number", "nullable": True}, {"type": "integer", "nullable": True}
    text: Document = {"type": "string"}
    unit = {
        "id": text,
        "name": {**text, "nullable": True},
        "score": number,
        "rank": whole,
        "published_score": number,
        "published_rank": whole,
        "rank_change": whole,
    }
    summary = {
        "units": {"type": "integer"},
        "moved": {"type": "integer"},
        "furthest": {"type": "integer"},
        "rank_correlation": number,
    }
    whole_answer = {
        "collection": text,
        "release": text,
        "aggregation": text,
        "normalisation": text,
        "weights": {"type": "object", "additionalProperties": {"type": "number"}},
        "summary": _object(summary),
        "units": {"type": "array", "items": _object(unit)},
    }
    return _object(whole_answer)


def _object(properties: Document) -> Document:
    return {"type": "object", "required": list(properties), "properties": properties}
