"""QGIS without a window: features as OGC API Features, tiles in the style of the service.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11) and nothing of ours.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

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
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor

SIDE = 256
EQUATOR = 40_075_016.7
"""Metres round the earth, in EPSG:3857."""
PAPER = "#fefdfc"


def main() -> None:
    """Answer until the input ends."""
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    for line in sys.stdin:
        try:
            answer = ask(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what it has to say
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer
    app.exitQgis()


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """Read every feature of a collection, those of a layer's filter, style it, draw its tiles."""
    if question["project"]:
        return opened(question["project"])
    layer = opened_layer(question)
    if not layer.isValid():
        return {"error": layer.error().message() or "the layer is not valid"}
    count, place = 0, None
    for feature in layer.getFeatures():
        count += 1
        if place is None and feature.hasGeometry():
            place = feature.geometry().pointOnSurface().asPoint()
    answer: dict[str, Any] = {"count": count, "fields": [f.name() for f in layer.fields()]}
    if question["where"]:
        name, value = question["where"]
        literal = f"'{value}'" if isinstance(value, str) else value
        layer.setSubsetString(f'"{name}" = {literal}')
        answer["filtered"] = sum(1 for _ in layer.getFeatures())
    if question["qml"]:
        message, good = layer.loadNamedStyle(fetched(question["qml"], "style.qml"))
        answer["styled"] = "" if good else message or "not read"
    if question["tiles"]:
        answer["drawn"] = drawn(question["tiles"], place)
    return answer


def opened_layer(question: dict[str, Any]) -> QgsVectorLayer:
    """Open a collection of a service, or of the catalogue of its copy."""
    ident = question["id"]
    if question["catalogue"]:
        path = Path.home() / "catalogue.vrt"
        path.write_text(question["catalogue"], encoding="utf-8")
        return QgsVectorLayer(f"{path}|layername={ident}", ident, "ogr")
    source = f"url='{question['root']}' typename='{ident}' pagingEnabled='true' pageSize='1000'"
    return QgsVectorLayer(source, ident, "OAPIF")


def opened(url: str) -> dict[str, Any]:
    """Open a project, and name the layers that are not valid."""
    project = QgsProject.instance()
    if not project.read(fetched(url, "project.qgz")):
        return {"error": project.error() or "the project is not read"}
    layers = list(project.mapLayers().values())
    broken = [layer.name() for layer in layers if not layer.isValid()]
    project.clear()
    return {"broken": broken} if layers else {"error": "the project has no layers"}


def fetched(url: str, name: str) -> str:
    """Download a file, and return where it is."""
    with urlopen(url) as answer:  # noqa: S310 - an address of the proxy
        path = Path.home() / name
        path.write_bytes(answer.read())
    return str(path)


def drawn(tiles: dict[str, Any], place: Any) -> int:
    """Draw a tileset in its style; return how many pixels are not paper.

    All of it is drawn, and the largest scale about a feature: a style may show it only there.

    Raises
    ------
    ValueError
        The layer is not valid, or its style cannot be read.
    """
    template = quote(tiles["tiles"][0], safe=":/")
    source = (
        f"type=xyz&url={template}&zmin={tiles['minzoom']}&zmax={tiles['maxzoom']}"
        f"&styleUrl={tiles['style']}"
    )
    layer = QgsVectorTileLayer(source, "tiles")
    if not layer.isValid():
        raise ValueError(layer.error().message() or "the layer of tiles is not valid")
    message, styled = layer.loadDefaultStyle()
    if not styled:
        raise ValueError(f"the style cannot be read: {message}")
    metres, degrees = (QgsCoordinateReferenceSystem(f"EPSG:{code}") for code in (3857, 4326))
    to_metres = QgsCoordinateTransform(degrees, metres, QgsProject.instance())
    extents = [to_metres.transformBoundingBox(QgsRectangle(*tiles["bounds"]))]
    if place is not None:
        half = EQUATOR / 2 ** tiles["maxzoom"] / 2
        middle = to_metres.transform(place)
        x, y = middle.x(), middle.y()
        extents.append(QgsRectangle(x - half, y - half, x + half, y + half))
    return sum(_inked(_picture(layer, metres, extent)) for extent in extents)


def _inked(image: Any) -> int:
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(image.pixelColor(x, y).name() != PAPER for x, y in places)


def _picture(layer: QgsVectorTileLayer, metres: Any, extent: Any) -> Any:
    settings = QgsMapSettings()
    settings.setDestinationCrs(metres)
    settings.setLayers([layer])
    settings.setExtent(extent)
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor(PAPER))
    job, loop = QgsMapRendererParallelJob(settings), QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    return job.renderedImage()


if __name__ == "__main__":
    main()
