"""A mirror on a plain web host: the map works, GDAL lists and reads all, QGIS opens the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyogrio
import pytest

from api.mirror.writing import export
from api.settings import Settings
from checks.audit.site import HttpSite
from checks.chromium import visit
from checks.doctor.asks import Door
from checks.doctor.programs import NAMES, programs
from checks.doctor.run import examine
from checks.doctor.trial import tried

OPENED = """
import json, sys
from qgis.core import QgsApplication, QgsProject
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
QgsProject.instance().read(sys.argv[1])
layers = QgsProject.instance().mapLayers().values()
count = lambda one: getattr(one, "featureCount", int)()
print(json.dumps({one.id(): [one.isValid(), count(one)] for one in layers}))
"""


class Host(SimpleHTTPRequestHandler):
    """A web host that gives files and ranges of them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body that waits for its head to arrive takes 40 ms

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        asked = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", self.headers.get("Range", ""))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        raw = path.read_bytes()
        first, last = int(asked[1]), min(int(asked[2] or len(raw)), len(raw) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(raw)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        self.wfile.write(raw[first : last + 1])

    def log_message(self, *_):
        pass


@contextmanager
def hosted(folder):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=folder)) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("host") / "atlante"


@pytest.fixture(scope="module")
def mirror(demo_home, folder):
    """Return the address of a mirror, which lies below that of its host."""
    with hosted(folder.parent) as host:
        url = f"{host}/atlante"
        settings = Settings(releases=demo_home / "releases", public_url=url, cache_mib=0)
        with ThreadPoolExecutor(1) as apart:  # the browser keeps a loop in this thread
            done = apart.submit(export, folder, settings, lambda _: None).result()
        assert done.missing == ()
        yield url


def test_the_map_works_from_files_alone(chromium, mirror, demo_release, out):
    with visit(chromium) as seen:
        seen.open_map(f"{mirror}/embed/")
        page = seen.page
        towns = len(page.locator("#table tbody tr").all())
        assert towns == demo_release.info("rischio_comuni").count
        for name, value, said in (
            ("layer", "bisogni_h3", "Anziani"), ("field", "n_dis", "Persone con disabilità"),
        ):  # fmt: skip
            page.select_option(f"#{name}", value)
            page.get_by_role("heading", name=re.compile(said)).first.wait_for()
        page.select_option("#layer", "rischio_comuni")
        page.get_by_role("heading", name=re.compile("quinti dei comuni")).first.wait_for()
        page.select_option("#anno", "2022")
        page.get_by_role("heading", name=re.compile("2022")).first.wait_for()
        page.select_option("#comune", "002156")
        page.wait_for_function(
            "() => document.querySelectorAll('#table tbody tr:not([hidden])').length === 1"
        )
        assert "Varallo" in page.locator("#table tbody tr:visible").text_content()
        page.fill("#cerca", "Trino")
        page.press("#cerca", "Enter")
        page.locator("#found button").first.click()
        page.locator("#offices li").first.wait_for()
        page.screenshot(path=out / "copia.png")
        page.locator("#offices a").first.click()
        page.wait_for_load_state()
        assert page.locator("table").count()
        assert seen.errors == []
        assert seen.failed == []


CHOICE = {"layer": "bisogni_h3", "field": "n_dis", "anno": "2022", "comune": "002156"}


def chosen(page):
    """Return what the page says is chosen, and how many lines of its table are seen."""
    page.wait_for_selector("body[data-ready]", state="attached")
    named = {name: page.locator(f"#{name}").input_value() for name in CHOICE}
    return named, page.locator("#table tbody tr:visible").count()


def test_what_is_chosen_stands_in_the_address_though_no_server_reads_it(chromium, mirror):
    with visit(chromium) as seen:
        page = seen.page
        seen.open_map(f"{mirror}/embed/")
        for name, value in CHOICE.items():
            page.select_option(f"#{name}", value)
            page.wait_for_function(
                "([name, value]) => new URL(location).href.includes(value)", arg=[name, value]
            )
        here = page.url.split("#")[0]
        assert here == f"{mirror}/embed/bisogni_h3/n_dis/2022/?comune=002156&sedi=1"
        assert page.locator("#share").get_attribute("href").split("#")[0] == here
        first = chosen(page)
        assert first[0] == CHOICE
        assert 0 < first[1] < page.locator("#table tbody tr").count()
        page.reload()
        assert chosen(page) == first
        page.locator("#language").click()
        page.wait_for_url(re.compile("/en/"))
        assert chosen(page) == first
        asked = "&".join(f"{name}={value}" for name, value in CHOICE.items())
        seen.open_map(f"{mirror}/embed/?{asked}&sedi=1&lang=it")
        assert chosen(page) == first
        page.go_back()
        assert chosen(page) == first
        assert seen.errors == []
        assert seen.failed == []


def test_a_sheet_leads_to_the_map_of_its_municipality(chromium, mirror):
    with visit(chromium) as seen:
        seen.open(f"{mirror}/comuni/002156/")
        seen.page.get_by_role("link", name="Guarda sulla mappa").click()
        named, lines = chosen(seen.page)
        assert (named["comune"], lines) == ("002156", 1)
        assert "Varallo" in seen.page.locator("#story-title").text_content()
        seen.page.locator("#said a").click()
        seen.page.wait_for_url(f"{mirror}/comuni/002156/")


def test_without_scripts_every_map_is_reached_by_links(chromium, mirror):
    with visit(chromium, scripts=False) as seen:
        seen.open(f"{mirror}/embed/")
        for name, heading in (
            ("Bisogni sociali", "Anziani"), ("Dipendenze", "Dipendenze"), ("2022", "Dipendenze"),
            ("English", "Addictions"),
        ):  # fmt: skip
            link = seen.page.get_by_role("link", name=re.compile(f"^{name}"))
            link.first.click()
            seen.page.get_by_role("heading", name=re.compile(heading)).first.wait_for()
        assert seen.page.url == f"{mirror}/en/embed/bisogni_h3/n_dip/2022/"
        assert seen.page.locator("#chooser").is_hidden()
        assert seen.failed == []


def test_the_nearest_offices_are_those_of_the_municipality(chromium, mirror):
    with visit(chromium) as seen:
        seen.open_map(f"{mirror}/embed/rischio_h3/?comune=002156")
        seen.page.locator("#offices li").first.wait_for()
        assert "Varallo" in seen.page.locator("#offices h2").text_content()
        assert seen.page.locator("#offices li").count() == 5


@pytest.mark.parametrize("family", ["segnalazioni_h3", "copertura_ambiti", "confini_enti"])
def test_a_municipality_has_the_areas_that_the_service_shows(chromium, mirror, demo_server, family):
    with visit(chromium) as seen, visit(chromium) as service:
        page, other = seen.page, service.page
        for code in ("002058", "002148", "002158"):
            seen.open(f"{mirror}/embed/{family}/?comune={code}")
            page.locator(f"#story[data-town='{code}']").wait_for()
            service.open(f"{demo_server.url}/embed/{family}?comune={code}&lang=it")
            ids = "rows => rows.filter((row) => !row.hidden).map((row) => row.dataset.id)"
            own, known = (p.locator("#table tr[data-id]").evaluate_all(ids) for p in (page, other))
            assert own == known != [], code


def test_the_code_that_a_copy_gives_shows_what_was_chosen(chromium, mirror, tmp_path):
    with visit(chromium) as seen:
        seen.open_map(f"{mirror}/embed/rischio_h3/?comune=002156")
        seen.page.locator("#give summary").click()
        code = seen.page.locator("#code").text_content()
    assert "Varallo" in code
    (tmp_path / "index.html").write_text(f"<!doctype html><meta charset=utf-8>{code}", "utf-8")
    with hosted(tmp_path) as site, visit(chromium) as seen:
        seen.open(site)
        frame = seen.page.frame_locator("iframe")
        frame.locator("body[data-ready]").wait_for(state="attached")
        assert frame.locator("#comune").input_value() == "002156"
        assert frame.locator("#layer").input_value() == "rischio_h3"


def test_pages_of_places_and_both_languages_are_there(mirror, chromium):
    with visit(chromium, scripts=False) as seen:
        for path in ("/", "/en/", "/comuni/002156/", "/en/enti/VERCELLI/", "/collections/sedi/"):
            seen.open(f"{mirror}{path}")
            assert seen.page.locator("h1").count() == 1
        assert seen.failed == []


def shown(mirror, name):
    """Return how many features a collection shows: what is over is not among them."""
    with urllib.request.urlopen(f"{mirror}/collections/{name}/items.json") as answer:
        return json.load(answer)["numberMatched"]


def test_gdal_lists_and_reads_every_collection(mirror, demo_release, ogrinfo):
    catalogue = f"/vsicurl/{mirror}/atlante.vrt"
    known = {info.layer.id for info in demo_release.manifest.collections}
    assert {name for name, _ in pyogrio.list_layers(catalogue)} == known
    for name in known:
        count = shown(mirror, name)
        assert (
            pyogrio.read_info(catalogue, layer=name, force_feature_count=True)["features"] == count
        )
    said = subprocess.run(
        [ogrinfo, "-so", catalogue, "rischio_comuni"], capture_output=True, text=True, check=True
    )
    assert f"Feature Count: {shown(mirror, 'rischio_comuni')}" in said.stdout


PROJECT = "atlante.qgz"
SOME = frozenset(
    {"rischio_comuni", "rischio_comuni_serie", "sedi", "indicatori", "violenza_ambiti", PROJECT}
)
"""Areas with tiles, years without, points, a table, areas that are hatched, and the project."""


def test_the_doctor_examines_a_copy_as_it_does_a_service(mirror):
    site = HttpSite(mirror)
    told = examine(site, only=SOME)
    assert told.findings == []
    forms = {form for where, form in told.counts if where == "rischio_comuni"}
    assert forms == {"items", "geoparquet", "json", "csv", "fgb", "pmtiles"}
    assert told.packed["rischio_comuni", "xyz"][0] > 100
    there = [one for one in programs(NAMES) if one.version]
    trial = tried(Door(site), there, only=SOME)
    site.close()
    assert trial.wrong == []
    assert {"qgis", "ogrinfo", "geopandas", "chromium"} <= {one.name for one in there}
    for one in there:
        seen = {key[0] for key in trial.seen if key[1] == one.name}
        wanted = {"owslib": set(), "qgis": SOME}.get(one.name, SOME - {PROJECT})
        assert seen == wanted, one.name


def test_the_doctor_finds_what_a_copy_lacks(mirror, folder):
    items = folder / "collections/indicatori/items.csv"
    whole = items.read_bytes()
    tile = next((folder / "xyz/sedi/6").rglob("*.mvt"))
    drawn = tile.read_bytes()
    try:
        items.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
        tile.write_bytes(b"")
        with closing(HttpSite(mirror)) as site:
            told = examine(site, only=frozenset({"indicatori", "sedi"}))
    finally:
        items.write_bytes(whole)
        tile.write_bytes(drawn)
    assert {(one.where, one.form) for one in told.findings} == {
        ("indicatori", "csv"),
        ("sedi", "xyz"),
    }


def test_qgis_opens_the_project_with_all_its_features(mirror, demo_release, qgis_python, tmp_path):
    project = tmp_path / "atlante.qgz"
    with urllib.request.urlopen(f"{mirror}/qgis/atlante.qgz") as answer, project.open("wb") as file:
        shutil.copyfileobj(answer, file)
    done = subprocess.run(
        [qgis_python, "-c", OPENED, project], capture_output=True, text=True, check=False,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin",
             "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    layers = json.loads(done.stdout.splitlines()[-1])
    assert [name for name, (valid, _) in layers.items() if not valid] == []
    for info in demo_release.manifest.collections:
        name = info.layer.id
        assert layers[f"atlante_{name}"][1] == shown(mirror, name)
