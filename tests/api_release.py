"""A small invented release for the tests of the server, written by the real writers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import h3
import pandas as pd
import shapely
from publication import PUBLICATION

from geo_core.catalog import Catalog, read_catalog
from geo_core.model.layer import Layer, LayerDocument
from geo_core.model.manifest import Input, Manifest
from geo_core.model.style import Style
from geo_core.model.tables import OpenTable
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.write import publish, staging

ROOT = Path(__file__).parents[1]
PLACES = 60
NAUGHTY = (
    "età < 18 & co",
    "</script><img src=x onerror=alert(1)>",
    "=HYPERLINK(1)",
    "<5",
    'a"b',
    "=, & +%",
)

_COMMON = {
    "description": {"it": "Una raccolta di prova.", "en": "A collection for tests."},
    "sensitivity": "A",
}
_CONTENT = {
    "synthetic": "all",
    "attribution": "Atlante, dati di prova",
    "source": Text(it="Atlante, dati di prova", en="Atlante, test data"),
}


def field(kind: str, unit: str | None = None, codelist: str | None = None) -> dict[str, object]:
    text = {"it": f"Campo {kind}", "en": f"Field {kind}"}
    return {"type": kind, **text, "description": text, "unit": unit, "codelist": codelist}


@cache
def layers() -> tuple[Layer, Layer, Layer]:
    """Points with every type of field, hexagons with a period, and a table without geometry."""
    places = LayerDocument(
        **_COMMON,
        title=Text(it="Luoghi", en="Places"),
        group="servizi",
        geometry="Point",
        title_field="nome",
        sort=("-posti", "nome"),
        fields={
            "nome": field("text"),
            "tipo": field("text", codelist="stato_dato"),
            "posti": field("integer", "posti"),
            "quota": field("number", "EUR"),
            "aperto": field("boolean"),
            "fatto_il": field("date"),
            "tipi": field("codes", codelist="stato_dato"),
        },
    )
    cells = LayerDocument(
        **_COMMON,
        title=Text(it="Celle", en="Cells"),
        group="rischio",
        geometry="MultiPolygon",
        period=True,
        sort=("-indice",),
        fields={"h3": field("text"), "indice": field("number", "1")},
    )
    bodies = LayerDocument(
        **_COMMON,
        title=Text(it="Enti", en="Bodies"),
        group="servizi",
        geometry="none",
        zooms=None,
        fields={"nome": field("text")},
    )
    (first,), (second,), (third,) = (
        tuple(layer.model_copy(update=_CONTENT) for layer in document.resolve(name))
        for name, document in (("luoghi", places), ("celle", cells), ("enti", bodies))
    )
    return first, second, third


def style() -> Style:
    text = Text(it="Prova", en="Test")
    return Style(title=text, mark="fill", classes=({"colour": "#0059b3", "title": text},))


def origin() -> dict[str, object]:
    return {"fonte": "Prova", "licenza": "CC-BY-4.0", "dato_sintetico": True}


def place(i: int) -> dict[str, object]:
    """Return one place; every property is null somewhere, and places come in pairs of `posti`."""
    none = i % 7 == 3
    return {
        "id": f"luogo-{i:03d}",
        "nome": NAUGHTY[i] if i < len(NAUGHTY) else None if none else f"Sede {i % 20:02d}",
        "tipo": ("published", "band", None)[i % 3],
        "posti": None if i % 5 == 0 else i // 2,
        "quota": None if none else 100.5 + i,
        "aperto": None if i % 4 == 0 else i % 2 == 0,
        "fatto_il": None if none else f"2023-{i % 12 + 1:02d}-15",
        "tipi": ["band"] if i % 2 else [],
        "valido_dal": None if i % 6 == 0 else f"20{10 + i % 10}-01-01",
        "valido_al": None if i % 3 else f"20{15 + i % 10}-12-31",
        "aggiornato_il": "2023-12-31",
        **origin(),
        # A place without a position is published, and every box matches it.
        "geometry": None if i == 8 else shapely.Point(8.0 + (i % 10) / 10, 45.0 + (i // 10) / 10),
    }


def matching(condition: str, holds: Callable[[dict[str, object]], object]) -> list[str]:
    """Return the places that a condition holds for.

    A place with a null in a property that the condition names is none of them, unless the
    condition asks for null.
    """
    places = [place(i) for i in range(PLACES)]
    named = [name for name in places[0] if re.search(rf"\b{name}\b", condition)]
    if "NULL" not in condition:
        places = [p for p in places if all(p[name] is not None for name in named)]
    return [str(p["id"]) for p in places if holds(p)]


def hexagon(i: int, cell: str) -> dict[str, object]:
    ring = [(round(lon, 7), round(lat, 7)) for lat, lon in h3.cell_to_boundary(cell)]
    outline = shapely.Polygon(ring)
    return {
        "id": cell,
        "periodo_inizio": f"{2021 + i % 3}-01-01",
        "periodo_fine": f"{2021 + i % 3}-12-31",
        "h3": cell,
        "indice": None if i % 9 == 0 else float(i % 10),
        "aggiornato_il": "2023-12-31",
        **origin(),
        "geometry": outline,
    }


def body(i: int) -> dict[str, object]:
    none = dict.fromkeys(("valido_dal", "valido_al", "aggiornato_il", "geometry"))
    return {"id": f"ente-{i}", "nome": f"Ente {i}", **none, **origin()}


def tables(*, shift: int = 0) -> list[OpenTable]:
    """Return the three tables; another `shift` makes another release of the same shape."""
    ring = sorted(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 8), 4))
    rows = (
        [place(i) for i in range(PLACES)],
        [hexagon(i + shift, cell) for i, cell in enumerate(ring)],
        [body(i) for i in range(3)],
    )
    return [_table(layer, found) for layer, found in zip(layers(), rows, strict=True)]


def _table(layer: Layer, rows: list[dict[str, object]]) -> OpenTable:
    dtypes = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}
    names = [*layer.field_names, "geometry"]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows)[names], geometry="geometry", crs="EPSG:4326")
    for one in layer.fields:
        if one.type in dtypes:
            frame[one.name] = frame[one.name].astype(dtypes[one.type])
    return OpenTable(layer, frame)


def publish_small(
    root: Path,
    *,
    shift: int = 0,
    rows: int | None = None,
    without: str = "",
    change: Callable[[Path], None] = lambda _folder: None,
) -> Manifest:
    """Publish the small release, or the first rows of each table, and make it current.

    A table may be left `without`. `change` gets the folder before its files are hashed.
    """
    there = [table for table in tables(shift=shift) if table.layer.id != without]
    catalog: Catalog = replace(
        read_catalog(ROOT),
        layers=tuple(table.layer for table in there),
        styles={table.layer.family: style() for table in there},
    )
    contents = Contents(
        tables=[OpenTable(t.layer, t.frame.head(rows)) for t in there]
        if rows is not None
        else there,
        inputs=(
            Input(
                name="servizi.csv",
                version="2023-12-31",
                sha256=None,
                licence="CC-BY-4.0",
                attribution="Atlante, dati di prova",
                synthetic=True,
            ),
        ),
        statements=[],
        title=Text(it="Atlante di prova", en="Test atlas"),
        reference_date="2023-12-31",
        publication=PUBLICATION,
    )
    with staging(root) as folder:
        draft = compose(folder, contents, catalog)
        change(folder)
        return publish(root, folder, draft)
