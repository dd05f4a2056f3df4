"""Every member of the documents of a release has a rule, and the rule holds it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import tiny_folder

from checks.audit import folder_files, folder_manifest, members, replay, statement_form
from checks.audit.collect import collect
from checks.audit.findings import Tally
from checks.audit.forms import Keyed
from checks.audit.manifest_form import MANIFEST, REPORT
from checks.audit.site import CannotAudit, open_site

FORMS = {"manifest": MANIFEST, "statement": statement_form.DISCLOSURE, "report": REPORT}
BILINGUAL = {"it", "en"}
ELSEWHERE = {"report", "manifest.tilesets.bounds", "manifest.files"}
"""Planted one by one: in the report, and in what is compared with the bytes of files."""
ABSENT = {
    "manifest.collections.layer.estimated_on",
    "manifest.collections.layer.fields.weight",
    "manifest.collections.layer.raster.field",
    "manifest.styles.*.classes.value",
    "manifest.styles.*.also.classes.value",
    "manifest.styles.*.grid.rows",
    "manifest.styles.*.grid.columns",
    "manifest.styles.*.also.grid.rows",
    "manifest.styles.*.also.grid.columns",
    "manifest.styles.*.visible.farthest",
    "manifest.styles.*.visible.nearest",
    "manifest.styles.*.label",
    "statement.statements.rounding.base",
    "statement.statements.rounding.bound",
    "statement.statements.intervals.column",
    "statement.statements.estimates.intervals.resolution",
    "statement.statements.estimates.utility.resolution",
}
"""Null in the small release, or of open collections alone; each is planted by itself."""


def paths(form: Any, path: str) -> Iterator[str]:
    """Yield every member of a form; `*` stands for a name."""
    if isinstance(form, tuple):
        form = next((one for one in form if isinstance(one, Mapping | Keyed | list)), None)
    if isinstance(form, Mapping) and form.keys() != BILINGUAL:
        for name, of in form.items():
            yield from paths(of, f"{path}.{name}")
    elif isinstance(form, Keyed):
        yield f"{path}.*"
        yield from (one for one in paths(form.of, f"{path}.*") if one != f"{path}.*")
    elif isinstance(form, list) and isinstance(form[0], Mapping | Keyed | list):
        yield from paths(form[0], path)
    else:
        yield path


def test_every_member_has_a_rule():
    every = [one for name, form in FORMS.items() for one in paths(form, name)]
    assert list(members.RULES) == list(dict.fromkeys(every))
    kinds = {members.DERIVED, members.DECLARED, members.CLOSED, members.TEXT}
    assert set(members.RULES.values()) <= kinds


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("members") / "release"
    tiny_folder.write(folder)
    with closing(open_site(str(folder))) as site:
        return collect(site)


def found(published) -> bool:
    """Tell whether a check of the documents finds anything, then one of figures or files."""
    tally = Tally("members")
    try:
        statement_form.check(tally, published.disclosure)
        folder_manifest.check(tally, published)
        if not tally.findings:
            folder_files._identity(tally, published.folder)
            tally.findings += replay.check(published).findings
    except (
        CannotAudit,
        LookupError,
        StopIteration,
    ):  # the gate publishes nothing that stops a check
        return True
    return bool(tally.findings)


def places(node: Any, names: list[str]) -> Iterator[tuple[Any, Any]]:
    """Yield every container of a member in a document, and its name in it."""
    if isinstance(node, list):
        for one in node:
            yield from places(one, names)
    elif isinstance(node, dict):
        first, *rest = names
        for name in list(node) if first == "*" else [first] if first in node else []:
            if rest:
                yield from places(node[name], rest)
            elif first == "*" or node[name] is not None:
                yield node, name


def other(value: Any, kind: str) -> Any:  # noqa: PLR0911 - one for each kind of value
    """Return another value: of a closed form or a text one that these do not have."""
    match value:
        case {"it": it, "en": en}:
            return {"it": f"{it}\u00b9", "en": f"{en}\u00b9"}
        case bool():
            return not value if kind in {members.DERIVED, members.DECLARED} else "117"
        case int():
            return value + (0.5 if kind == members.CLOSED else 1)
        case float():
            return value + 1.17e-5
        case str():
            return f"{value}\u00b9" if kind in {members.TEXT, members.CLOSED} else _next(value)
        case list():
            return [*value, other(value[0], kind)] if value else ["n_117"]
        case dict():
            return {f"{name}x": child for name, child in value.items()}
    raise AssertionError(value)


def _next(text: str) -> str:
    return text[:-1] + ("b" if text.endswith("a") else "a")


def changed(document: dict[str, Any], path: str) -> bool:
    """Change one member of a document, of a protected collection if it is of one."""
    _, *names = path.split(".")
    for container, name in reversed(list(places(document, names))):
        if names[-1] == "*" and len(names) > 1:
            kept = {(f"{n}x" if n == name else n): child for n, child in container.items()}
            container.clear()
            container.update(kept)
            return True
        if "layer" in path and names[-1] != "resolution" and not _protected(document, container):
            continue
        container[name] = other(container[name], members.RULES[path])
        return True
    return False


def _protected(document: dict[str, Any], container: Any) -> bool:
    infos = [i for i in document["collections"] if i["layer"]["id"] == "bisogni_r7"]
    inside = [layer := infos[0]["layer"], *layer["fields"], layer["zooms"], layer["raster"]]
    return any(container is one for one in inside)


TRIED = [
    path for path in members.RULES if not path.startswith(tuple(ELSEWHERE)) and path not in ABSENT
]


def test_nothing_is_found_in_the_release_as_it_is(published):
    assert not found(published)


@pytest.mark.parametrize("path", TRIED)
def test_a_member_that_is_changed_alone_is_found(published, path):
    document = path.partition(".")[0]
    given = published.folder.manifest if document == "manifest" else published.disclosure
    said = copy.deepcopy(given)
    assert changed(said, path)
    spoiled = (
        replace(published, folder=replace(published.folder, manifest=said))
        if document == "manifest"
        else replace(published, disclosure=said)
    )
    assert found(spoiled)
