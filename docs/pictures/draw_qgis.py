"""Draws the picture of QGIS for the documentation, from a running server.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`QT_QPA_PLATFORM=offscreen python3 draw_qgis.py URL PICTURE`. Nothing is hand-made: title, colours
and legend are what QGIS makes of the addresses it is given.
"""

from __future__ import annotations

import json
import sys
import urllib.request

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsLayoutItemShape,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsSymbol,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtGui import QColor, QFont

COLLECTION = "rischio_comuni"
WIDTH, HEIGHT = 180, 165
MAP = (8, 18, 112, 138)
LEGEND = (128, 24, 7)
"""Left and top of the first row of the legend, and the height of a row, millimetres."""
CENTRE, METRES = (441_500, 5_046_500), 92_000
"""Middle of the province in EPSG:32632, and the metres from south to north of the picture."""


def main() -> int:
    """Draw the picture; return 0 if it was written."""
    url, picture = sys.argv[1:]
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:32632"))
    tiles, offices = _tiles(url), _offices(url)
    project.addMapLayers([tiles, offices])
    layout = _page(project)
    _map(layout, [offices, tiles])
    _legend(layout, tiles, offices)
    _words(layout, url)
    written = QgsLayoutExporter(layout).renderPageToImage(0, dpi=130).save(picture)
    app.exitQgis()
    return 0 if written else 1


def _tiles(url: str) -> QgsVectorTileLayer:
    source = (
        f"type=xyz&url={url}/xyz/{COLLECTION}/%7Bz%7D/%7Bx%7D/%7By%7D.mvt"
        f"&styleUrl={url}/styles/{COLLECTION}%3Flang%3Dit&zmin=6&zmax=12"
    )
    layer = QgsVectorTileLayer(source, COLLECTION)
    layer.loadDefaultStyle()
    return layer


def _offices(url: str) -> QgsVectorLayer:
    source = f"url='{url}' typename='sedi' pagingEnabled='true' pageSize='1000'"
    layer = QgsVectorLayer(source, "Sedi (dati inventati)", "OAPIF")
    # QGIS gives a new layer a colour by chance; the picture is to be the same every time.
    layer.renderer().symbol().setColor(QColor("#0059b3"))
    layer.renderer().symbol().setSize(1.5)
    return layer


def _page(project: QgsProject) -> QgsPrintLayout:
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(WIDTH, HEIGHT))
    return layout


def _map(layout: QgsPrintLayout, layers: list[object]) -> None:
    item = QgsLayoutItemMap(layout)
    _place(layout, item, MAP)
    half_height = METRES / 2
    half_width = half_height * MAP[2] / MAP[3]
    x, y = CENTRE
    item.setLayers(layers)
    item.setExtent(QgsRectangle(x - half_width, y - half_height, x + half_width, y + half_height))
    item.setFrameEnabled(True)


def _legend(layout: QgsPrintLayout, tiles: QgsVectorTileLayer, offices: QgsVectorLayer) -> None:
    """Draw one row for each class QGIS found in the style (3.22 has no legend for tiles)."""
    rows = tiles.renderer().styles()  # kept: they own the symbols
    left, top, step = LEGEND
    for number, style in enumerate(rows):
        _swatch(layout, style.symbol(), (left, top + number * step, 8, 5))
        _write(layout, style.styleName(), 9, (left + 11, top + number * step, 40, 6))
    below = top + len(rows) * step
    _dot(layout, offices.renderer().symbol(), (left + 2.5, below + 1, 3, 3))
    _write(layout, offices.name(), 9, (left + 11, below, 40, 6))


def _swatch(layout: QgsPrintLayout, symbol: QgsSymbol, box: tuple[float, ...]) -> None:
    item = QgsLayoutItemShape(layout)
    item.setShapeType(QgsLayoutItemShape.Rectangle)
    item.setSymbol(_filled(symbol))
    _place(layout, item, box)


def _filled(symbol: QgsSymbol) -> QgsFillSymbol:
    """Return what fills a swatch: the symbol, or for an outline an empty area with that edge."""
    if symbol.type() == QgsSymbol.Fill:
        return symbol.clone()
    edge = {"outline_color": symbol.color().name(), "outline_style": "dash"}
    return QgsFillSymbol.createSimple({"style": "no", **edge})


def _dot(layout: QgsPrintLayout, symbol: QgsSymbol, box: tuple[float, ...]) -> None:
    item = QgsLayoutItemShape(layout)
    item.setShapeType(QgsLayoutItemShape.Ellipse)
    item.symbol().setColor(symbol.color())
    _place(layout, item, box)


def _words(layout: QgsPrintLayout, url: str) -> None:
    with urllib.request.urlopen(f"{url}/collections/{COLLECTION}?lang=it") as answer:
        described = json.load(answer)
    _write(layout, described["title"], 14, (8, 7, WIDTH - 16, 9))
    source = f"{described['attribution']}. Disegnato da QGIS {Qgis.QGIS_VERSION.split('-')[0]}."
    _write(layout, source, 6, (8, HEIGHT - 7, WIDTH - 16, 5))


def _write(layout: QgsPrintLayout, text: str, points: int, box: tuple[float, ...]) -> None:
    item = QgsLayoutItemLabel(layout)
    item.setText(text)
    item.setFont(QFont("sans", points))
    _place(layout, item, box)


def _place(layout: QgsPrintLayout, item: QgsLayoutItem, box: tuple[float, ...]) -> None:
    """Put an item of the page at (left, top, width, height), millimetres."""
    left, top, width, height = box
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(left, top))
    item.attemptResize(QgsLayoutSize(width, height))


if __name__ == "__main__":
    sys.exit(main())
