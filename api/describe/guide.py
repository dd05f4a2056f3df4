"""The OpenAPI document as people read it: addresses by purpose, and collection by collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from api.describe.operations import HTML, TAGS, Json
from api.pages.shelves import Shelf
from geo_core.model.text import Lang

_COLLECTION: Final = "/collections/"


class Operation(NamedTuple):
    """What can be asked at one address.

    Attributes
    ----------
    link : str
        Where it can be tried, below the address of the service; empty if something is missing.
    parameters : tuple of str
        Names of the parameters of the query.
    """

    method: str
    path: str
    summary: str
    link: str
    parameters: tuple[str, ...]


class Block(NamedTuple):
    """Addresses that are read together; `id` names their collection, if they have one."""

    id: str
    title: str
    operations: tuple[Operation, ...]


class Part(NamedTuple):
    """Blocks under one heading; several, with the heading of a theme, or one with none."""

    id: str
    title: str
    blocks: tuple[Block, ...]


class Section(NamedTuple):
    """What has one purpose."""

    id: str
    title: str
    about: str
    parts: tuple[Part, ...]


def guide(document: Json, shelves: Sequence[Shelf], lang: Lang) -> Json:
    """Return what the page of the API shows.

    Parameters
    ----------
    document : dict
        The OpenAPI document, in the language of the page.
    shelves : sequence
        The collections, by theme.
    """
    shared = document["components"]["parameters"]
    known = {one["name"]: one["description"] for one in shared.values() if one["in"] == "query"}
    by_tag: dict[str, list[tuple[str, Operation]]] = {}
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            read = _operation(method, path, said, shared, lang)
            by_tag.setdefault(said["tags"][0], []).append((_collection_of(path), read))
    return {
        "parameters": known,
        "sections": [
            Section(ident, name, tag.about.in_(lang), tuple(_parts(ident, by_tag[name], shelves)))
            for ident, tag in TAGS.items()
            if (name := tag.name.in_(lang)) in by_tag
        ],
    }


def _operation(method: str, path: str, said: Json, shared: Json, lang: Lang) -> Operation:
    resolved = [shared[_name(one)] if "$ref" in one else one for one in said["parameters"]]
    page = HTML in said["responses"]["200"]["content"]
    link = f"{path}?f=html&lang={lang}" if page else path
    return Operation(
        method.upper(),
        path,
        said["summary"],
        "" if method != "get" or "{" in path else link,
        tuple(one["name"] for one in resolved if one["in"] == "query"),
    )


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[1]


def _collection_of(path: str) -> str:
    """Return the collection that an address names; empty for none, or for any of them."""
    named = path.removeprefix(_COLLECTION).partition("/")[0] if path.startswith(_COLLECTION) else ""
    return "" if named.startswith("{") else named


def _parts(
    ident: str, found: Sequence[tuple[str, Operation]], shelves: Sequence[Shelf]
) -> Iterator[Part]:
    """Yield what belongs to no collection first, then the collections of each theme."""
    alone = tuple(one for collection, one in found if not collection)
    if alone:
        yield Part(ident, "", (Block("", "", alone),))
    by_collection: dict[str, list[Operation]] = {}
    for collection, one in found:
        by_collection.setdefault(collection, []).append(one)
    for shelf in shelves if any(collection for collection, _ in found) else ():
        members = (member for family in shelf.families for member in family.members)
        blocks = (
            Block(m.id, m.title, tuple(_brief(one, m.title) for one in by_collection[m.id]))
            for m in members
        )
        yield Part(f"{ident}-{shelf.id}", shelf.title, tuple(blocks))


def _brief(operation: Operation, title: str) -> Operation:
    """Return an operation under the heading of its collection, whose title it need not repeat."""
    return operation._replace(summary=operation.summary.removeprefix(f"{title}: "))
