"""Draws the QGIS project of a running server: the window, the A4 sheet, a page of the atlas.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`QT_QPA_PLATFORM=offscreen python3 draw_qgis_progetto.py URL PICTURE`. The project is what the
server gives; nothing in it is changed. Beside PICTURE it writes `qgis-a4.png` and
`qgis-atlante.png`.
"""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from qgis.core import QgsApplication, QgsLayerTreeModel, QgsLayoutExporter, QgsProject
from qgis.gui import QgsLayerTreeMapCanvasBridge, QgsLayerTreeView, QgsMapCanvas
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QSplitter

SIZE, TREE = (1280, 860), 430
PAGE = "Alagna Valsesia"
WAIT_MS = 20_000


def main() -> int:
    """Draw the pictures; return 0 if they were written."""
    url, picture = sys.argv[1], Path(sys.argv[2])
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], True)
    app.initQgis()
    file = picture.with_suffix(".qgz")
    with urllib.request.urlopen(f"{url}/qgis/atlante.qgz") as answer:
        file.write_bytes(answer.read())
    project = QgsProject.instance()
    written = project.read(str(file)) and _window(project, picture) and _sheets(project, picture)
    file.unlink()
    project.clear()
    app.exitQgis()
    return 0 if written else 1


def _window(project: QgsProject, picture: Path) -> bool:
    """Draw the tree of layers beside the map, as the window of QGIS has them."""
    window, canvas, view = QSplitter(), QgsMapCanvas(), QgsLayerTreeView()
    model = QgsLayerTreeModel(project.layerTreeRoot())
    model.setFlag(QgsLayerTreeModel.ShowLegend)
    view.setModel(model)
    canvas.setDestinationCrs(project.crs())
    bridge = QgsLayerTreeMapCanvasBridge(project.layerTreeRoot(), canvas)
    window.addWidget(view)
    window.addWidget(canvas)
    window.resize(*SIZE)
    window.setSizes([TREE, SIZE[0] - TREE])
    window.show()
    bridge.setCanvasLayers()
    layer = next(x for x in canvas.layers() if x.name().startswith("Fragilità"))
    canvas.setExtent(canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent()))
    canvas.zoomByFactor(1.1)
    _wait_for(canvas)
    return window.grab().save(str(picture))


def _wait_for(canvas: QgsMapCanvas) -> None:
    """Wait until the map is drawn, and the download that draws it again has ended."""
    loop, quiet = QEventLoop(), QTimer()
    quiet.setSingleShot(True)
    quiet.setInterval(2_000)
    quiet.timeout.connect(loop.quit)
    canvas.mapCanvasRefreshed.connect(quiet.start)
    QTimer.singleShot(WAIT_MS, loop.quit)
    canvas.refreshAllLayers()
    loop.exec_()


def _sheets(project: QgsProject, picture: Path) -> bool:
    layouts = {layout.name(): layout for layout in project.layoutManager().layouts()}
    atlas = layouts["Atlante per comune"].atlas()
    atlas.beginRender()
    pages = atlas.updateFeatures()
    number = next((n for n in range(pages) if atlas.nameForPage(n) == PAGE), 0)
    atlas.seekTo(number)
    atlas.refreshCurrentFeature()
    return all(
        QgsLayoutExporter(layouts[name])
        .renderPageToImage(0, dpi=110)
        .save(str(picture.parent / to))
        for name, to in (("A4", "qgis-a4.png"), ("Atlante per comune", "qgis-atlante.png"))
    )


if __name__ == "__main__":
    sys.exit(main())
