"""The query engine: one collection of one release, answered from memory.

Both doors, the project's own routes and the pygeoapi provider, ask it; neither filters, sorts
or pages by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from api.features.columns import (
    SORTABLE,
    Column,
    ListColumn,
    Mask,
    Rows,
    read_column,
    read_list_column,
)
from api.features.cql2 import evaluate
from api.features.cql2.values import Table
from api.features.query import FeatureQuery, Period, parameters_of
from api.features.sought import Reading, reading, searched
from geo_core.errors import NotFound, ReleaseDamaged
from geo_core.formats.fragments import Fragments, open_fragments
from geo_core.model.layer import Layer
from geo_core.model.manifest import Code, CollectionInfo, Manifest
from geo_core.model.tables import GEOMETRY
from geo_core.release.read import Release

PERIODS: Final = (("periodo_inizio", "periodo_fine"), ("valido_dal", "valido_al"))
"""Fields that date a feature: the period of its values, or its validity."""


@dataclass(frozen=True)
class Collection:
    """One collection, ready to be queried. It never changes.

    Attributes
    ----------
    columns, lists : dict
        Every field: those with an order, and lists of codes.
    shapes : array of geometries, shape (rows,), OGC:CRS84 | None
        None in a layer without geometry.
    fragments : Fragments
        The encoded features, same rows.
    order : Rows
        All rows in the layer's default order.
    row_of : dict
        Row of each feature id.
    reference_date : str
        Day of the release: what is valid on it is current.
    codelists : dict
        Code lists of the release, whose titles are what is read of a code.
    """

    info: CollectionInfo
    columns: dict[str, Column]
    lists: dict[str, ListColumn]
    shapes: NDArray[np.object_] | None
    tree: shapely.STRtree | None
    fragments: Fragments
    order: Rows
    row_of: dict[str, int]
    reference_date: str
    codelists: Mapping[str, tuple[Code, ...]]

    @property
    def id(self) -> str:
        """Id of the collection."""
        return self.info.layer.id

    @property
    def layer(self) -> Layer:
        """Its declaration."""
        return self.info.layer

    @cached_property
    def parameters(self) -> frozenset[str]:
        """What a client may say to its `items`, beside `f` and `lang`."""
        return frozenset(parameters_of(self.layer))

    @cached_property
    def table(self) -> Table:
        """What its filters are evaluated on."""
        return Table(self.info.count, self.columns, self.lists, self.shapes, self.tree)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What `q` looks in."""
        columns: dict[str, Column | ListColumn] = {**self.columns, **self.lists}
        return tuple(
            reading(columns[name], self.codelists.get(self.layer.field(name).codelist or "", ()))
            for name in searched(self.layer)
        )

    @cached_property
    def shared_names(self) -> frozenset[str]:
        """Names that several features have."""
        names = self.columns[self.layer.title_field]
        counts = np.bincount(names.values[names.valid], minlength=len(names.vocabulary))
        counted = zip(names.vocabulary, counts, strict=True)
        return frozenset(name for name, count in counted if count > 1)

    @cached_property
    def nothing(self) -> Table:
        """A table like it without features: a filter that fails on it fails on any."""
        fields = self.layer.fields
        return Table(
            size=0,
            columns={f.name: read_column(f, ()) for f in fields if f.type in SORTABLE},
            lists={f.name: read_list_column(()) for f in fields if f.type == "codes"},
            shapes=None if self.shapes is None else np.empty(0, dtype=object),
            tree=None,
        )

    def row(self, feature: str) -> int:
        """Return the row of a feature; `NotFound` for an id that is not there."""
        try:
            return self.row_of[feature]
        except KeyError:
            raise NotFound.among("feature", feature, ()) from None


@dataclass(frozen=True)
class Page:
    """The answer to a query: how many features match, and the rows of the page."""

    matched: int
    rows: Rows


def open_collection(release: Release, collection: str) -> Collection:
    """Read one collection of a release into arrays.

    Raises
    ------
    NotFound
        The release has no such collection.
    ReleaseDamaged
        Its files do not agree on the number of features.
    """
    info = release.info(collection)
    folder = f"collections/{collection}"
    fragments = open_fragments(release.path(f"{folder}/features.geojsonl"))
    table = _read(info.layer, release.path(f"{folder}/features.parquet"))
    if not len(fragments) == table.num_rows == info.count:
        raise ReleaseDamaged(
            "its files do not agree on the number of features", where=f"{release.id}/{folder}"
        )
    return _collection(info, fragments, table, release.manifest)


def _read(layer: Layer, path: Path) -> pa.Table:
    names = [*layer.field_names, *([GEOMETRY] if layer.geometry != "none" else [])]
    # `read_table` and every `to_numpy` of pyarrow import pandas, which the server must not carry.
    with pq.ParquetFile(path) as file:
        return file.read(columns=names, use_threads=False)


def _collection(
    info: CollectionInfo, fragments: Fragments, table: pa.Table, manifest: Manifest
) -> Collection:
    values = {name: table[name].to_pylist() for name in table.column_names}
    fields = info.layer.fields
    columns = {f.name: read_column(f, values[f.name]) for f in fields if f.type in SORTABLE}
    shapes = shapely.from_wkb(values[GEOMETRY]) if GEOMETRY in values else None
    return Collection(
        info=info,
        columns=columns,
        lists={f.name: read_list_column(values[f.name]) for f in fields if f.type == "codes"},
        shapes=shapes,
        tree=None if shapes is None else shapely.STRtree(shapes),
        fragments=fragments,
        order=ordered(columns, info.layer.sort),
        row_of={ident: row for row, ident in enumerate(values["id"])},
        reference_date=manifest.reference_date,
        codelists=manifest.codelists,
    )


def ordered(columns: dict[str, Column], sort: tuple[str, ...]) -> Rows:
    """Return all rows sorted by fields (`-name` is descending), nulls last, ties by id."""
    keys = [columns["id"].values]
    for key in reversed(sort):
        column = columns[key.removeprefix("-")]
        keys.extend(column.sort_keys(descending=key.startswith("-")))
    return np.lexsort(keys)


def select(collection: Collection, query: FeatureQuery) -> Page:
    """Answer a query with row numbers, in order."""
    order = ordered(collection.columns, query.sort) if query.sort else collection.order
    mask = matching(collection, query)
    if mask is not None:
        order = order[mask[order]]
    return Page(len(order), order[query.offset : query.offset + query.limit])


def check(collection: Collection, query: FeatureQuery) -> None:
    """Raise `InvalidParameter` for what `select` would refuse, without answering anything."""
    for name, value in query.equal:
        lists = collection.nothing.lists
        (lists[name] if name in lists else collection.nothing.columns[name]).equal(value)
    if query.filter is not None:
        evaluate.matching(query.filter.node, collection.nothing, query.filter.crs)


def matching(collection: Collection, query: FeatureQuery) -> Mask | None:
    """Return which rows a query matches; None when it asks for no condition."""
    filtered = collection.columns | collection.lists
    masks = [filtered[name].equal(value) for name, value in query.equal]
    if query.filter is not None:
        masks.append(evaluate.matching(query.filter.node, collection.table, query.filter.crs))
    if query.sought:
        masks.append(np.logical_or.reduce([r.holding(query.sought) for r in collection.readings]))
    places = collection.table.places
    if query.area is not None and places is not None and collection.tree is not None:
        # The standard lets a box match what has no place, too.
        inside = ~places.known
        inside[collection.tree.query(query.area, predicate="intersects")] = True
        masks.append(inside)
    period = query.period
    if period is None and collection.layer.current_only:
        period = Period(collection.reference_date, collection.reference_date)
    if period is not None:
        masks.append(_during(collection, period))
    return np.logical_and.reduce(masks) if masks else None


def _during(collection: Collection, period: Period) -> Mask:
    """Return which rows overlap a period; a null start or end is open."""
    start, end = next(pair for pair in PERIODS if pair[0] in collection.columns)
    begins, ends = collection.columns[start], collection.columns[end]
    mask = np.ones(collection.info.count, dtype=np.bool_)
    if period.last is not None:
        mask &= begins.at_most(period.last) | ~begins.valid
    if period.first is not None:
        mask &= ends.at_least(period.first) | ~ends.valid
    return mask
