"""Invented good practices, with the versions in which they were written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_core.synth.pacts import SIGNED, where
from geo_core.synth.register import Settlements, scaled

N_PRACTICES: Final = 18

_PRACTICES: Final = (
    # title, in English, areas, targets, problem, action
    ("Badante di condominio", "Shared carer", "ANZ", "anziani",
     "Chi ha bisogno di poche ore non trova assistenza",
     "Più famiglie dello stesso stabile condividono una persona"),
    ("Micronido di valle", "Valley micro-nursery", "FAM", "minori",
     "I paesi piccoli non arrivano ai numeri di un nido",
     "Un micronido con orario flessibile serve più comuni"),
    ("Emporio itinerante", "Travelling solidarity shop", "POV", "tutti",
     "Chi non ha l'auto non raggiunge l'emporio",
     "Un furgone porta i beni nei paesi una volta alla settimana"),
    ("Laboratorio del riuso", "Reuse workshop", "POV;IMM", "disoccupati",
     "Mobili ancora buoni finiscono tra i rifiuti",
     "Artigiani insegnano a riparare a chi cerca lavoro"),
    ("Telefonata del mattino", "Morning call", "ANZ", "anziani",
     "Gli anziani soli restano giorni senza parlare con qualcuno",
     "Volontari telefonano ogni mattina"),
    ("Trasporto a chiamata", "Transport on demand", "DIS;ANZ", "disabili;anziani",
     "Le visite mediche sono lontane e gli autobus pochi",
     "Un calendario comune dei mezzi delle associazioni"),
)  # fmt: skip
_RESULTS: Final = (
    "Più persone raggiunte a parità di spesa", "Attese più brevi", "Meno persone sole",
    "Effetti ancora da misurare",
)  # fmt: skip
_STATES: Final = ("avvio", "in_corso", "consolidata", "conclusa")


def practices(
    settlements: Settlements,
    tables: Mapping[str, pd.DataFrame],
    residents: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Invent the practices, one to three versions each; an older version stays as it was.

    Parameters
    ----------
    tables : mapping
        The registers of organisations, services and pacts, by file name.

    Returns
    -------
    DataFrame
        The columns of `layers/buone_prassi.yml`, text, one row for each version.
    """
    pacts = tables["patti.csv"]
    known = {
        "id_org": tables["organizzazioni.csv"]["id_org"].to_numpy(dtype=object),
        "id_servizio": tables["servizi.csv"]["id_servizio"].to_numpy(dtype=object),
        "id_patto": pacts.loc[pacts["stato"].isin(SIGNED), "id_patto"].to_numpy(dtype=object),
    }
    count = max(len(_PRACTICES), scaled(N_PRACTICES, residents))
    rows: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        spot = where(settlements, rng) if rng.random() < 0.7 else {}
        base = {**_practice(number, known, rng), **spot}
        rows.extend(_versions(base, rng))
    return pd.DataFrame(rows).fillna("")


def _practice(
    number: int, known: dict[str, np.ndarray], rng: np.random.Generator
) -> dict[str, Any]:
    title, title_en, areas, targets, problem, action = _PRACTICES[(number - 1) % len(_PRACTICES)]
    actors = rng.choice(known["id_org"], min(len(known["id_org"]), 3), replace=False)
    return {
        "id_prassi": f"PRA-{number:03d}",
        "versione": "",
        "titolo": f"{title} (prassi dimostrativa n. {number})",
        "titolo_en": f"{title_en} (demonstration practice no. {number})",
        "problema": problem,
        "azione": action,
        "attori": ";".join(sorted(actors)),
        "id_org": str(actors[0]),
        "area_utenza": areas,
        "target": targets,
        "trasferibilita": str(rng.choice(["immediata", "adattamenti", "locale"])),
        "id_servizio": str(rng.choice(known["id_servizio"])) if rng.random() < 0.3 else "",
        "id_patto": str(rng.choice(known["id_patto"])) if rng.random() < 0.25 else "",
    }


def _versions(base: dict[str, Any], rng: np.random.Generator) -> list[dict[str, Any]]:
    first = 2020 + int(rng.integers(0, 2))
    users = int(rng.gamma(1.4, 22))
    return [
        {
            **base,
            "versione": str(version + 1),
            "stato_prassi": _STATES[min(version + int(rng.integers(0, 2)), 3)],
            "evidenza": ("descrittiva", "misurata", "controllata")[version],
            "esiti": str(rng.choice(_RESULTS)),
            "utenti": str(users * (version + 1)) if rng.random() < 0.85 else "",
            "costi_eur": str(500 * int(rng.integers(2, 80))) if rng.random() < 0.8 else "",
            "dal": f"{first + version}-{int(rng.integers(1, 13)):02d}-15",
        }
        for version in range(int(rng.integers(1, 4)))
    ]
