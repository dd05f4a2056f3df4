"""A lineage gives what is published of its units, and holds nothing else.

Its inputs are counts that are published nowhere besides: so every one has to be a whole number of
persons that the published values follow from, and every parameter one that they need.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Names
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from checks.audit import forms
from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.forms import NAME, Keyed
from checks.audit.published import Collection, Published
from checks.recompute.steps import OPERATIONS, WHOLE, Column, Unknown, computed

type Json = Mapping[str, Any]

_NUMBER: Final = (int, float)
PARAMETERS: Final = {
    "per": ("ratio",),
    "lent": ("shrink",),
    "share": ("shrink",),
    "least": ("withhold",),
    "low": ("clip", "normalise"),
    "high": ("clip", "normalise"),
    "polarity": ("normalise",),
    "penalty": ("ampi",),
    "breaks": ("classify",),
    "decimals": ("round",),
}
"""Operations that take each parameter, every one of them all of its own."""
STEP: Final = {
    "operation": {*OPERATIONS, *WHOLE},
    "inputs": [NAME],
    "parameters": Keyed(re.compile("|".join(PARAMETERS)), (*_NUMBER, [float])),
    "output": NAME,
}
COUNTED: Final = {"name": NAME, "unit": {"persone"}, "ages": [int], "sources": [str]}
LINEAGE: Final = {
    "lineage": {
        "collection": NAME,
        "method": str,
        "goalposts": str,
        "inputs": [COUNTED],
        "steps": [STEP],
    },
    "features": [{"id": str, "inputs": [int]}],
}
COLUMN: Final = re.compile(r"[a-z_]*(dem\d\d|0_14|15_49|50_64|65_79|80)?")
"""A name of a column that is no field: of an indicator or of a group of ages, if it has digits."""
OWN: Final = {"lent", "share", "least"}
"""Parameters that each collection has of its own."""
FOLDER: Final = "lineage"
GOALPOSTS: Final = ("riferimento_min", "riferimento_max", "polarita")
PEOPLE: Final = "residenti"
LENT_DECIMALS: Final = 3


def path_of(ident: str) -> str:
    """Return where the lineage of a collection lies."""
    return f"{FOLDER}/{ident}.json"


def open_layers(folder: Folder) -> Iterator[str]:
    """Yield the collections that may have a lineage: none of protected figures has."""
    yield from (ident for ident, layer in folder.layers.items() if layer["sensitivity"] == "A")


def check(tally: Tally, folder: Folder, published: Published) -> None:
    """Check every lineage of a release folder."""
    found = []
    for ident in open_layers(folder):
        raw = folder.read(path_of(ident))
        if raw:
            document = _lineage(tally, folder, published, published.collections[ident], raw)
            found.append([] if document is None else _shared(document))
    tally.require(
        all(one == found[0] for one in found), FOLDER, "steps in an order of their own, or others"
    )


def _shared(document: Json) -> list[tuple[Any, ...]]:
    """Return what the steps of all indices have in common, in their order."""
    return [
        (
            step["operation"],
            step["inputs"],
            step["output"],
            {name: of for name, of in step["parameters"].items() if name not in OWN},
        )
        for step in document["lineage"]["steps"]
        if step["operation"] not in WHOLE
    ]


def _lineage(
    tally: Tally, folder: Folder, published: Published, collection: Collection, raw: bytes
) -> Json | None:
    """Check one lineage; return it, or None if it is of another form."""
    where = path_of(collection.id)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        tally.find(where, "a lineage that is no JSON")
        return None
    before = len(tally.findings)
    forms.check(tally, where, document, LINEAGE)
    if len(tally.findings) > before:
        return None
    if any(True for _ in forms.disordered(document, LINEAGE)):
        tally.find(where, "members that are not all there, or stand in an order of their own")
        return None
    tally.require(_written(document) == raw, where, "JSON that its content alone does not make")
    _head(tally, folder, published, collection, document["lineage"])
    _made(tally, where, collection, document)
    return {**document}


def _written(document: Json) -> bytes:
    lines = b",".join(b"\n" + orjson.dumps(one) for one in document["features"])
    return b'{"lineage":%b,"features":[%b\n]}\n' % (orjson.dumps(document["lineage"]), lines)


def _head(
    tally: Tally, folder: Folder, published: Published, collection: Collection, said: Json
) -> None:
    """Check what is said of all units: names that the collection has, goalposts, sources."""
    rows = [feature["properties"] for feature in collection.features]
    named = {(row.get("metodo_id"), row.get("riferimenti_id")) for row in rows}
    sources = {one["name"] for one in folder.manifest["inputs"]}
    goalposts = _goalposts(published)
    scales = [
        tuple(float(step["parameters"][name]) for name in ("low", "high", "polarity"))
        for step in said["steps"]
        if step["operation"] == "normalise"
    ]
    clips = {
        tuple(float(step["parameters"][name]) for name in ("low", "high"))
        for step in said["steps"]
        if step["operation"] == "clip"
    }
    holds = {
        "collection": said["collection"] == collection.id,
        "method": named == {(said["method"], said["goalposts"])},
        "sources": all(one["sources"] == sorted(sources & {*one["sources"]})
                       for one in said["inputs"]),
        "goalposts": set(scales) <= goalposts and clips <= {one[:2] for one in goalposts},
        "parameters": all(_fits(step) for step in said["steps"]),
    }  # fmt: skip
    for name, held in holds.items():
        tally.require(
            held, path_of(collection.id), f"{name} of a lineage that nothing published explains"
        )


def _goalposts(published: Published) -> set[tuple[float, ...]]:
    """Return the goalposts that the catalogue of indicators publishes."""
    catalogue = published.collections.get("indicatori")
    rows = [] if catalogue is None else [f["properties"] for f in catalogue.features]
    return {
        tuple(float(row[name]) for name in GOALPOSTS)
        for row in rows
        if all(row.get(name) is not None for name in GOALPOSTS)
    }


def _fits(step: Json) -> bool:
    """Tell whether a step has the parameters of its operation alone, each of few possible."""
    said = step["parameters"]
    wanted = [name for name, of in PARAMETERS.items() if step["operation"] in of]
    few: Mapping[str, set[int]] = {
        "per": {1, 100},
        "penalty": {1, -1},
        "decimals": {4},
        "polarity": {1, -1},
    }
    return (
        sorted(said) == sorted(wanted)
        and all(name not in few or value in few[name] for name, value in said.items())
        and said.get("least", 1) in {1, 100}
        and said.get("lent", 0) == round(said.get("lent", 0), LENT_DECIMALS)
        and isinstance(said.get("breaks", []), list)
    )


def _made(tally: Tally, where: str, collection: Collection, document: Json) -> None:
    """Compute every published value again, from inputs that could not be others."""
    said, units = document["lineage"], document["features"]
    ids = [one["id"] for one in units]
    ordered = ids == sorted(str(feature["id"]) for feature in collection.features)
    names = [one["name"] for one in said["inputs"]]
    persons = all(len(one["inputs"]) == len(names) and min(one["inputs"]) >= 0 for one in units)
    tally.require(ordered, where, "units that are not those of the collection, by id")
    tally.require(persons, where, "inputs that are no numbers of persons")
    if not ordered or not persons:
        return
    inputs: dict[str, Column] = {
        name: [one["inputs"][at] for one in units] for at, name in enumerate(names)
    }
    try:
        made = computed(said["steps"], inputs, whole=True)
    except (Unknown, TypeError, ValueError, ZeroDivisionError) as error:
        tally.find(where, f"steps that cannot be made: {error}")
        return
    _used(tally, where, said, inputs, collection.fields)
    rows = {str(feature["id"]): feature["properties"] for feature in collection.features}
    outputs = [step["output"] for step in said["steps"] if step["output"] in collection.fields]
    tally.require(
        {PEOPLE, "punteggio"} <= {*outputs}, where, "a lineage of other values than are published"
    )
    wrong = [
        {"id": ident, "field": field, "published": rows[ident][field], "made": value}
        for field in outputs
        for ident, value in zip(ids, made[field], strict=True)
        if rows[ident][field] != value
    ]
    tally.count(len(outputs) * len(ids) - len(wrong))
    tally.each(
        [False] * len(wrong), where, "a value that its lineage does not give", lambda i: wrong[i]
    )


def _used(
    tally: Tally,
    where: str,
    said: Json,
    inputs: Mapping[str, Column],
    fields: Names[str],
) -> None:
    """Check that everything is used, and that shares are those of all units together."""
    taken = {name for step in said["steps"] for name in step["inputs"]}
    names = [*inputs, *(step["output"] for step in said["steps"])]
    idle = {name for name in names if name not in taken and name not in fields}
    tally.require(
        not idle and len(names) == len({*names}),
        where,
        "columns that nothing needs, or that are made twice",
        columns=sorted(idle),
    )
    odd = sorted(name for name in {*names} - {*fields} if COLUMN.fullmatch(name) is None)
    tally.require(not odd, where, "names of columns with numbers of their own", columns=odd)
    totals = {name: sum(int(value or 0) for value in column) for name, column in inputs.items()}
    everybody = sum(totals.values())
    for step in said["steps"]:
        if step["operation"] == "shrink":
            own = totals.get(step["inputs"][0], 0)
            tally.require(
                step["parameters"]["share"] == (own / everybody if everybody else 0),
                where,
                "a share that is not that of all units together",
                output=step["output"],
            )
