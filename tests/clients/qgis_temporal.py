"""Shows years of a layer in QGIS's temporal controller without a window; prints JSON.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_temporal.py SOURCE YEAR ...`. For each year: the features that the controller leaves,
and how many pixels of the map they colour.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsDateTimeRange,
    QgsFeatureRequest,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsVectorLayer,
    QgsVectorLayerTemporalContext,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QSize, Qt

FIELDS = ("periodo_inizio", "periodo_fine")


def main(source: str, *years: str) -> None:
    """Open the layer, let the controller step through the years."""
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    json.dump(_seen(source, years), sys.stdout)  # no layer may outlive QGIS
    sys.stdout.flush()
    app.exitQgis()


def _seen(source: str, years: tuple[str, ...]) -> dict[str, Any]:
    layer = QgsVectorLayer(source, "layer", "OAPIF")
    fields = layer.fields()
    temporal = layer.temporalProperties()
    temporal.setMode(QgsVectorLayerTemporalProperties.ModeFeatureDateTimeStartAndEndFromFields)
    temporal.setStartField(FIELDS[0])
    temporal.setEndField(FIELDS[1])
    temporal.setIsActive(True)
    types = [fields.field(name).typeName() for name in FIELDS]
    shown = {year: _year(layer, int(year)) for year in years}
    return {"valid": layer.isValid(), "types": types, "years": shown}


def _year(layer: QgsVectorLayer, year: int) -> dict[str, Any]:
    span = QgsDateTimeRange(
        QDateTime(QDate(year, 2, 1), QDateTime().time()),
        QDateTime(QDate(year, 11, 30), QDateTime().time()),
    )
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layer)
    said = layer.temporalProperties().createFilterString(context, span)
    request = QgsFeatureRequest().setFilterExpression(said)
    ids = [feature["id"] for feature in layer.getFeatures(request)]
    return {"filter": said, "ids": ids, "pixels": _pixels(layer, span)}


def _pixels(layer: QgsVectorLayer, span: QgsDateTimeRange) -> int:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(200, 200))
    settings.setBackgroundColor(Qt.white)
    settings.setIsTemporal(True)
    settings.setTemporalRange(span)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    white = 0xFFFFFFFF
    return sum(
        image.pixel(x, y) != white for x in range(image.width()) for y in range(image.height())
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
