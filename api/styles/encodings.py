"""The styles of a release, and each in every form that clients read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from api.language import HTML, STYLE, SVG, Media
from geo_core.model.layer import Layer
from geo_core.model.manifest import Manifest, Tileset
from geo_core.model.style import Style
from geo_core.model.text import Lang, Text
from geo_core.styling.maplibre import style_document
from geo_core.styling.picture import legend_picture
from geo_core.styling.qml import VERSION, Codes, qml
from geo_core.styling.sld import sld

SLD: Final = Media("sld11", "application/vnd.ogc.sld+xml;version=1.1", ("application/xml",))

QML: Final = Media("qml", "application/vnd.qgis.qml")
PNG: Final = Media("png", "image/png")

NAMES: Final[Mapping[Media, Text]] = {
    STYLE: Text(it="MapLibre (mappe sul web)", en="MapLibre (web maps)"),
    SLD: Text(it="SLD 1.1 (GeoServer e altri)", en="SLD 1.1 (GeoServer and others)"),
    QML: Text(it="QML (QGIS)", en="QML (QGIS)"),
    SVG: Text(it="Legenda come immagine", en="Legend as a picture"),
    HTML: Text(it="Legenda in una pagina", en="Legend in a page"),
}
"""What each form is for."""

SPECIFICATIONS: Final[Mapping[Media, str]] = {
    STYLE: "https://maplibre.org/maplibre-style-spec/",
    SLD: "https://www.ogc.org/standard/sld/",
    QML: "https://docs.qgis.org/latest/en/docs/user_manual/style_library/",
}
"""Where the forms that are stylesheets are specified."""
VERSIONS: Final[Mapping[Media, str]] = {STYLE: "8", SLD: "1.1", QML: VERSION}
"""Which version of each is written."""


@dataclass(frozen=True)
class Styled:
    """A collection or a theme and how it is drawn.

    Attributes
    ----------
    id : str
        Of the collection, or of the tileset of a theme; also of the style.
    layer : Layer
        The collection, or one of the theme.
    tileset : Tileset | None
        Its vector tiles; None of a collection that has none.
    codes : Codes
        Code lists of the release.
    """

    id: str
    title: Text
    layer: Layer
    style: Style
    tileset: Tileset | None
    codes: Codes

    @property
    def forms(self) -> tuple[Media, ...]:
        """Return what it can be had in; the first is what a client gets that names none."""
        return tuple(form for form in NAMES if form is not STYLE or self.tileset is not None)

    @property
    def stylesheets(self) -> tuple[Media, ...]:
        """Return the forms that a program draws with."""
        return tuple(form for form in self.forms if form in SPECIFICATIONS)


def styled(manifest: Manifest) -> dict[str, Styled]:
    """Return every style of a release by its id: those with tiles first, as clients list them."""
    layers = {info.layer.id: info.layer for info in manifest.collections}
    found = {t.id: _of_tileset(t, layers, manifest) for t in manifest.tilesets}
    drawn = (x for x in layers.values() if x.geometry != "none" and x.id not in found)
    return found | {x.id: _of_layer(x, manifest) for x in drawn}


def _of_tileset(tileset: Tileset, layers: Mapping[str, Layer], manifest: Manifest) -> Styled:
    layer = layers[next(iter(tileset.collections.values()))]
    style = manifest.styles[layer.family]
    return Styled(tileset.id, tileset.title, layer, style, tileset, manifest.codelists)


def _of_layer(layer: Layer, manifest: Manifest) -> Styled:
    style = manifest.styles[layer.family]
    return Styled(layer.id, layer.title, layer, style, None, manifest.codelists)


def encoded(one: Styled, form: Media, *, public_url: str, lang: Lang) -> bytes:
    """Return a style in a form that is no page.

    Parameters
    ----------
    public_url : str
        Address of the service, without a slash at the end.
    lang : Lang
        Language of titles.
    """
    if form is STYLE and one.tileset is not None:
        return orjson.dumps(
            style_document(one.style, one.layer, one.tileset, public_url=public_url, lang=lang)
        )
    if form is SLD:
        return sld(one.style, one.layer, lang=lang)
    if form is QML:
        return qml(one.style, one.layer, one.codes, lang=lang)
    return legend_picture(one.style, lang=lang)
