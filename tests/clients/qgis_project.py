"""Opens a QGIS project of the service without a window and prints what QGIS makes of it, as JSON.

Run by the distribution's Python, which can import QGIS (3.22, Python 3.11):
`python3 qgis_project.py URL OUT`. The project is read from a file, as somebody would who has
downloaded it; sheets are printed as PDF into OUT.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeatureRequest,
    QgsLayerDefinition,
    QgsLayoutExporter,
    QgsLayoutItemMap,
    QgsMapLayerType,
    QgsProject,
    QgsRenderContext,
    QgsVectorLayer,
)


def main(url: str, out: Path) -> None:
    """Print what QGIS sees of the project, of its layers and sheets, and of the definition."""
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    start = time.monotonic()
    read = project.read(fetched(url, "atlante.qgz", out))
    seen = {
        "read": read,
        "seconds": time.monotonic() - start,
        "crs": project.crs().authid(),
        "groups": [node.name() for node in project.layerTreeRoot().children()],
        "shown": [layer.id() for layer in project.layerTreeRoot().checkedLayers()],
        "relations": {
            r.id(): [r.isValid(), r.name()] for r in project.relationManager().relations().values()
        },
        "exclusive": [
            group.name()
            for group in project.layerTreeRoot().findGroups(True)
            if group.isMutuallyExclusive()
        ],
        "bookmarks": [[b.group(), b.name()] for b in project.bookmarkManager().bookmarks()],
        "variables": variables(project),
        "years": years(project),
        "layers": {layer.id(): described(layer) for layer in project.mapLayers().values()},
        "sheets": {layout.name(): printed(layout, out) for layout in sheets(project)},
    }
    project.clear()
    seen["definition"] = defined(url, out, project)
    project.clear()
    seen["offline"] = offline(url, out, list(seen["layers"]))
    json.dump(seen, sys.stdout)
    sys.stdout.flush()
    project.clear()
    app.exitQgis()


def fetched(url: str, name: str, out: Path) -> str:
    """Download a file of the service and return where it is."""
    with urllib.request.urlopen(f"{url}/qgis/{name}", timeout=60) as answer:
        (out / name).write_bytes(answer.read())
    return str(out / name)


def variables(project: QgsProject) -> dict[str, str]:
    """Return the variables of a project."""
    scope = QgsExpressionContextUtils.projectScope(project)
    return {name: str(scope.variable(name)) for name in ("release", "licenza", "fonte")}


def years(project: QgsProject) -> list[int]:
    """Return the first and the last year of the temporal controller."""
    span = project.timeSettings().temporalRange()
    return [span.begin().date().year(), span.end().date().year()]


def described(layer: Any) -> dict[str, Any]:
    """Return what a layer is; of features also what it lets one do with them."""
    seen = {"valid": layer.isValid(), "type": int(layer.type()), "name": layer.name()}
    if layer.type() != QgsMapLayerType.VectorLayer:
        return seen
    renderer = layer.renderer()
    start = time.monotonic()
    features = list(layer.getFeatures())
    return seen | {
        "seconds": time.monotonic() - start,
        "count": len(features),
        "legend": [i.label() for i in renderer.legendSymbolItems()] if renderer else None,
        "styles": styles(layer),
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "widgets": {
            field.name(): layer.editorWidgetSetup(index).config().get("map")
            for index, field in enumerate(layer.fields())
            if layer.editorWidgetSetup(index).type() == "ValueMap"
        },
        "editable": layer.startEditing(),
        "temporal": layer.temporalProperties().isActive(),
        "called": called(layer, features),
        "tip": tip(layer, features),
        "labelled": layer.labelsEnabled() and layer.labeling().settings().fieldName,
        "filtered": filtered(layer, features),
        "reckoned": reckoned(layer, features),
    }


def styles(layer: Any) -> dict[str, list[str]]:
    """Return the legend of each style of a layer; at the end it has the one it had."""
    manager, seen = layer.styleManager(), {}
    had = manager.currentStyle()
    for name in sorted(manager.styles(), key=lambda name: name == had):
        manager.setCurrentStyle(name)
        items = layer.renderer().legendSymbolItems() if layer.renderer() else []
        seen[name] = [item.label() for item in items]
    return seen


def context(layer: Any, feature: Any) -> QgsExpressionContext:
    """Return what an expression may refer to."""
    made = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    made.setFeature(feature)
    return made


def called(layer: Any, features: list[Any]) -> str | None:
    """Return what the first feature is called."""
    if not features:
        return None
    expression = QgsExpression(layer.displayExpression())
    value = expression.evaluate(context(layer, features[0]))
    return None if expression.hasEvalError() else str(value)


def tip(layer: Any, features: list[Any]) -> str | None:
    """Return the text that appears over the first feature."""
    if not features:
        return None
    template = layer.mapTipTemplate()
    return QgsExpression.replaceExpressionText(template, context(layer, features[0]))


def filtered(layer: Any, features: list[Any]) -> list[int]:
    """Return how many features a filter on the id finds, and how many have that id."""
    if not features:
        return [0, 0]
    ident = str(features[0]["id"])
    quoted = ident.replace("'", "''")
    found = layer.getFeatures(QgsFeatureRequest().setFilterExpression(f"\"id\" = '{quoted}'"))
    return [len(list(found)), sum(str(f["id"]) == ident for f in features)]


def reckoned(layer: Any, features: list[Any]) -> list[int]:
    """Return what the field calculator makes of the length of the first id, and its length."""
    if not features:
        return [0, 0]
    expression = QgsExpression('length("id") * 2')
    return [expression.evaluate(context(layer, features[0])), 2 * len(str(features[0]["id"]))]


def sheets(project: QgsProject) -> list[Any]:
    """Return the print layouts of a project, by name."""
    return sorted(project.layoutManager().layouts(), key=lambda layout: layout.name())


def printed(layout: Any, out: Path) -> dict[str, Any]:
    """Print a layout as PDF, of an atlas its third page, and return where it is."""
    atlas, name = layout.atlas(), f"{layout.name().replace(' ', '-')}.pdf"
    pages = 1
    if atlas.enabled():
        atlas.beginRender()
        pages = atlas.updateFeatures()
        atlas.seekTo(2)
        atlas.refreshCurrentFeature()
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = 96
    # Text that stays text can be searched, and read out.
    settings.textRenderFormat = QgsRenderContext.TextFormatAlwaysText
    done = QgsLayoutExporter(layout).exportToPdf(str(out / name), settings)
    maps = [item for item in layout.items() if isinstance(item, QgsLayoutItemMap)]
    return {"done": int(done), "file": name, "pages": pages,
            "over": {k: len(v) for one in maps for k, v in one.layerStyleOverrides().items()},
            "page": atlas.nameForPage(2) if atlas.enabled() else None}  # fmt: skip


def defined(url: str, out: Path, project: QgsProject) -> dict[str, Any]:
    """Add the layer definition to an empty project and return which layers it brings."""
    path = fetched(url, "atlante.qlr", out)
    done, message = QgsLayerDefinition.loadLayerDefinition(path, project, project.layerTreeRoot())
    layers = project.mapLayers().values()
    return {
        "done": done,
        "message": message,
        "layers": len(layers),
        "invalid": [layer.name() for layer in layers if not layer.isValid()],
    }


def offline(url: str, out: Path, layers: list[str]) -> dict[str, Any]:
    """Open every layer of the GeoPackage and return its legend, as QGIS finds it in the file."""
    path, seen = fetched(url, "atlante.gpkg", out), {}
    for ident in layers:
        name = ident.removeprefix("atlante_")
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        if layer.isValid():
            items = layer.renderer().legendSymbolItems() if layer.renderer() else []
            seen[name] = {
                "count": layer.featureCount(),
                "legend": [item.label() for item in items],
                "alias": layer.fields().field("id").alias(),
            }
    return seen


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
