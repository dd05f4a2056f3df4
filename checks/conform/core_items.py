"""Tests of OGC API Features, Part 1, class Core: the features themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shapely import STRtree, get_coordinates
from shapely.geometry import box as box_of

from checks.conform.answers import (
    Box,
    Time,
    as_text,
    box_round_one,
    chosen_by,
    compare,
    during,
    in_box,
    instant,
    some_boxes,
    time_of,
)
from checks.conform.core import core, require_self_and_alternates
from checks.conform.definition import Json, is_elsewhere
from checks.conform.http import Answer
from checks.conform.outcome import Skipped, object_of, require, require_status, skip_unless
from checks.conform.service import Service, links_of, media_of
from checks.conform.shapes import extent_problem, feature_problem
from checks.conform.table import (
    SAMPLE_MAX,
    Feature,
    Table,
    features_of,
    geometry_of,
    ids_of,
    next_of,
)

_SKEW: Final = timedelta(minutes=5)
_STAMP: Final = re.compile(r"[\dTt:.-]+([zZ]|[+-]\d\d:\d\d)")
_ITEMS_ASKED: Final = 3
_OUTSIDE_LIMIT: Final = 20_000
"""Limits above which none is asked for, so that a test never orders a whole country."""


def spatial(service: Service) -> Table:
    """Return a table with geometries; `Skipped` if there is none."""
    for table in service.tables:
        if any(feature.get("geometry") for feature in table.features):
            return table
    raise Skipped("nessuna geometria / no geometry")


def temporal(service: Service) -> Table:
    """Return a table whose features have a time; `Skipped` if there is none."""
    for table in service.tables:
        if table.times and any(any(time_of(table, feature)) for feature in table.features):
            return table
    raise Skipped("nessun tempo noto dallo schema / no time that a schema tells")


def defined(service: Service, table: Table, name: str) -> Json:
    """Return a parameter of the items as the API definition has it."""
    path = f"{table.path}/items"
    parameters = service.definition.parameters(path)
    parameter = parameters.get(name)
    where = service.definition.answer
    found = sorted(parameters) or "no such path"
    require(parameter is not None, where, f"{path}: a parameter {name}", found)
    skip_unless(
        not is_elsewhere(parameter or {}),
        "definito in un altro documento / defined in another document",
    )
    return dict(parameter or {})


def require_parameter(service: Service, table: Table, name: str, kind: str) -> Json:
    """Return the schema of a parameter that is optional, in the query and of one type."""
    parameter = defined(service, table, name)
    where = service.definition.answer
    schema = service.definition.schema(parameter)
    require(parameter.get("in") == "query", where, f"{name} in the query", parameter)
    require(parameter.get("required", False) is False, where, f"{name} not required", parameter)
    require(parameter.get("style", "form") == "form", where, f"{name} of style form", parameter)
    require(schema.get("type") == kind, where, f"{name} of type {kind}", schema)
    return schema


@core("/req/core/crs84", "Senza altra richiesta le coordinate sono in WGS 84, longitudine prima")
def crs84(service: Service) -> None:
    """Unless asked otherwise coordinates are in WGS 84, longitude first."""
    table = spatial(service)
    answer = table.ask(limit="10")
    named = answer.headers.get("content-crs", "CRS84")
    require("CRS84" in named, answer, "Content-Crs: CRS84", named)
    for feature in table.features:
        if (geometry := geometry_of(feature)) is None:
            continue
        for x, y in get_coordinates(geometry):
            right = -180 <= x <= 180 and -90 <= y <= 90
            require(right, answer, "longitudes and latitudes", f"{feature.get('id')}: {x}, {y}")
    boxes = _boxes(table)
    placed = [_within_any(f, boxes) for f in table.features if boxes and f.get("geometry")]
    inside = not placed or not all(within is False for within in placed)
    require(inside, answer, "features within the extent of the collection", boxes)


@core("/req/core/fc-md-extent", "L'estensione comprende gli oggetti")
def fc_md_extent(service: Service) -> None:
    """The extent holds the features."""
    for table in service.tables:
        answer = service.ask("/collections")
        extent = table.document.get("extent")
        problem = extent_problem(extent)
        require(problem is None, answer, f"{table.id}: an extent", problem)
        _inside(table, answer, _boxes(table), _intervals(table))


@core("/req/core/fc-md-extent-multi", "La prima estensione comprende gli oggetti e le altre")
def fc_md_extent_multi(service: Service) -> None:
    """The first box and interval hold the features, and the others do together."""
    for table in service.tables:
        answer = service.ask("/collections")
        boxes, intervals = _boxes(table), _intervals(table)
        _inside(table, answer, boxes[:1], intervals[:1])
        _inside(table, answer, boxes[1:], intervals[1:])


def _boxes(table: Table) -> list[Box]:
    boxes = ((table.document.get("extent") or {}).get("spatial") or {}).get("bbox") or []
    flat = [box if len(box) == 4 else [*box[:2], *box[3:5]] for box in boxes]
    return [(west, south, east, north) for west, south, east, north in flat]


def _intervals(table: Table) -> list[Time]:
    temporal = (table.document.get("extent") or {}).get("temporal") or {}
    found = temporal.get("interval") or []
    return [(instant(start), instant(end)) for start, end in found]


def _inside(table: Table, answer: Answer, boxes: list[Box], intervals: list[Time]) -> None:
    for feature in table.features:
        where = f"{table.id}: {feature.get('id')}"
        inside = not boxes or _within_any(feature, boxes) is not False
        require(inside, answer, f"{where} within {boxes}", feature.get("geometry"))
        time = time_of(table, feature)
        during_any = not intervals or any(_during(time, interval) for interval in intervals)
        require(during_any, answer, f"{where} within {intervals}", time)


def _within_any(feature: Feature, boxes: list[Box]) -> bool | None:
    """Tell whether a geometry lies in a box; None where this cannot be told."""
    geometry = geometry_of(feature)
    if geometry is None or any(west > east for west, _south, east, _north in boxes):
        return None
    outlines = [box_of(*box).buffer(1e-6) for box in boxes]
    return bool(STRtree(outlines).query(geometry, predicate="within").size)


def _during(time: Time, interval: Time) -> bool:
    start, end = time
    day = timedelta(days=1)
    early = start and interval[0] and start < interval[0]
    late = end and interval[1] and end > interval[1] + day
    return not early and not late


@core("/req/core/fc-op", "Gli oggetti di ogni raccolta rispondono")
def fc_op(service: Service) -> None:
    """The items of every collection answer."""
    for collection in service.collections:
        require_status(Table(service.client, collection).ask(limit="10"), 200)


@core("/req/core/fc-limit-definition", "Il parametro `limit` è definito")
def fc_limit_definition(service: Service) -> None:
    """The parameter `limit` is defined."""
    for table in service.tables:
        require_parameter(service, table, "limit", "integer")


@core("/req/core/fc-limit-response-1", "Mai più oggetti di `limit`; oltre il massimo nessun errore")
def fc_limit_response(service: Service) -> None:
    """Never more features than `limit`, and no error above its maximum."""
    for table in service.tables:
        for limit in (1, 2, 5):
            answer = table.ask(limit=str(limit))
            number = len(features_of(answer))
            require(number <= limit, answer, f"at most {limit} features", number)
            full = number == min(limit, table.size)
            require(full or "next" in str(answer.body), answer, f"{limit} features", number)
    _above_maximum(service)


def _above_maximum(service: Service) -> None:
    table = min(service.tables, key=lambda table: table.size)
    try:
        limit = service.definition.schema(defined(service, table, "limit"))
    except Skipped:
        return
    maximum = limit.get("maximum")
    if isinstance(maximum, int) and maximum < _OUTSIDE_LIMIT:
        answer = require_status(table.ask(limit=str(maximum + 1)), 200)
        number = len(features_of(answer))
        require(number <= maximum, answer, f"at most {maximum} features", number)


@core("/req/core/fc-bbox-definition", "Il parametro `bbox` è definito, con quattro o sei numeri")
def fc_bbox_definition(service: Service) -> None:
    """The parameter `bbox` is defined, with four or six numbers."""
    table = spatial(service)
    schema = require_parameter(service, table, "bbox", "array")
    where = service.definition.answer
    items = service.definition.resolve(schema.get("items"))
    require(items.get("type") == "number", where, "bbox of numbers", schema)
    explode = defined(service, table, "bbox").get("explode", True)
    require(explode is False, where, "bbox with explode: false", explode)
    west, south, east, north = box_round_one(table)
    six = as_text((west, south, -1000, east)) + f",{north:.7f},9000.0"
    require_status(table.ask(bbox=six, limit="1"), 200)


@core("/req/core/fc-bbox-response", "`bbox` dà gli oggetti che toccano il rettangolo")
def fc_bbox_response(service: Service) -> None:
    """`bbox` gives the features that meet the box, and those without a geometry."""
    table = spatial(service)
    for box in some_boxes(table):
        compare(table, chosen_by(table, in_box(box, unplaced=True)), bbox=as_text(box))


@core("/req/core/fc-time-definition", "Il parametro `datetime` è definito")
def fc_time_definition(service: Service) -> None:
    """The parameter `datetime` is defined, and its forms are read."""
    table = service.tables[0]
    require_parameter(service, table, "datetime", "string")
    day = "2020-02-29T12:00:00Z"
    for value in (day, f"{day}/{day}", f"../{day}", f"{day}/..", f"/{day}", f"{day}/"):
        require_status(table.ask(datetime=value, limit="1"), 200)


@core("/req/core/fc-time-response", "`datetime` dà gli oggetti di quel tempo")
def fc_time_response(service: Service) -> None:
    """`datetime` gives the features of that time, and those without a time."""
    table = temporal(service)
    # A server may show by default what is valid today: then the sample is asked for with a time.
    ever = {"datetime": "1800-01-01T00:00:00Z/.."}
    if table.ask(limit="1", **ever).status == 200:
        table = replace(table, question=ever)
    sides = {side for f in table.features for side in time_of(table, f) if side}
    first, middle = min(sides), sorted(sides)[len(sides) // 2]
    early, late = first - timedelta(days=400), middle + timedelta(days=1)
    asked: list[Time] = [
        (middle, middle), (first, middle), (None, middle), (late, None), (None, early),
    ]  # fmt: skip
    for start, end in asked:
        alone = start == end and start is not None
        value = _z(start) if alone else f"{_z(start)}/{_z(end)}"
        compare(table, chosen_by(table, during(table, (start, end))), datetime=value)


def _z(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ".."


@core("/req/core/fc-response", "Le pagine insieme danno ogni oggetto richiesto una volta")
def fc_response(service: Service) -> None:
    """The pages together give every requested feature once."""
    for table in service.tables:
        limit = max(2, min(table.size // 3, 100))
        features, whole = table.download(3 * limit, limit=str(limit))
        ids = ids_of(features)
        request = f"GET {table.client.address(f'{table.path}/items', {'limit': str(limit)})}"
        twice = len(ids) - len(set(ids))
        require(not twice, request, "each feature once over the pages", f"{twice} twice")
        strangers = set(ids) - set(ids_of(table.features)) if table.whole else set()
        require(not strangers, request, "features of the collection", sorted(strangers)[:3])
        number = len(set(ids))
        require(
            not whole or number >= len(table.features), request, f"{table.size} features", number
        )


@core("/req/core/fc-links", "Una pagina porta a sé stessa, agli altri formati e alla seguente")
def fc_links(service: Service) -> None:
    """A page links itself, its other formats and the following page."""
    table = max(service.tables, key=lambda table: table.size)
    answer = table.ask(limit="2")
    require_self_and_alternates(service, answer)
    if table.size > 2:
        following = next_of(answer)
        rels = [link.get("rel") for link in links_of(object_of(answer))]
        require(following, answer, "a link `next`", rels)
        require_status(service.ask(str(following)), 200)


@core("/req/core/fc-rel-type", "I collegamenti di una pagina dicono il tipo")
def fc_rel_type(service: Service) -> None:
    """The links of a page tell their type."""
    table = max(service.tables, key=lambda table: table.size)
    answer = table.ask(limit="2")
    second = next_of(answer)
    pages = [answer, *([service.ask(second, accept="application/geo+json")] if second else [])]
    for page in pages:
        links = links_of(object_of(page), "self", "alternate", "next", "prev")
        untyped = [link for link in links if not media_of(link)]
        require(not untyped, page, "a type on self, alternate, next and prev", untyped)


@core("/req/core/fc-timeStamp", "`timeStamp` è un istante, e non del futuro")
def fc_timestamp(service: Service) -> None:
    """`timeStamp` is an instant, and none of the future."""
    answer = service.tables[0].ask(limit="1")
    stamp = object_of(answer).get("timeStamp")
    skip_unless(stamp is not None, "nessun timeStamp / no timeStamp")
    read = instant(stamp) if _STAMP.fullmatch(str(stamp)) else None
    require(read, answer, "a date-time of RFC 3339", stamp)
    if read is not None:
        require(read <= datetime.now(UTC) + _SKEW, answer, "no time of the future", stamp)


@core("/req/core/fc-numberMatched", "`numberMatched` conta gli oggetti richiesti")
def fc_number_matched(service: Service) -> None:
    """`numberMatched` counts the requested features."""
    counted = False
    for table in service.tables:
        questions: list[dict[str, str]] = [{}]
        if any(feature.get("geometry") for feature in table.features):
            questions += [{"bbox": as_text(box)} for box in list(some_boxes(table))[1:3]]
        for question in questions:
            answer = table.ask(limit="1", **question)
            matched = object_of(answer).get("numberMatched")
            features, whole = table.download(SAMPLE_MAX, **question)
            if matched is None or not whole:
                continue
            require(matched == len(features), answer, f"numberMatched {len(features)}", matched)
            counted = True
    skip_unless(counted, "nessun numberMatched verificabile / no numberMatched can be verified")


@core("/req/core/fc-numberReturned", "`numberReturned` conta gli oggetti della pagina")
def fc_number_returned(service: Service) -> None:
    """`numberReturned` counts the features of the page."""
    given = False
    for table in service.tables:
        for limit in (1, 7):
            answer = table.ask(limit=str(limit))
            returned, number = object_of(answer).get("numberReturned"), len(features_of(answer))
            given = given or returned is not None
            same = returned is None or returned == number
            require(same, answer, f"numberReturned {number}", returned)
    skip_unless(given, "nessun numberReturned / no numberReturned")


def some_items(service: Service) -> Iterator[tuple[Table, str, Answer]]:
    """Yield single features of every table: table, identifier and answer."""
    for table in service.tables:
        for ident in ids_of(table.first)[:_ITEMS_ASKED]:
            yield table, ident, table.ask_item(ident)


@core("/req/core/f-op", "Ogni oggetto ha il suo indirizzo")
def f_op(service: Service) -> None:
    """Every feature has its address."""
    for _table, _ident, answer in some_items(service):
        require_status(answer, 200)


@core("/req/core/f-success", "Un oggetto singolo è quello della raccolta")
def f_success(service: Service) -> None:
    """A single feature is that of the collection."""
    for table, ident, answer in some_items(service):
        document = object_of(answer)
        problem = feature_problem(document)
        require(problem is None, answer, "a feature", problem)
        listed: Any = next(f for f in table.first if str(f.get("id")) == ident)
        same = document.get("properties") == listed.get("properties")
        require(same, answer, f"properties {listed.get('properties')}", document.get("properties"))
        require_status(table.ask_item(f"{ident}-nobody"), 404)


@core("/req/core/f-links", "Un oggetto porta a sé stesso, agli altri formati e alla raccolta")
def f_links(service: Service) -> None:
    """A feature links itself, its other formats and its collection."""
    for _table, _ident, answer in some_items(service):
        document = require_self_and_alternates(service, answer)
        links = links_of(document, "collection")
        rels = [link.get("rel") for link in links_of(document)]
        require(links, answer, "a link `collection`", rels)
        require(all(map(media_of, links)), answer, "a type on `collection`", links)
