"""What every layer is made from: the real base of a district, and what its offices handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pandas as pd

from geo_core.indicators.reach import reach
from geo_core.indicators.travel import travel
from geo_core.ingest.beside import Names, names_by
from geo_core.ingest.bodies import names_on
from geo_core.ingest.handed_in import HandedIn
from geo_core.ingest.lineage import Lineage
from geo_core.model.cells import CellId
from geo_core.model.district import District
from geo_core.model.indicator import Indicators
from geo_core.model.layer import Layer
from geo_core.place import areas


@dataclass(frozen=True)
class Ground:
    """The real base of a district, and what its offices handed in.

    Attributes
    ----------
    municipalities : GeoDataFrame
        `cod_istat`, `denominazione`, `cod_catastale`, `cod_provincia`, `geometry`.
    ages, before : DataFrame
        Residents by `cod_istat` (index) and age (columns), in the year and one earlier.
    territory : tuple of CellId
        Leaf cells with their centre in the district, inhabited or not.
    cells : DataFrame
        Residents by inhabited leaf cell (index `h3`) and age (columns); a few have their centre
        just outside the territory.
    history : DataFrame
        Municipal codes in time (`geo_core.ingest.history`); maybe no rows.
    toponyms : GeoDataFrame
        Places with a name (`geo_core.ingest.toponyms`).
    lineages : mapping of Lineage
        Where each input comes from; one that is not there is not in it.
    """

    district: District
    indicators: Indicators
    municipalities: gpd.GeoDataFrame
    ages: pd.DataFrame
    before: pd.DataFrame
    territory: tuple[CellId, ...]
    cells: pd.DataFrame
    handed: HandedIn
    history: pd.DataFrame
    toponyms: gpd.GeoDataFrame
    lineages: Mapping[str, Lineage]

    @cached_property
    def reached(self) -> pd.DataFrame:
        """What is in reach of every inhabited leaf cell (`geo_core.indicators.reach.reach`)."""
        register, how = self.handed.register, self.indicators.accessibility
        inhabited = self.cells[self.cells.sum(axis=1) > 0]
        return reach(
            inhabited,
            register["sedi"],
            register["servizi"],
            how=how,
            travel=travel(inhabited.index, self.handed.times, how),
        )

    def invented(self, *names: str) -> bool:
        """Tell whether anything in one of these inputs is invented."""
        return any(n in self.lineages and self.lineages[n].synthetic != "none" for n in names)


def names_of(ground: Ground) -> Names:
    """Return the names of municipalities, managing bodies and organisations by their codes."""
    return {
        "cod_istat": names_by(ground.municipalities, "cod_istat"),
        "cod_ambito": names_on(ground.handed.membership, ground.district.reference_date),
        "id_org": names_by(ground.handed.register["organizzazioni"], "id_org"),
    }


def own(ground: Ground) -> gpd.GeoDataFrame:
    """Return the municipalities of the province: members of bodies elsewhere are in `ambiti`."""
    places = ground.municipalities
    return places[places["cod_provincia"] == ground.district.province]


def resolution(layer: Layer) -> int:
    """Return the H3 resolution of a layer on hexagons."""
    if layer.resolution is None:
        raise ValueError(f"{layer.id} has no resolution")
    return layer.resolution


def on_hexagons(values: pd.DataFrame) -> pd.DataFrame:
    """Give values by cell (index `h3`) their hexagons."""
    hexagons = areas.hexagons(CellId(cell) for cell in values.index)
    return hexagons.merge(values, left_on="h3", right_index=True, validate="1:1")
