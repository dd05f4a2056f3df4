"""Names of places that people look for: municipalities, localities and streets, each with a point.

They come from the tables that addresses are placed by, so that a name is found where the addresses
of offices are. House numbers are not among them: the access nearest the middle of a street says
which office is near, and nobody needs a list of doors. Of a street with one door it is that door.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.ingest.geocode import ADDRESSES, LOCALITIES, Gazetteer, central, points
from geo_core.input_folder import is_invented

COLUMNS: Final = ("id", "nome", "tipo_luogo", "cod_istat", "dato_sintetico", "geometry")
_ADDRESSES: Final = "indirizzi.csv"
_LOCALITIES: Final = "localita.csv"
_OTHER: Final = re.compile(r"[^a-z0-9]+")


class _Place(NamedTuple):
    id: str
    nome: str
    tipo_luogo: str
    cod_istat: str
    dato_sintetico: bool
    geometry: shapely.Point


def read_toponyms(folder: Path, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every place with a name.

    Parameters
    ----------
    folder : Path
        The input folder; `indirizzi.csv` and `localita.csv` may be missing.
    municipalities : GeoDataFrame
        `cod_istat`, `denominazione` and `geometry` (EPSG:4326) of those whose places are wanted.

    Returns
    -------
    GeoDataFrame
        `COLUMNS`, EPSG:4326: municipalities, then localities, then streets. A place outside its
        municipality is left out; one that is written twice there stands twice.

    Raises
    ------
    SourceError, IngestError
        A file cannot be read, lacks a column, or holds a coordinate that is no number.
    """
    addresses = points(folder / _ADDRESSES, ADDRESSES)
    localities = points(folder / _LOCALITIES, LOCALITIES)
    gazetteer = Gazetteer(addresses, localities, municipalities)
    areas = dict(zip(municipalities["cod_istat"], municipalities.geometry, strict=True))
    rows = [
        *_municipalities(municipalities, gazetteer),
        *_localities(_within(localities, areas), invented=is_invented(folder / _LOCALITIES)),
        *_streets(_within(addresses, areas), invented=is_invented(folder / _ADDRESSES)),
    ]
    return gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry="geometry", crs="EPSG:4326")


def _municipalities(municipalities: gpd.GeoDataFrame, gazetteer: Gazetteer) -> Iterator[_Place]:
    for code, name in municipalities[["cod_istat", "denominazione"]].itertuples(index=False):
        yield _Place(code, name, "comune", code, False, shapely.Point(gazetteer.town(code).place))


def _localities(rows: pd.DataFrame, *, invented: bool) -> Iterator[_Place]:
    ids = _Ids()
    for code, name, lon, lat in rows.sort_values(list(LOCALITIES))[list(LOCALITIES)].itertuples(
        index=False
    ):
        ident = ids.of(f"{code}-localita", name)
        yield _Place(ident, name, "localita", code, invented, shapely.Point(lon, lat))


def _streets(rows: pd.DataFrame, *, invented: bool) -> Iterator[_Place]:
    """Yield each street of each locality once, at the access nearest its middle."""
    ids = _Ids()
    for (code, name, locality), doors in rows.groupby(["cod_istat", "odonimo", "localita"]):
        shown = f"{name} ({locality})" if locality else str(name)
        place = shapely.Point(central(doors[["lon", "lat"]].to_numpy()))
        yield _Place(ids.of(f"{code}-via", shown), shown, "via", str(code), invented, place)


def _letters(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


class _Ids:
    """Ids made of names: a place that is added changes no other; what is equal is numbered."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, kind: str, name: str) -> str:
        """Return the id of a place of some kind: letters without accents, digits and hyphens."""
        ident = f"{kind}-{_OTHER.sub('-', _letters(name)).strip('-')}"
        self._given[ident] += 1
        times = self._given[ident]
        return ident if times == 1 else f"{ident}~{times}"


def _within(rows: pd.DataFrame, areas: dict[str, shapely.Geometry]) -> pd.DataFrame:
    """Return the rows that lie in the municipality they name, of those that are wanted."""
    known = rows[rows["cod_istat"].isin(list(areas))]
    kept = [
        group[shapely.intersects_xy(areas[str(code)], group["lon"], group["lat"])]
        for code, group in known.groupby("cod_istat")
    ]
    return pd.concat(kept) if kept else known
