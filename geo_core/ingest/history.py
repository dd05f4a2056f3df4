"""History of municipal codes: which code was valid when, and what became of it.

The published lists (OntoPiA, ISTAT) say from when to when a code was valid and, when
municipalities merge, repeat the row of the new one once for each part. They do not say which
part went where; `successors` finds it where the list leaves no choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.left_out import LeftOut, left_out
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.sources import csv

HISTORY: Final = "comuni_storia"
COLUMNS: Final = (
    Column("cod_istat", "text", required=True, pattern=r"\d{6}", expected="six digits"),
    Column("denominazione", "text", required=True),
    Column("dal", "date", required=True),
    Column("al", "date"),
    Column("parti", "integer", low=1, high=100),
)
"""`al` is the day on which the next row begins; empty while the code is valid. `parti` is how
often a published list repeats the row: the number of municipalities that made it."""

_OPEN: Final = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Condensed:
    """Rows of a published history that say something, and how many do not.

    Attributes
    ----------
    rows : DataFrame
        The columns of `COLUMNS` as text; of repeated rows the first, with its index.
    left_out : tuple of LeftOut
        The other rows.
    """

    rows: pd.DataFrame
    left_out: tuple[LeftOut, ...]


def condensed(rows: pd.DataFrame) -> Condensed:
    """Write repeated rows once and count them, and leave out rows that last no day.

    Parameters
    ----------
    rows : DataFrame
        Text: ``cod_istat``, ``denominazione``, ``dal``, ``al``; maybe ``parti``. An end on the
        last day of the year 9999 is none.
    """
    al = rows["al"] if "al" in rows else pd.Series("", index=rows.index, dtype=object)
    named = rows.assign(al=al.where(al != _OPEN, ""))
    if "parti" not in named:
        named["parti"] = "1"
    lasting = named[named["dal"] != named["al"]]
    counted = lasting.assign(parti=pd.to_numeric(lasting["parti"], errors="coerce").fillna(1))
    keys = ["cod_istat", "dal", "al", "denominazione"]
    parts = counted.groupby(keys)["parti"].transform("sum").astype("int64").astype(str)
    once = counted.assign(parti=parts)[~counted.duplicated(keys)]
    short, again = len(named) - len(lasting), len(lasting) - len(once)
    return Condensed(
        once[[column.name for column in COLUMNS]],
        (
            *left_out(short, it="non durano neanche un giorno", en="last no day"),
            *left_out(
                again,
                it="ripetono un'altra riga, e sono contate nella colonna parti",
                en="repeat another row, and are counted in the column parti",
            ),
        ),
    )


def check_history(path: Path, rows: pd.DataFrame) -> Checked[pd.DataFrame]:
    """Check the history of codes; a code is valid once at a time."""
    problems = Problems(path)
    typed = problems.remaining(read_columns(path, rows, COLUMNS, problems))
    backwards = typed["al"].notna() & (typed["al"].fillna(_OPEN) < typed["dal"])
    problems.add_where(backwards, "al", Refusal("is before dal", "check both days"))
    valid = problems.remaining(typed)
    for _, group in valid.groupby("cod_istat"):
        ordered = group.sort_values("dal", kind="stable")
        ends = ordered["al"].fillna(_OPEN).cummax().shift()
        # One row ends on the day on which the next begins.
        again = ends.notna() & (ordered["dal"] < ends.fillna(""))
        hint = "end the earlier row on the day on which this one begins"
        refusal = Refusal("the code is already valid on this day", hint)
        problems.add_where(again, "dal", refusal)
    return Checked(len(rows), problems.remaining(typed), problems.listed())


@dataclass(frozen=True, slots=True)
class Abolished:
    """A code that is no longer valid.

    Attributes
    ----------
    on : str
        The day, ISO.
    successor : str | None
        The code that took its place, where the history leaves exactly one.
    """

    on: str
    successor: str | None


def abolished(history: pd.DataFrame) -> dict[str, Abolished]:
    """Return every code that ended, with what became of it.

    A code that ends on a day went to a code with a row that begins on that day. Where there are
    several of those, the one whose name holds its name is meant, if it is one only; what then
    remains goes to the one new code that still lacks parts. No code takes more parts than its
    row says.

    Parameters
    ----------
    history : DataFrame
        As `check_history` returns.
    """
    end = history.assign(al=history["al"].fillna(_OPEN)).groupby("cod_istat")["al"].max()
    ended = end[end != _OPEN]
    out: dict[str, Abolished] = {}
    for day, codes in ended.groupby(ended):
        begun = history[(history["dal"] == day) & ~history["cod_istat"].isin(codes.index)]
        found = _assigned(_named(history, codes.index), _named(begun), _parts(begun))
        out |= {code: Abolished(str(day), found.get(code)) for code in codes.index}
    return out


def current(code: str, gone: dict[str, Abolished]) -> str | None:
    """Follow a code to the one that is valid today; None where the history does not tell."""
    seen: set[str] = set()
    while code in gone and code not in seen:
        seen.add(code)
        after = gone[code].successor
        if after is None:
            return None
        code = after
    return code


def _named(history: pd.DataFrame, codes: Iterable[str] | None = None) -> dict[str, set[str]]:
    rows = history if codes is None else history[history["cod_istat"].isin(list(codes))]
    last = rows.sort_values("dal").groupby("cod_istat")["denominazione"].last()
    return {code: set(re.findall(r"\w+", name.casefold())) for code, name in last.items()}


def _parts(begun: pd.DataFrame) -> dict[str, int]:
    parts = begun["parti"].fillna(1).astype("int64")
    return {str(code): int(n) for code, n in parts.groupby(begun["cod_istat"]).sum().items()}


def _assigned(
    ended: dict[str, set[str]], begun: dict[str, set[str]], parts: dict[str, int]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, name in ended.items():
        like = [new for new, other in begun.items() if name <= other]
        if len(like) == 1:
            found[code] = like[0]
    left = {new: n - list(found.values()).count(new) for new, n in parts.items()}
    lacking = [new for new, n in left.items() if n > 0]
    rest = [code for code in ended if code not in found]
    if len(lacking) == 1 and len(rest) <= left[lacking[0]]:
        found |= dict.fromkeys(rest, lacking[0])
    return found if all(n >= 0 for n in left.values()) else {}


def published(history: pd.DataFrame, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows of the layer `comuni_storia`.

    Parameters
    ----------
    history : DataFrame
        As `check_history` returns; without rows, today's codes stand for it.
    municipalities : GeoDataFrame
        ``cod_istat``, ``denominazione``, ``geometry`` (EPSG:4326) of today.
    """
    if not len(history):
        today = municipalities[["cod_istat", "denominazione"]]
        history = today.assign(dal=None, al=None, parti=None)
    gone = abolished(history)
    after = {code: end.successor for code, end in gone.items() if end.successor}
    before: dict[tuple[str, str | None], list[str]] = {}
    for code, successor in sorted(after.items()):
        before.setdefault((successor, gone[code].on), []).append(code)
    last = history["al"].isna()
    ends = [al == gone[c].on if c in gone else False for c, al in _pairs(history, "al")]
    shapes = municipalities.set_index("cod_istat").geometry
    rows = pd.DataFrame(
        {
            "id": [f"{code}-{dal or 'oggi'}" for code, dal in _pairs(history, "dal")],
            "cod_istat": history["cod_istat"],
            "denominazione": history["denominazione"],
            "vigente": last,
            "predecessori": [";".join(before.get(k, ())) or None for k in _pairs(history, "dal")],
            "successore": [
                after.get(c) if end else None
                for c, end in zip(history["cod_istat"], ends, strict=True)
            ],
            "n_parti": history["parti"],
            "valido_dal": history["dal"],
            "valido_al": [_day_before(al) for al in history["al"]],
        }
    )
    places = [
        shapes.get(c) if now else None for c, now in zip(rows["cod_istat"], last, strict=True)
    ]
    return gpd.GeoDataFrame(rows, geometry=places, crs=municipalities.crs)


def read_history(folder: Path) -> pd.DataFrame:
    """Return the accepted rows of the input folder; none if it has no such table."""
    path = folder / f"{HISTORY}.csv"
    if not path.exists():
        return pd.DataFrame(columns=[column.name for column in COLUMNS], dtype=object)
    return check_history(path, csv.read(path)).frame


def _pairs(history: pd.DataFrame, column: str) -> Iterator[tuple[str, str | None]]:
    return zip(history["cod_istat"], history[column], strict=True)


def _day_before(day: str | None) -> str | None:
    return None if day is None else (date.fromisoformat(day) - timedelta(days=1)).isoformat()
