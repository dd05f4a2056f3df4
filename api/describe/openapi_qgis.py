"""The paths of the files for QGIS in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import BYTES, Json, get, in_path, in_query, shared
from api.features.formats.media import GEOPACKAGE
from api.language import Media
from api.qgis.routes import CONNECTIONS, DEFINITION, PROJECT
from geo_core.model.layer import Layer

_FORM: Final = Said("La forma", "The form")
_FILES: Final[dict[str, tuple[str, Media, Said]]] = {
    "atlante.qgz": (
        "getQgisProject", PROJECT, Said("Tutto in un progetto QGIS", "All in a QGIS project"),
    ),
    "atlante.qlr": (
        "getQgisLayers", DEFINITION,
        Said("Tutti i layer per un progetto QGIS", "All layers for a QGIS project"),
    ),
    "atlante.gpkg": (
        "getQgisPackage", GEOPACKAGE,
        Said("Tutto in un GeoPackage con gli stili", "All in a GeoPackage with its styles"),
    ),
    "connections.xml": (
        "getQgisConnections", CONNECTIONS,
        Said("La connessione QGIS alle raccolte", "QGIS connection to the collections"),
    ),
    "connections-tiles.xml": (
        "getQgisTileConnections", CONNECTIONS,
        Said("Le connessioni QGIS alle tessere", "QGIS connections to the tiles"),
    ),
    "connections-wmts.xml": (
        "getQgisRasterConnections", CONNECTIONS,
        Said("La connessione QGIS ai raster", "QGIS connection to the rasters"),
    ),
}  # fmt: skip
_ONE: Final = Said("Una raccolta per un progetto QGIS", "A collection for a QGIS project")


def of_qgis(layers: list[Layer]) -> Json:
    """Return the paths of the files for QGIS."""
    files = {f"/qgis/{name}": _file(*said) for name, said in _FILES.items()}
    which = in_path("collection", {"type": "string", "enum": [layer.id for layer in layers]})
    one = _file("getQgisLayer", DEFINITION, _ONE, which) if layers else None
    return files | ({"/qgis/{collection}.qlr": one} if one else {})


def _file(operation: str, media: Media, summary: Said, *place: Json) -> Json:
    form = in_query("f", _FORM, {"type": "string", "enum": [media.f]})
    return get(
        operation,
        summary,
        tag="tiles",
        content={media.type: {"schema": BYTES}},
        parameters=[*place, form, *shared("lang")],
        not_found=bool(place),
    )
