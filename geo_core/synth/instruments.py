"""Invented instruments and plans: regulations, agreements, model pacts, area plans, tables."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from geo_core.synth.register import scaled

N_INSTRUMENTS: Final = 24

_KINDS: Final = (
    # tipo_strumento, it, en
    ("regolamento", "Regolamento dimostrativo", "Demonstration regulation"),
    ("delibera", "Delibera dimostrativa", "Demonstration resolution"),
    ("convenzione", "Convenzione dimostrativa", "Demonstration agreement"),
    ("contratto", "Contratto dimostrativo", "Demonstration contract"),
    ("assicurazione", "Polizza dimostrativa", "Demonstration insurance policy"),
    ("modello_patto", "Modello di patto dimostrativo", "Demonstration model pact"),
    ("piano_zona", "Piano di zona dimostrativo", "Demonstration area plan"),
    ("tavolo", "Tavolo di quartiere dimostrativo", "Demonstration planning table"),
    ("accordo", "Accordo di programma dimostrativo", "Demonstration programme agreement"),
)
_OF_A_BODY: Final = {"piano_zona", "tavolo"}
_OF_THE_DISTRICT: Final = {"regolamento", "delibera", "accordo"}
"""Kinds that are valid everywhere; a contract, a policy or a model is valid in no territory."""


def instruments(
    organisations: pd.DataFrame,
    membership: pd.DataFrame,
    residents: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Invent the instruments: every kind occurs, and each managing body has its area plan.

    Parameters
    ----------
    organisations : DataFrame
        ``id_org``, ``tipo``.
    membership : DataFrame
        ``cod_ambito``.
    """
    bodies = sorted(set(membership["cod_ambito"]))
    kinds = {kind: (it, en) for kind, it, en in _KINDS}
    count = max(len(_KINDS), scaled(N_INSTRUMENTS, residents))
    drawn = rng.choice(np.array(list(kinds), dtype=object), count)
    drawn[: len(_KINDS)] = list(kinds)
    planned = [("piano_zona", body) for body in bodies]
    others = [
        (kind, str(rng.choice(bodies)) if kind in _OF_A_BODY else _territory(kind))
        for kind in drawn
        if kind != "piano_zona"
    ]
    return pd.DataFrame(
        [
            _instrument(number, kind, kinds[kind], territory, organisations, rng)
            for number, (kind, territory) in enumerate([*planned, *others], start=1)
        ]
    )


def _territory(kind: str) -> str:
    return "DISTRETTO" if kind in _OF_THE_DISTRICT else ""


def _instrument(  # noqa: PLR0913, PLR0917 - each is a different part of the row
    number: int,
    kind: str,
    names: tuple[str, str],
    territory: str,
    organisations: pd.DataFrame,
    rng: np.random.Generator,
) -> dict[str, Any]:
    ids = organisations["id_org"].to_numpy(dtype=object)
    public = organisations.loc[organisations["tipo"].isin(["comune", "consorzio"]), "id_org"]
    parties = rng.choice(ids, min(len(ids), int(rng.integers(2, 6))), replace=False)
    since = 2018 + int(rng.integers(0, 6))
    over = kind != "piano_zona" and rng.random() < 0.15
    return {
        "id_strumento": f"STR-{number:03d}",
        "tipo_strumento": kind,
        "titolo": f"{names[0]} n. {number}",
        "titolo_en": f"{names[1]} no. {number}",
        "atto": f"Atto dimostrativo n. {number} del {since}",
        "ambito_territoriale": territory,
        "id_org": str(rng.choice(public.to_numpy(dtype=object))),
        "soggetti": ";".join(sorted(parties)),
        "dal": f"{since}-{int(rng.integers(1, 13)):02d}-01",
        "al": "2023-12-31" if over else "",
    }
