"""Where the secret places are, and which rows would lead to them.

An office may be reserved: its place is known to those who keep the registers and to nobody else.
What stands at that place, or repeats its address, gives it away as well. Whoever handed such a
row in is told that it cannot stand there, in words that say nothing of a reserved office.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo_core.ingest.addresses import KINDS, parse, words
from geo_core.ingest.geocode import Gazetteer, locate
from geo_core.ingest.personal import plain
from geo_core.ingest.problems import Problems, Refusal
from geo_core.sources import csv

ALWAYS_RESERVED: Final = frozenset({"centro_antiviolenza"})
"""Kinds of office whose place is always secret."""

NAME: Final = re.compile(
    r"(?<![A-Z])CAS[AE][ -]?RIFUGIO|RIFUGIO (?:PER )?(?:LE )?(?:DONN[EA]|VITTIME|MADRI)"
    r"|ANTI[ -]?VIOLEN|(?:STRUTTUR[AE]|COMUNITA) PROTETT[AE]|(?:CASA|LUOGO|INDIRIZZO) SEGRET[AO]"
    r"|(?:VITTIME|DONNE) (?:DI|VITTIME DI|CHE SUBISCONO) (?:VIOLENZA|TRATTA)|MALTRATTAT[EAI]"
    r"|WOMEN'?S? (?:SHELTER|REFUGE)|SHELTER FOR (?:WOMEN|VICTIMS)|SAFE HOUSE|DOMESTIC VIOLENCE"
)
"""What the name of a secret place says, in a plain text."""

NEAR: Final = 25.0
"""Metres within which a point is the place itself."""

AROUND: Final = 100.0
"""Metres around the place: an area that lies wholly within them is the place itself."""

_NAMES: Final = ("nome", "nome_en", "titolo", "titolo_en", "denominazione", "bene_comune")
_ASKED: Final = (
    "id_sede", "id_org", "tipo_sede", "riservata", "cod_istat", "indirizzo", "lon", "lat",
)  # fmt: skip
_NUMBERED: Final = frozenset({"n", "nr", "num", "numero", "civico"})
_METRES_PER_DEGREE: Final = 111_320.0
_HERE: Final = Refusal(
    "cannot be published with this place or address",
    "leave the place out, or ask those who keep the registers",
)
_NAMED: Final = Refusal(
    "shows a place although the name is that of a secret one",
    "leave the place out, or name the row otherwise",
)

type Words = tuple[str, ...]


@dataclass(frozen=True)
class Secrets:
    """The reserved offices, whether their rows are accepted or not.

    Attributes
    ----------
    offices, owners : frozenset of str
        Codes of the offices, and of the organisations they belong to.
    points : array of shape (n, 2)
        Longitude and latitude, degrees, WGS 84.
    addresses : tuple of (str, tuple of str)
        Municipality, and words of the address.
    """

    offices: frozenset[str]
    owners: frozenset[str]
    points: npt.NDArray[np.float64]
    addresses: tuple[tuple[str, Words], ...]

    def at_place(self, shape: Any) -> bool:
        """Tell whether a geometry (EPSG:4326), if it is one, is one of the places."""
        if not isinstance(shape, BaseGeometry) or shape.is_empty or not len(self.points):
            return False
        west, south, east, north = shape.bounds
        scale = np.array([math.cos(math.radians(south)), 1.0]) * _METRES_PER_DEGREE
        size = np.hypot(*(np.array([east - west, north - south]) * scale))
        if size > 2 * AROUND:
            return False
        corners = shapely.get_coordinates(shape)
        apart = np.linalg.norm((corners[:, None] - self.points[None]) * scale, axis=2)
        return bool((apart.max(axis=0) <= (AROUND if size else NEAR)).any())

    def told(self, text: object, municipality: object) -> bool:
        """Tell whether a text of a row in a municipality (None if unsaid) holds an address."""
        if not isinstance(text, str) or " " not in text:
            return False
        wanted = [of for code, of in self.addresses if municipality in {None, code}]
        if not wanted:
            return False
        said, address = _words(text), _address(text)
        return any(of == address or _holds(said, of) for of in wanted)


def named(rows: pd.DataFrame) -> pd.Series:
    """Return which rows have the name of a secret place."""
    found = pd.Series(data=False, index=rows.index)
    for column in _NAMES:
        if column in rows:
            said = [isinstance(t, str) and NAME.search(plain(t)) is not None for t in rows[column]]
            found |= pd.Series(said, index=rows.index, dtype=bool)
    return found


def read_secrets(folder: Path, gazetteer: Callable[[], Gazetteer]) -> Secrets:
    """Read from `sedi.csv` which places are secret; rows that will be refused count as well.

    Parameters
    ----------
    folder : Path
        The input folder.
    gazetteer : callable
        Gives what finds the place of an address, where a row says no more.
    """
    path = folder / "sedi.csv"
    table = csv.read(path) if path.exists() else pd.DataFrame()
    rows = table.reindex(columns=sorted({*_ASKED, *table.columns}), fill_value="")
    secret = rows["riservata"].eq("true") | rows["tipo_sede"].isin(ALWAYS_RESERVED) | named(rows)
    hidden = rows[secret]
    points = [_point(row, gazetteer) for row in hidden[list(_ASKED)].to_dict("records")]
    read = zip(hidden["cod_istat"], hidden["indirizzo"].map(_address), strict=True)
    addresses = dict.fromkeys(pair for pair in read if len(pair[1]) > 1)
    return Secrets(
        offices=frozenset(hidden["id_sede"]) - {""},
        owners=frozenset(hidden["id_org"]) - {""},
        points=np.array([p for p in points if p is not None], dtype=float).reshape(-1, 2),
        addresses=tuple(
            dict.fromkeys((code, words) for code, words in addresses if len(words) > 1)
        ),
    )


def _point(row: Mapping[Any, str], gazetteer: Callable[[], Gazetteer]) -> Any:
    """Return longitude and latitude of an office, from its address if it says no more, or None."""
    with suppress(ValueError):
        return float(row["lon"]), float(row["lat"])
    if not row["indirizzo"]:
        return None
    with suppress(KeyError):
        found = locate(gazetteer(), row["cod_istat"], row["indirizzo"])
        return (found.lon, found.lat) if found.quality == "civico" else None
    return None


def seats(rows: pd.DataFrame, shapes: pd.Series, secrets: Secrets) -> pd.Series:
    """Return which organisations must show no seat.

    They have a reserved office, are named like one, or share the place of one. Nobody is told: a
    body without a seat is nothing unusual.
    """
    return (
        named(rows)
        | rows["id_org"].isin(list(secrets.owners))
        | _there(shapes, secrets)
        | _telling(rows, "indirizzo", secrets)
    )


def check_places(
    rows: pd.DataFrame, shapes: pd.Series, secrets: Secrets, problems: Problems
) -> None:
    """Refuse rows that stand at a secret place or tell its address.

    Parameters
    ----------
    rows : DataFrame
        Typed rows of a register, without the cells that are not published.
    shapes : Series
        Where each is (EPSG:4326), or None.
    """
    own = rows.reindex(columns=["lon", "area_wkt"]).notna().any(axis=1)
    problems.add_where(_there(shapes, secrets), "lon, lat", _HERE)
    problems.add_where(named(rows) & own & shapes.notna(), "lon, lat", _NAMED)
    for column in rows.columns:
        problems.add_where(_telling(rows, column, secrets), column, _HERE)


def _there(shapes: pd.Series, secrets: Secrets) -> pd.Series:
    there = [secrets.at_place(shape) for shape in shapes]
    return pd.Series(there, index=shapes.index, dtype=bool)


def _telling(rows: pd.DataFrame, column: str, secrets: Secrets) -> pd.Series:
    towns = rows["cod_istat"] if "cod_istat" in rows else [None] * len(rows)
    told = [secrets.told(text, town) for text, town in zip(rows[column], towns, strict=True)]
    return pd.Series(told, index=rows.index, dtype=bool)


def _words(text: str) -> Words:
    bare = (word.rstrip(".'") for word in words(text))
    return tuple(KINDS.get(word, word) for word in bare if word not in _NUMBERED)


def _address(text: str) -> Words:
    """Return kind and name of a street and the house number; all words if it has none."""
    for street, number in reversed(parse(text).readings):
        if number is not None:
            name = (word.rstrip(".'") for word in street.words)
            return (*street.kind.split(), *name, *number.split("/"))
    return _words(text)


def _holds(said: Words, address: Words) -> bool:
    """Tell whether an address with a number stands in a text, or is one without all of it."""
    if not any(word.isdecimal() for word in address):
        return said == address
    n = len(address)
    return any(said[i : i + n] == address for i in range(len(said) - n + 1))
