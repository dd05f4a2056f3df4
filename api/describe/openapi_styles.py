"""The paths of the styles in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import (
    BYTES,
    OBJECT,
    Json,
    as_types,
    get,
    in_path,
    in_query,
    shared,
)
from api.language import JSON, STYLE, SVG
from api.styles.encodings import NAMES, PNG, styled
from geo_core.model.manifest import Manifest
from geo_core.styling.maplibre import SPRITE

_STYLES: Final = Said("Gli stili delle raccolte", "Styles of the collections")
_STYLE: Final = Said(
    "Lo stile di una raccolta o di un tema, nelle sue forme",
    "Style of a collection or of a theme, in its forms",
)
_METADATA: Final = Said("Che cos'è uno stile", "What a style is")
_SPRITE: Final = Said("I tratteggi degli stili, in un'immagine", "Patterns of styles, in a picture")
_PLACES: Final = Said("Dove sono i tratteggi nell'immagine", "Where patterns lie in the picture")
_PICTURE: Final = Said("La mappa di una raccolta in un'immagine", "A collection's map as a picture")
_YEAR: Final = Said("L'anno, in una serie", "The year, of a series")
_FIELD: Final = Said(
    "Il campo che dà il colore; senza, quello dello stile",
    "The field that gives the colour; without it, the style's own",
)
_FORM: Final = Said("La forma", "The form")
_SIZES: Final = {"": "", "@2x": "Double"}


def of_styles(manifest: Manifest) -> Json:
    """Return the paths of the styles of a release."""
    return {
        "/styles": get(
            "getStyles",
            _STYLES,
            tag="tiles",
            content=as_types(OBJECT, JSON.type),
            parameters=shared("f", "lang"),
        ),
        **_sprites(),
        **_one(list(styled(manifest))),
        **_pictures([i.layer.id for i in manifest.collections if i.layer.geometry != "none"]),
    }


def _pictures(ids: list[str]) -> Json:
    """Return the path of the maps that are pictures."""
    if not ids:
        return {}
    which = in_path("collection", {"type": "string", "enum": ids})
    form = in_query("f", _FORM, {"type": "string", "enum": [SVG.f]})
    return {
        "/embed/{collection}.svg": get(
            "getMapPicture",
            _PICTURE,
            tag="tiles",
            content={SVG.type: {"schema": BYTES}},
            parameters=[which, in_query("field", _FIELD, {"type": "string"}),
                        in_query("anno", _YEAR, {"type": "string"}), form,
                        *shared("lang")],
            not_found=True,
        )
    }  # fmt: skip


def _one(ids: list[str]) -> Json:
    if not ids:
        return {}
    which = in_path("style", {"type": "string", "enum": ids})
    form = in_query("f", _FORM, {"type": "string", "enum": [form.f for form in NAMES]})
    return {
        "/styles/{style}": get(
            "getStyle",
            _STYLE,
            tag="tiles",
            content={form.type: {"schema": OBJECT if form is STYLE else BYTES} for form in NAMES},
            parameters=[which, form, *shared("lang")],
            not_found=True,
        ),
        "/styles/{style}/metadata": get(
            "getStyleMetadata",
            _METADATA,
            tag="tiles",
            content={JSON.type: {"schema": OBJECT}},
            parameters=[which, *shared("f-data", "lang")],
            not_found=True,
        ),
    }


def _sprites() -> Json:
    form = in_query("f", _FORM, {"type": "string", "enum": [PNG.f]})
    return {
        f"/styles/{SPRITE}{size}.{ending}": get(
            f"getSprite{name}{'Index' if ending == 'json' else ''}",
            _PLACES if ending == "json" else _SPRITE,
            tag="tiles",
            content={kind: {"schema": BYTES if ending == "png" else OBJECT}},
            parameters=[*([form] if ending == "png" else shared("f-data")), *shared("lang")],
        )
        for size, name in _SIZES.items()
        for ending, kind in (("json", JSON.type), ("png", PNG.type))
    }
