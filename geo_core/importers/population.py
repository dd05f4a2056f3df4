"""What the importers of population share: official totals onto cells, whatever weighs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo_core.importers.base import Context
from geo_core.ingest.italian import in_italian
from geo_core.ingest.official import Official
from geo_core.model.text import Text
from geo_core.place import overlay
from geo_core.place.dasymetric import Floats, Weights, allot

POPULATION: Final = "popolazione"
BY_AREA: Final = "areale"
BY_SETTLEMENT: Final = "dasimetrico"


@dataclass(frozen=True, slots=True)
class Spread:
    """Where people of a municipality live, as `Weights` without a method."""

    cells: tuple[str, ...]
    by_column: Floats


@dataclass(frozen=True)
class Allotted:
    """The table `popolazione`, text, and what whoever imports should know."""

    table: pd.DataFrame
    notes: tuple[Text, ...]


def allotted(context: Context, base: Official, spread: Mapping[str, Spread]) -> Allotted:
    """Return `popolazione`: the official residents of the district's year, by cell.

    Parameters
    ----------
    base : Official
        Of this context: the build holds the cells against the same totals.
    spread : mapping of cod_istat to Spread
        A municipality that is missing, or weighs nothing, is shared by area, and that is said.
    """
    known = {code: s for code, s in spread.items() if s.by_column.sum() > 0}
    inhabited = base.residents.groupby("cod_istat")["n"].sum()
    codes = list(base.municipalities["cod_istat"])
    unknown = [code for code in codes if code not in known]
    places = base.municipalities.set_index("cod_istat").geometry
    weights = {code: Weights(s.cells, s.by_column, BY_SETTLEMENT) for code, s in known.items()}
    weights |= _by_area(unknown, places[unknown].to_numpy())
    table = allot(base.residents[base.residents["cod_istat"].isin(codes)], weights)
    short = [code for code in unknown if inhabited.get(code, 0)] if spread else []
    notes = (
        *(Text(it=in_italian(note), en=note) for note in base.notes),
        _done(table, context.district.year),
        *_by_area_only(short),
    )
    return Allotted(table.astype(str), notes)


def _done(table: pd.DataFrame, year: int) -> Text:
    persons, cells = table["n"].sum(), table["h3"].nunique()
    places = table["cod_istat"].nunique()
    return Text(
        it=f"{persons} residenti del {year} in {cells} celle di {places} comuni",
        en=f"{persons} residents of {year} in {cells} cells of {places} municipalities",
    )


def _by_area_only(codes: list[str]) -> tuple[Text, ...]:
    named = ", ".join(codes)
    note = Text(
        it=f"{len(codes)} comuni ripartiti solo per superficie: {named}",
        en=f"{len(codes)} municipalities shared by area only: {named}",
    )
    return (note,) if codes else ()


def _by_area(codes: list[str], areas: np.ndarray) -> dict[str, Weights]:
    pieces = overlay.cut(areas)
    return {
        code: Weights(
            tuple(pieces.cell[pieces.of == at]), pieces.area[pieces.of == at][:, None], BY_AREA
        )
        for at, code in enumerate(codes)
    }
