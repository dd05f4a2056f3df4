"""Print layouts: A4 and A3, and an atlas with a page for each municipality.

What is written on a page names the release, its source and how figures are protected, so that a
printed map says as much as the service.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from pyproj import Transformer

from api.qgis.maplayers import PROJECT_CRS, MapLayer, Source, id_of
from api.qgis.tree import SHOWN, Tree, group, leaf
from geo_core.model.text import Text
from geo_core.styling.qgis_rules import framed
from geo_core.styling.qgis_symbols import letters
from geo_core.styling.qml import named_style

type Box = tuple[float, float, float, float]
"""West, south, east, north."""

ATLAS_OF: Final = "comuni"
"""Collection of which the atlas has a page for each feature; also below the maps."""
_RISK_OF: Final = "rischio_comuni"
_MARGIN: Final = 10.0
_TITLE: Final = 17.0
_FOOT: Final = 22.0
_LEGEND: Final = 82.0
"""Millimetres of the margins, of the title above, of the text below, of the legend beside."""

_PAGE, _PICTURE, _LABEL, _LEGEND_ITEM, _SCALE, _MAP = 65638, 65640, 65641, 65642, 65646, 65639
"""Kinds of items, as QGIS numbers them."""

_NORTH: Final = (
    "base64:PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAyMCAz"
    "MCI+PHBhdGggZD0iTTEwIDBMMTggMjRMMTAgMTlMMiAyNFoiIGZpbGw9IiMxNzMyNGQiLz48L3N2Zz4="
)
"""An arrow to the north, as a picture in the file itself."""

_FOOTER: Final = Text(
    it="Release [% @release %], dati al [% @data_riferimento %]. Fonte: [% @fonte %]. Licenza: "
    "[% @licenza %]. [% @indirizzo %]\n[% @protezione %]",
    en="Release [% @release %], as of [% @data_riferimento %]. Source: [% @fonte %]. Licence: "
    "[% @licenza %]. [% @indirizzo %]\n[% @protezione %]",
)
_LETTERS: Final = {"title": 12, "group": 10, "subgroup": 9, "symbol": 8, "symbolLabel": 8}
"""Sizes of the letters of a legend, points."""
_HERE: Final = "\"cod_istat\" = attribute(@atlas_feature, 'cod_istat')"
"""Of which municipality a page of the atlas is: that of this code."""
_FIGURES: Final = Text(
    it="Punteggio {punteggio:1} (da {punteggio_inf:1} a {punteggio_sup:1}), classe: {classe_nome}."
    " Residenti: {residenti:0}. Affidabilità: {affidabilita}.",
    en="Score {punteggio:1} ({punteggio_inf:1} to {punteggio_sup:1}), class: {classe_nome_en}."
    " Residents: {residenti:0}. Reliability: {affidabilita}.",
)
"""What a page of the atlas says of its municipality: fields of the risk layer in braces,
with their decimals if they are numbers."""
_RISK: Final = Text(it="Fragilità sociale dei comuni", en="Social fragility of municipalities")


class Sheet(NamedTuple):
    """A layout: its name, size (mm), title and whether it has a page for each municipality."""

    name: str
    width: float
    height: float
    title: str
    atlas: bool = False


def layouts(source: Source, tree: Tree, extent: Box) -> ET.Element:
    """Return the print layouts of a project.

    Parameters
    ----------
    tree : Tree
        Its layers; a layout shows those that are drawn at first, over the boundaries.
    extent : Box
        What the maps show, degrees (OGC:CRS84).
    """
    node = ET.Element("Layouts")
    shown = [
        layer for name in (*SHOWN, ATLAS_OF) for layer in tree.layers if layer.id == id_of(name)
    ]
    box = _projected(extent)
    title = f"{_RISK.in_(source.lang)} · [% @titolo %]"
    own = f'[% "denominazione" %]: {_RISK.in_(source.lang).lower()}'
    name = {"it": "Atlante per comune", "en": "Atlas by municipality"}[source.lang]
    sheets = [Sheet("A4", 297, 210, title), Sheet("A3", 420, 297, title)]
    if any(layer.id == id_of(ATLAS_OF) for layer in shown):
        sheets.append(Sheet(name, 297, 210, own, atlas=True))
    for sheet in sheets:
        node.append(_layout(sheet, source, shown, box))
    return node


def _projected(extent: Box) -> Box:
    to = Transformer.from_crs("OGC:CRS84", PROJECT_CRS, always_xy=True)
    west, south, east, north = to.transform_bounds(*extent)
    return west, south, east, north


def _layout(sheet: Sheet, source: Source, shown: list[MapLayer], box: Box) -> ET.Element:
    node = ET.Element("Layout", {"name": sheet.name, "units": "mm", "printResolution": "200"})
    pages = ET.SubElement(node, "PageCollection")
    pages.append(_item(_PAGE, sheet, "pagina", (0, 0, sheet.width, sheet.height)))
    right = sheet.width - _MARGIN - _LEGEND
    top, bottom = _MARGIN + _TITLE, sheet.height - _MARGIN - _FOOT
    map_box = (_MARGIN, top, right - _MARGIN - 4, bottom - top)
    drawn = _map(sheet, shown, box, map_box)
    if sheet.atlas:
        _framed(drawn, source)
    node.append(drawn)
    wide = sheet.width - 2 * _MARGIN
    node.append(_label(sheet, "titolo", sheet.title, (_MARGIN, _MARGIN, wide, _TITLE - 5), 16))
    foot = (_MARGIN, bottom + 3, wide, _FOOT - 3)
    node.append(_label(sheet, "note", _FOOTER.in_(source.lang), foot, 8))
    node.append(_legend(sheet, shown, drawn, (right, top), source))
    node.append(_scale_bar(sheet, drawn, (right, bottom - 14, _LEGEND, 13)))
    arrow = _item(_PICTURE, sheet, "nord", (sheet.width - _MARGIN - 9, bottom - 15, 9, 14))
    arrow.attrib |= {"file": _NORTH, "mode": "0", "resizeMode": "0", "anchorPoint": "0"}
    node.append(arrow)
    if sheet.atlas and any(layer.id == id_of(_RISK_OF) for layer in shown):
        told = (_MARGIN, _MARGIN + 8.5, wide, 7)
        node.append(_label(sheet, "cifre", _figures(source), told, 9))
    if sheet.atlas:
        node.append(_atlas(next(layer for layer in shown if layer.id == id_of(ATLAS_OF))))
    return node


def _figures(source: Source) -> str:
    """Return the sentence of a page, its fields looked up in the risk layer by QGIS."""
    row = f"get_feature('{id_of(_RISK_OF)}', 'cod_istat', \"cod_istat\")"
    layer = next(i.layer for i in source.manifest.collections if i.layer.id == _RISK_OF)

    def looked_up(found: re.Match[str]) -> str:
        value = f"attribute({row}, '{found[1]}')"
        codes = source.manifest.codelists.get(layer.field(found[1]).codelist or "")
        if codes:
            pairs = (
                _text(one) for code in codes for one in (code.code, code.title.in_(source.lang))
            )
            value = f"map_get(map({', '.join(pairs)}), {value})"
        if found[2]:
            value = f"format_number({value}, {found[2]})"
        return f"[% coalesce({value}, '-') %]"

    return re.sub(r"{(\w+):?(\d?)}", looked_up, _FIGURES.in_(source.lang))


def _text(text: str) -> str:
    """Return a text as expressions of QGIS have it."""
    return "'" + text.replace("'", "''") + "'"


def _item(kind: int, sheet: Sheet, name: str, box: Box) -> ET.Element:
    """Return an item at a place (left, top, width, height; mm)."""
    left, top, width, height = box
    uuid = "{" + f"{sheet.name}-{name}" + "}"
    return ET.Element(
        "LayoutItem",
        {
            "type": str(kind),
            "id": name,
            "uuid": uuid,
            "templateUuid": uuid,
            "position": f"{left:g},{top:g},mm",
            "positionOnPage": f"{left:g},{top:g},mm",
            "size": f"{width:g},{height:g},mm",
            "visibility": "1",
            "opacity": "1",
            "frame": "false",
            "background": "true" if kind in {_PAGE, _MAP} else "false",
            "zValue": {_PAGE: "0", _MAP: "1"}.get(kind, "2"),
        },
    )


def _map(sheet: Sheet, shown: list[MapLayer], box: Box, at: Box) -> ET.Element:
    node = _item(_MAP, sheet, "mappa", at)
    node.attrib |= {"keepLayerSet": "true", "followPreset": "false", "frame": "true"}
    west, south, east, north = _filling(box, at[2] / at[3])
    ends = {"xmin": west, "ymin": south, "xmax": east, "ymax": north}
    ET.SubElement(node, "Extent", {name: f"{end:.3f}" for name, end in ends.items()})
    listed = ET.SubElement(node, "LayerSet")
    for layer in shown:
        said = {"name": layer.name, "provider": layer.provider, "source": layer.address}
        ET.SubElement(listed, "Layer", said).text = layer.id
    driven = {"atlasDriven": str(int(sheet.atlas)), "scalingMode": "2", "margin": "0.6"}
    ET.SubElement(node, "AtlasMap", driven)
    return node


def _framed(drawn: ET.Element, source: Source) -> None:
    """Lay the boundaries over the other areas of a map, with a frame round the page's own."""
    listed, ident = drawn.find("LayerSet"), id_of(ATLAS_OF)
    if listed is None:
        return
    below = next(one for one in listed if one.text == ident)
    listed.remove(below)
    listed.insert(min(1, len(listed)), below)
    info = next(i for i in source.manifest.collections if i.layer.id == ATLAS_OF)
    style = source.manifest.styles[info.layer.family]
    held = named_style(style, info.layer, source.manifest.codelists, lang=source.lang)
    held[:] = [framed(_HERE) if one.tag == "renderer-v2" else one for one in held]
    drawn.set("keepLayerStyles", "true")
    said_ = {"layerid": ident, "name": below.get("name", "")}
    styles = ET.SubElement(drawn, "LayerStyles")
    ET.SubElement(styles, "LayerStyle", said_).append(held)


def _filling(box: Box, shape: float) -> Box:
    """Return a box widened to a ratio of width and height, with some air round it."""
    west, south, east, north = box
    width, height = 1.06 * (east - west), 1.06 * (north - south)
    width, height = max(width, height * shape), max(height, width / shape)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _label(sheet: Sheet, name: str, text: str, at: Box, points: int) -> ET.Element:
    node = _item(_LABEL, sheet, name, at)
    node.attrib |= {"labelText": text, "htmlState": "0", "halign": "1", "valign": "32"}
    weight = 75 if points > 10 else 50
    font = f"DejaVu Sans,{points},-1,5,{weight},0,0,0,0,0"
    ET.SubElement(node, "LabelFont", {"description": font, "style": ""})
    ET.SubElement(node, "FontColor", {"red": "23", "green": "50", "blue": "77", "alpha": "255"})
    return node


def _legend(
    sheet: Sheet, shown: list[MapLayer], drawn: ET.Element, at: tuple[float, float], source: Source
) -> ET.Element:
    node = _item(_LEGEND_ITEM, sheet, "legenda", (*at, _LEGEND, 60))
    title = {"it": "Legenda", "en": "Legend"}[source.lang]
    node.attrib |= {"title": title, "map_uuid": drawn.get("uuid", ""), "symbolWidth": "6",
                    "symbolHeight": "4", "resizeToContents": "1", "columnCount": "1",
                    "boxSpace": "0", "wrapChar": "", "splitLayer": "0"}  # fmt: skip
    styles = ET.SubElement(node, "styles")
    for name, points in _LETTERS.items():
        gaps = {"marginTop": "2", "marginLeft": "2" if name == "symbolLabel" else "0"}
        style = ET.SubElement(styles, "style", {"name": name, "indent": "0", **gaps})
        font = f"DejaVu Sans,{points},-1,5,{50 if points < 10 else 75},0,0,0,0,0"
        ET.SubElement(style, "styleFont", {"description": font, "style": ""})
    inner = group("", expanded=True)
    inner.extend(leaf(layer, checked=True) for layer in shown)
    node.append(inner)
    return node


def _scale_bar(sheet: Sheet, drawn: ET.Element, at: Box) -> ET.Element:
    node = _item(_SCALE, sheet, "scala", at)
    node.attrib |= {
        "mapUuid": drawn.get("uuid", ""), "style": "Single Box", "unitType": "km",
        "unitLabel": "km", "numMapUnitsPerScaleBarUnit": "1",
        "segmentSizeMode": str(int(sheet.atlas)),
        "minBarWidth": "30", "maxBarWidth": "55", "numSegments": "2", "numSegmentsLeft": "0",
        "numUnitsPerSegment": str(_segment(drawn)),
        "height": "2", "labelBarSpace": "1.5", "boxContentSpace": "0",
        "alignment": "0",
    }  # fmt: skip
    node.append(letters(9))
    return node


def _segment(drawn: ET.Element) -> int:
    """Return the kilometres of a segment of the scale bar: a round number, a tenth of the map."""
    extent = drawn.find("Extent")
    wide = 0.0 if extent is None else float(extent.get("xmax", 0)) - float(extent.get("xmin", 0))
    return max((n for n in (1, 2, 5, 10, 20, 50, 100) if n <= wide / 10_000), default=1)


def _atlas(coverage: MapLayer) -> ET.Element:
    return ET.Element(
        "Atlas",
        {
            "enabled": "1",
            "coverageLayer": coverage.id,
            "coverageLayerName": coverage.name,
            "coverageLayerProvider": coverage.provider,
            "coverageLayerSource": coverage.address,
            "pageNameExpression": '"denominazione"',
            "filenamePattern": "'atlante_' || \"cod_istat\"",
            "sortFeatures": "1",
            "sortKey": '"denominazione"',
            "sortAscending": "1",
            "hideCoverage": "0",
            "filterFeatures": "0",
        },
    )
