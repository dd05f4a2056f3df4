"""The tilesets of a server, and asking for their tiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from checks.conform.http import Answer
from checks.conform.mvt import InvalidTile, Layer, decode
from checks.conform.outcome import Failed, Skipped, object_of, require, skip_unless
from checks.conform.service import Json, Service, links_of, media_of
from checks.conform.table import Table, geometry_of
from checks.conform.tiles_grid import Grid, Matrix, grid_of

OGC: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
MVT: Final = "application/vnd.mapbox-vector-tile"
VARIABLES: Final = ("{tileMatrix}", "{tileRow}", "{tileCol}")
_SHORT: Final = ("{z}", "{y}", "{x}")
"""Other names of the variables, which class Core allows too."""
_PREFERRED: Final = ("WebMercatorQuad", "WorldCRS84Quad")
"""Grids whose tilesets are tested first."""
LISTED_MAX: Final = 4
"""Tilesets of a list that are tested."""


def relations(name: str) -> tuple[str, ...]:
    """Return the ways in which a link relation of OGC is written."""
    return f"{OGC}{name}", f"https{OGC[4:]}{name}", f"[ogc-rel:{name}]", f"ogc-rel:{name}"


TILESETS: Final = tuple(
    rel for kind in ("vector", "map", "coverage") for rel in relations(f"tilesets-{kind}")
)
"""Relations that lead to a list of tilesets."""
SCHEME: Final = relations("tiling-scheme")


@dataclass(frozen=True)
class Range:
    """The tiles of one matrix that there are."""

    matrix: str
    rows: tuple[int, int]
    cols: tuple[int, int]

    @property
    def corners(self) -> list[tuple[int, int]]:
        """Row and column of the four corners, and of the middle."""
        found = [(row, col) for row in self.rows for col in self.cols]
        return list(dict.fromkeys([*found, (sum(self.rows) // 2, sum(self.cols) // 2)]))


@dataclass
class Tileset:
    """One tileset.

    Attributes
    ----------
    service : Service
        Asks the server.
    origin : str
        Identifier of its collection; empty for one of the dataset.
    listed : dict
        What its list says of it.
    """

    service: Service
    origin: str
    listed: Json

    @property
    def address(self) -> str:
        """Address of its description."""
        links = links_of(self.listed, "self")
        links.sort(key=lambda link: "json" not in media_of(link))
        skip_unless(links, "insieme di tessere senza `self` / a tileset without `self`")
        return str(links[0]["href"])

    @property
    def answer(self) -> Answer:
        """Its description, as it came."""
        return self.service.ask(self.address)

    @cached_property
    def document(self) -> Json:
        """Its description."""
        return self.service.document(self.address)

    @property
    def item(self) -> Json:
        """The link to its tiles; `Failed` without one."""
        links = self.items
        require(links, self.answer, "a link `item`", links_of(self.document))
        return min(links, key=lambda link: media_of(link) != MVT)

    @property
    def items(self) -> list[Json]:
        """The links to its tiles; of another relation where `item`, which a test asks for, lacks.

        A template is told by its variables.
        """
        links = links_of(self.document)
        found = [k for k in links if all(name in str(k.get("href")) for name in _SHORT)]
        return links_of(self.document, "item") or found

    @property
    def is_mvt(self) -> bool:
        """Whether its tiles are Mapbox Vector Tiles."""
        return any(media_of(link) == MVT for link in self.items)

    @cached_property
    def grid(self) -> Grid:
        """Its tile matrix set."""
        links = links_of(self.document, *SCHEME)
        links.sort(key=lambda link: "json" not in media_of(link))
        written = self.document.get("tileMatrixSet")
        if isinstance(written, dict):
            return grid_of(written)
        require(links, self.answer, f"a link {SCHEME[0]}", links_of(self.document))
        return grid_of(self.service.document(str(links[0]["href"])))

    @cached_property
    def ranges(self) -> list[Range]:
        """The tiles it has, by matrix; all of the grid where it names no limits."""
        limits = self.document.get("tileMatrixSetLimits")
        if not isinstance(limits, list) or not limits:
            return [
                Range(m.id, (0, m.rows - 1), (0, m.columns - 1))
                for m in self.grid.matrices.values()
            ]
        return [
            Range(
                str(one["tileMatrix"]),
                (one["minTileRow"], one["maxTileRow"]),
                (one["minTileCol"], one["maxTileCol"]),
            )
            for one in limits
        ]

    @property
    def is_limited(self) -> bool:
        """Whether it names limits."""
        return bool(self.document.get("tileMatrixSetLimits"))

    def address_of(self, matrix: str, row: object, col: object) -> str:
        """Return the address of a tile."""
        address = str(self.item["href"])
        for names in (VARIABLES, _SHORT):
            for variable, value in zip(names, (matrix, row, col), strict=True):
                address = address.replace(variable, str(value))
        return address

    def tile(
        self, matrix: str, row: object, col: object, parameters: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to the question for a tile."""
        accept = media_of(self.item) or MVT
        return self.service.ask(self.address_of(matrix, row, col), parameters, accept=accept)

    @property
    def table(self) -> Table | None:
        """The collection it shows; nothing for one of the dataset, or without features."""
        try:
            found = [c for c in self.service.collections if c["id"] == self.origin]
        except Skipped:
            return None
        name = f"table {self.origin}"
        make = self.service.once
        return make(name, lambda: Table(self.service.client, found[0])) if found else None

    def held(self) -> Iterator[tuple[Matrix, int, int]]:
        """Yield tiles, of the finest matrix first, in which features of the collection lie."""
        table = self.table
        seen = set()
        for one in reversed(self.ranges):
            matrix = self.grid.matrices[one.matrix]
            for place in self.places() if table is not None else ():
                row, col = matrix.tile_at(self.grid.placed(*place))
                if (one.matrix, row, col) not in seen:
                    seen.add((one.matrix, row, col))
                    yield matrix, row, col

    def places(self, most: int = 4) -> list[tuple[float, float]]:
        """Return longitude and latitude of points within features of the collection."""
        geometries = [geometry_of(f) for f in (self.table.features if self.table else ())]
        placed = [g.representative_point() for g in geometries if g is not None and not g.is_empty]
        step = max(1, len(placed) // most)
        return [(point.x, point.y) for point in placed[::step][:most]]


def layers_of(answer: Answer) -> dict[str, Layer]:
    """Return the layers of a tile that was answered; `Failed` if it is not valid."""
    try:
        return decode(answer.body)
    except InvalidTile as error:
        raise Failed(answer.asked, "a valid Mapbox Vector Tile 2.1", str(error)) from error


def lists(service: Service) -> dict[str, Answer]:
    """Return the linked lists of tilesets, by the collection they are of, empty for the dataset."""
    return service.once("lists of tilesets", lambda: dict(_lists(service)))


def _lists(service: Service) -> Iterator[tuple[str, Answer]]:
    if links := links_of(service.landing, *TILESETS):
        yield "", service.ask(str(links[0]["href"]))
    for collection in _tiled(service)[: service.sampled]:
        yield str(collection["id"]), service.ask(_list_of(collection))


def _list_of(collection: Json) -> str:
    """Return where the tilesets of a collection are listed, as its links say; else nothing."""
    links = links_of(collection, *TILESETS)
    paths = [str(k.get("href")).partition("?")[0] for k in [*links, *links_of(collection)]]
    return next((path for path in paths[: len(links)] or paths if path.endswith("/tiles")), "")


def linked(service: Service) -> list[Json]:
    """Return the collections that link tilesets by the relation for them."""
    listed = service.document("/collections").get("collections")
    return [c for c in listed or () if isinstance(c, dict) and links_of(c, *TILESETS)]


def _tiled(service: Service) -> list[Json]:
    """Return the collections with tilesets, one of each type of geometry first."""
    listed = service.document("/collections").get("collections")
    found = [c for c in listed or () if isinstance(c, dict) and _list_of(c)]
    kinds: dict[str, Json] = {}
    for collection in found:
        kinds.setdefault(_geometry(service, collection), collection)
    chosen = list(kinds.values())
    return chosen + [c for c in found if c not in chosen]


def _geometry(service: Service, collection: Json) -> str:
    """Return the types of geometry of the first features of a collection."""
    try:
        return ",".join(sorted(Table(service.client, collection).marks)) or str(collection["id"])
    except (Failed, Skipped):
        return str(collection["id"])


def tilesets(service: Service) -> list[Tileset]:
    """Return the tilesets that are tested; `Skipped` if there are none."""
    found = service.once("tilesets", lambda: list(_tilesets(service)))
    skip_unless(found, "nessun insieme di tessere collegato / no tileset is linked")
    return found


def _tilesets(service: Service) -> Iterator[Tileset]:
    for origin, answer in lists(service).items():
        try:
            listed = object_of(answer).get("tilesets")
        except Failed:
            continue
        found = [one for one in listed or () if isinstance(one, dict)]
        found.sort(key=lambda one: [name not in str(one.get("links")) for name in _PREFERRED])
        for one in found[:LISTED_MAX]:
            yield Tileset(service, origin, one)


def vector(service: Service) -> list[Tileset]:
    """Return the tested tilesets of Mapbox Vector Tiles; `Skipped` if there are none."""
    found = [tileset for tileset in tilesets(service) if tileset.is_mvt]
    skip_unless(found, "nessuna tessera vettoriale / no vector tiles")
    return found
