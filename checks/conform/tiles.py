"""Tests of OGC API Tiles, Part 1: its documents, and that tiles answer where they should."""

from __future__ import annotations

from typing import Final

from checks.conform.forms import LINKS, TEXT, Form, array, form, require_form
from checks.conform.http import Answer
from checks.conform.outcome import (
    Failed,
    object_of,
    require,
    require_status,
    skip_unless,
)
from checks.conform.registry import conformance_class
from checks.conform.service import Service, links_of, media_of
from checks.conform.tiles_sets import (
    MVT,
    SCHEME,
    TILESETS,
    VARIABLES,
    Tileset,
    layers_of,
    linked,
    lists,
    tilesets,
)

BASE: Final = "ogcapi-tiles-1/1.0/conf/"
GROUP: Final = f"{BASE}core"
core = conformance_class(GROUP)
tileset = conformance_class(f"{BASE}tileset")
tilesets_list = conformance_class(f"{BASE}tilesets-list")
dataset = conformance_class(f"{BASE}dataset-tilesets")
geodata = conformance_class(f"{BASE}geodata-tilesets")

NEEDS: Final = {
    "tileset": ("core",),
    "tilesets-list": ("tileset",),
    "dataset-tilesets": ("tilesets-list",),
    "geodata-tilesets": ("tilesets-list",),
    "mvt": ("core",),
    "collections-selection": ("core",),
    "oas30": ("core",),
}
"""Classes that a class depends on."""
_CRS: Final[Form] = {"anyOf": [TEXT, {"type": "object"}]}
ITEM: Final = form("dataType crs links", title=TEXT, dataType=TEXT, crs=_CRS, links=LINKS)
LIST: Final = form("tilesets", tilesets=array(ITEM), links=LINKS)
_REGISTERED: Final = "www.opengis.net/def/tilematrixset/OGC/1.0/"
_KNOWN: Final = ("WebMercatorQuad", "WorldCRS84Quad", "WorldMercatorWGS84Quad", "GNOSISGlobalGrid")


@core("/req/core/conformance-success", "Le classi dichiarate sono quelle che il servizio mostra")
def conformance_success(service: Service) -> str:
    """The declared classes are those that the service shows."""
    answer = service.ask("/conformance")
    declared = {name.removeprefix(BASE) for name in service.declared if name.startswith(BASE)}
    for name in sorted(declared & NEEDS.keys()):
        missing = [needed for needed in NEEDS[name] if needed not in declared]
        require(not missing, answer, f"…/{', '.join(missing)}, which {name} needs", declared)
    shown = {"dataset-tilesets"} if links_of(service.landing, *TILESETS) else set()
    shown |= {"geodata-tilesets"} if linked(service) else set()
    require(shown <= declared, answer, f"the linked classes {sorted(shown)}", sorted(declared))
    return f"classi / classes: {', '.join(sorted(declared))}"


@core("/req/core/tc-op", "Le tessere rispondono all'indirizzo fatto dal modello")
def tc_op(service: Service) -> str:
    """Tiles answer at the address that the template gives."""
    asked = 0
    for one in tilesets(service):
        left = [name for name in ("{", "}") if name in one.address_of("0", 0, 0)]
        require(not left, one.answer, f"a template with {VARIABLES}", one.item)
        known = one.grid.matrices
        for tiles in one.ranges:
            require(tiles.matrix in known, one.answer, "matrices of the grid", tiles.matrix)
            require_status(one.tile(tiles.matrix, *tiles.corners[-1]), 200, 204)
            asked += 1
    return f"{asked} tessere / tiles, {len(tilesets(service))} insiemi / tilesets"


@core("/req/core/tc-success", "Le tessere con dati hanno il tipo chiesto, e ciò che sta in esse")
def tc_success(service: Service) -> str:
    """Tiles with data are of the wanted type and hold what lies in them."""
    seen = 0
    for one in tilesets(service):
        for matrix, row, col in list(one.held())[:8]:
            answer = require_status(one.tile(matrix.id, row, col), 200)
            wanted = media_of(one.item) or answer.media
            require(answer.media == wanted, answer, wanted, answer.media)
            if answer.media == MVT:
                _require_inside(answer)
            seen += 1
    skip_unless(seen, "nessuna tessera con dati / no tile with data")
    return f"{seen} tessere con dati / tiles with data"


def _require_inside(answer: Answer) -> None:
    """Raise `Failed` unless each feature meets the tile, or its margin of an eighth."""
    layers = layers_of(answer)
    require(layers, answer, "features, as items lie here", "an empty tile")
    for layer in layers.values():
        margin = layer.extent // 8
        for feature in layer.features:
            west, north, east, south = feature.bounds or (0, 0, 0, 0)
            beyond = min(east, south) < -margin or max(west, north) > layer.extent + margin
            found = f"{layer.name}: {feature.id} at {feature.bounds}"
            require(not beyond, answer, "features that meet the tile", found)


@core("/req/core/tc-error", "Fuori dai limiti 404 o 400, dentro 200 (o 204 se vuota)")
def tc_error(service: Service) -> str:
    """Out of the limits 404 or 400, within them 200 (204 where empty)."""
    outside = inside = 0
    for one in tilesets(service):
        for tiles in one.ranges[:: max(1, len(one.ranges) - 1)]:
            for row, col in tiles.corners if one.is_limited else ():
                answer = require_status(one.tile(tiles.matrix, row, col), 200, 204)
                if answer.status == 200 and answer.media == MVT:
                    layers_of(answer)
                inside += 1
            rows, cols = tiles.rows, tiles.cols
            beyond = [(rows[1] + 1, cols[0]), (rows[0], cols[1] + 1), (-1, cols[0]), (rows[0], -1)]
            beyond += [(rows[0] - 1, cols[0]), (rows[0], cols[0] - 1), (1 << 40, 0)]
            for row, col in beyond:
                require_status(one.tile(tiles.matrix, row, col), 400, 404)
                outside += 1
        require_status(one.tile("nobodysmatrix", 0, 0), 400, 404)
    return f"{inside} dentro / inside, {outside} fuori / outside"


@tileset("/req/tileset/description", "La descrizione di un insieme è completa")
def description(service: Service) -> str:
    """The description of a tileset is complete."""
    for one in tilesets(service):
        answer = one.answer
        document = object_of(answer)
        require_form(answer, document, ITEM, "the metadata of a tileset")
        _require_registered(one, answer)
        schemes = links_of(document, *SCHEME)
        require(schemes, answer, f"a link {SCHEME[0]}", links_of(document))
        defined = service.ask(str(schemes[0]["href"]))
        require("tileMatrices" in object_of(defined), defined, "tileMatrices", defined.json)
        for link in links_of(document, "item"):
            wanted = all(name in str(link.get("href")) for name in VARIABLES)
            require(wanted, answer, f"a template with {VARIABLES}", link)
            require(link.get("templated") is True, answer, "templated: true", link)
        require(links_of(document, "item"), answer, "a link `item`", links_of(document))
    return f"{len(tilesets(service))} insiemi / tilesets"


def _require_registered(one: Tileset, answer: Answer) -> None:
    """Raise `Failed` where a registered grid is not named by its address."""
    uri = str(one.document.get("tileMatrixSetURI", ""))
    named = [known for known in _KNOWN if f"/tiles/{known}" in answer.asked.url]
    for known in named:
        found = f"tileMatrixSetURI: {uri}"
        require(uri.endswith(f"{_REGISTERED}{known}"), answer, f"…{_REGISTERED}{known}", found)


@tileset("/plus/tileset/tilejson", "Il TileJSON collegato dice gli stessi livelli e le stesse aree")
def tilejson(service: Service) -> str:
    """The linked TileJSON tells the same zooms, and its tiles answer."""
    seen = 0
    for one in tilesets(service):
        links = links_of(one.document, "alternate", "describedby")
        wanted = [k for k in links if "tilejson" in f"{k.get('type')}{k.get('title')}".lower()]
        for link in wanted[:1]:
            answer = service.ask(str(link["href"]))
            _require_tilejson(one, answer)
            seen += 1
    skip_unless(seen, "nessun TileJSON collegato / no TileJSON is linked")
    return f"{seen} TileJSON"


_TILEJSON: Final = form(
    "tilejson tiles",
    tilejson={"type": "string", "pattern": r"^[23]\.\d+\.\d+$"},
    tiles=array(TEXT, minItems=1),
    minzoom={"type": "integer", "minimum": 0, "maximum": 30},
    maxzoom={"type": "integer", "minimum": 0, "maximum": 30},
    bounds=array({"type": "number"}, minItems=4, maxItems=4),
    vector_layers=array(form("id fields", id=TEXT, fields={"type": "object"})),
)


def _require_tilejson(one: Tileset, answer: Answer) -> None:
    document = object_of(answer)
    require_form(answer, document, _TILEJSON, "a TileJSON")
    needed = {"vector_layers"} if one.is_mvt and document["tilejson"][0] == "3" else set()
    require(needed <= document.keys(), answer, "vector_layers", sorted(document))
    zooms = [tiles.matrix for tiles in one.ranges]
    told = (str(document.get("minzoom", 0)), str(document.get("maxzoom", 30)))
    require(told == (zooms[0], zooms[-1]), answer, f"zooms {zooms[0]}-{zooms[-1]}", told)
    tiles = one.ranges[-1]
    row, col = tiles.corners[-1]
    address = document["tiles"][0].replace("{z}", tiles.matrix)
    address = address.replace("{y}", str(row)).replace("{x}", str(col))
    tile = require_status(one.service.ask(address, accept=MVT), 200, 204)
    same = one.tile(tiles.matrix, row, col)
    require(tile.body == same.body, tile, f"the bytes of {same.asked.url}", f"{len(tile.body)} b")
    if tile.status == 200 and tile.media == MVT:
        known = {layer["id"]: layer["fields"] for layer in document.get("vector_layers", ())}
        for name, layer in layers_of(tile).items():
            keys = {key for feature in layer.features for key in feature.properties}
            unknown = keys - known.get(name, {}).keys()
            require(name in known and not unknown, answer, f"layer {name} and its fields", unknown)


@tilesets_list("/req/tilesets-list/tileset-path", "L'elenco degli insiemi sta a …/tiles")
def tileset_path(service: Service) -> str:
    """The list of tilesets is at …/tiles."""
    found = lists(service)
    skip_unless(found, "nessun elenco collegato / no list is linked")
    for answer in found.values():
        path = answer.asked.url.partition("?")[0]
        require(path.endswith("/tiles"), answer, "an address that ends in /tiles", path)
        require_status(answer, 200)
    return ", ".join(sorted(origin or "/" for origin in found))


@tilesets_list(
    "/req/tilesets-list/tileset-links", "L'elenco porta a ogni insieme e alla sua griglia"
)
def tileset_links(service: Service) -> str:
    """The list leads to every tileset and to its grid."""
    found = lists(service)
    skip_unless(found, "nessun elenco collegato / no list is linked")
    seen = 0
    for answer in found.values():
        document = object_of(answer)
        require_form(answer, document, LIST, "a list of tilesets")
        for item in document["tilesets"]:
            seen += 1
            for rels in (("self",), SCHEME):
                require(links_of(item, *rels), answer, f"a link {rels[0]}", links_of(item))
        for item in document["tilesets"][:4]:
            whole = service.ask(str(links_of(item, "self")[0]["href"]))
            for name in ("dataType", "crs", "tileMatrixSetURI"):
                there = object_of(whole).get(name)
                require(there == item.get(name), whole, f"{name}: {item.get(name)}", there)
    skip_unless(seen, "elenchi vuoti / the lists are empty")
    return f"{seen} insiemi / tilesets, {len(found)} elenchi / lists"


@dataset("/req/dataset-tilesets/landingpage", "La pagina iniziale porta agli insiemi di tessere")
def landingpage(service: Service) -> str:
    """The landing page leads to the tilesets."""
    links = links_of(service.landing, *TILESETS)
    rels = [link.get("rel") for link in links_of(service.landing)]
    require(links, service.ask("/"), f"a link {TILESETS[0]}, -map or -coverage", rels)
    for link in links:
        require_status(service.ask(str(link["href"])), 200)
    return ", ".join(str(link["href"]) for link in links)


@dataset("/req/dataset-tilesets/operation", "Sotto /tiles c'è almeno un insieme del servizio")
def dataset_operation(service: Service) -> str:
    """Below /tiles there is a tileset of the dataset at least."""
    answer = service.ask("/tiles")
    found = object_of(answer).get("tilesets")
    require(isinstance(found, list) and found, answer, "a tileset", found)
    linked_to = [
        service.client.address(str(k["href"])) for k in links_of(service.landing, *TILESETS)
    ]
    here = service.client.address("/tiles")
    require(here in [address.partition("?")[0] for address in linked_to], answer, here, linked_to)
    return f"{len(found or ())} insiemi / tilesets"


@geodata("/req/geodata-tilesets/desc-links", "Le raccolte portano ai loro insiemi di tessere")
def desc_links(service: Service) -> str:
    """The collections lead to their tilesets."""
    answer = service.ask("/collections")
    found = linked(service)
    require(found, answer, f"a collection with a link {TILESETS[0]}", "none")
    for collection in found[: service.sampled]:
        own = service.ask(f"/collections/{collection['id']}")
        rels = [link.get("rel") for link in links_of(object_of(own))]
        require(links_of(object_of(own), *TILESETS), own, f"a link {TILESETS[0]}", rels)
    return f"{len(found)} raccolte / collections"


@geodata("/req/geodata-tilesets/operation", "Gli insiemi di una raccolta stanno sotto la raccolta")
def geodata_operation(service: Service) -> str:
    """The tilesets of a collection are below the collection."""
    found = linked(service)[: service.sampled]
    skip_unless(found, "nessuna raccolta con tessere / no collection with tiles")
    for collection in found:
        answer = service.ask(f"/collections/{collection['id']}/tiles")
        listed = object_of(answer).get("tilesets")
        require(isinstance(listed, list) and listed, answer, "a tileset", listed)
    if not any(tileset.origin for tileset in tilesets(service)):
        raise Failed("GET …/tiles", "a tileset of a collection", "none")
    return f"{len(found)} raccolte / collections"
