"""What the mirror holds: where to begin, and which links to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from api.embed.view import areas
from api.language import LANGUAGES
from api.mirror.naming import Wanted, wanted
from api.served import Served

_LEFT_OUT: Final = re.compile(
    r"/(api|conformance|functions|dggs|dggrs|dcat|processes|hsds|oembed|livez|readyz|metrics)"
    r"|/(robots\.txt|favicon\.ico|raster|releases/|tiles/|tileMatrixSets/|embed/crea|xyz/dataset)"
    r"|/styles/(sprite|NOME|NAME)$|.*/lineage|.*\.(mbtiles|qgz|qlr|bib|cff)"
    r"|/collections/[^/]+/(dggs|search|tiles|queryables|sortables)"
)
"""Addresses that need the service."""
MADE: Final = frozenset({"/qgis/atlante.qgz", "/qgis/atlante.qlr", "/atlante.vrt"})
"""Addresses whose files are made for the mirror."""
_PARAMETERS: Final = frozenset({"f", "lang", "offset", "layer", "field", "anno"})
_FORMS: Final = frozenset({"json", "html", "mapbox", "qml", "sld11", "svg", "csv", "fgb"})
_FEATURE: Final = re.compile(r"/collections/(?P<collection>[^/]+)/items/[^/]+")
_NAMED: Final = 400
"""Features of a collection that get a page each; more of them are read in the list."""


def seeds(served: Served) -> Iterator[Wanted]:
    """Yield what nothing else may lead to."""
    for lang in LANGUAGES:
        for path in ("/", "/embed", "/accessibilita", "/comuni", "/enti", "/collections"):
            yield wanted(path, form="html", lang=lang)
        styles = served.release.manifest.styles
        for family in areas(served):
            for field in styles[family].classified or (None,):
                chosen = f"&field={field}" if field else ""
                yield wanted(f"/embed?layer={family}{chosen}", form="html", lang=lang)
            yield wanted(f"/embed?layer={family}", form="html", lang=lang)
            yield from _earlier(served, family, lang)
    for path in ("/", "/collections", "/styles", "/disclosure"):
        yield wanted(path, form="json", lang="it")
    for size in ("", "@2x"):
        for ending in ("json", "png"):
            yield wanted(f"/styles/sprite{size}.{ending}", form="json", lang="it")
    for ident, collection in served.collections.items():
        for form in ("json", "csv", *(["fgb"] if collection.shapes is not None else [])):
            yield wanted(f"/collections/{ident}/items?f={form}", form=form, lang="it")


def _earlier(served: Served, family: str, lang: str) -> Iterator[Wanted]:
    series = served.collections.get(f"{family}_serie")
    latest = served.release.manifest.reference_date[:4]
    fields = served.release.manifest.styles[family].classified
    for day in series.columns["periodo_inizio"].vocabulary if series is not None else ():
        if day[:4] != latest:
            for chosen in ("", *(f"&field={field}" for field in fields)):
                address = f"/embed?layer={family}{chosen}&anno={day[:4]}"
                yield wanted(address, form="html", lang=lang)


def held(served: Served, one: Wanted) -> bool:
    """Tell whether the mirror holds an address that something links to."""
    query = dict(one.query)
    if one.path in MADE:
        return True
    if _LEFT_OUT.match(one.path) or not query.keys() <= _PARAMETERS:
        return False
    if query.get("f", "json") not in _FORMS:
        return False
    if query.get("f") == "mapbox" and one.path.endswith("_serie"):
        return False  # a series has no tiles, and no style of tiles
    feature = _FEATURE.fullmatch(one.path)
    if feature is None:
        return True
    collection = served.collections.get(feature["collection"])
    return (
        collection is not None
        and collection.info.count <= _NAMED
        and collection.layer.title_field not in {"h3", "id"}
    )
