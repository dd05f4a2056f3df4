"""The QGIS project of the service in QGIS 3.22: opened as it is downloaded, without a window."""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from unicodedata import normalize
from xml.etree import ElementTree as ET

import pytest
from recorder import proxy

from api.qgis.tree import GROUPS
from checks.served import serve
from geo_core.model.layer import Layer, family_title
from geo_core.styling.legend import heading, rows

PREFIX = "atlante_"


@pytest.fixture(scope="module")
def project(qgis, demo_home, tmp_path_factory):
    """Return what QGIS sees of the project, where it prints, and what it asked of the server."""
    folder = tmp_path_factory.mktemp("project")
    with proxy(folder / "asked.jsonl") as (recorded, process):
        settings = {"ATLANTE_PUBLIC_URL": recorded.url}
        with serve(demo_home, log=folder / "server.log", settings=settings) as running:
            assert process.stdin is not None
            print(running.url, file=process.stdin, flush=True)
            seen = qgis("qgis_project.py", recorded.url, folder, timeout=600)
            return seen, folder, recorded.seen()


@pytest.fixture(scope="module")
def seen(project):
    return project[0]


def test_the_project_opens_whole_and_soon(seen, demo_release):
    manifest = demo_release.manifest
    assert seen["read"]
    assert seen["crs"] == "EPSG:32632"
    drawn = len(manifest.collections) + len(manifest.tilesets) + len(manifest.rasters)
    assert len(seen["layers"]) == drawn
    assert [name for name, layer in seen["layers"].items() if not layer["valid"]] == []
    own = {info.layer.group for info in manifest.collections}
    assert seen["groups"][:-2] == [title.it for name, title in GROUPS.items() if name in own]
    assert seen["shown"] == [f"{PREFIX}sedi", f"{PREFIX}rischio_comuni"]
    titles = {info.layer.id: info.layer.title.it for info in manifest.collections}
    for ident, (valid, name) in seen["relations"].items():
        assert valid
        assert ident.startswith(f"{next(k for k, v in titles.items() if v == name)}_")
    assert len(seen["relations"]) == 5


def test_only_hexagons_of_several_sizes_exclude_each_other(seen, demo_release):
    families: dict[str, list[Layer]] = {}
    for info in demo_release.manifest.collections:
        families.setdefault(info.layer.family, []).append(info.layer)
    wanted = [
        family_title(layers[0]).it
        for layers in families.values()
        if len(layers) > 1 and layers[0].resolution is not None
    ]
    assert sorted(seen["exclusive"]) == sorted(wanted)


def test_every_layer_has_its_features_and_words(seen, demo_release, shown_rows, collection):
    layer, info = seen["layers"][PREFIX + collection], demo_release.info(collection)
    assert layer["count"] == len(shown_rows)
    for field in info.layer.fields:
        assert layer["aliases"][field.name].startswith(field.title.it)
        listed = demo_release.manifest.codelists.get(field.codelist or "")
        if listed and field.type != "codes":
            told = {k: v for entry in layer["widgets"][field.name] for k, v in entry.items()}
            assert told == {code.title.it: code.code for code in listed}
        else:
            assert field.name not in layer["widgets"]
    assert layer["temporal"] == info.layer.period
    if layer["count"]:
        assert layer["called"] not in {None, "", "NULL"}
        assert layer["tip"].startswith("<b>")
        assert "[%" not in layer["tip"]
    # A filter and the field calculator do what they do with a file.
    found, wanted = layer["filtered"]
    assert found == wanted
    reckoned, length = layer["reckoned"]
    assert reckoned == length
    assert not layer["editable"]


def test_the_legend_is_that_of_the_style(seen, demo_release, collection):
    info = demo_release.info(collection)
    layer = seen["layers"][PREFIX + collection]
    if info.layer.geometry == "none":
        return
    style = demo_release.manifest.styles[info.layer.family]
    doubted = any(f.codelist == "affidabilita" for f in info.layer.fields) and style.fields
    wanted = [row.title.it for row in rows(style)] + ["Affidabilità bassa"] * bool(doubted)
    assert layer["legend"][bool(style.fields) :] == wanted
    assert layer["labelled"] == (style.label or False)
    if style.fields:
        assert style.title.it in layer["legend"][0]
        assert layer["styles"].keys() == {
            info.layer.field(name).title.it for name in style.classified
        }
        for name in style.classified:
            told = layer["styles"][info.layer.field(name).title.it]
            titles = [row.title.it for row in rows(style.of(name))]
            assert told[0] == heading(style.of(name), name, info.layer, "it")
            assert told[1:] == titles + ["Affidabilità bassa"] * bool(doubted)


def test_a_layer_costs_few_requests_and_little_time(project, collection):
    seen, _, asked = project
    pages = [one for one in asked if one.path.endswith(f"/collections/{collection}/items")]
    # The project and the definition each open the layer once, and the project reads it all.
    times = Counter("limit=10" if one.query.get("limit") == "10" else "page" for one in pages)
    assert times["page"] <= 3 * 2, times
    assert seen["layers"][PREFIX + collection]["seconds"] < 20  # 2 s where nothing else runs


def test_sheets_are_printed_with_release_source_and_warning(project, demo_release):
    seen, folder, _ = project
    assert set(seen["sheets"]) == {"A4", "A3", "Atlante per comune"}
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian package poppler-utils)")
    towns = demo_release.info("comuni").count
    for name, sheet in seen["sheets"].items():
        assert sheet["done"] == 0, name
        printed = subprocess.run(
            ["pdftotext", "-layout", folder / sheet["file"], "-"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        text = " ".join(normalize("NFKC", printed).split())  # "fi" may be one sign
        assert demo_release.manifest.id in text
        shown = (demo_release.info(one).layer for one in ("sedi", "rischio_comuni", "comuni"))
        assert all(part in text for layer in shown for part in layer.attribution.split("; "))
        assert "rumore voluto" in text
        assert "molto alta" in text
        assert re.search(r"\b\d+ km\b", text)
        framed = [f"{PREFIX}comuni"] if sheet["page"] else []
        assert [layer for layer, size in sheet["over"].items() if size] == framed
        if sheet["page"]:
            assert sheet["pages"] == towns
            assert f"{sheet['page']}: fragilità sociale" in text
            assert re.search(r"Punteggio \d+[.,]\d \(da \d+[.,]\d a \d+[.,]\d\)", text)
            assert re.search(r"Affidabilità: (Bassa|Normale) \(", text)


def test_places_and_years_are_those_of_the_release(seen, demo_release):
    manifest = demo_release.manifest
    groups = Counter(group for group, _ in seen["bookmarks"])
    assert groups["Comuni"] == demo_release.info("comuni").count
    assert groups["Enti gestori"] == demo_release.info("ambiti").count
    assert ["Comuni", "Vercelli"] in seen["bookmarks"]
    dated = [i.interval for i in manifest.collections if i.layer.period]
    assert seen["years"] == [
        min(int(start[:4]) for start, _ in dated if start),
        max(int(end[:4]) for _, end in dated if end),
    ]
    assert seen["variables"]["release"] == manifest.id


def test_the_definition_brings_the_same_layers_into_another_project(seen):
    assert seen["definition"] == {
        "done": True, "message": "", "layers": len(seen["layers"]), "invalid": [],
    }  # fmt: skip


def test_the_package_opens_offline_as_the_project_does(seen, demo_release):
    assert set(seen["offline"]) == {info.layer.id for info in demo_release.manifest.collections}
    for name, found in seen["offline"].items():
        online = seen["layers"][PREFIX + name]
        assert found["alias"] == online["aliases"]["id"] or not online["legend"]
        if online["legend"]:
            assert found["legend"] == online["legend"]
        if demo_release.info(name).layer.geometry != "Geometry":
            assert found["count"] == online["count"], name


def test_the_package_is_one_file_for_each_release_and_language(demo_server):
    address = f"{demo_server.url}/qgis/atlante.gpkg"
    with urllib.request.urlopen(address, timeout=60) as answer:
        etag, body = answer.headers["etag"], answer.read()
    assert body.startswith(b"SQLite format 3")
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.read() == body
    again = urllib.request.Request(address, headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(again, timeout=60)
    with urllib.request.urlopen(f"{address}?lang=en", timeout=60) as answer:
        assert answer.headers["etag"] != etag
        assert b"Fragility class" in answer.read()


def test_no_file_names_another_host(demo_server):
    for name in ("atlante.qlr", "connections.xml", "connections-tiles.xml",
                 "connections-wmts.xml", "rischio_comuni.qlr"):  # fmt: skip
        with urllib.request.urlopen(f"{demo_server.url}/qgis/{name}", timeout=60) as answer:
            text = answer.read().decode()
        ET.fromstring(text)
        hosts = set(re.findall(r"https?://[^/'\"&<> ]+", text))
        known = {"http://mrcc.com", "https://creativecommons.org", "https://opendatacommons.org"}
        assert hosts - known == {demo_server.url}, name


def test_the_file_is_the_same_bytes_each_time(demo_server, tmp_path):
    made = []
    for _ in range(2):
        request = urllib.request.Request(f"{demo_server.url}/qgis/atlante.qgz")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert "atlante.qgz" in answer.headers["content-disposition"]
            made.append(answer.read())
    assert made[0] == made[1]
    (tmp_path / "atlante.qgz").write_bytes(made[0])
    assert zipfile.ZipFile(tmp_path / "atlante.qgz").namelist() == ["atlante.qgs"]
