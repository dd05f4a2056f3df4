"""Invented organisations, services and offices, as many as the residents need."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_core.synth.kinds import (
    BODIES,
    OFFICE_NAMES,
    RESERVED_SERVICE,
    SERVICES,
    Service,
)
from geo_core.synth.settlement import Settlement

RESIDENTS: Final = 165_505
"""Residents for which the numbers below, and those of `BODIES`, are meant."""

N_SERVICES: Final = 120
N_OFFICES: Final = 147
RESERVED_DESKS: Final = ("002158", "002016", "002133")
"""Municipalities of the desks of reserved offices: large ones, which reveal nothing."""

YEAR_END: Final = date(2023, 12, 31)

type Settlements = dict[str, Settlement]
type Row = dict[str, Any]


def organisations(
    settlements: Settlements, residents: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Invent the organisations, each with a seat on a building of its municipality."""
    rows: list[Row] = []
    for kind, legal, count, name in BODIES:
        for number in range(1, max(1, scaled(count, residents)) + 1):
            rows.append(
                {
                    "id_org": f"ORG-{len(rows) + 1:03d}",
                    "denominazione": f"{name} n. {number}",
                    "tipo": kind,
                    "forma_giuridica": legal,
                    **place(settlements, rng),
                }
            )
    return pd.DataFrame(rows)


def scaled(count: int, residents: int) -> int:
    """Return how many there are for this many residents."""
    return round(count * residents / RESIDENTS)


def services(organisations: pd.DataFrame, residents: int, rng: np.random.Generator) -> pd.DataFrame:
    """Invent the services; the last one is given at reserved offices."""
    weights = np.array([s.weight for s in SERVICES], dtype=float)
    count = max(len(SERVICES), scaled(N_SERVICES, residents) - 1)
    drawn = rng.choice(len(SERVICES), count, p=weights / weights.sum())
    # Every kind occurs: the first ones are one of each.
    drawn[: len(SERVICES)] = np.arange(len(SERVICES))
    kinds = [*(SERVICES[i] for i in drawn), RESERVED_SERVICE]
    owners = rng.choice(organisations["id_org"].to_numpy(dtype=object), len(kinds))
    rows = zip(kinds, owners, strict=True)
    return pd.DataFrame(
        [_service(number, kind, owner, rng) for number, (kind, owner) in enumerate(rows, start=1)]
    )


def offices(
    settlements: Settlements, services: pd.DataFrame, residents: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Invent the offices; the last ones are reserved and have a desk's municipality only."""
    kinds = {s.kind: s for s in SERVICES}
    open_services = services[services["tipo_servizio"] != RESERVED_SERVICE.kind]
    count = max(len(open_services), scaled(N_OFFICES, residents))
    first = rng.integers(0, len(open_services), count)
    first[: len(open_services)] = np.arange(len(open_services))
    rows = []
    for number, position in enumerate(first, start=1):
        service = open_services.iloc[position]
        kind = kinds[service["tipo_servizio"]]
        rows.append(_office(number, service, kind, place(settlements, rng), rng))
        rows[-1]["servizi"] = _with_others(service, open_services, rng)
    return pd.DataFrame([*rows, *_reserved(services, count)])


def place(settlements: Settlements, rng: np.random.Generator) -> Row:
    """Pick a building: large places more often, but less than their share of residents."""
    codes = list(settlements)
    size = np.sqrt([len(settlements[code].buildings) for code in codes])
    code = codes[int(rng.choice(len(codes), p=size / size.sum()))]
    buildings = settlements[code].buildings
    lon, lat = buildings[int(rng.integers(len(buildings)))]
    return {"cod_istat": code, "lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}


def _service(number: int, kind: Service, owner: str, rng: np.random.Generator) -> Row:
    low, high = kind.ages
    channels = "01.1.1;01.1.2" if "domicili" in kind.kind else "01.1.1"
    wait = int(rng.gamma(1.5, 14))
    return {
        "id_servizio": f"SER-{number:03d}",
        "nome": f"{kind.it}, servizio dimostrativo n. {number}",
        "nome_en": f"{kind.en}, demonstration service no. {number}",
        "descrizione": f"{kind.it}: servizio inventato a scopo dimostrativo.",
        "descrizione_en": f"{kind.en}: a service invented for demonstration.",
        "tipo_servizio": kind.kind,
        "cod_siuss": kind.siuss,
        "area_utenza": kind.areas,
        "target": kind.targets,
        "id_org": owner,
        "stato": str(rng.choice(["active", "temporarily closed"], p=[0.95, 0.05])),
        "eta_min": _text(low),
        "eta_max": _text(high),
        "isee_richiesto": "true" if kind.cost else "false",
        "costo_min": _text(kind.cost[0] if kind.cost else None),
        "costo_max": _text(kind.cost[1] if kind.cost else None),
        "attesa_giorni": _text(wait if rng.random() < 0.8 else None),
        "accesso_canale": channels,
    }


def _office(
    number: int, service: pd.Series, kind: Service, place: Row, rng: np.random.Generator
) -> Row:
    it, en = OFFICE_NAMES[kind.office]
    return {
        "id_sede": f"SED-{number:03d}",
        "nome": f"{it} n. {number}",
        "nome_en": f"{en} no. {number}",
        "tipo_sede": kind.office,
        "id_org": service["id_org"],
        "servizi": "",
        **place,
        "orari": str(rng.choice(["Mo-Fr 09:00-12:30", "Tu,Th 14:00-17:00", "Mo-Sa 08:00-18:00"])),
        "accessibilita_gradini": _flag(rng, 0.3),
        "accessibilita_ascensore": _flag(rng, 0.4),
        "accessibilita_bagno": _flag(rng, 0.7),
        "accessibilita_parcheggio": _flag(rng, 0.6),
        **_capacity(kind, rng),
        "riservata": "false",
        "verificata_il": (YEAR_END - timedelta(days=int(rng.integers(0, 300)))).isoformat(),
        "qualita_geocodifica": "localita",
    }


def _capacity(kind: Service, rng: np.random.Generator) -> Row:
    if kind.places is None:
        return {"posti": "", "posti_liberi": "", "data_posti": ""}
    places = int(rng.integers(kind.places[0], kind.places[1] + 1))
    free = int(rng.binomial(places, 0.08))
    if rng.random() < 0.2:
        return {"posti": str(places), "posti_liberi": "", "data_posti": ""}
    return {"posti": str(places), "posti_liberi": str(free), "data_posti": YEAR_END.isoformat()}


def _with_others(service: pd.Series, services: pd.DataFrame, rng: np.random.Generator) -> str:
    """Add up to two more services of the same organisation to an office."""
    same = services.loc[services["id_org"] == service["id_org"], "id_servizio"]
    others = same[same != service["id_servizio"]].to_numpy(dtype=object)
    extra = rng.choice(others, min(len(others), int(rng.integers(0, 3))), replace=False)
    return ";".join(sorted({service["id_servizio"], *extra}))


def _reserved(services: pd.DataFrame, others: int) -> list[Row]:
    it, en = OFFICE_NAMES[RESERVED_SERVICE.office]
    service = services.loc[services["tipo_servizio"] == RESERVED_SERVICE.kind].iloc[0]
    return [
        {
            "id_sede": f"SED-{others + number:03d}",
            "nome": f"{it} n. {number} (sede riservata)",
            "nome_en": f"{en} no. {number} (reserved office)",
            "tipo_sede": RESERVED_SERVICE.office,
            "id_org": service["id_org"],
            "servizi": service["id_servizio"],
            "cod_istat": desk,
            "riservata": "true",
        }
        for number, desk in enumerate(RESERVED_DESKS, start=1)
    ]


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _flag(rng: np.random.Generator, share: float) -> str:
    return "true" if rng.random() < share else "false"
