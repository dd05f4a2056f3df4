"""Finds the position of an address without asking anybody: house number, street, locality.

A position is found in the tables `indirizzi` (addresses with coordinates) and `localita`, and
its quality says what it stands for:

* ``civico``: the access with this house number.
* ``via``: the access whose number is nearest the middle of the street's numbers.
* ``localita``: the point of a locality.
* ``comune``: the municipality's place: the locality of its name; without one, the address
  nearest the middle of its addresses; without any, a point that is surely inside its boundary.

Nothing is guessed. A name that two streets of the municipality could answer to, a number with
accesses far apart, a street that exists in two localities of which none is named: each falls to
the next coarser quality.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_core.errors import IngestError
from geo_core.ingest.addresses import (
    LOCAL,
    Address,
    Street,
    Words,
    house_number,
    parse,
    street,
    words,
)
from geo_core.sources import csv

type _Rule = Callable[[Words, Words], bool]
type Quality = Literal["civico", "via", "localita", "comune"]
QUALITIES: Final[tuple[Quality, ...]] = ("civico", "via", "localita", "comune")

ADDRESSES: Final = ("cod_istat", "odonimo", "localita", "civico", "lon", "lat")
LOCALITIES: Final = ("cod_istat", "denominazione", "lon", "lat")
_FILLED: Final = ("lon", "lat", "qualita_geocodifica")

ONE_PLACE: Final = 100.0
"""Metres within which several accesses of one house number are one place."""

_METRES_PER_DEGREE: Final = 111_320.0

_OFTEN_LEFT_OUT: Final = """
alessandro alessandra aldo alcide alfredo amedeo amerigo andrea angelo anita antonio antonia
arturo augusto benedetto camillo carlo caterina cesare cristoforo dante domenico don edmondo
emilio enrico ettore eugenio federico felice filippo francesco gabriele gaetano galileo
generale giacomo gian giorgio giosue giovanni giuseppe giulio goffredo grazia
guglielmo ippolito leonardo lorenzo luigi marco maria mario martin massimo michelangelo
michele nazario niccolo nino padre paolo papa pier piero pietro primo quintino raffaello
renato roberto salvo sandro silvio simone tommaso torquato ugo umberto vincenzo vittorio
conte cavaliere dottor professor monsignor cardinale beato
"""
_LEFT_OUT: Final = frozenset(_OFTEN_LEFT_OUT.split())
"""First names and titles that people leave out of the names of streets, or put in."""


class Position(NamedTuple):
    """A point (degrees, WGS 84) and what it stands for."""

    lon: float
    lat: float
    quality: Quality


class _Access(NamedTuple):
    number: str | None
    lon: float
    lat: float


@dataclass
class Town:
    """What is known of one municipality."""

    streets: dict[Street, dict[Words, list[_Access]]] = field(default_factory=dict)
    localities: dict[Words, list[tuple[float, float]]] = field(default_factory=dict)
    name: str = ""
    place: tuple[float, float] = (math.nan, math.nan)


@dataclass(frozen=True)
class Geocoded:
    """Rows with the positions that were found.

    Attributes
    ----------
    frame : DataFrame
        The rows, `lon`, `lat` and `qualita_geocodifica` filled where they were empty.
    counts : mapping of str to int
        How many positions were found, by quality.
    """

    frame: pd.DataFrame
    counts: Mapping[str, int]


class Gazetteer:
    """Addresses and localities of some municipalities, indexed as they are asked for.

    Parameters
    ----------
    addresses : DataFrame
        `ADDRESSES`; coordinates as numbers, EPSG:4326.
    localities : DataFrame
        `LOCALITIES`, likewise.
    municipalities : GeoDataFrame
        `cod_istat`, `geometry` (EPSG:4326) and, if known, `denominazione`. A point outside its
        municipality is not used.
    """

    def __init__(
        self, addresses: pd.DataFrame, localities: pd.DataFrame, municipalities: gpd.GeoDataFrame
    ) -> None:
        self._addresses = dict(iter(addresses.groupby("cod_istat")))
        self._localities = dict(iter(localities.groupby("cod_istat")))
        codes = municipalities["cod_istat"]
        self._areas = dict(zip(codes, municipalities.geometry, strict=True))
        names = municipalities.get("denominazione", pd.Series("", index=municipalities.index))
        self._names = dict(zip(codes, names, strict=True))
        self._towns: dict[str, Town] = {}

    def town(self, cod_istat: str) -> Town:
        """Return what is known of a municipality that the gazetteer was made for."""
        if cod_istat not in self._towns:
            self._towns[cod_istat] = self._indexed(cod_istat)
        return self._towns[cod_istat]

    def _indexed(self, code: str) -> Town:
        area = self._areas[code]
        addresses = _inside(self._addresses.get(code), area)
        town = Town(name=self._names[code])
        for name, place, number, lon, lat in addresses[list(ADDRESSES[1:])].itertuples(index=False):
            groups = town.streets.setdefault(street(name), {})
            access = _Access(house_number(number), lon, lat)
            groups.setdefault(words(place), []).append(access)
        localities = _inside(self._localities.get(code), area)
        for name, lon, lat in localities[list(LOCALITIES[1:])].itertuples(index=False):
            town.localities.setdefault(words(name), []).append((lon, lat))
        town.place = _place_of(town, addresses, area)
        return town


def read_gazetteer(folder: Path, municipalities: gpd.GeoDataFrame) -> Gazetteer:
    """Read `indirizzi.csv` and `localita.csv`; either may be missing.

    Raises
    ------
    SourceError, IngestError
        A file cannot be read, lacks a column, or holds a coordinate that is no number.
    """
    return Gazetteer(
        points(folder / "indirizzi.csv", ADDRESSES),
        points(folder / "localita.csv", LOCALITIES),
        municipalities,
    )


def geocode(rows: pd.DataFrame, gazetteer: Gazetteer, *, skip: pd.Series) -> Geocoded:
    """Give every row without a position one.

    Parameters
    ----------
    rows : DataFrame
        `cod_istat`, `lon`, `lat`, `qualita_geocodifica` and, if the table has it, `indirizzo`;
        None where empty. A row with one coordinate only is left as it is.
    gazetteer : Gazetteer
        Made for every municipality that a row names.
    skip : Series of bool
        Rows whose place is secret: they are never looked up.
    """
    wanting = rows["lon"].isna() & rows["lat"].isna() & ~skip
    asked = rows[wanting].reindex(columns=["cod_istat", "indirizzo"])
    found = [
        locate(gazetteer, code, None if pd.isna(address) else address)
        for code, address in asked.itertuples(index=False)
    ]
    frame = rows.copy()
    for column, values in zip(_FILLED, zip(*found, strict=True), strict=False):
        frame.loc[wanting, column] = values
    counts = Counter(position.quality for position in found)
    return Geocoded(frame, {quality: counts[quality] for quality in QUALITIES if counts[quality]})


def locate(gazetteer: Gazetteer, cod_istat: str, address: str | None) -> Position:
    """Return the position of an address in a municipality.

    Parameters
    ----------
    gazetteer : Gazetteer
        Made for this municipality among others.
    cod_istat : str
        Six-digit ISTAT code.
    address : str | None
        As an office writes it; None or empty for the municipality's own place.
    """
    town = gazetteer.town(cod_istat)
    read = parse(address or "", municipality=town.name)
    found = _on_a_street(town, read) or _in_a_locality(town, read)
    return found or Position(*town.place, "comune")


def _on_a_street(town: Town, read: Address) -> Position | None:
    for asked, number in read.readings:
        # A number that belongs to the name must stand in a known name as it is written.
        rules = _RULES if (asked, number) == read.readings[-1] else _RULES[:1]
        known = _the_street(town.streets, asked, rules)
        accesses = _in_one_locality(town.streets[known], read.places) if known else None
        if known is None or not accesses:
            continue
        door = _door(accesses, number)
        if door is not None:
            return Position(*door, "civico")
        return Position(*_middle(accesses), "localita" if known.kind in LOCAL else "via")
    return None


def _in_a_locality(town: Town, read: Address) -> Position | None:
    names = [*read.places, *(asked.words for asked, _ in read.readings if asked.kind in LOCAL)]
    found = {name: town.localities[name] for name in names if name in town.localities}
    points = [point for group in found.values() for point in group]
    return Position(*points[0], "localita") if len(points) == 1 else None


def _the_street(streets: Iterable[Street], asked: Street, rules: Sequence[_Rule]) -> Street | None:
    """Return the one street that a name stands for, or None; the first rule that fits decides."""
    candidates = [known for known in streets if asked.kind in {"", known.kind}]
    for same in rules:
        fitting = [known for known in candidates if same(known.words, asked.words)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _reordered(known: Words, asked: Words) -> bool:
    return sorted(known) == sorted(asked)


def _cut_short(known: Words, asked: Words) -> bool:
    return len(known) == len(asked) and all(map(_alike, known, asked))


def _without_first_names(known: Words, asked: Words) -> bool:
    more, less = (known, asked) if len(known) > len(asked) else (asked, known)
    extra = len(more) - len(less)
    dropped = more[:extra]
    return (
        bool(less)
        and extra > 0
        and _cut_short(more[extra:], less)
        and all(word in _LEFT_OUT or word.endswith(".") for word in dropped)
    )


_RULES: Final[tuple[_Rule, ...]] = (
    lambda known, asked: known == asked,
    _reordered,
    _cut_short,
    _without_first_names,
)


def _alike(one: str, other: str) -> bool:
    """Tell whether one of two words may be the other cut short: ``g.`` and ``giuseppe``."""
    if one.endswith("."):
        return other.startswith("santi" if one == "ss." else one[:-1])
    return one == other or (other.endswith(".") and _alike(other, one))


def _in_one_locality(
    groups: Mapping[Words, list[_Access]], places: Sequence[Words]
) -> list[_Access] | None:
    """Return the accesses of a street that may exist in several localities."""
    if len(groups) == 1:
        return next(iter(groups.values()))
    named = [groups[place] for place in groups if place in places]
    return named[0] if len(named) == 1 else None


def _door(accesses: list[_Access], number: str | None) -> tuple[float, float] | None:
    same = sorted(a for a in accesses if number is not None and a.number == number)
    if not same:
        return None
    centre = (sum(a.lon for a in same) / len(same), sum(a.lat for a in same) / len(same))
    away = [_metres(centre, a) for a in same]
    nearest = same[int(np.argmin(away))]
    return (nearest.lon, nearest.lat) if max(away) <= ONE_PLACE else None


def _middle(accesses: list[_Access]) -> tuple[float, float]:
    numbered = [(int(a.number.split("/")[0]), a) for a in accesses if a.number is not None]
    if not numbered:
        return central(np.array([(a.lon, a.lat) for a in accesses]))
    ends = [number for number, _ in numbered]
    middle = (min(ends) + max(ends)) / 2
    _, access = min(numbered, key=lambda n: (abs(n[0] - middle), *n))
    return access.lon, access.lat


def central(points: np.ndarray) -> tuple[float, float]:
    """Return the point nearest the medians of longitude and latitude."""
    points = np.unique(points, axis=0)
    centre = np.median(points, axis=0)
    scale = np.array([math.cos(math.radians(float(centre[1]))), 1.0])
    lon, lat = points[int(np.argmin((((points - centre) * scale) ** 2).sum(axis=1)))]
    return float(lon), float(lat)


def _place_of(town: Town, addresses: pd.DataFrame, area: shapely.Geometry) -> tuple[float, float]:
    own = town.localities.get(words(town.name), [])
    if len(own) == 1:
        return own[0]
    if len(addresses):
        return central(addresses[["lon", "lat"]].to_numpy())
    inside = shapely.point_on_surface(area)
    return inside.x, inside.y


def _metres(centre: tuple[float, float], access: _Access) -> float:
    east = (access.lon - centre[0]) * math.cos(math.radians(centre[1]))
    return math.hypot(east, access.lat - centre[1]) * _METRES_PER_DEGREE


def _inside(points: pd.DataFrame | None, area: shapely.Geometry) -> pd.DataFrame:
    if points is None:
        return pd.DataFrame(columns=[*ADDRESSES, "denominazione"])
    within = shapely.intersects_xy(area, points["lon"].to_numpy(), points["lat"].to_numpy())
    return points[within]


def points(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table of places with `columns`, `lon` and `lat` as numbers; empty without the file.

    Raises
    ------
    SourceError, IngestError
        The file cannot be read, lacks a column, or holds a coordinate that is no number.
    """
    if not path.exists():
        return pd.DataFrame(columns=list(columns))
    rows = csv.read(path)
    missing = [name for name in columns if name not in rows]
    if missing:
        raise IngestError(
            f"the column {missing[0]} is missing", where=path.name, hint="import it again"
        )
    for name in ("lon", "lat"):
        numbers = pd.to_numeric(rows[name], errors="coerce")
        wrong = rows.index[~np.isfinite(numbers)]
        if len(wrong):
            where = f"{path.name}, row {wrong[0]}"
            raise IngestError(f"{name} is no number", where=where, hint="import it again")
        rows[name] = numbers
    return rows[list(columns)]
