"""The mirror: every address has one file, every link leads to one, and nothing needs a server."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from api.mirror.linking import relinked
from api.mirror.naming import file_of, wanted
from api.mirror.writing import export
from api.settings import Settings
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
    ("/embed/", "json", "it", "embed/index.html"),
    ("/styles/sedi", "json", "it", "styles/sedi.json"),
    ("/styles/sedi?f=sld11", "json", "it", "styles/sedi.sld"),
    ("/embed/sedi.svg?field=x&lang=it", "html", "en", "en/embed/sedi~field-x.svg"),
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


def test_documents_keep_what_only_a_service_answers():
    text = f'{{"href":"{BASE}/collections/a/items?f=json","other":"{BASE}/dggs?f=json&lang=it"}}'
    said = relinked(text, BASE, "/", form="json", lang="it",
                    there=lambda one: one.path != "/dggs")  # fmt: skip
    assert said == text.replace("items?f=json", "items.json")


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
