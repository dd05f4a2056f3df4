"""A road network as a file of lines: travel times from every inhabited cell to every office.

How long a line takes is said by its first column of: `minuti` (the whole line), `kmh` or `maxspeed`
(its speed), `highway` or `classe` (a class of OpenStreetMap, of which the usual speed is taken).
Lines meet where they share a vertex. `oneway` is read as OpenStreetMap writes it.

The times are those of whoever lives at the centre of a cell. What is more than a few kilometres
from every road, or farther than the longest time, has no row: the build counts it as unreachable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from geo_core.errors import IngestError
from geo_core.importers.base import Context, Imported, Importer
from geo_core.importers.runts import one_file
from geo_core.ingest.left_out import left_out
from geo_core.ingest.problems import Problems, Refusal
from geo_core.ingest.times import TIMES
from geo_core.model.text import Text
from geo_core.place.network import (
    OFF_ROAD_KMH,
    Floats,
    Integers,
    Network,
    network,
    snapped,
    to_office,
)
from geo_core.sources import csv_chunks, registry
from geo_core.sources.base import MIB, Limits

LIMITS: Final = Limits(bytes=512 * MIB, vertices=12_000_000)
"""Room for the roads of a region."""

LONGEST: Final = 90.0
"""Minutes beyond which a way is not sought."""

FARTHEST_KM: Final = 3.0
"""From the network, beyond which a cell or an office is not on it."""

SPEEDS: Final[Mapping[str, float]] = {
    "motorway": 110, "motorway_link": 60, "trunk": 80, "trunk_link": 50, "primary": 60,
    "primary_link": 45, "secondary": 50, "secondary_link": 40, "tertiary": 40,
    "tertiary_link": 30, "unclassified": 35, "residential": 25, "living_street": 10,
    "service": 15, "track": 10, "road": 30,
}  # fmt: skip
"""Usual speeds, km/h, by class: our estimate for mixed traffic, below the limits."""

_LINES: Final = ("LineString", "MultiLineString")
_NO_WAY: Final = frozenset({
    "footway", "path", "steps", "cycleway", "pedestrian", "bridleway", "corridor",
    "construction", "proposed", "platform", "raceway", "elevator",
})  # fmt: skip
"""Classes on which no car goes."""
_WAYS: Final = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}


class _Pace(NamedTuple):
    """What says how long a line takes: its column, the method's name, and the reading of it."""

    columns: tuple[str, ...]
    method: str
    read: Callable[[str], float]
    refusal: Refusal


class _Placed(NamedTuple):
    """Points on a network: their names, the nearest vertices, and the kilometres to these."""

    names: np.ndarray
    nodes: Integers
    km: Floats

    def near(self) -> _Placed:
        """Return those that are on it."""
        here = self.km <= FARTHEST_KM
        return _Placed(self.names[here], self.nodes[here], self.km[here])


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if 0 < value < 1e6 else np.nan


_PACES: Final = (
    _Pace(
        ("minuti", "minutes"),
        "rete stradale, percorso più veloce, minuti dati per tratto",
        _number,
        Refusal("is not a number of minutes above 0", "write how long the whole line takes"),
    ),
    _Pace(
        ("kmh", "km_h", "velocita", "speed", "maxspeed"),
        "rete stradale, percorso più veloce, velocità date per tratto",
        _number,
        Refusal("is not a speed above 0", "write kilometres per hour, digits only"),
    ),
    _Pace(
        ("highway", "classe", "fclass"),
        "rete stradale, percorso più veloce, velocità secondo la classe di strada",
        lambda text: SPEEDS.get(text, np.nan),
        Refusal("is no class of road", f"use one of: {', '.join(SPEEDS)}"),
    ),
)


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one file of lines into `tempi`.

    Raises
    ------
    SourceError
        The file cannot be read.
    IngestError
        It has no lines or nothing that says how long they take, the network does not reach the
        district, or there are no cells or offices yet.
    """
    path = one_file(files)
    frame = registry.read(path, limits=LIMITS).frame
    if not isinstance(frame, gpd.GeoDataFrame):
        hint = "send a GeoPackage, GeoJSON or shapefile of lines"
        raise IngestError("has no geometry", where=path.name, hint=hint)
    cells, offices = _cells(context.input), _offices(context.input)
    problems = Problems(path)
    pace = _pace(path, frame)
    column = next(name for name in pace.columns if name in frame)
    closed = frame[column].isin(_NO_WAY)
    roads = frame[~closed]
    value = roads[column].fillna("").map(pace.read).astype(np.float64)
    problems.add_where(value.isna(), column, pace.refusal)
    other = ~roads.geom_type.isin(_LINES)
    problems.add_where(other, "geometry", Refusal("is no line", "draw every road as a line"))
    kept = problems.remaining(roads)
    made = _network(path, kept, value[kept.index], whole=pace is _PACES[0])
    table, notes = _times(path, made, cells, offices, pace.method)
    return Imported(
        {TIMES: table},
        rows=len(frame),
        accepted=len(kept),
        left_out=left_out(int(closed.sum()), it="non sono per le auto", en="are not for cars"),
        notes=notes,
        problems=problems.listed(),
    )


def _pace(path: Path, frame: pd.DataFrame) -> _Pace:
    for pace in _PACES:
        if any(name in frame for name in pace.columns):
            return pace
    names = ", ".join(name for pace in _PACES for name in pace.columns)
    hint = f"give the lines one of the columns: {names}"
    raise IngestError("does not say how long a line takes", where=path.name, hint=hint)


def _cells(folder: Path) -> list[str]:
    path = folder / "popolazione.csv"
    if not path.exists():
        hint = "import the population by cell first"
        raise IngestError(
            "is not there: nobody knows where people live", where=path.name, hint=hint
        )
    return sorted(set(csv_chunks.read(path)["h3"]))


def _offices(folder: Path) -> pd.DataFrame:
    """Return the offices that may be in a figure: `id`, `lon`, `lat` (NaN if they do not say)."""
    path = folder / "sedi.csv"
    hint = "import the offices with lon and lat first"
    rows = csv_chunks.read(path).astype(str) if path.exists() else pd.DataFrame()
    if not {"lon", "lat"} <= set(rows):
        raise IngestError("has no office with a position", where=path.name, hint=hint)
    shown = rows[rows["riservata"] == "false"]
    offices = pd.DataFrame({
        "id": shown["id_sede"],
        "lon": pd.to_numeric(shown["lon"], errors="coerce"),
        "lat": pd.to_numeric(shown["lat"], errors="coerce"),
    })  # fmt: skip
    if offices["lon"].isna().all():
        raise IngestError("has no office with a position", where=path.name, hint=hint)
    return offices


def _network(path: Path, roads: gpd.GeoDataFrame, value: pd.Series, *, whole: bool) -> Network:
    if not len(roads):
        hint = "send the roads as lines"
        raise IngestError("has no line that can be used", where=path.name, hint=hint)
    said = roads["oneway"].fillna("") if "oneway" in roads else pd.Series("", roads.index)
    ways = said.map(lambda text: _WAYS.get(text, 0)).to_numpy(dtype=np.int64)
    known, nothing = value.to_numpy(dtype=np.float64), np.full(len(roads), np.nan)
    lines = roads.geometry.to_numpy()
    kmh, minutes = (nothing, known) if whole else (known, nothing)
    return network(shapely.force_2d(lines), kmh, minutes, ways)


def _times(
    path: Path, of: Network, cells: list[str], offices: pd.DataFrame, method: str
) -> tuple[pd.DataFrame, tuple[Text, ...]]:
    """Return the table, and what whoever imports should know of it."""
    centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells])
    homes = _Placed(np.array(cells), *snapped(of, centres))
    said = offices[offices["lon"].notna() & offices["lat"].notna()]
    to = _Placed(said["id"].to_numpy(), *snapped(of, said[["lon", "lat"]].to_numpy()))
    near, known = homes.near(), to.near()
    if not len(near.names) or not len(known.names):
        raise IngestError(
            "does not reach the district: no cell or no office is near a road of it",
            where=path.name,
            hint="send the roads of the district, and check the reference system of the file",
        )
    rows = [
        _rows(of, near, str(ident), int(node), float(gap))
        for ident, node, gap in zip(known.names, known.nodes, known.km, strict=True)
    ]
    table = pd.concat(rows, ignore_index=True).assign(metodo=method)
    untimed = len(cells) - table["h3"].nunique(), len(offices) - table["id_sede"].nunique()
    return table, (_unconnected(of), _snapping(near.km), _untimed(*untimed))


def _rows(of: Network, homes: _Placed, ident: str, node: int, gap: float) -> pd.DataFrame:
    """Return the rows of one office, `gap` kilometres from its vertex."""
    route = to_office(of, node, homes.nodes, longest=LONGEST)
    off_road = homes.km + gap
    minutes = route.minutes + 60 * off_road / OFF_ROAD_KMH
    found = minutes <= LONGEST
    return pd.DataFrame({
        "h3": homes.names[found],
        "id_sede": ident,
        "minuti": [f"{value:.1f}" for value in minutes[found]],
        "km": [f"{value:.2f}" for value in (route.km + off_road)[found]],
    }, dtype=object)  # fmt: skip


def _unconnected(of: Network) -> Text:
    share = f"{100 * of.left_km / (float(of.km.sum()) + of.left_km):.1f}"
    return Text(
        it=f"parti staccate dalla rete, lasciate fuori: {of.parts} ({share} % dei chilometri)",
        en=f"parts not connected to the network, left out: {of.parts} ({share} % of kilometres)",
    )


def _snapping(km: Floats) -> Text:
    median, most = f"{np.median(km):.2f}", f"{km.max():.2f}"
    return Text(
        it=f"dal centro delle celle alla strada: {median} km di mediana, {most} al più",
        en=f"from the centres of cells to the road: {median} km in the median, {most} at most",
    )


def _untimed(cells: int, offices: int) -> Text:
    return Text(
        it=f"senza alcun tempo, perciò irraggiungibili: {cells} celle abitate, {offices} sedi",
        en=f"without any time, so unreachable: {cells} inhabited cells, {offices} offices",
    )


IMPORTER: Final = Importer(
    name="rete-stradale",
    title=Text(it="Tempi di viaggio da una rete stradale", en="Travel times of a road network"),
    makes=(TIMES,),
    files=Text(
        it="un GeoPackage, GeoJSON o shapefile di linee con minuti, kmh o highway",
        en="a GeoPackage, GeoJSON or shapefile of lines with minuti, kmh or highway",
    ),
    read=read,
)
