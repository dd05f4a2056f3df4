"""Finding a place by its name: municipalities first, then localities, then streets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.features.cql2.patterns import without_accents
from api.features.engine import Collection
from api.features.records import records
from api.served import Served

PLACES: Final = "luoghi"
"""Collection of places with a name."""
MOST: Final = 12
_NUMBER: Final = re.compile(r"\b(n|num|numero|snc)\b\.?|\b\d+[a-z]?(/[a-z0-9]+)?\b")
_WORD: Final = re.compile(r"[a-z0-9]+")
_KINDS: Final = ("comune", "localita", "via")


class Found(NamedTuple):
    """A place; degrees, OGC:CRS84."""

    id: str
    name: str
    kind: str
    town: str
    town_code: str
    lon: float
    lat: float


def found_places(served: Served, text: str) -> Iterator[Found]:
    """Yield at most 12 places whose name and municipality hold every word that begins like them.

    A house number is read over: `Via Roma 12, Varallo` finds the street. First comes what is
    called just so, then by kind, what begins so before what has it inside.
    """
    asked = _asked(text)

    def rank(place: Found) -> tuple[bool, int, bool, str, str]:
        own = _words(_plain(place.name))
        begins = own[:1] != () and own[0].startswith(asked[0])
        return own != asked, _KINDS.index(place.kind), not begins, _plain(place.name), place.id

    fitting = (
        place
        for words, place in _index(served)
        if asked and all(any(word.startswith(one) for word in words) for one in asked)
    )
    yield from islice(sorted(fitting, key=rank), MOST)


def towns_in(served: Served, text: str) -> Iterator[Found]:
    """Yield the municipalities whose whole name is in a text: of a street that nobody knows."""
    asked = frozenset(_asked(text))
    for place in places(served):
        if place.kind == "comune" and asked.issuperset(_words(_plain(place.name))):
            yield place


def _asked(text: str) -> tuple[str, ...]:
    return _words(_NUMBER.sub(" ", _plain(text))) or _words(_plain(text))


def _plain(text: str) -> str:
    return without_accents(text.casefold())


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text))


def middle_of(served: Served, town: str) -> Found | None:
    """Return the place that stands for a municipality (ISTAT code)."""
    own = (place for place in places(served) if place.town_code == town)
    return next((place for place in own if place.kind == "comune"), None)


@lru_cache(maxsize=2)
def _index(served: Served) -> tuple[tuple[frozenset[str], Found], ...]:
    return tuple(
        (frozenset(_words(_plain(f"{place.name} {place.town}"))), place) for place in places(served)
    )


@lru_cache(maxsize=2)
def places(served: Served) -> tuple[Found, ...]:
    """Return every place with a name and a point."""
    collection = served.collections.get(PLACES)
    if collection is None or collection.shapes is None:
        return ()
    return tuple(_found(collection, collection.shapes[collection.order]))


def _found(collection: Collection, shapes: NDArray[np.object_]) -> Iterator[Found]:
    names = ("id", "nome", "tipo_luogo", "nome_comune", "cod_istat")
    for one, at in zip(records(collection, names), shapes, strict=True):
        if at is not None and one["tipo_luogo"] in _KINDS:
            lon, lat = round(float(at.x), 6), round(float(at.y), 6)
            town, code = one["nome_comune"] or "", one["cod_istat"]
            yield Found(one["id"], one["nome"], one["tipo_luogo"], town, code, lon, lat)
