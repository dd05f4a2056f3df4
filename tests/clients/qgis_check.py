"""Opens a service in QGIS without a window and prints, as JSON, what QGIS saw.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_check.py URL FOLDER COLLECTION... --tiles TILESET...`
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor, QImage

WEB_MERCATOR = "EPSG:3857"
PROVINCE = QgsRectangle(7.85, 45.15, 8.60, 45.98)


def main() -> None:
    """Open every collection, draw every tileset, print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("collections", nargs="*")
    parser.add_argument("--tiles", nargs="*", default=[])
    asked = parser.parse_args()
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    seen = {
        "collections": {name: collection(asked.url, name) for name in asked.collections},
        "tiles": {name: tiles(asked.url, name, asked.folder) for name in asked.tiles},
    }
    json.dump(seen, sys.stdout)
    sys.stdout.flush()
    app.exitQgis()


def collection(url: str, name: str) -> dict[str, Any]:
    """Open one collection as an OGC API Features layer and read all of it."""
    source = f"url='{url}' typename='{name}' pagingEnabled='true' pageSize='500'"
    layer = QgsVectorLayer(source, name, "OAPIF")
    if not layer.isValid():
        return {"valid": False, "error": layer.error().message()}
    features = list(layer.getFeatures())
    return {
        "valid": True,
        "crs": layer.crs().authid(),
        "ids": sorted({feature["id"] for feature in features}),
        "count": len(features),
        "geometry": QgsWkbTypes.displayString(layer.wkbType()),
        "fields": [field.name() for field in layer.fields()],
        "licences": layer.metadata().licenses(),
        "with_geometry": sum(feature.hasGeometry() for feature in features),
    }


def tiles(url: str, name: str, folder: Path) -> dict[str, Any]:
    """Draw one vector tileset in its own style and count the colours of the picture."""
    source = (
        f"type=xyz&url={url}/xyz/{name}/%7Bz%7D/%7Bx%7D/%7By%7D.mvt"
        f"&styleUrl={url}/styles/{name}&zmin=6&zmax=12"
    )
    layer = QgsVectorTileLayer(source, name)
    if not layer.isValid():
        return {"valid": False, "error": layer.error().message()}
    message, styled = layer.loadDefaultStyle()
    picture = folder / f"qgis-{name}.png"
    image = _draw(layer)
    image.save(str(picture))
    return {
        "valid": True,
        "styled": styled,
        "message": message,
        "picture": str(picture),
        "colours": _colours(image),
        "few": sorted(_colours(image, least=20_000)),
    }


def _draw(layer: QgsVectorTileLayer) -> QImage:
    settings = QgsMapSettings()
    mercator = QgsCoordinateReferenceSystem(WEB_MERCATOR)
    lonlat = QgsCoordinateReferenceSystem("EPSG:4326")
    to_mercator = QgsCoordinateTransform(lonlat, mercator, QgsProject.instance())
    settings.setDestinationCrs(mercator)
    settings.setLayers([layer])
    settings.setExtent(to_mercator.transformBoundingBox(PROVINCE))
    settings.setOutputSize(QSize(800, 1000))
    settings.setBackgroundColor(QColor("#ffffff"))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    return job.renderedImage()


def _colours(image: QImage, least: int = 500) -> dict[str, float]:
    """Return the share of each colour that fills at least one part in `least` of the picture."""
    pixels = Counter(
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )
    total = sum(pixels.values())
    return {colour: n / total for colour, n in pixels.most_common() if n * least >= total}


if __name__ == "__main__":
    main()
