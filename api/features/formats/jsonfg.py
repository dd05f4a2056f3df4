"""JSON-FG 1.0: GeoJSON that also says what kind of feature it is, when, and in which system.

A geometry in longitude and latitude stands in `geometry`, as in GeoJSON. In any other system
it stands in `place`, in the axis order of the authority, and `geometry` is null; the profile
`jsonfg-plus` fills that too, for clients that know GeoJSON only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
import shapely

from api.features.columns import Rows
from api.features.crs import CRS84, project
from api.features.encode import Link
from api.features.engine import PERIODS
from api.features.formats.found import PIECE, Found
from geo_core.model.layer import GeometryKind

_CLASSES: Final = tuple(
    f"http://www.opengis.net/spec/json-fg-1/1.0/conf/{name}" for name in ("core", "types-schemas")
)
_OPEN: Final = ".."
_DIMENSIONS: Final[dict[GeometryKind, int]] = {"Point": 0, "MultiPolygon": 2}


def feature_collection(
    found: Found,
    *,
    head: Mapping[str, object],
    schema: str,
    plus: bool,
) -> Iterator[bytes]:
    """Yield a page as a JSON-FG feature collection, piece by piece.

    Parameters
    ----------
    head : Mapping
        Members that GeoJSON has before the features: numbers and links.
    schema : str
        Address of the schema of the features.
    plus : bool
        Fill `geometry` also where `place` holds the geometry.
    """
    dimension = _DIMENSIONS.get(found.kind)
    root = {
        **_root("FeatureCollection", found, schema),
        **({} if dimension is None else {"geometryDimension": dimension}),
        **head,
    }
    yield orjson.dumps(root)[:-1] + b',"features":['
    for start in range(0, len(found.rows), PIECE):
        features = _features(found, found.rows[start : start + PIECE], plus=plus)
        yield (b"," if start else b"") + orjson.dumps(features)[1:-1]
    yield b"]}"


def feature(found: Found, *, links: Sequence[Link], schema: str, plus: bool) -> bytes:
    """Return the only feature found as a JSON-FG feature."""
    (one,) = _features(found, found.rows, plus=plus)
    return orjson.dumps({**_root("Feature", found, schema), **one, "links": links})


def _root(kind: str, found: Found, schema: str) -> dict[str, object]:
    return {
        "type": kind,
        "conformsTo": _CLASSES,
        "featureType": found.collection.id,
        "featureSchema": schema,
        "coordRefSys": found.crs,
    }


def _features(found: Found, rows: Rows, *, plus: bool) -> list[dict[str, Any]]:
    names = [field.name for field in found.collection.layer.fields]
    if found.properties is not None:
        names = [name for name in names if name in found.properties]
    features = [orjson.loads(found.collection.fragments[row]) for row in rows.tolist()]
    for one in features:
        one["time"] = _time(one["properties"])
        one["properties"] = {name: one["properties"][name] for name in names}
        one["place"] = None
    if found.crs != CRS84 and found.collection.shapes is not None:
        moved = shapely.to_geojson(project(found.collection.shapes[rows], found.crs))
        for one, place in zip(features, moved, strict=True):
            one["place"] = None if place is None else orjson.Fragment(place)
            one["geometry"] = one["geometry"] if plus else None
    return features


def _time(properties: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """Return the days a feature is of, both included; None if neither is known."""
    start, end = next(pair for pair in PERIODS if pair[0] in properties)
    days = [properties[start], properties[end]]
    return {"interval": [day or _OPEN for day in days]} if any(days) else None
