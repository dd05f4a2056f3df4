"""CQL2 once more, one feature at a time and by other means: what the engine is held against.

A row is a dictionary of plain values; None is null and also "not known". Nothing here is shared
with `api.features.cql2` but the JSON form of a filter.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

import shapely

COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
SPACE = {
    name: getattr(shapely, name[2:])
    for name in (
        "s_contains",
        "s_crosses",
        "s_disjoint",
        "s_equals",
        "s_intersects",
        "s_overlaps",
        "s_touches",
        "s_within",
    )
}
SETS = {
    "a_contains": lambda a, b: a >= b,
    "a_containedby": lambda a, b: a <= b,
    "a_equals": lambda a, b: a == b,
    "a_overlaps": lambda a, b: bool(a & b),
}
EARLY = datetime(1, 1, 1, tzinfo=UTC)
LATE = datetime(9999, 12, 31, tzinfo=UTC)


def truth(said, row):  # noqa: C901, PLR0911, PLR0912 - a rule of the language each
    """Return True, False or None for one feature and a filter as CQL2 JSON values."""
    if isinstance(said, bool):
        return said
    if "property" in said:
        return row[said["property"]]
    name, args = said["op"].lower(), said["args"]
    if name == "and":
        found = [truth(one, row) for one in args]
        return False if False in found else None if None in found else True
    if name == "or":
        found = [truth(one, row) for one in args]
        return True if True in found else None if None in found else False
    if name == "not":
        found = truth(args[0], row)
        return None if found is None else not found
    if name == "isnull":
        return value(args[0], row) is None
    if name in SETS:
        return sets(name, args, row)
    if name == "in":
        return truth(
            {"op": "or", "args": [{"op": "=", "args": [args[0], o]} for o in args[1]]}, row
        )
    if name == "between":
        low, high = ({"op": o, "args": [args[0], e]} for o, e in ((">=", args[1]), ("<=", args[2])))
        return truth({"op": "and", "args": [low, high]}, row)
    a, b = (value(one, row) for one in args)
    if a is None or b is None:
        return None
    if name == "like":
        return bool(pattern(b).fullmatch(a))
    if name in SPACE:
        return bool(SPACE[name](a, b))
    if name.startswith("t_"):
        return in_time(name, span(a), span(b), days=whole(a) and whole(b))
    if isinstance(a, date) and isinstance(b, str):
        b = date.fromisoformat(b)
    return COMPARE[name](a, b)


def value(said, row):  # noqa: PLR0911 - a kind each
    """Return one value; None where it is null."""
    if not isinstance(said, dict):
        return said
    if "property" in said:
        return row[said["property"]]
    if "date" in said:
        return date.fromisoformat(said["date"])
    if "timestamp" in said:
        return datetime.fromisoformat(said["timestamp"])
    if "interval" in said:
        ends = [end(one, row) for one in said["interval"]]
        return None if None in ends else tuple(ends)
    if "bbox" in said:
        half = len(said["bbox"]) // 2
        return shapely.box(*said["bbox"][:2], *said["bbox"][half : half + 2])
    if "type" in said:
        return shapely.force_2d(shapely.geometry.shape(said))
    name = said["op"].lower()
    args = [value(one, row) for one in said["args"]]
    return (
        None if None in args else FUNCTIONS[name](*args) if name in FUNCTIONS else truth(said, row)
    )


def end(said, row):
    if said == "..":
        return ".."
    if isinstance(said, str):
        return value({"timestamp" if "T" in said else "date": said}, row)
    return value(said, row)


def sets(name, args, row):
    found = [
        value(one, row) if isinstance(one, dict) else [one] if isinstance(one, str) else one
        for one in args
    ]
    return None if None in found else SETS[name](*map(set, found))


def pattern(text):
    out, rest = "", iter(text)
    for character in rest:
        if character == "\\":
            out += re.escape(next(rest, "\\"))
        else:
            out += {"%": ".*", "_": "."}.get(character, re.escape(character))
    return re.compile(out, re.DOTALL)


def whole(moment):
    ends = moment if isinstance(moment, tuple) else (moment, moment)
    return all(one == ".." or not isinstance(one, datetime) for one in ends)


def span(moment):
    return moment if isinstance(moment, tuple) else (moment, moment)


def in_time(name, a, b, *, days):
    """Return whether a relation holds; days are whole where an instant is about."""
    s, e = bound(a, days=days)
    s2, e2 = bound(b, days=days)
    return {
        "t_after": s > e2,
        "t_before": e < s2,
        "t_disjoint": s > e2 or e < s2,
        "t_equals": (s, e) == (s2, e2),
        "t_intersects": s <= e2 and e >= s2,
        "t_contains": s < s2 and e > e2,
        "t_during": s > s2 and e < e2,
        "t_finishedby": s < s2 and e == e2,
        "t_finishes": s > s2 and e == e2,
        "t_meets": e == s2,
        "t_metby": s == e2,
        "t_overlappedby": s > s2 and s < e2 and e > e2,
        "t_overlaps": s < s2 and e > s2 and e < e2,
        "t_startedby": s == s2 and e > e2,
        "t_starts": s == s2 and e < e2,
    }[name]


def bound(ends, *, days):
    first = EARLY if ends[0] == ".." else moment(ends[0])
    last = LATE if ends[1] == ".." else moment(ends[1])
    is_day = ends[1] != ".." and not isinstance(ends[1], datetime)
    whole_day = timedelta(days=1) - timedelta(microseconds=1)
    return first, last + whole_day if is_day and not days else last


def moment(one):
    return one if isinstance(one, datetime) else datetime(one.year, one.month, one.day, tzinfo=UTC)


def finite(compute):
    def computed(a, b):
        try:
            result = float(compute(a, b))
        except (ZeroDivisionError, OverflowError, ValueError, TypeError):
            return None
        return result if math.isfinite(result) else None

    return computed


FUNCTIONS = {
    "+": finite(operator.add),
    "-": finite(operator.sub),
    "*": finite(operator.mul),
    "/": finite(operator.truediv),
    "%": finite(math.fmod),
    "div": finite(lambda a, b: math.trunc(a / b)),
    "^": finite(math.pow),
    "casei": lambda text: unicodedata.normalize("NFC", text).casefold(),
    "accenti": lambda text: unicodedata.normalize(
        "NFC",
        "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)),
    ),
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "length": len,
    "year": lambda day: day.year,
}
