"""Requirements classes in words: what each lets a reader do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from api.describe.links import Said
from geo_core.model.text import Lang

_OGC: Final = "http://www.opengis.net/spec/"
_OGC_SECURE: Final = "https://www.opengis.net/spec/"
_CONF: Final = "/conf/"

_STANDARDS: Final = {
    "ogcapi-common-1/1.0": Said(
        "OGC API - Common, parte 1: il servizio", "OGC API - Common, part 1: the service"
    ),
    "ogcapi-common-2/1.0": Said(
        "OGC API - Common, parte 2: le raccolte", "OGC API - Common, part 2: collections"
    ),
    "ogcapi-common-3/1.0": Said(
        "OGC API - Common, parte 3: gli schemi", "OGC API - Common, part 3: schemas"
    ),
    "ogcapi-features-1/1.0": Said(
        "OGC API - Features, parte 1: gli oggetti", "OGC API - Features, part 1: features"
    ),
    "ogcapi-features-2/1.0": Said(
        "OGC API - Features, parte 2: i sistemi di riferimento",
        "OGC API - Features, part 2: reference systems",
    ),
    "ogcapi-features-3/1.0": Said(
        "OGC API - Features, parte 3: i filtri", "OGC API - Features, part 3: filtering"
    ),
    "ogcapi-features-5/1.0": Said(
        "OGC API - Features, parte 5: gli schemi", "OGC API - Features, part 5: schemas"
    ),
    "ogcapi-features-8/1.0": Said(
        "OGC API - Features, parte 8: l'ordine", "OGC API - Features, part 8: sorting"
    ),
    "cql2/1.0": Said("CQL2: il linguaggio dei filtri", "CQL2: the language of filters"),
    "json-fg-1/1.0": Said("JSON-FG: un GeoJSON più ricco", "JSON-FG: a richer GeoJSON"),
    "ogcapi-tiles-1/1.0": Said(
        "OGC API - Tiles: le tessere vettoriali", "OGC API - Tiles: vector tiles"
    ),
    "ogcapi-styles-1/0.0": Said(
        "OGC API - Styles (bozza): gli stili", "OGC API - Styles (draft): styles"
    ),
    "ogcapi-dggs-1/1.0": Said("OGC API - DGGS: le zone", "OGC API - DGGS: zones"),
    "ogcapi-processes-1/1.0": Said("OGC API - Processes: i processi", "OGC API - Processes"),
    "tms/2.0": Said("Tile Matrix Set: le griglie delle tessere", "Tile Matrix Set: grids of tiles"),
}

_COMMON: Final = {
    "ogcapi-common-1/1.0/conf/core": Said(
        "Chiedere con HTTP, e avere errori che si capiscono",
        "Ask by HTTP, and get errors that can be understood",
    ),
    "ogcapi-common-1/1.0/conf/landing-page": Said(
        "Partire da un solo indirizzo e trovare da lì tutto il resto",
        "Start at one address and find all else from there",
    ),
    "ogcapi-common-1/1.0/conf/json": Said(
        "Leggere ogni documento come JSON", "Read every document as JSON"
    ),
    "ogcapi-common-1/1.0/conf/html": Said(
        "Leggere ogni documento come pagina", "Read every document as a page"
    ),
    "ogcapi-common-1/1.0/conf/oas30": Said(
        "Avere la descrizione dell'intero servizio in OpenAPI 3.0",
        "Get the description of the whole service in OpenAPI 3.0",
    ),
    "ogcapi-common-2/1.0/conf/collections": Said(
        "Elencare le raccolte e sapere che cosa contiene ciascuna",
        "List the collections and learn what each holds",
    ),
    "ogcapi-common-3/1.0/conf/schemas": Said(
        "Sapere quali campi ha una raccolta, di che tipo e con quali unità",
        "Learn which fields a collection has, of which type and in which units",
    ),
    "ogcapi-common-3/1.0/conf/queryables": Said(
        "Sapere con quali campi si può filtrare", "Learn which fields one can filter on"
    ),
    "ogcapi-common-3/1.0/conf/sortables": Said(
        "Sapere con quali campi si può ordinare", "Learn which fields one can sort on"
    ),
    "ogcapi-common-3/1.0/conf/returnables-and-receivables": Said(
        "Sapere quali campi tornano nella risposta", "Learn which fields an answer holds"
    ),
    "ogcapi-common-3/1.0/conf/profile-parameter": Said(
        "Scegliere fra varianti di un formato con `profile`",
        "Choose between variants of a format by `profile`",
    ),
}

_FEATURES: Final = {
    "ogcapi-features-1/1.0/conf/core": Said(
        "Leggere gli oggetti a pagine, per riquadro, data e valore di un campo",
        "Read features in pages, by box, date and value of a field",
    ),
    "ogcapi-features-1/1.0/conf/oas30": Said(
        "Trovare le domande sugli oggetti nella descrizione OpenAPI 3.0",
        "Find what can be asked of features in the OpenAPI 3.0 description",
    ),
    "ogcapi-features-1/1.0/conf/html": Said(
        "Leggere gli oggetti come pagina", "Read features as a page"
    ),
    "ogcapi-features-1/1.0/conf/geojson": Said(
        "Leggere gli oggetti come GeoJSON", "Read features as GeoJSON"
    ),
    "ogcapi-features-2/1.0/conf/crs": Said(
        "Avere le coordinate in un altro sistema di riferimento",
        "Get coordinates in another reference system",
    ),
    "ogcapi-features-3/1.0/conf/queryables": Said(
        "Sapere con quali campi si può filtrare", "Learn which fields one can filter on"
    ),
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": Said(
        "Filtrare scrivendo il campo nell'indirizzo, come `posti=10`",
        "Filter by writing the field in the address, as in `posti=10`",
    ),
    "ogcapi-features-3/1.0/conf/filter": Said(
        "Filtrare con una condizione in CQL2", "Filter by a condition in CQL2"
    ),
    "ogcapi-features-3/1.0/conf/features-filter": Said(
        "Filtrare gli oggetti di una raccolta", "Filter the features of a collection"
    ),
    "ogcapi-features-5/1.0/conf/schemas": Said(
        "Sapere quali campi ha una raccolta (il nome che cerca QGIS)",
        "Learn which fields a collection has (the name that QGIS looks for)",
    ),
    "ogcapi-features-8/1.0/conf/sorting": Said(
        "Ordinare per uno o più campi con `sortby`", "Sort by one or more fields by `sortby`"
    ),
    "ogcapi-features-8/1.0/conf/sortables": Said(
        "Sapere con quali campi si può ordinare", "Learn which fields one can sort on"
    ),
    "ogcapi-features-8/1.0/conf/features-sorting": Said(
        "Ordinare gli oggetti di una raccolta", "Sort the features of a collection"
    ),
    "json-fg-1/1.0/conf/core": Said(
        "Leggere gli oggetti come JSON-FG, con la data e il sistema di riferimento",
        "Read features as JSON-FG, with date and reference system",
    ),
    "json-fg-1/1.0/conf/types-schemas": Said(
        "Sapere di ogni oggetto il tipo e lo schema",
        "Learn the type and the schema of each feature",
    ),
    "json-fg-1/1.0/conf/profiles": Said(
        "Scegliere fra GeoJSON, JSON-FG e le due forme insieme",
        "Choose GeoJSON, JSON-FG, or both in one",
    ),
    "json-fg-1/1.0/conf/api": Said(
        "Chiedere JSON-FG al servizio come gli altri formati",
        "Ask the service for JSON-FG as for other formats",
    ),
}

_CQL2: Final = {
    "cql2/1.0/conf/cql2-text": Said("Scrivere filtri come testo", "Write filters as text"),
    "cql2/1.0/conf/cql2-json": Said("Scrivere filtri come JSON", "Write filters as JSON"),
    "cql2/1.0/conf/basic-cql2": Said(
        "Confrontare campi e valori, e unire condizioni con `and`, `or`, `not`",
        "Compare fields with values, and join conditions by `and`, `or`, `not`",
    ),
    "cql2/1.0/conf/advanced-comparison-operators": Said(
        "Usare `like`, `between` e `in`", "Use `like`, `between` and `in`"
    ),
    "cql2/1.0/conf/case-insensitive-comparison": Said(
        "Confrontare testi senza badare alle maiuscole (`casei`)",
        "Compare texts whatever their case (`casei`)",
    ),
    "cql2/1.0/conf/accent-insensitive-comparison": Said(
        "Confrontare testi senza badare agli accenti (`accenti`)",
        "Compare texts whatever their accents (`accenti`)",
    ),
    "cql2/1.0/conf/basic-spatial-functions": Said(
        "Trovare ciò che tocca un punto o un riquadro (`s_intersects`)",
        "Find what meets a point or a box (`s_intersects`)",
    ),
    "cql2/1.0/conf/basic-spatial-functions-plus": Said(
        "Trovare ciò che tocca una forma qualsiasi", "Find what meets any shape"
    ),
    "cql2/1.0/conf/basic-spatial-operators": Said(
        "Lo stesso, con il nome ritirato che cercano alcune versioni di QGIS",
        "The same, by the withdrawn name that some versions of QGIS look for",
    ),
    "cql2/1.0/conf/spatial-functions": Said(
        "Trovare ciò che sta dentro, contiene, attraversa o sfiora una forma",
        "Find what is within, contains, crosses or touches a shape",
    ),
    "cql2/1.0/conf/temporal-functions": Said(
        "Confrontare date e periodi: prima, dopo, durante",
        "Compare dates and periods: before, after, during",
    ),
    "cql2/1.0/conf/array-functions": Said(
        "Filtrare elenchi di codici: uno, tutti o nessuno di questi",
        "Filter lists of codes: one, all or none of these",
    ),
    "cql2/1.0/conf/property-property": Said(
        "Confrontare un campo con un altro", "Compare a field with another"
    ),
    "cql2/1.0/conf/functions": Said(
        "Usare funzioni in un filtro; l'elenco è in `/functions`",
        "Use functions in a filter; they are listed at `/functions`",
    ),
    "cql2/1.0/conf/arithmetic": Said("Fare conti in un filtro", "Reckon in a filter"),
}

_TILES: Final = {
    "ogcapi-tiles-1/1.0/conf/core": Said(
        "Chiedere una tessera per livello, riga e colonna", "Ask for a tile by zoom, row and column"
    ),
    "ogcapi-tiles-1/1.0/conf/tileset": Said(
        "Sapere che cosa contiene un insieme di tessere", "Learn what a tileset holds"
    ),
    "ogcapi-tiles-1/1.0/conf/tilesets-list": Said(
        "Elencare gli insiemi di tessere", "List the tilesets"
    ),
    "ogcapi-tiles-1/1.0/conf/dataset-tilesets": Said(
        "Avere le tessere di tutto, o di un tema intero",
        "Get the tiles of everything, or of a whole theme",
    ),
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": Said(
        "Avere le tessere di una raccolta", "Get the tiles of a collection"
    ),
    "ogcapi-tiles-1/1.0/conf/collections-selection": Said(
        "Scegliere quali raccolte stanno in una tessera",
        "Choose which collections are in a tile",
    ),
    "ogcapi-tiles-1/1.0/conf/oas30": Said(
        "Trovare gli indirizzi delle tessere nella descrizione in OpenAPI 3.0",
        "Find the addresses of tiles in the description in OpenAPI 3.0",
    ),
    "ogcapi-tiles-1/1.0/conf/mvt": Said(
        "Leggere le tessere nel formato Mapbox Vector Tiles",
        "Read tiles in the format Mapbox Vector Tiles",
    ),
    "tms/2.0/conf/tilematrixset": Said(
        "Sapere come la griglia divide il mondo", "Learn how the grid divides the world"
    ),
    "tms/2.0/conf/json-tilematrixset": Said("Leggere la griglia come JSON", "Read it as JSON"),
    "tms/2.0/conf/tilesetmetadata": Said(
        "Sapere titolo, licenza, livelli ed estensione di un insieme di tessere",
        "Learn title, licence, zooms and extent of a tileset",
    ),
    "tms/2.0/conf/json-tilesetmetadata": Said(
        "Leggere quelle notizie come JSON", "Read these as JSON"
    ),
    "tms/2.0/conf/tilematrixsetlimits": Said(
        "Sapere dove ci sono tessere, e non chiederne altrove",
        "Learn where there are tiles, and ask nowhere else",
    ),
    "tms/2.0/conf/json-tilematrixsetlimits": Said(
        "Leggere quei limiti come JSON", "Read these limits as JSON"
    ),
}

_DGGS: Final = {
    "core": Said(
        "Sapere quale griglia c'è e che cos'è una zona",
        "Learn which grid there is and what a zone is",
    ),
    "data-retrieval": Said("Chiedere che cosa c'è in una zona", "Ask what is in a zone"),
    "data-subsetting": Said(
        "Chiederne solo alcuni campi, o un periodo",
        "Ask for some fields of it only, or a period",
    ),
    "data-custom-depths": Said(
        "Avere i valori delle zone più piccole che contiene",
        "Get the values of the smaller zones in it",
    ),
    "data-cql2-filter": Said(
        "Avere solo i valori che rispettano una condizione",
        "Get the values that meet a condition only",
    ),
    "zone-query": Said("Chiedere dove ci sono dati", "Ask where there are data"),
    "zone-query-cql2-filter": Said(
        "Chiedere dove i dati rispettano una condizione",
        "Ask where data meet a condition",
    ),
    "root-dggs": Said("Chiedere di tutti i temi insieme", "Ask of all themes together"),
    "collection-dggs": Said("Chiedere di una raccolta", "Ask of a collection"),
    "operation-ids": Said(
        "Riconoscere le operazioni nel documento OpenAPI",
        "Tell operations in the OpenAPI document",
    ),
    "data-json": Said("Leggere i valori come DGGS-JSON", "Read values as DGGS-JSON"),
    "data-geojson": Said("Leggere i valori come GeoJSON", "Read values as GeoJSON"),
    "zone-html": Said("Leggere le zone in una pagina", "Read zones in a page"),
    "zone-uint64": Said("Leggere le zone come interi", "Read zones as integers"),
    "zone-geojson": Said("Leggere le zone come GeoJSON", "Read zones as GeoJSON"),
}

_PROCESSES: Final = {
    "core": Said("Trovare ed eseguire un processo", "Find and execute a process"),
    "ogc-process-description": Said(
        "Leggere che cosa un processo chiede e dà", "Read what a process takes and gives"
    ),
    "json": Said("Chiedere e ricevere JSON", "Send and receive JSON"),
    "html": Said("Leggere i processi in una pagina", "Read processes in a page"),
    "oas30": Said(
        "Trovare i processi nel documento OpenAPI", "Find the processes in the OpenAPI document"
    ),
}

_STYLES: Final = {
    "ogcapi-styles-1/0.0/conf/core": Said(
        "Trovare gli stili e che cosa disegnano", "Find the styles and what they draw"
    ),
    "ogcapi-styles-1/0.0/conf/mapbox-styles": Said(
        "Prendere uno stile per MapLibre", "Take a style for MapLibre"
    ),
    "ogcapi-styles-1/0.0/conf/sld-11": Said(
        "Prendere uno stile per chi legge SLD 1.1", "Take a style for what reads SLD 1.1"
    ),
}

_PLAIN: Final = _COMMON | _FEATURES | _CQL2 | _TILES | _STYLES

WORDS: Final[Mapping[str, Said]] = {
    **{f"{_OGC}{name}": said for name, said in _PLAIN.items()},
    **{f"{_OGC}ogcapi-processes-1/1.0/conf/{name}": said for name, said in _PROCESSES.items()},
    **{f"{_OGC_SECURE}ogcapi-dggs-1/1.0/conf/{name}": said for name, said in _DGGS.items()},
}
"""What each requirements class lets one do, by its address."""


class Standard(NamedTuple):
    """A standard, with addresses of its classes and what they let one do."""

    id: str
    title: str
    classes: tuple[tuple[str, str], ...]


def standards(classes: Iterable[str], lang: Lang) -> tuple[Standard, ...]:
    """Return requirements classes in words, by standard."""
    declared = tuple(classes)
    return tuple(
        Standard(
            name.partition("/")[0],
            title.in_(lang),
            tuple(
                (one, WORDS[one].in_(lang))
                for one in declared
                if one.startswith((f"{_OGC}{name}{_CONF}", f"{_OGC_SECURE}{name}{_CONF}"))
            ),
        )
        for name, title in _STANDARDS.items()
    )
