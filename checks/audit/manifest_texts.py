"""Texts of a manifest: letters of two languages, and numbers that the protection itself has.

An editor writes what he likes of open data, and no program can tell what it means. Of protected
figures a text has no number but those by which they are protected: bands, least numbers, residents
of a rate, numbers of a category.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from checks.audit import folder_styles
from checks.audit.documents import PROMISED, leaves
from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, Folder
from checks.audit.manifest_layers import note
from checks.audit.published import Published
from checks.audit.themes import Theme, themes_of
from checks.audit.wording import numbers, spelt, strange

NAMED: Final = "denominazione"
"""Column of the names of bodies."""
NAMES: Final = frozenset({"id", "family", "name", "codelist", "policy", "title_field", "licence"})
"""Members that are names, which are compared with others."""
SOURCED: Final = frozenset({"source", "attribution"})
"""Members that name bodies: they are those of the rows."""
REST: Final = re.compile(r"(?:e altre|and) \d{1,4} (?:fonti \(campo|others \(field) fonte\)")
"""What stands for the sources of a table with many, in both languages."""


def check(tally: Tally, folder: Folder, published: Published) -> None:
    """Check all texts of the manifest of a release folder."""
    manifest = folder.manifest
    themes = themes_of(published.disclosure)
    odd = [(".".join(path), text) for path, text in texts(manifest) if strange(text)]
    tally.count(1)
    for path, text in odd:
        tally.find(MANIFEST, "a text with letters or blanks that no text needs", path=path,
                   text=text[:80], letters=strange(text))  # fmt: skip
    _languages(tally, {name: manifest[name] for name in ("title", "publication", "styles")})
    _languages(tally, manifest["codelists"], ("codelists",))
    known = of_rules(published.disclosure)
    bodies = set().union(*map(numbers, _bodies(published, themes)))
    protected = {
        c.id
        for c in published.collections.values()
        if any(t.covers(c.id, c.fields) for t in themes)
    }
    shown = _shown_openly(folder, protected)
    for ident, layer in folder.layers.items():
        if ident in protected:
            _languages(tally, layer, (ident,))
            _layer(tally, layer, (known, bodies | _sources(published, protected)), shown)
    lists = {f["codelist"] for i in protected for f in folder.layers[i]["fields"]}
    for name in sorted(lists & manifest["codelists"].keys()):
        by_code = {entry["code"]: entry["title"] for entry in manifest["codelists"][name]}
        titles(tally, f"{MANIFEST}, {name}", by_code)
    folder_styles.check(tally, folder, protected, known)
    head = [manifest["title"], manifest["publication"]]
    _explained(
        tally, MANIFEST, head, bodies | {manifest["reference_date"][:4]}, passed={"namespace"}
    )
    for said in manifest["inputs"]:
        own = numbers(REST.sub("", said["attribution"])) - bodies - _sources(published, protected)
        where = f"{MANIFEST}, {said['name']}"
        what = "a source with a number that no open collection has"
        tally.require(not own, where, what, numbers=sorted(own))


def texts(document: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a document with the names that lead to it."""
    return ((path, value) for path, value in leaves(document) if isinstance(value, str))


def of_rules(disclosure: Mapping[str, Any]) -> set[str]:
    """Return the numbers by which a statement says that figures are protected."""
    found = set(PROMISED)
    for path, value in leaves(disclosure["statements"]):
        if path[-1] in {"low", "high", "fewest", "p_min", "h3_leaf", "per"}:
            found |= {str(value)} if isinstance(value, int) else set()
    codes = [code for said in disclosure["statements"] for code in said["categories"]]
    return found.union(*map(of_code, codes))


def of_code(code: str) -> set[str]:
    """Return the numbers that the title of a code may have: its own, and what follows each."""
    own = numbers(code)
    return own | {str(int(number) + 1) for number in own if number.isdecimal()}


def titles(tally: Tally, where: str, by_code: Mapping[str, Mapping[str, str]]) -> None:
    """Check that titles have no other numbers than their codes."""
    every: set[str] = set().union(*map(of_code, by_code))
    for code, title in by_code.items():
        odd = sorted({n for text in title.values() for n in numbers(text)} - every)
        words = sorted({word for text in title.values() for word in spelt(text)})
        tally.require(
            not odd and not words,
            where,
            "the title of a code has other numbers than the code",
            code=code,
            numbers=[*odd, *words],
        )


def _layer(
    tally: Tally,
    layer: Mapping[str, Any],
    known: tuple[AbstractSet[str], AbstractSet[str]],
    shown: AbstractSet[str],
) -> None:
    """Check the texts of the declaration of a protected collection."""
    where = f"{MANIFEST}, {layer['id']}"
    rules, sources = known
    end = note(layer["resolution"])
    bare = {**layer, "title": {k: v.removesuffix(end[k]) for k, v in layer["title"].items()}}
    named = {name: bare.pop(name) for name in SOURCED}
    bare["fields"] = [_unlike(field, shown) for field in layer["fields"]]
    names = {layer["id"], layer["family"], *(field["name"] for field in layer["fields"])}
    names |= shown
    _explained(tally, where, bare, rules, passed=NAMES, names=names)
    _explained(tally, where, named, rules | sources)


def _unlike(field: Mapping[str, Any], shown: AbstractSet[str]) -> dict[str, Any]:
    """Return a column without the texts that an open collection has of the same column."""
    return {name: "" if _said(field["name"], text) in shown else text
            for name, text in field.items()}  # fmt: skip


def _shown_openly(folder: Folder, protected: AbstractSet[str]) -> set[str]:
    """Return the ids of all collections, and what open ones say of their columns."""
    said = {
        _said(field["name"], text)
        for ident, layer in folder.layers.items()
        if ident not in protected
        for field in layer["fields"]
        for text in (field["title"], field["description"])
    }
    return said | set(folder.layers) | {layer["family"] for layer in folder.layers.values()}


def _said(name: str, text: Any) -> str:
    return f"{name}: {text}"


def _explained(  # noqa: PLR0913 - what a text may have
    tally: Tally,
    where: str,
    document: Any,
    known: AbstractSet[str],
    *,
    passed: AbstractSet[str] = frozenset(),
    names: AbstractSet[str] = frozenset(),
) -> None:
    """Check that texts have no number that is not known, in digits or in words."""
    for path, text in texts(document):
        if path[-1:] and path[-1] in passed:
            continue
        odd = sorted(numbers(REST.sub("", text), names) - known)
        words = [] if SOURCED & set(path) or not names else spelt(text)
        tally.require(
            not odd and not words,
            where,
            "a text with a number that nothing explains",
            path=".".join(path),
            numbers=[*odd, *words],
        )


def _languages(tally: Tally, node: Any, path: tuple[str, ...] = ()) -> None:
    """Check that both languages of every text have the same numbers."""
    if isinstance(node, Mapping) and node.keys() == {"it", "en"}:
        tally.require(
            numbers(node["it"]) == numbers(node["en"]),
            f"{MANIFEST}, {'.'.join(path)}",
            "a text whose languages have other numbers",
            text=dict(node),
        )
        return
    named = node.items() if isinstance(node, Mapping) else ()
    listed = [(str(at), one) for at, one in enumerate(node)] if isinstance(node, list) else ()
    for name, child in (*named, *listed):
        _languages(tally, child, (*path, name))


def _bodies(published: Published, themes: Sequence[Theme]) -> Iterator[str]:
    """Yield the names of bodies that open collections have."""
    for collection in published.collections.values():
        covered = any(t.covers(collection.id, collection.fields) for t in themes)
        if not covered and NAMED in collection.fields:
            yield from (str(v) for v in collection.rows[NAMED] if v is not None)


def _sources(published: Published, protected: AbstractSet[str]) -> set[str]:
    """Return the numbers of the sources that open rows name."""
    rows = {
        str(text)
        for collection in published.collections.values()
        if collection.id not in protected and "fonte" in collection.fields
        for text in collection.rows["fonte"]
        if text is not None
    }
    return set().union(*map(numbers, rows))
