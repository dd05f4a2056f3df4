"""Tests of OGC API DGGS, Part 1: the documents about grids and zones, and where they are linked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shapely.geometry import Point, box, shape

from checks.conform.definition import path_below
from checks.conform.dggs_sets import (
    BASE,
    DEFINITION,
    DGGRS,
    INFO,
    LIST,
    Dggrs,
    grids,
    is_whole,
    linked,
    lists,
    zones_of,
)
from checks.conform.dggs_zone import CHILD, NEIGHBOUR, PARENT
from checks.conform.forms import LINKS, TEXT, array, form, require_form
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Json, Service, links_of
from checks.conform.shapes import geometry_problem
from checks.conform.tiles_sets import relations

core = conformance_class(f"{BASE}core")
root_dggs = conformance_class(f"{BASE}root-dggs")
collection_dggs = conformance_class(f"{BASE}collection-dggs")
operation_ids = conformance_class(f"{BASE}operation-ids")

_ITEM: Final = form("id title links", id=TEXT, title=TEXT, uri=TEXT, links=LINKS)
_LIST: Final = form("dggrs", dggrs=array(_ITEM, minItems=1), links=LINKS)
_TEMPLATES: Final = array(form("uriTemplate rel", uriTemplate=TEXT, rel=TEXT))
_GRID: Final = form(
    "id title description links linkTemplates",
    id=TEXT,
    title=TEXT,
    description=TEXT,
    uri=TEXT,
    links=LINKS,
    linkTemplates=_TEMPLATES,
)
_SAID: Final = form("description", description=TEXT)
_DIMENSIONS: Final = form(
    "spatialDimensions temporalDimensions",
    spatialDimensions={"type": "integer"},
    temporalDimensions={"type": "integer"},
    refinementRatio={"type": "integer"},
    zoneTypes=array(TEXT),
    refinementStrategy=array(TEXT),
)
DEFINED: Final = form(
    "dggh zirs subZoneOrder",
    title=TEXT,
    description=TEXT,
    uri=TEXT,
    dggh={"type": "object", "properties": {"definition": _DIMENSIONS}},
    zirs=form("textZIRS", textZIRS=_SAID, uint64ZIRS=_SAID),
    subZoneOrder=_SAID,
)
"""Definition of a grid: what annex B of the standard asks for."""
UNKNOWN_ZONES: Final = ("nobodyszone", "zz-00", "%C3%A8")
_GEODATA: Final = relations("geodata")
_DATASET: Final = relations("dataset")


@core("/req/core/dggrs-list", "L'elenco delle griglie porta a ognuna e alla sua definizione")
def dggrs_list(service: Service) -> str:
    """The list of grids leads to each of them and to its definition."""
    found = lists(service)
    expected = f"a link {LIST[2]} on the landing page or a collection"
    require(found, service.ask("/"), expected, [k.get("rel") for k in links_of(service.landing)])
    seen = 0
    for answer in found.values():
        document = object_of(answer)
        path = answer.asked.url.partition("?")[0]
        require(path.endswith("/dggs"), answer, "an address that ends in /dggs", path)
        require_form(answer, document, _LIST, "a list of grids")
        for item in document["dggrs"]:
            for rels in (("self",), DEFINITION):
                require(links_of(item, *rels), answer, f"a link {rels[-1]}", links_of(item))
            own = service.ask(str(links_of(item, "self")[0]["href"]))
            for name in ("id", "title", "uri"):
                there = object_of(own).get(name)
                require(there == item.get(name), own, f"{name}: {item.get(name)}", there)
            seen += 1
    return f"{seen} griglie / grids, {len(found)} elenchi / lists"


@core("/req/core/dggrs-description", "La descrizione di una griglia è completa")
def dggrs_description(service: Service) -> str:
    """The description of a grid is complete."""
    for one in grids(service):
        answer = one.answer
        document = object_of(answer)
        require_form(answer, document, _GRID, "a grid")
        here = one.home.rpartition("/")[2]
        require(document["id"] == here, answer, f"id: {here}", document["id"])
        for rels in (("self",), DEFINITION):
            require(links_of(document, *rels), answer, f"a link {rels[-1]}", links_of(document))
        template = one.template(INFO)
        wanted = template is not None and "{zoneId}" in template
        require(wanted, answer, f"a template {INFO[2]} with {{zoneId}}", template)
        for name in ("title", "description"):
            require(document[name].strip(), answer, f"a {name}", document[name])
        crs = document.get("crs")
        require(crs is None or isinstance(crs, str | dict), answer, "a CRS", crs)
    defined = _definitions(service)
    return f"{len(grids(service))} griglie / grids, {defined} definizioni / definitions"


def _definitions(service: Service) -> int:
    """Raise `Failed` unless definitions on this host have their form; how many there are."""
    here = service.client.root
    found = {
        str(link["href"]) for one in grids(service) for link in links_of(one.document, *DEFINITION)
    }
    own = sorted(address for address in found if address.startswith((here, "/")))
    for address in own:
        answer = service.ask(address)
        require_form(answer, object_of(answer), DEFINED, "a definition of a grid")
    return len(own)


@core("/req/core/zone-info", "Ogni zona dice di sé; una che non c'è è rifiutata")
def zone_info(service: Service) -> str:
    """Every zone tells of itself; one that does not exist is refused."""
    seen = 0
    for one in grids(service):
        for zone in _known(one):
            answer = require_status(one.info(zone), 200)
            document = object_of(answer)
            require(document.get("id") == zone, answer, f"id: {zone}", document.get("id"))
            links = links_of(document, *DGGRS)
            require(links, answer, f"a link {DGGRS[2]}", links_of(document))
            back = service.client.address(str(links[0]["href"])).partition("?")[0]
            there = service.client.address(one.home)
            require(back.rstrip("/") == there, answer, f"{DGGRS[2]}: {there}", back)
            _require_likely(answer, document)
            seen += 1
        for zone in UNKNOWN_ZONES:
            require_status(one.info(zone), 400, 404)
    skip_unless(seen, "nessuna zona nota / no zone is known")
    return f"{seen} zone / zones"


def _known(one: Dggrs) -> list[str]:
    """Return zones that there are: some with data, and the parent of one."""
    some = one.some()
    parents = one.parents(1) if one.level > 0 else []
    return [*some, *parents]


def _require_likely(answer: Answer, document: Json) -> None:
    """Raise `Failed` where what a zone tells does not fit together."""
    for name in ("areaMetersSquare", "areaMetersSquareWithData"):
        area = document.get(name)
        positive = isinstance(area, int | float) and area > 0
        require(area is None or positive, answer, f"a positive {name}", area)
    level = document.get("level")
    require(level is None or is_whole(level), answer, "level: a whole number", level)
    centre, bounds = document.get("centroid"), document.get("bbox")
    geometry = document.get("geometry")
    if geometry is not None:
        problem = geometry_problem(geometry)
        require(problem is None, answer, "a geometry of GeoJSON", problem)
    if centre is not None and bounds is not None and len(bounds) == 4:
        inside = bounds[2] < bounds[0] or box(*bounds).contains(Point(centre))
        require(inside, answer, "a bbox round the centroid", (centre, bounds))
    if centre is not None and geometry is not None:
        inside = shape(geometry).buffer(1e-9).contains(Point(centre))
        require(inside, answer, "a geometry round the centroid", (centre, geometry))


@core("/rec/core/robots-txt", "robots.txt sconsiglia di percorrere le zone")
def robots(service: Service) -> str:
    """The file robots.txt asks not to crawl the zones."""
    answer = service.ask(f"{service.client.root.partition('://')[0]}://{_host(service)}/robots.txt")
    skip_unless(answer.status == 200, "nessun robots.txt / no robots.txt")
    lines = [line.strip() for line in answer.body.decode(errors="replace").splitlines()]
    named = [line for line in lines if line.lower().startswith("disallow:") and "/dggs/" in line]
    skip_unless(named, "raccomandazione non seguita / recommendation not followed")
    return "; ".join(named)


def _host(service: Service) -> str:
    return service.client.root.partition("://")[2].partition("/")[0]


@root_dggs("/req/root-dggs/dggs", "La pagina iniziale porta alle griglie, e queste a essa")
def root(service: Service) -> str:
    """The landing page leads to the grids, and they lead back."""
    links = links_of(service.landing, *LIST)
    rels = [link.get("rel") for link in links_of(service.landing)]
    require(links, service.ask("/"), f"a link {LIST[2]}", rels)
    address = service.client.address(str(links[0]["href"])).partition("?")[0]
    wanted = service.client.address("/dggs")
    require(address == wanted, service.ask("/"), f"{LIST[2]}: {wanted}", address)
    found = [one for one in grids(service) if not one.origin]
    require(found, f"GET {wanted}", "a grid", "none")
    data = {f"{BASE}{name}" for name in ("data-retrieval", "zone-query")} & service.declared
    for answer in (lists(service)[""], *(one.answer for one in found)) if data else ():
        _require_back(answer, _DATASET, service.client.root)
    for one in found:
        _require_all(one)
    return f"{len(found)} griglie / grids"


@collection_dggs(
    "/req/collection-dggs/dggs", "Le raccolte portano alle loro griglie, e queste a esse"
)
def collection(service: Service) -> str:
    """The collections lead to their grids, and these lead back."""
    found = [one for one in grids(service) if one.origin]
    require(found, service.ask("/collections"), f"a collection with a link {LIST[2]}", "none")
    named = [c["id"] for c in linked(service) if links_of(c, *LIST)]
    for one in found:
        answer = service.ask(f"/collections/{one.origin}")
        links = links_of(object_of(answer), *LIST)
        rels = [link.get("rel") for link in links_of(object_of(answer))]
        require(links and one.origin in named, answer, f"a link {LIST[2]}", rels)
        home = service.client.address(f"/collections/{one.origin}")
        address = service.client.address(str(links[0]["href"])).partition("?")[0]
        require(address == f"{home}/dggs", answer, f"{LIST[2]}: {home}/dggs", address)
        for back in (lists(service)[one.origin], one.answer):
            _require_back(back, _GEODATA, home)
        _require_all(one)
    return f"{len(found)} griglie / grids, {len(named)} raccolte / collections"


def _require_back(answer: Answer, rels: tuple[str, ...], home: str) -> None:
    """Raise `Failed` unless a document leads back to where it belongs."""
    links = links_of(object_of(answer), *rels)
    require(links, answer, f"a link {rels[2]}", links_of(object_of(answer)))
    addresses = [str(link["href"]).partition("?")[0].rstrip("/") for link in links]
    near = any(home.endswith(address) and address for address in addresses)
    require(near or "" in addresses, answer, f"{rels[2]}: {home}", addresses)


def _require_all(one: Dggrs) -> None:
    """Raise `Failed` unless a grid answers all that the declared classes ask for."""
    declared = one.service.declared
    zone = one.some(1)[0]
    require_status(one.info(zone), 200)
    if f"{BASE}zone-query" in declared:
        zones_of(require_status(one.ask_zones(), 200))
    if f"{BASE}data-retrieval" in declared:
        require_status(one.data(zone), 200)


def _operations(one: Dggrs) -> Iterator[tuple[str, str]]:
    """Yield name and address of each resource of a grid."""
    zone = one.some(1)[0]
    yield "getDGGRSList", one.home.rpartition("/")[0]
    yield "getDGGRS", one.home
    yield "getDGGRSZoneInfo", one.info(zone).asked.url
    if f"{BASE}zone-query" in one.service.declared:
        yield "getDGGRSZones", one.zones_address.partition("?")[0]
    if f"{BASE}data-retrieval" in one.service.declared:
        yield "getDGGRSZoneData", one.data(zone).asked.url


@operation_ids("/req/operation-ids/operation-ids", "La definizione dà alle operazioni il loro nome")
def operations(service: Service) -> str:
    """The definition gives operations the names they must have."""
    seen = set()
    for one in grids(service):
        for resource, address in _operations(one):
            path = path_below(service.client.address(address), service.client.root)
            operation = service.definition.operation(path)
            answer = service.definition.answer
            require(operation is not None, answer, f"{path} ({resource})", "no such path")
            suffix = f"{'collection' if one.origin else 'dataset'}.{resource}"
            found = str((operation or {}).get("operationId"))
            ends = found == suffix or found.endswith(f".{suffix}")
            require(ends, answer, f"{path}: …{suffix}", found)
            seen.add(found)
    return ", ".join(sorted(seen))


@core("/plus/core/geometry", "La forma di una zona è quella della griglia")
def geometry(service: Service) -> str:
    """The shape of a zone is that of the grid, and so are its relatives."""
    seen = 0
    for one in [one for one in grids(service) if one.hierarchy.is_known]:
        far = [zone for zone in one.hierarchy.odd(one.level) if one.info(zone).status == 200]
        for zone in [*_known(one), *far]:
            answer = one.info(zone)
            document = object_of(answer)
            _require_shape(one, answer, document)
            _require_relatives(one, answer, document)
            seen += 1
    skip_unless(seen, "griglia che questo programma non conosce / a grid unknown to this program")
    return f"{seen} zone / zones"


def _require_shape(one: Dggrs, answer: Answer, document: Json) -> None:
    zone = str(document["id"])
    wanted = one.hierarchy.outline(zone)
    told = document.get("geometry")
    if told is not None:
        found = shape(told)
        off = found.symmetric_difference(wanted).area / wanted.area
        require(off < 1e-4, answer, f"the geometry of {zone}", f"{off:.1%} of it differs")
    kind, said = str(one.hierarchy.kind(zone)), document.get("shapeType")
    require(said in {None, kind}, answer, f"shapeType: {kind}", said)
    level = one.hierarchy.level(zone)
    require(document.get("level") in {None, level}, answer, f"level {level}", document.get("level"))


def _require_relatives(one: Dggrs, answer: Answer, document: Json) -> None:
    zone = str(document["id"])
    for rels, wanted in (
        (PARENT, {one.hierarchy.parent(zone)} if one.hierarchy.level(zone) else set()),
        (CHILD, set(one.hierarchy.children(zone))),
    ):
        links = links_of(document, *rels)
        found = {str(k["href"]).partition("?")[0].rpartition("/")[2] for k in links}
        require(found in (wanted, set()), answer, f"{rels[2]}: {sorted(wanted)}", sorted(found))
    links = links_of(document, *NEIGHBOUR)
    found = {str(k["href"]).partition("?")[0].rpartition("/")[2] for k in links}
    near, level = one.hierarchy.outline(zone).buffer(1e-9), one.hierarchy.level(zone)
    far = [
        other
        for other in found
        if one.hierarchy.level(other) != level or not one.hierarchy.outline(other).intersects(near)
    ]
    require(not far, answer, f"{NEIGHBOUR[2]}: zones beside {zone}", far)
