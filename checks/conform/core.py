"""Tests of OGC API Features, Part 1, class Core: the documents around the features."""

from __future__ import annotations

from checks.conform.definition import is_free
from checks.conform.http import Answer
from checks.conform.outcome import (
    Skipped,
    object_of,
    require,
    require_status,
    skip_unless,
)
from checks.conform.registry import conformance_class
from checks.conform.service import Json, Service, links_of, media_of
from checks.conform.shapes import collection_problem, landing_problem, link_problem, links_problem
from checks.conform.table import JSON

GROUP = "ogcapi-features-1/1.0/conf/core"
HTML = "ogcapi-features-1/1.0/conf/html"
GEOJSON = "ogcapi-features-1/1.0/conf/geojson"
UNKNOWN = "nobodysparameter"
core = conformance_class(GROUP)


@core("/req/core/root-op", "La pagina iniziale risponde")
def root_op(service: Service) -> None:
    """The landing page answers."""
    require_status(service.ask("/"), 200)


@core("/req/core/root-success", "La pagina iniziale porta alle altre risorse")
def root_success(service: Service) -> None:
    """The landing page leads to definition, conformance and collections."""
    answer = service.ask("/")
    document = object_of(answer)
    problem = landing_problem(document)
    require(problem is None, answer, "a landing page", problem)
    for rels in (("service-desc", "service-doc"), ("conformance",), ("data",)):
        found = [link.get("rel") for link in links_of(document)]
        require(links_of(document, *rels), answer, f"a link {' / '.join(rels)}", found)


@core("/req/core/api-definition-op", "Ogni definizione dell'API risponde")
def api_definition_op(service: Service) -> None:
    """Every linked API definition answers."""
    for link in _definitions(service):
        require_status(service.ask(link["href"], accept=link.get("type")), 200)


@core("/req/core/api-definition-success", "La definizione ha il tipo che il collegamento promette")
def api_definition_success(service: Service) -> None:
    """An API definition is of the type its link promises."""
    for link in _definitions(service):
        answer = require_status(service.ask(link["href"], accept=link.get("type")), 200)
        promised = media_of(link)
        require(answer.media == promised or not promised, answer, promised, answer.media)
        if "json" in answer.media:
            found = sorted(object_of(answer))
            require({"openapi", "paths"} <= set(found), answer, "openapi and paths", found)


def _definitions(service: Service) -> list[Json]:
    links = links_of(service.landing, "service-desc", "service-doc")
    skip_unless(links, "nessuna definizione collegata / no definition is linked")
    return links


@core("/req/core/conformance-op", "La dichiarazione di conformità risponde")
def conformance_op(service: Service) -> None:
    """The declaration of conformance answers."""
    linked = [str(link.get("href")) for link in links_of(service.landing, "conformance")]
    for address in ("/conformance", *linked):
        require_status(service.ask(address), 200)


@core("/req/core/conformance-success", "La dichiarazione elenca le classi, con Core")
def conformance_success(service: Service) -> None:
    """The declaration lists the classes, Core among them."""
    answer = service.ask("/conformance")
    listed = object_of(answer).get("conformsTo")
    texts = isinstance(listed, list) and all(isinstance(uri, str) for uri in listed)
    require(texts, answer, "an array `conformsTo` of texts", listed)
    require(GROUP in service.declared, answer, f"…/{GROUP} among the classes", listed)


@core("/req/core/http", "Il servizio segue le regole di HTTP")
def http(service: Service) -> None:
    """The service keeps the rules of HTTP."""
    for path in ("/", "/collections", service.tables[0].path):
        answer = require_status(service.ask(path), 200)
        require(answer.media, answer, "a Content-Type", sorted(answer.headers))
        _head(service, path, answer)
    require_status(service.ask("/collections/dUmmYColLection"), 404)
    refused = require_status(service.ask("/collections", method="DELETE"), 400, 401, 403, 404, 405)
    allow = "allow" in refused.headers or refused.status != 405
    require(allow, refused, "a header Allow", sorted(refused.headers))


def _head(service: Service, path: str, answer: Answer) -> None:
    head = service.ask(path, method="HEAD")
    require(head.status == 200, head, "status 200", f"status {head.status}")
    require(not head.body, head, "no body", f"{len(head.body)} bytes")
    require(head.media == answer.media, head, answer.media, head.media)


@core("/req/core/query-param-unknown", "Un parametro sconosciuto è rifiutato")
def query_param_unknown(service: Service) -> None:
    """An unknown parameter is refused."""
    table = service.tables[0]
    item = f"{table.path}/items/{table.first[0].get('id')}"
    asked = 0
    for path in ("/", "/conformance", "/collections", table.path, f"{table.path}/items", item):
        try:
            free = is_free(service.definition, path)
        except Skipped:
            free = False
        if not free:
            require_status(service.ask(path, {UNKNOWN: "1"}), 400)
            asked += 1
    skip_unless(asked, "la definizione ammette ogni nome / the definition allows any name")


@core("/req/core/query-param-invalid", "Un valore non valido è rifiutato")
def query_param_invalid(service: Service) -> None:
    """An invalid value is refused."""
    for name, value in (
        ("limit", "abc"),
        ("limit", "-1"),
        ("bbox", "1,2,3"),
        ("bbox", "a,b,c,d"),
        ("datetime", "not-a-date"),
        ("datetime", "2020-13-45/.."),
    ):
        require_status(service.tables[0].ask(**{name: value}), 400)


@core("/req/core/fc-md-op", "L'elenco delle raccolte risponde")
def fc_md_op(service: Service) -> None:
    """The list of collections answers."""
    require_status(service.ask("/collections"), 200)


@core("/req/core/fc-md-success", "L'elenco delle raccolte ha la forma richiesta")
def fc_md_success(service: Service) -> None:
    """The list of collections has the required form."""
    answer = service.ask("/collections")
    document = object_of(answer)
    listed = document.get("collections")
    require(isinstance(listed, list), answer, "an array `collections`", sorted(document))
    problems = [links_problem(document), *map(collection_problem, listed or ())]
    found = next(filter(None, problems), None)
    require(found is None, answer, "links and collections of the required form", found)


@core("/req/core/fc-md-links", "L'elenco porta a sé stesso e agli altri formati")
def fc_md_links(service: Service) -> None:
    """The list of collections links itself and its other formats."""
    answer = service.ask("/collections")
    require_self_and_alternates(service, answer)


def require_self_and_alternates(service: Service, answer: Answer) -> Json:
    """Return a document that links itself, and each other format that is declared."""
    document = object_of(answer)
    own = links_of(document, "self")
    found = [(link.get("rel"), link.get("type")) for link in links_of(document)]
    require(own, answer, "a link `self`", found)
    alike = ("html" in media_of(own[0])) == ("html" in answer.media) and media_of(own[0])
    require(alike, answer, f"`self` of type {answer.media}", own[0])
    if HTML in service.declared:
        others = [media_of(link) for link in links_of(document, "alternate")]
        require("text/html" in others, answer, "a link `alternate` of type text/html", found)
    untyped = [link for link in links_of(document, "self", "alternate") if not media_of(link)]
    require(not untyped, answer, "a type on `self` and `alternate`", untyped)
    return document


@core("/req/core/fc-md-items", "Ogni raccolta dell'API sta nell'elenco")
def fc_md_items(service: Service) -> None:
    """Every collection of the API is listed."""
    answer = service.ask("/collections")
    ids = [c.get("id") for c in object_of(answer).get("collections", ())]
    require(len(ids) == len(set(ids)), answer, "each identifier once", ids)
    parts = [path.split("/") for path in service.definition.paths]
    named = {p[2] for p in parts if len(p) == 4 and p[1] == "collections" and p[3] == "items"}
    unlisted = sorted(name for name in named if "{" not in name and name not in ids)
    require(not unlisted, answer, f"a collection {', '.join(unlisted[:3])}", ids)


@core("/req/core/fc-md-items-links", "Ogni raccolta porta ai suoi oggetti in ogni formato")
def fc_md_items_links(service: Service) -> None:
    """Every collection leads to its items in every format."""
    answer = service.ask("/collections")
    wanted = {GEOJSON: "application/geo+json", HTML: "text/html"}
    for collection in service.collections:
        links = links_of(collection, "items")
        types = [media_of(link) for link in links]
        require(types, answer, f"{collection['id']}: a link `items`", links_of(collection))
        require(all(types), answer, f"{collection['id']}: a type on `items`", links)
        for group, media in wanted.items():
            given = group not in service.declared or media in types
            require(given, answer, f"{collection['id']}: `items` of type {media}", types)


@core("/req/core/sfc-md-op", "La descrizione di una raccolta risponde")
def sfc_md_op(service: Service) -> None:
    """The description of a collection answers."""
    for collection in service.collections:
        require_status(service.ask(f"/collections/{collection['id']}"), 200)


@core("/req/core/sfc-md-success", "La descrizione è quella dell'elenco")
def sfc_md_success(service: Service) -> None:
    """The description of a collection is that of the list."""
    for listed in service.collections:
        answer = service.ask(f"/collections/{listed['id']}", accept=JSON)
        document = object_of(answer)
        for name in ("id", "title", "description", "extent", "itemType"):
            same = document.get(name) == listed.get(name)
            require(same, answer, f"{name}: {listed.get(name)}", document.get(name))
        here = {(link.get("rel"), link.get("href")) for link in links_of(document)}
        there = {(link.get("rel"), link.get("href")) for link in links_of(listed)}
        missing = sorted(map(str, there - here))
        require(not missing, answer, "the links of the list", f"missing: {missing}")
        broken = next(filter(None, map(link_problem, links_of(document))), None)
        require(broken is None, answer, "links", broken)
