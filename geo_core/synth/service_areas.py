"""Invented areas that an office or a service covers: municipalities, travel time, or drawn."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo_core.synth.register import Settlements, scaled

N_AREAS: Final = 45

_KM: Final = 111.32
"""Length of one degree of latitude."""
_KM_PER_MINUTE: Final = 0.6
"""How far one gets by car in these valleys and plains, as the crow flies."""


def service_areas(
    settlements: Settlements, offices: pd.DataFrame, residents: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Invent the areas of some offices; a service has whole municipalities only.

    Parameters
    ----------
    offices : DataFrame
        ``id_sede``, ``nome``, ``servizi``, ``cod_istat``, ``lon``, ``lat``, ``riservata``:
        reserved offices, and what is given there, have no area.
    """
    secret = offices["riservata"] == "true"
    hidden = {s for text in offices.loc[secret, "servizi"] for s in text.split(";")}
    shown = offices[~secret & offices["cod_istat"].isin(list(settlements))]
    count = min(len(shown), max(3, scaled(N_AREAS, residents)))
    chosen = np.sort(rng.choice(len(shown), count, replace=False))
    mains = np.array([s.main for s in settlements.values()])
    rows = []
    for number, position in enumerate(chosen, start=1):
        office = shown.iloc[int(position)]
        row = _ROWS[number % len(_ROWS)](office, settlements, mains, hidden, rng)
        rows.append(
            {"id_area": f"ARE-{number:03d}", "nome": f"Area dimostrativa n. {number}", **row}
        )
    return pd.DataFrame(rows).fillna("")


def _whole(
    office: pd.Series, settlements: Settlements, mains: np.ndarray, count: int
) -> dict[str, Any]:
    apart = (mains - settlements[office["cod_istat"]].main) * [0.7, 1.0]
    nearest = np.argsort(np.hypot(*apart.T), kind="stable")[:count]
    codes = list(settlements)
    return {"base": "comuni", "comuni": ";".join(sorted(codes[i] for i in nearest))}


def _of_service(
    office: pd.Series,
    settlements: Settlements,
    mains: np.ndarray,
    hidden: set[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    open_ = [s for s in office["servizi"].split(";") if s and s not in hidden]
    area = _whole(office, settlements, mains, int(rng.integers(2, 14)))
    return {"id_servizio": open_[0], **area} if open_ else {"id_sede": office["id_sede"], **area}


def _of_office(
    office: pd.Series,
    settlements: Settlements,
    mains: np.ndarray,
    _hidden: set[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    area = _whole(office, settlements, mains, int(rng.integers(1, 9)))
    return {"id_sede": office["id_sede"], **area}


def _by_car(
    office: pd.Series,
    _settlements: Settlements,
    _mains: np.ndarray,
    _hidden: set[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    minutes = int(rng.choice([15, 30]))
    return {
        "id_sede": office["id_sede"],
        "base": "isocrona",
        "minuti": str(minutes),
        "area_wkt": _blob(office, minutes * _KM_PER_MINUTE, 24, rng),
    }


def _drawn(
    office: pd.Series,
    _settlements: Settlements,
    _mains: np.ndarray,
    _hidden: set[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    return {
        "id_sede": office["id_sede"],
        "base": "poligono",
        "area_wkt": _blob(office, float(rng.uniform(1, 4)), 8, rng),
    }


_ROWS: Final = (_of_office, _by_car, _of_service, _of_office, _drawn)


def _blob(office: pd.Series, km: float, corners: int, rng: np.random.Generator) -> str:
    """Draw an uneven shape around an office: its corners are at about `km` from it."""
    lon, lat = float(office["lon"]), float(office["lat"])
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = km / _KM * rng.uniform(0.6, 1.1, corners)
    xs = lon + reach * np.cos(turn) / np.cos(np.radians(lat))
    ring = shapely.Polygon(np.column_stack([xs, lat + reach * np.sin(turn)]))
    return str(shapely.to_wkt(ring, rounding_precision=6))
