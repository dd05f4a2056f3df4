"""The paths of pages for people in the OpenAPI document: the map, the sheets, the feed."""

from __future__ import annotations

from typing import Final

from api.describe.feed import ATOM, PATH
from api.describe.links import Said
from api.describe.operations import BYTES, OBJECT, Json, get, in_path, in_query, shared
from api.embed.giving import ELEMENT
from api.embed.view import NAMES
from api.features.formats.media import CSV
from api.language import HTML, JSON
from api.territory.routes import OFFERED

_TEXT: Final[Json] = {"type": "string"}
_PAGE: Final[Json] = {HTML.type.split(";", 1)[0]: {"schema": _TEXT}}
_DATA: Final[Json] = {JSON.type: {"schema": OBJECT}}
_ASKED: Final = {
    "layer": Said("Che cosa mostrare: una famiglia di raccolte", "What to show: a family"),
    "field": Said("Il campo di cui i colori dicono la classe", "Field whose class the colours say"),
    "comune": Said("Codice ISTAT di un comune", "ISTAT code of a municipality"),
    "anno": Said("Un anno precedente, dove c'è", "An earlier year, where there is one"),
    "luogo": Said("Un luogo di cui cercare le sedi vicine", "A place to find offices near"),
    "cerca": Said("Il nome di un luogo da cercare", "Name of a place to look for"),
    "target": Said("Per chi sono le opportunità", "For whom opportunities are"),
    "map": Said("Zoom, latitudine e longitudine", "Zoom, latitude and longitude"),
}  # fmt: skip
_SHOWN: Final = Said("1 per mostrare questi punti", "1 to show these points")
_PLACES: Final = {
    "comuni": ("Municipalit", Said("I comuni", "The municipalities"),
               Said("La scheda di un comune", "The sheet of a municipality")),
    "enti": ("Bod", Said("Gli enti gestori", "The managing bodies"),
             Said("La scheda di un ente gestore", "The sheet of a managing body")),
}  # fmt: skip


def of_pages() -> Json:
    """Return the paths of pages for people."""
    return {**_map(), **_embedding(), **_territory(), **_others()}


def _map() -> Json:
    asked = [in_query(name, _ASKED.get(name, _SHOWN), _TEXT) for name in NAMES]
    common = [_form(HTML.f), *shared("lang")]
    layer = in_path("layer", _TEXT)
    summary = Said("Una mappa da inserire in altre pagine", "A map to embed")
    making = Said("Prepara il codice da inserire in un sito", "Make the code to put on a site")
    return {
        "/embed": _page("getMap", summary, *asked, *common),
        "/embed/{layer}": get(
            "getMapOfLayer", summary, tag="service", content=_PAGE,
            parameters=[layer, *asked, *common], not_found=True,
        ),
        "/embed/crea": _page("makeSnippet", making, *asked, *common),
    }  # fmt: skip


def _embedding() -> Json:
    url = in_query("url", Said("L'indirizzo di una mappa", "The address of a map"), _TEXT)
    sizes = [
        in_query(
            name, Said("Pixel al massimo", "Pixels at most"), {"type": "integer", "minimum": 240}
        )
        for name in ("maxwidth", "maxheight")
    ]
    form = in_query("format", Said("La forma", "The form"), {"type": "string", "enum": ["json"]})
    found = Said(
        "Luoghi e sedi per la ricerca nel browser", "Places and offices to search in a browser"
    )
    script = Said("L'elemento atlante-mappa", "The element atlante-mappa")
    return {
        "/oembed": get(
            "getOembed", Said("oEmbed di una mappa", "oEmbed of a map"), tag="service",
            content=_DATA, parameters=[url, *sizes, form, *shared("f-data", "lang")],
            not_found=True,
        ),
        "/embed/luoghi.json": get(
            "getMapPlaces", found, tag="service", content=_DATA, parameters=shared("f-data", "lang")
        ),
        ELEMENT: get(
            "getMapElement", script, tag="service", content={"text/javascript": {"schema": BYTES}}
        ),
    }  # fmt: skip


def _territory() -> Json:
    """Return lists and sheets of municipalities and managing bodies."""
    out: Json = {}
    for path, (name, many, one) in _PLACES.items():
        out[f"/{path}"] = get(
            f"get{name}ies", many, tag="service", content=_DATA | _PAGE,
            parameters=shared("f", "lang"),
        )  # fmt: skip
        out[f"/{path}/{{code}}"] = get(
            f"get{name}y", one, tag="service",
            content=_DATA | _PAGE | {CSV.type: {"schema": BYTES}},
            parameters=[in_path("code", _TEXT), _form(*(m.f for m in OFFERED)), *shared("lang")],
            not_found=True,
        )  # fmt: skip
    return out


def _others() -> Json:
    changed = Said(
        "Che cosa è cambiato fra le versioni (Atom)", "What changed between releases (Atom)"
    )
    said = Said("La dichiarazione di accessibilità", "The accessibility statement")
    content = {ATOM.type.split(";", 1)[0]: {"schema": BYTES}}
    return {
        PATH: get(
            "getFeed", changed, tag="service", content=content,
            parameters=[_form(ATOM.f), *shared("lang")],
        ),
        "/accessibilita": _page("getAccessibility", said, _form(HTML.f), *shared("lang")),
    }  # fmt: skip


def _page(operation: str, summary: Said, *asked: Json) -> Json:
    return get(operation, summary, tag="service", content=_PAGE, parameters=[*asked])


def _form(*names: str) -> Json:
    return in_query("f", Said("La forma", "The form"), {"type": "string", "enum": [*names]})
