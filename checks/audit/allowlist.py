"""Check (f): protected collections hold nothing but numbers, codes, H3 cells and their period.

No free text, no identifier in a sequence, no date finer than the calendar year, no time in a
header but that of the answer. What names a unit has to be open already: an open collection has
the same text for the same id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely

from checks.audit import constants, documents, folder_manifest, statement_form
from checks.audit.areas import PARTS, PLACE, areas_of, is_cell, years_of
from checks.audit.bounds import RANGE
from checks.audit.findings import Checked, Tally
from checks.audit.published import Collection, Field, Published
from checks.audit.themes import Theme, themes_of

CONSTANTS_MAX: Final = 300
"""Characters of a text that is the same in every row (source, licence)."""
_TIME: Final = re.compile(r"\d{1,2}:\d{2}:\d{2}|\d{4}-\d{2}-\d{2}|\b1[67]\d{8}(\d{3})?\b")
_TIMED_HEADERS: Final = {"date"}
HEADERS: Final = frozenset((
    "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age",
    "accept-ranges", "age", "allow", "cache-control", "connection", "content-crs",
    "content-disposition", "content-encoding", "content-language", "content-length",
    "content-location", "content-range", "content-security-policy", "content-type",
    "cross-origin-embedder-policy", "cross-origin-opener-policy",
    "cross-origin-resource-policy", "date", "etag", "expires", "keep-alive", "last-modified",
    "link", "location", "ogc-numbermatched", "ogc-numberreturned",
    "optionsuri", "permissions-policy", "referrer-policy", "retry-after",
    "server", "set-cookie", "strict-transport-security", "transfer-encoding", "vary", "via",
    "x-content-type-options", "x-frame-options",
))  # fmt: skip
"""Names of headers that have a meaning of their own; any other could carry a figure."""
_COUNTED: Final = ("ogc-numbermatched", "ogc-numberreturned")
"""Headers with a number of features."""
_ETAG: Final = re.compile(r'(W/)?"[0-9a-f]{16,}(-[a-z]+)?"')
"""A hash: a number would be a figure."""
_YEAR: Final = re.compile(r"\d{4}-(01-01|12-31)")


def check(published: Published) -> Checked:
    """Check every column of every protected collection, and every header."""
    tally = Tally("allowlist")
    themes = themes_of(published.disclosure)
    names = {column for theme in themes for column in theme.shown}
    for collection in (*published.collections.values(), *published.zones.values()):
        covering = [t for t in themes if t.covers(collection.declared, collection.fields)]
        if covering:
            _collection(tally, collection, covering, published)
        else:
            _open(tally, collection, names)
    _headers(tally, published)
    documents.check(tally, published)
    statement_form.check(tally, published.disclosure)
    folder_manifest.check(tally, published)
    return tally.result()


def _open(tally: Tally, collection: Collection, counts: set[str]) -> None:
    """Check that a collection without a statement shows no count of persons of a theme.

    The collections of a theme of which nothing was handed in have no features and no statement.
    """
    if not collection.features:
        return
    leaked = sorted(counts & set(collection.fields))
    banded = sorted(name for name in collection.fields if name.endswith(RANGE))
    tally.require(
        not leaked and not banded,
        collection.id,
        "counts of a protected theme outside the collections of its statement",
        columns=[*leaked, *banded],
    )


def _collection(
    tally: Tally, collection: Collection, themes: list[Theme], published: Published
) -> None:
    on_places = themes[0].units is not None or collection.id in themes[0].estimates
    for name, field in collection.fields.items():
        if name == "id":
            continue
        values = [v for v in collection.rows[name] if v is not None]
        if why := _not_allowed(name, field, values, collection, published):
            tally.find(collection.id, f"{name}: {why}", example=values[0])
        tally.count(len(collection.features))
    constants.check(tally, collection, themes)
    if on_places:
        _unit_ids(tally, collection, published)
    elif set(collection.fields) >= PARTS:
        _area_ids(tally, collection, themes)
    else:
        tally.find(collection.id, "nothing tells what its ids are made of")


def _not_allowed(
    name: str, field: Field, values: list[object], collection: Collection, published: Published
) -> str:
    """Return why a column may not be published, empty if it may."""
    if field.type in {"integer", "number", "boolean"}:
        fit = all(_fits(v, field.type) for v in values)
        return "" if fit else f"values that are no {field.type}"
    if field.type != "string" or any(not isinstance(v, str) for v in values):
        return f"values of type {field.type}"
    texts = {str(v) for v in values}
    if field.date:
        return "" if all(_YEAR.fullmatch(t) for t in texts) else "a date finer than a year"
    if field.codes is not None:
        return "" if texts <= set(field.codes) else "a value that is not on its list"
    constant = len(texts) == 1 and len(values) == len(collection.features)
    if constant and all(len(t) <= CONSTANTS_MAX for t in texts):
        return ""
    allowed = all(is_cell(t) for t in texts) or _is_open(name, collection, published)
    return "" if allowed else "free text"


def _fits(value: object, kind: str) -> bool:
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    return isinstance(value, int) or (kind == "number" and isinstance(value, float))


def _is_open(name: str, collection: Collection, published: Published) -> bool:
    """Tell whether an open collection has the same text in that column for every id."""
    shown = dict(zip(collection.ids, collection.rows[name].tolist(), strict=True))
    for other in _open_lists(collection, published):
        if name in other.fields:
            known = dict(zip(other.ids, other.rows[name].tolist(), strict=True))
            if all(known.get(ident) == text for ident, text in shown.items()):
                return True
    return False


def _open_lists(collection: Collection, published: Published) -> Iterable[Collection]:
    """Yield the open collections that have every id of a collection of units."""
    themes = themes_of(published.disclosure)
    ids = set(collection.ids)
    for other in published.collections.values():
        if ids <= set(other.ids) and not any(t.covers(other.id, other.fields) for t in themes):
            yield other


def _unit_ids(tally: Tally, collection: Collection, published: Published) -> None:
    lists = list(_open_lists(collection, published))
    tally.require(bool(lists), collection.id, "the ids are not those of an open list")
    if lists:
        tally.require(
            any(_same_places(collection, other) for other in lists),
            collection.id,
            "the places are not those of the open list with the same ids",
        )


def _same_places(collection: Collection, other: Collection) -> bool:
    known = dict(zip(other.ids, other.geometry, strict=True))
    real = np.array([known[ident] for ident in collection.ids], dtype=object)
    none = np.array([shape is None for shape in collection.geometry], bool)
    same = shapely.equals_exact(collection.geometry, real, 0)
    return bool((same | (none & np.array([r is None for r in real], bool))).all())


def _area_ids(tally: Tally, collection: Collection, themes: list[Theme]) -> None:
    """Check that an id is a cell, or common ancestor and smallest member, and the year."""
    years = years_of(collection)
    series = len(set(years)) > 1 or len(set(collection.ids)) != len(set(collection.rows[PLACE]))
    for theme in themes:
        at = [i for i, year in enumerate(years) if year == theme.year]
        areas = areas_of(collection, theme, np.array(at, np.int64))
        for i, members in zip(at, areas.members, strict=True):
            place = str(collection.rows[PLACE].iloc[i])
            allowed = {place, f"{place}~{members[0] if members else ''}"}
            allowed |= {f"{ident}_{theme.year}" for ident in allowed} if series else set()
            tally.require(
                collection.ids[i] in allowed,
                collection.id,
                "an id that is not made of area and period",
                id=collection.ids[i],
                allowed=sorted(allowed),
            )


def _headers(tally: Tally, published: Published) -> None:
    """No header tells a time but `Date`, and none marks the reader."""
    told = {
        (name, value)
        for seen in published.seen
        for name, value in seen.headers.items()
        if name not in _TIMED_HEADERS
    }
    tally.count(len(told))
    most = max((len(c.features) for c in published.collections.values()), default=0)
    for name, value in sorted(told):
        if name in {"set-cookie", "last-modified", "age"} or _TIME.search(value):
            tally.find("headers", f"{name} tells a time or marks the reader", value=value)
        if name not in HEADERS:
            tally.find("headers", f"{name} is a header without a known meaning", value=value)
        if name in _COUNTED and not (value.isdecimal() and int(value) <= most):
            tally.find("headers", f"{name} is no number of features", value=value)
        if name == "etag" and not _ETAG.fullmatch(value):
            tally.find("headers", "an ETag that is no hash", value=value)
