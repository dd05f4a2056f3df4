"""Tests beyond the standard of OGC API DGGS: that the data of zones agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from checks.conform.dggs_data import NO_COARSER, has_json
from checks.conform.dggs_sets import BASE, Dggrs, grids, packet_of, values_at
from checks.conform.dggs_zone import below
from checks.conform.http import Answer
from checks.conform.outcome import require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Json, Service

custom = conformance_class(f"{BASE}data-custom-depths")
_ZONES: Final = 4
"""Zones of each grid that are looked at."""


def _usable(service: Service) -> Iterator[Dggrs]:
    skip_unless(has_json(service), "nessun DGGS-JSON / no DGGS-JSON")
    for one in grids(service):
        if one.hierarchy.is_known and one.level > 0:
            yield one


@custom(
    "/plus/data/depths-agree", "I valori in profondità sono quelli delle sotto-zone, nell'ordine"
)
def depths_agree(service: Service) -> str:
    """Values at a depth are those of the sub-zones asked for one by one, in their order."""
    seen = 0
    for one in _usable(service):
        known = set(one.family.zones)
        for parent in one.holding(2):
            answer = require_status(one.data(parent, {"zone-depth": "1"}), 200)
            together = values_at(packet_of(answer), 1)
            for at, zone in enumerate(one.hierarchy.children(parent)):
                if zone not in known:
                    empty = {name: v[at] for name, v in together.items() if v[at] is not None}
                    require(not empty, answer, f"no values of {zone}, which is not listed", empty)
                    continue
                alone = values_at(packet_of(one.data(zone, {"zone-depth": "0"})), 0)
                told = {name: values[at] for name, values in together.items()}
                wanted = {name: values[0] for name, values in alone.items()}
                require(told == wanted, answer, f"of {zone}: {wanted}", told)
                seen += len(wanted)
    skip_unless(seen, NO_COARSER)
    return f"{seen} valori / values"


def summed(one: Dggrs, document: Json) -> list[str]:
    """Return the fields that say of themselves that they are summed up.

    Either the description of the grid has `aggregation` with `rule: sum` for the field, or some
    member of its schema is `sum`.
    """
    rules = one.document.get("aggregation")
    named = rules if isinstance(rules, dict) else {}
    schema = (document.get("schema") or {}).get("properties") or {}
    return [
        name
        for name in document["values"]
        if (named.get(name) or {}).get("rule") == "sum"
        or "sum" in [value for value in schema.get(name, {}).values() if isinstance(value, str)]
    ]


@custom("/plus/data/totals", "Il valore di una zona è la somma di quelli che ha dentro")
def totals(service: Service) -> str:
    """The value of a zone is the sum of those within it, for fields that say so."""
    exact = 0
    for one in _usable(service):
        deepest = one.document.get("maxRelativeDepth", 2)
        for parent in one.holding(_ZONES):
            for depth in (1, 2):
                if depth > deepest or one.level < depth:
                    continue
                zone = parent if depth == 1 else one.hierarchy.parent(parent)
                answer = one.data(zone, {"zone-depth": f"0,{depth}"})
                if answer.status == 200:
                    exact += _require_sums(one, answer, zone, depth)
    skip_unless(exact, "nessun campo si dice sommato / no field says that it is summed up")
    return f"{exact} somme / sums"


def _require_sums(one: Dggrs, answer: Answer, zone: str, depth: int) -> int:
    document = packet_of(answer)
    whole, parts = values_at(document, 0), values_at(document, depth)
    status = document.get("status")
    seen = 0
    for name in summed(one, document):
        found, known = whole[name][0], [v for v in parts[name] if v is not None]
        nothing = _nothing(status, name, depth, parts[name])
        if found is None or not known:
            continue
        total = math.fsum(known)
        if nothing:
            near = math.isclose(found, total, rel_tol=1e-9, abs_tol=1e-6)
            require(near, answer, f"{name} of {zone}: {total}, the sum of its parts", found)
            seen += 1
        elif min(known) >= 0:
            least = found >= total - 1e-6
            require(least, answer, f"{name} of {zone}: {total} at least", found)
    require(len(below(one.hierarchy, zone, depth)) > 0, answer, "sub-zones", "none")
    return seen


def _nothing(status: Any, name: str, depth: int, values: list[Any]) -> bool:
    """Tell whether every value that is missing is known to be nothing."""
    if all(value is not None for value in values):
        return True
    held = status.get(name) if isinstance(status, dict) else None
    said = [part["data"] for part in held or () if part.get("depth") == depth]
    if not said:
        return False
    missing = {why for why, value in zip(said[0], values, strict=True) if value is None}
    return missing <= {"no-data"}
