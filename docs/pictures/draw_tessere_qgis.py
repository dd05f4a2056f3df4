"""Draws a vector tileset in QGIS and puts it to the right of another picture.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`QT_QPA_PLATFORM=offscreen python3 draw_tessere_qgis.py URL TILESET W,S,E,N LEFT PICTURE`. It writes
how many pixels of both are of one colour.
"""

from __future__ import annotations

import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter

HEAD = 34
GAP = 12
NEAR = 12
"""Two colours whose channels differ by less are one: edges are smoothed differently."""


def main() -> int:
    """Draw, join, compare; return 0 if the picture was written."""
    url, tileset, box, left, picture = sys.argv[1:]
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    web = QImage(left)
    desk = _drawn(_layer(url, tileset), [float(n) for n in box.split(",")], web.size())
    written = _joined(web, desk).save(picture)
    print(f"{tileset}: {_alike(web, desk):.1%} of the pixels are of one colour")
    app.exitQgis()
    return 0 if written else 1


def _layer(url: str, tileset: str) -> QgsVectorTileLayer:
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


def _joined(web: QImage, desk: QImage) -> QImage:
    width, height = web.width(), web.height()
    whole = QImage(2 * width + GAP, height + HEAD, QImage.Format_RGB32)
    whole.fill(QColor("#ffffff"))
    painter = QPainter(whole)
    painter.setFont(QFont("sans", 13))
    painter.drawText(4, HEAD - 10, "MapLibre, Chromium")
    painter.drawText(width + GAP + 4, HEAD - 10, f"QGIS {Qgis.QGIS_VERSION.split('-')[0]}")
    painter.drawImage(0, HEAD, web)
    painter.drawImage(width + GAP, HEAD, desk)
    painter.end()
    return whole


def _alike(web: QImage, desk: QImage) -> float:
    same = total = 0
    for x in range(0, web.width(), 2):
        for y in range(0, web.height(), 2):
            a, b = web.pixelColor(x, y), desk.pixelColor(x, y)
            apart = zip(a.getRgb()[:3], b.getRgb()[:3])  # noqa: B905 - Python 3.9 has no strict
            same += all(abs(one - other) < NEAR for one, other in apart)
            total += 1
    return same / total


if __name__ == "__main__":
    sys.exit(main())
