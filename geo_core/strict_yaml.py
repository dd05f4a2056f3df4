"""YAML read strictly: an error names the file, the line and the fix.

Anchors, tags, duplicate keys and implicit booleans (`no`) are the classic ways in which a YAML
file says something else than its author meant; here they are errors, or plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from yaml.composer import Composer
from yaml.constructor import SafeConstructor

from geo_core.errors import CatalogError
from geo_core.model.text import DECLARED

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

type Path_ = tuple[str | int, ...]
type Lines = dict[Path_, int]

_OPEN_QUOTE = "close the quote that is opened on this line"
_ESCAPE = "between double quotes `\\` begins a code: write `\\\\`, or use single quotes"
_BOOL = "tag:yaml.org,2002:bool"
_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_FIRST = list("-+0123456789")
_DROPPED = {_BOOL, _INT, _FLOAT, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"}


class _Loader(Composer, yaml.CSafeLoader):
    """Makes nodes of events, which libyaml finds ten times faster than Python would.

    Only `true` and `false` are booleans, and dates stay text. Numbers are decimal: what begins
    with a zero, as codes of municipalities do, or has colons or underscores, is text and no octal
    or sexagesimal number.
    """

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Make the node that comes next; `MarkedYAMLError` for an anchor, an alias or a tag."""
        event: Any = self.peek_event()
        if event.anchor is not None or event.tag is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors (&), aliases (*) and tags (!) are not used here",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in _DROPPED]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(_INT, re.compile("^[-+]?(?:0|[1-9][0-9]{0,29})$"), _FIRST)
_Loader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"^[-+]?(?:[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
        r"|[0-9]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$"
    ),
    [*_FIRST, "."],
)


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
        return model.model_validate(data, context=DECLARED)
    except ValidationError as error:
        raise _explained(path, error, lines, model) from None


def place(path: Path, *keys: str | int) -> str:
    """Return file and line of a value of a document that has been read.

    Parameters
    ----------
    path : Path
        The file.
    keys : str or int
        Keys and positions that lead to the value; the line is that of the last one there is.
    """
    _, lines = _parse(path)
    return _at(path, _line(lines, keys))


def _parse(path: Path) -> tuple[Any, Lines]:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise CatalogError(
            f"cannot be read: {error.strerror}",
            where=path.name or str(path),
            hint="check its name and folder",
        ) from None
    except UnicodeDecodeError:
        raise CatalogError("is not UTF-8", where=path.name, hint="save the file as UTF-8") from None
    if len(raw) > MAX_BYTES:
        raise CatalogError(f"is larger than {MAX_BYTES} bytes", where=path.name)
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        line, hint = _origin(text, error)
        raise CatalogError(
            f"not valid YAML: {error.problem}", where=_at(path, line + 1), hint=hint
        ) from None
    except yaml.reader.ReaderError as error:
        raise CatalogError(
            f"the character U+{error.character:04X} is not allowed",
            where=_at(path, raw.count(b"\n", 0, error.position) + 1),
            hint="remove it: it cannot be seen",
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "nested too deeply"
        raise CatalogError(f"not valid YAML: {reason}", where=path.name) from None
    lines: Lines = {}
    return _plain(node, path, lines, ()), lines


def _origin(text: str, error: yaml.MarkedYAMLError) -> tuple[int, str]:
    """Return the line (from 0) where the mistake was made, often far above where it shows."""
    context, began = error.context or "", error.context_mark
    shows = error.problem_mark or began
    line = shows.line if shows else 0
    if began and "quoted scalar" in context:
        return (line, _ESCAPE) if "escape" in (error.problem or "") else (began.line, _OPEN_QUOTE)
    for first, last in _long_quotes(text):
        if last == line:
            return first, _OPEN_QUOTE
    if began and "flow" in context and began.line < line:
        return began.line, "close the bracket that is opened on this line"
    return line, "check indentation, colons and quotes on this line and the one above it"


def _long_quotes(text: str) -> Iterator[tuple[int, int]]:
    """Yield first and last line (from 0) of quoted texts over several lines, up to an error."""
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=_Loader):
            lines = token.start_mark.line, token.end_mark.line
            if isinstance(token, yaml.ScalarToken) and token.style and lines[0] < lines[1]:
                yield lines


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
    return SafeConstructor().construct_object(node)


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
    told = error.errors(include_url=False)
    # A key that is written wrongly is also missing: said of the wrong one, the fix is clear.
    first = next((one for one in told if one["type"] == "extra_forbidden"), told[0])
    where = tuple(first["loc"])
    name = ".".join(str(part) for part in where if part != "[key]") or "the document"
    more = error.error_count() - 1
    message = f"`{name}`: {_reason(first['type'], first['msg'])}"
    return CatalogError(
        message + (f" (and {more} more)" if more else ""),
        where=_at(path, _line(lines, where)),
        hint=_fix(first["type"], str(where[-1]) if where else "", model),
    )


def _line(lines: Lines, where: Path_) -> int:
    here: Path_ = ()
    for part in where:
        # Of a choice between models pydantic also names the one it chose: no key of the file.
        if (*here, part) in lines:
            here = (*here, part)
    return lines.get(here, 1)


def _reason(kind: str, text: str) -> str:
    if kind == "extra_forbidden":
        return "this key is not known"
    if kind == "missing":
        return "this key is required and is not there"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return "keys with their values are needed here"
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
    folder = path.parent.name
    return f"{folder}/{path.name}:{line}" if folder else f"{path.name}:{line}"
