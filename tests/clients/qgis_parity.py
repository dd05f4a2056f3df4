"""Draws collections in QGIS twice, by features and by tiles, and prints a colour of each feature.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_parity.py URL PLACES OUT`. PLACES is a JSON file: by collection its box in EPSG:3857
and, by id, where to look (metres). Colours are `#rrggbb`, of the features as
`/qgis/{collection}.qlr` draws them, and of the tiles in the style of `/styles/{collection}`.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsLayerDefinition,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor, QImage

SIDE = 2400
PAPER = "#ff00ff"


def main(url: str, places: Path, out: Path) -> None:
    """Print, by collection and way of drawing, the colour of each feature and what went wrong."""
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    wanted = json.loads(places.read_text(encoding="utf-8"))
    seen = {name: both(url, name, of, out) for name, of in wanted.items()}
    json.dump(seen, sys.stdout)
    sys.stdout.flush()
    QgsProject.instance().clear()
    app.exitQgis()


def both(url: str, name: str, of: dict[str, Any], out: Path) -> dict[str, Any]:
    """Draw one collection in both ways."""
    picture = drawn(by_features(url, name, out), of["box"])
    seen = {"features": colours(picture, of)}
    picture.save(str(out / f"{name}-qgis-oapif.png"))
    layer = QgsVectorTileLayer(
        f"type=xyz&url={url}/xyz/{name}/%7Bz%7D/%7Bx%7D/%7By%7D.mvt"
        f"&zmin={of['zooms'][0]}&zmax={of['zooms'][1]}&styleUrl={url}/styles/{name}?f%3Dmapbox",
        name,
    )
    # What the converter cannot do it says here.
    said, styled = layer.loadDefaultStyle()
    picture = drawn(layer, of["box"])
    picture.save(str(out / f"{name}-qgis-tessere.png"))
    return seen | {"tiles": colours(picture, of), "warnings": said, "styled": styled}


def by_features(url: str, name: str, out: Path) -> Any:
    """Return the layer that the definition of a collection brings."""
    path = out / f"{name}.qlr"
    with urllib.request.urlopen(f"{url}/qgis/{name}.qlr", timeout=60) as answer:
        path.write_bytes(answer.read())
    project = QgsProject.instance()
    project.clear()  # the definition's layer gets an id of its own, and is then the only one
    QgsLayerDefinition.loadLayerDefinition(str(path), project, project.layerTreeRoot())
    (layer,) = project.mapLayers().values()
    return layer


def drawn(layer: Any, box: list[float]) -> QImage:
    """Return a layer, drawn without softened edges, so that a pixel has one colour."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(*box))
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor(PAPER))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    settings.setFlag(QgsMapSettings.DrawLabeling, False)
    job, loop = QgsMapRendererParallelJob(settings), QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    return job.renderedImage()


def colours(picture: QImage, of: dict[str, Any]) -> dict[str, str]:
    """Return the colour at the place of each feature."""
    west, south, east, north = of["box"]
    return {
        ident: QColor(
            picture.pixel(
                int((x - west) / (east - west) * SIDE), int((north - y) / (north - south) * SIDE)
            )
        ).name()
        for ident, (x, y) in of["places"].items()
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
