"""Invented opportunities: some at a place, some for an area, some over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_core.synth.kinds import OPPORTUNITIES
from geo_core.synth.register import Settlements, place, scaled

N_OPPORTUNITIES: Final = 80
FIRST_DAY: Final = date(2022, 7, 1)
DAYS: Final = 545
"""Days from the first day within which one opens."""

WIDE: Final = {"bando": 0.5, "contributo": 0.7, "norma": 1.0}
"""Kinds that are valid in an area instead of at a place, and how often."""

_STANDING: Final = {"norma", "spazio"}
"""Kinds without a deadline."""

_BOTH_WAYS: Final = {"lavoro", "volontariato"}
_SPACES: Final = ("disponibile", "in_recupero", "assegnato")

type Row = dict[str, Any]


def opportunities(
    settlements: Settlements,
    organisations: pd.DataFrame,
    membership: pd.DataFrame,
    residents: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Invent the opportunities; each kind occurs.

    Parameters
    ----------
    organisations : DataFrame
        ``id_org``.
    membership : DataFrame
        ``cod_ambito``, ``cod_istat``: areas in which an opportunity may be valid.
    """
    count = max(len(OPPORTUNITIES), scaled(N_OPPORTUNITIES, residents))
    owners = rng.choice(organisations["id_org"].to_numpy(dtype=object), count)
    kinds = rng.integers(0, len(OPPORTUNITIES), count)
    kinds[: len(OPPORTUNITIES)] = np.arange(len(OPPORTUNITIES))
    rows = []
    for number, (owner, kind) in enumerate(zip(owners, kinds, strict=True), start=1):
        row = _opportunity(number, owner, int(kind), rng)
        wide = rng.random() < WIDE.get(row["tipo"], 0)
        where = _area(membership, rng) if wide else place(settlements, rng)
        rows.append({**row, **where})
    return pd.DataFrame(rows).fillna("")


def _opportunity(number: int, owner: str, kind: int, rng: np.random.Generator) -> Row:
    name, it, en, areas, targets, amounts = OPPORTUNITIES[kind]
    opens = FIRST_DAY + timedelta(days=int(rng.integers(0, DAYS)))
    closes = opens + timedelta(days=int(rng.integers(20, 240)))
    amount = round(int(rng.integers(*amounts)), -2) or 100 if amounts else ""
    return {
        "id_opp": f"OPP-{number:03d}",
        "titolo": f"{it} n. {number}",
        "titolo_en": f"{en} no. {number}",
        "tipo": name,
        "verso": str(rng.choice(["offerta", "richiesta"])) if name in _BOTH_WAYS else "",
        "stato_spazio": str(rng.choice(_SPACES)) if name == "spazio" else "",
        "atto": f"Atto dimostrativo n. {number}" if name in WIDE else "",
        "apertura": opens.isoformat(),
        "scadenza": "" if name in _STANDING else closes.isoformat(),
        "importo_eur": str(amount),
        "area_utenza": areas,
        "target": targets,
        "id_org": owner,
    }


def _area(membership: pd.DataFrame, rng: np.random.Generator) -> Row:
    """Draw the whole district, a managing body or some municipalities."""
    chance = rng.random()
    if chance < 0.35:
        return {"ambito_territoriale": "DISTRETTO"}
    if chance < 0.75:
        bodies = sorted(set(membership["cod_ambito"]))
        return {"ambito_territoriale": str(rng.choice(bodies))}
    towns = sorted(set(membership["cod_istat"]))
    some = rng.choice(towns, min(len(towns), int(rng.integers(1, 6))), replace=False)
    return {"ambito_territoriale": ";".join(sorted(some))}
