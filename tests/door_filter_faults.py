"""What pygeoapi 0.24 makes of filters that says something else: the second half of the list.

It reads filters with pygeofilter: text by a grammar of its own, JSON by drafts of the standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from door_faults import EPSG, Fault, said
from doors import Doors, Query

from checks.conform.expressions import JSON, TEXT, Expression, op, prop, rectangle


def in_json(expression: Any) -> Query:
    return Query(filter=expression, language=JSON)


def in_text(expression: Any) -> Query:
    return Query(filter=expression, language=TEXT)


def operators(expression: Expression | None) -> Iterator[tuple[str, list[Any]]]:
    """Yield every operator of a filter with its arguments."""
    if isinstance(expression, list):
        for one in expression:
            yield from operators(one)
    elif isinstance(expression, dict):
        if "op" in expression:
            yield expression["op"], expression["args"]
        yield from operators(list(expression.values()))


def _uses(*names: str, language: str | None = None) -> Callable[[Query, Doors], bool]:
    def meets(query: Query, _doors: Doors) -> bool:
        here = language is None or query.language == language
        return here and any(name in names for name, _ in operators(query.filter))

    return meets


def _holds(test: Callable[[Any], bool], language: str) -> Callable[[Query, Doors], bool]:
    """Tell of queries one of whose operators has an argument like that, or is one."""

    def meets(query: Query, _doors: Doors) -> bool:
        parts = [query.filter, *(a for _, args in operators(query.filter) for a in args)]
        return query.filter is not None and query.language == language and any(map(test, parts))

    return meets


def _is_in_braces(part: Any) -> bool:
    """Tell of NOT before what stands in brackets and is no single comparison."""
    negated = isinstance(part, dict) and part.get("op") == "not" and part["args"][0]
    return isinstance(negated, dict) and negated.get("op") in {"and", "or", "not"}


def _is_bare(part: Any) -> bool:
    return isinstance(part, bool) or (isinstance(part, dict) and set(part) == {"property"})


def _bare_condition(query: Query, _doors: Doors) -> bool:
    if query.filter is None or query.language != TEXT:
        return False
    joined = [a for name, args in operators(query.filter) if name in JOINING for a in args]
    return any(map(_is_bare, [query.filter, *joined]))


JOINING = frozenset({"and", "or", "not"})
_STRENGTH = {"or": 1, "and": 2}


def _sequence(expression: Any) -> list[tuple[str, Any]]:
    """Return the terms that stand side by side in the text, each behind its AND or OR."""
    name = expression.get("op") if isinstance(expression, dict) else None
    if name not in _STRENGTH:
        return [("", expression)]
    out: list[tuple[str, Any]] = []
    for place, one in enumerate(expression["args"]):
        inner = one.get("op") if isinstance(one, dict) else None
        bare = _STRENGTH.get(inner, 9) >= _STRENGTH[name] + bool(place)
        first, *rest = _sequence(one) if bare else [("", from_left(one))]
        out += [(name if place else "", first[1]), *rest]
    return out


def from_left(expression: Any) -> Any:
    """Return a filter as it reads where AND binds no stronger than OR."""
    (_, whole), *rest = _sequence(expression)
    for joiner, term in rest:
        whole = op(joiner, whole, term)
    return whole


def _and_after_or(query: Query, _doors: Doors) -> bool:
    grouped = query.language == TEXT and query.filter is not None
    return grouped and replace(query, filter=from_left(query.filter)).text != query.text


def _raw(pattern: str) -> Callable[[Query, Doors], bool]:
    return lambda query, _doors: bool(re.search(pattern, query.text))


def _replaced(old: str, new: str) -> Callable[[Query], Query]:
    return lambda query: query.with_(filter=re.sub(old, new, query["filter"]))


def _quotes(query: Query, _doors: Doors) -> bool:
    return "''" in query.text.replace("=''", "").replace("= ''", "").replace("LIKE ''", "")


def _loose_day(part: Any) -> bool:
    return isinstance(part, dict) and bool(re.fullmatch(r"\d{4}-\d-\d", part.get("date", "")))


POSTI, NOME, DAY = prop("posti"), prop("nome"), {"date": "2023-05-01"}
AREA = rectangle((8.0, 45.0, 8.35, 45.25))
TURNED = "POLYGON((45 8,45 8.35,45.25 8.35,45.25 8,45 8))"
TEMPORAL = (
    "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy",
    "t_finishes", "t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps",
    "t_startedBy", "t_starts",
)  # fmt: skip
ARRAYS = ("a_containedBy", "a_contains", "a_equals", "a_overlaps")
UNHEARD = (
    "a_containedBy", "t_disjoint", "t_finishedBy", "t_finishes", "t_metBy", "t_overlappedBy",
    "t_startedBy", "t_starts",
)  # fmt: skip

IN_FILTERS = (
    Fault(
        "`filter-crs` con un sistema che la raccolta non offre",
        "lo accetta, se PROJ lo conosce",
        "/req/filter/filter-crs-param",
        said(filter=f"S_INTERSECTS(geometry,{TURNED})", filter_crs=f"{EPSG}4258"),
        lambda query, _doors: query["filter-crs"] == f"{EPSG}4258",
        lambda query: query.with_(filter_crs=f"{EPSG}4326"),
    ),
    Fault(
        "`filter-lang=cql2-json` nell'indirizzo",
        "400: lo legge come testo; JSON si può solo mandare con POST",
        "/req/filter/filter-lang-param",
        said(filter='{"op":"isNull","args":[{"property":"posti"}]}', filter_lang=JSON),
        lambda query, _doors: query["filter-lang"] == JSON and "filter" in query.names,
    ),
    Fault(
        "`a = 1 OR b = 2 AND c = 3`",
        "risponde ad altro: unisce da sinistra, come `(a OR b) AND c`",
        "/req/basic-cql2/cql2-filter",
        in_text(op("or", op("=", POSTI, 1), op("and", op("=", POSTI, 2), op("=", NOME, "x")))),
        _and_after_or,
        lambda query: replace(query, filter=from_left(query.filter)),
    ),
    Fault(
        "`NOT (a = 1 AND b = 2)`, `NOT (NOT …)`",
        "400",
        "/req/basic-cql2/cql2-filter",
        in_text(op("not", op("and", op("=", POSTI, 1), op("=", NOME, "x")))),
        _holds(_is_in_braces, TEXT),
    ),
    Fault(
        "una proprietà booleana, `TRUE` o `FALSE` come condizione",
        "400 (nel testo)",
        "/req/basic-cql2/cql2-filter",
        in_text(prop("aperto")),
        _bare_condition,
    ),
    Fault(
        "un apostrofo nel testo: `'it''s'`",
        "400",
        "/req/cql2-text/escaping",
        in_text(op("<>", NOME, "it's")),
        _quotes,
    ),
    Fault(
        "`-posti = -3`, il meno davanti a una proprietà",
        "400",
        "/req/arithmetic/arithmetic",
        said(filter="-posti = -3"),
        _raw(r"^-[a-z]"),
    ),
    Fault(
        "`posti % 2`, `posti ^ 2`, `posti DIV 2`",
        "400",
        "/req/arithmetic/arithmetic",
        in_text(op("=", op("%", POSTI, 2), 1)),
        _uses("%", "^", "div"),
    ),
    Fault(
        "`T_AFTER(…)` e le altre funzioni del tempo, nel testo",
        "400: le legge solo tra i due termini, `a T_AFTER b`",
        "/req/temporal-functions/temporal-functions",
        in_text(op("t_after", prop("fatto_il"), DAY)),
        _uses(*TEMPORAL, language=TEXT),
    ),
    Fault(
        "`A_CONTAINS(…)` e le altre funzioni degli elenchi, nel testo",
        "400",
        "/req/array-functions/array-predicates",
        in_text(op("a_contains", prop("tipi"), ["band"])),
        _uses(*ARRAYS, language=TEXT),
    ),
    Fault(
        "`posti != 3`, che CQL2 non ha",
        "lo accetta come `<>`",
        "/req/basic-cql2/cql2-filter",
        said(filter="posti != 3"),
        _raw(" != "),
        _replaced(" != ", " <> "),
    ),
    Fault(
        "`lower(nome)`, una funzione che non c'è",
        "la accetta come `CASEI`",
        "/req/functions/functions",
        said(filter="lower(nome) = 'sede 07'"),
        _raw(r"\blower\("),
        _replaced(r"\blower\(", "CASEI("),
    ),
    Fault(
        "300 condizioni unite da AND",
        "400: le annida, e si ferma dopo circa 200",
        "-",
        said(filter=" AND ".join(["posti>0"] * 300)),
        lambda query, _doors: query.text.count(" AND ") > 250,
    ),
    Fault(
        'un rettangolo in un filtro: `BBOX(8,45,9,46)`, `{"bbox": […]}`',
        "400: in JSON ne scambia gli angoli, nel testo non segue `filter-crs`; quindi lo "
        "rifiutiamo noi",
        "/req/basic-spatial-functions/spatial-functions",
        in_text(op("s_intersects", prop("geometry"), {"bbox": [8, 45, 8.3, 45.3]})),
        lambda query, _doors: any(
            "bbox" in a for _, args in operators(query.filter) for a in args if isinstance(a, dict)
        ),
    ),
    Fault(
        "`between` in JSON, con tre argomenti",
        "400: vuole i limiti in un elenco, come le bozze",
        "/req/advanced-comparison-operators/between-predicate",
        in_json(op("between", POSTI, 3, 5)),
        _uses("between", language=JSON),
    ),
    Fault(
        "in JSON una funzione qualsiasi, e `accenti`",
        "400: conosce solo `casei`",
        "/req/accent-insensitive-comparison/accenti-function",
        in_json(op("=", op("accenti", NOME), op("accenti", "Sede 07"))),
        _uses("accenti", "length", language=JSON),
    ),
    Fault(
        "`t_intersects` e `t_overlaps` in JSON",
        "400: ne fa la stessa cosa; quindi le rifiutiamo noi",
        "/req/temporal-functions/temporal-functions",
        in_json(op("t_intersects", prop("fatto_il"), DAY)),
        _uses("t_intersects", "t_overlaps", language=JSON),
    ),
    Fault(
        "in JSON i nomi con una maiuscola (`a_containedBy`, `t_metBy`) e `t_starts`, `t_finishes`, "
        "`t_disjoint`",
        "400",
        "/req/array-functions/array-predicates",
        in_json(op("a_containedBy", prop("tipi"), ["band"])),
        _uses(*UNHEARD, language=JSON),
    ),
    Fault(
        "in JSON un intervallo tra due proprietà",
        "400",
        "/req/temporal-functions/temporal-functions",
        in_json(
            op(
                "t_before",
                {"interval": [prop("valido_dal"), prop("valido_al")]},
                {"interval": ["2021-05-01", ".."]},
            )
        ),
        _holds(
            lambda part: (
                isinstance(part, dict)
                and any(isinstance(end, dict) for end in part.get("interval", ()))
            ),
            JSON,
        ),
    ),
    Fault(
        "in JSON una raccolta di geometrie",
        "400",
        "/req/basic-spatial-functions-plus/spatial-data-types",
        in_json(
            op(
                "s_intersects",
                prop("geometry"),
                {"type": "GeometryCollection", "geometries": [AREA]},
            )
        ),
        _holds(lambda part: isinstance(part, dict) and "geometries" in part, JSON),
    ),
    Fault(
        '`{"date": "2023-5-1"}`, che non è un giorno',
        "lo accetta; un istante può perfino essere «yesterday»",
        "/req/features-filter/response",
        in_json(op(">", prop("fatto_il"), {"date": "2023-5-1"})),
        _holds(_loose_day, JSON),
        lambda query: replace(query, filter=op(">", prop("fatto_il"), DAY)),
    ),
)
