"""What a build tells of its work on one line each: in Italian, then in English."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from geo_core.gate import REPORT
from geo_core.ingest.handed_in import Counted
from geo_core.ingest.italian import in_italian
from geo_core.model.manifest import Manifest
from geo_core.model.text import Text, counted

_ROWS: Final = (("riga", "righe"), ("row", "rows"))
_ACCEPTED: Final = (("accolta", "accolte"), ("accepted", "accepted"))
_REFUSED: Final = (("rifiutata", "rifiutate"), ("refused", "refused"))
_MERGED: Final = (("di persone già contate",) * 2, ("of persons counted already",) * 2)
_WITHHELD: Final = (("con il luogo segreto",) * 2, ("with a place kept secret",) * 2)
_RESTRICTED: Final = (("non pubblica", "non pubbliche"), ("not public", "not public"))


def where_rows_went(counts: Mapping[str, Counted]) -> Iterator[str]:
    """Say of each table of the input folder what became of its rows."""
    for name, table in counts.items():
        yield f"{name}: {both(_NO_FILE if table.absent else _went(table))}"


def in_both(notes: tuple[str, ...]) -> Iterator[str]:
    """Say notes of the checks, which are in English, in Italian too."""
    for note in notes:
        yield both(Text(it=in_italian(note), en=note))


def passed(folder: Path) -> str:
    """Say what the audit of a release that passed it came to."""
    figures = json.loads((folder / REPORT).read_bytes())["figures"]
    said = counted(
        figures,
        ("cifra ricalcolata, nessun rilievo", "cifre ricalcolate, nessun rilievo"),
        ("figure computed again, no findings", "figures computed again, no findings"),
    )
    return both(said)


def built(manifest: Manifest) -> str:
    """Say what was published."""
    shown = counted(
        len(manifest.collections), ("raccolta", "raccolte"), ("collection", "collections")
    )
    number = sum(info.count for info in manifest.collections)
    features = counted(number, ("oggetto", "oggetti"), ("feature", "features"))
    said = Text(it=f"{shown.it}, {features.it}", en=f"{shown.en}, {features.en}")
    return f"{manifest.id}: {both(said)}"


def both(text: Text) -> str:
    """Write a short text in both languages on one line."""
    return f"{text.it} / {text.en}"


_NO_FILE: Final = Text(
    it="nessun file, non se ne pubblica nulla", en="no file, so nothing is published of it"
)


def _went(table: Counted) -> Text:
    rows = counted(table.rows, *_ROWS)
    parts = [
        counted(number, *words)
        for number, words in (
            (table.accepted, _ACCEPTED),
            (table.withheld, _WITHHELD),
            (table.merged, _MERGED),
            (table.restricted, _RESTRICTED),
            (table.refused, _REFUSED),
        )
        if number
    ]
    it, en = (", ".join(p.in_(lang) for p in parts) for lang in ("it", "en"))
    if table.geocoded:
        found = ", ".join(f"{number} {quality}" for quality, number in table.geocoded.items())
        it += f"; posizioni trovate dall'indirizzo: {found}"
        en += f"; positions found by address: {found}"
    return Text(it=f"{rows.it}, {it}", en=f"{rows.en}, {en}") if it else rows
