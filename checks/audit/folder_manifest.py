"""What a manifest may say: known members, and no number that nothing published explains.

The manifest repeats declarations: titles, descriptions, styles, code lists, names of inputs. All
are texts that people write, so each number in one that has to do with persons needs a reason, and
both languages have the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import orjson
import shapely

from checks.audit import folder_styles, forms
from checks.audit.documents import PROMISED, explained, leaves, numbers_in, numbers_of
from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, REPORT, Folder
from checks.audit.manifest_form import MANIFEST as FORM
from checks.audit.manifest_form import REPORT as REPORT_FORM
from checks.audit.published import Collection, Published
from checks.audit.themes import themes_of

OPEN_INPUT: Final = re.compile(
    r"\d{4}_italy_[a-z_]{1,30}\.feather|confini\.parquet"
    r"|(residenti|popolazione|ambiti|localita|fonti|comuni_storia)\.csv"
)
"""Inputs with public rows alone. Of any other a hash lets whoever knows all rows but one guess
the last."""
VERSIONS: Final = re.compile(r"\d{4}(-\d{2}-\d{2})?|anno non dichiarato")
NAMED: Final = "denominazione"
"""Column of the names of bodies."""


def check(tally: Tally, published: Published) -> None:
    """Check the manifest of a release folder, and the report in it."""
    folder = published.folder
    if folder is None:
        return
    forms.check(tally, MANIFEST, folder.manifest, FORM)
    if raw := folder.read(REPORT):
        _report(tally, raw)
    themes = themes_of(published.disclosure)
    bodies = set().union(*map(numbers_in, _names(published)))
    known = numbers_of(published.disclosure) | PROMISED | bodies | explained(published)
    protected = [c for c in published.collections.values()
                 if any(t.covers(c.id, c.fields) for t in themes)]  # fmt: skip
    for collection in published.collections.values():
        _described(tally, folder, collection)
    shared = ("title", "publication", "styles", "codelists")
    _languages(tally, {name: folder.manifest[name] for name in shared})
    for collection in protected:
        layer = folder.layers[collection.id]
        _languages(tally, layer, (collection.id,))
        own = known | numbers_in(collection.id.replace("_", " "))
        _texts(tally, f"{MANIFEST}, {collection.id}", layer, own)
        lists = {f["codelist"] for f in layer["fields"]} & folder.manifest["codelists"].keys()
        for name in sorted(lists):
            _codes(tally, name, folder.manifest["codelists"][name], own)
    folder_styles.check(tally, folder, {c.id for c in protected}, known)
    _texts(tally, MANIFEST, [folder.manifest["title"], folder.manifest["publication"]],
           bodies | {folder.manifest["reference_date"][:4]})  # fmt: skip
    _inputs(tally, folder, explained(published))
    _stated(tally, folder, published.disclosure["statements"])


def _report(tally: Tally, raw: bytes) -> None:
    """Check that the report of the audit has known members."""
    try:
        report = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        tally.find(REPORT, f"the report is no JSON: {error}")
        return
    # Nothing is counted: the report is the same whether or not it is in the folder already.
    forms.find(tally, REPORT, report, REPORT_FORM)


def _languages(tally: Tally, node: Any, path: tuple[str, ...] = ()) -> None:
    """Check that both languages of every text have the same numbers."""
    if isinstance(node, Mapping) and node.keys() == {"it", "en"}:
        tally.require(
            numbers_in(node["it"]) == numbers_in(_english(node["en"])),
            f"{MANIFEST}, {'.'.join(path)}",
            "a text whose languages have other numbers",
            text=dict(node),
        )
        return
    named = node.items() if isinstance(node, Mapping) else ()
    listed = [(str(at), one) for at, one in enumerate(node)] if isinstance(node, list) else ()
    for name, child in (*named, *listed):
        _languages(tally, child, (*path, name))


def _english(text: str) -> str:
    """Return a text with thousands as in Italian."""
    return re.sub(r"(?<=\d),(?=\d{3}\b)", ".", text)


def _names(published: Published) -> Iterator[str]:
    """Yield the names of bodies that open collections have."""
    themes = themes_of(published.disclosure)
    for collection in published.collections.values():
        covered = any(t.covers(collection.id, collection.fields) for t in themes)
        if not covered and NAMED in collection.fields:
            yield from (str(v) for v in collection.rows[NAMED] if v is not None)


def _texts(tally: Tally, where: str, document: Any, known: AbstractSet[str]) -> None:
    for path, value in leaves(document):
        if isinstance(value, str) and path[-1:] not in {("id",), ("namespace",), ("name",)}:
            odd = sorted(numbers_in(_english(value)) - known)
            tally.require(
                not odd,
                where,
                "a text with a number that nothing explains",
                path=".".join(path),
                numbers=odd,
            )


def _codes(
    tally: Tally, name: str, listed: Sequence[Mapping[str, Any]], known: AbstractSet[str]
) -> None:
    """Check that titles of the codes of protected columns have the numbers of their codes."""
    for entry in listed:
        found = numbers_in(entry["title"]["it"])
        own = numbers_in(entry["code"].replace("_", " "))
        tally.require(
            found <= own | known,
            f"{MANIFEST}, {name}",
            "the title of a code has other numbers than the code",
            code=entry["code"],
            title=entry["title"]["it"],
        )


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


def _inputs(tally: Tally, folder: Folder, known: AbstractSet[str]) -> None:
    """Check names, versions and hashes of inputs: those with records of persons have no hash."""
    day, versions = folder.manifest["reference_date"], folder.manifest["versions"]
    packages = {f"{name} {number}" for name, number in versions.items()}
    for said in folder.manifest["inputs"]:
        is_open = OPEN_INPUT.fullmatch(said["name"]) is not None
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
        odd = sorted(numbers_in(said["attribution"]) - known)
        tally.require(
            not odd, where, "a source with a number that no open collection has", numbers=odd
        )


def _stated(tally: Tally, folder: Folder, said: Sequence[Mapping[str, Any]]) -> None:
    """Check that categories have titles of a code list, and that the library is the stated one."""
    lists = [
        {entry["code"]: entry["title"] for entry in listed}
        for listed in folder.manifest["codelists"].values()
    ]
    library = f"opendp {folder.manifest['versions'].get('opendp')}"
    for one in said:
        shown = one["categories"]
        tally.require(
            (one["method"] or {}).get("library") in {None, library},
            f"disclosure of {one['theme']} {one['year']}",
            "noise of a library that did not make the release",
            library=one["method"].get("library"),
        )
        tally.require(
            any(all(of.get(code) == title for code, title in shown.items()) for of in lists),
            f"disclosure of {one['theme']} {one['year']}",
            "titles of categories that no code list gives",
            categories=sorted(shown),
        )
