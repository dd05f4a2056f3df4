"""What a manifest may say: all members of its form, each with a rule (see `members`).

The manifest repeats declarations: titles, descriptions, styles, code lists, names of inputs. What
follows from rows, statement and other members is compared with these; what people write has the
letters of its languages, and of protected figures no number that nothing explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson
import shapely

from checks.audit import (
    forms,
    manifest_layers,
    manifest_lists,
    manifest_texts,
    statement_order,
)
from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, REPORT, STATEMENT, Folder
from checks.audit.manifest_form import MANIFEST as FORM
from checks.audit.manifest_form import RECORDS
from checks.audit.manifest_form import REPORT as REPORT_FORM
from checks.audit.published import Collection, Published
from checks.audit.statement_form import DISCLOSURE

VERSIONS: Final = re.compile(r"\d{4}(-\d{2}-\d{2})?|anno non dichiarato")


def check(tally: Tally, published: Published) -> None:
    """Check the manifest of a release folder, and the report in it."""
    folder = published.folder
    if folder is None:
        return
    if not _whole(tally, MANIFEST, folder.manifest, FORM):
        return
    if raw := folder.read(REPORT):
        _report(tally, raw)
    if not _whole(tally, STATEMENT, orjson.loads(folder.read(STATEMENT)), DISCLOSURE):
        return
    for collection in published.collections.values():
        _described(tally, folder, collection)
    manifest_layers.check(tally, folder, published)
    manifest_lists.check(tally, folder, published)
    manifest_texts.check(tally, folder, published)
    statement_order.of_release(tally, folder, published.disclosure)
    _inputs(tally, folder)
    _stated(tally, published, folder)


def _whole(tally: Tally, where: str, document: Any, form: forms.Form) -> bool:
    """Check that a document has all members of its form in their order, and no other."""
    before = len(tally.findings)
    forms.check(tally, where, document, form)
    if len(tally.findings) == before:
        for path in forms.disordered(document, form):
            tally.find(where, "members that are not all there, or stand in an order of their own",
                       path=".".join(path))  # fmt: skip
    return len(tally.findings) == before


def _report(tally: Tally, raw: bytes) -> None:
    """Check that the report of the audit has known members."""
    try:
        report = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        tally.find(REPORT, f"the report is no JSON: {error}")
        return
    # Nothing is counted: the report is the same whether or not it is in the folder already.
    forms.find(tally, REPORT, report, REPORT_FORM)


def _described(tally: Tally, folder: Folder, collection: Collection) -> None:
    """Check number, box and days of a collection against its features."""
    info = next(i for i in folder.manifest["collections"] if i["layer"]["id"] == collection.id)
    shapes = [shape for shape in collection.geometry if shape is not None]
    first, last = (
        ("periodo_inizio", "periodo_fine")
        if info["layer"]["period"]
        else ("valido_dal", "valido_al")
    )
    starts = [v for v in collection.rows[first] if v is not None]
    ends = collection.rows[last].tolist()
    made = {
        "count": len(collection.features),
        "bbox": shapely.total_bounds(shapes).tolist() if shapes else None,
        "interval": [
            min(starts, default=None),
            max(ends) if ends and None not in ends else None,
        ],
    }
    for name, value in made.items():
        tally.require(
            info[name] == value,
            f"{MANIFEST}, {collection.id}",
            f"{name} is not that of the features",
            stated=info[name],
            features=value,
        )


def _inputs(tally: Tally, folder: Folder) -> None:
    """Check names, versions and hashes of inputs: those with records of persons have no hash."""
    day, versions = folder.manifest["reference_date"], folder.manifest["versions"]
    packages = {f"{name} {number}" for name, number in versions.items()}
    for said in folder.manifest["inputs"]:
        # Of another a hash would let whoever knows all rows but one guess the last.
        is_open = said["name"].removesuffix(".csv") not in RECORDS
        where = f"{MANIFEST}, {said['name']}"
        tally.require(
            is_open or said["sha256"] is None,
            where,
            "a hash of an input that may hold records of persons",
        )
        dated = VERSIONS.fullmatch(said["version"]) is not None or said["version"] in packages
        tally.require(
            dated if is_open else said["version"] == day,
            where,
            "a version that is neither the day nor the package of the release",
            version=said["version"],
        )


def _stated(tally: Tally, published: Published, folder: Folder) -> None:
    """Check that categories have titles of a code list, and that the library is the stated one."""
    library = f"opendp {folder.manifest['versions'].get('opendp')}"
    for one in published.disclosure["statements"]:
        where, shown = f"disclosure of {one['theme']} {one['year']}", one["categories"]
        tally.require(
            one["method"]["library"] in {None, library},
            where,
            "noise of a library that did not make the release",
            library=one["method"]["library"],
        )
        lists = [of for of in _lists(folder, one["collections"]) if shown.keys() <= of.keys()]
        tally.require(
            all(of[code] == title for of in lists for code, title in shown.items()),
            where,
            "titles of categories that the code list of their columns has not",
            categories=sorted(shown),
        )
        manifest_texts.titles(tally, where, shown)


def _lists(folder: Folder, collections: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the code lists of the columns of some collections: titles by code."""
    known = folder.layers.keys() & set(collections)
    named = {f["codelist"] for ident in known for f in folder.layers[ident]["fields"]}
    for name in sorted(named & folder.manifest["codelists"].keys()):
        yield {entry["code"]: entry["title"] for entry in folder.manifest["codelists"][name]}
