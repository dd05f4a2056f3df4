"""Documents about the grid and its zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
import shapely

from api.asked import Asked
from api.describe.links import Link, Said, link, self_links
from api.describe.schemas import property_of
from api.dggs.asked import MOST_DEPTH, level_of_zone
from api.dggs.definition import ADDRESS, CRS84, DESCRIPTION, GRID, TITLE
from api.dggs.origin import OfCollection, Origin
from api.dggs.status import MERGED, NO_DATA, PUBLISHED, STATUSES
from api.dggs.zones import NOWHERE, Area, Zones
from api.language import JSON, Media
from geo_core.model.cells import CellId, beside, centre, children, is_pentagon, parent
from geo_core.model.grid import FINEST, areas, outlines, places, within

type Json = dict[str, Any]

REL: Final = "[ogc-rel:{}]"
"""How OGC API - DGGS writes its relations."""

_DEFINITION: Final = Said("La definizione della griglia", "The definition of the grid")
_GRID: Final = Said("La griglia", "The grid")
_ZONES: Final = Said("L'elenco delle zone", "The list of zones")
_INFO: Final = Said("Una zona", "One zone")
_DATA: Final = Said("I dati di una zona", "The data of a zone")
_COLLECTION: Final = Said("La raccolta", "The collection")
_DATASET: Final = Said("Il servizio", "The service")
_QUERYABLES: Final = Said("Campi per i filtri", "Fields for filters")
_PARENT: Final = Said("La zona che la contiene", "The zone it belongs to")
_CHILD: Final = Said("Una zona più piccola", "A smaller zone")
_NEIGHBOUR: Final = Said("Una zona accanto", "A zone beside it")
_AREA: Final = Said("L'area pubblicata che la comprende", "The published area it lies in")


def rel(name: str) -> str:
    """Return a relation of OGC as a safe CURIE."""
    return REL.format(name)


def home(asked: Asked, origin: Origin) -> str:
    """Return the address of the grid at an origin."""
    return f"{asked.base}{origin.path}/dggs/{GRID}"


def grids(asked: Asked, origin: Origin, offered: tuple[Media, ...]) -> Json:
    """Return the list of grids: there is one."""
    title = TITLE.in_(asked.lang)
    return {
        "links": [*self_links(asked, offered), of_origin(asked, origin)],
        "dggrs": [
            {
                "id": GRID,
                "title": title,
                "links": [
                    link("self", home(asked, origin), JSON.type, title),
                    _definition(asked),
                ],
            }
        ],
    }


def grid(asked: Asked, origin: Origin, offered: tuple[Media, ...]) -> Json:
    """Return the description of the grid at an origin: levels, depths, how values are summed."""
    here, levels = home(asked, origin), origin.levels
    return {
        "id": GRID,
        "title": TITLE.in_(asked.lang),
        "description": DESCRIPTION.in_(asked.lang),
        "crs": CRS84,
        "defaultDepth": 0,
        "minRefinementLevel": min(levels),
        "maxRefinementLevel": max(levels),
        "maxRelativeDepth": MOST_DEPTH,
        "aggregation": {
            name: {"rule": field.aggregate, **({"weight": field.weight} if field.weight else {})}
            for name, field in origin.fields.items()
            if field.type in {"integer", "number"}
        },
        "statuses": list(STATUSES),
        "links": [
            *self_links(asked, offered),
            _definition(asked),
            link(rel("dggrs-zone-query"), f"{here}/zones", JSON.type, _ZONES.in_(asked.lang)),
            link(
                rel("queryables"),
                f"{asked.base}{queryables_of(origin)}",
                "application/schema+json",
                _QUERYABLES.in_(asked.lang),
            ),
            of_origin(asked, origin),
        ],
        "linkTemplates": [
            _template(asked, origin, "dggrs-zone-info", "", _INFO),
            _template(asked, origin, "dggrs-zone-data", "/data", _DATA),
        ],
    }


def queryables_of(origin: Origin) -> str:
    """Return the path of the schema of what a filter may name."""
    return f"{origin.path}/queryables" if origin.path else f"/dggs/{GRID}/queryables"


def queryables(asked: Asked, origin: Origin) -> Json:
    """Return what a filter on zones may name."""
    codes = asked.served.release.manifest.codelists
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": asked.url(),
        "type": "object",
        "title": TITLE.in_(asked.lang),
        "properties": {
            name: property_of(field, codes, asked.lang) for name, field in origin.fields.items()
        },
        "additionalProperties": False,
    }


def zone_list_links(asked: Asked, origin: Origin) -> list[Link]:
    """Return what a list of zones leads to."""
    return [
        link(rel("dggrs"), home(asked, origin), JSON.type, _GRID.in_(asked.lang)),
        _definition(asked),
        of_origin(asked, origin),
    ]


def data_template(asked: Asked, origin: Origin) -> Json:
    """Return the template of the address of a zone's data."""
    return _template(asked, origin, "dggrs-zone-data", "/data", _DATA)


def zone_info(
    asked: Asked, origin: Origin, zone: int, zones: Zones, offered: tuple[Media, ...]
) -> Json:
    """Return what is known of a zone; `zones` are those of its level."""
    (outline,) = outlines([zone])
    of = CellId(f"{zone:x}")
    return {
        "id": f"{zone:x}",
        "level": zones.level,
        "shapeType": "pentagon" if is_pentagon(of) else "hexagon",
        "crs": CRS84,
        "centroid": list(centre(of)),
        "bbox": list(outline.bounds),
        "areaMetersSquare": areas([zone]),
        "status": status_of(zones, zone),
        "geometry": orjson.Fragment(shapely.to_geojson(outline)),
        "links": [
            *self_links(asked, offered),
            link(rel("dggrs"), home(asked, origin), JSON.type, _GRID.in_(asked.lang)),
            _definition(asked),
            of_origin(asked, origin),
            *_data_link(asked, origin, zone, zones),
            *_relatives(asked, origin, zone),
            *(_area_link(asked, area) for area in areas_at(zones, zone) if area.collection),
        ],
    }


def as_feature(info: Json) -> Json:
    """Return what is known of a zone as a GeoJSON feature."""
    own = {name: value for name, value in info.items() if name not in {"geometry", "links"}}
    return {
        "type": "Feature",
        "id": info["id"],
        "geometry": info["geometry"],
        "properties": {"zoneID": info["id"], **own},
        "links": info["links"],
    }


def status_of(zones: Zones, zone: int) -> str:
    """Return whether a zone has figures of its own, lies in larger areas, or has none."""
    place = int(places(np.array([zone], dtype=np.uint64), zones.cells)[0])
    if place == NOWHERE:
        return STATUSES[NO_DATA]
    return STATUSES[PUBLISHED if zones.own[place] else MERGED]


def areas_at(zones: Zones, zone: int) -> list[Area]:
    """Return the areas that a zone without figures of its own lies in."""
    place = int(places(np.array([zone], dtype=np.uint64), zones.cells)[0])
    return [] if place == NOWHERE else list(zones.areas(place))


def area_address(asked: Asked, area: Area) -> str:
    """Return the address of an area that a collection shows."""
    return f"{asked.base}/collections/{area.collection}/items/{area.id}"


def of_origin(asked: Asked, origin: Origin) -> Link:
    """Return the link back to the collection, or to the whole service."""
    if isinstance(origin, OfCollection):
        address = f"{asked.base}{origin.path}"
        return link(rel("geodata"), address, JSON.type, _COLLECTION.in_(asked.lang))
    return link(rel("dataset"), f"{asked.base}/", JSON.type, _DATASET.in_(asked.lang))


def _definition(asked: Asked) -> Link:
    return link(
        rel("dggrs-definition"),
        f"{asked.base}{ADDRESS}",
        JSON.type,
        _DEFINITION.in_(asked.lang),
    )


def _template(asked: Asked, origin: Origin, name: str, end: str, title: Said) -> Json:
    return {
        "rel": rel(name),
        "title": title.in_(asked.lang),
        "uriTemplate": f"{home(asked, origin)}/zones/{{zoneId}}{end}",
    }


def _data_link(asked: Asked, origin: Origin, zone: int, zones: Zones) -> list[Link]:
    if not len(zones.cells[within(zones.cells, zone, zones.level)]):
        return []
    address = f"{home(asked, origin)}/zones/{zone:x}/data"
    return [link(rel("dggrs-zone-data"), address, JSON.type, _DATA.in_(asked.lang))]


def _relatives(asked: Asked, origin: Origin, zone: int) -> list[Link]:
    """Return the zones above, below and beside, as far as figures of them are asked for."""
    of, level = CellId(f"{zone:x}"), level_of_zone(zone)
    first, last = min(origin.levels), max(origin.levels)
    found: list[tuple[str, str, Said]] = []
    if level > first:
        found.append(("dggrs-zone-parent", parent(of, level - 1), _PARENT))
    if level < min(last, FINEST):
        found += [("dggrs-zone-child", child, _CHILD) for child in children(of, level + 1)]
    found += [("dggrs-zone-neighbor", other, _NEIGHBOUR) for other in beside(of)]
    here = f"{home(asked, origin)}/zones"
    return [
        link(rel(name), f"{here}/{cell}", JSON.type, f"{title.in_(asked.lang)}: {cell}")
        for name, cell, title in found
    ]


def _area_link(asked: Asked, area: Area) -> Link:
    title = f"{_AREA.in_(asked.lang)}: {area.id}"
    return link("related", area_address(asked, area), "application/geo+json", title)


def fields_schema(asked: Asked, origin: Origin, names: tuple[str, ...]) -> Mapping[str, Json]:
    """Return the schema of the named fields."""
    codes = asked.served.release.manifest.codelists
    return {name: property_of(origin.fields[name], codes, asked.lang) for name in names}
