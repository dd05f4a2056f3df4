"""Whatever of a policy decides the noise: another value of it alone is another draw."""

from __future__ import annotations

from pathlib import Path

import pytest
from disclose_district import POLICY
from test_disclose_protect import run

from geo_core.disclose import ledger
from geo_core.model.policy import Policy

OTHERWISE = {
    "level_shares": {**POLICY.level_shares, "6": 0.05, "area": 0.95},
    "contribution_cap": POLICY.contribution_cap + 1,
    "categories": POLICY.categories[::-1],
    "p_min_by_category": {**POLICY.p_min_by_category, "DIS": 400},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_each_value_that_decides_the_noise_draws_anew(tmp_path: Path, name: str):
    run(tmp_path / "p")
    run(tmp_path / "p", policy=Policy(**{**POLICY.model_dump(), name: OTHERWISE[name]}))
    assert len({entry.key for entry in ledger.read(tmp_path / "p")}) == 2
