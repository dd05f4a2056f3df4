"""What was published before: the same figure must come back unless it was drawn anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from checks.audit.areas import tables_of
from checks.audit.findings import Tally
from checks.audit.layers import Layer, layers_of
from checks.audit.published import Published
from checks.audit.themes import Theme, themes_of


def before(tally: Tally, theme: Theme, earlier: Sequence[Published]) -> Iterator[Layer]:
    """Yield the layers of a theme and year in earlier releases.

    What was drawn anew, and charged to the budget if it is of real records, is another table,
    and is noted.
    """
    for published, known in _same_year(tally, theme, earlier):
        yield from layers_of(published, known, published.release)


def _same_year(
    tally: Tally, theme: Theme, earlier: Sequence[Published]
) -> Iterator[tuple[Published, Theme]]:
    for published in earlier:
        for known in themes_of(published.disclosure):
            if (known.name, known.year) != (theme.name, theme.year):
                continue
            if why := _drawn_anew(theme, known):
                tally.note(
                    f"{theme.name} {theme.year} is another draw than in {published.release}, "
                    f"{why}: its figures are not compared"
                )
            else:
                yield published, known


def _drawn_anew(theme: Theme, known: Theme) -> str:
    """Say why two releases may show two tables; empty where they must show the same one."""
    if theme.draw and theme.draw == known.draw:
        return ""
    if theme.draw != known.draw and (theme.synthetic or known.synthetic):
        return "of invented records"
    # An older draw may be shown again, so either of the two may be the later one.
    charged = abs(theme.spent - known.spent) >= theme.epsilon > 0
    return "and charged" if charged and theme.method == "dp" else ""


def units(tally: Tally, published: Published, theme: Theme, earlier: Sequence[Published]) -> None:
    """Compare figures of units: two tables of one year show the same number for the same unit."""
    tables = [(published, theme), *_same_year(tally, theme, earlier)]
    first: dict[tuple[str, str], float] = {}
    for source, known in tables:
        for collection, at in tables_of(source, known):
            ids = [collection.ids[i] for i in at.tolist()]
            for name in known.sums:
                if name not in collection.fields:
                    continue
                values = collection.numbers(name)[at]
                keys = [(ident, name) for ident in ids]
                past = np.array([*map(first.setdefault, keys, values.tolist())], np.float64)
                tally.each(
                    (values == past) | (np.isnan(values) & np.isnan(past)),
                    collection.id,
                    f"{name}: two tables show other numbers of one unit",
                    lambda i, ids=ids, v=values, p=past: {"id": ids[i], "numbers": [p[i], v[i]]},  # type: ignore[misc]
                )
