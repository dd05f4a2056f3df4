"""Tests of OGC API Common, Part 3 (Features, Part 5): schemas of collections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from checks.conform.answers import instant
from checks.conform.http import Answer
from checks.conform.outcome import Failed, object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service, address_of, links_of
from checks.conform.shapes import is_uri
from checks.conform.table import SCHEMA, Table

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
MEDIA: Final = "application/schema+json"
KINDS: Final = ("schema", "queryables", "sortables")
_GEOMETRY: Final = re.compile(
    r"geometry-(any|point|multipoint|linestring|multilinestring|polygon|multipolygon"
    r"|geometrycollection|(point|linestring|polygon)-or-multi(point|linestring|polygon)"
    r"|(polyhedron|multipolyhedron|polyhedron-or-multipolyhedron))"
)
_TERM: Final = r"[A-Za-z0-9%'\"*()\[\]_^+-]*(\{[!-z|~]*\})?"
_UCUM: Final = re.compile(rf"/?{_TERM}([./]{_TERM})*")
"""How codes of UCUM are written; which of them exist is not looked up."""
_TEMPORAL: Final = frozenset({"date", "date-time", "time"})
_ROLES_ONCE: Final = ("primary-interval-start", "primary-interval-end", "primary-interval")

type Schema = Mapping[str, Any]

_C3 = "ogcapi-common-3/1.0/conf/"
schemas = conformance_class(f"{_C3}schemas")
roles = conformance_class(f"{_C3}advanced-property-roles")
references = conformance_class(f"{_C3}references")
returnables = conformance_class(f"{_C3}returnables-and-receivables")
queryables = conformance_class(f"{_C3}queryables")
sortables = conformance_class(f"{_C3}sortables")


def is_spatial(schema: Schema) -> bool:
    """Tell whether a property is a geometry."""
    return str(schema.get("format", "")).startswith("geometry")


def is_temporal(schema: Schema) -> bool:
    """Tell whether a property is a time."""
    return schema.get("format") in {*_TEMPORAL, "interval-iso8601", "interval-array"}


def require_schema(answer: Answer) -> None:
    """Raise `Failed` unless an answer is a schema of a collection."""
    require_dialect(answer)
    require_properties(answer)


def require_dialect(answer: Answer) -> None:
    """Raise `Failed` unless an answer is a valid JSON schema with its identifier."""
    document = object_of(answer)
    require(
        document.get("$schema") == DIALECT, answer, f"$schema {DIALECT}", document.get("$schema")
    )
    ident = document.get("$id")
    here = answer.asked.url.partition("?")[0]
    require(is_uri(ident) and "?" not in str(ident), answer, "$id: a URI without a query", ident)
    require(
        str(ident).partition("://")[2] == here.partition("://")[2], answer, f"$id {here}", ident
    )
    require(document.get("type") == "object", answer, "type object", document.get("type"))
    try:
        Draft202012Validator.check_schema(document)
    except SchemaError as error:
        raise Failed(answer.asked, "a valid JSON schema", error.message) from error
    extra = document.get("additionalProperties", True)
    require(isinstance(extra, bool), answer, "additionalProperties true or false", extra)


def require_properties(answer: Answer) -> None:
    """Raise `Failed` unless each property has a type, or the format of a geometry."""
    properties = object_of(answer).get("properties")
    require(isinstance(properties, dict) and properties, answer, "properties", properties)
    for name, schema in (properties or {}).items():
        found = f"{name}: {schema}"
        form = str(schema.get("format", ""))
        if is_spatial(schema) or not schema.get("type"):
            wanted = "a geometry: format geometry-…, no type, no $ref"
            bare = "type" not in schema and "$ref" not in schema
            require(bare and _GEOMETRY.fullmatch(form), answer, wanted, found)
        elif form in _TEMPORAL:
            require("string" in _types(schema), answer, "a time of type string", found)


def _types(schema: Schema) -> list[Any]:
    named = schema.get("type")
    return named if isinstance(named, list) else [named]


def _documents(service: Service) -> Iterator[tuple[Table, Answer, dict[str, Schema]]]:
    """Yield the schema of each tested collection: table, answer and properties."""
    for table in service.tables:
        answer = service.ask(address_of(table, "schema"), accept=SCHEMA)
        if answer.status == 404:
            answer = service.ask(address_of(table, "queryables"), accept=SCHEMA)
        yield table, answer, object_of(answer).get("properties") or {}


def _each(service: Service, keyword: str, right: Callable[[Any], bool], expected: str) -> None:
    """Hold every use of a keyword against a rule."""
    used = False
    for _table, answer, properties in _documents(service):
        for name, schema in properties.items():
            if keyword in schema:
                used = True
                require(right(schema[keyword]), answer, f"{name}: {expected}", schema[keyword])
    skip_unless(used, f"{keyword}: non usato / not used")


@schemas("/req/schemas/json-schema", "Lo schema è uno schema JSON valido con il suo indirizzo")
def json_schema(service: Service) -> None:
    """A schema is a valid JSON schema that can be had at its identifier."""
    for _table, answer, _properties in _documents(service):
        require_dialect(answer)
        again = require_status(service.ask(answer.json["$id"], accept=MEDIA), 200)
        require(again.media == MEDIA, again, MEDIA, again.media)


@schemas("/req/schemas/properties", "Ogni proprietà ha un tipo, le geometrie un formato")
def properties(service: Service) -> None:
    """Every property has a type, every geometry a format; the features keep to it."""
    for table, answer, named in _documents(service):
        require_properties(answer)
        for feature in table.features[:50]:
            for name, value in (feature.get("properties") or {}).items():
                right = value is None or name not in named or _is_of(named[name], value)
                require(right, answer, f"{name}: {named.get(name)}", value)


def _is_of(schema: Schema, value: object) -> bool:
    own = {k: v for k, v in schema.items() if k in {"type", "enum"}}
    dated = not is_temporal(schema) or instant(value) is not None or isinstance(value, list)
    return dated and Draft202012Validator(own).is_valid(value)


@schemas("/req/schemas/additional-keywords", "Le parole chiave di OGC cominciano con x-ogc-")
def additional_keywords(service: Service) -> None:
    """Keywords of OGC begin with x-ogc-."""
    known = {"role", "propertySeq", "unit", "unitLang", "definition", "nullValues"}
    for _table, answer, named in _documents(service):
        for name, schema in named.items():
            wrong = [k for k in schema if k.removeprefix("ogc-").removeprefix("x-") in known]
            require(not wrong, answer, f"{name}: keywords of OGC as x-ogc-…", wrong)


@schemas("/req/schemas/role", "I ruoli sono testi")
def role(service: Service) -> None:
    """Roles are texts."""
    _each(service, "x-ogc-role", lambda value: isinstance(value, str), "a text")


@schemas("/req/schemas/role-id", "Una sola proprietà identifica, ed è testo o intero")
def role_id(service: Service) -> None:
    """One property identifies, a text or an integer, and it does."""
    used = False
    for table, answer, named in _documents(service):
        found = _with_role(named, "id")
        require(len(found) <= 1, answer, "one property with the role id", found)
        for name in found:
            used = True
            right = named[name].get("type") in {"string", "integer"}
            require(right, answer, f"{name}: string or integer", named[name])
            for feature in table.first:
                held = (feature.get("properties") or {}).get(name, feature.get("id"))
                same = str(held) == str(feature.get("id"))
                require(same, answer, f"{name}: {feature.get('id')}", held)
    skip_unless(used, "nessun ruolo id / no role id")


def _with_role(named: Mapping[str, Schema], role_name: str) -> list[str]:
    return [name for name, schema in named.items() if schema.get("x-ogc-role") == role_name]


@schemas("/req/schemas/property-seq", "L'ordine delle proprietà è di interi")
def property_seq(service: Service) -> None:
    """The sequence of properties is of integers."""
    _each(service, "x-ogc-propertySeq", _is_integer, "an integer")


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@schemas("/req/schemas/unit", "Le unità di misura di numeri sono di UCUM o di un elenco nominato")
def unit(service: Service) -> None:
    """Units of measure of numbers are those of UCUM, or of a list that is named."""
    used = False
    for _table, answer, named in _documents(service):
        for name, schema in named.items():
            if "x-ogc-unit" not in schema:
                continue
            used = True
            numeric = {"number", "integer"} & set(_types(schema))
            require(numeric, answer, f"{name}: a number", schema)
            listed = _is_unit(schema["x-ogc-unit"], schema.get("x-ogc-unitLang", "UCUM"))
            require(listed, answer, f"{name}: a unit of UCUM, or x-ogc-unitLang", schema)
    skip_unless(used, "x-ogc-unit: non usato / not used")


def _is_unit(value: object, language: object) -> bool:
    if not (isinstance(value, str) and isinstance(language, str)):
        return False
    if language == "QUDT":
        return is_uri(value)
    return language != "UCUM" or _UCUM.fullmatch(value) is not None


@schemas("/req/schemas/definition", "Le definizioni sono URI")
def definition(service: Service) -> None:
    """Definitions are URIs."""
    _each(service, "x-ogc-definition", is_uri, "a URI")


@schemas("/req/schemas/nullvalues", "I valori che stanno per nullo sono un elenco")
def nullvalues(service: Service) -> None:
    """Values that stand for null are a list."""

    def right(value: object) -> bool:
        return isinstance(value, list) and all(isinstance(v, int | float | str) for v in value)

    _each(service, "x-ogc-nullValues", right, "an array of numbers or texts")


def _once(service: Service, role_name: str, right: Callable[[Schema], bool], what: str) -> None:
    """Hold a role against its rule: at most one property has it, and that is of a kind."""
    used = False
    for _table, answer, named in _documents(service):
        found = _with_role(named, role_name)
        used = used or bool(found)
        require(len(found) <= 1, answer, f"one property with the role {role_name}", found)
        for name in found:
            require(right(named[name]), answer, f"{name}: {what}", named[name])
    skip_unless(used, f"nessun ruolo / no role {role_name}")


@roles("/req/advanced-property-roles/role-primary-geometry", "Una sola geometria è la principale")
def role_primary_geometry(service: Service) -> None:
    """One geometry is the primary one."""
    _once(service, "primary-geometry", is_spatial, "a geometry")


@roles("/req/advanced-property-roles/role-primary-instant", "Un solo istante è il principale")
def role_primary_instant(service: Service) -> None:
    """One instant is the primary one."""
    _once(service, "primary-instant", is_temporal, "a time")


@roles("/req/advanced-property-roles/role-primary-interval-start", "Un solo inizio")
def role_primary_interval_start(service: Service) -> None:
    """One property is the start of the primary interval."""
    _once(service, "primary-interval-start", is_temporal, "a time")


@roles("/req/advanced-property-roles/role-primary-interval-end", "Una sola fine")
def role_primary_interval_end(service: Service) -> None:
    """One property is the end of the primary interval."""
    _once(service, "primary-interval-end", is_temporal, "a time")


@roles("/req/advanced-property-roles/role-primary-interval", "Un solo intervallo principale")
def role_primary_interval(service: Service) -> None:
    """One property is the primary interval."""
    _once(service, "primary-interval", is_temporal, "a time")


@roles("/req/advanced-property-roles/primary-temporal-constraints", "I ruoli del tempo concordano")
def primary_temporal_constraints(service: Service) -> None:
    """The roles of time agree with each other."""
    used = False
    for _table, answer, named in _documents(service):
        found = {r for r in ("primary-instant", *_ROLES_ONCE) if _with_role(named, r)}
        used = used or bool(found)
        alone = len(found) <= 1 or found == {*_ROLES_ONCE[:2]}
        require(alone, answer, "an instant, or an interval, or a start and an end", sorted(found))
        forms = {named[n].get("format") for r in _ROLES_ONCE[:2] for n in _with_role(named, r)}
        require(len(forms) <= 1, answer, "start and end of one format", sorted(map(str, forms)))
    skip_unless(used, "nessun ruolo del tempo / no role of time")


@roles("/req/advanced-property-roles/role-type", "Una sola proprietà dice il tipo, ed è testo")
def role_type(service: Service) -> None:
    """One property tells the type, a text."""
    _once(service, "type", lambda schema: "string" in _types(schema), "a text")


@references("/req/references/role-reference", "Un rimando è testo o intero e dice dove porta")
def role_reference(service: Service) -> None:
    """A reference is a text or an integer, and tells where it leads."""
    used = False
    for _table, answer, named in _documents(service):
        for name in _with_role(named, "reference"):
            used = True
            schema = named[name]
            simple = {"string", "integer"} & set(_types(schema))
            require(simple, answer, f"{name}: string or integer", schema)
            template = str(schema.get("x-ogc-uriTemplate", ""))
            leads = schema.get("x-ogc-collectionId") or "{resourceId}" in template
            require(leads, answer, f"{name}: x-ogc-collectionId or x-ogc-uriTemplate", schema)
    skip_unless(used, "nessun rimando / no reference")


def _link(service: Service, name: str) -> None:
    rels = {f"http://www.opengis.net/def/rel/ogc/1.0/{name}", f"[ogc-rel:{name}]"}
    for table in service.tables:
        answer = service.ask(table.path)
        found = [link.get("rel") for link in links_of(object_of(answer))]
        require(rels & set(found), answer, f"a link {min(rels, key=len)}", found)


def _op(service: Service, name: str) -> None:
    for table in service.tables:
        answer = require_status(service.ask(address_of(table, name), accept=MEDIA), 200)
        require(answer.media == MEDIA, answer, MEDIA, answer.media)


def _response(service: Service, name: str) -> list[tuple[Table, Answer]]:
    answers = [(t, service.ask(address_of(t, name), accept=SCHEMA)) for t in service.tables]
    for _table, answer in answers:
        require_schema(answer)
    return answers


@returnables("/req/returnables-and-receivables/link", "Ogni raccolta porta al suo schema")
def returnables_link(service: Service) -> None:
    """Every collection links its schema."""
    _link(service, "schema")


@returnables("/req/returnables-and-receivables/op", "Lo schema risponde come schema JSON")
def returnables_op(service: Service) -> None:
    """The schema answers as a JSON schema."""
    _op(service, "schema")


@returnables("/req/returnables-and-receivables/response", "Lo schema descrive ciò che si riceve")
def returnables_response(service: Service) -> None:
    """The schema has the required form and describes what is returned."""
    for table, answer in _response(service, "schema"):
        document = object_of(answer)
        if document.get("additionalProperties") is False:
            held = {name for f in table.first for name in f.get("properties") or {}}
            strangers = sorted(held - document["properties"].keys())
            require(not strangers, answer, "every property of the features", strangers)


@queryables("/req/queryables/link", "Ogni raccolta porta alle sue filtrabili")
def queryables_link(service: Service) -> None:
    """Every collection links its queryables."""
    _link(service, "queryables")


@queryables("/req/queryables/op", "Le filtrabili rispondono come schema JSON")
def queryables_op(service: Service) -> None:
    """The queryables answer as a JSON schema."""
    _op(service, "queryables")


@queryables("/req/queryables/response", "Lo schema delle filtrabili ha la forma richiesta")
def queryables_response(service: Service) -> None:
    """The schema of the queryables has the required form."""
    _response(service, "queryables")


@sortables("/req/sortables/link", "Ogni raccolta porta alle proprietà per cui si ordina")
def sortables_link(service: Service) -> None:
    """Every collection links its sortables."""
    _link(service, "sortables")


@sortables("/req/sortables/op", "Le ordinabili rispondono come schema JSON")
def sortables_op(service: Service) -> None:
    """The sortables answer as a JSON schema."""
    _op(service, "sortables")


@sortables("/req/sortables/response", "Le ordinabili sono semplici e non geometrie")
def sortables_response(service: Service) -> None:
    """The schema of the sortables has the required form; all are simple values."""
    for _table, answer in _response(service, "sortables"):
        for name, schema in object_of(answer)["properties"].items():
            simple = not is_spatial(schema) and not {"object", "array"} & set(_types(schema))
            require(simple, answer, f"{name}: a simple value", schema)
