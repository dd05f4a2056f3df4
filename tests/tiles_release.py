"""Tables with every geometry and type, and a release of them, for formats and tiles."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from api_release import ROOT, field, origin
from publication import PUBLICATION

from geo_core.catalog import read_catalog
from geo_core.model.layer import Layer, LayerDocument
from geo_core.model.manifest import Manifest
from geo_core.model.style import Style
from geo_core.model.tables import OpenTable
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.write import publish, staging

CENTRE = (45.32, 8.42)


def document(title: str, geometry: str, **more) -> LayerDocument:
    return LayerDocument(
        title=Text(it=title, en=title),
        description={"it": "Una raccolta di prova.", "en": "A collection for tests."},
        group="rischio",
        sensitivity="A",
        geometry=geometry,
        fields={
            "nome": field("text"),
            "n_persone": field("integer", "persone"),
            "indice": field("number", "1"),
            "aperto": field("boolean"),
            "fatto_il": field("date"),
            "tipi": field("codes", codelist="stato_dato"),
            "vuoto": field("text"),
        },
        **more,
    )


@cache
def layers() -> tuple[Layer, ...]:
    declared = (
        *document("Punti", "Point").resolve("punti"),
        *document("Aree", "MultiPolygon").resolve("aree"),
        *document(
            "Celle",
            "MultiPolygon",
            resolutions=(6, 7, 8),
            raster={"fields": ["indice"], "metres": 50},
        ).resolve("celle"),
        *document("Vuota", "MultiPolygon").resolve("vuota"),
        *document("Righe", "none", zooms=None).resolve("righe"),
    )
    said = {"source": Text(it="Prova", en="Test"), "attribution": "Atlante, dati di prova"}
    return tuple(layer.model_copy(update=said) for layer in declared)


def layer(ident: str) -> Layer:
    return next(x for x in layers() if x.id == ident)


def table(ident: str, shapes: dict[str, object]) -> OpenTable:
    """Return a table of these features; every property is null somewhere."""
    n = len(shapes)
    some = [i % 5 != 0 for i in range(n)]
    columns = {
        "id": list(shapes),
        "nome": [f'è "{i}" </b>' if ok else None for i, ok in enumerate(some)],
        "n_persone": pd.array([i - 3 if ok else None for i, ok in enumerate(some)], dtype="Int64"),
        "indice": [i / 3 if ok else np.nan for i, ok in enumerate(some)],
        "aperto": pd.array([i % 2 == 0 if ok else None for i, ok in enumerate(some)], "boolean"),
        "fatto_il": ["2023-01-15" if ok else None for ok in some],
        "tipi": [["a", "b"] if i % 2 else [] for i in range(n)],
        "vuoto": [None] * n,
        "valido_dal": [None] * n,
        "valido_al": [None] * n,
        "aggiornato_il": ["2023-12-31"] * n,
        **{name: [value] * n for name, value in origin().items()},
    }
    geometry = gpd.GeoSeries(list(shapes.values()), crs="EPSG:4326")
    frame = gpd.GeoDataFrame(columns, geometry=geometry)
    return OpenTable(layer(ident), frame[[*layer(ident).field_names, "geometry"]])


def hexagon(cell: str) -> shapely.Polygon:
    around = h3.cell_to_boundary(cell)
    return shapely.Polygon([(round(lon, 7), round(lat, 7)) for lat, lon in around])


def cells(res: int) -> dict[str, object]:
    seven = h3.grid_disk(h3.latlng_to_cell(*CENTRE, 6), 2)
    return {c: hexagon(c) for six in sorted(seven) for c in sorted(h3.cell_to_children(six, res))}


def areas() -> dict[str, object]:
    """Two neighbours with a winding common border, one with a hole, one too small to see."""
    steps = np.linspace(45.1, 45.5, 400)
    border = np.column_stack((8.4 + np.sin(steps * 300) / 50, steps)).round(7)
    west = shapely.Polygon([(8.2, 45.1), *border, (8.2, 45.5)])
    east = shapely.Polygon([*border[::-1], (8.6, 45.1), (8.6, 45.5)])
    hole = shapely.box(8.5, 45.2, 8.55, 45.3)
    parts = shapely.MultiPolygon(
        [shapely.box(8.7, 45.1, 8.8, 45.2), shapely.box(8.9, 45.1, 9, 45.2)]
    )
    speck = shapely.box(8.65, 45.3, 8.6500001, 45.3000001)
    return {
        "ovest": west,
        "est": shapely.difference(east, hole),
        "parti": parts,
        "puntino": speck,
        "senza": None,
    }


def points() -> dict[str, object]:
    grid = {f"p{i}": shapely.Point(8 + (i % 7) / 10, 45 + (i // 7) / 10) for i in range(40)}
    return {**grid, "p-senza": None, "p-doppio": shapely.Point(8, 45)}


@cache
def tables() -> tuple[OpenTable, ...]:
    return (
        table("punti", points()),
        table("aree", areas()),
        *(table(f"celle_r{res}", cells(res)) for res in (6, 7, 8)),
        table("vuota", {}),
        table("righe", dict.fromkeys(("r2", "r1", "r3"))),
    )


def named(ident: str) -> OpenTable:
    return next(t for t in tables() if t.layer.id == ident)


def style() -> Style:
    text = Text(it="Prova", en="Test")
    low = {"max": 20.0, "colour": "#f8d9b0", "title": text}
    high = {"min": 20.0, "colour": "#521c30", "title": text}
    return Style(title=text, mark="fill", fields=("indice",), classes=(low, high))


def publish_tiles(root: Path) -> Manifest:
    """Publish all tables under `root` and make the release current."""
    styles = {x.family: style() for x in layers() if x.geometry != "none"}
    catalog = replace(read_catalog(ROOT), layers=layers(), styles=styles)
    contents = Contents(
        tables=tables(),
        inputs=(),
        statements=[],
        title=Text(it="Atlante di prova", en="Test atlas"),
        reference_date="2023-12-31",
        publication=PUBLICATION,
    )
    with staging(root) as folder:
        return publish(root, folder, compose(folder, contents, catalog))
