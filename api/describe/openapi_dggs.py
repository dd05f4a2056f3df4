"""The paths of zones in the OpenAPI document (OGC API - DGGS)."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import BYTES, OBJECT, Json, as_types, get, in_path, in_query, shared
from api.dggs.answers import LIMITS, OF_DATA, OF_LISTS, OF_ZONE
from api.dggs.asked import (
    COMPACT,
    DEPTH,
    GEOMETRIC,
    INDEX,
    LEVEL,
    LIMIT,
    MOST_DEPTH,
    PARENT,
    RULE,
)
from api.dggs.definition import ADDRESS, GRID
from api.dggs.themes import on_zones
from api.language import JSON, SCHEMA, Media
from geo_core.model.grid import FINEST
from geo_core.model.layer import Layer

_TEXT: Final[Json] = {"type": "string"}
_DOCUMENT: Final[Json] = {JSON.type: {"schema": OBJECT}}
_ZONE: Final = in_path("zoneId", {"type": "string", "pattern": "^[0-9a-f]{15}$"})

_GRIDS: Final = Said("Le griglie di zone", "Grids of zones")
_GRID: Final = Said("La griglia H3: livelli e somme", "The grid H3: its levels, and how it sums")
_ZONES: Final = Said("Le zone che hanno dati", "The zones that have data")
_INFO: Final = Said("Che cos'è una zona", "What a zone is")
_DATA: Final = Said("I dati di una zona", "The data of a zone")
_DEFINITION: Final = Said("La definizione della griglia", "The definition of the grid")
_QUERYABLES: Final = Said("I campi per i filtri sulle zone", "What filters on zones may name")
_FORM: Final = Said("Formato", "Representation")


def of_zones(layers: list[Layer]) -> Json:
    """Return the paths of zones: of the whole release, and of collections on hexagons."""
    ids = [layer.id for layer in layers if on_zones(layer)]
    if not ids:
        return {}
    which = in_path("collectionId", {"type": "string", "enum": ids})
    plain = shared("f-data", "lang")
    return {
        ADDRESS: get("getDGGRSDefinition", _DEFINITION, tag="zones", content=_DOCUMENT,
                     parameters=plain),
        f"/dggs/{GRID}/queryables": get(
            "getDGGRSQueryables", _QUERYABLES, tag="zones",
            content={SCHEMA.type: {"schema": OBJECT}}, parameters=plain,
        ),
        **_origin("/dggs", "dataset", []),
        **_origin("/collections/{collectionId}/dggs", "collection", [which]),
    }  # fmt: skip


def _origin(path: str, kind: str, place: list[Json]) -> Json:
    """Return the five resources of the zones of one kind of origin."""
    both, page = [*place, *shared("f", "lang")], as_types(OBJECT, JSON.type)
    zone = [*place, _ZONE]
    said = (
        ("", "List", _GRIDS, page, both),
        (f"/{GRID}", "", _GRID, page, both),
        (f"/{GRID}/zones", "Zones", _ZONES, _types(OF_LISTS), [*place, *_of_list()]),
        (f"/{GRID}/zones/{{zoneId}}", "ZoneInfo", _INFO, _types(OF_ZONE),
         [*zone, _forms(OF_ZONE), *shared("lang")]),
        (f"/{GRID}/zones/{{zoneId}}/data", "ZoneData", _DATA, _types(OF_DATA),
         [*zone, *_of_data()]),
    )  # fmt: skip
    return {
        path + end: get(
            f"zones.{kind}.getDGGRS{name}",
            summary,
            tag="zones",
            content=content,
            parameters=parameters,
            not_found=True,
            paged=name == "Zones",
        )
        for end, name, summary, content, parameters in said
    }


def _types(offered: tuple[Media, ...]) -> Json:
    return {media.type.split(";", 1)[0]: {"schema": _schema_of(media)} for media in offered}


def _schema_of(media: Media) -> Json:
    if media.is_html:
        return _TEXT
    return OBJECT if "json" in media.type else BYTES


def _forms(offered: tuple[Media, ...]) -> Json:
    return in_query("f", _FORM, {**_TEXT, "enum": [media.f for media in offered]})


def _of_list() -> list[Json]:
    level: Json = {"type": "integer", "minimum": 0, "maximum": FINEST}
    most: Json = {
        "type": "integer",
        "minimum": 1,
        "maximum": LIMITS.maximum,
        "default": LIMITS.default,
    }
    return [
        _forms(OF_LISTS),
        in_query(LEVEL, Said("Livello delle zone", "Level of the zones"), level),
        in_query(
            COMPACT,
            Said("Una zona madre al posto di tutte le sue figlie", "A parent for all its children"),
            {"type": "boolean", "default": True},
        ),
        in_query(PARENT, Said("Solo dentro questa zona", "Only below this zone"), _TEXT),
        in_query(
            RULE,
            Said(
                "Quali zone stanno dentro `parent-zone`: per indice, o se ne condividono terreno",
                "Which zones are below `parent-zone`: by index, or because they share ground",
            ),
            {**_TEXT, "enum": [INDEX, GEOMETRIC], "default": INDEX},
        ),
        in_query(LIMIT, Said("Zone per pagina", "Zones per page"), most),
        in_query("subset-crs", Said("Sistema di `subset`", "System of `subset`"), _TEXT),
        *_shared("token", "bbox", "bbox-crs"),
    ]


def _of_data() -> list[Json]:
    fields: Json = {"type": "array", "items": _TEXT}
    return [
        _forms(OF_DATA),
        in_query(
            DEPTH,
            Said(
                f"Livelli sotto la zona, fino a {MOST_DEPTH}: un numero, un intervallo o una lista",
                f"Levels below the zone, up to {MOST_DEPTH}: a number, a range or a list",
            ),
            _TEXT,
        ),
        in_query("properties", Said("Campi da avere", "Fields to return"), fields),
        in_query("exclude-properties", Said("Campi da non avere", "Fields to leave out"), fields),
        *_shared(),
    ]


def _shared(*names: str) -> list[Json]:
    subset = in_query(
        "subset",
        Said("Intervalli di assi: Lat, Lon, time", "Intervals of axes: Lat, Lon, time"),
        _TEXT,
    )
    return [
        subset,
        *shared(*names, "datetime", "filter", "filter-lang", "filter-crs", "lang"),
    ]
