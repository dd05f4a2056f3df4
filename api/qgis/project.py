"""The project `atlante.qgz` and the layer definition `atlante.qlr`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from api.qgis.layouts import ATLAS_OF, layouts
from api.qgis.maplayers import (
    FEATURES_CRS,
    PROJECT_CRS,
    MapLayer,
    Source,
    features,
    id_of,
    said,
    system,
)
from api.qgis.tree import SHOWN, leaf, tree
from geo_core.model.manifest import CollectionInfo
from geo_core.model.text import Text
from geo_core.styling.qml import VERSION

_DOCTYPE: Final = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_DEFINITION: Final = b"<!DOCTYPE qgis-layer-definition>\n"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first day a zip knows: files of the same release are the same bytes."""

_PROTECTED: Final = Text(
    it="Le cifre sulle persone sono protette: contengono un rumore voluto e quelle piccole sono "
    "mostrate come fascia. Non si sommano le celle piccole.",
    en="Figures on persons are protected: they hold noise on purpose, and small ones are shown "
    "as a band. Small cells are not to be added up.",
)


class Place(NamedTuple):
    """A bookmark: a name, its group, and a box (west, south, east, north; degrees)."""

    name: str
    group: str
    box: tuple[float, float, float, float]


def definition(source: Source) -> bytes:
    """Return the layer definition (`.qlr`) of all layers: one group, to drop into a project."""
    made = tree(source)
    made.root.set("name", source.manifest.title.in_(source.lang))
    return _definition(made.root, made.layers)


def of_collection(source: Source, info: CollectionInfo) -> bytes:
    """Return the layer definition (`.qlr`) of one collection."""
    layer = features(source, info)
    return _definition(leaf(layer, checked=True), (layer,))


def _definition(node: ET.Element, layers: Iterable[MapLayer]) -> bytes:
    root = ET.Element("qlr")
    outer = ET.SubElement(root, "layer-tree-group", {"name": "", "checked": "Qt::Checked"})
    outer.append(node)
    ET.SubElement(root, "maplayers").extend(layer.element for layer in layers)
    return _DEFINITION + bytes(ET.tostring(root, encoding="utf-8"))


def packed(source: Source, places: Iterable[Place]) -> bytes:
    """Return the project (`.qgz`).

    Parameters
    ----------
    places : iterable of Place
        Bookmarks.
    """
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("atlante.qgs", _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, project(source, tuple(places)))
    return raw.getvalue()


def project(source: Source, places: tuple[Place, ...]) -> bytes:
    """Return the project as `.qgs`."""
    made, title = tree(source), source.manifest.title.in_(source.lang)
    root = ET.Element("qgis", {"projectname": title, "version": VERSION})
    said(root, "title", title)
    root.append(system("projectCrs", PROJECT_CRS))
    root.append(made.root)
    root.append(_relations(made.layers))
    ET.SubElement(root, "projectlayers").extend(layer.element for layer in made.layers)
    root.append(_properties(source))
    root.append(layouts(source, made, _extent(source)))
    root.append(_bookmarks(places))
    root.append(_metadata(source, title))
    root.extend(_times(source))
    root.append(_view(source))
    return _DOCTYPE + bytes(ET.tostring(root, encoding="utf-8"))


def _relations(layers: Iterable[MapLayer]) -> ET.Element:
    """Return which layers belong together by a code: services at an office, offices of a body."""
    node, known = ET.Element("relations"), {layer.id: layer.name for layer in layers}
    for child, parent, field in _KEYS:
        if {id_of(child), id_of(parent)} <= known.keys():
            one = ET.SubElement(
                node,
                "relation",
                {
                    "id": f"{child}_{parent}",
                    "name": known[id_of(child)],
                    "referencingLayer": id_of(child),
                    "referencedLayer": id_of(parent),
                    "strength": "Association",
                },
            )
            ET.SubElement(one, "fieldRef", {"referencingField": field, "referencedField": field})
    return node


_KEYS: Final = (
    ("servizi_sedi", "sedi", "id_sede"),
    ("sedi", "organizzazioni", "id_org"),
    ("sedi", "comuni", "cod_istat"),
    ("opportunita", "comuni", "cod_istat"),
    ("rischio_comuni", "comuni", "cod_istat"),
)
"""Collections whose rows name one of another, and the code by which they do."""


def variables(source: Source) -> dict[str, str]:
    """Return what layouts and expressions may say of the release."""
    manifest, lang = source.manifest, source.lang
    return {
        "release": manifest.id,
        "data_riferimento": manifest.reference_date,
        "fonte": "; ".join(_sources(source)),
        "licenza": ", ".join(sorted({i.layer.licence for i in manifest.collections})),
        "indirizzo": source.base,
        "protezione": _PROTECTED.in_(lang),
        "titolo": manifest.title.in_(lang),
    }


def _sources(source: Source) -> list[str]:
    """Return whose data the sheets show, each once: their licences ask for it."""
    drawn = (*SHOWN, ATLAS_OF)
    told = [i.layer.attribution for i in source.manifest.collections if i.layer.id in drawn]
    return list(dict.fromkeys(part for one in told for part in one.split("; ")))


def _properties(source: Source) -> ET.Element:
    node = ET.Element("properties")
    holder = ET.SubElement(node, "Variables")
    for name, values in (
        ("variableNames", variables(source).keys()),
        ("variableValues", variables(source).values()),
    ):
        listed = ET.SubElement(holder, name, {"type": "QStringList"})
        for value in values:
            said(listed, "value", value)
    projected = ET.SubElement(node, "SpatialRefSys")
    said(projected, "ProjectionsEnabled", "1").set("type", "int")
    paths = ET.SubElement(node, "Paths")
    said(paths, "Absolute", "false").set("type", "bool")
    return node


def _bookmarks(places: Iterable[Place]) -> ET.Element:
    node = ET.Element("Bookmarks")
    for number, place in enumerate(places):
        west, south, east, north = place.box
        ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
        one = ET.SubElement(
            node,
            "Bookmark",
            {
                "id": f"luogo{number}",
                "name": place.name,
                "group": place.group,
                "extent": f"POLYGON(({ring}))",
            },
        )
        one.extend(system("srs", FEATURES_CRS))
    return node


def _metadata(source: Source, title: str) -> ET.Element:
    node, publication = ET.Element("projectMetadata"), source.manifest.publication
    said(node, "identifier", f"{source.base}/releases/{source.manifest.id}")
    said(node, "language", source.lang)
    said(node, "title", title)
    said(node, "abstract", _PROTECTED.in_(source.lang))
    said(node, "author", publication.publisher.name.in_(source.lang))
    return node


def _times(source: Source) -> Iterator[ET.Element]:
    """Yield the range of the temporal controller: the years of the layers that have periods."""
    dated = [i for i in source.manifest.collections if i.layer.period]
    starts = [i.interval[0] for i in dated if i.interval[0]]
    ends = [i.interval[1] for i in dated if i.interval[1]]
    if starts and ends:
        said_ = {"timeStep": "1", "timeStepUnit": "y", "frameRate": "1",
                 "cumulativeTemporalRange": "0"}  # fmt: skip
        node = ET.Element("ProjectTimeSettings", said_)
        span = ET.SubElement(node, "TemporalRange")
        said(span, "start", f"{min(starts)}T00:00:00Z")
        said(span, "end", f"{max(ends)}T23:59:59Z")
        yield node


def _view(source: Source) -> ET.Element:
    node = ET.Element("ProjectViewSettings", {"UseProjectScales": "0"})
    west, south, east, north = _extent(source)
    ends = {"xmin": west, "ymin": south, "xmax": east, "ymax": north}
    full = ET.SubElement(node, "DefaultViewExtent", {k: str(v) for k, v in ends.items()})
    full.extend(system("srs", FEATURES_CRS))
    return node


def _extent(source: Source) -> tuple[float, float, float, float]:
    """Return the box of all that is published (degrees)."""
    boxes = [info.bbox for info in source.manifest.collections if info.bbox]
    if not boxes:
        return (-180, -90, 180, 90)
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
