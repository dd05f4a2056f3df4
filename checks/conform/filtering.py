"""Tests of OGC API Features, Part 3: queryables and filters."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, product
from typing import Any, Final

from shapely.geometry import box, mapping, shape

from checks.conform.answers import as_text, box_round_one, chosen_by, compare, in_box, some_boxes
from checks.conform.asking import NO_COLUMN, ask, check, encoded, language
from checks.conform.cases import comparisons, middle, nulls
from checks.conform.core_items import require_parameter, spatial
from checks.conform.crs import ABSENT, moved, some_other
from checks.conform.evaluate import fits
from checks.conform.expressions import op, prop
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.schemas import require_schema
from checks.conform.service import Service, address_of, links_of
from checks.conform.table import SCHEMA, Feature, Table, kind_of

NOBODYS: Final = "nobodysproperty"
RELS: Final = ("http://www.opengis.net/def/rel/ogc/1.0/queryables", "[ogc-rel:queryables]")
_FUNCTIONS: Final = "cql2/1.0/conf/functions"
_CRS: Final = "ogcapi-features-2/1.0/conf/crs"
_TYPES: Final = frozenset({"string", "number", "integer", "datetime", "geometry", "boolean"})

type Fits = Callable[[Feature], bool | None]

_P3 = "ogcapi-features-3/1.0/conf/"
queryables = conformance_class(f"{_P3}queryables")
by_parameters = conformance_class(f"{_P3}queryables-query-parameters")
filters = conformance_class(f"{_P3}filter")
features_filter = conformance_class(f"{_P3}features-filter")


@queryables("/req/queryables/queryables-link", "Ogni raccolta porta alle sue proprietà filtrabili")
@features_filter("/req/features-filter/queryables-link", "Ogni raccolta porta alle sue filtrabili")
def queryables_link(service: Service) -> None:
    """Every collection links its queryables."""
    for table in service.tables:
        answer = service.ask(table.path)
        found = [link.get("rel") for link in links_of(object_of(answer))]
        require(set(found) & set(RELS), answer, f"a link {RELS[0]}", found)


def _schemas(service: Service) -> list[tuple[Table, Answer]]:
    return [(t, service.ask(address_of(t, "queryables"), accept=SCHEMA)) for t in service.tables]


@queryables("/req/queryables/get-queryables-op", "Le filtrabili sono uno schema JSON")
def get_queryables_op(service: Service) -> None:
    """The queryables are answered, as a JSON schema."""
    for _table, answer in _schemas(service):
        require_status(answer, 200)
        media = "application/schema+json"
        require(answer.media == media, answer, media, answer.media)


@queryables("/req/queryables/get-queryables-response", "Lo schema delle filtrabili ha la forma")
def get_queryables_response(service: Service) -> None:
    """The schema of the queryables has the required form."""
    for _table, answer in _schemas(service):
        require_schema(answer)


@features_filter("/req/features-filter/get-queryables-op", "Le filtrabili hanno il loro indirizzo")
def features_get_queryables_op(service: Service) -> None:
    """The queryables have their address below every collection."""
    for collection in service.collections:
        path = f"/collections/{collection['id']}/queryables"
        require_status(service.ask(path, accept=SCHEMA), 200)


@queryables("/req/queryables/expression-construction", "Solo le filtrabili si usano nei filtri")
def expression_construction(service: Service) -> None:
    """Only queryables are used in filters: others are refused, or null where that is allowed."""
    table = service.tables[0]
    schema = service.document(address_of(table, "queryables"))
    answer = ask(table, op("=", prop(NOBODYS), "x"), language(service))
    if schema.get("additionalProperties") is False:
        require_status(answer, 400)
    else:
        number = len(object_of(answer).get("features", ()))
        require(number == 0, answer, "no feature: the property is null everywhere", number)


@by_parameters("/req/queryables-query-parameters/parameters", "Ogni filtrabile è un parametro")
def parameters(service: Service) -> None:
    """Every simple queryable is a parameter that chooses features."""
    asked = 0
    for table in service.tables:
        named = service.definition.parameters(f"{table.path}/items")
        listed = service.document(address_of(table, "queryables")).get("properties") or {}
        for name, schema in listed.items():
            kind = kind_of(schema)
            if kind in {"geometry", "array", "other"}:
                continue
            where = service.definition.answer
            require(name in named, where, f"{table.path}/items: a parameter {name}", sorted(named))
            column = table.column(kind)
            if column == name:
                _chosen_by_parameter(table, name, middle(table, name))
                asked += 1
    skip_unless(asked, NO_COLUMN)


def _chosen_by_parameter(table: Table, name: str, value: Any) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    chosen = chosen_by(table, lambda feature: feature["properties"].get(name) == value)
    compare(table, chosen, **{name: text})


@filters("/req/filter/filter-param", "Il parametro `filter` è definito")
@features_filter("/req/features-filter/filter-param", "Gli oggetti hanno il parametro `filter`")
def filter_param(service: Service) -> None:
    """The items have a parameter `filter`."""
    for table in service.tables:
        require_parameter(service, table, "filter", "string")


@filters("/req/filter/filter-lang-param", "`filter-lang` elenca i linguaggi, con uno di base")
@features_filter("/req/features-filter/filter-lang-param", "Gli oggetti hanno `filter-lang`")
def filter_lang_param(service: Service) -> None:
    """The items have `filter-lang`; it lists the languages and has a default."""
    where = service.definition.answer
    for table in service.tables:
        schema = require_parameter(service, table, "filter-lang", "string")
        require(isinstance(schema.get("enum"), list), where, "an enum of languages", schema)
        require(schema.get("default") in schema["enum"], where, "a default of the enum", schema)


@filters("/req/filter/filter-crs-param", "`filter-crs` dice in che sistema sono le geometrie")
@features_filter("/req/features-filter/filter-crs-param", "Gli oggetti hanno `filter-crs`")
def filter_crs_param(service: Service) -> None:
    """The items have `filter-crs`; it tells the system of the geometries in a filter."""
    skip_unless(_CRS in service.declared, "un solo sistema / one system only")
    table, uri = some_other(service)
    require_parameter(service, table, "filter-crs", "string")
    lang, inner = language(service), _around_one(table)
    there = mapping(moved(shape(inner), uri))
    expression = op("s_intersects", prop(_geometry(table)), dict(there))
    asked = {"filter": encoded(expression, lang), "filter-lang": lang, "filter-crs": uri}
    plain = op("s_intersects", prop(_geometry(table)), inner)
    compare(table, chosen_by(table, fits(table, plain)), **asked)
    refused = ask(table, expression, lang, **{"filter-crs": ABSENT})
    require(400 <= refused.status < 500, refused, "an error", f"status {refused.status}")


def _geometry(table: Table) -> str:
    skip_unless(table.geometry, "nessuna geometria filtrabile / no spatial queryable")
    return str(table.geometry)


def _around_one(table: Table) -> dict[str, Any]:
    west, south, east, north = box_round_one(table)
    return dict(mapping(box(west - 1e-3, south - 1e-3, east + 1e-3, north + 1e-3)))


@filters("/req/filter/filter-crs-wgs84", "Senza `filter-crs` le geometrie sono in gradi")
def filter_crs_wgs84(service: Service) -> None:
    """Without `filter-crs` the geometries of a filter are longitudes and latitudes."""
    table = spatial(service)
    expression = op("s_intersects", prop(_geometry(table)), _around_one(table))
    lang = language(service)
    asked = {"filter": encoded(expression, lang), "filter-lang": lang}
    compare(table, chosen_by(table, fits(table, expression)), **asked)


@filters("/req/filter/mixing-expressions", "Filtro e altri parametri valgono insieme")
def mixing_expressions(service: Service) -> None:
    """A filter and other parameters hold together."""
    table, lang = spatial(service), language(service)
    boxes = islice(some_boxes(table), 3)
    asked = 0
    for inside, expression in product(boxes, islice(comparisons(table), 4)):
        place, choice = in_box(inside), fits(table, expression)

        def holds(feature: Feature, place: Fits = place, choice: Fits = choice) -> bool | None:
            sides = (place(feature), choice(feature))
            return False if False in sides else None if None in sides else True

        named = {"filter": encoded(expression, lang), "filter-lang": lang, "bbox": as_text(inside)}
        compare(table, chosen_by(table, holds), **named)
        asked += 1
    skip_unless(asked, NO_COLUMN)


@filters("/req/filter/response", "Un filtro dà gli oggetti per cui è vero, e solo quelli")
def filter_response(service: Service) -> None:
    """A filter gives the features for which it is true, and no others."""
    check(service, comparisons)


@features_filter("/req/features-filter/response", "I filtri valgono, gli errati sono rifiutati")
def features_filter_response(service: Service) -> None:
    """Filters are evaluated, and wrong ones are refused."""
    check(service, nulls)
    table = service.tables[0]
    wrong = [
        {"filter": "this is (no filter", "filter-lang": language(service)},
        {"filter": "TRUE", "filter-lang": "nobodyslanguage"},
    ]
    if _CRS in service.declared:
        wrong.append({"filter": "TRUE", "filter-crs": "not-a-crs"})
    for question in wrong:
        require_status(table.ask(**question, limit="1"), 400)


@filters("/req/filter/get-functions-operation", "L'elenco delle funzioni risponde")
def get_functions_operation(service: Service) -> None:
    """The list of functions answers."""
    skip_unless(_FUNCTIONS in service.declared, "nessuna funzione / no functions")
    require_status(service.ask("/functions"), 200)


@filters("/req/filter/get-functions-response-json", "L'elenco delle funzioni ha la forma")
def get_functions_response(service: Service) -> None:
    """The list of functions has the required form."""
    skip_unless(_FUNCTIONS in service.declared, "nessuna funzione / no functions")
    answer = service.ask("/functions")
    listed = object_of(answer).get("functions")
    require(isinstance(listed, list), answer, "an array `functions`", listed)
    for function in listed or ():
        require(isinstance(function.get("name"), str), answer, "a name", function)
        returns = function.get("returns")
        right = isinstance(returns, list) and set(returns) <= _TYPES
        require(right, answer, f"returns: some of {sorted(_TYPES)}", function)
        arguments = function.get("arguments", function.get("args")) or []
        typed = all(set(argument.get("type", ["?"])) <= _TYPES for argument in arguments)
        require(typed, answer, f"types of arguments: some of {sorted(_TYPES)}", function)
