"""What an office writes in its own way is written in ours, where that leaves no doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_uploads import desk, home, invented, rows_of, sent

from geo_core.uploads.reading import read
from geo_core.uploads.tables import target
from geo_core.uploads.upload import Desk

__all__ = ["desk", "home", "invented"]


@pytest.mark.parametrize(
    ("column", "cells", "written"),
    [
        ("lon", ["8,25", "8"], ["8.25", "8"]),
        ("lon", ["8,25", "8.25"], ["8.25", "8.25"]),
        ("lon", ["8.421", "8,42"], ["8,421", "8.42"]),
        ("lon", ["1.234,5", "8,25"], ["1.234,5", "8.25"]),
        ("verificata_il", ["31/12/2023", "1.2.2023"], ["2023-12-31", "2023-02-01"]),
        ("verificata_il", ["12/31/2023", "31/12/23"], ["2023-31-12", "31/12/23"]),
        ("riservata", ["Sì", "NO"], ["true", "false"]),
        ("riservata", ["forse", "x"], ["forse", "x"]),
        ("cod_istat", ["2158", "002158"], ["002158", "002158"]),
        ("nome", ["12,5", "sì"], ["12,5", "sì"]),
    ],
)
def test_only_what_is_beyond_doubt_is_rewritten(
    desk: Desk, tmp_path: Path, column: str, cells: list[str], written: list[str]
):
    table = target("sedi", desk.catalog, desk.around().known)
    rows = rows_of(desk, "sedi").iloc[:2].copy()
    rows[column] = cells
    assert read([sent(tmp_path, rows)], table, profile=None).rows[column].tolist() == written
