"""Boundaries of municipalities: ISTAT's shapefiles and the GeoJSON that Openpolis makes of them.

All municipalities of the file are kept, not only the district's: bodies have members in other
provinces, and addresses lie anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_core.errors import IngestError
from geo_core.importers.base import UNCHANGED, Context, Imported, Importer
from geo_core.ingest.boundaries import BOUNDARIES, COLUMNS, PUBLISHERS
from geo_core.ingest.problems import Problems, Refusal
from geo_core.model.text import Text
from geo_core.place.overlay import valid
from geo_core.sources import geopop, registry, zipped
from geo_core.sources.base import MIB, Job, Limits

LIMITS: Final = Limits(bytes=512 * MIB, vertices=12_000_000)
"""Room for all Italy, not generalised."""

_CODES: Final = ("PRO_COM_T", "PRO_COM", "com_istat_code")
_NAMES: Final = ("COMUNE", "name")
_CADASTRAL: Final = "com_catasto_code"

_YEAR: Final = re.compile(r"(?:Com|Limiti)(?:\d{4})?((?:19|20)\d{2})(?!\d)", re.IGNORECASE)
_ANY_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_MUNICIPALITIES: Final = re.compile(r"Com(?=\d)", re.IGNORECASE)
_CODE: Final = re.compile(r"\d{4,6}")


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one file into `confini`.

    Raises
    ------
    SourceError
        The file cannot be read.
    IngestError
        There are several, or the columns are of neither publisher.
    """
    if len(files) != 1:
        raise IngestError("boundaries come in one file", hint="send the .zip, .shp or .geojson")
    path = files[0]
    layer = _layer(path)
    frame = registry.read(path, layer=layer, limits=LIMITS).frame
    problems = Problems(path)
    table, mended = _table(path, frame, problems)
    table.insert(4, "anno", _year(path, layer))
    table.insert(5, "fonte", PUBLISHERS["name" in frame.columns])
    return Imported(
        {BOUNDARIES: table},
        rows=len(frame),
        accepted=len(table),
        notes=_notes(table, mended, context),
        problems=problems.listed(),
    )


def _layer(path: Path) -> str | None:
    """Return the shapefile of municipalities of ISTAT's zip, which also holds the larger units."""
    if path.suffix.lower() != ".zip":
        return None
    names = zipped.check(Job(places=(str(path),), limits=LIMITS))
    stems = [PurePosixPath(name).stem for name in names if name.lower().endswith(".shp")]
    found = [stem for stem in stems if _MUNICIPALITIES.match(stem)]
    return found[0] if len(found) == 1 else None


def _year(path: Path, layer: str | None) -> str | None:
    found = _YEAR.search(layer or path.stem) or _ANY_YEAR.search(path.stem)
    return found[1] if found else None


def _table(
    path: Path, frame: pd.DataFrame, problems: Problems
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Return the municipalities, and which of them had a geometry to mend."""
    code = _first(path, frame, _CODES)
    codes = frame[code].map(lambda text: text.zfill(6) if _CODE.fullmatch(text or "") else None)
    problems.add_where(codes.isna(), code, Refusal("is not a municipality's ISTAT code", UNCHANGED))
    again = codes.notna() & codes.duplicated()
    problems.add_where(again, code, Refusal("repeats an earlier row", UNCHANGED))
    shapes, mended = _valid(frame.geometry)
    nothing = shapely.is_empty(shapes) | shapely.is_missing(shapes)
    problems.add_where(
        pd.Series(nothing, frame.index), "geometry", Refusal("has no area", UNCHANGED)
    )
    table = gpd.GeoDataFrame(
        {
            "cod_istat": codes,
            "denominazione": frame[_first(path, frame, _NAMES)],
            "cod_catastale": _cadastral(frame, codes),
            "cod_provincia": codes.str[:3],
        },
        geometry=shapes,
        crs=frame.crs,
    )
    kept = problems.remaining(table).sort_values("cod_istat")
    return kept.astype(dict.fromkeys(COLUMNS[:4], object)), mended


def _first(path: Path, frame: pd.DataFrame, names: Sequence[str]) -> str:
    for name in names:
        if name in frame.columns:
            return name
    hint = "send ISTAT's Com01012024_g_WGS84 or Openpolis's municipalities"
    raise IngestError(f"has none of the columns {', '.join(names)}", where=path.name, hint=hint)


def _cadastral(frame: pd.DataFrame, codes: pd.Series) -> pd.Series:
    """Return cadastral codes; ISTAT's files have none, those of 2023 fill in."""
    if _CADASTRAL in frame.columns:
        return frame[_CADASTRAL]
    known = geopop.municipalities().set_index("cod_istat")["cod_catastale"]
    found = codes.map(known).astype(object)
    return found.where(found.notna(), None)


def _valid(geometry: gpd.GeoSeries) -> tuple[np.ndarray, pd.Series]:
    """Return valid MultiPolygons, and which were not valid before."""
    shapes = geometry.to_numpy()
    there = ~shapely.is_missing(shapes)
    wrong = pd.Series(there & ~shapely.is_valid(shapes), geometry.index)
    out = np.full(len(shapes), None, dtype=object)
    out[there] = [
        shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape in valid(shapes[there])
    ]
    return out, wrong


def _notes(table: gpd.GeoDataFrame, mended: pd.Series, context: Context) -> tuple[Text, ...]:
    year = table["anno"].iloc[0] if len(table) else None
    notes = [
        Text(it=f"confini del {year}", en=f"boundaries of {year}")
        if year
        else Text(it="il nome del file non dice l'anno", en="the name of the file says no year")
    ]
    if mended.any():
        names = ", ".join(table.loc[mended[mended].index.intersection(table.index), "cod_istat"])
        notes.append(Text(it=f"geometria corretta: {names}", en=f"geometry mended: {names}"))
    if missing := int(table["cod_catastale"].isna().sum()):
        notes.append(
            Text(
                it=f"comuni senza codice catastale: {missing}",
                en=f"municipalities without cadastral code: {missing}",
            )
        )
    if absent := ", ".join(sorted(context.wanted - set(table["cod_istat"]))):
        notes.append(
            Text(
                it=f"del distretto, non nel file: {absent}",
                en=f"of the district, not in the file: {absent}",
            )
        )
    return tuple(notes)


IMPORTER: Final = Importer(
    name="istat-confini",
    title=Text(it="Confini dei comuni (ISTAT, Openpolis)", en="Municipal boundaries"),
    makes=(BOUNDARIES,),
    files=Text(
        it="Limiti01012024_g.zip, Com01012024_g_WGS84.shp con i suoi file, o GeoJSON di Openpolis",
        en="Limiti01012024_g.zip, Com01012024_g_WGS84.shp with its files, or Openpolis's GeoJSON",
    ),
    read=read,
)
