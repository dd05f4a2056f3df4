"""Pages show the values of features and nothing beside them, hidden or not.

Two rows of a table, and the pages of two features, may differ in the texts of their cells, in
the address of the feature and in what leads to those beside it only: attributes, comments and
scripts are the same. What stands outside the table holds no number that the descriptions do not
have.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final

from checks.audit import beside
from checks.audit.documents import explained, numbers_in, numbers_of, of_texts
from checks.audit.findings import Tally
from checks.audit.html_tables import bare_rows, outside
from checks.audit.published import Collection, Published
from checks.audit.themes import themes_of

_STYLE: Final = re.compile(r"<style\b.*?</style>|\b(?:href|src)=\"[^\"]*\"", re.DOTALL)


def check(tally: Tally, published: Published) -> None:
    """Check the pages of protected collections."""
    known = numbers_of(published.disclosure) | numbers_in(published.release)
    every = [c for c in published.collections.values() if c.markup]
    frames = [set(numbers_in(_text(page))) for c in every for page in c.markup[:1]]
    common = set.intersection(*frames) if len(frames) > 1 else set()
    themes = themes_of(published.disclosure)
    for collection in every:
        if not any(t.covers(collection.id, collection.fields) for t in themes):
            continue
        size = len(collection.features)
        own = known | of_texts(collection, explained(published)) | common
        # A page may tell how wide its table is, and which rows it shows.
        own |= {str(len(row)) for rows in collection.pages.values() for row in rows[:1]}
        own |= {str(n) for n in (size, 1, *range(0, size + 1000, 1000), size % 1000)}
        shown = 0
        for page in collection.markup:
            rows = len(bare_rows(page))
            shown += rows
            own |= {str(n) for n in (rows, shown, shown + 1)}
            _rows(tally, collection, page)
            _around(tally, collection, page, own)
        _singles(tally, collection, published.single.get(collection.id, ()))


def _rows(tally: Tally, collection: Collection, page: str) -> None:
    rows = bare_rows(page)
    ids = sorted(collection.ids, key=len, reverse=True)
    shapes = {_without(row, ids) for row in rows}
    tally.count(len(rows))
    if len(shapes) > 1:
        tally.find(
            f"{collection.id} (HTML)",
            "rows of a page differ in more than the texts of their cells",
            rows=sorted(shapes)[:3],
        )


def _without(markup: str, ids: Sequence[str]) -> str:
    """Return markup without the first of some ids that is in it."""
    found = next((ident for ident in ids if ident in markup), None)
    return markup if found is None else markup.replace(found, "{}")


def _around(tally: Tally, collection: Collection, page: str, known: set[str]) -> None:
    odd = sorted(numbers_in(_text(page)) - known)
    tally.require(
        not odd,
        f"{collection.id} (HTML)",
        "a page has a number beside its table that nothing explains",
        numbers=odd,
    )


def _text(page: str) -> str:
    """Return a page outside its tables, attributes, comments and scripts included."""
    return _STYLE.sub(" ", outside(page))


def _singles(tally: Tally, collection: Collection, pages: Iterable[tuple[str, str]]) -> None:
    """Check that the pages of single features differ in their values and their address only."""
    shapes: dict[str, str] = {}
    places = {ident: place for place, ident in enumerate(collection.ids)}
    for ident, page in pages:
        tally.count(1)
        place = places[ident]
        bare = beside.without(outside(page), collection, place)
        frame = html.unescape(bare) + "".join(bare_rows(page))
        for text in (ident, *beside.names_of(collection.features[place])):
            frame = frame.replace(text, "{}")
        shapes.setdefault(frame, ident)
    if len(shapes) > 1:
        tally.find(
            f"{collection.id} (HTML)",
            "the pages of two features differ in more than their values",
            ids=sorted(shapes.values())[:3],
        )
