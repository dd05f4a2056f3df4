"""What a desk knows of where a person lives: mostly the cell, sometimes the municipality."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo_core.synth.cases import Ints, People
from geo_core.synth.streams import named

TOWN_ONLY: Final = 0.06
"""Share of records that know the municipality only."""


def places(people: People, group: Ints, rng: np.random.Generator) -> pa.Array:
    """Return the cell of each record, or the ISTAT code of its municipality."""
    coarse = pa.array(rng.random(len(group)) < TOWN_ONLY)
    cells = named(people.cells, people.cell[group])
    return pc.if_else(coarse, named(people.towns, people.town[group]), cells)
