"""Offices, services and opportunities of the service of `tiny_site`, and what hexagons count."""

from __future__ import annotations

from typing import Any

import h3
import shapely
from tiny_figures import lived, point

LATITUDE, LONGITUDE = 45.32, 8.42


def collections() -> dict[str, list[dict[str, Any]]]:
    h3_r9 = h3.latlng_to_cell(LATITUDE, LONGITUDE, 9)
    offices = [
        _office("SED-1", "Sportello", "SER-1;SER-2", 12),
        _office("SED-2", "Nido", "SER-2", None),
    ]
    kinds = {"SER-1": "sportello", "SER-2": "nido"}
    services = [
        {"type": "Feature", "id": i, "geometry": None,
         "properties": {"id": i, "tipo_servizio": kind}}
        for i, kind in kinds.items()
    ]  # fmt: skip
    chance = {"valido_dal": "2023-01-01", "valido_al": None, "h3_r9": h3_r9}
    past = chance | {"valido_al": "2022-12-31"}
    return {
        "sedi": offices,
        "servizi": services,
        "opportunita": [
            point("OPP-1", {"id": "OPP-1", **chance}),
            point("OPP-2", {"id": "OPP-2", **past}),
        ],
        "offerta_r8": [_hexagon(h3.cell_to_parent(h3_r9, 8))],
    }


def _office(ident: str, name: str, services: str, places: int | None) -> dict[str, Any]:
    properties = {
        "id": ident,
        "nome": name,
        "servizi": services,
        "posti": places,
        "posti_liberi": None,
        "riservata": False,
        "h3_r9": h3.latlng_to_cell(LATITUDE, LONGITUDE, 9),
    }
    return point(ident, properties)


def _hexagon(cell: str) -> dict[str, Any]:
    counts = {
        "residenti": lived([cell]),
        "sedi": 2,
        "servizi": 3,
        "opportunita": 1,
        "posti": 12,
        "posti_liberi": 0,
        "posti_ignoti": 1,
        "sedi_10000": round(20_000 / lived([cell]), 2),
        "posti_10000": round(120_000 / lived([cell]), 2),
        "s_nido": 2,
    }
    ring = [(round(lon, 7), round(lat, 7)) for lat, lon in h3.cell_to_boundary(cell)]
    outline = shapely.MultiPolygon([shapely.Polygon(ring)])
    return {
        "type": "Feature",
        "id": cell,
        "geometry": shapely.geometry.mapping(outline),
        "properties": {"id": cell, "h3": cell, **counts},
    }
