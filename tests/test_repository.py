"""The promises the repository makes about itself: sizes, floors, licences, paths, documents."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from importlib.metadata import version
from itertools import chain

import pytest
import rasterio
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from api.settings import Settings
from geo_core.cli import app
from geo_core.settings import BuildSettings

CODE = ("geo_core", "api", "checks", "benchmarks", "docs", "web", "tests")
LOCKS = ("requirements.lock", "requirements-dev.lock")
FLOORS = {
    "pygeoapi": "0.24",
    "starlette": "1.3.1",
    "rasterio": "1.5.2",
    "orjson": "3.9.15",
    "pyarrow": "23.0.1",
}
# Written in pieces, so that this file does not hold what it looks for.
MACHINE = re.compile(
    "|".join(
        (
            r"(?<![\w./-])/" + r"(?:work|root|opt|home/\w+)/",
            r"/tmp/" + r"[a-z]",
            "pypi" + r"\.org|files\.python" + r"hosted\.org|registry\.npm" + r"js\.org",
            "--(?:extra-)?index" + "-url|--find" + "-links|--trusted" + "-host",
        )
    )
)


@pytest.fixture(scope="session")
def tracked(root):
    """Return the files of the repository, without those that are only on this disk."""
    if not shutil.which("git") or not (root / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the project is not known")
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [root / name for name in listed if name and (root / name).is_file()]


@pytest.fixture(scope="session")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="session")
def functions(root):
    """Return (place, lines without the docstring) of every function of the project."""
    found = {}
    for path in chain.from_iterable(sorted((root / part).rglob("*.py")) for part in CODE):
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{path.relative_to(root)}:{node.lineno} {node.name}"] = _lines(node)
    return found


def test_no_function_is_longer_than_fifty_lines(functions):
    assert [place for place, lines in functions.items() if lines > 50] == []


def test_nine_functions_in_ten_are_at_most_twenty_five_lines(functions):
    longer = [place for place, lines in functions.items() if lines > 25]
    assert len(longer) <= len(functions) / 10, longer


def test_no_module_is_longer_than_four_hundred_lines(tracked):
    assert [p.name for p in tracked if p.suffix == ".py" and len(_text(p).splitlines()) > 400] == []


def test_every_file_of_tests_has_a_name_of_its_own(tracked, root):
    """They are imported by their name alone: of two with one name pytest refuses to run any."""
    tests = [p for p in tracked if p.suffix == ".py" and p.is_relative_to(root / "tests")]
    names = Counter(p.name for p in tests)
    assert [name for name, number in names.items() if number > 1] == ["conftest.py"]


def test_nothing_names_a_machine_or_a_package_index(tracked, root):
    found = {p.relative_to(root).as_posix(): MACHINE.search(_text(p)) for p in tracked}
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_nothing_is_unpickled_or_evaluated(root):
    for path in chain.from_iterable((root / part).rglob("*.py") for part in CODE[:3]):
        for node in ast.walk(ast.parse(_text(path))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "")}
                assert not names & {"pickle", "marshal", "shelve", "joblib"}, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile"}, path


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_a_package_with_known_holes_is_above_its_floor(name):
    assert Version(version(name)) >= Version(FLOORS[name])


def test_the_gdal_that_reads_rasters_is_above_its_floor():
    assert Version(rasterio.__gdal_version__) >= Version("3.12")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_file_has_a_hash(root, lock):
    text = _text(root / lock)
    pins = re.findall(r"^(\S+)==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert pins
    assert pins == re.findall(r"^([A-Za-z0-9][^\s=]*)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_the_declared_dependencies(root, project, lock):
    pins = dict(re.findall(r"^(\S+)==(\S+) ", _text(root / lock), re.MULTILINE))
    declared = [*project["dependencies"]]
    if lock == "requirements-dev.lock":
        declared += project["optional-dependencies"]["dev"]
    for text in declared:
        wanted = Requirement(text)
        pinned = pins.get(wanted.name.lower().replace(".", "-").replace("_", "-"))
        assert pinned is not None, f"{wanted.name} is not locked: make lock"
        assert wanted.specifier.contains(pinned), f"{wanted} is locked at {pinned}: make lock"


def test_what_is_tested_is_what_runs(root):
    run, dev = (
        dict(re.findall(r"^(\S+)==(\S+) ", _text(root / lock), re.MULTILINE)) for lock in LOCKS
    )
    assert run.items() <= dev.items()


def test_every_dependency_is_explained(root, project):
    page = _text(root / "docs" / "decisions" / "0002-dependencies.md")
    rows = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert {Requirement(text).name for text in declared} <= rows


def test_the_readme_names_commands_that_exist(root):
    targets = set(re.findall(r"^([a-z]+):", _text(root / "Makefile"), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", _text(root / page), re.MULTILINE))
        assert named
        assert named <= targets


def test_every_setting_is_in_the_table_with_its_default(root):
    page = _text(root / "docs" / "impostazioni.md")
    rows = dict(re.findall(r"^\| `ATLANTE_([A-Z_]+)` \| ([^|]+) \|", page, re.MULTILINE))
    fields = BuildSettings.model_fields | Settings.model_fields
    assert set(rows) == {name.upper() for name in fields}
    for name, field in fields.items():
        if isinstance(field.default, int) or name in {"host", "frame_ancestors"}:
            assert rows[name.upper()] == f"`{field.default}`"


def test_the_readme_names_every_command(root):
    named = set(re.findall(r"`atlante ([a-z-]+)", _text(root / "README.md")))
    commands = (c.name or str(getattr(c.callback, "__name__", "")) for c in app.registered_commands)
    assert named == set(commands)


def test_the_licences_of_the_sources_are_told_alike(root):
    for page in ("README.md", "publiccode.yml"):
        assert "CC BY 3.0 IT" not in _text(root / page)
    readme = _text(root / "README.md")
    for section in ("Fonti e licenze", "Sources and licences"):
        told = readme.partition(f"## {section}")[2].partition("\n#")[0]
        assert re.search(r"Openpolis\S* \(CC BY 4\.0\)", told)
        assert "ISTAT (CC BY 3.0)" in told
        assert "`CC-BY-4.0`" in told


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_link_to_a_file_leads_somewhere(root, page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", _text(root / page))
    assert [link for link in links if not (root / link).exists()] == []


def test_the_licence_is_the_one_declared(root, project):
    assert project["license"] == "EUPL-1.2"
    assert _text(root / "LICENSE").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    described = yaml.safe_load(_text(root / "publiccode.yml"))
    assert described["legal"]["license"] == project["license"]


def test_the_reuse_description_has_what_the_catalogue_asks_for(root):
    described = yaml.safe_load(_text(root / "publiccode.yml"))
    for text in described["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert len(text["longDescription"]) >= 150
        assert text["features"]
        assert all((root / shot).exists() for shot in text.get("screenshots", []))


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function, decorators and docstring left out."""
    first = node.body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def _text(path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
