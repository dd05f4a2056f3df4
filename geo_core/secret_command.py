"""The command `atlante secrets`: which places stay secret although their rows may be gone."""

from __future__ import annotations

from pathlib import Path

from geo_core.ingest.remembered import forget, remembered


def listed(private: Path) -> list[str]:
    """Return a line for each remembered place: its office, the name and the municipality."""
    rows = remembered(private)
    if rows.empty:
        return [
            "nessun luogo segreto ricordato (di sedi inventate si tace il luogo, senza ricordarlo)",
            "no secret place remembered (that of invented offices is left out, not remembered)",
        ]
    cells = rows[["id_sede", "nome", "cod_istat"]].itertuples(index=False, name=None)
    return ["  ".join(row) for row in cells]


def forgotten(private: Path, offices: list[str]) -> list[str]:
    """Forget offices; return a line for each.

    Raises
    ------
    NotFound
        One is not remembered.
    """
    for office in offices:
        forget(private, office)
    return [f"non più segreta / forgotten: {office}" for office in offices]
