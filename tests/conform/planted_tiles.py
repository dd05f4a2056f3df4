"""Faults against OGC API Tiles and OGC Two Dimensional Tile Matrix Set."""

from __future__ import annotations

import re
from dataclasses import replace

from faulty import Fault, asking, body, each, edit, header, parameters, status, unlinked

from checks.conform.tiles_sets import OGC, TILESETS

_TILE = r"/tiles(/\w+)?/WebMercatorQuad/\d+/\d+/\d+$"
_SET = r"/tiles(/\w+)?/WebMercatorQuad$"
_LIST = r"/tiles$"
_GRID = r"^/tileMatrixSets/WebMercatorQuad$"
_API = r"^/api"
_FINEST = r"^/collections/\w+/tiles/WebMercatorQuad/1[0-9]/\d+/\d+$"
_LANDING = r"^/$"


def item(change):
    return each(lambda thing: thing.get("rel") == "item" and change(thing))


def limits(change):
    return edit(lambda d: [change(one) for one in d["tileMatrixSetLimits"]])


def matrices(change):
    return edit(lambda d: [change(one) for one in d["tileMatrices"]])


def bytes_of(change):
    """Change the bytes of tiles that are not empty."""
    return lambda answer: replace(answer, body=change(answer.body)) if answer.body else answer


def moved(rows: int, cols: int):
    """Answer with another tile."""

    def ask(asked):
        head, row, col = asked.url.rsplit("/", 2)
        return replace(asked, url=f"{head}/{int(row) + rows}/{int(col) + cols}")

    return ask


def within(answer):
    return replace(answer, status=204, body=b"")


def of_other(answer):
    """Rename a text value: the tile is valid, but not what the items say."""
    return replace(answer, body=answer.body.replace(b"2023-12-31", b"2023-12-30"))


def renamed(answer):
    """Rename the features of a tile."""
    return replace(answer, body=re.sub(rb"861f|871f|881f|p(?=\d)", _other, answer.body))


def _other(found):
    return b"x" * len(found.group())


def first_only(document):
    document["tilesets"] = []


def named(old, new):
    return parameters(lambda p: p.update(name=new), old)


def paths(change):
    return edit(lambda d: change(d["paths"]))


def operations(change):
    return paths(lambda p: [change(o["get"]) for path, o in p.items() if "/tiles" in path])


def gone(pattern):
    def change(found):
        for path in [path for path in found if re.search(pattern, path)]:
            del found[path]

    return paths(change)


CORE = [
    Fault("core/req/core/conformance-success", "/conformance", body("conf/tileset", "x")),
    Fault("core/req/core/conformance-success", "/conformance", body("conf/geodata", "x")),
    Fault("core/req/core/tc-op", _TILE, status(404)),
    Fault("core/req/core/tc-op", _SET, body("{tileRow}", "{row}")),
    Fault("core/req/core/tc-op", _SET, limits(lambda one: one.update(tileMatrix="99"))),
    Fault("core/req/core/tc-success", _TILE, header("content-type", "image/png")),
    Fault("core/req/core/tc-success", _TILE, within),
    Fault("core/req/core/tc-success", _TILE, bytes_of(lambda _raw: b"")),
    Fault("core/req/core/tc-success", _TILE, bytes_of(lambda raw: raw[:-1])),
    Fault("core/req/core/tc-error", r"/nobodysmatrix/", status(200)),
    Fault("core/req/core/tc-error", r"/-1/\d+$", status(200)),
    Fault("core/req/core/tc-error", r"/\d+/-1$", status(500)),
    Fault("core/req/core/tc-error", _TILE, lambda a: replace(a, status=204)),
    Fault("core/req/core/tc-tilematrix-definition", _API, named("tileMatrix", "z")),
    Fault("core/req/core/tc-tilerow-definition", _API, named("tileRow", "y")),
    Fault("core/req/core/tc-tilecol-definition", _API, named("tileCol", "x")),
    Fault("core/req/core/tc-tilecol-definition", _API,
          parameters(lambda p: p["schema"].update(type="string"), "tileCol")),
]  # fmt: skip

DOCUMENTS = [
    Fault("tileset/req/tileset/description", _SET, edit(lambda d: d.pop("dataType"))),
    Fault("tileset/req/tileset/description", _SET, edit(lambda d: d.pop("tileMatrixSetURI"))),
    Fault("tileset/req/tileset/description", _SET, unlinked(f"{OGC}tiling-scheme")),
    Fault("tileset/req/tileset/description", _GRID, status(404)),
    Fault("tileset/req/tileset/description", _SET, item(lambda link: link.pop("templated"))),
    Fault("tileset/req/tileset/description", _SET, body("{tileCol}", "{col}")),
    Fault("tileset/plus/tileset/tilejson", r"^/xyz/\w+\.json", edit(lambda d: d.update(maxzoom=3))),
    Fault("tileset/plus/tileset/tilejson", r"^/xyz/\w+\.json", edit(lambda d: d.pop("tiles"))),
    Fault("tileset/plus/tileset/tilejson", r"^/xyz/\w+\.json",
          edit(lambda d: d.pop("vector_layers"))),
    Fault("tileset/plus/tileset/tilejson", r"^/xyz/\w+\.json",
          edit(lambda d: d["vector_layers"][0]["fields"].clear())),
    Fault("tileset/plus/tileset/tilejson", r"^/xyz/\w+/\d", bytes_of(lambda _raw: b"")),
    Fault("tilesets-list/req/tilesets-list/tileset-path", _LIST, status(500)),
    Fault("tilesets-list/req/tilesets-list/tileset-links", _LIST,
          each(lambda t: "dataType" in t and t.pop("crs"))),
    Fault("tilesets-list/req/tilesets-list/tileset-links", _LIST, unlinked("self")),
    Fault("tilesets-list/req/tilesets-list/tileset-links", _LIST,
          unlinked(f"{OGC}tiling-scheme")),
    Fault("tilesets-list/req/tilesets-list/tileset-links", _SET,
          edit(lambda d: d.update(dataType="map"))),
    Fault("dataset-tilesets/req/dataset-tilesets/landingpage", _LANDING, unlinked(*TILESETS)),
    Fault("dataset-tilesets/req/dataset-tilesets/landingpage", r"^/tiles$", status(404)),
    Fault("dataset-tilesets/req/dataset-tilesets/operation", r"^/tiles$", edit(first_only)),
    Fault("dataset-tilesets/req/dataset-tilesets/operation", _LANDING, body("atlante/tiles", "x")),
    Fault("geodata-tilesets/req/geodata-tilesets/desc-links", r"^/collections$",
          unlinked(*TILESETS)),
    Fault("geodata-tilesets/req/geodata-tilesets/desc-links", r"^/collections/\w+$",
          unlinked(*TILESETS)),
    Fault("geodata-tilesets/req/geodata-tilesets/operation", r"^/collections/\w+/tiles$",
          edit(first_only)),
]  # fmt: skip

CONTENT = [
    Fault("mvt/req/mvt/content", _TILE, bytes_of(lambda raw: raw + raw)),
    Fault("mvt/req/mvt/content", _TILE, bytes_of(lambda raw: b"<svg/>" + raw)),
    Fault("mvt/req/mvt/content", _TILE, header("content-type", "application/x-protobuf")),
    Fault("mvt/req/mvt/content", _FINEST, ask=moved(0, 1)),
    Fault("mvt/plus/mvt/items", _FINEST, bytes_of(lambda _raw: b"")),
    Fault("mvt/plus/mvt/items", _FINEST, renamed),
    Fault("mvt/plus/mvt/items", _FINEST, of_other),
]

SELECTION = [
    Fault("collections-selection/req/collections-selection/query-collections", r"\?collections=",
          status(400)),
    Fault("collections-selection/req/collections-selection/collections-response",
          r"WebMercatorQuad\?collections=",
          ask=asking(lambda q: {k: v for k, v in q.items() if k != "collections"})),
    Fault("collections-selection/req/collections-selection/collections-response",
          r"/\d+/\d+\?collections=",
          ask=asking(lambda q: {k: v for k, v in q.items() if k != "collections"})),
    Fault("collections-selection/req/collections-selection/collections-response",
          r"/\d+/\d+\?collections=\w+,",
          ask=asking(lambda q: {"collections": ",".join(sorted(q["collections"].split(",")))})),
    Fault("oas30/req/oas30/completeness", _API, gone(r"^/tiles$")),
    Fault("oas30/req/oas30/completeness", _API, gone(r"/WebMercatorQuad/")),
    Fault("oas30/req/oas30/operation-id", _API,
          operations(lambda o: o.update(operationId=f"{o['operationId']}X"))),
]  # fmt: skip

GRIDS = [
    Fault("tilematrixset/req/tilematrixset/model", _GRID,
          matrices(lambda m: m.update(scaleDenominator=m["scaleDenominator"] * 2))),
    Fault("tilematrixset/req/tilematrixset/model", _GRID,
          matrices(lambda m: m.update(pointOfOrigin=[0, 0]))),
    Fault("tilematrixset/req/tilematrixset/model", _GRID,
          edit(lambda d: d["tileMatrices"].reverse())),
    Fault("tilematrixset/req/tilematrixset/model", _GRID, matrices(lambda m: m.update(id="0"))),
    Fault("tilesetmetadata/req/tilesetmetadata/model", _SET,
          edit(lambda d: d.update(dataType="x"))),
    Fault("tilesetmetadata/req/tilesetmetadata/model", _SET,
          edit(lambda d: d["boundingBox"].update(lowerLeft=[90, 89]))),
    Fault("tilesetmetadata/req/tilesetmetadata/model", _SET,
          edit(lambda d: d["layers"][0].update(maxTileMatrix="99"))),
    Fault("tilesetmetadata/req/tilesetmetadata/identifier", _SET, unlinked(f"{OGC}tiling-scheme")),
    Fault("tilematrixsetlimits/req/tilematrixsetlimits/model", _SET,
          limits(lambda one: one.update(tileMatrix="7"))),
    Fault("tilematrixsetlimits/req/tilematrixsetlimits/model", _SET,
          limits(lambda one: one.update(maxTileRow=1 << 30))),
    Fault("tilematrixsetlimits/req/tilematrixsetlimits/model", _SET,
          limits(lambda one: one.update(minTileCol=one["maxTileCol"] + 1))),
    Fault("json-tilematrixset/req/json-tilematrixset/ietf", _GRID, body("^{", '{"id":"x",')),
    Fault("json-tilematrixset/req/json-tilematrixset/schema", _GRID,
          matrices(lambda m: m.update(tileWidth="256"))),
    Fault("json-tilematrixset/req/json-tilematrixset/media-type", _GRID,
          header("content-type", "text/plain")),
    Fault("json-tilesetmetadata/req/json-tilesetmetadata/ietf", _SET, body("^{", '{"crs":"x",')),
    Fault("json-tilesetmetadata/req/json-tilesetmetadata/schema", _SET,
          edit(lambda d: d.update(links="none"))),
    Fault("json-tilesetmetadata/req/json-tilesetmetadata/media-type", _SET,
          header("content-type", "text/plain")),
    Fault("json-tilematrixsetlimits/req/json-tilematrixsetlimits/ietf", _SET,
          body("^{", '{"crs":"x",')),
    Fault("json-tilematrixsetlimits/req/json-tilematrixsetlimits/schema", _SET,
          limits(lambda one: one.update(minTileRow="0"))),
]  # fmt: skip

FAULTS = [*CORE, *DOCUMENTS, *CONTENT, *SELECTION, *GRIDS]
