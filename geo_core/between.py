"""What changed from one release to another, by more than its uncertainty or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pyarrow import parquet

from geo_core.errors import ReleaseError
from geo_core.indicators.change import Estimate, change
from geo_core.release.read import Release

OTHER_METHOD: Final = "metodo"
"""Class of a pair that another method made: they are not compared."""
ONLY_ONE: Final = "solo-una"
"""Class of a row that one of the two releases has not."""


@dataclass(frozen=True)
class Figure:
    """Columns of a figure with an interval; `method` are those that must be equal to compare."""

    value: str
    low: str
    high: str
    method: tuple[str, ...]


_SCORE: Final = Figure(
    "punteggio", "punteggio_inf", "punteggio_sup", ("metodo_id", "riferimenti_id")
)
FIGURES: Final[Mapping[str, Figure]] = {
    "valori_indicatori": Figure("valore", "ic_inf", "ic_sup", ("versione",)),
    "rischio_comuni": _SCORE,
    "rischio_h3_r6": _SCORE,
    "rischio_h3_r7": _SCORE,
}
"""By collection."""

COLUMNS: Final = ("raccolta", "id", "prima", "dopo", "variazione", "inf", "sup", "tipo")


def changes(before: Release, now: Release) -> pd.DataFrame:
    """Compare every figure that has an interval.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row per figure of either release: collection and id, both values, their
        difference with its bounds, and a code of `tipo_variazione`, or `OTHER_METHOD`, or
        `ONLY_ONE`. Values are missing where a release has none.

    Raises
    ------
    ReleaseError
        The two have no such collection in common.
    """
    shared = [name for name in FIGURES if _has(before, name) and _has(now, name)]
    if not shared:
        raise ReleaseError(
            "the two releases have no collection of figures with intervals in common",
            where=f"{before.id}, {now.id}",
            hint="build both with this version: an older one had no intervals",
        )
    parts = [_compared(name, before, now) for name in shared]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _compared(name: str, before: Release, now: Release) -> pd.DataFrame:
    figure = FIGURES[name]
    tables = [_read(release, name, figure) for release in (before, now)]
    ids = tables[0].index.union(tables[1].index)
    then, after = (table.reindex(ids) for table in tables)
    found = change(_estimate(after, figure), _estimate(then, figure))
    both = ids.isin(tables[0].index) & ids.isin(tables[1].index)
    method = list(figure.method)
    same = then[method].eq(after[method]).all(axis=1).to_numpy()
    kind = np.select([~both, ~same], [ONLY_ONE, OTHER_METHOD], found.kind)
    comparable = np.where(both & same, 0.0, np.nan)
    return pd.DataFrame(
        {
            "raccolta": name,
            "id": ids,
            "prima": then[figure.value].to_numpy(),
            "dopo": after[figure.value].to_numpy(),
            "variazione": found.value + comparable,
            "inf": found.low + comparable,
            "sup": found.high + comparable,
            "tipo": kind,
        }
    )


def counts(table: pd.DataFrame) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each collection with how many figures are of each class."""
    for name, part in table.groupby("raccolta", sort=False):
        yield str(name), {str(k): int(n) for k, n in part["tipo"].value_counts().items()}


def _has(release: Release, name: str) -> bool:
    figure = FIGURES[name]
    needed = {figure.value, figure.low, figure.high, *figure.method}
    return any(
        info.layer.id == name and needed <= set(info.layer.field_names)
        for info in release.manifest.collections
    )


def _read(release: Release, name: str, figure: Figure) -> pd.DataFrame:
    columns = ["id", figure.value, figure.low, figure.high, *figure.method]
    path = release.path(f"collections/{name}/features.parquet")
    frame: pd.DataFrame = parquet.read_table(path, columns=columns).to_pandas()
    return frame.set_index("id")


def _estimate(table: pd.DataFrame, figure: Figure) -> Estimate:
    columns = (table[name] for name in (figure.value, figure.low, figure.high))
    return Estimate(*(c.to_numpy(dtype=np.float64, na_value=np.nan) for c in columns))
