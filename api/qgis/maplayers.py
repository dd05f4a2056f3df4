"""Layers of a QGIS project: features, vector tiles and rasters, each as its `maplayer`.

Sources are addresses of this service alone. QGIS 3.22 and later read them without a plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree as ET

from api.describe.links import LICENCES
from geo_core.model.layer import GeometryKind, Layer
from geo_core.model.manifest import CollectionInfo, Manifest, RasterFile, Tileset
from geo_core.model.style import Style
from geo_core.model.text import Lang
from geo_core.model.zooms import Zooms
from geo_core.styling.drawn import Mark
from geo_core.styling.qgis_rules import choices, rules, visibility
from geo_core.styling.qml import attributes, described, named_style

FEATURES_CRS: Final = "EPSG:4326"
TILES_CRS: Final = "EPSG:3857"

PROJECT_CRS: Final = "EPSG:32632"
"""WGS 84 / UTM zone 32N, in which the offices of the region draw."""

_NUMBERS: Final = {FEATURES_CRS: "3452", TILES_CRS: "3857", PROJECT_CRS: "3116"}
"""Numbers of reference systems in the database of QGIS."""

_SHAPES: Final[Mapping[GeometryKind, str]] = {
    "none": "No geometry", "Point": "Point", "MultiPolygon": "Polygon", "Geometry": "Point",
}  # fmt: skip
_TILE_SHAPES: Final[Mapping[Mark, str]] = {"circle": "0", "fill": "2"}
"""Kinds of geometry as QGIS numbers them."""


class Kind(NamedTuple):
    """What QGIS calls a kind of layer, what reads it, and its reference system."""

    type: str
    provider: str
    crs: str


_FEATURES: Final = Kind("vector", "OAPIF", FEATURES_CRS)
_FILES: Final = Kind("vector", "ogr", FEATURES_CRS)
_TILES: Final = Kind("vector-tile", "vectortile", TILES_CRS)
_RASTER: Final = Kind("raster", "wms", TILES_CRS)


@dataclass(frozen=True)
class Source:
    """What addresses and texts depend on.

    Attributes
    ----------
    base : str
        Address of the service, without a slash at the end.
    page : int
        Features of the largest page.
    mirrored : bool
        Whether the service is plain files: collections are read whole, and pictures of rasters
        are not there.
    """

    manifest: Manifest
    base: str
    page: int
    lang: Lang
    mirrored: bool = False


@dataclass(frozen=True)
class MapLayer:
    """One layer of a project.

    Attributes
    ----------
    id, name : str
        Of the layer; names are for people.
    provider, address : str
        What reads it, and from where.
    element : Element
        The `maplayer`.
    """

    id: str
    name: str
    provider: str
    address: str
    element: ET.Element


def features(source: Source, info: CollectionInfo) -> MapLayer:
    """Return a collection as a layer of features, with its styles, names and codes."""
    layer, lang = info.layer, source.lang
    style = source.manifest.styles.get(layer.family) if layer.geometry != "none" else None
    address = (
        f"pagingEnabled='true' pageSize='{source.page}' srsname='{FEATURES_CRS}'"
        f" typename='{layer.id}' url='{source.base}'"
    )
    kind = _FEATURES
    if source.mirrored:
        ending = "csv" if layer.geometry == "none" else "fgb"
        kind = _FILES
        address = f"/vsicurl/{source.base}/collections/{layer.id}/items.{ending}"
    made = _layer(kind, layer.id, layer.title.in_(lang), address)
    made.element.attrib |= {"geometry": _SHAPES[layer.geometry], **attributes(style)}
    made.element.append(_metadata(layer, lang))
    if style is not None:
        made.element.append(_styles(source, style, layer))
    made.element.extend(described(style, layer, source.manifest.codelists, lang=lang))
    return made


def tiles(source: Source, tileset: Tileset) -> MapLayer:
    """Return a vector tileset as a layer, drawn by the default field of its style."""
    layer = next(
        info.layer
        for info in source.manifest.collections
        if info.layer.id in tileset.collections.values()
    )
    style, zooms = source.manifest.styles[layer.family], tileset.collections
    url = quote(f"{source.base}/xyz/{tileset.id}/{{z}}/{{x}}/{{y}}.mvt", safe=":/")
    address = f"type=xyz&url={url}&zmin={min(zooms)}&zmax={max(zooms)}"
    name = tileset.title.in_(source.lang)
    made = _layer(_TILES, f"{tileset.id}_tessere", name, address)
    made.element.attrib |= visibility(style)
    made.element.append(_tile_renderer(style, layer, tileset, source.lang))
    return made


def raster(source: Source, file: RasterFile) -> MapLayer:
    """Return a raster as a layer of pictures, in the colours of its style."""
    info = next(i for i in source.manifest.collections if i.layer.id == file.shown)
    zooms = info.layer.zooms or Zooms()
    url = quote(
        f"{source.base}/raster/{file.id}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}.png", safe=":/"
    )
    address = f"type=xyz&url={url}&zmin={zooms.min}&zmax={zooms.max}&crs={TILES_CRS}"
    field = info.layer.field(file.field).title.in_(source.lang)
    name = f"{field} · {info.layer.title.in_(source.lang)}"
    made = _layer(_RASTER, f"{file.id}_raster", name, address)
    pipe = ET.SubElement(made.element, "pipe")
    ET.SubElement(pipe, "rasterrenderer", {"type": "singlebandcolordata", "band": "1"})
    return made


def id_of(ident: str) -> str:
    """Return the id of a layer in a project: QGIS gives those of ten letters or fewer another."""
    return f"atlante_{ident}"


def _layer(kind: Kind, ident: str, name: str, address: str) -> MapLayer:
    ident = id_of(ident)
    node = ET.Element("maplayer", {"type": kind.type})
    said(node, "id", ident)
    said(node, "datasource", address)
    said(node, "layername", name)
    node.append(system("srs", kind.crs))
    said(node, "provider", kind.provider).set("encoding", "UTF-8")
    return MapLayer(ident, name, kind.provider, address, node)


def _styles(source: Source, style: Style, layer: Layer) -> ET.Element:
    """Return the styles to choose from: one for each field that has classes."""
    every, lang = list(choices(style)), source.lang
    names = [layer.field(field).title.in_(lang) if field else "default" for _, field in every]
    node = ET.Element("map-layer-style-manager", {"current": names[0]})
    ET.SubElement(node, "map-layer-style", {"name": names[0]})
    for name, choice in zip(names[1:], every[1:], strict=True):
        # QGIS reads an element here, and of a text makes a style that changes nothing.
        held = named_style(style, layer, source.manifest.codelists, lang=lang, choice=choice)
        ET.SubElement(node, "map-layer-style", {"name": name}).append(held)
    return node


def _tile_renderer(style: Style, layer: Layer, tileset: Tileset, lang: Lang) -> ET.Element:
    node = ET.Element("renderer", {"type": "basic"})
    every = ET.SubElement(node, "styles")
    scale, field = next(choices(style))
    for rule in rules(scale, field, layer, lang, tiled=True):
        one = ET.SubElement(
            every,
            "style",
            {
                "name": rule.title,
                "layer": tileset.id,
                "geometry": _TILE_SHAPES[rule.mark],
                "enabled": "1",
                "expression": rule.expression,
                "min-zoom": "-1",
                "max-zoom": "-1",
            },
        )
        rule.symbol.set("name", "0")
        ET.SubElement(one, "symbols").append(rule.symbol)
    return node


def _metadata(layer: Layer, lang: Lang) -> ET.Element:
    """Return what the properties of a layer say of it: description, source, licence."""
    node = ET.Element("resourceMetadata")
    for name, text in _described(layer, lang):
        said(node, name, text)
    return node


def _described(layer: Layer, lang: Lang) -> Iterator[tuple[str, str]]:
    yield "identifier", layer.id
    yield "language", lang
    yield "type", "dataset"
    yield "title", layer.title.in_(lang)
    yield "abstract", layer.description.in_(lang)
    yield "rights", layer.attribution
    yield "license", LICENCES.get(layer.licence, layer.licence)


def system(name: str, crs: str) -> ET.Element:
    """Return a coordinate reference system by its code; QGIS wants its own number beside it."""
    node = ET.Element(name)
    inner = ET.SubElement(node, "spatialrefsys")
    said(inner, "srsid", _NUMBERS[crs])
    said(inner, "authid", crs)
    return node


def said(parent: ET.Element, name: str, text: str) -> ET.Element:
    """Append an element with a text, and return it."""
    node = ET.SubElement(parent, name)
    node.text = text
    return node
