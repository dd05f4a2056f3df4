"""Reading an OpenAPI document: which parameters and answers it promises for a path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from checks.conform.http import Answer

METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
DEPTH_MAX: Final = 20
"""References that are followed one after another."""

type Json = dict[str, Any]


@dataclass(frozen=True)
class Definition:
    """An OpenAPI document, and the answer that brought it."""

    document: Mapping[str, Any]
    answer: Answer

    @property
    def paths(self) -> dict[str, Json]:
        """Path items by path."""
        paths = self.document.get("paths")
        return dict(paths) if isinstance(paths, dict) else {}

    def resolve(self, thing: object) -> Json:
        """Follow references within the document; what lies elsewhere keeps its `$ref`."""
        for _ in range(DEPTH_MAX):
            if not isinstance(thing, dict):
                return {}
            reference = thing.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return thing
            thing = self._at(reference)
        return {}

    def _at(self, pointer: str) -> object:
        found: object = self.document
        for part in pointer.removeprefix("#/").split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def dangling(self) -> list[str]:
        """Return the references within the document that lead nowhere."""
        inner = {ref for ref in _references(self.document) if ref.startswith("#/")}
        return sorted(ref for ref in inner if self._at(ref) is None)

    def path_of(self, path: str) -> str | None:
        """Return the path of the document that a concrete path matches; a concrete one first."""
        if path in self.paths:
            return path
        fitting = [template for template in self.paths if _pattern(template).fullmatch(path)]
        return min(fitting, key=lambda template: template.count("{"), default=None)

    def operation(self, path: str) -> Json | None:
        """Return the GET operation of a concrete path, with the parameters of its path item."""
        named = self.path_of(path)
        if named is None:
            return None
        item = self.resolve(self.paths[named])
        operation = item.get("get")
        if not isinstance(operation, dict):
            return None
        shared = item.get("parameters") or []
        return {**operation, "parameters": [*shared, *(operation.get("parameters") or [])]}

    def parameters(self, path: str) -> dict[str, Json]:
        """Return the parameters of GET by name; one defined elsewhere has only a `$ref`."""
        operation = self.operation(path) or {}
        resolved = [self.resolve(parameter) for parameter in operation.get("parameters", ())]
        return {_name(parameter): parameter for parameter in resolved if parameter}

    def schema(self, parameter: Mapping[str, Any]) -> Json:
        """Return the schema of a parameter, without the null that OpenAPI 3.1 allows it."""
        schema = self.resolve(parameter.get("schema"))
        either = [self.resolve(one) for one in schema.get("anyOf", ())]
        filled = [one for one in either if one.get("type") != "null"]
        return {**schema, **filled[0]} if len(filled) == 1 else schema

    def statuses(self, path: str) -> set[str] | None:
        """Return the status codes that GET of a path may have, in upper case."""
        operation = self.operation(path)
        if operation is None:
            return None
        return {str(status).upper() for status in operation.get("responses") or {}}


def is_elsewhere(parameter: Mapping[str, Any]) -> bool:
    """Tell whether a parameter is defined in another document."""
    return "$ref" in parameter


def is_free(definition: Definition, path: str) -> bool:
    """Tell whether an operation lets clients send parameters of any name."""
    for parameter in definition.parameters(path).values():
        schema = definition.schema(parameter)
        style = parameter.get("style", "form")
        open_object = schema.get("type") == "object" and schema.get("additionalProperties", True)
        if parameter.get("in") == "query" and style == "form" and open_object:
            return True
    named = definition.parameters(path)
    return any(is_elsewhere(named[name]) and "vendor" in name.lower() for name in named)


def covers(statuses: set[str], status: int) -> bool:
    """Tell whether a status code is among those of an operation."""
    return bool(statuses & {str(status), f"{status // 100}XX", "DEFAULT"})


def path_below(url: str, root: str) -> str:
    """Return the path of an address below the landing page."""
    return urlsplit(url).path.removeprefix(urlsplit(root).path) or "/"


def _name(parameter: Mapping[str, Any]) -> str:
    if "$ref" in parameter:
        return str(parameter["$ref"]).rpartition("/")[2].rpartition("#")[2].removesuffix(".yaml")
    return str(parameter.get("name"))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]+\}", template)
    return re.compile("[^/]+?".join(re.escape(part) for part in parts))


def _references(thing: object) -> Iterator[str]:
    if isinstance(thing, dict):
        reference = thing.get("$ref")
        if isinstance(reference, str):
            yield reference
        for value in thing.values():
            yield from _references(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _references(value)
