"""`/qgis/atlante.gpkg`: the release as one file, drawn as in the project, for offline work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from api.features.columns import Rows
from api.features.engine import Collection, matching
from api.features.formats.found import Found
from api.features.formats.geopackage import Drawn, write_styled
from api.features.query import FeatureQuery
from api.served import Served
from geo_core.model.text import Lang
from geo_core.styling.qml import qml
from geo_core.styling.sld import sld

MOST: Final = 500_000
"""Features of a release of which such a file is made: it takes disk, and time."""


def offered(held: Served) -> bool:
    """Tell whether a release is small enough for one file."""
    return sum(info.count for info in held.release.manifest.collections) <= MOST


def package(held: Served, lang: Lang) -> bytes:
    """Return the GeoPackage of a release.

    It is written on the disk, table by table, and read whole at the end.

    Parameters
    ----------
    held : Served
        The release.
    lang : Lang
        Language of titles, legends and names of fields.
    """
    with tempfile.TemporaryDirectory(prefix="atlante-") as folder:
        path = Path(folder) / "atlante.gpkg"
        write_styled(path, _every(held, lang))
        return path.read_bytes()


def _every(held: Served, lang: Lang) -> Iterator[Drawn]:
    manifest = held.release.manifest
    for info in manifest.collections:
        layer, collection = info.layer, held.collection(info.layer.id)
        found = Found(collection, _shown(collection), lang=lang)
        if layer.geometry == "none":
            yield Drawn(found)
        else:
            style = manifest.styles[layer.family]
            document = qml(style, layer, manifest.codelists, lang=lang)
            yield Drawn(found, document, sld(style, layer, lang=lang))


def _shown(collection: Collection) -> Rows:
    """Return the rows that somebody sees who asks for no day, in the order of the layer."""
    mask = matching(collection, FeatureQuery(limit=1))
    return collection.order if mask is None else collection.order[mask[collection.order]]
