"""Figures of zones that are coarser than every collection of their theme.

A release holds them as a table without outlines. Which areas they are of follows from the residents
of cells, as the areas of collections do; with these outlines each level is one more collection of
the theme, and whatever is checked of those is checked of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from checks.audit import replay_weights
from checks.audit.areas import PLACE, Areas, areas_of, outline, years_of
from checks.audit.findings import Tally
from checks.audit.published import Collection, Feature, Published
from checks.audit.shapes import Block, cut, merged, named, single
from checks.audit.site import CannotAudit
from checks.audit.themes import Theme, themes_of

NAMES: Final = ("id", PLACE)
"""Columns that name an area."""
LEVEL: Final = "livello"
"""Column of the H3 resolution of a row."""
PARTS: Final = "parti"
"""Column of the areas of the coarsest collection that are in a row."""
PART: Final = "part"
"""Said of a level of which not all areas are known."""

type Cells = Mapping[str, tuple[str, ...]]
"""The members of each area, by its id."""


def levels(
    published: Published, manifest: Mapping[str, Any], read: Callable[[str], bytes]
) -> dict[str, Collection]:
    """Return each level of each table of zones as a collection.

    Parameters
    ----------
    published : Published
        The collections of the release.
    manifest : mapping
        Its manifest.
    read : callable
        Returns the bytes of a file of the release.

    Raises
    ------
    CannotAudit
        A table cannot be read, or is of no theme.
    """
    found = {}
    for said in manifest.get("zones", ()):
        rows = _rows(read(said["path"]), said["path"])
        like = published.collections[coarsest(manifest, said["family"])]
        for level in said["levels"]:
            ident = f"{said['path']}/{level}"
            cells = areas_at(published, like, level)
            features = [_feature(row, cells) for row in rows if row[LEVEL] == level]
            found[ident] = Collection(
                ident, {LEVEL: level}, like.fields, features, {}, {}, like=like.id
            )
    return found


def told(published: Published) -> dict[str, Collection]:
    """Return each level of which a server tells figures and has no collection as a collection.

    It has only the areas that are all of a zone: others are told of no zone.
    """
    found = {}
    for ident, answers in published.zoned.items():
        if not ident:
            continue
        like = published.collections[ident]
        theme = theme_of(published, like)
        members = {} if theme is None else members_of(published, theme)
        if not members or members[min(members)] is not like:
            continue
        for one in answers:
            if one.how != "geojson" or one.level >= min(members):
                continue
            cells = areas_at(published, like, one.level)
            own = [
                {name: row[name] for name in like.fields}
                for row in one.rows
                if row["zone_status"] == "published"
            ]
            features = [_feature(row, cells) for row in sorted(own, key=lambda r: str(r["id"]))]
            name = f"zones of {ident}/{one.level}"
            found[name] = Collection(
                name, {LEVEL: one.level, PART: True}, like.fields, features, {}, {}, like=ident
            )
    return found


def members_of(published: Published, theme: Theme) -> dict[int, Collection]:
    """Return the collections of a theme that show its areas in one year, by their resolution."""
    return {
        resolution: collection
        for ident, resolution in theme.resolutions.items()
        if (collection := published.collections.get(ident)) is not None
        and set(years_of(collection)) == {theme.year}
        and not collection.ids[0].endswith(f"_{theme.year}")
    }


def coarsest(manifest: Mapping[str, Any], family: str) -> str:
    """Return the collection of a family with the coarsest resolution."""
    members = {
        info["layer"]["resolution"]: info["layer"]["id"]
        for info in manifest["collections"]
        if info["layer"]["family"] == family and not info["layer"]["series"]
    }
    return str(members[min(members)])


def areas_at(published: Published, like: Collection, level: int) -> Cells:
    """Return the areas of a level that the residents of cells make; none if nobody's are open."""
    theme = theme_of(published, like)
    by_cell = {} if theme is None else replay_weights.population(published, theme.leaf)
    if theme is None or not by_cell or not like.features:
        return {}
    at = np.arange(len(like.features))
    cells = sorted(cell for members in areas_of(like, theme, at).members for cell in members)
    residents = tuple((cell, int(by_cell.get(cell, 0))) for cell in cells)
    return _areas_at(residents, min(theme.fewest_residents.values()), level)


def parts_of(published: Published, shown: Collection) -> list[list[str]]:
    """Return for each row of a level the areas of the coarsest collection that are in it."""
    like = published.collections[shown.like]
    theme = theme_of(published, like)
    made = areas_at(published, like, shown.document[LEVEL])
    if theme is None or not made:
        return [[] for _ in shown.features]
    holder = {cell: ident for ident, cells in made.items() for cell in cells}
    found: dict[str, list[str]] = {}
    finer = areas_of(like, theme, np.arange(len(like.features)))
    for ident, members in sorted(zip(like.ids, finer.members, strict=True)):
        found.setdefault(holder[members[0]], []).append(ident)
    return [found.get(ident, []) for ident in shown.ids]


def theme_of(published: Published, like: Collection) -> Theme | None:
    """Return the statement on the rows of a collection that shows one year."""
    years = set(years_of(like))
    themes = themes_of(published.disclosure)
    return next((t for t in themes if t.covers(like.id, like.fields) and t.year in years), None)


@lru_cache(32)
def _areas_at(residents: tuple[tuple[str, int], ...], least: int, level: int) -> Cells:
    return {ident: area.cells for ident, area in named(cut(_base(residents, least), level)).items()}


@lru_cache(4)
def _base(residents: tuple[tuple[str, int], ...], least: int) -> list[Block]:
    return merged(single(dict(residents)), least)


def _rows(raw: bytes, where: str) -> list[dict[str, Any]]:
    try:
        return list(pq.read_table(io.BytesIO(raw)).to_pylist())
    except (OSError, ValueError, pa.ArrowException) as error:
        italian = (f"{where} non si legge: {error}",)
        raise CannotAudit(f"{where} cannot be read: {error}", italian=italian) from error


def _feature(row: Mapping[str, Any], cells: Cells) -> Feature:
    members = cells.get(row["id"])
    shape = members and {"type": "MultiPolygon", "coordinates": outline(members)}
    own = {name: value for name, value in row.items() if name not in {LEVEL, PARTS}}
    return {"type": "Feature", "id": row["id"], "geometry": shape or None, "properties": own}


def of_theme(tally: Tally, published: Published, theme: Theme) -> Iterator[Areas]:
    """Check which areas the levels of a theme show, and yield those that are as they should be."""
    for collection in published.zones.values():
        at = np.flatnonzero(np.array(years_of(collection)) == theme.year)
        if not len(at) or not theme.covers(collection.like, collection.fields):
            continue
        like = published.collections[collection.like]
        made = areas_at(published, like, collection.document[LEVEL])
        wanted = [i for i in sorted(made) if i in collection.ids or not is_part(collection)]
        tally.require(
            collection.ids == wanted,
            collection.id,
            "the areas of a level do not follow from the residents of cells alone",
            others=sorted(set(collection.ids) ^ made.keys())[:2],
        )
        _no_rates(tally, collection, theme)
        _same_texts(tally, collection, like)
        if collection.ids == wanted:
            yield areas_of(collection, replace(theme, rates={}), at)


def is_part(collection: Collection) -> bool:
    """Tell whether a level has only some of its areas."""
    return PART in collection.document


def _same_texts(tally: Tally, collection: Collection, like: Collection) -> None:
    """Check that what is the same in all rows of a collection is the same in its levels."""
    for name, field in collection.fields.items():
        if field.type in {"string", "boolean"} and not field.codes and name not in NAMES:
            tally.require(
                set(collection.rows[name]) <= set(like.rows[name]),
                collection.id,
                f"{name} is not that of {like.id}",
            )


def _no_rates(tally: Tally, collection: Collection, theme: Theme) -> None:
    """Check that there are no rates: of these areas no interval is stated."""
    columns = [n for name, rate in theme.rates.items() for n in (name, rate.low, rate.high)]
    shown: Sequence[str] = [c for c in columns if not np.isnan(collection.numbers(c)).all()]
    tally.require(not shown, collection.id, "rates without a stated interval", columns=shown)
