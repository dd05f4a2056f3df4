"""Invented networks of organisations: who takes part, in what role, from when to when."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from geo_core.synth.register import scaled

N_NETWORKS: Final = 7

_SUBJECTS: Final = (
    "Non autosufficienza", "Prima infanzia", "Povertà e beni di prima necessità",
    "Lavoro e inclusione", "Casa", "Giovani", "Riuso e lotta allo spreco",
)  # fmt: skip
_ROLES: Final = ("partner", "attuatore", "finanziatore", "sostenitore")
_SHARES: Final = (0.6, 0.2, 0.05, 0.15)


def networks(organisations: pd.DataFrame, residents: int, rng: np.random.Generator) -> pd.DataFrame:
    """Invent the networks; each has one lead partner, and some partners have left.

    Parameters
    ----------
    organisations : DataFrame
        ``id_org``, ``tipo``.

    Returns
    -------
    DataFrame
        The columns of `layers/reti.yml`, text, one row for each membership.
    """
    leads = organisations.loc[organisations["tipo"].isin(["consorzio", "ets"]), "id_org"]
    rows: list[dict[str, Any]] = []
    for number in range(1, max(1, scaled(N_NETWORKS, residents)) + 1):
        lead = str(rng.choice(leads.to_numpy(dtype=object)))
        others = organisations.loc[organisations["id_org"] != lead, "id_org"]
        size = min(len(others), int(rng.integers(4, 12)))
        partners = rng.choice(others.to_numpy(dtype=object), size, replace=False)
        roles = rng.choice(_ROLES, size, p=_SHARES)
        members = [(lead, "capofila"), *zip(sorted(partners), roles, strict=True)]
        rows.extend(_membership(number, org, str(role), rng) for org, role in members)
    return pd.DataFrame(rows)


def _membership(number: int, org: str, role: str, rng: np.random.Generator) -> dict[str, Any]:
    since = 2017 + int(rng.integers(0, 6))
    left = role != "capofila" and rng.random() < 0.12
    return {
        "id_rete": f"RET-{number:02d}",
        "denominazione": f"Rete dimostrativa n. {number}",
        "id_org": org,
        "ruolo": role,
        "dal": f"{since}-{int(rng.integers(1, 13)):02d}-01",
        "al": f"2023-{int(rng.integers(1, 12)):02d}-28" if left else "",
        "oggetto": _SUBJECTS[(number - 1) % len(_SUBJECTS)],
        "atto": f"Protocollo dimostrativo n. {number}",
    }
