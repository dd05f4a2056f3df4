"""The mirror: every address has one file, every link leads to one, and nothing needs a server."""

from __future__ import annotations

import json
import re
import shutil
from hashlib import sha256
from urllib.parse import unquote

import pytest

from api.mirror import writing
from api.mirror.linking import relinked, without_dead_links
from api.mirror.naming import file_of, wanted
from api.mirror.writing import SUMS, export
from api.settings import Settings
from checks.audit.site import FolderSite
from checks.audit.tiles import addressed
from checks.doctor import sums
from checks.doctor.asks import Door
from checks.doctor.told import Told
from geo_core.errors import ReleaseError

BASE = "https://example.org/copia"
FILES = (
    ("/", "html", "it", "index.html"),
    ("/?lang=en&f=html", "html", "it", "en/index.html"),
    ("/", "json", "it", "index.json"),
    ("/collections/sedi?f=html", "json", "it", "collections/sedi/index.html"),
    ("/collections/sedi", "json", "it", "collections/sedi.json"),
    (
        "/collections/sedi/items?f=json&limit=1000&offset=1000",
        "json",
        "it",
        "collections/sedi/items-1000.json",
    ),
    (
        "/collections/sedi/items?f=json&limit=1000&token=2023-12-31-059323f10753.3e8.8fce9f0f7cac4f80",
        "json",
        "it",
        "collections/sedi/items-1000.json",
    ),
    (
        "/collections/sedi/items/SED.v2?f=html",
        "html",
        "it",
        "collections/sedi/items/SED.v2/index.html",
    ),
    ("/collections/sedi/items/SED.v2", "json", "it", "collections/sedi/items/SED.v2.json"),
    ("/enti/CISA.12?f=csv", "html", "it", "enti/CISA.12.csv"),
    ("/collections/sedi/items?f=json&offset=50", "html", "it", "collections/sedi/items.json"),
    ("/collections/sedi/items?f=csv&offset=50", "json", "it", "collections/sedi/items.csv"),
    ("/qgis/atlante.qgz?lang=en", "html", "it", "en/qgis/atlante.qgz"),
    (
        "/collections/sedi/items/A%201?f=html&lang=en",
        "html",
        "it",
        "en/collections/sedi/items/A 1/index.html",
    ),
    (
        "/embed?layer=rischio_h3&field=hotspot&comune=002156&sedi=1",
        "html",
        "it",
        "embed/rischio_h3/hotspot/index.html",
    ),
    (
        "/embed?layer=rischio_comuni&anno=2022&lang=en",
        "html",
        "it",
        "en/embed/rischio_comuni/2022/index.html",
    ),
    (
        "/embed?layer=bisogni_h3&anno=2022&field=n_dis",
        "html",
        "it",
        "embed/bisogni_h3/n_dis/2022/index.html",
    ),
    ("/embed/", "json", "it", "embed/index.html"),
    ("/styles/sedi", "json", "it", "styles/sedi.json"),
    ("/styles/sedi?f=sld11", "json", "it", "styles/sedi.sld"),
    ("/embed/sedi.svg?field=x", "html", "en", "en/embed/sedi~field-x.svg"),
    ("/embed/sedi.svg?field=x&lang=it", "html", "en", "embed/sedi~field-x.svg"),
    ("/download/sedi.parquet", "html", "en", "download/sedi.parquet"),
    ("/static/abc/pages.css", "html", "en", "static/abc/pages.css"),
)


@pytest.mark.parametrize(("address", "form", "lang", "file"), FILES)
def test_an_address_is_one_file(address, form, lang, file):
    assert file_of(wanted(address, form=form, lang=lang)) == file


def test_links_lead_to_files_or_say_that_there_is_none():
    text = f"""<a href="{BASE}/collections?f=html&amp;lang=en#x">a</a>
      <a href="?f=html&amp;lang=en">b</a> <a href="{BASE}/processes?f=html">c</a>
      <a href="https://altri.it/?f=html">d</a> <code>{BASE}/xyz/a/{{z}}/{{x}}/{{y}}.mvt</code>"""
    said = relinked(text, BASE, "/comuni", form="html", lang="it",
                    there=lambda one: not one.path.startswith("/processes"))  # fmt: skip
    assert re.findall(r'href="([^"]*)"', said) == [
        f"{BASE}/en/collections/#x", f"{BASE}/en/comuni/", f"{BASE}/senza-server/",
        "https://altri.it/?f=html",
    ]  # fmt: skip
    assert f"{BASE}/xyz/a/{{z}}/{{x}}/{{y}}.mvt" in said


def test_links_to_maps_keep_what_the_script_of_a_map_reads():
    text = f"""<a href="{BASE}/embed?comune=002156&amp;sedi=1&amp;lang=en&amp;cerca=x#map=8">a</a>
      <a href="{BASE}/embed?layer=rischio_h3&amp;anno=2022&amp;comune=002156&amp;lang=it">b</a>
      <a href="{BASE}/embed/rischio_h3?lang=it">c</a>
      <img src="{BASE}/embed/rischio_comuni.svg?comune=002156">"""
    said = relinked(text, BASE, "/", form="html", lang="it", there=lambda _: True)
    assert re.findall(r'(?:href|src)="([^"]*)"', said) == [
        f"{BASE}/en/embed/?comune=002156&amp;sedi=1#map=8",
        f"{BASE}/embed/rischio_h3/2022/?comune=002156",
        f"{BASE}/embed/rischio_h3/",
        f"{BASE}/embed/rischio_comuni.svg",
    ]


def test_documents_keep_what_only_a_service_answers():
    text = f'{{"href":"{BASE}/collections/a/items?f=json","other":"{BASE}/dggs?f=json&lang=it"}}'
    said = relinked(text, BASE, "/", form="json", lang="it",
                    there=lambda one: one.path != "/dggs")  # fmt: skip
    assert said == text.replace("items?f=json", "items.json")


def test_documents_name_no_link_that_leads_to_nothing():
    text = f"""{{"links": [{{"href": "{BASE}/dggs"}}, {{"href": "{BASE}/collections?f=json#x"}},
        {{"href": "{BASE}/dggs/{{zoneId}}", "templated": true}}, {{"href": "https://altri.it/dggs"}}],
        "grids": [{{"id": 1, "links": [{{"href": "{BASE}/dggs/h3"}}]}}, {{"id": 2, "links": []}}],
        "tiles": ["{BASE}/dggs/x"]}}"""
    said = without_dead_links(text, BASE, lang="it", there=lambda one: "dggs" not in one.path)
    hrefs = [link["href"] for link in said["links"]]
    assert hrefs == [f"{BASE}/collections?f=json#x", "https://altri.it/dggs"]
    assert said["grids"] == [{"id": 2, "links": []}]
    assert said["tiles"] == [f"{BASE}/dggs/x"]


@pytest.fixture(scope="module")
def mirror(small_releases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copia") / "nuova"
    done = export(folder, Settings(releases=small_releases, public_url=BASE), lambda _: None)
    return folder, done


def test_every_link_of_every_page_has_its_file(mirror):
    folder, done = mirror
    assert done.missing == ()
    assert done.files > 50
    dead = set()
    for page in folder.rglob("*.html"):
        for href in re.findall(rf'(?:href|src)="{BASE}([^"#?]*)', page.read_text(encoding="utf-8")):
            target = folder / unquote(href).lstrip("/")
            if not (target.is_file() or (target / "index.html").is_file()):
                dead.add(href)
    assert dead == set()


def hrefs(value):
    """Yield every link of a document."""
    if isinstance(value, dict):
        yield from [value["href"]] if isinstance(value.get("href"), str) else []
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from hrefs(one)


def test_every_link_of_every_document_has_its_file(mirror):
    folder, _ = mirror
    dead = {
        href
        for document in (p for p in folder.rglob("*.json") if "static" not in p.parts)
        for href in hrefs(json.loads(document.read_text(encoding="utf-8")))
        if href.startswith(BASE) and "{" not in href
        if not (folder / unquote(href.removeprefix(BASE)).strip("/").split("#")[0]).exists()
    }
    assert dead == set()


def test_pages_of_a_collection_hold_all_of_it(mirror):
    folder, _ = mirror
    for first in folder.glob("collections/*/items.json"):
        page, seen = json.loads(first.read_text(encoding="utf-8")), []
        while True:
            seen += page["features"]
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            if not following:
                break
            page = json.loads((folder / following[0].removeprefix(f"{BASE}/")).read_bytes())
        assert len({one["id"] for one in seen}) == len(seen) == page["numberMatched"]


def test_every_tile_in_the_bounds_of_its_set_is_a_file(mirror):
    folder, _ = mirror
    for document in folder.glob("xyz/*.json"):
        said = json.loads(document.read_text(encoding="utf-8"))
        for _, address in addressed(said):
            assert (folder / address.removeprefix(f"{BASE}/")).is_file()


def test_pages_offer_nothing_that_only_a_server_answers(mirror):
    folder, _ = mirror
    collections = [*folder.glob("collections/*/index.html")]
    assert collections
    for page in (folder / "index.html", folder / "en" / "index.html", *collections):
        text = page.read_text(encoding="utf-8")
        assert f"{BASE}/senza-server/" not in text, page
        assert "OAPIF:" not in text
    assert f"{BASE}/qgis/atlante.qgz" in (folder / "index.html").read_text(encoding="utf-8")


def test_without_scripts_links_lead_to_every_map(mirror):
    folder, _ = mirror
    text = (folder / "embed/index.html").read_text(encoding="utf-8")
    assert '<nav class="unscripted"' in text
    assert len(re.findall(r'<form [^>]*class="[a-z]+ scripted"', text)) == 2


def test_hosts_that_know_no_type_of_modules_give_the_map_its_scripts(mirror):
    folder, _ = mirror
    assert not [*folder.rglob("*.mjs")]


def test_every_file_is_named_with_its_hash(mirror):
    folder, done = mirror
    said = [
        line.split("  ", 1) for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()
    ]
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert {path for _, path in said} == files - {SUMS}
    assert done.files == len(files)
    for digest, path in said:
        assert sha256((folder / path).read_bytes()).hexdigest() == digest


def test_two_addresses_are_never_one_file(small_releases, tmp_path, monkeypatch):
    monkeypatch.setattr(
        writing, "file_of", lambda one: "uno.html" if "collections" in one.path else file_of(one)
    )
    with pytest.raises(ReleaseError, match="two addresses"):
        export(tmp_path / "x", Settings(releases=small_releases, public_url=BASE), lambda _: None)


def test_a_folder_that_holds_something_is_left_alone(small_releases, tmp_path):
    (tmp_path / "mio").write_text("x")
    with pytest.raises(ReleaseError, match="not empty"):
        export(tmp_path, Settings(releases=small_releases, public_url=BASE), lambda _: None)
    assert [one.name for one in tmp_path.iterdir()] == ["mio"]


def test_two_exports_are_the_same_files(mirror, small_releases, tmp_path):
    folder, _ = mirror
    again = tmp_path / "altra"
    export(again, Settings(releases=small_releases, public_url=BASE), lambda _: None)
    for one in folder.rglob("*"):
        if one.is_file():
            assert one.read_bytes() == (again / one.relative_to(folder)).read_bytes()


def test_the_doctor_reads_every_file_and_names_those_lost_or_changed(mirror, tmp_path):
    folder, done = mirror
    copy = tmp_path / "copia"
    shutil.copytree(folder, copy)
    door, told = Door(FolderSite(copy)), Told()
    sums.check(told, door, lambda _: None)
    assert told.findings == []
    assert told.packed["SHA256SUMS", "file"][0] == done.files - 1
    (copy / "accessibilita/index.html").unlink()
    with (copy / "comuni/index.html").open("ab") as page:
        page.write(b"<script src=https://altri.it/conta.js></script>")
    told = Told()
    sums.check(told, door, lambda _: None)
    assert {(one.what, one.ids) for one in told.findings} == {
        ("1 are not there (404):", ("accessibilita/index.html",)),
        ("1 are not as they were written:", ("comuni/index.html",)),
    }
