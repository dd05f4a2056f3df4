"""The lineage of one feature: every input, every step with what it gave, and the sources."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from api.asked import Asked
from api.describe.links import Link, Said, link, self_links
from api.downloads import LINEAGE
from api.features.engine import Collection
from api.language import GEOJSON, HTML, JSON
from geo_core.formats.lineage import LineageFile
from geo_core.indicators.steps import run
from geo_core.model.manifest import Input
from geo_core.model.trace import Counted, Step, Trace
from geo_core.model.units import unit_in

type Document = dict[str, Any]

OFFERED: Final = (JSON, HTML)
TITLE: Final = Said("Da che cosa è calcolato", "What it is computed from")
_FEATURE: Final = Said("L'oggetto", "The feature")
_COLLECTION: Final = Said("La raccolta", "The collection")
_WHOLE: Final = Said("Lo stesso per tutta la raccolta", "The same of the whole collection")

DOES: Final = {
    "sum": Said("somma", "sum"),
    "ratio": Said("rapporto", "ratio"),
    "shrink": Said("smussamento (Bayes empirico)", "smoothing (empirical Bayes)"),
    "withhold": Said("solo con abbastanza residenti", "only with enough residents"),
    "clip": Said("entro i riferimenti", "within the goalposts"),
    "normalise": Said("scala 70-130", "scale 70-130"),
    "ampi": Said("media con penalità (AMPI)", "mean with penalty (AMPI)"),
    "arithmetic": Said("media aritmetica", "arithmetic mean"),
    "geometric": Said("media geometrica", "geometric mean"),
    "classify": Said("classe", "class"),
    "rank": Said("posizione fra tutti", "rank among all"),
    "round": Said("arrotondamento", "rounding"),
}
"""The operations of steps, in words."""
MEANS: Final = {
    "per": Said("moltiplica il rapporto", "multiplies the ratio"),
    "lent": Said("residenti prestati a ogni unità", "residents lent to every unit"),
    "share": Said("quota di tutte le unità insieme", "share of all units together"),
    "least": Said("residenti che servono almeno", "residents needed at least"),
    "low": Said("riferimento minimo", "lower goalpost"),
    "high": Said("riferimento massimo", "upper goalpost"),
    "polarity": Said("1: di più è più fragile; -1: meno", "1: more is more fragile; -1: less"),
    "penalty": Said("segno della penalità", "sign of the penalty"),
    "weights": Said("pesi", "weights"),
    "breaks": Said("soglie fra le classi", "limits between classes"),
    "decimals": Said("decimali", "decimals"),
}
"""The parameters of steps, in words."""


def lineage(
    asked: Asked, file: LineageFile, inputs: tuple[int, ...], feature: Document
) -> Document:
    """Return the lineage of a feature.

    Parameters
    ----------
    inputs : tuple of int
        The counts of the unit, in the order of the inputs of the trace.
    feature : dict
        The feature as GeoJSON: its ranks are taken from it, since they depend on all units.
    """
    trace, published = file.trace, feature["properties"]
    values = _values(trace, inputs, published)
    outputs = [step.output for step in trace.steps if step.output in published]
    return {
        "collection": trace.collection,
        "feature": feature["id"],
        "release": asked.served.release.id,
        "method": trace.method,
        "goalposts": trace.goalposts,
        "inputs": [
            {**_counted(one, asked), "value": value}
            for one, value in zip(trace.inputs, inputs, strict=True)
        ],
        "sources": _sources(asked, trace),
        "steps": [_step(step, values, asked) for step in trace.steps],
        "published": {name: published[name] for name in outputs},
        "links": _links(asked, trace.collection),
    }


def _values(trace: Trace, inputs: tuple[int, ...], published: Document) -> dict[str, float | None]:
    """Return what every step gave for one unit; what needs all units, as it is published."""
    columns = {
        one.name: np.array([float(value)]) for one, value in zip(trace.inputs, inputs, strict=True)
    }
    alone = [step for step in trace.steps if step.operation != "rank"]
    made = {name: float(of[0]) for name, of in run(alone, columns).items()}
    known = {name: None if np.isnan(value) else value for name, value in made.items()}
    ranked = {s.output: published.get(s.output) for s in trace.steps if s.operation == "rank"}
    return {**known, **ranked}


def _counted(one: Counted, asked: Asked) -> Document:
    first, last = one.ages
    it = f"Residenti da {first} a {last} anni" if last < 100 else f"Residenti di {first} anni e più"
    en = f"Residents aged {first} to {last}" if last < 100 else f"Residents aged {first} and over"
    return {
        "name": one.name,
        "title": it if asked.lang == "it" else en,
        "unit": unit_in(one.unit, asked.lang),
        "ages": list(one.ages),
        "sources": list(one.sources),
    }


def _sources(asked: Asked, trace: Trace) -> list[Document]:
    """Return the inputs of the release that were counted, as its manifest has them."""
    named = {name for one in trace.inputs for name in one.sources}
    manifest = asked.served.release.manifest
    return [_source(one) for one in manifest.inputs if one.name in named]


def _source(one: Input) -> Document:
    return one.model_dump(mode="json")


def _step(step: Step, values: dict[str, float | None], asked: Asked) -> Document:
    return {
        "operation": step.operation,
        "title": DOES[step.operation].in_(asked.lang),
        "inputs": list(step.inputs),
        "parameters": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in step.parameters.items()
        },
        "output": step.output,
        "value": values[step.output],
    }


def _links(asked: Asked, ident: str) -> list[Link]:
    return [
        *self_links(asked, OFFERED),
        link("item", asked.url(without=asked.params).removesuffix("/lineage"), GEOJSON.type,
             _FEATURE.in_(asked.lang)),
        link("collection", f"{asked.base}/collections/{ident}", JSON.type,
             _COLLECTION.in_(asked.lang)),
        link("enclosure", f"{asked.base}/download/{ident}{LINEAGE}", JSON.type,
             _WHOLE.in_(asked.lang)),
    ]  # fmt: skip


def link_to(asked: Asked, collection: Collection, address: str) -> list[Link]:
    """Return the link to the lineage of the feature at an address, if its collection has one."""
    if collection.id not in asked.served.lineages:
        return []
    return [link("derivedfrom", f"{address}/lineage", JSON.type, TITLE.in_(asked.lang))]
