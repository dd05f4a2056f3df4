"""Municipal boundaries of an input folder: `confini.parquet`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq

from geo_core.errors import IngestError, SourceError
from geo_core.sources.crs import CRS

BOUNDARIES: Final = "confini"
PUBLISHERS: Final = ("ISTAT", "Openpolis")
COLUMNS: Final = (
    "cod_istat", "denominazione", "cod_catastale", "cod_provincia", "anno", "fonte", "geometry",
)  # fmt: skip


def boundaries(
    folder: Path, province: str, *, elsewhere: Collection[str] = ()
) -> gpd.GeoDataFrame | None:
    """Read the municipalities of a province; None if the folder has no boundaries.

    Parameters
    ----------
    province : str
        Three-digit ISTAT code.
    elsewhere : collection of str
        Municipalities of other provinces that are read too, as far as the file has them.

    Returns
    -------
    GeoDataFrame
        `COLUMNS`, text and MultiPolygon (EPSG:4326), sorted by `cod_istat`.

    Raises
    ------
    SourceError
        The file cannot be read.
    IngestError
        It is not what `atlante import istat-confini` writes, or has not the province.
    """
    path = folder / f"{BOUNDARIES}.parquet"
    if not path.exists():
        return None
    hint = "import the boundaries of all Italy, or of the province: atlante import istat-confini"
    wanted = [[("cod_provincia", "==", province)], [("cod_istat", "in", [*elsewhere, ""])]]
    try:
        found = gpd.read_parquet(path, filters=wanted)
    except (OSError, ValueError, pa.ArrowException):
        raise SourceError("is not a readable GeoParquet file", where=path.name, hint=hint) from None
    if set(COLUMNS) - set(found.columns) or found.crs != CRS:
        raise IngestError("has not the columns of boundaries", where=path.name, hint=hint)
    if not set(found["fonte"]) <= set(PUBLISHERS):
        raise IngestError("names an unknown publisher", where=path.name, hint=hint)
    own = found["cod_provincia"].eq(province).any()
    if not own or found["cod_istat"].duplicated().any() or not found.is_valid.all():
        message = f"has no usable boundaries of the province {province}"
        raise IngestError(message, where=path.name, hint=hint)
    text = dict.fromkeys(COLUMNS[:-1], object)
    return found[list(COLUMNS)].sort_values("cod_istat", ignore_index=True).astype(text)


def drawn(folder: Path) -> frozenset[str]:
    """Return the codes of all municipalities that the folder has boundaries of.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    path = folder / f"{BOUNDARIES}.parquet"
    if not path.exists():
        return frozenset()
    try:
        table = pq.read_table(path, columns=["cod_istat"])
    except (OSError, ValueError, pa.ArrowException):
        raise SourceError("is not a readable GeoParquet file", where=path.name) from None
    return frozenset(table["cod_istat"].to_pylist())
