"""One style, four renderers: the class at the middle of every feature is the same in all."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from checks.chromium import visit
from geo_core.model.mercator import metres
from geo_core.styling.legend import row_of, rows
from geo_core.styling.sprite import INKS

SIDE = 2400
PAPER = "#ff00ff"
"""Colour that no style has, on which everything is drawn."""
VALID = ("valido_dal", "valido_al")
SVG = "{http://www.w3.org/2000/svg}"
RENDERERS = ("QGIS, features", "QGIS, tiles", "MapLibre", "SVG")


def compared(release):
    """Return the collections of areas that have tiles."""
    tiled = {tileset.id for tileset in release.manifest.tilesets}
    return [
        info
        for info in release.manifest.collections
        if info.layer.geometry == "MultiPolygon" and info.layer.id in tiled
    ]


def middles(shapes):
    """Return a place well inside each shape, in EPSG:3857 metres, shape (n, 2).

    Where strips along borders cross, it lies off the crossing: which is on top is nobody's to say.
    """
    tree, own = shapely.STRtree(shapes), []
    for number, shape in enumerate(shapes):
        others = [i for i in tree.query(shape, predicate="overlaps") if i != number]
        alone = shapely.difference(shape, shapely.union_all(shapes[others])) if others else shape
        own.append(shape if alone.is_empty else alone)
    inner = shapely.get_point(shapely.maximum_inscribed_circle(own, tolerance=1e-4), 0)
    return metres(shapely.get_coordinates(inner))


@pytest.fixture(scope="module")
def wanted(demo_release):
    """Return by collection: its rows of the legend by id, its box, zooms and places to look at."""
    found = {}
    for info in compared(demo_release):
        style = demo_release.manifest.styles[info.layer.family]
        field = style.fields[0] if style.fields else None
        band = f"{field}_fascia" if style.band else None
        path = demo_release.path(f"collections/{info.layer.id}/features.parquet")
        columns = [c for c in ("id", field, band, "geometry") if c]
        columns += VALID if info.layer.current_only else ()
        day = demo_release.manifest.reference_date
        records = [
            r
            for r in pq.read_table(path, columns=columns).to_pylist()
            if r["geometry"] and (r.get(VALID[0]) or day) <= day <= (r.get(VALID[1]) or day)
        ]
        legend = rows(style)
        own = {
            r["id"]: row_of(legend, r.get(field), banded=band is not None and r[band] is not None)
            for r in records
        }
        shapes = shapely.from_wkb([r["geometry"] for r in records])
        places = middles(shapes)
        (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
        x, y, half = (west + east) / 2, (south + north) / 2, 0.52 * max(east - west, north - south)
        half = max(half, 2000.0)
        tileset = next(t for t in demo_release.manifest.tilesets if t.id == info.layer.id)
        found[info.layer.id] = {
            "rows": own,
            "box": [x - half, y - half, x + half, y + half],
            "zooms": [min(tileset.collections), max(tileset.collections)],
            "places": dict(zip((r["id"] for r in records), places.tolist(), strict=True)),
        }
    return found


@pytest.fixture(scope="module")
def in_qgis(qgis, wanted, demo_server, out, tmp_path_factory):
    path = tmp_path_factory.mktemp("parity") / "places.json"
    said = {k: {n: v for n, v in of.items() if n != "rows"} for k, of in wanted.items()}
    path.write_text(json.dumps(said), encoding="utf-8")
    return qgis("qgis_parity.py", demo_server.url, path, out, timeout=900)


DRAW = """async ([base, id, side, box, places]) => {
  const library = await import(document.querySelector("link[href*=maplibre]").href
    .replace(/maplibre-gl\\.css.*/, "maplibre-gl.js"));
  library.setWorkerUrl(document.querySelector("link[href*=maplibre]").href
    .replace(/maplibre-gl\\.css.*/, "maplibre-gl-worker.js"));
  const container = document.createElement("div");
  container.style.cssText = `position:fixed;left:0;top:0;width:${side}px;height:${side}px`;
  document.body.append(container);
  const half = 20037508.342789244;
  const degrees = ([x, y]) => [x / half * 180,
    Math.atan(Math.sinh(y / half * Math.PI)) * 180 / Math.PI];
  const style = await (await fetch(`${base}/styles/${id}?f=mapbox`)).json();
  style.layers.unshift({id: "paper", type: "background", paint: {"background-color": "#ff00ff"}});
  const map = new library.Map({container, style, attributionControl: false, pixelRatio: 2,
    fadeDuration: 0, canvasContextAttributes: {preserveDrawingBuffer: true, antialias: false},
    bounds: [degrees(box.slice(0, 2)), degrees(box.slice(2))], fitBoundsOptions: {padding: 0}});
  const warnings = [];
  map.on("error", (event) => warnings.push(String(event.error)));
  map.on("styleimagemissing", (event) => warnings.push(event.id));
  await map.once("idle");
  const gl = map.getCanvas().getContext("webgl2");
  const wide = 2 * side;
  const all = new Uint8Array(4 * wide * wide);
  gl.readPixels(0, 0, wide, wide, gl.RGBA, gl.UNSIGNED_BYTE, all);
  const seen = {};
  for (const [ident, place] of Object.entries(places)) {
    const {x, y} = map.project(degrees(place));
    // Where tiles meet a row of pixels is softened: the places beside it tell as well.
    seen[ident] = [[0, 0], [3, 3], [-3, 3], [3, -3], [-3, -3]].map(([dx, dy]) => {
      const at = 4 * ((wide - 1 - Math.floor(2 * y + dy)) * wide + Math.floor(2 * x + dx));
      return "#" + [0, 1, 2].map((i) => all[at + i].toString(16).padStart(2, "0")).join("");
    });
  }
  map.remove();
  container.remove();
  return {seen, warnings};
}"""


@pytest.fixture(scope="module")
def in_chromium(chromium, wanted, demo_server):
    with visit(chromium, width=SIDE // 2, height=SIDE // 2) as page:
        page.open_map(f"{demo_server.url}/embed/")
        return {
            name: page.page.evaluate(
                DRAW, [demo_server.url, name, SIDE // 2, of["box"], of["places"]]
            )
            for name, of in wanted.items()
        }


def in_svg(url, name):
    """Return how the picture of a collection fills each feature."""
    with urllib.request.urlopen(f"{url}/embed/{name}.svg", timeout=60) as answer:
        picture = ET.fromstring(answer.read())
    return {
        node.get("data-id"): group.get("fill")
        for group in picture.findall(f"{SVG}g")
        for node in group
        if node.get("data-id") is not None
    }


def told_apart(colour, style):
    """Return the row of a legend that a colour of a picture belongs to.

    A hatch is softened where its lines begin: any colour between them and the paper is of it.
    """
    legend = rows(style)
    if style.opacity < 1:  # such areas lie on each other, and have one class
        (row,) = legend
        return row if colour not in {"", PAPER} else None
    plain = [row for row in legend if row.hatch == "none" and near(colour, row.colour)]
    hatched = [row for row in legend if row.hatch != "none" and within(colour, row)]
    return next(iter([*plain, *hatched]), None)


def agrees(found, row, style):
    """Tell whether the colour in the middle of a feature, or most of those beside, is its row's."""
    every = [found] if isinstance(found, str) else found
    told = [told_apart(colour, style) for colour in every]
    right = [one is not None and row is not None and one.title == row.title for one in told]
    return right[0] or sum(right) > len(right) / 2


def within(colour, row):
    """Tell whether a colour is the pattern of a row, or lies between its two colours."""
    if not colour.startswith("#"):
        return colour == f"url(#{row.hatch}-{row.colour[1:]})"
    below, ink, seen = map(channels, (row.colour, INKS[row.hatch], colour))
    share = np.clip(np.dot(seen - below, ink - below) / np.dot(ink - below, ink - below), 0, 1)
    return bool(np.abs(below + share * (ink - below) - seen).max() <= 3)


def near(one, other):
    """Tell whether two colours are the same, to what rounding in a renderer leaves."""
    return one.startswith("#") and bool(np.abs(channels(one) - channels(other)).max() <= 2)


def channels(colour):
    """Return red, green and blue of `#rrggbb`, 0 to 255."""
    return np.array(list(bytes.fromhex(colour[1:])), dtype=float)


@pytest.fixture(scope="module")
def found(wanted, in_qgis, in_chromium, demo_server):
    """Return by collection and renderer the colour of each feature."""
    return {
        name: {
            "QGIS, features": in_qgis[name]["features"],
            "QGIS, tiles": in_qgis[name]["tiles"],
            "MapLibre": in_chromium[name]["seen"],
            "SVG": in_svg(demo_server.url, name),
        }
        for name in wanted
    }


def test_no_renderer_warns(in_qgis, in_chromium):
    for name, seen in in_qgis.items():
        assert seen["styled"], name
        assert not seen["warnings"], (name, seen["warnings"])
    assert {name: seen["warnings"] for name, seen in in_chromium.items() if seen["warnings"]} == {}


def test_every_renderer_gives_every_feature_its_class(wanted, found, demo_release, out):
    table, wrong = {}, []
    for name, of in wanted.items():
        style = demo_release.manifest.styles[demo_release.info(name).layer.family]
        table[name] = Counter()
        for renderer, colours in found[name].items():
            for ident, row in of["rows"].items():
                same = agrees(colours.get(ident, ""), row, style)
                table[name][renderer] += same
                if not same:
                    wrong.append((name, renderer, ident, colours.get(ident), row and row.colour))
    write_table(out / "parity.md", table, wanted)
    assert wrong == [], wrong[:20]


def write_table(path, table, wanted):
    """Write how many features of each collection have their class in each renderer."""
    lines = [f"| raccolta | oggetti | {' | '.join(RENDERERS)} |", "|---" * 6 + "|"]
    for name, counts in table.items():
        cells = " | ".join(str(counts[renderer]) for renderer in RENDERERS)
        lines.append(f"| {name} | {len(wanted[name]['rows'])} | {cells} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
