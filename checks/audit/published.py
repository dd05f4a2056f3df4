"""What the auditor holds in its hands: everything public, downloaded once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import shapely

from checks.audit.folder import Folder
from checks.audit.site import CannotAudit
from checks.audit.tiles import TileKey, TileRows, table

CRS_ROWS = 1_000
"""Features of a collection that are asked for in every coordinate system."""

type Progress = Callable[[str], None]
"""Told what is being done."""
type Json = Any
type Feature = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One property of the features, as the public schema declares it.

    Attributes
    ----------
    type : str
        `string`, `integer`, `number`, `boolean` or `array` (JSON Schema).
    date : bool
        The text is a day.
    codes : dict | None
        Title of each code, where the values come from a list.
    """

    type: str
    date: bool = False
    codes: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Collection:
    """One collection.

    Attributes
    ----------
    document : dict
        How the service describes it: title, extent, links.
    fields : dict
        Schema of the properties, in order.
    features : sequence
        All features, as GeoJSON.
    copies : dict
        The same features as asked for otherwise: `lang=en`, `items/{id}`, `crs=...`.
    pages : sequence of dict
        Texts of the cells of HTML tables, in the order of the fields, by language.
    markup : sequence of str
        The pages themselves; of an open collection the first one, to know what all have in common.
    like : str
        Of a level of zones: the collection that it has columns and statement of.
    """

    id: str
    document: Mapping[str, Any]
    fields: Mapping[str, Field]
    features: Sequence[Feature]
    copies: Mapping[str, Sequence[Feature]]
    pages: Mapping[str, Sequence[Sequence[str]]]
    markup: Sequence[str] = ()
    like: str = ""

    @property
    def declared(self) -> str:
        """The collection that a statement names: of a level of zones, the one it goes on from."""
        return self.like or self.id

    @property
    def rows(self) -> pd.DataFrame:
        """Properties, one row per feature: the values of the JSON itself, None where null."""
        return self._parsed[0]

    @property
    def ids(self) -> list[str]:
        """Identifiers of the features."""
        return self._parsed[1]

    @property
    def geometry(self) -> npt.NDArray[np.object_]:
        """Outlines (OGC:CRS84, degrees, longitude first), None where there is none or no valid."""
        return self._parsed[2]

    @cached_property
    def _parsed(self) -> tuple[pd.DataFrame, list[str], npt.NDArray[np.object_]]:
        # In one pass, because features of a folder are parsed anew each time they are asked for.
        columns: dict[str, list[Any]] = {name: [] for name in self.fields}
        ids, shapes, texts = [], list[str | None](), dict[str, str]()
        for feature in self.features:
            ids.append(str(feature.get("id")))
            shape = feature.get("geometry")
            shapes.append(shape and orjson.dumps(shape).decode())
            for name, column in columns.items():
                value = feature["properties"].get(name)
                # Most texts stand in many rows: each is kept once.
                column.append(texts.setdefault(value, value) if type(value) is str else value)
        rows = {name: pd.Series(column, dtype=object) for name, column in columns.items()}
        packed = np.array([*shapes, None], dtype=object)
        placed = np.asarray(shapely.from_geojson(packed, on_invalid="ignore"))[:-1]
        return pd.DataFrame(rows), ids, placed

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column as numbers, NaN where it is null or no number."""
        return np.array([v if _is_number(v) else np.nan for v in self.rows[name]], dtype=np.float64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Tileset:
    """Tiles of a collection, or of a theme that switches collections by zoom.

    Attributes
    ----------
    document : dict
        TileJSON, or the metadata of the archive.
    tiles : dict
        Tiles of the archive or, without one, of the address; not packed.
    asked : dict
        Tiles asked for one by one, None where the server says there is none.
    stored : dict
        Metadata of the archive.
    loose : int
        Bytes of the archive that no address leads to.
    """

    id: str
    document: Mapping[str, Any]
    tiles: Mapping[TileKey, bytes]
    asked: Mapping[TileKey, bytes | None]
    stored: Mapping[str, Any] = field(default_factory=dict)
    loose: int = 0

    @cached_property
    def rows(self) -> TileRows:
        """Every feature of every tile."""
        return table(self.tiles)


@dataclass(frozen=True)
class Zoned:
    """What a server says of the zones of one level.

    Attributes
    ----------
    how : str
        Format of the answers.
    level : int
        H3 resolution of the zones.
    rows : sequence of dict
        One per zone: of tables its properties, of DGGS-JSON its values, statuses and areas.
    """

    how: str
    level: int
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Seen:
    """An answer that was given: enough to compare a later one with it; `path` below the root."""

    path: str
    accept: str | None
    lang: str | None
    status: int
    sha256: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Published:
    """Everything public of one release.

    Attributes
    ----------
    release : str
        Its identifier.
    collections, tilesets : dict
        By id.
    files : dict
        Downloads by name, such as `comuni.parquet`; rasters as `ID.tif`. Archives of tiles are
        in `tilesets`.
    styles : dict
        Style documents by the id of their collection.
    disclosure : dict
        The disclosure statement.
    releases : sequence
        What the service says of its releases.
    seen : sequence of Seen
        Every answer in the order asked; empty for a folder.
    documents : dict
        Every description (JSON) by address or file: of the service, of protected collections, and
        what their files say of themselves.
    padded : sequence of str
        JSON that is not written in the one way its content has: with blanks, or a key twice.
    single : dict
        Pages of single features of protected collections: by collection the id and the page.
    earlier : sequence of Published
        Releases before this one, where they are at hand.
    folder : Folder or None
        The files themselves, where they are at hand.
    zones : dict
        Levels of zones that are coarser than every collection of their theme, by name.
    zoned : dict
        Answers about zones, by collection.
    """

    release: str
    collections: Mapping[str, Collection]
    tilesets: Mapping[str, Tileset]
    files: Mapping[str, bytes]
    styles: Mapping[str, Json]
    disclosure: Mapping[str, Any]
    releases: Sequence[Json]
    seen: Sequence[Seen]
    documents: Mapping[str, Json] = field(default_factory=dict)
    padded: Sequence[str] = ()
    single: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    earlier: Sequence[Published] = ()
    folder: Folder | None = None
    zones: Mapping[str, Collection] = field(default_factory=dict)
    zoned: Mapping[str, Sequence[Zoned]] = field(default_factory=dict)


def as_features(found: Iterable[Json], where: str) -> list[Feature]:
    """Return GeoJSON features; `CannotAudit` if one is none."""
    features = list(found)
    for feature in features:
        check_feature(feature, where)
    return features


def check_feature(content: Json, where: str) -> None:
    """Raise `CannotAudit` if a document is no GeoJSON feature."""
    known = isinstance(content, dict) and {"id", "geometry", "properties"} <= content.keys()
    if not known or not isinstance(content["properties"], dict):
        raise CannotAudit(f"{where} has something that is no GeoJSON feature")


def is_plain(raw: bytes, content: Json) -> bool:
    """Tell whether JSON text is what its content alone makes: no blanks, no key twice."""
    if any(raw in {text, text + b"\n"} for text in _ways(content)):
        return True
    ends = {len(m[1]) for m in _DECIMALS.finditer(raw) if m[1].endswith(b"0") and m[1] != b"0"}
    return len(ends) <= 1 and _DECIMALS.sub(_nine, raw) == _DECIMALS.sub(
        _nine, orjson.dumps(content)
    )


def _ways(content: Json) -> Iterator[bytes]:
    """Yield the ways to write a content: one after the other, as most texts are of the first."""
    yield orjson.dumps(content)
    yield orjson.dumps(content, option=orjson.OPT_INDENT_2)
    yield json.dumps(content).encode()


_DECIMALS = re.compile(rb"\d+\.(\d+)(?=[,\]}])")


def _nine(found: re.Match[bytes]) -> bytes:
    """Return a number with nine decimals: not all writers of coordinates round alike."""
    return f"{float(found[0]):.9f}".encode()
