"""Who was to hand in records, and which months came in."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_core.synth.reporters import Reporters
from geo_core.synth.themes import MONTHS, YEARS

TABLES: Final = ("rilevazioni", "domanda", "segnalazioni")
"""What organisations hand in: of a month all of it or nothing."""


def sources(seen: Reporters) -> pd.DataFrame:
    """Expect every table of every organisation from the first year on."""
    rows = [(org, table, f"{YEARS[0]}-01-01", "") for org in seen.ids for table in TABLES]
    return pd.DataFrame(rows, columns=["id_org", "tabella", "dal", "al"])


def deliveries(seen: Reporters) -> pd.DataFrame:
    """Record the months that organisations handed in, ten days after their end."""
    months = pd.PeriodIndex(MONTHS, freq="M")
    days = [f"{following}-10" for following in months + 1]
    rows = [
        (seen.ids[org], table, MONTHS[i], days[i])
        for org, i in np.argwhere(seen.handed_in)
        for table in TABLES
    ]
    return pd.DataFrame(rows, columns=["id_org", "tabella", "periodo", "giorno"])
