"""Draws the tiles of a folder in QGIS, by MapLibre styles, and prints the colours it finds.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_styles.py FOLDER`. For each `NAME.json` in FOLDER, a MapLibre style with one
layer `NAME`, there is one tile `NAME/0/0/0.mvt`, and `NAME.places` lists where to look, in
pixels of the tile drawn 512 pixels wide. `sprite.png` has the patterns, `sprite` where they lie.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapBoxGlStyleConversionContext,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage, QPainter

SIDE = 512
EDGE = 20037508.342789244


def main(folder: Path) -> None:
    """Print, by style, the converter's warnings, the names of the symbols and the colours."""
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    sprites = QImage(str(folder / "sprite.png")), json.loads((folder / "sprite").read_text())
    seen = {path.stem: one(path, sprites) for path in sorted(folder.glob("*.json"))}
    json.dump(seen, sys.stdout)
    sys.stdout.flush()
    app.exitQgis()


def one(path: Path, sprites: tuple[QImage, dict[str, Any]]) -> dict[str, Any]:
    """Convert one style and draw its tile."""
    converter, context = QgsMapBoxGlStyleConverter(), QgsMapBoxGlStyleConversionContext()
    context.setSprites(*sprites)
    converter.convert(path.read_text(encoding="utf-8"), context)
    tiles = path.with_suffix("")
    source = f"type=xyz&zmin=0&zmax=0&url=file://{tiles}/{{z}}/{{x}}/{{y}}.mvt"
    layer = QgsVectorTileLayer(source, path.stem)
    renderer = converter.renderer()
    names = [style.styleName() for style in renderer.styles()]
    layer.setRenderer(renderer)
    picture = drawn(layer)
    places = json.loads(path.with_suffix(".places").read_text(encoding="utf-8"))
    colours = [QColor(picture.pixel(x, y)).name() for x, y in places]
    return {"warnings": converter.warnings(), "names": names, "colours": colours}


def drawn(layer: QgsVectorTileLayer) -> QImage:
    """Return the world, 512 pixels wide, on magenta."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(-EDGE, -EDGE, EDGE, EDGE))
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
