"""The rows of the gap between need and supply: made of published figures, and of nothing else."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground
from geo_core.indicators.gap import Floats, gap
from geo_core.ingest.complete import complete
from geo_core.ingest.lineage import content
from geo_core.model.cells import LEAF, covering
from geo_core.model.content import described, state_of
from geo_core.model.tables import OpenTable, ProtectedTable

GAPS: Final = "divario_bisogni"
NEEDS: Final = "bisogni_h3_r7"
ACCESS: Final = "accessibilita_h3_r8"
DECIMALS: Final = 3


def gaps(catalog: Catalog, ground: Ground, needs: ProtectedTable, access: OpenTable) -> OpenTable:
    """Return the layer of gaps.

    It is public as it stands: every figure follows from the published rates of need, whose
    protection it inherits, and from published figures of access. No count of persons enters.

    Parameters
    ----------
    needs : ProtectedTable
        Rows of `NEEDS`, after disclosure control.
    access : OpenTable
        Rows of `ACCESS`.
    """
    layer = catalog.layer(GAPS)
    areas = needs.frame[["id", "tipo_area", "celle", "residenti", "geometry"]]
    columns: dict[str, object] = {}
    for category, kind in ground.indicators.gaps.items():
        reach = _reach(areas, access.frame, f"a2sfca_{kind}")
        columns |= _columns(category.lower(), needs.frame, reach)
    unreal = state_of(needs.frame["dato_sintetico"].tolist()) != "none"
    unreal = unreal or state_of(access.frame["dato_sintetico"].tolist()) != "none"
    said = content(layer, ground.lineages, invented=unreal)
    shown = described(layer, said)
    rows = gpd.GeoDataFrame(areas.assign(**columns), crs=needs.frame.crs)
    return OpenTable(shown, complete(rows, shown, reference_date=ground.district.reference_date))


def _columns(category: str, needs: pd.DataFrame, reach: pd.Series) -> dict[str, object]:
    rate, low, high = (_floats(needs[f"tasso_{category}{end}"]) for end in ("", "_min", "_max"))
    found = gap(rate, low, high, _floats(reach))
    banded = np.where(np.isnan(rate), needs[f"n_{category}_stato"], "no-data")
    return {
        f"z_bisogno_{category}": found.need.round(DECIMALS),
        f"z_accesso_{category}": found.supply.round(DECIMALS),
        f"divario_{category}": found.value.round(DECIMALS),
        f"divario_{category}_inf": found.low.round(DECIMALS),
        f"divario_{category}_sup": found.high.round(DECIMALS),
        f"divario_{category}_tipo": found.kind,
        f"divario_{category}_stato": np.where(np.isnan(found.value), banded, "published"),
    }


def _reach(areas: gpd.GeoDataFrame, access: pd.DataFrame, field: str) -> pd.Series:
    """Return places in reach of areas: the mean of their inhabited cells, by residents."""
    cells = pd.Series(
        [cell for shape in areas.geometry for cell in covering(shape, LEAF)], dtype=str
    )
    of = np.repeat(areas["id"].to_numpy(), areas["celle"].to_numpy(int))
    known = access.set_index("h3")[["residenti", field]].reindex(cells)
    known = known.set_axis(of).astype(float).dropna()
    weighted = (known["residenti"] * known[field]).groupby(level=0).sum()
    people = known["residenti"].groupby(level=0).sum()
    return (weighted / people).reindex(areas["id"])


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
