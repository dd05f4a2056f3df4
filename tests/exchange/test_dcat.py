"""The catalogue: DCAT-AP_IT's mandatory fields, the European SHACL shapes, two equal forms."""

from __future__ import annotations

import json
import re

import pytest
from exchange_release import BASE, HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from publication import PUBLICATION
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, SH, XSD, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from api.exchange import rdf

IT = Namespace("http://dati.gov.it/onto/dcatapit#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
EU = "http://publications.europa.eu/resource/authority/"
PROBLEM = "application/problem+json"
# The parser of JSON-LD and the checker of shapes still use what their own library gives up.
pytestmark = pytest.mark.filterwarnings(r"ignore::DeprecationWarning:(rdflib|pyshacl)\..*")

SHAPES = ("eu-dcat-ap-1.2.1-shacl-shapes.ttl", "eu-dcat-ap-3.0.1-shacl.ttl")


@pytest.fixture(scope="module")
def graph(demo):
    return Graph().parse(data=demo.get("/dcat.ttl").content, format="turtle")


@pytest.fixture(scope="module")
def standards(root):
    folder = root.parent / "shared" / "fixtures" / "dcat"
    if not folder.is_dir():
        pytest.skip("the DCAT shapes are not here (../shared/fixtures/dcat)")
    return folder


def from_jsonld(body):
    return Graph().parse(data=body, format="json-ld")


def one(graph, subject, name):
    (value,) = graph.objects(subject, name)
    return value


def test_the_catalogue_says_what_the_italian_profile_demands(graph, demo_release):
    (catalogue,) = graph.subjects(RDF.type, IT.Catalog)
    assert catalogue == URIRef(f"{BASE}/dcat")
    assert (catalogue, RDF.type, DCAT.Catalog) in graph
    assert one(graph, catalogue, DCTERMS.title).language == "it"
    assert {d.language for d in graph.objects(catalogue, DCTERMS.description)} == {"it", "en"}
    modified = one(graph, catalogue, DCTERMS.modified)
    assert modified == Literal("2023-12-31T00:00:00Z", datatype=XSD.dateTime)
    assert (one(graph, catalogue, DCTERMS.publisher), RDF.type, IT.Agent) in graph
    collections = {info.layer.id for info in demo_release.manifest.collections}
    assert set(graph.objects(catalogue, DCAT.dataset)) == {
        URIRef(f"{BASE}/collections/{ident}") for ident in collections
    }


def test_every_dataset_says_what_the_italian_profile_demands(graph, demo_release):
    layers = {info.layer.id: info.layer for info in demo_release.manifest.collections}
    ipa = demo_release.manifest.publication.rights_holder.ipa
    datasets = set(graph.subjects(RDF.type, IT.Dataset))
    assert len(datasets) == len(layers)
    for dataset in datasets:
        layer = layers[dataset.rpartition("/")[2]]
        assert str(one(graph, dataset, DCTERMS.identifier)) == f"{ipa}:{layer.id}"
        for name, text in ((DCTERMS.title, layer.title), (DCTERMS.description, layer.description)):
            assert set(graph.objects(dataset, name)) == {
                Literal(text.it, lang="it"),
                Literal(text.en, lang="en"),
            }
        assert one(graph, dataset, DCTERMS.modified).datatype == XSD.date
        themes = set(graph.objects(dataset, DCAT.theme))
        assert URIRef(f"{EU}data-theme/SOCI") in themes
        assert all(str(theme).startswith(f"{EU}data-theme/") for theme in themes)
        holder = one(graph, dataset, DCTERMS.rightsHolder)
        assert str(one(graph, holder, DCTERMS.identifier)) == ipa
        frequency = one(graph, dataset, DCTERMS.accrualPeriodicity)
        assert frequency == URIRef(f"{EU}frequency/{layer.frequency}")
        contact = one(graph, dataset, DCAT.contactPoint)
        assert (contact, RDF.type, IT.Organization) in graph
        assert str(one(graph, contact, VCARD.fn))
        assert str(one(graph, contact, VCARD.hasEmail)).startswith("mailto:")
        assert list(graph.objects(dataset, DCAT.distribution))


def test_every_distribution_says_what_the_italian_profile_demands(graph):
    open_licence = URIRef(f"{EU}licence/CC_BY_4_0")
    assert open_licence in set(graph.objects(None, DCTERMS.license))
    distributions = set(graph.subjects(RDF.type, IT.Distribution))
    assert distributions == set(graph.objects(None, DCAT.distribution))
    for distribution in distributions:
        assert one(graph, distribution, DCAT.accessURL)
        assert str(one(graph, distribution, DCTERMS.format)).startswith(f"{EU}file-type/")
        licence = one(graph, distribution, DCTERMS.license)
        assert str(licence).startswith((f"{EU}licence/", "https://spdx.org/licenses/"))
        assert (licence, RDF.type, IT.LicenseDocument) in graph


def test_every_agent_has_one_name_and_one_identifier(graph):
    agents = set(graph.subjects(RDF.type, IT.Agent))
    assert agents
    for agent in agents:
        assert one(graph, agent, FOAF.name)
        assert one(graph, agent, DCTERMS.identifier)


def test_the_cardinalities_of_the_ontology_hold(graph, standards):
    """Whatever the ontology says there is exactly one of, there is exactly one of."""
    ontology = Graph().parse(standards / "DCAT-AP_IT.ttl", format="turtle")
    exact = list(
        ontology.query(
            """
            PREFIX owl: <http://www.w3.org/2002/07/owl#>
            PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
            SELECT ?class ?property WHERE {
                ?class rdfs:subClassOf ?r . ?r owl:onProperty ?property .
                { ?r owl:cardinality ?n } UNION { ?r owl:qualifiedCardinality ?n }
                FILTER (?n = 1)
            }"""
        )
    )
    checked = 0
    for kind, name in exact:
        local = IT[str(kind).rpartition("#")[2]]
        for subject in graph.subjects(RDF.type, local):
            assert len(set(graph.objects(subject, name))) == 1, (subject, name)
            checked += 1
    assert checked > 100


def rules_of(path):
    """Return the shapes of a file without the references it makes to shapes it does not hold."""
    rules = Graph().parse(path, format="turtle")
    dangling = {s for s in rules.objects(None, SH.property) if (s, SH.path, None) not in rules}
    assert len(dangling) <= 2
    for shape in dangling:
        rules.remove((None, SH.property, shape))
    return rules


@pytest.mark.parametrize("shapes", SHAPES)
def test_the_catalogue_conforms_to_the_european_shapes(graph, standards, shapes):
    rules = rules_of(standards / shapes)
    conforms, _report, text = validate(graph, shacl_graph=rules)
    assert conforms, text
    # The shapes do find what is wrong.
    broken = Graph() + graph
    broken.remove((URIRef(f"{BASE}/dcat"), DCTERMS.publisher, None))
    broken.remove((None, DCAT.accessURL, None))
    assert not validate(broken, shacl_graph=rules)[0]


def test_both_forms_say_the_same(demo, graph):
    other = from_jsonld(demo.get("/dcat.jsonld").content)
    assert len(graph) > 500
    assert isomorphic(graph, other)
    # The context is in the document: nothing is fetched to read it.
    assert isinstance(json.loads(demo.get("/dcat.jsonld").content)["@context"], dict)


def test_every_address_of_the_catalogue_answers(demo, graph):
    addresses = {
        str(value)
        for name in (DCAT.accessURL, DCAT.downloadURL, DCAT.endpointURL, DCAT.landingPage)
        for value in graph.objects(None, name)
    }
    assert len(addresses) > 30
    for address in addresses:
        assert address.startswith(BASE)
        answer = demo.head(address.removeprefix(BASE))
        assert answer.status_code == 200, address


@pytest.mark.parametrize(
    ("accept", "path", "media_type"),
    [
        ("*/*", "/dcat", "text/turtle; charset=utf-8"),
        ("text/turtle", "/dcat", "text/turtle; charset=utf-8"),
        ("application/ld+json", "/dcat", "application/ld+json"),
        ("text/turtle;q=0.5, application/ld+json", "/dcat", "application/ld+json"),
        ("text/html,*/*;q=0.1", "/dcat", "text/html; charset=utf-8"),
        ("text/html,*/*;q=0.1", "/dcat.ttl", "text/turtle; charset=utf-8"),
        ("*/*", "/dcat.jsonld", "application/ld+json"),
        ("*/*", "/dcat?f=jsonld", "application/ld+json"),
    ],
)
def test_the_representation_is_the_one_asked_for(client, accept, path, media_type):
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    again = client.get(path, headers={"Accept": accept, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/dcat", "image/png", 406),
        ("/dcat.ttl", "image/png", 406),
        ("/dcat?f=xml", "*/*", 400),
        ("/dcat?page=1", "*/*", 400),
        ("/dcat.xml", "*/*", 404),
    ],
)
def test_what_is_not_understood_is_refused(client, path, accept, status):
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM


def test_the_page_names_who_publishes_in_both_languages(client):
    for lang in ("it", "en"):
        page = client.get("/dcat", params={"f": "html", "lang": lang}).text
        assert PUBLICATION.publisher.name.in_(lang) in page
        assert PUBLICATION.contact.email in page
        assert f'href="{BASE}/dcat.ttl"' in page


def test_the_landing_page_leads_to_the_catalogue(client):
    links = {link["href"]: link for link in client.get("/").json()["links"]}
    assert links[f"{BASE}/dcat.ttl"]["rel"] == "service-meta"
    assert links[f"{BASE}/dcat.jsonld"]["type"] == "application/ld+json"
    assert f"{BASE}/hsds" in links
    page = client.get("/", params={"f": "html"}).text
    assert f'href="{BASE}/dcat?f=html' in page
    assert f'href="{BASE}/hsds?f=html' in page


@given(text=st.text(), lang=st.sampled_from([None, "it"]), path=st.text(max_size=30))
def test_any_text_survives_both_forms(text, lang, path):
    subject = rdf.Iri(f"https://esempio.it/{path}")
    said = rdf.node(
        subject,
        {"dct:title": rdf.Literal(text, lang), "dct:relation": rdf.Iri("https://esempio.it/a b<>")},
    )
    turtle = Graph().parse(data=rdf.turtle(said), format="turtle")
    other = from_jsonld(rdf.jsonld(said))
    assert isomorphic(turtle, other)
    (title,) = turtle.objects(None, DCTERMS.title)
    assert str(title) == text


def test_hostile_text_survives_too():
    said = rdf.node(rdf.Iri("https://esempio.it/"), {"dct:title": rdf.Literal(HOSTILE)})
    assert re.search(rb"[\r\n]", rdf.turtle(said).partition(b"title")[2].rstrip()) is None
    (title,) = Graph().parse(data=rdf.turtle(said), format="turtle").objects(None, DCTERMS.title)
    assert str(title) == HOSTILE
