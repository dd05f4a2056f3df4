"""The codes of social benefits (SIUSS): INPS's controlled vocabularies, csv or json.

``tipo_categoria_siuss`` has the benefits, ``tipo_area_utenza`` the three user areas. The csv has
the columns url, label_it, level, id.@language, id.@value; the json is a list of objects with
url, ``id`` (``@language``, ``@value``) and label_it. Which of the two a file is, its urls say.

What comes out is a code list like those of `layers/codelists/`, no table. The vocabularies are in
Italian only: English titles are the list's in place, or the Italian ones.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from geo_core.catalog import CodeList
from geo_core.errors import IngestError, SourceError
from geo_core.importers.base import UNCHANGED, Context, Imported, Importer
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.model.text import Text
from geo_core.sources import csv
from geo_core.sources.base import MIB
from geo_core.sources.bounded import check_file

MOST: Final = 4 * MIB

_URL: Final = re.compile(r"https://w3id\.org/italia/social-security/[\w/-]{1,100}/(\w{1,60})/\S+")
_CODE: Final = re.compile(r"[A-Z]?\d{1,2}(\.\d{2}){0,2}")
_TITLES: Final = {
    "tipo_categoria_prestazione_siuss": (
        "prestazione",
        Text(it="Prestazione sociale", en="Social benefit"),
    ),
    "tipo_area_utenza": (
        "area_utenza_siuss",
        Text(it="Area di utenza (SIUSS)", en="User area (SIUSS)"),
    ),
}
"""Our list by the name of the vocabulary."""

_SOURCE: Final = Text(it="Codici SIUSS (INPS, CC BY 4.0)", en="SIUSS codes (INPS, CC BY 4.0)")

type _Concept = tuple[int, str, str, str]
"""Row, address, code, title."""


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one or both vocabularies into code lists.

    Raises
    ------
    SourceError, IngestError
        A file cannot be read, or is no such vocabulary.
    """
    del context
    lists: dict[str, CodeList] = {}
    notes: list[Text] = []
    rows = 0
    listed: list[RowProblem] = []
    if not files:
        raise IngestError("no file is given", hint="give tipo_categoria_siuss.csv")
    for path in files:
        problems = Problems(path)
        name, codelist = _list(path, problems)
        rows += len(codelist.codes) + len(problems.listed())
        if name in lists:
            hint = "send one of them"
            raise IngestError(f"two files are the list {name}", where=path.name, hint=hint)
        lists[name] = codelist
        codes = len(codelist.codes)
        notes.append(
            Text(it=f"codici dell'elenco {name}: {codes}", en=f"codes of the list {name}: {codes}")
        )
        listed += problems.listed()
    return Imported(
        {},
        rows=rows,
        accepted=rows - len(listed),
        notes=tuple(notes),
        problems=tuple(listed),
        codelists=lists,
    )


def with_english(codelist: CodeList, before: CodeList) -> CodeList:
    """Return a list with the English titles that an earlier one has for the same codes."""
    codes = {
        code: before.codes[code].model_copy(update={"it": title.it})
        if code in before.codes
        else title
        for code, title in codelist.codes.items()
    }
    return codelist.model_copy(update={"codes": codes})


def _list(path: Path, problems: Problems) -> tuple[str, CodeList]:
    concepts = list(_concepts(path))
    addresses = [_URL.fullmatch(url) for _, url, _, _ in concepts]
    vocabularies = {found[1] for found in addresses if found}
    if len(vocabularies) != 1 or not vocabularies <= set(_TITLES) or not all(addresses):
        hint = f"send one of INPS's vocabularies: {', '.join(_TITLES)}"
        raise IngestError("is not one known vocabulary", where=path.name, hint=hint)
    name, title = _TITLES[vocabularies.pop()]
    codes: dict[str, dict[str, str]] = {}
    for row, url, code, label in concepts:
        if code in codes:
            problems.add(row, "id", Refusal("repeats the code of an earlier row", UNCHANGED))
        elif not _CODE.fullmatch(code) or not url.endswith(f"/{code}") or not label:
            problems.add(
                row, "id", Refusal("has no code, no title, or another's address", UNCHANGED)
            )
        else:
            codes[code] = {"it": label, "en": label}
    digest = hashlib.sha256(json.dumps(codes, ensure_ascii=False).encode())
    about = {"title": title, "source": _SOURCE, "version": f"sha256:{digest.hexdigest()[:12]}"}
    return name, CodeList.model_validate({**about, "codes": codes})


def _concepts(path: Path) -> Iterator[_Concept]:
    check_file(path, MOST)
    if path.suffix.lower() == ".json":
        yield from _from_json(path)
        return
    frame = csv.read(path)
    columns = ["url", "id.@value", "label_it"]
    missing = [name for name in columns if name not in frame]
    if missing:
        message = f"the column {missing[0]} is missing"
        raise IngestError(message, where=path.name, hint=UNCHANGED)
    for row, cells in zip(frame.index, frame[columns].itertuples(index=False), strict=True):
        yield int(row), cells[0], cells[1], _title(cells[2])


def _from_json(path: Path) -> Iterator[_Concept]:
    broken = SourceError("is no list of concepts", where=path.name, hint="download it again")
    try:
        items: Any = json.loads(path.read_bytes())
        for number, item in enumerate(items, start=1):
            yield number, item["url"], item["id"]["@value"], _title(item["label_it"])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise broken from None


def _title(text: str) -> str:
    return " ".join(text.split())


IMPORTER: Final = Importer(
    name="siuss",
    title=Text(it="Codici delle prestazioni sociali (SIUSS)", en="Social benefit codes (SIUSS)"),
    makes=(),
    files=Text(
        it="tipo_categoria_siuss e tipo_area_utenza di INPS, .csv o .json",
        en="INPS's tipo_categoria_siuss and tipo_area_utenza, .csv or .json",
    ),
    read=read,
)
