"""Dated membership of municipalities in managing bodies, and the bodies it makes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.beside import names_by
from geo_core.ingest.boundaries import drawn
from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.history import HISTORY
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.ingest.rules import IDENTIFIER
from geo_core.model.validity import valid_on
from geo_core.sources import csv, geopop

AREA_CRS: Final = "EPSG:32632"
_OPEN: Final = "9999-12-31"


def columns(municipalities: frozenset[str]) -> tuple[Column, ...]:
    """Return the columns of the table `ambiti`; `cod_istat` may be one of these codes."""
    return (
        Column(
            "cod_istat",
            "text",
            required=True,
            codes=municipalities,
            codes_from="the municipalities of Italy",
        ),
        Column("cod_ambito", "text", required=True, pattern=IDENTIFIER[0], expected=IDENTIFIER[1]),
        Column("denominazione", "text", required=True),
        Column("dal", "date", required=True),
        Column("al", "date"),
    )


def acceptable(folder: Path) -> frozenset[str]:
    """Return the codes that membership may name: of all Italy, new ones and those of the past."""
    past = folder / f"{HISTORY}.csv"
    gone = frozenset(csv.read(past)["cod_istat"]) if past.exists() else frozenset()
    return geopop.codes() | drawn(folder) | gone


def members_by_body(folder: Path, *, on: str) -> dict[str, frozenset[str]]:
    """Return the members of each body on a day, by its code.

    Parameters
    ----------
    folder : Path
        The input folder; no file of membership is no body.
    on : str
        The day, ``YYYY-MM-DD``.
    """
    path = folder / "ambiti.csv"
    if not path.exists():
        return {}
    checked = check_membership(path, csv.read(path), municipalities=acceptable(folder))
    return members_on(checked.frame, on)


def members(folder: Path, *, on: str) -> frozenset[str]:
    """Return the municipalities that are in any body on a day."""
    return frozenset().union(*members_by_body(folder, on=on).values())


def _on(membership: pd.DataFrame, day: str) -> pd.DataFrame:
    found: pd.DataFrame = membership[valid_on(day, membership, first="dal", last="al")]
    return found


def check_membership(
    path: Path, rows: pd.DataFrame, *, municipalities: Collection[str]
) -> Checked[pd.DataFrame]:
    """Check the membership of municipalities in bodies.

    Parameters
    ----------
    path : Path
        For messages only.
    rows : DataFrame
        Text: ``cod_istat``, ``cod_ambito``, ``denominazione``, ``dal``, ``al``.
    municipalities : Collection[str]
        ISTAT codes that may be members; they need not lie in one province.

    Returns
    -------
    Checked
        The same columns, dates as ISO text, `al` None while membership lasts. A municipality is
        in one body at a time, and a body has one name at a time: a row that overlaps an earlier
        one is refused.
    """
    problems = Problems(path)
    typed = problems.remaining(
        read_columns(path, rows, columns(frozenset(municipalities)), problems)
    )
    backwards = typed["al"].notna() & (typed["al"].fillna("9999") < typed["dal"])
    problems.add_where(backwards, "al", Refusal("is before dal", "check both days"))
    _check_overlaps(problems.remaining(typed), problems)
    _check_names(problems.remaining(typed), problems)
    return Checked(len(rows), problems.remaining(typed), problems.listed())


def _check_overlaps(typed: pd.DataFrame, problems: Problems) -> None:
    for _, group in typed.groupby("cod_istat"):
        ordered = group.sort_values("dal", kind="stable")
        last = ordered["al"].fillna("9999").cummax().shift()
        overlaps = last.notna() & (ordered["dal"] <= last.fillna(""))
        hint = "end the earlier row on the day before this one begins"
        refusal = Refusal("the municipality is in another body on this day", hint)
        problems.add_where(overlaps, "dal", refusal)


def _check_names(typed: pd.DataFrame, problems: Problems) -> None:
    ordered = typed.sort_values("dal", kind="stable")
    named: dict[str, tuple[str, str]] = {}
    columns = ("cod_ambito", "denominazione", "dal")
    ends = ordered["al"].fillna("9999")
    for row, code, name, first, last in zip(
        ordered.index, *(ordered[c] for c in columns), ends, strict=True
    ):
        before, until = named.get(code, (name, ""))
        if name != before and first <= until:
            hint = "write one name in all rows of the body and the day"
            refusal = Refusal("the body has another name on this day", hint)
            problems.add(int(row), "denominazione", refusal)
        else:
            named[code] = (name, last if name != before else max(last, until))


def members_on(membership: pd.DataFrame, on: str) -> dict[str, frozenset[str]]:
    """Return the ISTAT codes of the members of each body on one day, `YYYY-MM-DD`."""
    current = _on(membership, on)
    return {
        str(code): frozenset(group["cod_istat"]) for code, group in current.groupby("cod_ambito")
    }


def names_on(membership: pd.DataFrame, on: str) -> dict[str, str]:
    """Return the name of each body on one day, `YYYY-MM-DD`, by its code."""
    return names_by(_on(membership, on), "cod_ambito")


def bodies(
    membership: pd.DataFrame,
    municipalities: gpd.GeoDataFrame,
    residents: pd.Series,
    *,
    on: str,
    province: str,
) -> gpd.GeoDataFrame:
    """Return the bodies of one day as the union of their municipalities.

    Parameters
    ----------
    membership : DataFrame
        As `check_membership` returns.
    municipalities : GeoDataFrame
        ``cod_istat``, ``geometry`` (EPSG:4326) of every member.
    residents : Series
        Residents by ``cod_istat``.
    on : str
        The day, ``YYYY-MM-DD``.
    province : str
        Three-digit code; members elsewhere are counted by themselves.

    Returns
    -------
    GeoDataFrame
        `id` and the fields of the layer `ambiti`, `valido_dal` and `valido_al` (the days without
        a gap, around `on`, on which it has a member), and `geometry`; one row per body, sorted
        by `id`.

    Raises
    ------
    IngestError
        A member has no boundary.
    """
    current = _on(membership, on)
    shapes = municipalities.set_index("cod_istat").geometry
    _check_drawn(current["cod_istat"], shapes.index)
    rows = [
        _body(code, group.sort_values("cod_istat"), shapes, residents)
        | {"n_comuni_altre_province": int((group["cod_istat"].str[:3] != province).sum())}
        | _validity(membership[membership["cod_ambito"] == code], on)
        for code, group in current.groupby("cod_ambito", sort=True)
    ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=municipalities.crs)


def _validity(membership: pd.DataFrame, on: str) -> dict[str, str | None]:
    """Return the first and the last day of the time around a day in which a body has members."""
    first = last = on
    ordered = membership.assign(al=membership["al"].fillna(_OPEN)).sort_values("dal")
    for dal, al in zip(ordered["dal"][::-1], ordered["al"][::-1], strict=True):
        if dal <= on and al >= _day(first, -1):
            first = min(first, dal)
    for dal, al in zip(ordered["dal"], ordered["al"], strict=True):
        if al >= on and last != _OPEN and dal <= _day(last, 1):
            last = max(last, al)
    return {"valido_dal": first, "valido_al": None if last == _OPEN else last}


def _day(day: str, more: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=more)).isoformat()


def _check_drawn(codes: pd.Series, drawn: pd.Index) -> None:
    absent = sorted(set(codes) - set(drawn))
    if absent:
        raise IngestError(
            f"{len(absent)} members of a body have no boundary, first {absent[0]}",
            where="ambiti.csv",
            hint="an abolished code ends with its municipality: write `al`, and a row of today's",
        )


def _body(
    code: str, members: pd.DataFrame, shapes: gpd.GeoSeries, residents: pd.Series
) -> dict[str, object]:
    own = shapes.loc[members["cod_istat"]]
    return {
        "id": code,
        "cod_ambito": code,
        "denominazione": members["denominazione"].iloc[0],
        "tipo": "ente_gestore",
        "comuni": ";".join(members["cod_istat"]),
        "n_comuni": len(members),
        "sup_km2": round(float(own.to_crs(AREA_CRS).area.sum()) / 1e6, 3),
        "pop": int(residents.reindex(members["cod_istat"]).sum()),
        "geometry": own.union_all(),
    }
