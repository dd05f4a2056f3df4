"""Opens every raster of a service as WMTS in QGIS, draws it, and prints the colours it finds.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_wmts.py PLACES`. PLACES is a JSON file: `url` of the capabilities, `layers` by id,
each with `extent` (EPSG:3857) and `places` (EPSG:3857) where to look, and `picture`, a folder to
draw into.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtGui import QColor, QImage, QPainter

SIDE = 800


def main(asked: Path) -> None:
    """Print, by raster, whether it opens, its legend's size and the colours at the places."""
    given = json.loads(asked.read_text(encoding="utf-8"))
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    seen = {name: one(given, name) for name in given["layers"]}
    json.dump(seen, sys.stdout)
    sys.stdout.flush()
    app.exitQgis()


def one(given: dict[str, Any], name: str) -> dict[str, Any]:
    """Open and draw one raster."""
    said = given["layers"][name]
    source = (
        f"crs=EPSG:3857&format=image/png&layers={name}&styles=default"
        f"&tileMatrixSet=WebMercatorQuad&url={given['url']}"
    )
    layer = QgsRasterLayer(source, name, "wms")
    if not layer.isValid():
        return {"error": layer.error().message()}
    picture = drawn(layer, said["extent"])
    picture.save(str(Path(given["picture"]) / f"wmts-{name}.png"))
    west, south, east, north = said["extent"]
    colours = [
        QColor(
            picture.pixel(
                int((x - west) / (east - west) * SIDE), int((north - y) / (north - south) * SIDE)
            )
        ).name()
        for x, y in said["places"]
    ]
    box = layer.extent()
    legend = legend_of(layer, given, name)
    return {
        "colours": colours,
        "extent": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "legend": legend,
    }


def legend_of(layer: QgsRasterLayer, given: dict[str, Any], name: str) -> list[int]:
    """Return width and height of the legend as QGIS fetches it; nothing if it gets none."""
    fetcher = layer.dataProvider().getLegendGraphicFetcher(None)
    if fetcher is None:
        return []
    found: list[QImage] = []
    loop = QEventLoop()
    fetcher.finish.connect(lambda image: (found.append(image), loop.quit()))
    fetcher.error.connect(lambda _: loop.quit())
    QTimer.singleShot(10_000, loop.quit)
    fetcher.start()
    if not found:
        loop.exec_()
    if not found or found[0].isNull():
        return []
    found[0].save(str(Path(given["picture"]) / f"wmts-{name}-legend.png"))
    return [found[0].width(), found[0].height()]


def drawn(layer: QgsRasterLayer, extent: list[float]) -> QImage:
    """Return the raster on magenta."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(*extent))
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor("#ff00ff"))
    picture = QImage(SIDE, SIDE, QImage.Format_RGB32)
    picture.fill(QColor("#ff00ff"))
    painter = QPainter(picture)
    job = QgsMapRendererCustomPainterJob(settings, painter)
    job.start()
    job.waitForFinished()
    painter.end()
    return picture


if __name__ == "__main__":
    main(Path(sys.argv[1]))
