"""Tests of OGC API Features, Part 1: the definition in OpenAPI 3.0, HTML and GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from checks.conform.core import UNKNOWN
from checks.conform.definition import covers, path_below
from checks.conform.http import Answer
from checks.conform.outcome import Failed, object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service, links_of, media_of
from checks.conform.shapes import (
    collection_problem,
    feature_problem,
    features_problem,
    landing_problem,
    links_problem,
    openapi_problem,
)
from checks.conform.table import GEOJSON, JSON

OAS30: Final = "application/vnd.oai.openapi+json;version=3.0"
_OPERATIONS_MAX: Final = 40
"""Operations of a definition that are tried."""
_FOLLOWED: Final = frozenset({"data", "conformance", "items", "collection", "next", "prev"})
"""Relations whose links a page for people must have, too."""

oas30 = conformance_class("ogcapi-features-1/1.0/conf/oas30")
html = conformance_class("ogcapi-features-1/1.0/conf/html")
geojson = conformance_class("ogcapi-features-1/1.0/conf/geojson")


@oas30("/req/oas30/oas-definition-1", "La pagina iniziale porta alla definizione in OpenAPI 3.0")
def oas_definition_1(service: Service) -> None:
    """The landing page links the definition in OpenAPI 3.0, for machines and for people."""
    answer = service.ask("/")
    types = [str(link.get("type")) for link in links_of(service.landing, "service-desc")]
    given = [text.replace(" ", "") for text in types]
    require(OAS30 in given, answer, f"service-desc of type {OAS30}", types)
    docs = [media_of(link) for link in links_of(service.landing, "service-doc")]
    require("text/html" in docs, answer, "service-doc of type text/html", docs)


@oas30("/req/oas30/oas-definition-2", "La definizione è un documento OpenAPI 3.0")
def oas_definition_2(service: Service) -> None:
    """The definition is a document of OpenAPI 3.0."""
    problem = openapi_problem(service.definition)
    require(problem is None, service.definition.answer, "a document of OpenAPI 3.0", problem)


@oas30("/req/oas30/oas-impl", "Il servizio fa ciò che la definizione promette")
def oas_impl(service: Service) -> None:
    """The service does what the definition promises."""
    for path in _paths(service):
        answer = service.ask(path, accept=None)
        done = answer.status < 500 and answer.status not in {404, 405}
        require(done, answer, "an operation of the definition", f"status {answer.status}")


def _paths(service: Service) -> list[str]:
    """Return concrete paths of the definition, most those of the tested collections."""
    table = service.tables[0]
    ident = quote(str(table.first[0].get("id")), safe="")
    found = []
    for template in service.definition.paths:
        parts = template.split("/")
        if parts[1:2] == ["collections"] and len(parts) > 2 and parts[2][:1] == "{":
            parts[2] = quote(_collection(service, template, parts[2], table.id), safe="")
        if parts[3:4] == ["items"] and parts[2] == quote(table.id, safe="") and len(parts) == 5:
            parts[4] = ident if parts[4][:1] == "{" else parts[4]
        path = "/".join(parts)
        wanted = [p for p in service.definition.parameters(path).values() if p.get("in") != "path"]
        if (
            "{" not in path
            and service.definition.operation(path)
            and not any(parameter.get("required") for parameter in wanted)
        ):
            found.append(path)
    found.sort(key=lambda path: not path.startswith(table.path))
    return found[:_OPERATIONS_MAX]


def _collection(service: Service, template: str, variable: str, wanted: str) -> str:
    """Return a collection that a path is for: the wanted one, unless the definition names others.

    Not every collection has tiles or zones.
    """
    parameter = service.definition.parameters(template).get(variable.strip("{}"), {})
    named = service.definition.schema(parameter).get("enum") or [wanted]
    return wanted if wanted in named else str(named[0])


def _observed(service: Service) -> list[Answer]:
    """Return answers to GET, a few of them asked for here."""
    table = service.tables[0]
    ident = table.first[0].get("id")
    service.ask("/")
    table.ask(limit="1")
    table.ask(limit="abc")
    table.ask_item(ident)
    table.ask_item(f"{ident}-nobody")
    service.ask(f"{table.path}/items", {UNKNOWN: "1"})
    return [answer for answer in service.client.log if answer.asked.method == "GET"]


def _undeclared(service: Service, *, errors: bool) -> Iterator[tuple[Answer, set[str]]]:
    for answer in _observed(service):
        path = path_below(answer.asked.url, service.client.root)
        statuses = service.definition.statuses(path)
        judged = statuses is not None and (answer.status >= 400) is errors
        if judged and statuses is not None and not covers(statuses, answer.status):
            yield answer, statuses


@oas30("/req/oas30/completeness", "La definizione elenca i codici delle risposte riuscite")
def completeness(service: Service) -> None:
    """The definition lists the status codes of answers."""
    for answer, statuses in _undeclared(service, errors=False):
        raise Failed(answer.asked, f"status {answer.status} in the definition", sorted(statuses))


@oas30("/req/oas30/exceptions-codes", "La definizione elenca i codici degli errori")
def exceptions_codes(service: Service) -> None:
    """The definition lists the status codes of errors."""
    for answer, statuses in _undeclared(service, errors=True):
        raise Failed(answer.asked, f"status {answer.status} in the definition", sorted(statuses))


@oas30("/req/oas30/security", "La definizione dice chi può chiedere")
def security(service: Service) -> None:
    """The definition tells how access is controlled."""
    closed = [answer for answer in _observed(service) if answer.status in {401, 403}]
    skip_unless(closed, "nessun accesso controllato / no access is controlled")
    components = service.definition.document.get("components") or {}
    expected = "components.securitySchemes"
    require(components.get("securitySchemes"), closed[0], expected, sorted(components))


def _resources(service: Service) -> list[tuple[str, str]]:
    """Return path and JSON type of one resource of each kind."""
    table = service.tables[0]
    ident = quote(str(table.first[0].get("id")), safe="")
    return [
        ("/", JSON),
        ("/conformance", JSON),
        ("/collections", JSON),
        (table.path, JSON),
        (f"{table.path}/items", "application/geo+json"),
        (f"{table.path}/items/{ident}", "application/geo+json"),
    ]


@html("/req/html/definition", "Ogni risorsa ha una pagina per le persone")
def html_definition(service: Service) -> None:
    """Every resource has a page for people."""
    for path, _media in _resources(service):
        answer = require_status(service.ask(path, accept="text/html"), 200)
        require(answer.media == "text/html", answer, "text/html", answer.media)


@html("/req/html/content", "Le pagine sono HTML 5 e hanno i collegamenti dei documenti")
def html_content(service: Service) -> None:
    """The pages are HTML 5 and have the links of the documents."""
    for path, _media in _resources(service):
        answer = require_status(service.ask(path, accept="text/html"), 200)
        page = Page()
        page.feed(answer.body.decode("utf-8", errors="replace"))
        require(page.is_html5, answer, "<!DOCTYPE html>", answer.body[:60])
        leads = [service.client.address(lead) for lead in page.leads(answer)]
        here = {path_below(lead, service.client.root) for lead in leads}
        document = object_of(service.ask(path, accept=GEOJSON if "/items" in path else JSON))
        for link in (link for link in links_of(document) if link.get("rel") in _FOLLOWED):
            there = path_below(str(link.get("href")), service.client.root)
            listed = there.rstrip("/") in {found.rstrip("/") for found in here}
            require(listed, answer, f"<a> to {there} ({link.get('rel')})", sorted(here))


class Page(HTMLParser):
    """The links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.is_html5 = False
        self._hrefs: list[str] = []

    def handle_decl(self, decl: str) -> None:
        """Note the type of the document."""
        self.is_html5 = self.is_html5 or decl.lower() == "doctype html"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where an anchor leads."""
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self._hrefs.append(href)

    def leads(self, answer: Answer) -> list[str]:
        """Return the addresses on the same host to which the page leads."""
        base = answer.asked.url
        addresses = [urljoin(base, href) for href in self._hrefs]
        return [a for a in addresses if urlsplit(a).netloc == urlsplit(base).netloc]


@geojson("/req/geojson/definition", "Gli oggetti sono GeoJSON, il resto è JSON")
def geojson_definition(service: Service) -> None:
    """Features come as GeoJSON, all else as JSON."""
    for path, media in _resources(service):
        answer = require_status(service.ask(path, accept=media), 200)
        require(answer.media == media, answer, media, answer.media)


@geojson("/req/geojson/content", "I documenti hanno la forma richiesta, con collegamenti e id")
def geojson_content(service: Service) -> None:
    """The documents have the required form, with links and identifiers."""
    for table in service.tables:
        answer = table.ask(limit="100")
        _require_form(answer, features_problem(object_of(answer)))
        for ident in [feature.get("id") for feature in table.first[:2]]:
            item = table.ask_item(ident)
            _require_form(item, feature_problem(object_of(item)))
            found = item.json.get("id")
            require(str(found) == str(ident), item, f"id {ident}", found)
    for path, problem_of in (
        ("/", landing_problem),
        ("/collections", links_problem),
        (service.tables[0].path, collection_problem),
    ):
        answer = service.ask(path)
        problem = problem_of(object_of(answer))
        require(problem is None, answer, "a document of the required form", problem)


def _require_form(answer: Answer, problem: str | None) -> None:
    require(problem is None, answer, "GeoJSON", problem)
    problem = links_problem(answer.json)
    require(problem is None, answer, "an array `links`", problem)
