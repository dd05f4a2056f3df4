"""Draws a collection in QGIS, by features and by tiles, and puts all four pictures in a row.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`QT_QPA_PLATFORM=offscreen python3 draw_quattro_qgis.py URL COLLECTION W,S,E,N WEB PLAIN PICTURE`.
"""

from __future__ import annotations

import sys
import urllib.request

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsLayerDefinition,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsReadWriteContext,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter
from qgis.PyQt.QtXml import QDomDocument

HEAD = 34
GAP = 12


def main() -> int:
    """Draw, join; return 0 if the picture was written."""
    url, collection, box, web, plain, picture = sys.argv[1:]
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    size = QImage(web).size()
    seen = [float(n) for n in box.split(",")]
    name = f"QGIS {Qgis.QGIS_VERSION.split('-')[0]}"
    drawn = [
        (f"{name}, oggetti e QML", _drawn(_features(url, collection), seen, size)),
        (f"{name}, tessere e stile MapLibre", _drawn(_tiles(url, collection), seen, size)),
        ("MapLibre, Chromium", QImage(web)),
        ("SVG, senza script", QImage(plain).scaled(size, 1, 1)),
    ]
    written = _joined(drawn).save(picture)
    QgsProject.instance().clear()
    app.exitQgis()
    return 0 if written else 1


def _features(url: str, collection: str) -> QgsVectorLayer:
    with urllib.request.urlopen(f"{url}/qgis/{collection}.qlr") as answer:
        document = QDomDocument()
        document.setContent(answer.read())
    (layer,) = QgsLayerDefinition.loadLayerDefinitionLayers(document, QgsReadWriteContext())
    return layer


def _tiles(url: str, tileset: str) -> QgsVectorTileLayer:
    source = (
        f"type=xyz&url={url}/xyz/{tileset}/%7Bz%7D/%7Bx%7D/%7By%7D.mvt"
        f"&styleUrl={url}/styles/{tileset}&zmin=6&zmax=12"
    )
    layer = QgsVectorTileLayer(source, tileset)
    layer.loadDefaultStyle()
    return layer


def _drawn(layer: QgsVectorTileLayer, box: list[float], size: QSize) -> QImage:
    settings = QgsMapSettings()
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    moved = QgsCoordinateTransform(degrees, mercator, QgsProject.instance())
    settings.setDestinationCrs(mercator)
    settings.setLayers([layer])
    settings.setExtent(moved.transformBoundingBox(QgsRectangle(*box)))
    settings.setOutputSize(size)
    settings.setBackgroundColor(QColor("#ffffff"))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    return job.renderedImage()


def _joined(drawn: list[tuple[str, QImage]]) -> QImage:
    width, height = drawn[0][1].width(), drawn[0][1].height()
    whole = QImage(len(drawn) * (width + GAP) - GAP, height + HEAD, QImage.Format_RGB32)
    whole.fill(QColor("#ffffff"))
    painter = QPainter(whole)
    painter.setFont(QFont("sans", 12))
    for number, (title, picture) in enumerate(drawn):
        left = number * (width + GAP)
        painter.drawText(left + 4, HEAD - 10, title)
        painter.drawImage(left, HEAD, picture)
    painter.end()
    return whole


if __name__ == "__main__":
    sys.exit(main())
