"""YAML read strictly: an error names the file, the line and the fix.

Anchors, tags, duplicate keys and implicit booleans (`no`) are the classic ways in which a YAML
file says something else than its author meant; here they are errors, or plain text.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from geo_core.errors import CatalogError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

type Path_ = tuple[str | int, ...]
type Lines = dict[Path_, int]

_BOOL = "tag:yaml.org,2002:bool"
_DROPPED = {_BOOL, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"}


class _Loader(yaml.SafeLoader):
    """Safe loader in which only `true` and `false` are booleans and dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in _DROPPED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), list("tf"))


def read_document[Model: BaseModel](path: Path, model: type[Model]) -> Model:
    """Read one YAML file into a model.

    Parameters
    ----------
    path : Path
        File to read; at most 1 MB.
    model : type
        Pydantic model that forbids unknown keys.

    Raises
    ------
    CatalogError
        Not readable, not YAML, or not what the model says: names file and line.
    """
    data, lines = _parse(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _explained(path, error, lines, model) from None


def _parse(path: Path) -> tuple[Any, Lines]:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=path.name) from None
    except UnicodeDecodeError:
        raise CatalogError("is not UTF-8", where=path.name, hint="save the file as UTF-8") from None
    if len(raw) > MAX_BYTES:
        raise CatalogError(f"is larger than {MAX_BYTES} bytes", where=path.name)
    try:
        node = _compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise CatalogError(
            f"not valid YAML: {error.problem}",
            where=_at(path, (mark.line if mark else 0) + 1),
            hint="check indentation, colons and quotes on this line and the one above it",
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "nested too deeply"
        raise CatalogError(f"not valid YAML: {reason}", where=path.name) from None
    lines: Lines = {}
    return _plain(node, path, lines, ()), lines


def _compose(text: str) -> yaml.Node | None:
    for token in yaml.scan(text, Loader=_Loader):
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            raise yaml.MarkedYAMLError(
                problem="anchors (&), aliases (*) and tags (!) are not used here",
                problem_mark=token.start_mark,
            )
    return yaml.compose(text, Loader=_Loader)


def _plain(node: yaml.Node | None, path: Path, lines: Lines, here: Path_) -> Any:
    if node is None:
        return None
    line = node.start_mark.line + 1
    lines[here] = line
    if len(here) > MAX_DEPTH:
        raise CatalogError(f"nested more than {MAX_DEPTH} deep", where=_at(path, line))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, here)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, path, lines, (*here, i)) for i, item in enumerate(node.value)]
    return _Loader("").construct_object(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: Lines, here: Path_) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise CatalogError("a key is not plain text", where=_at(path, line))
        name = str(key.value)
        if name in out:
            raise CatalogError(
                f"the key {name!r} appears twice", where=_at(path, line), hint="remove one of them"
            )
        out[name] = _plain(value, path, lines, (*here, name))
        lines[(*here, name)] = line
    return out


def _explained(
    path: Path, error: ValidationError, lines: Lines, model: type[BaseModel]
) -> CatalogError:
    first = error.errors(include_url=False)[0]
    where = tuple(first["loc"])
    line = next((lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in lines), 1)
    name = ".".join(str(part) for part in where) or "the document"
    more = error.error_count() - 1
    message = f"`{name}`: {_reason(first['type'], first['msg'])}"
    return CatalogError(
        message + (f" (and {more} more)" if more else ""),
        where=_at(path, line),
        hint=_fix(first["type"], str(where[-1]) if where else "", model),
    )


def _reason(kind: str, text: str) -> str:
    if kind == "extra_forbidden":
        return "this key is not known"
    if kind == "missing":
        return "this key is required and is not there"
    return text.removeprefix("Value error, ")


def _fix(kind: str, key: str, model: type[BaseModel]) -> str:
    if kind == "missing":
        return f"add `{key}:`"
    if kind != "extra_forbidden":
        return ""
    close = get_close_matches(key, _keys(model), n=1)
    return f"did you mean `{close[0]}`?" if close else f"remove `{key}`"


def _keys(model: type[BaseModel]) -> set[str]:
    """Return every key that occurs in a model or in the models it is made of."""
    seen: set[str] = set()
    schema = model.model_json_schema()
    for part in [schema, *schema.get("$defs", {}).values()]:
        seen.update(part.get("properties", {}))
    return seen


def _at(path: Path, line: int) -> str:
    return f"{path.parent.name}/{path.name}:{line}"
