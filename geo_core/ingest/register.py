"""Checks the open tables: organisations, services, offices, opportunities.

Every row is held against its layer's fields, against the tables it refers to and against the
boundary of its municipality. A reserved office keeps no geometry, cell or address.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.ingest.columns import read_columns
from geo_core.ingest.geocode import Gazetteer, Geocoded, geocode, read_gazetteer
from geo_core.ingest.points import check_points
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.ingest.rules import SAID_OF_THE_ROW, TABLES, Table, input_columns
from geo_core.model import cells
from geo_core.model.layer import Layer
from geo_core.model.manifest import Code
from geo_core.model.tables import GEOMETRY
from geo_core.sources import csv

CRS: Final = "EPSG:4326"

ALWAYS_RESERVED: Final = frozenset({"centro_antiviolenza"})
"""Kinds of office whose place is always secret."""

WITHHELD: Final = (
    "indirizzo", "cap", "orari", "accessibilita_gradini", "accessibilita_ascensore",
    "accessibilita_bagno", "accessibilita_parcheggio", "posti", "posti_liberi", "data_posti",
    "qualita_geocodifica",
)  # fmt: skip
"""Everything that could lead to a secret place, or count what is in it."""


def check_register(
    folder: Path,
    layers: Mapping[str, Layer],
    *,
    codelists: Mapping[str, Collection[Code]],
    municipalities: gpd.GeoDataFrame,
) -> dict[str, Checked[gpd.GeoDataFrame]]:
    """Read and check ``organizzazioni.csv``, ``servizi.csv``, ``sedi.csv``, ``opportunita.csv``.

    Parameters
    ----------
    folder : Path
        Where the files are.
    layers : Mapping
        The four layers by id.
    codelists : Mapping
        Code lists by name, as in `geo_core.catalog.Catalog`.
    municipalities : GeoDataFrame
        ``cod_istat`` and ``geometry`` (EPSG:4326) of every municipality a row may name.

    Returns
    -------
    dict
        By layer id: the accepted rows with `id`, every field of the layer that is not common
        to all layers, and `geometry`, ready for `geo_core.ingest.complete.complete`.

    Raises
    ------
    SourceError
        A file cannot be read.
    IngestError
        A column is missing or unknown.
    """
    areas = dict(zip(municipalities["cod_istat"], municipalities.geometry, strict=True))
    shapely.prepare(list(areas.values()))
    codes = {name: frozenset(c.code for c in entries) for name, entries in codelists.items()}
    gazetteer = cache(lambda: read_gazetteer(folder, municipalities))
    accepted: dict[str, Checked[gpd.GeoDataFrame]] = {}
    for name in TABLES:
        path = folder / f"{name}.csv"
        rows = csv.read(path)
        accepted[name] = _check_table(path, rows, layers[name], codes, areas, gazetteer, accepted)
    return accepted


def _check_table(  # noqa: PLR0913, PLR0917 - each is a different thing a row is held against
    path: Path,
    rows: pd.DataFrame,
    layer: Layer,
    codes: Mapping[str, Collection[str]],
    areas: Mapping[str, Any],
    gazetteer: Callable[[], Gazetteer],
    accepted: Mapping[str, Checked[gpd.GeoDataFrame]],
) -> Checked[gpd.GeoDataFrame]:
    table = TABLES[layer.id]
    problems = Problems(path)
    columns = input_columns(
        layer,
        codes,
        organisations=_ids(accepted, "organizzazioni"),
        municipalities=frozenset(areas),
    )
    typed = problems.remaining(read_columns(path, rows, (*columns, *SAID_OF_THE_ROW), problems))
    _check_rows(typed, table, problems)
    if "servizi" in typed:
        _check_services(typed, _ids(accepted, "servizi"), problems)
    _check_reserved(typed, problems)
    _check_licence(typed, layer, problems)
    withheld = _reserved(typed)
    located = _located(problems.remaining(typed), withheld, gazetteer)
    typed = located.frame
    if layer.geometry == "Point":
        placed = problems.remaining(typed)
        check_points(placed[~withheld.loc[placed.index]], areas, problems)
    valid = problems.remaining(typed)
    frame = _finish(valid, layer, table, withheld.loc[valid.index], accepted)
    return Checked(
        rows_in=len(rows),
        frame=frame,
        problems=problems.listed(),
        withheld=int(withheld.loc[valid.index].sum()),
        geocoded=located.counts,
    )


def _ids(accepted: Mapping[str, Checked[gpd.GeoDataFrame]], name: str) -> frozenset[str]:
    return frozenset(accepted[name].frame["id"]) if name in accepted else frozenset()


def _check_rows(typed: pd.DataFrame, table: Table, problems: Problems) -> None:
    again = typed[table.key].duplicated()
    problems.add_where(again, table.key, Refusal("repeats the code of an earlier row"))
    for low, high in table.ordered:
        both = typed[low].notna() & typed[high].notna()
        wrong = both & pd.Series(
            [known and a > b for known, a, b in zip(both, typed[low], typed[high], strict=True)],
            index=typed.index,
        )
        problems.add_where(wrong, high, Refusal(f"is smaller or earlier than {low}"))


def _check_services(typed: pd.DataFrame, known: frozenset[str], problems: Problems) -> None:
    unknown = typed["servizi"].map(lambda text: not known.issuperset(_split(text)))
    problems.add_where(unknown, "servizi", Refusal("names a service that is not in servizi.csv"))


def _split(text: str | None) -> list[str]:
    return [item.strip() for item in text.split(";")] if text else []


def _check_reserved(typed: pd.DataFrame, problems: Problems) -> None:
    """Refuse a place that must be secret and is not said to be: a slip must not publish it."""
    if "riservata" in typed and "tipo_sede" in typed:
        shown = typed["tipo_sede"].isin(ALWAYS_RESERVED) & ~_reserved(typed)
        problems.add_where(
            shown, "riservata", Refusal("must be true for this kind of place", "write true")
        )


def _check_licence(typed: pd.DataFrame, layer: Layer, problems: Problems) -> None:
    """Refuse a row under another licence: a layer is published under one."""
    other = typed["licenza"].notna() & typed["licenza"].ne(layer.licence)
    hint = f"set `licence` in layers/{layer.family}.yml to that of all rows, or leave this one out"
    problems.add_where(other, "licenza", Refusal(f"is not {layer.licence}, as its layer", hint))


def _located(
    rows: pd.DataFrame, withheld: pd.Series, gazetteer: Callable[[], Gazetteer]
) -> Geocoded:
    """Find positions for a table that says how good its positions are."""
    if "qualita_geocodifica" not in rows or not (rows["lon"].isna() & rows["lat"].isna()).any():
        return Geocoded(rows, {})
    return geocode(rows, gazetteer(), skip=withheld.loc[rows.index])


def _reserved(typed: pd.DataFrame) -> pd.Series:
    if "riservata" not in typed:
        return pd.Series(data=False, index=typed.index)
    return typed["riservata"].eq(other=True)


def _finish(
    valid: pd.DataFrame,
    layer: Layer,
    table: Table,
    withheld: pd.Series,
    accepted: Mapping[str, Checked[gpd.GeoDataFrame]],
) -> gpd.GeoDataFrame:
    given = {"dato_sintetico": layer.synthetic, "fonte": layer.source.it, "licenza": layer.licence}
    frame = valid.assign(id=valid[table.key])
    for name, otherwise in given.items():
        frame[name] = frame[name].where(frame[name].notna(), otherwise)
    if table.validity is not None:
        first, last = table.validity
        frame = frame.assign(valido_dal=frame[first], valido_al=frame[last])
    if "servizi" in frame:
        frame = _with_kinds(frame, accepted["servizi"].frame)
    if layer.geometry != "Point":
        return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=CRS)
    return _placed(frame, withheld, with_cell="h3_r9" in layer.field_names)


def _with_kinds(frame: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Add the number and the kinds of the services that each office gives."""
    kind = dict(zip(services["id"], services["tipo_servizio"], strict=True))
    lists = frame["servizi"].map(_split)
    return frame.assign(
        servizi=lists.map(lambda items: ";".join(items) or None),
        n_servizi=lists.map(len),
        tipi_servizio=lists.map(lambda items: tuple(sorted({kind[i] for i in items}))),
    )


def _placed(frame: pd.DataFrame, withheld: pd.Series, *, with_cell: bool) -> gpd.GeoDataFrame:
    """Turn `lon`, `lat` into geometry and cell; drop whatever would betray a reserved place."""
    frame = frame.drop(columns=["lon", "lat"]).assign(
        **{GEOMETRY: _points(frame, withheld)},
    )
    if with_cell:
        frame["h3_r9"] = [
            None if p is None else cells.at(p.y, p.x, cells.SUPPLY) for p in frame[GEOMETRY]
        ]
    secret = [name for name in WITHHELD if name in frame]
    frame.loc[withheld, secret] = None
    return gpd.GeoDataFrame(frame, geometry=GEOMETRY, crs=CRS)


def _points(frame: pd.DataFrame, withheld: pd.Series) -> pd.Series:
    points = [
        None if secret else shapely.Point(lon, lat)
        for secret, lon, lat in zip(withheld, frame["lon"], frame["lat"], strict=True)
    ]
    return pd.Series(points, index=frame.index, dtype=object)
