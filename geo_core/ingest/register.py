"""Checks the open tables: organisations, services, offices, pacts and what else is in `TABLES`.

Every row is held against its layer's fields, against the tables it refers to and against the
boundary of its municipality. A reserved office keeps no geometry, cell or address. A row that
is not public yet or would lead to a secret place, and a field that never is, stop here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.ingest.across import (
    Accepted,
    check_cells,
    check_codes,
    check_kind,
    check_licence,
    check_references,
    known_ids,
    reserved,
)
from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.geocode import Gazetteer, Geocoded, geocode, read_gazetteer
from geo_core.ingest.placing import Territory, placed
from geo_core.ingest.problems import Checked, Problems
from geo_core.ingest.public import CONTACTS, NAMELESS, SEAT, WITHHELD, public_rows
from geo_core.ingest.rules import SAID_OF_THE_ROW, TABLES, input_columns
from geo_core.ingest.secret import Secrets, check_names, leading, names_address, seats
from geo_core.input_folder import is_invented
from geo_core.model.layer import LayerDocument
from geo_core.model.manifest import Code
from geo_core.sources import csv

__all__ = ["WITHHELD", "check_register"]

CRS: Final = "EPSG:4326"
NO_SECRETS: Final = Secrets()


def check_register(  # noqa: PLR0913 - each is a different thing the rows are held against
    folder: Path,
    documents: Mapping[str, LayerDocument],
    *,
    codelists: Mapping[str, Collection[Code]],
    municipalities: gpd.GeoDataFrame,
    bodies: Mapping[str, frozenset[str]],
    secrets: Secrets = NO_SECRETS,
) -> dict[str, Checked[gpd.GeoDataFrame]]:
    """Read and check the file of every table of `TABLES`; one that is not there has no rows.

    Parameters
    ----------
    folder : Path
        Where the files are, `<table>.csv`.
    documents : Mapping
        The layer files by name.
    codelists : Mapping
        Code lists by name, as in `geo_core.catalog.Catalog`.
    municipalities : GeoDataFrame
        ``cod_istat`` and ``geometry`` (EPSG:4326) of every municipality a row may name.
    bodies : Mapping
        ISTAT codes of the members by code of the managing body, on the reference date.
    secrets : Secrets
        Where nothing may be. Which rows are refused does not depend on it, only which are
        published: an upload is held against none, and its answer tells nothing.

    Returns
    -------
    dict
        By table: the accepted rows with `id`, every field of the layer that is not common
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
    territory = Territory(areas, bodies)
    codes = {name: frozenset(c.code for c in entries) for name, entries in codelists.items()}
    gazetteer = cache(lambda: read_gazetteer(folder, municipalities))
    places = Places(territory, gazetteer, secrets)
    accepted: dict[str, Checked[gpd.GeoDataFrame]] = {}
    for name in TABLES:
        columns = input_columns(
            name,
            documents[name],
            codes,
            known={table: known_ids(checked) for table, checked in accepted.items()},
            municipalities=frozenset(areas),
        )
        accepted[name] = _check_file(
            folder / f"{name}.csv",
            documents[name],
            columns,
            places,
            accepted,
        )
    return accepted


class Places(NamedTuple):
    """What rows are placed by: the areas of codes, addresses, and where nothing may be."""

    territory: Territory
    gazetteer: Callable[[], Gazetteer]
    secrets: Secrets


def _check_file(
    path: Path,
    document: LayerDocument,
    columns: tuple[Column, ...],
    places: Places,
    accepted: Accepted,
) -> Checked[gpd.GeoDataFrame]:
    name, problems, absent = path.stem, Problems(path), not path.exists()
    allowed = (*columns, *SAID_OF_THE_ROW)
    rows = pd.DataFrame(columns=[c.name for c in allowed]) if absent else csv.read(path)
    read = read_columns(path, rows, allowed, problems)
    # A column that the file lacks comes as NaN; a cell that is refused already is None.
    whole = read.where(read.notna(), None)
    typed = problems.remaining(whole)
    check_cells(whole, TABLES[name], problems)
    check_references(whole, TABLES[name], accepted, problems)
    check_licence(whole, problems)
    check_codes(typed, TABLES[name], problems)
    check_kind(name, typed, accepted, problems)
    valid = problems.remaining(typed)
    secret = reserved(valid)
    located = _located(valid, secret, places.gazetteer)
    shapes = pd.Series(None, index=valid.index, dtype=object)
    if document.geometry != "none":
        open_rows = located.frame[~secret]
        shapes.update(placed(open_rows, TABLES[name], places.territory, problems))
    shown = _without_secrets(name, located.frame, shapes, places.secrets)
    check_names(shown, shapes, problems)
    valid = problems.remaining(shown)
    led = leading(valid, shapes.loc[valid.index], places.secrets) | _of_hidden(
        valid, name, accepted
    )
    frame, restricted = public_rows(
        _with_shapes(valid, shapes),
        name,
        document,
        accepted,
        invented=not absent and is_invented(path),
        leading=led,
    )
    return Checked(
        rows_in=len(rows),
        frame=frame,
        problems=problems.listed(),
        withheld=int(secret.loc[valid.index].sum()),
        geocoded=located.counts,
        restricted=restricted,
        absent=absent,
    )


def _without_secrets(
    name: str, rows: pd.DataFrame, shapes: pd.Series, secrets: Secrets
) -> pd.DataFrame:
    """Drop, shapes included, what could lead to a secret place."""
    if name == "organizzazioni":
        hidden, unreached = seats(rows, shapes, secrets, (*SEAT, *CONTACTS))
        dropped = {**dict.fromkeys(SEAT, hidden), **dict.fromkeys(CONTACTS, unreached)}
    else:
        hidden = reserved(rows)
        dropped = {column: hidden for column in WITHHELD if column in rows}
    shapes[hidden] = None
    shown = rows.assign(**{name: rows[name].mask(where, None) for name, where in dropped.items()})
    return _without_names(shown, hidden, secrets) if "riservata" in rows else shown


def _without_names(rows: pd.DataFrame, hidden: pd.Series, secrets: Secrets) -> pd.DataFrame:
    """Give reserved offices that say in their name where they are one that does not."""
    names = {}
    for column, neutral in NAMELESS.items():
        tells = rows[column].map(lambda text: names_address(text) or secrets.told(text, None))
        names[column] = rows[column].mask(hidden & tells.astype(bool), neutral)
    return rows.assign(**names)


def _of_hidden(rows: pd.DataFrame, name: str, accepted: Accepted) -> pd.Series:
    """Return the areas around an office that is not published."""
    if name != "aree_servizio":
        return pd.Series(data=False, index=rows.index)
    return rows["id_sede"].isin(list(accepted["sedi"].restricted))


def _with_shapes(rows: pd.DataFrame, shapes: pd.Series) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes.loc[rows.index].to_numpy(), crs=CRS)


def _located(
    rows: pd.DataFrame, withheld: pd.Series, gazetteer: Callable[[], Gazetteer]
) -> Geocoded:
    """Find positions for a table that says how good its positions are."""
    if "qualita_geocodifica" not in rows or not (rows["lon"].isna() & rows["lat"].isna()).any():
        return Geocoded(rows, {})
    return geocode(rows, gazetteer(), skip=withheld)
