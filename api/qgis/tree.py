"""The tree of layers: groups as planners look for them, few of them shown at first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from api.qgis.maplayers import MapLayer, Source, features, raster, tiles
from geo_core.model.layer import family_title
from geo_core.model.manifest import CollectionInfo
from geo_core.model.text import Text

GROUPS: Final = {
    "servizi": Text(it="Servizi e sedi", en="Services and offices"),
    "opportunita": Text(it="Opportunità", en="Opportunities"),
    "partecipazione": Text(it="Partecipazione", en="Participation"),
    "offerta": Text(it="Offerta", en="Supply"),
    "bisogni": Text(it="Bisogni (anonimi)", en="Needs (anonymous)"),
    "rischio": Text(it="Mappe di rischio", en="Risk maps"),
    "popolazione": Text(it="Popolazione", en="Population"),
    "confini": Text(it="Confini", en="Boundaries"),
}
"""Groups of layers from top to bottom: what is above hides what is below."""

SHOWN: Final = ("sedi", "rischio_comuni")
"""Collections that are drawn when the file is opened; others wait for a click."""

_TILES: Final = Text(it="Tessere vettoriali (veloci)", en="Vector tiles (fast)")
_RASTERS: Final = Text(it="Raster", en="Rasters")


class Tree(NamedTuple):
    """Layers of a project, and the groups that hold them."""

    root: ET.Element
    layers: tuple[MapLayer, ...]


def tree(source: Source) -> Tree:
    """Return every layer of a release that QGIS can open, in its group."""
    root, layers = group("", expanded=True), list[MapLayer]()
    for name, title in GROUPS.items():
        found = [i for i in source.manifest.collections if i.layer.group == name]
        if found:
            node = group(title.in_(source.lang), expanded=name == "rischio")
            layers += _families(source, node, found)
            root.append(node)
    for title, made in (
        (_TILES, [tiles(source, one) for one in source.manifest.tilesets]),
        (
            _RASTERS,
            [] if source.mirrored else [raster(source, one) for one in source.manifest.rasters],
        ),
    ):
        if made:
            node = group(title.in_(source.lang), expanded=False)
            node.set("checked", "Qt::Unchecked")
            node.extend(leaf(one, checked=False) for one in made)
            root.append(node)
            layers += made
    return Tree(root, tuple(layers))


def _families(
    source: Source, parent: ET.Element, found: list[CollectionInfo]
) -> Iterator[MapLayer]:
    """Put collections below a group; those of one family in a group of their own.

    Hexagons of several sizes cover each other, so only one size is drawn at a time.
    """
    families: dict[str, list[CollectionInfo]] = {}
    for info in found:
        families.setdefault(info.layer.family, []).append(info)
    for members in families.values():
        node, sizes = parent, _sizes(members)
        if len(members) > 1:
            node = group(family_title(members[0].layer).in_(source.lang), expanded=False)
            node.set("checked", "Qt::Unchecked")
            parent.append(node)
            if sizes:
                node.set("mutually-exclusive", "1")
                node.set("mutually-exclusive-child", str(sizes[len(sizes) // 2]))
        for info in members:
            made = features(source, info)
            together = len(members) > 1 and not sizes
            node.append(leaf(made, checked=together or info.layer.id in SHOWN))
            yield made


def _sizes(members: list[CollectionInfo]) -> list[int]:
    """Return the positions of the hexagons of the latest period among the layers of a family."""
    layers = enumerate(info.layer for info in members)
    return [i for i, layer in layers if layer.resolution is not None and not layer.series]


def group(name: str, *, expanded: bool) -> ET.Element:
    """Return a group without layers."""
    said = {"name": name, "expanded": str(int(expanded)), "checked": "Qt::Checked"}
    return ET.Element("layer-tree-group", said)


def leaf(layer: MapLayer, *, checked: bool) -> ET.Element:
    """Return the place of a layer in the tree."""
    return ET.Element(
        "layer-tree-layer",
        {
            "id": layer.id,
            "name": layer.name,
            "providerKey": layer.provider,
            "source": layer.address,
            "checked": "Qt::Checked" if checked else "Qt::Unchecked",
            "expanded": str(int(checked)),
        },
    )
