"""Random filters over random features: the engine against the reference, one feature at a time."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import shapely
from cql2_reference import COMPARE, SETS, SPACE, truth
from cql2_tables import table
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from api.features.cql2 import document, evaluate, text
from api.features.crs import CRS84

KINDS = {
    "nome": "text",
    "città": "text",
    "n": "number",
    "m": "number",
    "aperto": "boolean",
    "dal": "date",
    "al": "date",
    "codici": "codes",
}
LETTERS = "aàAbÈe_%\\i' "
TEXTS = st.text(LETTERS, max_size=5)
NUMBERS = st.sampled_from([-2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 7.0])
DAYS = st.dates(date(2022, 12, 30), date(2023, 1, 4))
INSTANTS = DAYS.map(lambda day: f"{day.isoformat()}T12:00:00Z")
CODES = st.lists(st.sampled_from("abc"), max_size=3)
CORNERS = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3), st.integers(1, 3))
BOXES = CORNERS.map(lambda c: [c[0], c[1], c[0] + c[2], c[1] + c[3]])
SHAPES = st.one_of(
    BOXES.map(lambda box: shapely.box(*box)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)).map(shapely.Point),
)
VALUES = {"text": TEXTS, "number": NUMBERS, "boolean": st.booleans(), "date": DAYS, "codes": CODES}


def maybe(strategy):
    return st.one_of(st.none(), strategy)


ROWS = st.lists(
    st.fixed_dictionaries(
        {name: maybe(VALUES[kind]) for name, kind in KINDS.items()} | {"geometry": maybe(SHAPES)}
    ),
    min_size=1,
    max_size=6,
)


def prop(*names):
    return st.sampled_from(names).map(lambda name: {"property": name})


def op(name, *args):
    return st.tuples(*args).map(lambda found: {"op": name, "args": list(found)})


def changed(inner):
    return st.one_of(
        inner, op("casei", inner), op("accenti", inner), op("casei", op("accenti", inner))
    )


text_property = changed(prop("nome", "città"))
a_text = changed(TEXTS)
a_number = st.recursive(
    st.one_of(NUMBERS, prop("n", "m"), op("length", prop("nome")), op("year", prop("dal"))),
    lambda inner: st.one_of(
        *(op(name, inner, inner) for name in "+-*^"),
        # A divisor that is 0 for every feature is refused, so it is a property.
        *(op(name, inner, prop("n", "m")) for name in ("/", "%", "div")),
        op("abs", inner),
    ),
    max_leaves=4,
)
a_day = st.one_of(prop("dal", "al"), DAYS.map(lambda day: {"date": day.isoformat()}))
ends = st.one_of(st.just(".."), DAYS.map(date.isoformat), INSTANTS, prop("dal", "al"))
an_interval = (
    st.lists(ends, min_size=2, max_size=2)
    .filter(lambda e: e != ["..", ".."])
    .map(lambda found: {"interval": found})
)
an_instant = INSTANTS.map(lambda instant: {"timestamp": instant})
a_time = st.one_of(a_day, an_instant, an_interval)
a_list = st.one_of(prop("codici"), st.lists(st.sampled_from("abcd"), min_size=1, max_size=3))
a_shape = BOXES.map(lambda box: {"bbox": box})
OF_ANY = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
OF_INTERVALS = (
    "t_contains", "t_during", "t_finishedby", "t_finishes", "t_meets", "t_metby",
    "t_overlappedby", "t_overlaps", "t_startedby", "t_starts",
)  # fmt: skip
predicate = st.one_of(
    *(op(name, text_property, a_text) for name in COMPARE),
    *(op(name, a_number, a_number) for name in COMPARE),
    *(op(name, prop("dal", "al"), a_day) for name in COMPARE),
    op("=", prop("nome"), prop("città")),
    op("<>", prop("aperto"), st.booleans()),
    op("like", text_property, a_text),
    op("in", text_property, st.lists(a_text, min_size=1, max_size=3)),
    op("in", a_number, st.lists(NUMBERS, min_size=1, max_size=3)),
    op("between", a_number, a_number, a_number),
    op("isNull", prop(*KINDS, "geometry")),
    *(op(name, a_list, prop("codici")) for name in SETS),
    *(op(name, prop("geometry"), a_shape) for name in SPACE),
    *(op(name, a_shape, prop("geometry")) for name in SPACE),
    *(op(name, a_time, a_time) for name in OF_ANY),
    *(op(name, an_interval, an_interval) for name in OF_INTERVALS),
    prop("aperto"),
)
filters = st.recursive(
    predicate,
    lambda inner: st.one_of(
        op("and", inner, inner), op("or", inner, inner, inner), op("not", inner)
    ),
    max_leaves=5,
)


UNKNOWN = dict.fromkeys([*KINDS, "geometry"])
POWERS = ([{"property": "n"}, 0.0], [1.0, {"property": "n"}])


@settings(max_examples=300)
@given(ROWS, filters)
@example([UNKNOWN], {"op": "=", "args": [1.0, {"op": "^", "args": POWERS[0]}]})
@example([UNKNOWN], {"op": "=", "args": [1.0, {"op": "^", "args": POWERS[1]}]})
def test_a_filter_matches_what_the_reference_matches(rows, said):
    node = document.read(json.dumps(said))
    found = evaluate.matching(node, table(KINDS, rows), CRS84).tolist()
    assert found == [truth(said, row) is True for row in rows]


@settings(max_examples=150)
@given(filters)
def test_a_filter_written_as_text_reads_as_the_same(said):
    # Before a quote a backslash takes the quote as it is: as text, some texts cannot be written.
    assume("\\" not in json.dumps(said, ensure_ascii=False))
    node = document.read(json.dumps(said))
    assert evaluate_alike(node, text.parse(as_text(said)))


@settings(max_examples=80)
@given(ROWS, filters)
def test_no_features_are_refused_what_features_are_not(rows, said):
    """A filter that can be answered can be checked without features, too."""
    node = document.read(json.dumps(said))
    assert len(evaluate.matching(node, table(KINDS, []), CRS84)) == 0
    assert len(evaluate.matching(node, table(KINDS, rows), CRS84)) == len(rows)


def evaluate_alike(a, b):
    rows = [
        dict.fromkeys([*KINDS, "geometry"]),
        {
            "nome": "a", "città": "Èb", "n": 1.0, "m": 2.0, "aperto": True,
            "geometry": shapely.box(0, 0, 1, 1),
            "dal": date(2023, 1, 1), "al": date(2023, 1, 3), "codici": ["a"],
        },
    ]  # fmt: skip
    masks = [evaluate.matching(node, table(KINDS, rows), CRS84) for node in (a, b)]
    return np.array_equal(*masks)


INFIX = frozenset({*COMPARE, "+", "-", "*", "/", "%", "div", "^"})


def as_text(said):  # noqa: PLR0911 - a kind each
    """Write a filter as CQL2 text, with every bracket."""
    if isinstance(said, bool):
        return "TRUE" if said else "FALSE"
    if isinstance(said, str):
        return "'" + said.replace("'", "''") + "'"
    if isinstance(said, int | float):
        return repr(said)
    if isinstance(said, list):
        return f"({', '.join(map(as_text, said))})"
    if "property" in said:
        return f'"{said["property"]}"'
    for name, word in (("date", "DATE"), ("timestamp", "TIMESTAMP")):
        if name in said:
            return f"{word}('{said[name]}')"
    if "interval" in said:
        return f"INTERVAL({', '.join(map(as_text, said['interval']))})"
    if "bbox" in said:
        return f"BBOX({','.join(map(str, said['bbox']))})"
    return _called(said["op"], said["args"])


def _called(name, args):  # noqa: PLR0911 - a kind each
    written = [as_text(one) for one in args]
    if name in INFIX:
        return f"({f' {name} '.join(written)})"
    if name in {"and", "or"}:
        return f"({f' {name.upper()} '.join(written)})"
    if name == "not":
        return f"(NOT {written[0]})"
    if name == "isNull":
        return f"({written[0]} IS NULL)"
    if name == "between":
        return f"({written[0]} BETWEEN {written[1]} AND {written[2]})"
    if name in {"in", "like"}:
        return f"({written[0]} {name.upper()} {written[1]})"
    return f"{name.upper()}({', '.join(written)})"
