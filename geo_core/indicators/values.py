"""Rows of `valori_indicatori`: every indicator that can be computed, by unit and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.indicators.demography import FROM_AGES, Floats, population_change, ratio, residents
from geo_core.model.indicator import Indicators

DECIMALS: Final = 4
NURSERY: Final = "nido"
OF_OFFICES: Final = ("OFF01", "OFF03")
"""Indicators that count offices."""

_OF: Final[Mapping[str, tuple[int, int]]] = {
    "DEM01": (0, 14),
    "DEM02": (15, 64),
    "DEM03": (0, 100),
    "DEM05": (50, 64),
}
"""Ages of the denominator, both included."""


@dataclass(frozen=True)
class Supplied:
    """Supply by unit: Series by the unit's code, which lack a unit that has none.

    Attributes
    ----------
    offices, nursery_places : Series
        Numbers.
    invented : Series
        Whether an office of the unit is invented, or a service at it.
    anywhere : bool
        The same of the whole register: where a unit has no office, that nothing was found there
        may be an invention too.
    """

    offices: pd.Series
    nursery_places: pd.Series
    invented: pd.Series
    anywhere: bool

    def by(self, group: Mapping[str, str]) -> Supplied:
        """Return the supply of larger units, by the one that each unit belongs to."""
        return Supplied(
            self.offices.groupby(group).sum(),
            self.nursery_places.groupby(group).sum(),
            self.invented.groupby(group).any(),
            self.anywhere,
        )


def supplied(offices: gpd.GeoDataFrame, services: pd.DataFrame) -> Supplied:
    """Count what `OFF01` and `OFF03` need, by municipality; reserved offices are in no figure."""
    shown = offices[~offices["riservata"].astype(bool)]
    nurseries = set(services.loc[services["tipo_servizio"] == NURSERY, "id"])
    unreal = set(services.loc[services["dato_sintetico"].astype(bool), "id"])
    given = [set(ids.split(";")) for ids in shown["servizi"].fillna("")]
    gives = [bool(nurseries & ids) for ids in given]
    invented = shown["dato_sintetico"].astype(bool) | np.array(
        [bool(unreal & i) for i in given], dtype=bool
    )
    places = pd.to_numeric(shown["posti"], errors="coerce").fillna(0)
    return Supplied(
        offices=shown.groupby("cod_istat").size(),
        nursery_places=places[gives].groupby(shown["cod_istat"][gives]).sum(),
        invented=invented.groupby(shown["cod_istat"]).any(),
        anywhere=bool(unreal) or bool(offices["dato_sintetico"].any()),
    )


def rows(  # noqa: PLR0913 - the figures of one kind of unit
    catalogue: Indicators,
    *,
    unit: str,
    ages: pd.DataFrame,
    before: pd.DataFrame,
    supply: Supplied,
    year: int,
) -> pd.DataFrame:
    """Return the values of one kind of unit.

    Parameters
    ----------
    unit : str
        ``comune`` or ``ambito``.
    ages, before : DataFrame
        Residents by unit (the same index) and age, in `year` and one earlier.
    supply : Supplied
        By the same units, in `year`.

    Returns
    -------
    DataFrame
        `id`, the fields of the layer `valori_indicatori` and `dato_sintetico`, which is true
        where an invented office is counted; a value whose denominator is zero is missing.
    """
    unreal = supply.invented.reindex(ages.index, fill_value=supply.anywhere).to_numpy(dtype=bool)
    parts = [
        _table(catalogue, ident, unit, ages.index, when, value, n)
        for ident, when, value, n in _computed(ages, before, supply, year)
    ]
    table = pd.concat(parts, ignore_index=True)
    of_offices = table["indicatore"].isin(OF_OFFICES)
    return table.assign(dato_sintetico=of_offices & np.tile(unreal, len(parts)))


def _computed(
    ages: pd.DataFrame, before: pd.DataFrame, supply: Supplied, year: int
) -> Iterator[tuple[str, int, Floats, Floats]]:
    now, then = ages.to_numpy(), before.to_numpy()
    for when, counts in ((year, now), (year - 1, then)):
        for ident, compute in FROM_AGES.items():
            yield ident, when, compute(counts), residents(counts, *_OF[ident])
        yield "DEM06", when, residents(counts, 0, 2), residents(counts)
    yield "DEM04", year, population_change(now, then), residents(then)
    children, people = residents(now, 0, 2), residents(now)
    places = supply.nursery_places.reindex(ages.index, fill_value=0).to_numpy(np.float64)
    offices = supply.offices.reindex(ages.index, fill_value=0).to_numpy(np.float64)
    yield "OFF01", year, ratio(places, children, per=100), children
    yield "OFF03", year, ratio(offices, people, per=10_000), people


def _table(  # noqa: PLR0913, PLR0917 - each is a column
    catalogue: Indicators,
    ident: str,
    unit: str,
    names: pd.Index,
    year: int,
    value: Floats,
    n: Floats,
) -> pd.DataFrame:
    of = catalogue.all[ident]
    known = ~np.isnan(value)
    return pd.DataFrame(
        {
            "id": [f"{ident}-{unit}-{name}-{year}" for name in names],
            "indicatore": ident,
            "nome": of.title.it,
            "nome_en": of.title.en,
            "tipo_unita": unit,
            "unita": names.astype(str),
            "valore": np.round(value, DECIMALS),
            "misura": of.unit,
            "n": n.astype(np.int64),
            "stato": np.where(known, "published", "no-data"),
            "periodo_inizio": f"{year}-01-01",
            "periodo_fine": f"{year}-12-31",
        }
    )
