"""Rasters as a WMTS 1.0.0: its capabilities, whose tiles are asked for by plain addresses.

GetTile and GetFeatureInfo by parameters do not exist: the capabilities give the template of every
address (`ResourceURL`), as QGIS, GDAL and OWSLib read it. Namespaces are named by prefixes as in
the examples of the standard (OGC 07-057r7), which some clients look for as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from api.asked import Asked
from api.params import choice, read_pairs
from api.tiles.documents import tile_matrix_set
from api.tiles.grid import limits
from api.tiles.named import Named
from api.tiles.views import TMS
from geo_core.errors import InvalidParameter
from geo_core.model.mercator import HALF_WORLD, Bounds, metres_of

PATH: Final = "1.0.0/WMTSCapabilities.xml"
"""Where WMTS has its capabilities below the address of a service asked by plain addresses."""

_KVP: Final = {"service": "WMTS", "request": "GetCapabilities", "version": "1.0.0"}
NAMES: Final = (*_KVP, *map(str.upper, _KVP))
"""Parameters of the request by parameters: their names may be written in capitals."""

_BY_ADDRESS: Final = {"gettile", "getfeatureinfo"}

_STYLE: Final = "default"
_CRS: Final = "urn:ogc:def:crs:EPSG::3857"
_SCALES: Final = "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible"
_SPACES: Final = {
    "xmlns": "http://www.opengis.net/wmts/1.0",
    "xmlns:ows": "http://www.opengis.net/ows/1.1",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://www.opengis.net/wmts/1.0 "
    "http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd",
    "version": "1.0.0",
}


def refuse_tiles(query: bytes) -> None:
    """Refuse to give a tile by parameters, whatever else is asked, and say where tiles are.

    Raises
    ------
    InvalidParameter
        The operation is one of those that the capabilities do not name.
    """
    for name, value in read_pairs(query):
        if name.casefold() == "request" and value.casefold() in _BY_ADDRESS:
            raise InvalidParameter(
                name,
                "tiles are not asked for by parameters",
                hint="the capabilities have their addresses (ResourceURL)",
            )


def check(params: Mapping[str, str]) -> None:
    """Check a request by parameters: it can only ask for the capabilities.

    Raises
    ------
    InvalidParameter
        Another service, version or operation, or one parameter in two spellings.
    """
    for name, only in _KVP.items():
        given = [params[one] for one in (name, name.upper()) if one in params]
        if len(given) > 1:
            raise InvalidParameter(name, f"`{name}` is given twice", hint="give it once")
        if given:
            choice(name, given[0], [only])


def capabilities(asked: Asked, rasters: Sequence[Named], home: str) -> bytes:
    """Return the capabilities of a service of some rasters.

    Parameters
    ----------
    home : str
        Path of the service below the public address.
    """
    top = ET.Element("Capabilities", _SPACES)
    _service(top, asked)
    contents = ET.SubElement(top, "Contents")
    for raster in rasters:
        _layer(contents, asked, raster)
    _matrices(contents, [raster.zooms for raster in rasters] or [(0, 0)])
    ET.SubElement(top, "ServiceMetadataURL", {"xlink:href": f"{asked.base}{home}/{PATH}"})
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text
    return element


def _service(top: ET.Element, asked: Asked) -> None:
    manifest = asked.served.release.manifest
    service = ET.SubElement(top, "ows:ServiceIdentification")
    _text(service, "ows:Title", manifest.title.in_(asked.lang), **_in(asked))
    _text(service, "ows:ServiceType", "OGC WMTS")
    _text(service, "ows:ServiceTypeVersion", "1.0.0")
    _text(service, "ows:Fees", "NONE")
    _text(service, "ows:AccessConstraints", "NONE")
    provider = ET.SubElement(top, "ows:ServiceProvider")
    _text(provider, "ows:ProviderName", manifest.publication.publisher.name.in_(asked.lang))
    ET.SubElement(provider, "ows:ProviderSite", {"xlink:href": f"{asked.base}/"})
    ET.SubElement(provider, "ows:ServiceContact")


def _in(asked: Asked) -> dict[str, str]:
    return {"xml:lang": asked.lang}


def _layer(contents: ET.Element, asked: Asked, raster: Named) -> None:
    layer, here = ET.SubElement(contents, "Layer"), f"{asked.base}/raster/{raster.file.id}"
    _text(layer, "ows:Title", raster.title(asked.lang), **_in(asked))
    about = f"{raster.field.description.in_(asked.lang)} {raster.layer.description.in_(asked.lang)}"
    _text(layer, "ows:Abstract", f"{about} {raster.layer.attribution}", **_in(asked))
    _box(layer, "ows:WGS84BoundingBox", raster.bounds)
    _text(layer, "ows:Identifier", raster.file.id)
    _box(layer, "ows:BoundingBox", metres_of(raster.bounds), crs=_CRS)
    style = ET.SubElement(layer, "Style", {"isDefault": "true"})
    _text(style, "ows:Title", raster.style.title.in_(asked.lang), **_in(asked))
    _text(style, "ows:Identifier", _STYLE)
    address = f"{here}/legend?f=svg&lang={asked.lang}"
    ET.SubElement(style, "LegendURL", {"format": "image/svg+xml", "xlink:href": address})
    _text(layer, "Format", "image/png")
    link = ET.SubElement(layer, "TileMatrixSetLink")
    _text(link, "TileMatrixSet", TMS)
    _limits(ET.SubElement(link, "TileMatrixSetLimits"), raster)
    template = f"{here}/tiles/{TMS}/{{TileMatrix}}/{{TileCol}}/{{TileRow}}.png"
    ET.SubElement(
        layer,
        "ResourceURL",
        {"format": "image/png", "resourceType": "tile", "template": template},
    )


def _box(parent: ET.Element, name: str, box: Bounds, **attributes: str) -> None:
    west, south, east, north = box
    element = ET.SubElement(parent, name, attributes)
    _text(element, "ows:LowerCorner", f"{west!r} {south!r}")
    _text(element, "ows:UpperCorner", f"{east!r} {north!r}")


def _limits(parent: ET.Element, raster: Named) -> None:
    for tiles in limits(raster.bounds, raster.zooms):
        element = ET.SubElement(parent, "TileMatrixLimits")
        _text(element, "TileMatrix", str(tiles.zoom))
        _text(element, "MinTileRow", str(tiles.min_y))
        _text(element, "MaxTileRow", str(tiles.max_y))
        _text(element, "MinTileCol", str(tiles.min_x))
        _text(element, "MaxTileCol", str(tiles.max_x))


def _matrices(contents: ET.Element, zooms: Sequence[tuple[int, int]]) -> None:
    """Add the grid, of the zooms that are served: clients magnify the last one by themselves."""
    grid = ET.SubElement(contents, "TileMatrixSet")
    _text(grid, "ows:Title", "Google Maps Compatible for the World")
    _text(grid, "ows:Identifier", TMS)
    _box(grid, "ows:BoundingBox", (-HALF_WORLD, -HALF_WORLD, HALF_WORLD, HALF_WORLD), crs=_CRS)
    _text(grid, "ows:SupportedCRS", _CRS)
    _text(grid, "WellKnownScaleSet", _SCALES)
    first, last = min(low for low, _ in zooms), max(high for _, high in zooms)
    for matrix in tile_matrix_set()["tileMatrices"][first : last + 1]:
        _matrix(grid, matrix)


def _matrix(grid: ET.Element, matrix: Mapping[str, Any]) -> None:
    element = ET.SubElement(grid, "TileMatrix")
    left, top = matrix["pointOfOrigin"]
    _text(element, "ows:Identifier", matrix["id"])
    _text(element, "ScaleDenominator", repr(matrix["scaleDenominator"]))
    _text(element, "TopLeftCorner", f"{left!r} {top!r}")
    for name in ("TileWidth", "TileHeight", "MatrixWidth", "MatrixHeight"):
        _text(element, name, str(matrix[name[0].lower() + name[1:]]))
