"""A service of a handful of cells, made by hand: what an auditor sees of a clean release.

Two hexagons of resolution 7 with seven cells each; needs in three categories on areas (one of
them on larger areas), and marks of two offices. Tests change one thing and audit again.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import tiny_places
import tiny_supply
from plain_mvt import TileFeature, cut_at, encode, tags
from tiny_figures import (
    BASE,
    CELLS,
    COUNTS,
    ESTIMATED,
    STATES,
    area_feature,
    disclosure,
    lived,
    point,
    statement,
    unit_feature,
)

from checks.audit.collect import collect
from checks.audit.published import Published
from checks.audit.site import Answer
from checks.audit.tiles import addressed
from geo_core.formats.rows import row_order
from geo_core.model.mercator import tile_range

ROOT = "http://tiny.example/"
ZOOM = 8

__all__ = ["BASE", "CELLS", "area_feature", "disclosure", "statement"]
"""Figures that tests of the site use too."""


def collections() -> dict[str, list[dict[str, Any]]]:
    offices = {"SED-1": "Sportello", "SED-2": "Nido"}
    people = [
        point(cell, {"id": cell, "h3": cell, "residenti": lived([cell])})
        for of in CELLS
        for cell in of
    ]
    return {
        "bisogni_r8": [area_feature(cells) for cells in BASE],
        "bisogni_r7": [area_feature(cells) for cells in CELLS],
        "voti_sedi": [
            unit_feature("SED-1", offices["SED-1"], 7, 12),
            unit_feature("SED-2", offices["SED-2"], 20, 3),
        ],
        "popolazione": people,
        **tiny_supply.collections(),
        **tiny_places.collections(),
    }


def schema_of(features: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for name in features[0]["properties"]:
        values = [f["properties"][name] for f in features if f["properties"][name] is not None]
        kinds = {int: "integer", float: "number", bool: "boolean"}
        kind = kinds.get(type(values[0]) if values else str, "string")
        ends = ("", "_min", "_max")
        kind = "integer" if name in {c + e for c in (*COUNTS, *ESTIMATED) for e in ends} else kind
        kind = "integer" if name == "posti_liberi" else kind
        kind = "number" if name.startswith("tasso") else kind
        said: dict[str, Any] = {"type": kind}
        if name.startswith("periodo"):
            said["format"] = "date"
        codes = STATES if name.endswith("stato") else ["A", "B"] if name == "mediana" else None
        codes = ["0-4"] if name.endswith("_fascia") else codes
        codes = ["cella", "gruppo"] if name == "tipo_area" else codes
        if codes:
            said["oneOf"] = [{"const": code, "title": f"Codice {code}"} for code in codes]
        found[name] = said
    return {"properties": found}


@dataclass
class TinySite:
    """A site in memory. `answers` by path; `spoil` may change an answer as it is given."""

    answers: dict[str, Answer]
    root: str = ROOT
    asked: int = 0
    times: dict[str, int] = field(default_factory=dict)
    spoil: Callable[[str, int, Answer], Answer] = lambda _path, _time, answer: answer

    def close(self) -> None:
        pass

    def get(self, path, accept=None, lang=None, headers=None, method="GET") -> Answer:  # noqa: ARG002 - one format
        path = path.removeprefix(ROOT)
        self.asked += 1
        self.times[path] = self.times.get(path, 0) + 1
        language = f"{path}#{lang}" if f"{path}#{lang}" in self.answers else path
        answer = self.answers.get(language, Answer(404, {}, b""))
        if (headers or {}).get("If-None-Match") == answer.headers.get("etag", ""):
            answer = Answer(304, answer.headers, b"")
        answer = self.spoil(path, self.times[path], answer)
        return replace(answer, body=b"") if method == "HEAD" else answer


def tiny_site(
    given: dict[str, list[dict[str, Any]]] | None = None,
    said: dict[str, Any] | None = None,
) -> TinySite:
    """Serve collections (GeoJSON features by id) under a disclosure statement."""
    given = given or collections()
    answers: dict[str, Answer] = {}
    rels = {"data": "collections", "disclosure": "disclosure", "version-history": "releases"}
    answers[""] = document({}, rels)
    answers["disclosure"] = ok(json.dumps(said or disclosure()).encode())
    answers["releases"] = document({"releases": [{"id": "r1", "current": True}]}, {})
    listed = []
    for ident, features in given.items():
        base = f"collections/{ident}"
        rels = {"schema": f"{base}/schema", "items": f"{base}/items", "styles": f"styles/{ident}"}
        tiled = ident.startswith("bisogni_r")
        rels |= {"enclosure": f"download/{ident}.parquet"}
        rels |= {"related": f"xyz/{ident}.json"} if tiled else {}
        listed.append({"id": ident, "links": linked(rels), "extent": extent(features)})
        answers[f"{base}/schema"] = document(schema_of(features), {})
        answers |= items(base, features)
        style = {"layers": [{"filter": ["has", "n_a"]}] if tiled else []}
        answers[f"styles/{ident}"] = document(style, {})
        answers[f"download/{ident}.parquet"] = ok(parquet(features))
        answers |= tiles(ident, features) if tiled else {}
    answers["collections"] = document({"collections": listed}, {})
    return TinySite(answers)


def audited(site: TinySite) -> Published:
    return collect(site)


def extent(features: list[dict[str, Any]]) -> dict[str, Any]:
    shapes = [shapely.geometry.shape(f["geometry"]) for f in features if f["geometry"]]
    box = shapely.total_bounds(shapes or [shapely.Point(8.4, 45.3)])
    return {"spatial": {"bbox": [box.tolist()]}}


def linked(rels: dict[str, str]) -> list[dict[str, str]]:
    return [{"rel": rel, "href": ROOT + path, "type": "json"} for rel, path in rels.items()]


def document(content: dict[str, Any], rels: dict[str, str]) -> Answer:
    return ok(json.dumps(content | {"links": linked(rels)}).encode())


def ok(body: bytes) -> Answer:
    return Answer(200, {"etag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'}, body)


def items(base: str, features: list[dict[str, Any]]) -> dict[str, Answer]:
    """Return two pages of items, and every feature by itself."""
    half = max(1, len(features) // 2)

    def page(shown: list[dict[str, Any]], rels: dict[str, str]) -> Answer:
        return document({"numberMatched": len(features), "features": shown}, rels)

    return {
        f"{base}/items": page(features[:half], {"next": f"{base}/items?offset={half}"}),
        f"{base}/items?offset={half}": page(features[half:], {}),
        **{f"{base}/items/{f['id']}": ok(json.dumps(f).encode()) for f in features},
    }


def parquet(features: list[dict[str, Any]]) -> bytes:
    columns = {
        name: [f["properties"][name] for f in features] for name in features[0]["properties"]
    }
    given = [f["geometry"] for f in features]
    shapes = [g and shapely.to_wkb(shapely.geometry.shape(g)) for g in given]
    target = io.BytesIO()
    pq.write_table(pa.table({**columns, "geometry": pa.array(shapes, pa.binary())}), target)
    return target.getvalue()


def tiles(ident: str, features: list[dict[str, Any]]) -> dict[str, Answer]:
    """Return TileJSON and the tiles of one zoom."""
    west, south, east, north = extent(features)["spatial"]["bbox"][0]
    names = dict.fromkeys(features[0]["properties"], "String")
    said = {
        "tilejson": "3.0.0",
        "tiles": [f"{ROOT}xyz/{ident}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": ZOOM,
        "maxzoom": ZOOM,
        "bounds": [west, south, east, north],
        "vector_layers": [{"id": ident, "fields": names}],
    }
    found = {f"xyz/{ident}.json": document(said, {})}
    for key, address in addressed(said):
        path = address.removeprefix(ROOT)
        found[path] = ok(tile(ident, features, key))
    return found


def tile(ident: str, features: list[dict[str, Any]], key: tuple[int, int, int]) -> bytes:
    """Return a tile as a release has it, with the layer and the features that are given."""
    return encode(ident, drawn(features, key))


def drawn(features: list[dict[str, Any]], key: tuple[int, int, int]) -> list[TileFeature]:
    """Return the areas that touch a tile, cut and rounded as in a release."""
    zoom, column, row = key
    shapes = [shapely.geometry.shape(f["geometry"]) for f in features]
    frame = gpd.GeoDataFrame({"id": [f["id"] for f in features]}, geometry=shapes)
    order = row_order(frame).tolist()
    features, shapes = [features[at] for at in order], [shapes[at] for at in order]
    within = tile_range(tuple(shapely.total_bounds(shapes)), zoom)
    cut = cut_at(shapes, within)
    return [
        TileFeature(
            None,
            tags(features[at]["properties"].items()),
            **shape,
        )
        for at, shape in cut.get((column, row), [])
    ]
