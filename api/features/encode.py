"""From rows to GeoJSON: join what the build has encoded, decode only what a client changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import shapely

from api.features.crs import CRS84, project
from api.features.engine import Collection, Page
from api.features.query import FeatureQuery

type Link = Mapping[str, object]
"""A link object: `rel`, `href`, `type`, `title`."""


def feature_collection(
    collection: Collection,
    page: Page,
    query: FeatureQuery,
    *,
    links: Sequence[Link],
) -> bytes:
    """Return a page as a GeoJSON FeatureCollection.

    Parameters
    ----------
    links : Sequence[Link]
        Links of the answer; they stand before the features.

    Notes
    -----
    There is no `timeStamp`: it would be the time of day at which the answer was made
    (/req/core/fc-timeStamp), and an answer is made once and given many times.
    """
    head = {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.rows),
        "links": links,
    }
    opened = orjson.dumps(head)[:-1]
    found = _features(collection, page.rows.tolist(), query)
    return b"".join((opened, b',"features":[', found, b"]}"))


def feature(collection: Collection, row: int, *, crs: str, links: Sequence[Link]) -> bytes:
    """Return one feature as a GeoJSON Feature with links."""
    query = FeatureQuery(limit=1, crs=crs)
    return _features(collection, [row], query)[:-1] + b',"links":' + orjson.dumps(links) + b"}"


def decoded(collection: Collection, rows: Iterable[int], query: FeatureQuery) -> list[Any]:
    """Return features as dictionaries that belong to the caller."""
    features: list[Any] = orjson.loads(b"[" + _features(collection, rows, query) + b"]")
    return features


def _features(collection: Collection, rows: Iterable[int], query: FeatureQuery) -> bytes:
    if query.crs == CRS84 and query.properties is None:
        return collection.fragments.joined(rows)
    return orjson.dumps(_changed(collection, list(rows), query))[1:-1]


def _changed(collection: Collection, rows: list[int], query: FeatureQuery) -> list[Any]:
    features: list[Any] = [orjson.loads(collection.fragments[row]) for row in rows]
    if query.properties is not None:
        for one in features:
            one["properties"] = {name: one["properties"][name] for name in query.properties}
    if query.crs != CRS84 and collection.shapes is not None:
        moved = shapely.to_geojson(project(collection.shapes[rows], query.crs))
        for one, geometry in zip(features, moved, strict=True):
            one["geometry"] = None if geometry is None else orjson.Fragment(geometry)
    return features
