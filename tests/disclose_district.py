"""A small invented district for the tests of disclosure control: fixed, seeded, of any size."""

from __future__ import annotations

from pathlib import Path

import h3
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from geo_core.catalog import Layer
from geo_core.disclose.estimates import Places
from geo_core.model.accuracy import Accuracy
from geo_core.model.layer import LayerDocument
from geo_core.model.policy import Policies, Policy, UnitPolicy
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]
POLICIES = read_document(ROOT / "config" / "disclosure.yml", Policies)
POLICY: Policy = POLICIES.areas("bisogni")
CATEGORIES = POLICY.categories
DEMAND: Policy = POLICIES.areas("domanda")
RATINGS: UnitPolicy = POLICIES.units("valutazioni")


def layers_of(family: str) -> tuple[Layer, ...]:
    """Read the collections of one family."""
    return read_document(ROOT / "layers" / f"{family}.yml", LayerDocument).resolve(family)


NEEDS: tuple[Layer, ...] = layers_of("bisogni_h3")[:3]
SERIES: Layer = layers_of("bisogni_h3")[3]

OPEN = {
    "errors": lambda _shapes: Accuracy(),
    "places": Places(pd.DataFrame(columns=["h3", "cod_istat", "cod_ambito", "residenti"]), {}),
}
"""Given to `protect` where neither rates nor estimates matter."""

CENTRE = h3.latlng_to_cell(45.45, 8.35, 8)
POOL = sorted(h3.grid_disk(CENTRE, 12))
SHARES = (0.30, 0.13, 0.06, 0.24, 0.09, 0.16, 0.02)


def residents_of(rings: int, people: int, *, seed: int = 1) -> pd.Series:
    """Settle people in towns and farms on a disk of r8 cells; many cells stay empty."""
    rng = np.random.default_rng(seed)
    cells = sorted(h3.grid_disk(CENTRE, rings))
    weight = rng.lognormal(0, 2.2, len(cells)) * (rng.random(len(cells)) < 0.8)
    return pd.Series(rng.multinomial(people, weight / weight.sum()), index=cells)


def needs_of(residents: pd.Series, cases: int, *, seed: int = 2) -> pd.DataFrame:
    """Place cases among residents, each category clustered by neighbourhood (r6)."""
    rng = np.random.default_rng(seed)
    inhabited = residents[residents > 0]
    quarters, inverse = np.unique(
        [h3.cell_to_parent(c, 6) for c in inhabited.index], return_inverse=True
    )
    rows = []
    for category, share in zip(CATEGORIES, SHARES, strict=True):
        local = rng.lognormal(0, 0.8, len(quarters))[inverse] * inhabited.to_numpy()
        n = rng.multinomial(round(cases * share), local / local.sum())
        rows += [(c, category, k) for c, k in zip(inhabited.index, n.tolist(), strict=True) if k]
    frame = pd.DataFrame(rows, columns=["luogo", "categoria", "n"])
    return frame.assign(anno=2023)[["anno", "luogo", "categoria", "n"]]


def districts(max_size: int = 40) -> st.SearchStrategy[dict[str, int]]:
    """Districts with at least 400 residents: any set of nearby cells, any people in them."""
    people = st.one_of(st.just(0), st.integers(0, 99), st.integers(50, 400), st.just(5000))
    return st.dictionaries(st.sampled_from(POOL), people, min_size=1, max_size=max_size).filter(
        lambda d: sum(d.values()) >= 400
    )
