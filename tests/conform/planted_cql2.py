"""Faults against CQL2: filters that are ignored, or read as others."""

from __future__ import annotations

from faulty import UNFILTERED, Fault, body, rewritten, status

TEXTS = "filter-lang=cql2-text"


def _ignored(requirement, pattern):
    return Fault(requirement, f"filter=.*{pattern}", ask=UNFILTERED)


def _read_as(requirement, old, new):
    where = f"filter={old[1:]}" if old[0] == "^" else f"filter=.*{old}"
    return Fault(requirement, where, ask=rewritten(old, new))


CLASSES = [
    _read_as("/req/basic-cql2/cql2-filter", " OR ", " AND "),
    _ignored("/req/basic-cql2/cql2-filter", "FALSE"),
    _read_as("/req/basic-cql2/binary-comparison-predicate", ">=", ">"),
    _read_as("/req/basic-cql2/binary-comparison-predicate", "<>", "="),
    _read_as("/req/basic-cql2/null-predicate", "IS NULL", "IS NOT NULL"),
    _read_as("/req/basic-cql2/property", r"^NOT (\w+) = (.*)$", r"\1 <> \2 OR \1 IS NULL"),
    _ignored("/req/basic-cql2/property", "nobodysproperty"),
    _read_as("/req/advanced-comparison-operators/between-predicate", "^NOT ", ""),
    _read_as("/req/advanced-comparison-operators/in-predicate", r"IN \(([^,]+),.*\)", r"IN (\1)"),
    _read_as("/req/advanced-comparison-operators/like-predicate", "LIKE '_", "LIKE '%"),
    _read_as("/req/advanced-comparison-operators/like-predicate", r"\\", ""),
    _read_as("/req/case-insensitive-comparison/casei-function", "CASEI", ""),
    _read_as("/req/accent-insensitive-comparison/accenti-function", "ACCENTI", ""),
    _read_as("/req/basic-spatial-functions/spatial-functions", "S_INTERSECTS", "S_DISJOINT"),
    _read_as("/req/basic-spatial-functions/spatial-predicate", "^NOT ", ""),
    _ignored("/req/basic-spatial-functions-plus/spatial-data-types", "GEOMETRYCOLLECTION"),
    _read_as("/req/spatial-functions/spatial-functions", "S_TOUCHES", "S_INTERSECTS"),
    _read_as("/req/spatial-functions/spatial-functions", "S_CONTAINS", "S_WITHIN"),
    _read_as("/req/temporal-functions/temporal-functions", "T_AFTER", "T_BEFORE"),
    _read_as("/req/temporal-functions/temporal-functions", "T_STARTEDBY", "T_EQUALS"),
    _ignored("/req/temporal-operators/temporal-predicates", "NOT T_"),
    _read_as("/req/array-functions/array-predicates", "A_EQUALS", "A_OVERLAPS"),
    _ignored("/req/property-property/withdraw-permissions", r"'[^']*' = \w"),
    _read_as("/req/arithmetic/arithmetic", " DIV 2", " / 2"),
    _read_as("/req/arithmetic/arithmetic", r"1 \+ ", "2 + "),
    Fault("/req/functions/get-functions-operation", r"^/functions", status(404)),
    Fault("/req/functions/get-functions-response-json", r"^/functions", body('"name"', '"nome"')),
    Fault("/req/functions/functions", "nobodysfunction", ask=UNFILTERED),
    Fault("/req/functions/functions", "nobodysfunction", status(200)),
    Fault("/req/cql2-text/escaping", r"\\t", status(400)),
    Fault("/req/cql2-text/escaping", r"\\'", status(400)),
]
NAMES = (
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "accent-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "arrays",
    "property-property",
    "functions",
    "arithmetic",
)
ENCODED = [
    Fault(f"/req/{lang}/{name}", f"filter-lang={lang}", ask=UNFILTERED)
    for lang in ("cql2-text", "cql2-json")
    for name in NAMES
] + [
    Fault("/req/cql2-json/basic-cql2", "filter-lang=cql2-json", status(400)),
    Fault("/req/cql2-json/arrays", "a_contains", status(500)),
]

FAULTS = [*CLASSES, *ENCODED]
