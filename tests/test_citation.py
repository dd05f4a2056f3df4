"""A release says how it is cited, as programs read it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from api_client import BASE

from api.describe.citation import bibtex, cff
from geo_core.model.text import Text

ROOT = Path(__file__).parents[1]
REQUIRED = {"authors", "cff-version", "message", "title"}
"""What a file of the Citation File Format 1.2.0 must have; then what it may."""
MEMBERS = REQUIRED | {
    "abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license",
    "license-url", "preferred-citation", "references", "repository", "repository-artifact",
    "repository-code", "type", "url", "version",
}  # fmt: skip
ENTITY = {
    "address", "alias", "city", "country", "date-end", "date-start", "email", "fax", "location",
    "name", "orcid", "post-code", "region", "tel", "website",
}  # fmt: skip


def held_to_the_format(said, kind):
    """Hold a citation to the members, types and values that the format's schema allows."""
    assert set(said) <= MEMBERS
    assert set(said) >= REQUIRED
    assert (said["cff-version"], said["type"]) == ("1.2.0", kind)
    assert all(
        isinstance(said[name], str) and said[name] for name in ("message", "title", "version")
    )
    for entity in (*said["authors"], *said.get("contact", ())):
        assert set(entity) <= ENTITY
        assert entity["name"]
    for one in said.get("identifiers", ()):
        assert set(one) == {"type", "value", "description"}
        assert one["type"] in {"doi", "url", "swh", "other"}


@pytest.fixture
def pinned(small_release):
    return f"{BASE}/releases/{small_release.id}/"


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_release_says_how_it_is_cited_at_every_address(client, small_release, pinned, lang):
    answers = [client.get(f"{at}/CITATION.cff?lang={lang}") for at in ("", pinned[len(BASE) : -1])]
    assert {answer.headers["content-type"] for answer in answers} == {"application/yaml"}
    assert answers[0].text == answers[1].text
    said = yaml.safe_load(answers[0].text)
    held_to_the_format(said, "dataset")
    assert said["version"] == small_release.id
    assert said["url"] == said["identifiers"][0]["value"] == pinned
    assert said["license"] == "CC-BY-4.0"
    assert said["title"] == small_release.manifest.title.in_(lang)
    for one in small_release.manifest.inputs:
        assert one.attribution in said["abstract"]
    assert client.get(pinned.removeprefix(BASE)).status_code == 200


def test_bibtex_names_the_release_and_its_address(client, small_release, pinned):
    answer = client.get("/citation.bib")
    assert answer.headers["content-type"] == "application/x-bibtex; charset=utf-8"
    assert answer.text.startswith(f"@misc{{atlante-{small_release.id},\n")
    said = dict(re.findall(r"^  (\w+) = \{(.*)\},$", answer.text, re.MULTILINE))
    assert said["url"] == pinned
    assert said["year"] == small_release.manifest.reference_date[:4]
    assert small_release.id in said["title"]
    assert answer.text.count("{") == answer.text.count("}")


def test_what_means_something_to_tex_or_yaml_is_written_so_that_it_does_not(small_release):
    hostile = "50% & più_{a} \\x ~ ^ #1: 'b' \"c\" $"
    manifest = small_release.manifest.model_copy(update={"title": Text(it=hostile, en=hostile)})
    assert yaml.safe_load(cff(manifest, BASE, "it"))["title"] == hostile
    text = bibtex(manifest, BASE, "it")
    (title,) = re.findall(r"title = \{\{(.*)\}\},", text)
    assert not re.search(r"(?<!\\)[&%$#_]", title)
    assert r"\{a\}" in title
    assert r"\textbackslash{}x \textasciitilde{} \textasciicircum{}" in title


def test_the_list_of_releases_and_the_first_page_lead_to_it(client, pinned):
    (listed,) = client.get("/releases").json()["releases"]
    for links in (listed["links"], client.get("/").json()["links"]):
        cited = [one["href"] for one in links if one["rel"] == "cite-as"]
        assert cited == [pinned]
        told = {one["type"]: one["href"] for one in links if one["rel"] == "describedby"}
        assert told["application/yaml"] == f"{pinned}CITATION.cff"
        assert told["application/x-bibtex; charset=utf-8"] == f"{pinned}citation.bib"
    page = client.get("/releases?f=html").text
    assert f'href="{pinned}CITATION.cff?lang=it"' in page
    assert f'href="{pinned}citation.bib?lang=it"' in page
    assert f"{pinned}</blockquote>" in page


def test_the_software_says_how_it_is_cited():
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    held_to_the_format(said, "software")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (said["version"], said["license"]) == (project["version"], project["license"])
