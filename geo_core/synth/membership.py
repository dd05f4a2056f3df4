"""Invented membership of municipalities in managing bodies. The bodies of the province are real."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_core.synth.extent import PROVINCE, Extent
from geo_core.synth.kinds import MANAGING_BODIES
from geo_core.synth.settlement import Settlement

RESIDENTS_PER_BODY: Final = 60_000
"""Of the invented bodies of other provinces."""

type Body = tuple[str, str, str]
"""Code, name, ISTAT code of the seat's municipality."""


def membership(extent: Extent, settlements: dict[str, Settlement]) -> pd.DataFrame:
    """Assign every municipality to the managing body of its province with the nearest seat.

    Returns
    -------
    DataFrame
        ``cod_istat``, ``cod_ambito``, ``denominazione``, ``dal``, ``al``. Distances are between
        main villages, straight. The assignment is invented; so are the bodies of other
        provinces, and their names say so.
    """
    rows = []
    for province, places in extent.municipalities.groupby("cod_provincia", sort=True):
        codes = places["cod_istat"].tolist()
        bodies = MANAGING_BODIES if province == PROVINCE else _bodies(province, codes, extent)
        seats = np.array([settlements[seat].main for _, _, seat in bodies])
        for code in codes:
            # One degree of longitude is about 0.7 of one of latitude here.
            away = np.hypot(*((seats - settlements[code].main) * [0.7, 1.0]).T)
            body, name, _ = bodies[int(np.argmin(away))]
            rows.append((code, body, name, "2022-01-01", ""))
    return pd.DataFrame(rows, columns=["cod_istat", "cod_ambito", "denominazione", "dal", "al"])


def _bodies(province: str, codes: list[str], extent: Extent) -> tuple[Body, ...]:
    """Invent the bodies of another province, seated in its largest municipalities."""
    residents = extent.residents.reindex(codes).sort_values(ascending=False, kind="stable")
    count = max(1, round(residents.sum() / RESIDENTS_PER_BODY))
    return tuple(
        (f"DIM-{province}-{number}", f"Ente gestore dimostrativo {province}-{number}", seat)
        for number, seat in enumerate(residents.index[:count], start=1)
    )
