"""The definition of the grid that is served: H3, which no register of OGC holds.

The schema is that of OGC API - DGGS, Annex B. What it has no member for, the rule by which
values of zones are made of finer ones, is said in `description` and in `subZoneOrder`.
"""

from __future__ import annotations

from typing import Any, Final

from api.describe.links import Said
from geo_core.model.grid import FINEST
from geo_core.model.text import Lang

GRID: Final = "H3"
"""Id of the one grid."""

ADDRESS: Final = f"/dggrs/{GRID}"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

TITLE: Final = Said("Griglia esagonale H3", "H3 hexagonal grid")

DESCRIPTION: Final = Said(
    "Esagoni e, a ogni livello, dodici pentagoni; livelli da 0 a 15, ognuno con celle circa sette "
    "volte più piccole. Le sotto-zone di una zona sono i suoi discendenti nell'indice: ogni cella "
    "ha una sola zona madre, perciò le somme conservano le persone. I discendenti non coprono "
    "esattamente il contorno della madre: circa il 6% della loro area ne sta fuori.",
    "Hexagons and, at every level, twelve pentagons; levels 0 to 15, each with cells about seven "
    "times smaller. The sub-zones of a zone are its descendants in the index: each cell has "
    "exactly one parent, so sums conserve people. Descendants do not cover the outline of their "
    "parent exactly: about 6% of their area lies outside.",
)

_TEXT: Final = Said(
    "Indice H3 in 15 cifre esadecimali minuscole.",
    "H3 index as 15 hexadecimal digits, lower case.",
)
_NUMBER: Final = Said(
    "Indice H3 come intero di 64 bit senza segno: modo, livello, cella di base (0-121), quindici "
    "cifre di tre bit; 7 dove la cifra manca.",
    "H3 index as an unsigned 64-bit integer: mode, level, base cell (0-121), fifteen digits of "
    "three bits; 7 where there is no digit.",
)
_ORDER: Final = Said(
    "Ordine crescente dell'indice. Le sotto-zone di profondità n sono i discendenti nell'indice, "
    "n livelli più fini: sette per esagono, sei per il pentagono (il figlio in posizione 1 manca). "
    "Le liste di zone danno anche, con sub-zones=geometric, quelle che condividono terreno con "
    "la zona; i valori non si sommano mai così, perché conterebbero due volte le persone.",
    "Ascending order of the index. The sub-zones of depth n are the descendants in the index, n "
    "levels finer: seven for a hexagon, six for a pentagon (the child at place 1 is not there). "
    "Zone lists also give, with sub-zones=geometric, those that share ground with the zone; "
    "values are never summed that way, for people would be counted twice.",
)


def definition(lang: Lang) -> dict[str, Any]:
    """Return the definition of the grid."""
    return {
        "title": TITLE.in_(lang),
        "description": DESCRIPTION.in_(lang),
        "dggh": {
            "definition": {
                "spatialDimensions": 2,
                "temporalDimensions": 0,
                "crs": CRS84,
                "basePolyhedron": "icosahedron",
                "refinementRatio": 7,
                "refinementStrategy": ["centredChildCell"],
                "constraints": {
                    "cellAxisAligned": False,
                    "cellConformal": False,
                    "cellEquiAngular": False,
                    "cellEquiDistant": False,
                    "cellEqualSized": False,
                },
                "zoneTypes": ["hexagon", "pentagon"],
                "maxRefinementLevel": FINEST,
            },
        },
        "zirs": {
            "textZIRS": {"description": _TEXT.in_(lang), "type": "hierarchicalConcatenation"},
            "uint64ZIRS": {"description": _NUMBER.in_(lang)},
        },
        "subZoneOrder": {"description": _ORDER.in_(lang), "type": "indexAscending"},
        "links": [
            {"rel": "describedby", "href": "https://h3geo.org/docs/core-library/h3Indexing"},
        ],
    }
