"""Answers about zones, in the representation asked for. Each is made in a thread."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.responses import Response

from api.asked import Asked, answer
from api.asked import page as page_of
from api.describe.links import Link, Said, link_to, self_links
from api.dggs import documents, lists, packet, pages, rows
from api.dggs.asked import (
    DEPTH,
    LEVEL,
    Wanted,
    level_of_zone,
    read_depths,
    read_fields,
    read_list,
    read_wanted,
    read_zone,
)
from api.dggs.definition import ADDRESS
from api.dggs.lists import ZONES_BINARY, ZONES_GEOJSON
from api.dggs.origin import Origin, level_of
from api.dggs.packet import Depth
from api.features.formats.media import CSV, H3_PARQUET
from api.features.paging import TOKEN, Token, first_of
from api.features.query import Limits
from api.language import HTML, JSON, Media
from geo_core.errors import InvalidParameter, NotFound

DATA_PARQUET: Final = Media("parquet", H3_PARQUET.type, ("application/x-parquet",))

OF_LISTS: Final = (JSON, HTML, ZONES_GEOJSON, ZONES_BINARY)
OF_ZONE: Final = (JSON, HTML, ZONES_GEOJSON)
OF_DATA: Final = (JSON, ZONES_GEOJSON, CSV, DATA_PARQUET)

LIMITS: Final = Limits(default=10_000, maximum=10_000)
"""Zones of a page."""

FOR_PEOPLE: Final = Limits(default=100, maximum=1_000)
"""Zones of a page that people read."""

MOST_VALUES: Final = 1_000_000
"""Values of one answer; 552,000 of DGGS-JSON were 4.9 MB, made in half a second."""

_CHILDREN: Final = 7

_NEXT: Final = Said("Le zone seguenti", "The next zones")


def zone_list(asked: Asked, origin: Origin) -> Response:
    """Answer `.../zones`."""
    query = read_list(asked.params, origin, FOR_PEOPLE if asked.media.is_html else LIMITS)
    release = asked.served.release.id
    first = first_of(release, asked.path, asked.params) or 0

    def body() -> bytes:
        page = lists.page_of(query, first)
        links = [*self_links(asked, OF_LISTS), *documents.zone_list_links(asked, origin)]
        if page.end < page.matched:
            links.append(_next(asked, page.end))
        if asked.media is ZONES_BINARY:
            return lists.as_binary(page)
        if asked.media is ZONES_GEOJSON:
            here = f"{documents.home(asked, origin)}/zones"
            return orjson.dumps(lists.as_geojson(page, links, lambda zone: f"{here}/{zone}"))
        said = lists.as_json(page, links, [documents.data_template(asked, origin)])
        if asked.media.is_html:
            shown = {"rows": lists.as_rows(page), **pages.of_list(asked, origin)}
            return page_of(asked, "zones", said, **shown)
        return orjson.dumps(said)

    return answer(asked, body)


def _next(asked: Asked, first: int) -> Link:
    token = Token.at(asked.served.release.id, first, asked.path, asked.params)
    address = asked.url(**{TOKEN: str(token)})
    return link_to(asked.media, "next", address, _NEXT.in_(asked.lang))


def zone(asked: Asked, origin: Origin, name: str) -> Response:
    """Answer `.../zones/{zone}`."""
    cell = read_zone(name)
    zones = level_of(origin, level_of_zone(cell), LEVEL)

    def body() -> bytes:
        said = documents.zone_info(asked, origin, cell, zones, OF_ZONE)
        if asked.media.is_html:
            return page_of(asked, "zone", said, **pages.of_zone(asked, origin, cell, zones))
        if asked.media is ZONES_GEOJSON:
            return orjson.dumps(documents.as_feature(said))
        return orjson.dumps(said)

    return answer(asked, body)


def data(asked: Asked, origin: Origin, name: str) -> Response:
    """Answer `.../zones/{zone}/data`."""
    cell = read_zone(name)
    depths = read_depths(asked.params.get(DEPTH))
    wanted = read_wanted(asked.params, origin)
    if wanted.area is not None:
        raise InvalidParameter("subset", "`subset` of the data of a zone is of time alone")
    fields = read_fields(asked.params, origin.fields)
    if asked.media is JSON:
        # DGGS-JSON has a place for every sub-zone: how many there will be is known before.
        _check_size(sum(_CHILDREN**depth for depth in depths), fields)
    found = [_depth(origin, cell, depth, wanted) for depth in depths]
    _check_size(sum(int((one.places >= 0).sum()) for one in found), fields)
    if all((one.places < 0).all() for one in found):
        raise NotFound("there is no data in this zone", hint=f"{asked.base}{origin.path}/dggs")
    return answer(asked, lambda: _written(asked, origin, cell, found, fields))


def _depth(origin: Origin, cell: int, depth: int, wanted: Wanted) -> Depth:
    level = level_of_zone(cell) + depth
    every = level_of(origin, level, DEPTH)
    timed = origin.during(wanted.period)
    if timed is None:
        return packet.depth_of(cell, depth, every, wanted).hidden
    return packet.depth_of(cell, depth, timed.zones(level), wanted)


def _check_size(zones: int, fields: tuple[str, ...]) -> None:
    if zones * len(fields) > MOST_VALUES:
        raise InvalidParameter(
            DEPTH,
            f"`{DEPTH}` asks for more than {MOST_VALUES} values",
            hint="name fewer fields in `properties`, or ask for a smaller depth",
        )


def _written(
    asked: Asked, origin: Origin, cell: int, found: list[Depth], fields: tuple[str, ...]
) -> bytes:
    if asked.media is JSON:
        numeric = [name for name in fields if origin.fields[name].type in packet.NUMERIC]
        schema = documents.fields_schema(asked, origin, tuple(numeric))
        return orjson.dumps(packet.packet(f"{asked.base}{ADDRESS}", cell, found, schema))
    made = rows.rows_of(found, {name: origin.fields[name] for name in fields})
    if asked.media is CSV:
        return rows.csv_table(made)
    if asked.media is DATA_PARQUET:
        return rows.parquet(made)
    head: dict[str, Any] = {
        "numberReturned": len(made.cells),
        "links": [*self_links(asked, OF_DATA), *documents.zone_list_links(asked, origin)],
    }
    return rows.geojson(made, head=head)
