"""The hexagons that servers are compared on: 8,000 of them, as a release and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

import geopandas as gpd
import h3
import numpy as np
import shapely

from geo_core.catalog import read_catalog
from geo_core.model.layer import Layer
from geo_core.model.manifest import Input
from geo_core.model.publication import Body, Contact, Publication
from geo_core.model.tables import OpenTable
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.write import publish, staging

ROOT: Final = Path(__file__).resolve().parents[1]
COLLECTION: Final = "popolazione_h3_r8"
HEXAGONS: Final = 8_000
CENTRE: Final = (45.32, 8.42)
"""Latitude and longitude of the middle."""

_DAY: Final = "2023-12-31"
_SEED: Final = 5
_RINGS: Final = 52
"""Rings around the middle: a few hexagons more than are needed."""

_CATALOG: Final = read_catalog(ROOT)


def layer(*, tiles: bool = False) -> Layer:
    """Return the declaration of the hexagons: that of the population of the district."""
    found = {one.id: one for one in _CATALOG.layers}[COLLECTION]
    # What is not measured is not made.
    without = {"raster": None, **({} if tiles else {"zooms": None})}
    return found.model_copy(update={**without, "synthetic": "all"})


def hexagons() -> gpd.GeoDataFrame:
    """Return the hexagons with invented residents, one column per field and `geometry`."""
    rng = np.random.default_rng(_SEED)
    disk = h3.grid_disk(h3.latlng_to_cell(*CENTRE, 8), _RINGS)
    cells = sorted(disk)[:HEXAGONS]
    columns: dict[str, object] = dict.fromkeys(layer().field_names)
    columns |= {"id": cells, "h3": cells, "fonte": "Atlante", "licenza": "CC-BY-4.0"}
    columns |= {"dato_sintetico": True, "aggiornato_il": _DAY, "metodo": "misura"}
    columns |= {
        one.name: rng.integers(0, 500, HEXAGONS) for one in layer().fields if one.type == "integer"
    }
    frame = gpd.GeoDataFrame(columns, geometry=[_outline(c) for c in cells], crs="EPSG:4326")
    types = {"integer": "Int64", "boolean": "boolean"}
    return frame.astype({f.name: types[f.type] for f in layer().fields if f.type in types})


def _outline(cell: str) -> shapely.Polygon:
    rounded = [(round(lon, 7), round(lat, 7)) for lat, lon in h3.cell_to_boundary(cell)]
    return shapely.Polygon(rounded)


def publish_hexagons(root: Path, frame: gpd.GeoDataFrame, *, tiles: bool = False) -> None:
    """Publish the hexagons as the only collection of a release, with tiles if they are asked."""
    body = Body(name=Text(it="Misura", en="Measurement"), ipa="misura")
    contents = Contents(
        tables=[OpenTable(layer(tiles=tiles), frame)],
        inputs=(
            Input(
                name="misura",
                version="1",
                sha256="0" * 64,
                licence="CC-BY-4.0",
                attribution="Atlante",
                synthetic=True,
            ),
        ),
        statements=[],
        title=Text(it="Misura", en="Measurement"),
        reference_date=_DAY,
        publication=Publication(
            publisher=body,
            rights_holder=body,
            contact=Contact(name=body.name, email="misura@prova.invalid"),
            namespace=UUID(int=0),
        ),
    )
    with staging(root) as folder:
        publish(root, folder, compose(folder, contents, _CATALOG))
