"""What stands beside a feature on its page: others of the list, and its place on the map."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log2
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from api.asked import Asked
from api.describe.links import Said
from api.embed.config import opened_at
from api.features.encode import decoded
from api.features.engine import Collection, select
from api.features.query import FeatureQuery
from api.served import Served
from geo_core.model.text import Lang

_CLOSEST: Final = 12
"""Zoom of the map at a point: the municipalities around it, as the map has no streets."""


_TOWNS: Final = "comuni"
_CELL: Final = "h3"
"""What features are called of which nobody knows where they are: hexagons."""
_NEAR: Final = Said("Esagono presso", "Hexagon near")


class Neighbour(NamedTuple):
    """The feature before or after another."""

    rel: str
    id: str
    name: str


def neighbours(collection: Collection, row: int, lang: Lang) -> tuple[Neighbour, ...]:
    """Return the features before and after one, in the list as it stands without a query."""
    every = FeatureQuery(limit=collection.info.count)
    rows = select(collection, every).rows
    places = np.flatnonzero(rows == row)
    if not places.size:
        return ()
    place = int(places[0])
    found = [(rel, at) for rel, at in (("prev", place - 1), ("next", place + 1)) if at >= 0]
    beside = [(rel, int(rows[at])) for rel, at in found if at < len(rows)]
    features = decoded(collection, [one for _, one in beside], every)
    return tuple(
        Neighbour(rel, str(feature["id"]), name_of(collection, feature, lang))
        for (rel, _), feature in zip(beside, features, strict=True)
    )


def name_of(collection: Collection, feature: dict[str, Any], lang: Lang) -> str:
    """Return what a feature is called: its name, with its id where others share it; or its id."""
    title, own, ident = collection.layer.title_field, feature["properties"], str(feature["id"])
    name = own[title]
    if not name:
        return ident
    said = (own.get(f"{title}_en") if lang == "en" else None) or name
    return f"{said} · {ident}" if name in collection.shared_names else str(said)


def heading(asked: Asked, collection: Collection, feature: dict[str, Any]) -> str:
    """Return what heads the page of a feature: a hexagon is placed before it is named."""
    name = name_of(collection, feature, asked.lang)
    (town,) = towns(asked.served, collection, [collection.row(feature["id"])])
    return name if town is None else f"{_NEAR.in_(asked.lang)} {town} · {name}"


def towns(served: Served, collection: Collection, rows: Sequence[int]) -> list[str | None]:
    """Return the municipality in which the centre of each hexagon lies.

    None where it lies in none, and of whatever is no hexagon.
    """
    if collection.shapes is None or collection.layer.title_field != _CELL:
        return [None] * len(rows)
    return middles(served, collection.shapes[np.asarray(rows, dtype=np.intp)])


def middles(served: Served, shapes: NDArray[np.object_]) -> list[str | None]:
    """Return the municipality in which the centre of each shape lies; None for one in none."""
    found: list[str | None] = [None] * len(shapes)
    known = served.collections.get(_TOWNS)
    if known is None or known.tree is None:
        return found
    centres = shapely.centroid(shapes)
    names = known.columns[known.layer.title_field]
    for at, row in known.tree.query(centres, predicate="intersects").T:
        found[at] = names.vocabulary[int(names.values[row])]
    return found


def on_map(collection: Collection, row: int) -> str | None:
    """Return the parameters by which the map shows a feature; None if it has no place there."""
    shown = opened_at(collection.layer.family)
    shape = None if collection.shapes is None else collection.shapes[row]
    if shown is None or shape is None or shape.is_empty:
        return None
    west, south, east, north = shapely.bounds(shape)
    size = max(east - west, north - south)
    zoom = min(_CLOSEST, floor(log2(360 / size))) if size > 0 else _CLOSEST
    return f"{shown}&map={zoom}/{(south + north) / 2:.5f}/{(west + east) / 2:.5f}"
