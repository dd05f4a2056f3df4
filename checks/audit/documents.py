"""Every number in a description of protected figures has a reason to be there.

Descriptions say how many features there are and where, never how many persons. In the documents
of a protected collection, of its tiles and of its files a number stands only under a name that
is known to hold none of persons; in a text it is one that the disclosure statement has, or one of
a text that every feature carries. In documents of the whole service this holds for the parts that
name a protected collection or column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from checks.audit.areas import is_cell
from checks.audit.findings import Tally
from checks.audit.published import Collection, Json, Published
from checks.audit.themes import themes_of

STRUCTURE: Final = frozenset((
    "bbox", "length", "tilejson", "dcat:bbox", "x-ogc-propertySeq", "bounds", "center", "minzoom",
    "maxzoom",
    "lowerLeft", "upperRight", "maxTileCol", "maxTileRow", "minTileCol", "minTileRow",
    "geometryDimension", "minItems", "maxItems", "minLength", "maxLength", "tilestats",
    "byteSize",
))  # fmt: skip
"""Names under which a number is one of places, bytes or positions; some are checked elsewhere."""
OF_SERVICE: Final = STRUCTURE | {"minimum", "maximum", "default", "explode"}
"""The same in documents of the service, where parameters have limits."""
PROMISED: Final = frozenset({"95", "100"})
"""Stated intervals hold at least 95 of 100 numbers, and descriptions say so."""
UNITS: Final = re.compile(
    r"\d+(?:[.,]\d+)?[ \N{NO-BREAK SPACE}]k?m(?:[²2]|\b)|(?:OpenAPI|TileJSON) [\d.]+|https?://\S+|^urn:\S+"
    r"|^application/vnd\.ogc\.sld\+xml;version=1\.1$"
    r"|\b(?:CC[ -]BY(?:-SA)?|ODbL|IODL)[ -]\d\.\d\b|\bCC0[ -]1\.0\b"
)
"""What has digits and counts nobody: sizes of hexagons, standards, addresses, licences."""
SOURCE: Final = "fonte"
"""Column that says where a row comes from."""
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\+00:00|Z))?")
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
HEX: Final = re.compile(r"\b[0-9a-f]{12,64}\b")


def check(tally: Tally, published: Published) -> None:
    """Check all descriptions."""
    themes = themes_of(published.disclosure)
    collections = published.collections.values()
    protected = [c for c in collections if any(t.covers(c.id, c.fields) for t in themes)]
    known = numbers_of(published.disclosure) | numbers_in(published.release) | PROMISED
    names = {c.id for c in protected} | {n for t in themes for n in t.shown}
    sources = explained(published)
    for collection in protected:
        own = known | of_texts(collection, sources)
        _constants(tally, collection, known | sources)
        for where, document in _of(collection, published):
            _strict(tally, where, document, own)
    constants = known.union(*(of_texts(c, sources) for c in protected))
    strict = {address for c in protected for address, _ in _of(c, published)}
    for where, document in published.documents.items():
        if where not in strict and "statements" not in document:
            for part in parts_naming(document, names):
                _loose(tally, where, part, constants)


def _constants(tally: Tally, collection: Collection, known: AbstractSet[str]) -> None:
    """Check the texts that every feature carries: one with a count tells it to all."""
    for name in collection.fields:
        text = constant(collection, name)
        if text is not None and not is_cell(text) and name != "id":
            own = known | numbers_in(" ".join((collection.fields[name].codes or {}).keys()))
            odd = sorted(numbers_in(text) - own)
            tally.require(
                not odd,
                collection.id,
                f"{name}: a text of all rows with a number that nothing explains",
                numbers=odd,
            )


def _of(collection: Collection, published: Published) -> Iterator[tuple[str, Json]]:
    """Yield the documents of one collection."""
    yield f"collections/{collection.id}", dict(collection.document) | {"numberMatched": None}
    for where, document in published.documents.items():
        path = where.partition("#")[0].partition("?")[0]
        if re.search(rf"(?<!\w){re.escape(collection.id)}(?!\w)", path):
            yield where, document
    tileset = published.tilesets.get(collection.id)
    if tileset is not None:
        yield f"{collection.id}.json", tileset.document
        yield f"{collection.id}.pmtiles", tileset.stored


def _strict(tally: Tally, where: str, document: Json, known: AbstractSet[str]) -> None:
    for code, title in codes(document):
        tally.require(
            not numbers_in(code) or numbers_in(title) == numbers_in(code),
            where,
            "the title of a code has other numbers than the code",
            code=code,
            title=title,
        )
    _walk(tally, where, document, known, STRUCTURE)


def _loose(tally: Tally, where: str, document: Json, known: AbstractSet[str]) -> None:
    _walk(tally, where, document, known, OF_SERVICE)


def _walk(
    tally: Tally, where: str, document: Json, known: AbstractSet[str], free: AbstractSet[str]
) -> None:
    for path, value in leaves(document):
        tally.count(1)
        if isinstance(value, bool) or value is None or free & set(path):
            continue
        if isinstance(value, str):
            odd = sorted(numbers_in(value) - known)
            if odd and path[-1:] != ("href",):
                tally.find(where, "a text with a number that nothing explains",
                           path=".".join(path), numbers=odd)  # fmt: skip
        elif value != 0:
            tally.find(where, "a number that nothing explains", path=".".join(path), number=value)


def leaves(node: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value of a document with the names that lead to it; names are values too."""
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from leaves(child, (*path, str(name)))
    elif isinstance(node, list | tuple):
        for child in node:
            yield from leaves(child, path)
    else:
        yield path, node


def codes(node: Json) -> Iterator[tuple[str, str]]:
    """Yield every code of a schema with its title."""
    if isinstance(node, Mapping):
        code, title = node.get("const"), node.get("title")
        if isinstance(code, str) and isinstance(title, str):
            yield code, title
    children = node.values() if isinstance(node, Mapping) else node
    for child in children if isinstance(node, Mapping | list) else ():
        yield from codes(child)


def parts_naming(node: Json, names: AbstractSet[str]) -> Iterator[Json]:
    """Yield the largest parts of a document that name one of some names at their top."""
    if isinstance(node, Mapping):
        if any(isinstance(child, str) and _names(child, names) for child in node.values()):
            yield node
            return
        for name, child in node.items():
            if _names(str(name), names):
                yield child
            else:
                yield from parts_naming(child, names)
        return
    if isinstance(node, list):
        for child in node:
            yield from parts_naming(child, names)


def _names(text: str, names: AbstractSet[str]) -> bool:
    return any(word in names for word in re.split(r"[^\w]+", text))


def numbers_in(text: str) -> set[str]:
    """Return the numbers of a text, without dates, addresses, hashes and measures of places."""
    for known in (UNITS, DATE, HEX):
        text = known.sub(" ", text)
    found = {n.replace(",", ".") for n in NUMBER.findall(re.sub(r"\w+_\w+", " ", text))}
    return {n.replace(".", "") if THOUSANDS.fullmatch(n) else n for n in found}


def numbers_of(document: Json) -> set[str]:
    """Return the numbers that a document states, in numbers and texts."""
    found: set[str] = set()
    for _, value in leaves(document):
        text = f"{value:g}" if isinstance(value, float) else str(value)
        found |= {str(value), text} if isinstance(value, int | float) else numbers_in(text)
    return found


def of_texts(collection: Collection, known: AbstractSet[str]) -> set[str]:
    """Return the numbers that a description of a collection may repeat.

    Those of its id, of codes, and of a text that every feature carries (source, licence) if they
    are `known`: what open collections explain.
    """
    found = numbers_in(collection.id.replace("_", " "))
    for name, field in collection.fields.items():
        for code, title in (field.codes or {}).items():
            found |= numbers_in(code) if numbers_in(title) <= numbers_in(code) else set()
        if (text := constant(collection, name)) is not None:
            found |= numbers_in(text) & known
    return found


def constant(collection: Collection, name: str) -> str | None:
    """Return the text that every feature has in a column; None if there is no such."""
    field = collection.fields[name]
    if field.type != "string" or field.date or not collection.features:
        return None
    texts = set(collection.rows[name])
    return str(texts.pop()) if len(texts) == 1 else None


def explained(published: Published) -> set[str]:
    """Return the numbers of the sources that open collections name."""
    themes = themes_of(published.disclosure)
    texts = {
        str(text)
        for collection in published.collections.values()
        if SOURCE in collection.fields
        and not any(t.covers(collection.id, collection.fields) for t in themes)
        for text in collection.rows[SOURCE]
        if text is not None
    }
    return set().union(*map(numbers_in, texts))
