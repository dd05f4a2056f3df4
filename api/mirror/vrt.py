"""One file by which GDAL, and whatever reads through it, lists and reads all collections."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from api.served import Served

FILE: Final = "atlante.vrt"


def link(base: str) -> dict[str, str]:
    """Return the link by which a program finds the file."""
    title = "Tutte le raccolte, per GDAL / all collections, for GDAL (OGR VRT)"
    return {"rel": "related", "href": f"{base}/{FILE}", "type": "application/xml", "title": title}


def catalogue(served: Served) -> bytes:
    """Return an OGR virtual data source: each collection, by its name, from its file in the mirror.

    Areas and points come from FlatGeobuf, whose index lets a client read a part of it; what has
    no place from CSV.
    """
    root = ET.Element("OGRVRTDataSource")
    for ident, collection in served.collections.items():
        placed = collection.shapes is not None
        layer = ET.SubElement(root, "OGRVRTLayer", {"name": ident})
        file = f"{served.base}/collections/{ident}/items.{'fgb' if placed else 'csv'}"
        ET.SubElement(layer, "SrcDataSource").text = f"/vsicurl/{file}"
        ET.SubElement(layer, "SrcLayer").text = ident if placed else "items"
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
