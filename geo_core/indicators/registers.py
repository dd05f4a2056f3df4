"""What the registers of the offices hold in every unit: offices, places, bodies, pacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

type Register = Mapping[str, gpd.GeoDataFrame]
type Rows = Callable[[Register], pd.DataFrame]

NURSERY: Final = "nido"
THIRD_SECTOR: Final = "ets"
ENDED: Final = ("concluso", "revocato", "respinto")
"""States in which a pact is not active any more."""


@dataclass(frozen=True)
class Counted:
    """What one indicator counts in every unit: Series by the code of the unit.

    Attributes
    ----------
    number : Series of float
        Offices, places, bodies, pacts (0 where there is none) or days (NaN where there is none).
    invented : Series of bool
        Whether a counted row is invented. A unit without rows is as its register: that nothing
        was found there may be an invention too.
    """

    number: pd.Series
    invented: pd.Series


def counted(register: Register, unit_of: Mapping[str, str], units: pd.Index) -> dict[str, Counted]:
    """Return what each indicator of registers counts in units.

    Parameters
    ----------
    register : mapping
        `sedi`, `servizi`, `organizzazioni` and `patti`.
    unit_of : mapping
        Code of the unit by that of the municipality; one that is not in it is in no unit.
    units : Index
        Codes of all units.
    """
    return {ident: _in_units(rows(register), unit_of, units) for ident, rows in _ROWS.items()}


def _in_units(rows: pd.DataFrame, unit_of: Mapping[str, str], units: pd.Index) -> Counted:
    """Sum up `n`, or take the median where the rows are days."""
    by = rows.groupby(rows["cod_istat"].map(unit_of))
    days = "giorni" in rows
    number = (by["giorni"].median() if days else by["n"].sum()).reindex(units).astype(float)
    invented = by["dato_sintetico"].any().reindex(units).astype("boolean")
    return Counted(
        number if days else number.fillna(0),
        invented.fillna(bool(rows["dato_sintetico"].any())).astype(bool),
    )


def _offices(register: Register) -> pd.DataFrame:
    """Return the offices that are no secret; one is invented too if a service at it is."""
    offices, services = register["sedi"], register["servizi"]
    shown = offices[~offices["riservata"].astype(bool)]
    unreal = set(services.loc[services["dato_sintetico"].astype(bool), "id"])
    given = [set(ids.split(";")) for ids in shown["servizi"].fillna("")]
    invented = shown["dato_sintetico"].astype(bool) | np.array(
        [bool(unreal & ids) for ids in given], dtype=bool
    )
    return shown.assign(n=1, dato_sintetico=invented, given=given)


def _nurseries(register: Register) -> pd.DataFrame:
    """Return the known places of offices that give a nursery; of the others they are none."""
    services = register["servizi"]
    nurseries = set(services.loc[services["tipo_servizio"] == NURSERY, "id"])
    offices = _offices(register)
    gives = np.array([bool(nurseries & ids) for ids in offices["given"]], dtype=bool)
    places = pd.to_numeric(offices["posti"], errors="coerce").fillna(0)
    return offices.assign(n=places.where(gives, 0))


def _third_sector(register: Register) -> pd.DataFrame:
    bodies = register["organizzazioni"]
    return bodies[bodies["tipo"] == THIRD_SECTOR].assign(n=1)


def _active(register: Register) -> pd.DataFrame:
    pacts = register["patti"]
    return pacts[~pacts["stato"].isin(ENDED)].assign(n=1)


def _signed(register: Register) -> pd.DataFrame:
    """Return the pacts of which both days are known, with the days between them."""
    pacts = register["patti"]
    proposed, signed = (pd.to_datetime(pacts[f"data_{of}"]) for of in ("proposta", "sottoscritto"))
    days = (signed - proposed).dt.days
    return pacts.assign(giorni=days)[days.notna()]


_ROWS: Final[Mapping[str, Rows]] = {
    "OFF01": _nurseries,
    "OFF03": _offices,
    "TS01": _third_sector,
    "PAR01": _active,
    "PAR02": _signed,
}
"""The rows that each indicator counts."""

SOURCES: Final = tuple(_ROWS)
"""Indicators of registers."""
