"""Invented pacts for the common good, in every state, each with the days of its steps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo_core.synth.register import Settlements, place, scaled

N_PACTS: Final = 48
LAST_DAY: Final = date(2023, 12, 31)
FIRST_DAY: Final = date(2022, 1, 1)
"""The latest step of every pact lies between these days."""

STEPS: Final = (
    # step, fewest and most days since the step before it
    ("contatto", (0, 1)), ("proposta", (7, 60)), ("istruttoria", (10, 45)),
    ("co_progettazione", (15, 90)), ("approvazione", (10, 40)), ("sottoscritto", (5, 30)),
    ("attuazione", (5, 60)), ("valutazione", (180, 420)), ("concluso", (15, 60)),
)  # fmt: skip
"""The way of a pact that goes well."""

ENDINGS: Final = {"rinnovato": "concluso", "revocato": "attuazione", "respinto": "istruttoria"}
"""Other ends, and the step after which they come."""

SIGNED: Final = (
    "sottoscritto", "attuazione", "valutazione", "concluso", "rinnovato", "revocato",
)  # fmt: skip
"""States of a pact that is public."""

_WEIGHTS: Final = {
    "contatto": 3, "proposta": 3, "istruttoria": 2, "co_progettazione": 3, "approvazione": 2,
    "sottoscritto": 4, "attuazione": 12, "valutazione": 3, "concluso": 6, "rinnovato": 3,
    "revocato": 1, "respinto": 2,
}  # fmt: skip
_EVALUATED: Final = {"valutazione", "concluso", "rinnovato"}

_GOODS: Final = (
    # kind, common good, in English
    ("cura", "giardino di quartiere", "neighbourhood garden"),
    ("cura", "sentiero", "footpath"),
    ("cura", "lavatoio", "wash house"),
    ("cura", "area giochi", "playground"),
    ("rigenerazione", "scuola dismessa", "disused school"),
    ("rigenerazione", "piazza", "square"),
    ("rigenerazione", "vecchia stazione", "old station"),
    ("gestione", "orto condiviso", "shared vegetable garden"),
    ("gestione", "biblioteca di paese", "village library"),
    ("gestione", "sala comune", "common room"),
)
_RESOURCES: Final = ("attrezzi e materiali", "sede e utenze", "formazione", "contributo alle spese")
_RESULTS: Final = (
    "Obiettivi raggiunti", "Obiettivi raggiunti in parte", "Obiettivi da rivedere",
)  # fmt: skip

type Row = dict[str, Any]


def pacts(
    settlements: Settlements,
    organisations: pd.DataFrame,
    instruments: pd.DataFrame,
    residents: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Invent the pacts: every state occurs, most are under way.

    Parameters
    ----------
    organisations : DataFrame
        ``id_org``, ``tipo``.
    instruments : DataFrame
        ``id_strumento``, ``tipo_strumento``: what a pact may rest on.
    """
    count = max(2 * len(_WEIGHTS), scaled(N_PACTS, residents))
    weights = np.array(list(_WEIGHTS.values()), dtype=float)
    states = rng.choice(np.array(list(_WEIGHTS), dtype=object), count, p=weights / weights.sum())
    states[: len(_WEIGHTS)] = list(_WEIGHTS)
    kind = organisations.set_index("id_org")["tipo"]
    offices = kind.index[kind.isin(["comune", "consorzio"])].tolist()
    partners = kind.index[kind.isin(["ets", "parrocchia", "impresa"])].tolist()
    rests = instruments.loc[
        instruments["tipo_strumento"].isin(["regolamento", "modello_patto"]), "id_strumento"
    ].tolist()
    return pd.DataFrame(
        [
            _pact(number, state, (offices, partners, rests), settlements, rng)
            for number, state in enumerate(states, start=1)
        ]
    ).fillna("")


def _pact(
    number: int,
    state: str,
    known: tuple[list[str], list[str], list[str]],
    settlements: Settlements,
    rng: np.random.Generator,
) -> Row:
    offices, partners, rests = known
    kind, good, good_en = _GOODS[int(rng.integers(len(_GOODS)))]
    days = _days(state, rng)
    some = rng.choice(partners, min(len(partners), int(rng.integers(1, 4))), replace=False)
    signed = state in SIGNED
    return {
        "id_patto": f"PAT-{number:03d}",
        "titolo": f"Patto dimostrativo n. {number}: {good}",
        "titolo_en": f"Demonstration pact no. {number}: {good_en}",
        "bene_comune": good.capitalize(),
        "tipo_patto": kind,
        "stato": state,
        **{f"data_{step}": day.isoformat() for step, day in days.items()},
        "atto": f"Determina dimostrativa n. {number}" if signed else "",
        "protocollo": f"FASC-{number:04d}",
        "id_org": str(rng.choice(offices)),
        "soggetti": ";".join(sorted(some)),
        "cittadini": str(int(rng.gamma(1.6, 9))) if rng.random() < 0.85 else "",
        "durata_mesi": str(int(rng.choice([12, 18, 24, 36]))),
        "risorse": str(rng.choice(_RESOURCES)).capitalize() if signed else "",
        "assicurazione": "true" if signed or rng.random() < 0.2 else "false",
        "id_strumento": str(rng.choice(rests)) if rests and rng.random() < 0.8 else "",
        "esito": str(rng.choice(_RESULTS)) if state in _EVALUATED else "",
        **where(settlements, rng),
    }


def _days(state: str, rng: np.random.Generator) -> dict[str, date]:
    """Draw the day of every step up to a state, the last one within the two years."""
    names = [step for step, _ in STEPS]
    upto = names[: names.index(ENDINGS.get(state, state)) + 1]
    gaps = [int(rng.integers(*dict(STEPS)[step])) for step in upto]
    if state in ENDINGS:
        upto, gaps = [*upto, state], [*gaps, int(rng.integers(10, 120))]
    last = int(rng.integers(0, (LAST_DAY - FIRST_DAY).days + 1))
    after = np.cumsum(gaps)
    first = FIRST_DAY + timedelta(days=last - int(after[-1]))
    days = {step: first + timedelta(days=int(d)) for step, d in zip(upto, after, strict=True)}
    if state != "contatto" and rng.random() < 0.1:
        # Some pacts begin with the proposal.
        del days["contatto"]
    return days


def where(settlements: Settlements, rng: np.random.Generator) -> Row:
    """Place something in a municipality: a point, or one time in four an area around it."""
    spot = place(settlements, rng)
    if rng.random() < 0.75:
        return spot
    lon, lat = float(spot["lon"]), float(spot["lat"])
    half = 0.0004 + 0.0008 * rng.random()
    area = shapely.box(lon - half, lat - half * 0.7, lon + half, lat + half * 0.7)
    return {"cod_istat": spot["cod_istat"], "area_wkt": shapely.to_wkt(area, rounding_precision=6)}
