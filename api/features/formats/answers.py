"""A page of features in the format that is asked for: its bytes, and what stands in its headers.

Most of these formats have no place for links and numbers, so clients find them in headers: QGIS
follows `Link` and shows `OGC-NumberMatched`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.asked import Asked
from api.features.encode import Link, feature_collection
from api.features.engine import Collection, Page, select
from api.features.formats import jsonfg
from api.features.formats.media import ENDINGS, GEOPACKAGE, JSONFG_PLUS
from api.features.formats.writers import WRITERS, found_by
from api.features.query import FeatureQuery
from api.language import GEOJSON

HELD: Final = 1_000
"""Features of an answer that is made whole, and may be kept; a larger one is sent in pieces."""

_WHOLE: Final = (GEOJSON, GEOPACKAGE)
"""Formats that are not made piece by piece."""

_IN_HEADER: Final = frozenset({"next", "prev", "collection", "profile"})
"""Relations of the links that headers hold: few, because an address may be long."""


@dataclass(frozen=True)
class Made:
    """An answer in a format.

    Attributes
    ----------
    pieces : iterator of bytes
        Its body, made while it is read.
    large : bool
        Send it piece by piece: it is too large to be held.
    """

    pieces: Iterator[bytes]
    large: bool
    headers: Mapping[str, str]


def made(
    asked: Asked,
    collection: Collection,
    query: FeatureQuery,
    links: Callable[[int], Sequence[Link]],
) -> Made:
    """Return the answer to a query in the format asked for.

    Parameters
    ----------
    links : callable
        Makes the links of the answer from the number of matches.
    """
    page = select(collection, query)
    said = links(page.matched)
    is_file = asked.media.f in WRITERS
    return Made(
        pieces=_pieces(asked, collection, query, page, said),
        large=len(page.rows) > HELD and asked.media not in _WHOLE,
        headers={
            "Content-Crs": f"<{query.crs}>",
            "OGC-NumberMatched": str(page.matched),
            "OGC-NumberReturned": str(len(page.rows)),
            "Link": ", ".join(_in_header(one) for one in said if _fits(one)),
            **({"Content-Disposition": _named(asked, collection, query, page)} if is_file else {}),
        },
    )


def _pieces(
    asked: Asked, collection: Collection, query: FeatureQuery, page: Page, links: Sequence[Link]
) -> Iterator[bytes]:
    found = found_by(query, collection, page.rows, f=asked.media.f, lang=asked.lang)
    if asked.media.f in WRITERS:
        return WRITERS[asked.media.f](found)
    if asked.media == GEOJSON:
        return iter([feature_collection(collection, page, query, links=links)])
    head = {
        "numberMatched": page.matched,
        "numberReturned": len(page.rows),
        "links": links,
    }
    schema = schema_of(asked, collection)
    return jsonfg.feature_collection(found, head=head, schema=schema, plus=is_plus(asked))


def schema_of(asked: Asked, collection: Collection) -> str:
    """Return the address of the schema of a collection's features."""
    return f"{asked.base}/collections/{collection.id}/schema"


def is_plus(asked: Asked) -> bool:
    """Tell whether JSON-FG is asked for with a geometry for readers of GeoJSON."""
    return asked.media == JSONFG_PLUS


def _fits(one: Mapping[str, object]) -> bool:
    return one["rel"] in _IN_HEADER and "method" not in one


def _in_header(one: Mapping[str, object]) -> str:
    # QGIS 4.0 splits the header at every comma.
    said = [f"<{str(one['href']).replace(',', '%2C')}>", f'rel="{one["rel"]}"']
    if "type" in one:
        said.append(f'type="{one["type"]}"')
    if isinstance(profile := one.get("profile"), list):
        said.append(f'profile="{profile[0]}"')
    return "; ".join(said)


def _named(asked: Asked, collection: Collection, query: FeatureQuery, page: Page) -> str:
    """Return the name under which the file is saved: of a part, which features it holds."""
    name, number = collection.id, len(page.rows)
    if 0 < number < page.matched:
        name += f"-{query.offset + 1}-{query.offset + number}"
    return f'attachment; filename="{name}.{ENDINGS[asked.media.f]}"'
