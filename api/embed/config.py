"""What the map page needs to know of a release, as one JSON document."""

from __future__ import annotations

from typing import Any, Final

from api.pages.words import unit_of
from geo_core.model.field import Field
from geo_core.model.layer import Layer
from geo_core.model.manifest import CollectionInfo, Manifest, Tileset
from geo_core.model.style import Scale
from geo_core.model.text import Lang, Text
from geo_core.styling.drawn import UNRELIABLE, reliability
from geo_core.styling.legend import rows
from geo_core.styling.maplibre import SPRITE, Json, filter_of, source
from geo_core.styling.sprite import name_of

AREAS: Final = (
    "rischio_comuni", "rischio_h3", "rischio_accesso_h3", "accessibilita_h3", "confini_enti",
    "divario_bisogni", "bisogni_h3", "domanda_h3", "segnalazioni_h3", "copertura_ambiti",
    "offerta_h3", "popolazione_h3",
)  # fmt: skip
"""Families of which the map shows one at a time; the first that exists is shown first."""

POINTS: Final = ("sedi", "opportunita", "patti", "buone_prassi")
"""Families that lie on top; the first one is switched on from the start."""

BASE: Final = "comuni"
"""Collection whose boundaries and names are the background."""

MOST_LINES: Final = 500
"""Areas that a table shows one by one."""

_PLUMBING: Final = frozenset({
    "id", "h3", "h3_r9", "cod_catastale", "valido_dal", "valido_al", "aggiornato_il",
    "fonte", "licenza", "dato_sintetico", "stato", "classe_nome", "qualita_geocodifica",
    "orari", "servizi",
})  # fmt: skip
_CODED: Final = ("id_", "cod_", "r_")
_TECHNICAL: Final = ("_id", "_fascia", "_stato", "_en")
"""Fields nobody wants to read in a panel: by name, or by how their name begins or ends."""


def config(manifest: Manifest, *, public_url: str, lang: Lang | None = None) -> Json:
    """Return the document the page's script reads.

    Parameters
    ----------
    manifest : Manifest
        The release being served. Families it lacks are left out.
    public_url : str
        Address of the service, without a slash at the end.
    lang : Lang, optional
        The language in which every text is told; both if left out.
    """
    document = {
        "release": {"id": manifest.id, "reference_date": manifest.reference_date},
        "title": _text(manifest.title),
        "sprite": f"{public_url}/styles/{SPRITE}",
        "base": _base(manifest, public_url),
        "areas": [_shown(manifest, f, public_url) for f in area_families(manifest)],
        "points": [_shown(manifest, f, public_url) for f in POINTS if _tileset(manifest, f)],
    }
    return document if lang is None else _spoken(document, lang)


def _spoken(value: Any, lang: Lang) -> Any:
    """Return a document without the texts of the other language."""
    if isinstance(value, dict):
        if value.keys() == {"it", "en"}:
            return {lang: value[lang]}
        return {name: _spoken(part, lang) for name, part in value.items()}
    return [_spoken(part, lang) for part in value] if isinstance(value, list) else value


def area_families(manifest: Manifest) -> tuple[str, ...]:
    """Return the families of `AREAS` that a release has; of one that has none, all with areas."""
    styled = {
        info.layer.family: info.layer.geometry
        for info in reversed(manifest.collections)
        if info.layer.family in manifest.styles and _tileset(manifest, info.layer.family)
    }
    known = tuple(family for family in AREAS if family in styled)
    return known or tuple(f for f, geometry in styled.items() if geometry == "MultiPolygon")


def opened_at(family: str) -> str | None:
    """Return the parameter by which the map shows a family; None if it has not."""
    if family in AREAS:
        return f"layer={family}"
    return f"{family}=1" if family in POINTS else None


def _base(manifest: Manifest, public_url: str) -> Json | None:
    tileset = _tileset(manifest, BASE)
    if tileset is None:
        return None
    layer = _info(manifest, BASE).layer
    return {
        "source": source(layer, tileset, public_url=public_url),
        "member": tileset.id,
        "name": layer.title_field,
        "attribution": layer.attribution,
    }


def _shown(manifest: Manifest, family: str, public_url: str) -> Json:
    tileset = _tileset(manifest, family)
    assert tileset is not None  # noqa: S101 - the caller chose families that have one
    info, style = _info(manifest, family), manifest.styles[family]
    layer = info.layer
    return {
        "id": family,
        "title": _text(tileset.title),
        "description": _text(layer.description),
        "attribution": layer.attribution,
        "synthetic": layer.synthetic,
        "tilejson": f"{public_url}/xyz/{tileset.id}.json",
        "source": source(layer, tileset, public_url=public_url),
        "member": tileset.id,
        "mark": style.mark,
        "mixed": layer.geometry == "Geometry",
        "outline": style.outline,
        "choices": [
            _choice(layer, scale, name)
            for scale in style.scales
            for name in scale.fields or (None,)
        ],
        "unreliable": _unreliable(layer),
        "name": layer.title_field,
        "measure": layer.sort[0].removeprefix("-"),
        "series": _series(manifest, family, public_url),
        "fields": [_field(manifest, info, f) for f in layer.fields if _readable(f)],
    }


def _series(manifest: Manifest, family: str, public_url: str) -> str | None:
    """Return where the features of all years are; None where there is one year alone."""
    ident = f"{family}_serie"
    known = any(info.layer.id == ident for info in manifest.collections)
    return f"{public_url}/collections/{ident}/items?f=json&limit=10000" if known else None


def _choice(layer: Layer, style: Scale, name: str | None) -> Json:
    """Say what may be shown; `legend` heads the rows, and does for `title` where it is alone."""
    alone = len(style.fields) < 2
    return {
        "field": name,
        "title": _text(layer.field(name).title if name else style.title),
        "legend": _text(style.title),
        "alone": alone,
        "rows": [
            {
                "kind": row.kind,
                "hatch": row.hatch,
                "pattern": name_of(row) if row.hatch != "none" else None,
                "colour": row.colour,
                "title": _text(row.title),
                "filter": filter_of(row, name, banded=style.band is not None),
            }
            for row in rows(style)
        ],
    }


def _field(manifest: Manifest, info: CollectionInfo, field: Field) -> Json:
    """Describe one line of the panel; `companions` are fields that speak when it is silent."""
    layer, unit = info.layer, unit_of(field, count=info.count)
    companions = [f for f in layer.fields if f.name in _companions(field.name)]
    return {
        "name": field.name,
        "type": field.type,
        "title": _text(field.title),
        "unit": {"many": _text(unit.many), "one": _text(unit.one)} if unit else None,
        "codes": _codes(manifest, field.codelist),
        "companions": [{"name": f.name, "codes": _codes(manifest, f.codelist)} for f in companions],
        "en": f"{field.name}_en" if f"{field.name}_en" in layer.field_names else None,
    }


def _companions(name: str) -> tuple[str, str]:
    """Return the names of the fields that hold the band and the status of another."""
    return f"{name}_fascia", f"{name}_stato"


def _codes(manifest: Manifest, codelist: str | None) -> Json:
    codes = manifest.codelists.get(codelist, ()) if codelist else ()
    return {code.code: _text(code.title) for code in codes}


def _unreliable(layer: Layer) -> Json | None:
    """Say which features carry figures that a few persons would change."""
    field = reliability(layer)
    return {"field": field, "value": UNRELIABLE} if field else None


def _readable(field: Field) -> bool:
    name = field.name
    coded = name.startswith(_CODED) or name.endswith(_TECHNICAL)
    return name not in _PLUMBING and not coded


def shown_in(manifest: Manifest, family: str) -> CollectionInfo | None:
    """Return the collection that stands for a family: in the picture, the table and the map.

    Of several sizes of hexagons it is the smallest of which there are not more than 500; a map
    that changed sizes with its zoom would count other areas than its table.
    """
    own = [one for one in manifest.collections if one.layer.family == family]
    latest = [one for one in own if not one.layer.series and one.bbox is not None]
    few = [one for one in latest if one.count <= MOST_LINES]
    most = max(few, key=_count, default=None)
    return most or min(latest, key=_count, default=None)


def _count(info: CollectionInfo) -> int:
    return info.count


def _tileset(manifest: Manifest, family: str) -> Tileset | None:
    """Return the tileset of the collection that stands for a family."""
    info = shown_in(manifest, family)
    own = [] if info is None else [t for t in manifest.tilesets if t.id == info.layer.id]
    return next(iter(own), None)


def _info(manifest: Manifest, family: str) -> CollectionInfo:
    info = shown_in(manifest, family)
    assert info is not None  # noqa: S101 - it has a tileset
    return info


def _text(text: Text) -> Json:
    return {"it": text.it, "en": text.en}
