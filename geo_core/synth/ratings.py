"""Invented marks that users gave to offices: `valutazioni.csv`."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_core.synth.themes import MONTHS

PER_MONTH: Final = 3.0
"""Mean number of rows by office and month; it varies much between offices."""

UNRATED: Final = 0.1
"""Share of offices that nobody rates."""

_CHANNELS: Final = ("sportello", "telefono", "online")


def ratings(offices: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Invent marks from 1 to 5; each office has a level of its own, a little better each year.

    Parameters
    ----------
    offices : DataFrame
        ``id_sede``, ``riservata``: reserved offices are not rated.

    Returns
    -------
    DataFrame
        The columns of `layers/intake/valutazioni.yml`, text, ordered by office and month.
    """
    ids = np.sort(offices.loc[offices["riservata"] != "true", "id_sede"].to_numpy(dtype=object))
    many = rng.lognormal(0, 0.8, len(ids)) * (rng.random(len(ids)) >= UNRATED)
    level = rng.normal(3.8, 0.5, len(ids))
    rows = rng.poisson(PER_MONTH * many[:, None] * np.ones(len(MONTHS)))
    office, month = (np.repeat(p.ravel(), rows.ravel()) for p in np.indices(rows.shape))
    count = len(office)
    mark = rng.normal(level[office] + 0.01 * month, 0.9)
    known = rng.random(count) < 0.6
    names = np.array([rng.bytes(16).hex() for _ in range(count)], dtype=object)
    return pd.DataFrame(
        {
            "id_sede": ids[office],
            "periodo": np.array(MONTHS, dtype=object)[month],
            "voto": np.clip(np.round(mark), 1, 5).astype(int).astype(str),
            "n_voti": np.where(known, 1, rng.integers(1, 4, count)).astype(str),
            "pseudonimo": np.where(known, names, ""),
            "canale": rng.choice(np.array(_CHANNELS, dtype=object), count, p=[0.6, 0.1, 0.3]),
        }
    )
