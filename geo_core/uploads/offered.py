"""What `atlante import` takes, for its help: loads neither the catalogue nor pandas."""

from __future__ import annotations

from typing import Final

IMPORTED_TABLES: Final = (
    "ambiti", "comuni_storia", "popolazione", "residenti", "localita", "fonti", "tempi",
    "conteggi",
    "organizzazioni", "servizi", "sedi", "aree_servizio", "reti", "strumenti", "opportunita",
    "patti", "buone_prassi", "domanda", "rilevazioni", "segnalazioni", "valutazioni",
)  # fmt: skip
IMPORTERS: Final = (
    "istat-confini", "istat-posas", "istat-sezioni", "popolazione-raster", "popolazione-areale",
    "runts", "ipa", "cinque-per-mille", "osm", "anncsu", "siuss", "rete-stradale",
)  # fmt: skip
