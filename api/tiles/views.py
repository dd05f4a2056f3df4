"""What documents about tiles describe: one tileset, or several that are shown together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from api.describe.links import Said
from api.served import Served
from geo_core.errors import InvalidParameter, NotFound
from geo_core.model.layer import Layer
from geo_core.model.manifest import Manifest, Tileset
from geo_core.model.mercator import Bounds
from geo_core.model.text import Text

TMS: Final = "WebMercatorQuad"

DATASET: Final = "dataset"
"""Id of the tileset of everything; no collection and no theme is called so."""

COLLECTIONS: Final = "collections"
"""The parameter that chooses what the tileset of everything shows."""

MOST: Final = 10
"""Collections that one tile may show: putting it together takes a millisecond for each."""

SHOWN: Final[tuple[str, ...]] = ("comuni", "bisogni_h3", "offerta_h3", "sedi")
"""What it shows where nothing is chosen, so that a tile stays within 60 kB."""

_DATASET: Final = Said("Tutte le raccolte, a scelta", "All collections, at choice")
_ABOUT: Final = Said(
    "Più raccolte e temi in una tessera, uno strato ciascuno: `collections` dice quali.",
    "Several collections and themes in one tile, a layer each: `collections` says which.",
)


@dataclass(frozen=True)
class View:
    """Tilesets that one address shows.

    Attributes
    ----------
    id : str
        Name in the addresses of tiles.
    home : str
        Path under OGC API - Tiles.
    query : str
        What every address ends with; begins with `?` unless it is empty.
    collection : str | None
        The collection whose features these are all of, if it is one.
    layers : tuple of Layer
        One collection of each tileset; those of a theme have the same fields.
    """

    id: str
    title: Text | Said
    description: Text | Said
    home: str
    query: str
    collection: str | None
    tilesets: tuple[Tileset, ...]
    layers: tuple[Layer, ...]

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of all of them, degrees."""
        west, south, east, north = zip(*(one.bounds for one in self.tilesets), strict=True)
        return min(west), min(south), max(east), max(north)

    @property
    def zooms(self) -> tuple[int, int]:
        """First and last zoom of all of them."""
        both = [zooms_of(one) for one in self.tilesets]
        return min(first for first, _ in both), max(last for _, last in both)

    @property
    def attribution(self) -> str:
        """Whom to name, each once."""
        named = [one for layer in self.layers for one in layer.attribution.split("; ")]
        return "; ".join(dict.fromkeys(named))

    @property
    def licence(self) -> str | None:
        """The licence of all of them; None if they differ."""
        found = {layer.licence for layer in self.layers}
        return found.pop() if len(found) == 1 else None


def zooms_of(tileset: Tileset) -> tuple[int, int]:
    """Return the first and the last zoom of a tileset."""
    return min(tileset.collections), max(tileset.collections)


def view_of(manifest: Manifest, tileset: Tileset) -> View:
    """Return the view of one tileset."""
    layer = _layer(manifest, tileset)
    here = f"/tiles/{tileset.id}" if tileset.theme else f"/collections/{tileset.id}/tiles"
    return View(
        id=tileset.id,
        title=tileset.title,
        description=layer.description,
        home=f"{here}/{TMS}",
        query="",
        collection=None if tileset.theme else tileset.id,
        tilesets=(tileset,),
        layers=(layer,),
    )


def dataset(served: Served, chosen: str | None) -> View:
    """Return the view of the whole dataset.

    Parameters
    ----------
    chosen : str | None
        Ids of collections or themes, or addresses of collections, with commas between them: the
        layers of a tile, in this order. None for what is shown without a choice.

    Raises
    ------
    InvalidParameter
        One has no tiles, is not there or is named twice; or they are too many.
    NotFound
        The release has no tiles at all.
    """
    manifest = served.release.manifest
    known = {one.id: one for one in manifest.tilesets}
    if not known:
        raise NotFound("there is no tileset")
    names = _chosen(served, chosen, known) if chosen is not None else _usual(manifest)
    tilesets = tuple(known[name] for name in names)
    return View(
        id=DATASET,
        title=_DATASET,
        description=_ABOUT,
        home=f"/tiles/{TMS}",
        query="" if chosen is None else f"?{COLLECTIONS}={quote(','.join(names), safe=',')}",
        collection=None,
        tilesets=tilesets,
        layers=tuple(_layer(manifest, one) for one in tilesets),
    )


def choices(manifest: Manifest) -> tuple[Tileset, ...]:
    """Return the tilesets in the order in which people read them: themes before collections."""
    return tuple(sorted(manifest.tilesets, key=lambda one: not one.theme))


def _layer(manifest: Manifest, tileset: Tileset) -> Layer:
    shown = tileset.collections[max(tileset.collections)]
    return next(info.layer for info in manifest.collections if info.layer.id == shown)


def _usual(manifest: Manifest) -> list[str]:
    """Return what is shown without a choice: what the map is about, or the first there are."""
    known = [one.id for one in choices(manifest)]
    usual: list[str] = [name for name in SHOWN if name in known]
    return usual or known[: len(SHOWN)]


def _chosen(served: Served, text: str, known: Mapping[str, Tileset]) -> list[str]:
    """Return the ids that a client chose; those of collections may be addresses."""
    here = (f"{served.base}/collections/", f"{served.settings.public_url}/collections/")
    said = text.split(",", MOST)
    if len(said) > MOST:
        raise InvalidParameter(
            COLLECTIONS,
            f"`collections` names more than {MOST} collections",
            hint="ask for the others in a second tile",
        )
    names = [name.removeprefix(here[0]).removeprefix(here[1]) for name in said]
    for name in names:
        if name not in known:
            raise InvalidParameter(
                COLLECTIONS,
                "`collections` names a collection that is not there, or has no tiles",
                hint=NotFound.among("tileset", name, known).hint,
            )
    if len(set(names)) < len(names):
        raise InvalidParameter(COLLECTIONS, "`collections` names a collection twice")
    return names
