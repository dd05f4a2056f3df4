"""Checks names that stand beside codes: each is the one that the table of the code gives it.

A name that follows from a published code tells nothing more; one without the code, or another
one, would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.published import Collection, Published

NAMED_BY: Final = {
    "nome_comune": ("cod_istat", ("comuni",)),
    "nome_ambito": ("cod_ambito", ("ambiti",)),
    "nome_org": ("id_org", ("organizzazioni",)),
    "nome_unita": ("unita", ("comuni", "ambiti")),
}
"""By field of a name: field of the code, and the tables that give names to codes."""
NAME: Final = "denominazione"


def check(tally: Tally, published: Published) -> None:
    """Check every collection that has names beside codes."""
    for field, (code, tables) in NAMED_BY.items():
        known = _known(published, tables)
        for collection in published.collections.values():
            if field in collection.fields:
                _names(tally, collection, field, code, known)


def _known(published: Published, tables: tuple[str, ...]) -> dict[str, Any]:
    """Return the names of the tables by id, which is the code."""
    return {
        ident: name for table in tables for ident, name in _listed(published.collections.get(table))
    }


def _listed(table: Collection | None) -> Iterator[tuple[str, Any]]:
    if table is not None and NAME in table.fields:
        yield from zip(table.ids, table.rows[NAME], strict=True)


def _names(
    tally: Tally, collection: Collection, field: str, code: str, known: Mapping[str, Any]
) -> None:
    """Check the names of one collection.

    A municipality of another province is in no table: its name is one for all rows.
    """
    if code not in collection.fields:
        tally.find(collection.id, f"{field} without the code it belongs to", code=code)
        return
    names, codes = (collection.rows[column].tolist() for column in (field, code))
    first: dict[Any, Any] = {None: None, **dict(zip(reversed(codes), reversed(names), strict=True))}
    right = {**first, **known, None: None}
    tally.each(
        [name == right[of] for name, of in zip(names, codes, strict=True)],
        collection.id,
        f"{field} is not the name of its code",
        lambda i: {"id": collection.ids[i], "code": codes[i], "shown": names[i]},
    )
