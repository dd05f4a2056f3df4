"""Connections for QGIS to import: one file for each kind, which is how QGIS reads them."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from api.qgis.maplayers import Source

_DOCTYPE: Final = b"<!DOCTYPE connections>\n"


def features(source: Source) -> bytes:
    """Return the connection to the collections."""
    one = {
        "version": "OGC_API_FEATURES",
        "pagingenabled": "true",
        "pagesize": str(source.page),
        "maxnumfeatures": "",
        "ignoreAxisOrientation": "0",
        "invertAxisOrientation": "0",
    }
    return _document("qgsWFSConnections", "wfs", "1.1", [_named(source, source.base) | one])


def tiles(source: Source) -> bytes:
    """Return the connections to the vector tiles, each with its style."""
    return _document(
        "qgsVectorTileConnections",
        "vectortile",
        "1.0",
        [
            {
                "name": tileset.title.in_(source.lang),
                "url": f"{source.base}/xyz/{tileset.id}/{{z}}/{{x}}/{{y}}.mvt",
                "styleUrl": f"{source.base}/styles/{tileset.id}?f=mapbox",
                "zmin": str(min(tileset.collections)),
                "zmax": str(max(tileset.collections)),
                "serviceType": "",
            }
            for tileset in source.manifest.tilesets
        ],
    )


def rasters(source: Source) -> bytes:
    """Return the connection to all rasters with their legends (WMTS)."""
    one = {"ignoreGetMapURI": "false", "ignoreAxisOrientation": "false"}
    capabilities = f"{source.base}/raster/wmts/1.0.0/WMTSCapabilities.xml"
    return _document("qgsWMSConnections", "wms", "1.0", [_named(source, capabilities) | one])


def _named(source: Source, url: str) -> dict[str, str]:
    return {"name": source.manifest.title.in_(source.lang), "url": url}


def _document(root: str, tag: str, version: str, listed: list[dict[str, str]]) -> bytes:
    node = ET.Element(root, {"version": version})
    for one in listed:
        ET.SubElement(node, tag, one)
    return _DOCTYPE + bytes(ET.tostring(node, encoding="utf-8"))
