"""What pygeoapi 0.24 answers otherwise than it was asked: the written list.

Each fault says when it is met and what pygeoapi answers in place of the question: another
question, or a refusal. So a difference between the doors is explained to the feature or not at
all, and a fault that is mended fails the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import cache

from doors import Doors, Query
from pyproj import Transformer

from api.features.crs import is_geographic, latitude_first
from checks.conform.expressions import JSON, TEXT

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
REFUSED, BROKEN = 400, 500

type Instead = Query | int
"""The question that is answered, or the status of a refusal."""


@dataclass(frozen=True)
class Fault:
    """One fault of pygeoapi.

    Attributes
    ----------
    asked, done : str
        What is asked and what pygeoapi does, for the documentation.
    requirement : str
        What the standard says of it; a hyphen where it leaves the matter open.
    example : Query
        It is met by this query, and the doors differ.
    meets : callable
        Tell whether a query meets it, in these collections.
    instead : callable
        Return what is answered in place of the query.
    """

    asked: str
    done: str
    requirement: str
    example: Query
    meets: Callable[[Query, Doors], bool]
    instead: Callable[[Query], Instead] = lambda _query: REFUSED


def said(collection: str = "luoghi", **values: str) -> Query:
    return Query(collection).with_(**values)


def _last_of_each(query: Query) -> Query:
    return replace(query, said=tuple(dict(query.said).items()))


# --- numbers, times and boxes

_LOOSE = re.compile(r"[0-9]_[0-9]|^ | $|, | ,")


def _loose(query: Query, _doors: Doors) -> bool:
    return any(_LOOSE.search(query[name]) for name in ("limit", "offset", "bbox"))


def _tight(query: Query) -> Query:
    numbers = {n: re.sub("[ _]", "", v) for n, v in query.said if n in {"limit", "offset", "bbox"}}
    return query.with_(**numbers)


def _moment(text: str, of_day: time) -> datetime:
    if "T" in text:
        return datetime.fromisoformat(text)
    return datetime.combine(datetime.fromisoformat(text), of_day, UTC)


def _interval(query: Query, doors: Doors) -> tuple[str | None, str | None]:
    return doors.release.info(query.collection).interval


def _out_of_extent(query: Query, doors: Doors) -> bool:
    ends = query["datetime"].split("/")
    if not _is_dated(query, doors) or len(ends) > 2:
        return False
    extent = _interval(query, doors)
    begin, end = (None if day is None else _moment(day, time.min) for day in extent)
    # The last day of an interval counts to its end; a day alone is its first moment.
    last = time.max if len(ends) == 2 else time.min
    try:
        first, final = (
            None if one in {"", ".."} else _moment(one, of)
            for one, of in ((ends[0], time.min), (ends[-1], last))
        )
    except ValueError:
        return False
    return bool((first and end and first > end) or (final and begin and final < begin))


def _is_dated(query: Query, doors: Doors) -> bool:
    return _interval(query, doors) != (None, None)


def _year_too_long(query: Query, doors: Doors) -> bool:
    return _is_dated(query, doors) and bool(re.match("[0-9]{10,}-", query["datetime"]))


def _corners(query: Query) -> list[float]:
    numbers = query["bbox"].split(",")
    keep = (0, 1, 3, 4) if len(numbers) == 6 else (0, 1, 2, 3)
    try:
        return [float(numbers[i]) for i in keep]
    except (ValueError, IndexError):
        return []


def _wraps_latitude_first(query: Query, _doors: Doors) -> bool:
    corners, crs = _corners(query), query["bbox-crs"]
    known = crs.startswith(EPSG) and is_geographic(crs) and latitude_first(crs)
    return known and bool(corners) and corners[1] > corners[3]


@cache
def _to_crs84(crs: str) -> Transformer:
    return Transformer.from_crs(f"EPSG:{crs.removeprefix(EPSG)}", "OGC:CRS84")


def _projected(query: Query, _doors: Doors) -> bool:
    crs = query["bbox-crs"]
    corners = _corners(query)
    return crs.startswith(EPSG) and bool(corners) and not is_geographic(crs)


def _two_corners(query: Query) -> Instead:
    corners, move = _corners(query), _to_crs84(query["bbox-crs"]).transform
    if corners[1] > corners[3]:
        return REFUSED
    box = (*move(*corners[:2]), *move(*corners[2:]))
    return query.without("bbox-crs").with_(bbox=",".join(map(repr, box)))


IN_PARAMETERS = (
    Fault(
        "un parametro sconosciuto",
        "lo ignora (lo dichiara come «parametro libero»)",
        "/req/core/query-param-unknown",
        said(nessuno="1"),
        lambda query, _doors: "nessuno" in query.names,
        lambda query: query.without("nessuno"),
    ),
    Fault(
        "un parametro dato due volte",
        "vale l'ultimo",
        "/req/core/query-param-invalid",
        Query(said=(("posti", "3"), ("posti", "4"))),
        lambda query, _doors: len(set(query.names)) < len(query.names),
        _last_of_each,
    ),
    Fault(
        "`offset=1_0`, `bbox=8, 45, 9, 46`",
        "li legge come fa Python, con trattini bassi e spazi",
        "/req/core/query-param-invalid",
        said(offset="1_0"),
        _loose,
        _tight,
    ),
    Fault(
        "`q` vuoto",
        "lo ignora",
        "-",
        said(q=""),
        lambda query, _doors: "q" in query.names and not query["q"],
        lambda query: query.without("q"),
    ),
    Fault(
        "`crs` vuoto",
        "lo ignora",
        "/req/crs/fc-crs-valid-value",
        said(crs=""),
        lambda query, _doors: "crs" in query.names and not query["crs"],
        lambda query: query.without("crs"),
    ),
    Fault(
        "`filter-lang` o `filter-crs` senza `filter`",
        "li ignora",
        "-",
        said(filter_crs="EPSG:1"),
        lambda query, _doors: (
            query.filter is None
            and "filter" not in query.names
            and query["filter-lang"] in {"", TEXT, JSON}
            and bool({"filter-lang", "filter-crs"} & set(query.names))
        ),
        lambda query: query.without("filter-lang", "filter-crs"),
    ),
    Fault(
        "`sortby=+posti`, il `+` non codificato",
        "400: lo legge come spazio, e non lo riconosce",
        "-",
        said(sortby=" posti"),
        lambda query, _doors: any(key[:1] == " " for key in query["sortby"].split(",")),
    ),
    Fault(
        "`datetime` fuori dall'estensione della raccolta",
        "400, anche se vi sono oggetti senza data, che ogni `datetime` comprende",
        "/req/core/fc-time-response",
        said(datetime="1900-01-01"),
        _out_of_extent,
    ),
    Fault(
        "`datetime=/`, aperto da entrambe le parti",
        "lo legge come `../..`",
        "/req/core/fc-time-definition",
        said(datetime="/"),
        lambda query, doors: query["datetime"] == "/" and _is_dated(query, doors),
        lambda query: query.with_(datetime="../.."),
    ),
    Fault(
        "`datetime` con un anno di dieci cifre",
        "500",
        "/req/core/query-param-invalid",
        said(datetime="99999999999-01-01"),
        _year_too_long,
        lambda _query: BROKEN,
    ),
    Fault(
        "`bbox` oltre l'antimeridiano in un sistema che ha prima la latitudine",
        "400: confronta le longitudini come fossero latitudini",
        "/req/core/fc-bbox-definition",
        said(bbox="44,8.7,46,8.2", bbox_crs=f"{EPSG}4326"),
        _wraps_latitude_first,
    ),
    Fault(
        "`bbox` in un sistema proiettato",
        "sposta due angoli, e perde ciò che sta lungo i lati",
        "/req/crs/fc-bbox-crs-action",
        said("celle", bbox="0,5010000,470000,5018600", bbox_crs=f"{EPSG}32632"),
        _projected,
        _two_corners,
    ),
)
