"""The documents of the description plane: landing page, conformance, collections, releases."""

from __future__ import annotations

from typing import Any, Final

from api.asked import Asked
from api.describe.citation import BIBTEX, BIBTEX_PATH, CFF, CFF_PATH, address
from api.describe.links import LICENCES, OGC, Link, Said, link, link_to, self_links
from api.dggs.themes import on_zones
from api.downloads import LINEAGE, MBTILES, entry_of, packable, with_lineage
from api.features.cql2.arithmetic import FUNCTIONS
from api.features.cql2.values import Numbers, Texts, Times
from api.features.formats.media import NAMES, offered
from api.language import HTML, JSON, STYLE
from geo_core.formats import mbtiles
from geo_core.model.layer import Layer
from geo_core.release.pointer import available

type Document = dict[str, Any]

OFFERED: Final = (JSON, HTML)
_JSON: Final = "application/json"
_SCHEMA: Final = "application/schema+json"
_OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
_PARQUET: Final = "application/vnd.apache.parquet"
_PMTILES: Final = "application/vnd.pmtiles"
_QGZ: Final = "application/vnd.qgis.qgz"
_QLR: Final = "application/vnd.qgis.qlr+xml"
_COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"

_TITLES: Final = {
    "api": Said("Descrizione dell'API (OpenAPI 3.0)", "API description (OpenAPI 3.0)"),
    "conformance": Said("Classi di conformità", "Conformance classes"),
    "collections": Said("Raccolte", "Collections"),
    "tiles": Said("Tessere vettoriali", "Vector tiles"),
    "styles": Said("Stili", "Styles"),
    "zones": Said("Zone della griglia H3", "Zones of the grid H3"),
    "map": Said("Mappa", "Map"),
    "catalogue": Said("Catalogo DCAT-AP_IT", "DCAT-AP_IT catalogue"),
    "hsds": Said("Servizi e sedi nel formato HSDS", "Services and offices in the HSDS format"),
    "disclosure": Said("Come sono protetti i dati", "How the data are protected"),
    "functions": Said("Funzioni per i filtri", "Functions for filters"),
    "processes": Said("Processi", "Processes"),
    "releases": Said("Versioni dei dati", "Data releases"),
    "cite": Said("Indirizzo con cui citare", "Address to cite"),
    "cff": Said("Come citare (CITATION.cff)", "How to cite (CITATION.cff)"),
    "bibtex": Said("Come citare (BibTeX)", "How to cite (BibTeX)"),
    "root": Said("Pagina iniziale", "Landing page"),
    "items": Said("Oggetti", "Features"),
    "schema": Said("Schema", "Schema"),
    "feature-schema": Said("Schema di un oggetto GeoJSON", "Schema of a GeoJSON feature"),
    "queryables": Said("Campi per i filtri", "Fields to filter on"),
    "sortables": Said("Campi per l'ordine", "Fields to sort on"),
    "style": Said("Stile MapLibre", "MapLibre style"),
    "tilejson": Said("Tessere vettoriali (TileJSON)", "Vector tiles (TileJSON)"),
    "parquet": Said("Scarica come GeoParquet", "Download as GeoParquet"),
    "pmtiles": Said("Scarica come PMTiles", "Download as PMTiles"),
    "raster": Said("Raster, legenda e WMTS", "Raster, legend and WMTS"),
    "rasters": Said("Raster", "Rasters"),
    "project": Said("Apri in QGIS: il progetto", "Open in QGIS: the project"),
    "layers": Said("Apri in QGIS: tutti i layer", "Open in QGIS: all layers"),
    "layer": Said("Apri in QGIS", "Open in QGIS"),
    "mbtiles": Said("Scarica come MBTiles", "Download as MBTiles"),
    "lineage": Said("Scarica da che cosa è calcolata", "Download what it is computed from"),
    "cog": Said("Scarica come GeoTIFF (COG)", "Download as GeoTIFF (COG)"),
}


_GRIDS: Final = "[ogc-rel:dggrs-list]"
"""Relation of the list of grids, as OGC API - DGGS writes it."""


def _link(asked: Asked, rel: str, path: str, media_type: str, title: str) -> Link:
    return link(rel, f"{asked.base}{path}", media_type, _TITLES[title].in_(asked.lang))


def landing(asked: Asked) -> Document:
    """Return the landing page: what a client must find to use the service."""
    manifest = asked.served.release.manifest
    return {
        "title": manifest.title.in_(asked.lang),
        "description": _RELEASE.in_(asked.lang).format(manifest.id, manifest.reference_date),
        "attribution": "; ".join(dict.fromkeys(i.attribution for i in manifest.inputs)),
        "links": [
            *self_links(asked, OFFERED),
            _link(asked, "service-desc", "/api", _OPENAPI, "api"),
            _link(asked, "service-doc", "/api?f=html", "text/html", "api"),
            _link(asked, "conformance", "/conformance", _JSON, "conformance"),
            _link(asked, "data", "/collections", _JSON, "collections"),
            _link(asked, f"{OGC}data", "/collections", _JSON, "collections"),
            _link(asked, f"{OGC}functions", "/functions", _JSON, "functions"),
            _link(asked, f"{OGC}tilesets-vector", "/tiles", _JSON, "tiles"),
            _link(asked, f"{OGC}styles", "/styles", _JSON, "styles"),
            *([_link(asked, _GRIDS, "/dggs", _JSON, "zones")] if asked.served.themes else []),
            _link(asked, f"{OGC}processes", "/processes", _JSON, "processes"),
            _link(asked, "related", "/raster", _JSON, "rasters"),
            _link(asked, "related", "/qgis/atlante.qgz", _QGZ, "project"),
            _link(asked, "related", "/qgis/atlante.qlr", _QLR, "layers"),
            _link(asked, "related", "/embed", "text/html", "map"),
            _link(asked, "service-meta", "/dcat.ttl", "text/turtle", "catalogue"),
            _link(asked, "service-meta", "/dcat.jsonld", "application/ld+json", "catalogue"),
            _link(asked, "related", "/hsds", _JSON, "hsds"),
            _link(asked, "privacy-policy", "/disclosure", _JSON, "disclosure"),
            _link(asked, "version-history", "/releases", _JSON, "releases"),
            *_cited(asked),
        ],
    }


def _cited(asked: Asked) -> list[Link]:
    """Return links to how the release is cited, which is not by the address of the service."""
    said = _release_links(asked, asked.served.release.id)
    return [one for one in said if one["rel"] in {"cite-as", "describedby"}]


_RELEASE: Final = Said("Versione dei dati {}, riferita al {}.", "Data release {}, as of {}.")


def conformance(asked: Asked, classes: tuple[str, ...]) -> Document:
    """Return the conformance declaration."""
    return {"conformsTo": list(classes), "links": self_links(asked, OFFERED)}


def functions(asked: Asked) -> Document:
    """Return the functions that a filter may call, beside the operators of CQL2."""
    return {
        "functions": [
            {
                "name": name,
                "description": Said(function.it, function.en).in_(asked.lang),
                "arguments": [{"title": "value", "type": [_KINDS[function.takes]]}],
                "returns": [_KINDS[function.gives]],
            }
            for name, function in FUNCTIONS.items()
        ],
        "links": self_links(asked, OFFERED),
    }


_KINDS: Final[dict[type, str]] = {Numbers: "number", Texts: "string", Times: "datetime"}


def collections(asked: Asked) -> Document:
    """Return the list of collections, in the order of the manifest."""
    return {
        "links": self_links(asked, OFFERED),
        "collections": [_collection(asked, ident) for ident in asked.served.collections],
    }


def collection(asked: Asked, ident: str) -> Document:
    """Return one collection with its links; the first ones lead to this document."""
    document = _collection(asked, ident)
    return {**document, "links": [*self_links(asked, OFFERED), *document["links"][1:]]}


def protected_columns(asked: Asked) -> dict[str, str]:
    """Return the titles of the columns that count persons, by name."""
    layers = (asked.served.collection(ident).layer for ident in asked.served.collections)
    return {
        field.name: field.title.in_(asked.lang)
        for layer in layers
        if layer.sensitivity == "B"
        for field in layer.fields
    }


def _collection(asked: Asked, ident: str) -> Document:
    layer = asked.served.collection(ident).layer
    return {
        **asked.served.documents[asked.lang][ident],
        "attribution": layer.attribution,
        "license": layer.licence,
        "links": [*_description_links(asked, layer), *_data_links(asked, layer)],
    }


def _description_links(asked: Asked, layer: Layer) -> list[Link]:
    here = f"/collections/{layer.id}"
    licence = LICENCES.get(layer.licence)
    return [
        link("self", f"{asked.base}{here}", _JSON, layer.title.in_(asked.lang)),
        _link(asked, "root", "/", _JSON, "root"),
        _link(asked, f"{OGC}schema", f"{here}/schema", _SCHEMA, "schema"),
        _link(asked, "describedby", f"{here}/schema?f=geojson", _SCHEMA, "feature-schema"),
        # GDAL 3.6 looks for this spelling, and guesses the types of columns without it.
        _link(asked, "describedBy", f"{here}/schema?f=geojson", _SCHEMA, "feature-schema"),
        _link(asked, f"{OGC}queryables", f"{here}/queryables", _SCHEMA, "queryables"),
        _link(asked, f"{OGC}sortables", f"{here}/sortables", _SCHEMA, "sortables"),
        _link(asked, "privacy-policy", "/disclosure", _JSON, "disclosure"),
        _link(asked, "disclosure", "/disclosure", _JSON, "disclosure"),
        # QGIS shows the title of this link as the licence of the layer.
        *([link("license", licence, "text/html", layer.licence)] if licence else []),
    ]


def _items_links(asked: Asked, layer: Layer) -> list[Link]:
    """Return links to the features in every format.

    JSON-FG comes before GeoJSON: both have one media type. Of that type GDAL takes the last link
    for the features; QGIS tells them apart by the profile.
    """
    items, title = f"{asked.base}/collections/{layer.id}/items", _TITLES["items"].in_(asked.lang)
    default, *others = offered(layer)
    links = [
        link_to(media, "items", f"{items}?f={media.f}", f"{title} ({NAMES[media.f]})")
        for media in others
    ]
    return sorted(
        [link_to(default, "items", items, title), *links], key=lambda k: "profile" not in k
    )


def whole(asked: Asked, ident: str) -> list[tuple[str, str]]:
    """Return name and address of the features in every format, as many as an answer holds."""
    items = f"{asked.base}/collections/{ident}/items"
    most = asked.served.settings.items_max
    return [
        (NAMES[media.f], f"{items}?f={media.f}&limit={most}")
        for media in offered(asked.served.collection(ident).layer)
        if not media.is_html
    ]


def _data_links(asked: Asked, layer: Layer) -> list[Link]:
    here = f"/collections/{layer.id}"
    links = [
        *_items_links(asked, layer),
        _download(asked, f"{layer.id}.parquet", _PARQUET, "parquet"),
        _link(asked, "related", f"/qgis/{layer.id}.qlr", _QLR, "layer"),
    ]
    if layer.id in {tileset.id for tileset in asked.served.release.manifest.tilesets}:
        links += [
            _link(asked, f"{OGC}tilesets-vector", f"{here}/tiles", _JSON, "tiles"),
            _link(asked, "related", f"/xyz/{layer.id}.json", _JSON, "tilejson"),
            _link(asked, f"{OGC}styles", f"/styles/{layer.id}", STYLE.type, "style"),
            _download(asked, f"{layer.id}.pmtiles", _PMTILES, "pmtiles"),
        ]
    if layer.id in {tileset.id for tileset in packable(asked.served.release.manifest)}:
        made = f"/download/{layer.id}{MBTILES}"
        links.append(_link(asked, "enclosure", made, mbtiles.MEDIA_TYPE, "mbtiles"))
    if on_zones(layer):
        links.append(_link(asked, _GRIDS, f"{here}/dggs", _JSON, "zones"))
    if layer.id in with_lineage(asked.served.release.manifest):
        links.append(_download(asked, f"{layer.id}{LINEAGE}", _JSON, "lineage"))
    return [*links, *_raster_links(asked, layer)]


def _raster_links(asked: Asked, layer: Layer) -> list[Link]:
    """Return links to every raster of a collection, titled by its field, and to its file."""
    links: list[Link] = []
    for ident, field in layer.rasters.items():
        page = _link(asked, "related", f"/raster/{ident}", _JSON, "raster")
        file = _download(asked, f"{ident}.tif", _COG, "cog")
        of = layer.field(field).title.in_(asked.lang)
        links += [{**one, "title": f"{one['title']}: {of}"} for one in (page, file)]
    return links


def _download(asked: Asked, name: str, media_type: str, title: str) -> Link:
    length = entry_of(asked.served.release.manifest, name).bytes
    return {**_link(asked, "enclosure", f"/download/{name}", media_type, title), "length": length}


def releases(asked: Asked, now: str) -> Document:
    """Return the releases that exist, the last published first; `now` is the current one."""
    known = available(asked.served.settings.releases)
    return {
        "releases": [
            # An id begins with the reference date of its input.
            {
                "id": ident,
                "reference_date": ident[:10],
                "current": ident == now,
                "links": _release_links(asked, ident),
            }
            for ident in known
        ],
        "links": self_links(asked, OFFERED),
    }


def _release_links(asked: Asked, ident: str) -> list[Link]:
    """Return links to the addresses that name a release, whose answers never change."""
    here, lang = address(asked.served.settings.public_url, ident), asked.lang
    base = here.removesuffix("/")
    return [
        link("item", here, _JSON, _TITLES["root"].in_(lang)),
        link("cite-as", here, _JSON, _TITLES["cite"].in_(lang)),
        link("describedby", f"{base}{CFF_PATH}", CFF.type, _TITLES["cff"].in_(lang)),
        link("describedby", f"{base}{BIBTEX_PATH}", BIBTEX.type, _TITLES["bibtex"].in_(lang)),
        link("privacy-policy", f"{base}/disclosure", _JSON, _TITLES["disclosure"].in_(lang)),
    ]
