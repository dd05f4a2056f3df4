"""The disclosure statement over HTTP: its schema, and where it is linked from."""

from __future__ import annotations

import html
import json
import re
import urllib.request

import pytest
from jsonschema import Draft202012Validator, ValidationError


def fetched(address, accept="application/json"):
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


@pytest.fixture(scope="module")
def statement(demo_server):
    return fetched(f"{demo_server.url}/disclosure")


def test_the_statement_is_of_the_schema_that_it_names(demo_server, statement):
    headers, raw = statement
    address, _, rest = headers["Link"].partition(">")
    assert 'rel="describedby"' in rest
    assert address == f"<{demo_server.url}/disclosure/schema"
    media, schema = fetched(address.lstrip("<"), "*/*")
    assert media["Content-Type"] == "application/schema+json"
    described, document = json.loads(schema), json.loads(raw)
    Draft202012Validator.check_schema(described)
    check = Draft202012Validator(described)
    check.validate(document)
    document["statements"][0]["intervals"][0]["above"] = "few"
    with pytest.raises(ValidationError):
        check.validate(document)


def test_every_collection_links_the_statement(demo_server):
    _, raw = fetched(f"{demo_server.url}/collections")
    for collection in json.loads(raw)["collections"]:
        found = [a["href"] for a in collection["links"] if a["rel"] == "disclosure"]
        assert found == [f"{demo_server.url}/disclosure"], collection["id"]


def test_every_theme_says_how_its_columns_are_made(demo_server, statement):
    stated = json.loads(statement[1])["statements"]
    layers = {c.layer.id: c.layer for c in demo_server.release.manifest.collections}
    protected = {ident for ident, layer in layers.items() if layer.sensitivity == "B"}
    estimated = {e["collection"] for s in stated for e in s["estimates"]}
    assert {ident for s in stated for ident in s["collections"]} | estimated == protected
    for said in stated:
        made = said["derived"]
        explained = {
            *said["columns"].values(), *made["totals"], *made["shares"], *made["public"],
            made["mean"], *_rates(made["rates"]),
        }  # fmt: skip
        for ident in said["collections"]:
            fields = layers[ident].fields
            numbers = {f.name for f in fields if f.type in {"integer", "number"}}
            assert numbers <= explained, ident


def _rates(rates):
    return {name for key, r in rates.items() for name in (key, r["low"], r["high"])}


def test_every_estimate_says_how_its_columns_are_made(demo_server, statement):
    layers = {c.layer.id: c.layer for c in demo_server.release.manifest.collections}
    estimates = [e for s in json.loads(statement[1])["statements"] for e in s["estimates"]]
    assert {e["collection"] for e in estimates} == {"bisogni_comuni", "bisogni_ambiti"}
    for said in estimates:
        counts = {*said["columns"].values(), *said["totals"]}
        ends = ("", said["ends"]["low"], said["ends"]["high"])
        explained = {n + e for n in counts for e in ends} | _rates(said["rates"])
        fields = layers[said["collection"]].fields
        numbers = {f.name for f in fields if f.type in {"integer", "number"}}
        assert numbers == explained | {said["residents"]}
        assert {said["key"], said["cells"]} <= set(layers[said["weights"]].field_names)


def test_the_intervals_are_read_on_the_page(demo_server, statement):
    said = json.loads(statement[1])["statements"][0]["intervals"][0]
    for lang, words in (("it", "da <strong>{}</strong> a"), ("en", "from <strong>{}</strong> to")):
        _, raw = fetched(f"{demo_server.url}/disclosure?f=html&lang={lang}", "text/html")
        assert words.format(100 - said["below"]) in " ".join(raw.decode().split())


def test_the_report_of_the_audit_is_read_and_names_nothing_found(demo_server, statement):
    address = f"{demo_server.url}/disclosure/audit"
    assert f'<{address}>; rel="related"' in statement[0]["Link"]
    headers, raw = fetched(address)
    assert headers["Content-Type"] == "application/json"
    report = json.loads(raw)
    assert (report["findings"], "release" in report) == (0, False)
    assert report["figures"] > 1_000_000
    checks = [check["check"] for check in report["checks"]]
    assert checks[:3] == ["replay", "differencing", "intervals"]
    (entry,) = [f for f in demo_server.release.manifest.files if f.path == "audit.json"]
    assert len(raw) == entry.bytes
    assert raw == demo_server.release.path("audit.json").read_bytes()
    for lang, words in (("it", "Chi ha provato a forzarla"), ("en", "Who tried to break it")):
        _, page = fetched(f"{demo_server.url}/disclosure?f=html&lang={lang}", "text/html")
        assert words in page.decode()
        assert f"{address}?f=html&amp;lang={lang}" in page.decode()


@pytest.mark.parametrize(
    ("lang", "said", "other"),
    [
        (
            "it",
            ["nessun rilievo.", "Sottrarre uno strato", "una cartella non risponde"],
            "a folder",
        ),
        ("en", ["no findings.", "Subtract one layer", "a folder answers no questions"], "cartella"),
    ],
)
def test_the_report_of_the_audit_has_a_page(demo_server, lang, said, other):
    address = f"{demo_server.url}/disclosure/audit"
    report = json.loads(fetched(address)[1])
    _, raw = fetched(f"{address}?f=html&lang={lang}", "text/html")
    page = re.sub(r"(?<=\d)[.,\s](?=\d{3}\b)", "", html.unescape(raw.decode()))
    assert [words for words in said if words not in page] == []
    for check in report["checks"]:
        assert f"<code>{check['check']}</code>" in page
        if check["figures"]:
            assert f"<td>{check['figures']}</td>" in page
    assert other not in page.partition("<h2>")[2]


def test_the_file_of_every_raster_is_linked_from_its_collection(demo_server):
    rasters = demo_server.release.manifest.rasters
    assert rasters
    for raster in rasters:
        _, raw = fetched(f"{demo_server.url}/collections/{raster.collection}")
        links = json.loads(raw)["links"]
        (found,) = [a for a in links if a["href"].endswith(f"/{raster.id}.tif")]
        assert found["rel"] == "enclosure"
        assert found["type"].startswith("image/tiff")
        _, file = fetched(found["href"], "*/*")
        assert file == demo_server.release.path(raster.path).read_bytes()
        assert len(file) == found["length"]
