"""Templates are read when the server starts: a file that changes later changes no page."""

from __future__ import annotations

import shutil

import pytest
from api_client import client_of
from jinja2 import FileSystemLoader

from api.pages.templating import TEMPLATES, environment

PAGES = ("", "collections", "conformance", "api", "collections/luoghi/items", "missing")


def test_files_that_change_after_the_start_change_no_template(tmp_path):
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder)
    templates = environment(folder)
    before = {name: templates.get_template(name) for name in templates.list_templates()}
    assert len(before) == len(list(TEMPLATES.glob("*.html")))
    for name in before:
        (folder / name).write_text("{{ broken", encoding="utf-8")
    assert {name: templates.get_template(name) for name in before} == before


def test_a_server_that_has_started_reads_no_template(small_releases, monkeypatch):
    environment.cache_clear()
    with client_of(small_releases) as client:

        def gone(_loader, _environment, name):
            pytest.fail(f"{name} is read after the start")

        monkeypatch.setattr(FileSystemLoader, "get_source", gone)
        answers = [client.get(f"/{page}", headers={"Accept": "text/html"}) for page in PAGES]
    assert [answer.status_code for answer in answers] == [200] * (len(PAGES) - 1) + [404]
    assert all("</html>" in answer.text for answer in answers)
