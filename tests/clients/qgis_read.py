"""Reads layers in QGIS without a window, and prints, as JSON, the features of each reading.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_read.py READINGS`. A reading is an object of `source` and, if wanted, `subset` (an
expression), `box` (west, south, east, north) and `first` (a number of features).
"""

from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def main(readings: str) -> None:
    """Open each layer, restrict it as asked, read it to the end."""
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    json.dump([read(**reading) for reading in json.loads(readings)], sys.stdout)
    sys.stdout.flush()
    app.exitQgis()


def read(
    source: str, subset: str = "", box: tuple[float, ...] = (), first: int = -1
) -> dict[str, Any]:
    """Return the identifiers of the features, and their number as the layer says it."""
    layer = QgsVectorLayer(source, "layer", "OAPIF")
    if not layer.isValid():
        return {"error": layer.error().message()}
    count = layer.featureCount()
    if subset:
        layer.setSubsetString(subset)
    request = QgsFeatureRequest().setLimit(first)
    if box:
        request.setFilterRect(QgsRectangle(*box))
    return {"count": count, "ids": [feature["id"] for feature in layer.getFeatures(request)]}


if __name__ == "__main__":
    main(sys.argv[1])
