"""The paths of rasters in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import BYTES, OBJECT, Json, as_types, get, in_path, in_query, shared
from api.language import JSON, SVG, XML
from api.tiles.views import TMS

_HERE: Final = "/raster/{raster}"
_WMTS: Final = "wmts/1.0.0/WMTSCapabilities.xml"
_TEXT: Final[Json] = {"type": "string"}

_ALL: Final = Said("I raster", "Rasters")
_ONE: Final = Said("Un raster, con la legenda", "A raster, with its legend")
_TILE: Final = Said("Una tessera di un raster", "One raster tile")
_TILEJSON: Final = Said("Il TileJSON di un raster", "TileJSON of a raster")
_INFO: Final = Said("Che cosa contiene un raster", "What a raster holds")
_LEGEND: Final = Said("La legenda di un raster", "The legend of a raster")
_POINT: Final = Said(
    "Il valore di un raster in un luogo, e la classe in parole",
    "The value of a raster at a place, and its class in words",
)
_OF_ALL: Final = Said("WMTS di tutti i raster: capabilities", "WMTS of all rasters: capabilities")
_OF_ONE: Final = Said("WMTS di un raster: capabilities", "WMTS of a raster: capabilities")
_ONLY: Final = Said("Se si dà, ha questo valore", "If given, it is this")
_FORM: Final = Said("Formato", "Representation")


def of_rasters(ids: list[str]) -> Json:
    """Return the paths of rasters; of single ones only where the release has any."""
    described: Json = {
        "/raster": get(
            "getRasters",
            _ALL,
            tag="tiles",
            content=as_types(OBJECT, JSON.type),
            parameters=shared("f", "lang"),
        ),
        **_wmts("/raster", "rasters", _OF_ALL, []),
    }
    return {**described, **_single(in_path("raster", {**_TEXT, "enum": ids}))} if ids else described


def _single(which: Json) -> Json:
    tile = [in_path(name, {"type": "integer", "minimum": 0}) for name in ("z", "x", "y")]
    place = [
        in_path(name, {"type": "number", "minimum": -most, "maximum": most})
        for name, most in (("lon", 180), ("lat", 90))
    ]
    return {
        _HERE: get(
            "getRaster",
            _ONE,
            tag="tiles",
            content=as_types(OBJECT, JSON.type),
            parameters=[which, *shared("f", "lang")],
            not_found=True,
        ),
        f"{_HERE}/tiles/{TMS}/{{z}}/{{x}}/{{y}}.png": get(
            "raster.getTile",
            _TILE,
            tag="tiles",
            content={"image/png": {"schema": BYTES}},
            parameters=[which, *tile],
            not_found=True,
        ),
        f"{_HERE}/tilejson.json": _document("raster.getTileJson", _TILEJSON, which),
        f"{_HERE}/info": _document("raster.getInfo", _INFO, which),
        f"{_HERE}/point/{{lon}},{{lat}}": _document("raster.getPoint", _POINT, which, *place),
        f"{_HERE}/legend": get(
            "raster.getLegend",
            _LEGEND,
            tag="tiles",
            content={JSON.type: {"schema": OBJECT}, SVG.type: {"schema": _TEXT}},
            parameters=[which, _form(JSON.f, SVG.f), *shared("lang")],
            not_found=True,
        ),
        **_wmts(_HERE, "raster", _OF_ONE, [which]),
    }


def _document(operation: str, summary: Said, *place: Json) -> Json:
    return get(
        operation,
        summary,
        tag="tiles",
        content={JSON.type: {"schema": OBJECT}},
        parameters=[*place, *shared("f-data", "lang")],
        not_found=True,
    )


def _wmts(home: str, name: str, summary: Said, which: list[Json]) -> Json:
    """Return the two addresses of capabilities: by parameters, and as a file."""
    only = {"service": "WMTS", "request": "GetCapabilities", "version": "1.0.0"}
    asked = [in_query(one, _ONLY, {**_TEXT, "enum": [value]}) for one, value in only.items()]
    return {
        path: get(
            operation,
            summary,
            tag="tiles",
            content={XML.type: {"schema": _TEXT}},
            parameters=[*which, *asked, _form(XML.f), *shared("lang")],
            not_found=bool(which),
        )
        for path, operation in (
            (f"{home}/wmts", f"{name}.getCapabilities"),
            (f"{home}/{_WMTS}", f"{name}.getCapabilitiesFile"),
        )
    }


def _form(*names: str) -> Json:
    return in_query("f", _FORM, {**_TEXT, "enum": list(names)})
