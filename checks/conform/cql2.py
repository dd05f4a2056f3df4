"""Tests of the Common Query Language CQL2: each class, and both of its encodings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final

from checks.conform import cases
from checks.conform.answers import chosen_by, compare
from checks.conform.asking import NO_COLUMN, ask, check, check_one, language
from checks.conform.cases import Cases
from checks.conform.evaluate import KNOWN, fits
from checks.conform.expressions import JSON, TEXT, Expression, as_text, op, prop
from checks.conform.filtering import NOBODYS, get_functions_operation, get_functions_response
from checks.conform.outcome import object_of, require_status, skip_unless
from checks.conform.registry import Check, Run, add, conformance_class
from checks.conform.service import Service, address_of
from checks.conform.table import Table

_BASE: Final = "cql2/1.0/conf/"
_FUNCTIONS_TRIED: Final = 20

text = conformance_class(f"{_BASE}cql2-text")
basic = conformance_class(f"{_BASE}basic-cql2")
functions = conformance_class(f"{_BASE}functions")


def joined(*parts: Cases) -> Cases:
    """Return the cases of several kinds, one after another."""
    return lambda table: chain.from_iterable(part(table) for part in parts)


def first(number: int, part: Cases) -> Cases:
    """Return the first cases of a kind."""
    return lambda table: islice(part(table), number)


BASIC: Final = joined(cases.comparisons, cases.nulls, cases.logic, cases.unset)
ADVANCED: Final = joined(cases.between, cases.among, cases.patterns)
TIMES: Final = joined(cases.instants, cases.intervals)
SIDES: Final = joined(cases.sides, cases.two_columns)

_CLASSES: Final[tuple[tuple[str, str, Cases, str, str], ...]] = (
    ("basic-cql2", "/req/basic-cql2/cql2-filter", cases.logic,
     "Condizioni unite da AND, OR e NOT", "Conditions joined by AND, OR and NOT"),
    ("basic-cql2", "/req/basic-cql2/binary-comparison-predicate", cases.comparisons,
     "Confronti con un valore", "Comparisons with a value"),
    ("basic-cql2", "/req/basic-cql2/null-predicate", cases.nulls,
     "Valori nulli e non nulli", "Values that are null or not"),
    ("advanced-comparison-operators", "/req/advanced-comparison-operators/between-predicate",
     cases.between, "BETWEEN", "BETWEEN"),
    ("advanced-comparison-operators", "/req/advanced-comparison-operators/in-predicate",
     cases.among, "IN", "IN"),
    ("advanced-comparison-operators", "/req/advanced-comparison-operators/like-predicate",
     cases.patterns, "LIKE, con caratteri jolly", "LIKE, with wildcards"),
    ("case-insensitive-comparison", "/req/case-insensitive-comparison/casei-function",
     cases.caseless, "CASEI: maiuscole e minuscole uguali", "CASEI: case is disregarded"),
    ("accent-insensitive-comparison", "/req/accent-insensitive-comparison/accenti-function",
     cases.accentless, "ACCENTI: accenti ignorati", "ACCENTI: accents are disregarded"),
    ("basic-spatial-functions", "/req/basic-spatial-functions/spatial-functions",
     first(2, cases.intersections), "S_INTERSECTS con punti e rettangoli",
     "S_INTERSECTS with points and boxes"),
    ("basic-spatial-functions", "/req/basic-spatial-functions/spatial-predicate",
     cases.intersections, "S_INTERSECTS è vero, falso o nullo",
     "S_INTERSECTS is true, false or null"),
    ("basic-spatial-functions-plus", "/req/basic-spatial-functions-plus/spatial-data-types",
     cases.intersections_plus, "Geometrie di ogni tipo", "Geometries of every type"),
    ("spatial-functions", "/req/spatial-functions/spatial-functions", cases.relations,
     "Ogni relazione tra geometrie", "Every relation of geometries"),
    ("temporal-functions", "/req/temporal-functions/temporal-functions", TIMES,
     "Ogni relazione tra tempi", "Every relation of times"),
    ("temporal-functions", "/req/temporal-operators/temporal-predicates", cases.denied_instants,
     "Una relazione tra tempi è vera, falsa o nulla",
     "A relation of times is true, false or null"),
    ("array-functions", "/req/array-functions/array-predicates", cases.arrays,
     "Relazioni tra elenchi", "Relations of lists"),
    ("property-property", "/req/property-property/withdraw-permissions", SIDES,
     "Valori e proprietà da ogni parte", "Values and properties on either side"),
    ("arithmetic", "/req/arithmetic/arithmetic", cases.sums, "Calcoli", "Calculations"),
)  # fmt: skip

_ENCODED: Final[tuple[tuple[str, str, Cases], ...]] = (
    ("basic-cql2", "basic-cql2", BASIC),
    ("advanced-comparison-operators", "advanced-comparison-operators", ADVANCED),
    ("case-insensitive-comparison", "case-insensitive-comparison", cases.caseless),
    ("accent-insensitive-comparison", "accent-insensitive-comparison", cases.accentless),
    ("basic-spatial-functions", "basic-spatial-functions", cases.intersections),
    ("basic-spatial-functions-plus", "basic-spatial-functions-plus", cases.intersections_plus),
    ("spatial-functions", "spatial-functions", first(24, cases.relations)),
    ("temporal-functions", "temporal-functions", first(24, TIMES)),
    ("array-functions", "arrays", cases.arrays),
    ("property-property", "property-property", SIDES),
    ("arithmetic", "arithmetic", cases.sums),
)
"""What each encoding must carry: class, name of the requirement and filters."""


def _asks(made: Cases) -> Run:
    return lambda service: check(service, made)


def _asks_in(lang: str, needed: str, made: Cases) -> Run:
    def run(service: Service) -> None:
        declared = f"{_BASE}{needed}" in service.declared
        skip_unless(declared, f"{needed}: non dichiarata / not declared")
        check(service, made, lang)

    return run


for _group, _requirement, _cases, _italian, _english in _CLASSES:
    add(Check(f"{_BASE}{_group}", _requirement, _italian, _english, _asks(_cases)))
for _lang, (_group, _name, _cases) in ((i, e) for i in (TEXT, JSON) for e in _ENCODED):
    _title = f"{_lang}: {_group}"
    _run = _asks_in(_lang, _group, _cases)
    add(Check(f"{_BASE}{_lang}", f"/req/{_lang}/{_name}", _title, _title, _run))


@basic("/req/basic-cql2/property", "Una proprietà vale il suo valore, o nullo")
def basic_property(service: Service) -> None:
    """A property has its value, or null; only queryables are properties."""
    check(service, cases.unset)
    table = service.tables[0]
    if service.document(address_of(table, "queryables")).get("additionalProperties") is False:
        require_status(ask(table, op("isNull", prop(NOBODYS)), language(service)), 400)


@text("/req/cql2-text/escaping", "Apostrofi e caratteri di controllo nei testi")
def escaping(service: Service) -> None:
    """Quotes and control characters within texts."""
    asked = False
    for table in service.tables:
        column = table.column("text")
        if column is None:
            continue
        held = next((v for v in cases.values_of(table, column) if "'" in v), "nobody's text")
        for quoted in ("''", "\\'"):
            _chosen(table, column, held, held.replace("\\", "\\\\").replace("'", quoted))
        for letter, control in zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True):
            _chosen(table, column, f"x{control}x", f"x\\{letter}x")
        asked = True
    skip_unless(asked, NO_COLUMN)


def _chosen(table: Table, column: str, value: str, written: str) -> None:
    chosen = chosen_by(table, fits(table, op("=", prop(column), value)))
    condition = f"{as_text(prop(column))} = '{written}'"
    compare(table, chosen, **{"filter": condition, "filter-lang": TEXT})


@functions("/req/functions/get-functions-operation", "L'elenco delle funzioni risponde")
def functions_operation(service: Service) -> None:
    """The list of functions answers."""
    get_functions_operation(service)


@functions("/req/functions/get-functions-response-json", "L'elenco delle funzioni ha la forma")
def functions_response(service: Service) -> None:
    """The list of functions has the required form."""
    get_functions_response(service)


@functions("/req/functions/functions", "Ogni funzione elencata si può usare")
def functions_used(service: Service) -> None:
    """Every listed function can be used, and no other."""
    _use_functions(service, language(service))


def _use_functions(service: Service, lang: str) -> None:
    listed = object_of(service.ask("/functions")).get("functions") or []
    used = False
    for table, function in ((t, f) for t in service.tables for f in listed[:_FUNCTIONS_TRIED]):
        for expression in _calls(table, function):
            used = True
            if function["name"] in KNOWN:
                check_one(table, expression, lang)
            else:
                require_status(ask(table, expression, lang), 200)
    skip_unless(used, NO_COLUMN)
    unknown = op("=", op("nobodysfunction", 1), 1)
    require_status(ask(service.tables[0], unknown, lang), 400)


def _calls(table: Table, function: dict[str, Any]) -> Iterator[Expression]:
    """Yield a filter that calls a function with columns of the types it takes."""
    kinds = {"string": "text", "datetime": "date"}
    arguments: list[Expression] = []
    for argument in function.get("arguments", function.get("args")) or []:
        names = [table.column(kinds.get(kind, kind)) for kind in argument.get("type", ())]
        geometry = table.geometry if "geometry" in argument.get("type", ()) else None
        name = next(filter(None, [*names, geometry]), None)
        if name is None:
            return
        arguments.append(prop(name))
    samples: dict[str, Expression] = {"string": "a", "number": 1, "integer": 1, "boolean": True}
    for kind in function.get("returns", ()):
        if kind in samples:
            yield op("<>", op(function["name"], *arguments), samples[kind])


def _functions_in(lang: str) -> Run:
    def run(service: Service) -> None:
        declared = f"{_BASE}functions" in service.declared
        skip_unless(declared, "functions: non dichiarata / not declared")
        _use_functions(service, lang)

    return run


for _lang in (TEXT, JSON):
    _title = f"{_lang}: functions"
    add(Check(f"{_BASE}{_lang}", f"/req/{_lang}/functions", _title, _title, _functions_in(_lang)))
