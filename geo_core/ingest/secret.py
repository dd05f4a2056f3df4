"""Where the secret places are, and which rows would lead to them.

An office may be reserved: its place is known to those who keep the registers and to nobody else.
What stands at that place, or repeats its address, gives it away as well, and is not published.
Whoever hands such a row in is told nothing: an answer would tell where the place is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo_core.ingest.geocode import Gazetteer, locate
from geo_core.ingest.problems import Problems, Refusal
from geo_core.ingest.remembered import COLUMNS, remembered
from geo_core.ingest.telling import (
    Written,
    address_in,
    coordinates,
    read_address,
    skeleton,
    tells,
)
from geo_core.input_folder import is_invented
from geo_core.sources import csv

OFFICES: Final = "sedi"
ALWAYS_RESERVED: Final = frozenset({"centro_antiviolenza"})
"""Kinds of office whose place is always secret."""

_OPEN_TO_KNOW: Final = (
    r"(?![^A-Z0-9]{1,3}(?:[A-Z]{1,5}[^A-Z0-9]{1,3}){0,2}"
    r"(?:CAI(?![A-Z])|ALPIN|MONTAN|ESCURSION|ANZIAN|PSICHIATR|DISAB|RSA(?![A-Z])))"
)
"""Follows no name of a place that anybody may know: a mountain hut, a home of the old or sick."""

NAME: Final = re.compile(
    rf"(?:(?<![A-Z])CAS[AE][^A-Z0-9]{{0,3}}RIFUGI[OA]|(?:STRUTTUR[AE]|COMUNITA) PROTETT[AE])"
    rf"(?![A-Z]){_OPEN_TO_KNOW}"
    r"|RIFUGIO (?:PER )?(?:LE )?(?:DONN[EA]|VITTIME|MADRI)"
    r"|ANTI[^A-Z0-9]{0,3}VIOLEN|(?<![A-Z])C ?\.? ?A ?\.? ?V(?![A-Z0-9])|CENTR[OI] DONN[AE](?![A-Z])"
    r"|(?:CENTR[OI]|SPORTELL[OI]|CASA) (?:CONTRO (?:LA |OGNI )?)?VIOLENZA|CAS[AE] DI FUGA"
    r"|(?:CASA|LUOGO|INDIRIZZO) (?:SEGRET|RISERVAT)[AO]"
    r"|(?:VITTIME|DONNE) (?:DI|VITTIME DI|CHE SUBISCONO) (?:VIOLENZA|TRATTA)|MALTRATTAT[EAI]"
    r"|WOMEN'?S? (?:SHELTER|REFUGE)|SHELTER FOR (?:WOMEN|VICTIMS)|SAFE HOUSE|DOMESTIC VIOLENCE"
)
"""What the name of a secret place says, in a plain text."""

NEAR: Final = 25.0
"""Metres within which a point is the place itself."""

AROUND: Final = 100.0
"""Metres around the place: an area that lies wholly within them is the place itself."""

_NAMES: Final = ("nome", "nome_en", "titolo", "titolo_en", "denominazione", "bene_comune")
_TEXTS: Final = (
    *_NAMES, "azione", "problema", "risorse", "oggetto", "descrizione", "descrizione_en", "esiti",
    "esito", "trasporto",
)  # fmt: skip
_ASKED: Final = (*COLUMNS, "tipo_sede", "riservata")
_OPEN: Final = frozenset({"false", "falso", "no", "n", "0"})
"""Ways to say that an office is not reserved; an office of which anything else is said is."""

_METRES_PER_DEGREE: Final = 111_320.0
_NAMED: Final = Refusal(
    "shows a place although the name is that of a secret one",
    "leave the place out, or name the row otherwise",
)


@dataclass(frozen=True)
class Secrets:
    """The offices that are or were reserved, whether their rows are accepted or not.

    Attributes
    ----------
    offices, owners : frozenset of str
        Codes of the offices, and of the organisations they belong to.
    alone : frozenset of str
        Those organisations that have no other office.
    points : array of shape (n, 2)
        Longitude and latitude, degrees, WGS 84.
    addresses : tuple of (str, Written)
        Municipality and address.
    """

    offices: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    points: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    addresses: tuple[tuple[str, Written], ...] = ()

    def at_place(self, shape: Any) -> bool:
        """Tell whether a geometry (EPSG:4326), if it is one, is one of the places."""
        if not isinstance(shape, BaseGeometry) or shape.is_empty or not len(self.points):
            return False
        west, south, east, north = shape.bounds
        size = np.hypot(*(np.array([east - west, north - south]) * _metres(south)))
        # Nothing larger fits in the circle, whatever its form.
        if size > 3 * AROUND:
            return False
        apart = self._apart(shapely.get_coordinates(shape))
        return bool((apart.max(axis=0) <= (AROUND if size else NEAR)).any())

    def told(self, text: object, municipality: object) -> bool:
        """Tell whether a text of a row in a municipality (None if unsaid) tells one of the places.

        An address with a number is looked for whatever the municipality of the row.
        """
        if not isinstance(text, str) or not (self.addresses or len(self.points)):
            return False
        wanted = [
            written
            for code, written in self.addresses
            if written.house is not None or municipality in {None, code}
        ]
        return tells(text, wanted) or self._points_at(text)

    def _points_at(self, text: str) -> bool:
        pairs = np.array(coordinates(text)).reshape(-1, 2)
        return bool(len(pairs) and len(self.points) and (self._apart(pairs) <= AROUND).any())

    def _apart(self, places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the metres between every one of n places and every secret one, (n, secrets)."""
        scale = _metres(float(self.points[:, 1].mean()))
        apart: npt.NDArray[np.float64] = np.linalg.norm(
            (places[:, None] - self.points[None]) * scale, axis=2
        )
        return apart


def _metres(latitude: float) -> npt.NDArray[np.float64]:
    """Return the length of a degree of longitude and of latitude."""
    return np.array([math.cos(math.radians(latitude)), 1.0]) * _METRES_PER_DEGREE


def named(rows: pd.DataFrame, columns: Collection[str] = _NAMES) -> pd.Series:
    """Return which rows have the name of a secret place."""
    found = pd.Series(data=False, index=rows.index)
    for column in columns:
        if column in rows:
            said = [isinstance(t, str) and _is_name(t) for t in rows[column]]
            found |= pd.Series(said, index=rows.index, dtype=bool)
    return found


def _is_name(text: str) -> bool:
    return NAME.search(skeleton(text).replace("_", " ")) is not None


def said_reserved(offices: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that say, in whatever way, of an office that its place is secret.

    Parameters
    ----------
    offices : DataFrame
        Rows of `sedi`, text, before any check.
    """
    rows = _asked(offices)
    unsaid = _flag(rows).eq("")
    return rows[_hidden(rows.assign(riservata=rows["riservata"].mask(unsaid, "false")))]


def read_reserved(folder: Path) -> pd.DataFrame:
    """Return the rows of `sedi.csv` that say that their place is secret, if they are real."""
    path = folder / f"{OFFICES}.csv"
    invented = path.exists() and is_invented(path)
    return said_reserved(_asked(pd.DataFrame()) if invented else _offices(folder))


def no_longer(folder: Path, private: Path) -> list[str]:
    """Return the offices that are remembered as reserved and said not to be so now."""
    table = _offices(folder)
    return sorted(set(table.loc[~_hidden(table), "id_sede"]) & set(remembered(private)["id_sede"]))


def _offices(folder: Path) -> pd.DataFrame:
    path = folder / f"{OFFICES}.csv"
    return _asked(csv.read(path) if path.exists() else pd.DataFrame())


def _asked(offices: pd.DataFrame) -> pd.DataFrame:
    return offices.reindex(columns=list(_ASKED), fill_value="").astype(str)


def _hidden(offices: pd.DataFrame) -> pd.Series:
    """Return which offices are reserved; of which nothing can be read as "no" is."""
    kind = offices["tipo_sede"].str.strip().str.casefold()
    return ~_flag(offices).isin(_OPEN) | kind.isin(ALWAYS_RESERVED) | named(offices)


def _flag(offices: pd.DataFrame) -> pd.Series:
    return offices["riservata"].str.strip().str.casefold()


def read_secrets(folder: Path, private: Path, gazetteer: Callable[[], Gazetteer]) -> Secrets:
    """Read which places are secret: of `sedi.csv`, refused rows included, and those of before.

    Parameters
    ----------
    folder : Path
        The input folder.
    private : Path
        The private folder, which holds what is remembered.
    gazetteer : callable
        Gives what finds the place of an address, where a row says no more.
    """
    table = _offices(folder)
    now = table[_hidden(table)]
    hidden = pd.concat([now[list(COLUMNS)], remembered(private)], ignore_index=True)
    points = [_point(row, gazetteer) for row in hidden.to_dict("records")]
    owners = frozenset(hidden["id_org"]) - {""}
    return Secrets(
        offices=frozenset(hidden["id_sede"]) - {""},
        owners=owners,
        alone=owners - frozenset(table.drop(index=now.index)["id_org"]),
        points=np.array([p for p in points if p is not None], dtype=float).reshape(-1, 2),
        addresses=tuple(dict.fromkeys(_addresses(hidden))),
    )


def _addresses(offices: pd.DataFrame) -> list[tuple[str, Written]]:
    found = []
    for row in offices.to_dict("records"):
        names = (address_in(row[name]) for name in ("nome", "nome_en"))
        written = (read_address(row["indirizzo"]), *names)
        found += [(row["cod_istat"], address) for address in written if address is not None]
    return found


def _point(row: Mapping[Any, str], gazetteer: Callable[[], Gazetteer]) -> Any:
    """Return longitude and latitude of an office, from its address if it says no more, or None."""
    with suppress(ValueError):
        lon, lat = (float(row[name].strip().replace(",", ".")) for name in ("lon", "lat"))
        return (lon, lat) if math.isfinite(lon) and math.isfinite(lat) else None
    if not row["indirizzo"]:
        return None
    with suppress(KeyError):
        found = locate(gazetteer(), row["cod_istat"], row["indirizzo"])
        return (found.lon, found.lat) if found.quality == "civico" else None
    return None


def seats(
    rows: pd.DataFrame, shapes: pd.Series, secrets: Secrets, contacts: Collection[str]
) -> tuple[pd.Series, pd.Series]:
    """Return which organisations must show no seat, and which of these no contact either.

    They have a reserved office, are named like one, or share the place of one; who has other
    offices as well is still reached. Nobody is told: a body without a seat is nothing unusual.
    """
    there = named(rows) | _there(shapes, secrets) | rows["id_org"].isin(list(secrets.alone))
    for column in contacts:
        there |= _telling(rows, column, secrets)
    return there | rows["id_org"].isin(list(secrets.owners)), there


def names_address(text: object) -> bool:
    """Tell whether the name of an office says where it is."""
    return isinstance(text, str) and address_in(text) is not None


def check_names(rows: pd.DataFrame, shapes: pd.Series, problems: Problems) -> None:
    """Refuse rows that show a place and are named like a secret one.

    Parameters
    ----------
    rows : DataFrame
        Typed rows of a register, without the cells that are not published.
    shapes : Series
        Where each is (EPSG:4326), or None.
    """
    own = rows.reindex(columns=["lon", "area_wkt"]).notna().any(axis=1)
    problems.add_where(named(rows, _TEXTS) & own & shapes.notna(), "lon, lat", _NAMED)


def leading(rows: pd.DataFrame, shapes: pd.Series, secrets: Secrets) -> pd.Series:
    """Return which rows stand at a secret place or tell it."""
    found = _there(shapes, secrets)
    for column in rows.columns:
        found |= _telling(rows, column, secrets)
    return found


def _there(shapes: pd.Series, secrets: Secrets) -> pd.Series:
    there = [secrets.at_place(shape) for shape in shapes]
    return pd.Series(there, index=shapes.index, dtype=bool)


def _telling(rows: pd.DataFrame, column: str, secrets: Secrets) -> pd.Series:
    towns = rows["cod_istat"] if "cod_istat" in rows else [None] * len(rows)
    told = [secrets.told(text, town) for text, town in zip(rows[column], towns, strict=True)]
    return pd.Series(told, index=rows.index, dtype=bool)
