"""Holds what an importer says of its rows to the count: taken, refused or left out."""

from __future__ import annotations

from geo_core.importers.base import Imported


def left_out(done: Imported) -> dict[str, int]:
    """Return the rows that are left out by their reason in English; the account is whole."""
    found = {part.why.en: part.rows for part in done.left_out}
    assert done.rows == done.accepted + len(done.problems) + sum(found.values())
    assert all(part.why.it != part.why.en for part in done.left_out)
    return found


def notes(done: Imported) -> str:
    """Return the notes in English, one to a line."""
    assert all(note.it != note.en for note in done.notes)
    return "\n".join(note.en for note in done.notes)
