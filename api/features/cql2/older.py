"""What GDAL means by a filter it calls `cql-text`: CQL2 as it was before types were strict.

GDAL writes a day as `2023-12-31T`, truth as `1` and `0`, and asks of a list of codes whether it
"is" one. Under the names of CQL2 itself all of these are refused.
"""

from __future__ import annotations

import re
from typing import Final

from api.features.cql2.nodes import Call, Constant, Day, Items, Node, Property
from geo_core.model.layer import Layer

_COMPARING: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})
_JOINING: Final = frozenset({"and", "or", "not"})
"""Nested no deeper than filters may be; sums, which GDAL does not write, may be long chains."""
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T(00:00:00Z)?)?")


def meant(node: Node, layer: Layer) -> Node:
    """Return a filter with the comparisons that GDAL means.

    Parameters
    ----------
    node : Node
        The filter as it was read.
    layer : Layer
        The collection asked: its fields say what is compared.
    """
    return _meant(node, {field.name: field.type for field in layer.fields})


def _meant(node: Node, types: dict[str, str]) -> Node:
    match node:
        case Call(name, args) if name in _JOINING:
            return Call(name, tuple(_meant(arg, types) for arg in args))
        case Call(name, (Property() as named, Constant() as constant)) if name in _COMPARING:
            return _compared(node, types.get(named.name, ""), named, constant)
    return node


def _compared(node: Call, kind: str, named: Property, constant: Constant) -> Node:
    match kind, constant.value:
        case "date", str(text) if day := _DAY.fullmatch(text):
            return Call(node.name, (named, Day(day[1])))
        case "boolean", float(number) if number in {0.0, 1.0}:
            return Call(node.name, (named, Constant(number == 1)))
        case "codes", str() if node.name in {"=", "<>"}:
            holds = Call("a_contains", (named, Items((constant,))))
            return holds if node.name == "=" else Call("not", (holds,))
    return node
