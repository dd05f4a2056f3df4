"""Recomputes how sure values of indicators are: intervals, smoothed values, changes.

Each follows from what is counted and by what it is divided, which stand in every row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from checks.audit.findings import Tally
from checks.audit.published import Published
from checks.audit.replay_indicators import PER as OF_RATES
from checks.audit.replay_indicators import VALUES

PER: Final = {**OF_RATES, "FAM01": 100, "FAM02": 100, "EDU01": 100, "LAV01": 100, "STR01": 100,
              "OFF02": 5_000}  # fmt: skip
"""What a value is per so many of; of others nothing is divided."""
OWN: Final = ("ic_inf", "ic_sup")
SMOOTH: Final = ("valore_eb", "eb_inf", "eb_sup")
CHANGE: Final = ("variazione", "variazione_inf", "variazione_sup")
NEEDED: Final = {*OWN, *SMOOTH, *CHANGE, "variazione_classe", "ic_metodo", "numeratore", "n"}
HALF: Final = 0.5e-4
Z: Final = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""
TAILS: Final = (0.025, 0.975)

type Row = Mapping[str, Any]
type Bounds = Sequence[float | None]


def check(tally: Tally, published: Published) -> None:
    """Check every value of every indicator, where they are published."""
    collection = published.collections.get(VALUES)
    if collection is None or not set(collection.fields) >= NEEDED:
        return
    rows = [feature["properties"] for feature in collection.features]
    made = {
        "the interval is not that of what is counted": (OWN, [_interval(row) for row in rows]),
        "is not smoothed as its towns say": (SMOOTH, _smoothed(rows)),
        "the change is not that of both years": (CHANGE, _changes(rows)),
    }
    for what, (names, figures) in made.items():
        tally.each(
            [_same([row[name] for name in names], right)
             for row, right in zip(rows, figures, strict=True)],
            VALUES,
            what,
            lambda i, names=names, figures=figures: {  # type: ignore[misc]
                "id": rows[i]["id"], "shown": [rows[i][name] for name in names],
                "made": list(figures[i]),
            },
        )  # fmt: skip
    tally.each(
        [(row["ic_metodo"] == "none") == (row["ic_inf"] is None) for row in rows],
        VALUES,
        "ic_metodo names a method where there is no interval, or none where there is one",
        lambda i: {"id": rows[i]["id"]},
    )
    tally.each(
        [row["variazione_classe"] in _kinds(row) for row in rows],
        VALUES,
        "variazione_classe does not follow from its bounds",
        lambda i: {"id": rows[i]["id"]},
    )


def _same(shown: Bounds, right: Bounds) -> bool:
    return all(
        a is b if a is None or b is None else abs(a - b) <= HALF + 1e-12 * abs(b)
        for a, b in zip(shown, right, strict=True)
    )


def _interval(row: Row) -> Bounds:
    """Return the bounds of a value, by the method that the row names."""
    counted, n, per = row["numeratore"], row["n"], PER.get(row["indicatore"], 1)
    if counted is None or (not n and row["indicatore"] in PER):
        return [None, None]
    match row["ic_metodo"]:
        case "share":
            return [per * share for share in _wilson(counted, n)]
        case "ratio":
            return [per * share / (1 - share) for share in _wilson(counted, counted + n)]
        case "count":
            over = n if row["indicatore"] in PER else 1
            return [per * events / over for events in _garwood(counted)]
        case "denominator":
            least, most = _garwood(n)
            return [per * counted / most, per * counted / least]
    return [None, None]


def _wilson(counted: float, n: float) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927)."""
    share, wide = counted / n, 1 + Z * Z / n
    middle = (share + Z * Z / (2 * n)) / wide
    half = Z * (share * (1 - share) / n + Z * Z / (4 * n * n)) ** 0.5 / wide
    return (0.0 if counted == 0 else middle - half), (1.0 if counted == n else middle + half)


def _garwood(events: float) -> tuple[float, float]:
    """Return the exact interval of the mean of a Poisson count (Garwood 1936)."""
    low = float(gammaincinv(events, TAILS[0])) if events else 0.0
    return low, float(gammaincinv(events + 1, TAILS[1]))


def _smoothed(rows: Sequence[Row]) -> list[Bounds]:
    """Return what each rate of a town is smoothed to among those of all (Marshall 1991)."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if row[SMOOTH[0]] is not None and row["n"] and row["numeratore"] is not None:
            groups[row["indicatore"], row["periodo_inizio"]].append(i)
    found: list[Bounds] = [(None, None, None)] * len(rows)
    for (name, _), at in groups.items():
        events, people = (
            np.array([float(rows[i][key]) for i in at]) for key in ("numeratore", "n")
        )
        for i, of in zip(at, PER.get(name, 1) * _marshall(events, people), strict=True):
            found[i] = of.tolist()
    return found


def _marshall(
    events: npt.NDArray[np.float64], people: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return smoothed rates with the interval of the gamma distribution, shape (units, 3)."""
    mean = events.sum() / people.sum()
    apart = people @ np.square(events / people - mean) / people.sum() - mean / people.mean()
    if not apart > 0:
        bounds = [bound / people.sum() for bound in _garwood(float(events.sum()))]
        return np.tile([mean, *bounds], (events.size, 1))
    shape, rate = mean**2 / apart + events, mean / apart + people
    low, high = (gammaincinv(shape, tail) / rate for tail in TAILS)
    return np.column_stack([shape / rate, low, high])


def _changes(rows: Sequence[Row]) -> list[Bounds]:
    """Return the change of each value since the year before, and its bounds (Zou, Donner 2008)."""
    years = {_key(row, 0): row for row in rows}
    return [_change(row, years.get(_key(row, 1))) for row in rows]


def _key(row: Row, before: int) -> tuple[object, ...]:
    year = int(row["periodo_inizio"][:4]) - before
    return row["indicatore"], row.get("variante"), row["unita"], year


def _change(now: Row, then: Row | None) -> Bounds:
    if then is None or now["valore"] is None or then["valore"] is None:
        return None, None, None
    moved = now["valore"] - then["valore"]
    if None in {now["ic_inf"], then["ic_inf"]}:
        return moved, None, None
    down = np.hypot(now["valore"] - now["ic_inf"], then["ic_sup"] - then["valore"])
    up = np.hypot(now["ic_sup"] - now["valore"], then["valore"] - then["ic_inf"])
    return moved, float(moved - down), float(moved + up)


def _kinds(row: Row) -> set[str]:
    """Return the classes that a change may have: two where a bound is 0 but for rounding."""
    _, low, high = (row[name] for name in CHANGE)
    if low is None or high is None:
        return {"no-data"}
    found = {"aumento" if low > 0 else "diminuzione" if high < 0 else "rumore"}
    return found | ({"rumore"} if min(abs(low), abs(high)) <= HALF else set())
