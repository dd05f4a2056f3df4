"""What the auditor holds in its hands: everything public, downloaded once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import shapely

from checks.audit.folder import Folder
from checks.audit.mvt import Ints
from checks.audit.site import CannotAudit

CRS_ROWS = 1_000
"""Features of a collection that are asked for in every coordinate system."""

type Progress = Callable[[str], None]
"""Told what is being done."""
type Json = Any
type Feature = Mapping[str, Any]
type TileKey = tuple[int, int, int]
"""Zoom, column and row, counted from the north-west."""


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
    """

    id: str
    document: Mapping[str, Any]
    fields: Mapping[str, Field]
    features: Sequence[Feature]
    copies: Mapping[str, Sequence[Feature]]
    pages: Mapping[str, Sequence[Sequence[str]]]
    markup: Sequence[str] = ()

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Properties, one row per feature: the values of the JSON itself, None where null."""
        columns = {
            name: pd.Series([f["properties"].get(name) for f in self.features], dtype=object)
            for name in self.fields
        }
        return pd.DataFrame(columns)

    @cached_property
    def ids(self) -> list[str]:
        """Identifiers of the features."""
        return [str(f.get("id")) for f in self.features]

    @cached_property
    def geometry(self) -> npt.NDArray[np.object_]:
        """Outlines (OGC:CRS84, degrees, longitude first), None where there is none or no valid."""
        texts = [f["geometry"] and orjson.dumps(f["geometry"]).decode() for f in self.features]
        packed = np.array([*texts, None], dtype=object)
        return np.asarray(shapely.from_geojson(packed, on_invalid="ignore"))[:-1]

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column as numbers, NaN where it is null or no number."""
        return np.array([v if _is_number(v) else np.nan for v in self.rows[name]], dtype=np.float64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class TileRows:
    """Every feature of every tile of a tileset, in one table.

    Attributes
    ----------
    keys : list of str
        Columns of `tags`.
    values : list
        Distinct values of the tags.
    tags : int array, (n, keys)
        Position in `values`, -1 where the feature has no such key.
    tiles : list of TileKey
    tile : int array, (n,)
        Position in `tiles`.
    layers : list of str
        Names of the layers of the tiles, distinct.
    ids : uint64 array, (n,)
        Numeric identifiers.
    kinds : int array, (n,)
        1 point, 2 line, 3 polygon.
    points : int array, (m, 2)
        The vertices of all outlines, feature by feature, in units of their zoom from the corner
        of the world, y to the south.
    counts : int array, (n,)
        How many of them each feature has.
    begins : bool array, (m,)
        Which of them begin a ring.
    follows : set of pairs of str
        Keys one of which stands right behind the other in a feature.
    damaged : list
        Tiles that cannot be read, with the reason.
    """

    keys: list[str]
    values: list[Any]
    tags: Ints
    tiles: list[TileKey]
    tile: Ints
    layers: list[str]
    ids: npt.NDArray[np.uint64]
    kinds: Ints
    points: Ints
    counts: Ints
    begins: npt.NDArray[np.bool_]
    follows: set[tuple[str, str]]
    damaged: list[tuple[TileKey, str]]

    def column(self, key: str) -> list[Any]:
        """Return the value of a key for every feature, None where it is absent."""
        if key not in self.keys:
            return [None] * len(self.ids)
        return [
            None if at < 0 else self.values[at]
            for at in self.tags[:, self.keys.index(key)].tolist()
        ]


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
    rows: TileRows
    stored: Mapping[str, Any] = field(default_factory=dict)
    loose: int = 0


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


def as_features(found: Iterable[Json], where: str) -> list[Feature]:
    """Return GeoJSON features; `CannotAudit` if one is none."""
    features = list(found)
    for feature in features:
        known = isinstance(feature, dict) and {"id", "geometry", "properties"} <= feature.keys()
        if not known or not isinstance(feature["properties"], dict):
            raise CannotAudit(f"{where} has something that is no GeoJSON feature")
    return features


def is_plain(raw: bytes, content: Json) -> bool:
    """Tell whether JSON text is what its content alone makes: no blanks, no key twice."""
    made = (
        orjson.dumps(content),
        orjson.dumps(content, option=orjson.OPT_INDENT_2),
        json.dumps(content).encode(),
    )
    if any(raw in {text, text + b"\n"} for text in made):
        return True
    ends = {len(m[1]) for m in _DECIMALS.finditer(raw) if m[1].endswith(b"0") and m[1] != b"0"}
    return len(ends) <= 1 and _DECIMALS.sub(_nine, raw) == _DECIMALS.sub(_nine, made[0])


_DECIMALS = re.compile(rb"\d+\.(\d+)(?=[,\]}])")


def _nine(found: re.Match[bytes]) -> bytes:
    """Return a number with nine decimals: not all writers of coordinates round alike."""
    return f"{float(found[0]):.9f}".encode()
