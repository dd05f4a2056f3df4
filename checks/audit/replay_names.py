"""Checks names that stand beside codes: each is the one that the table of the code gives it.

A name that follows from a published code tells nothing more; one without the code, or another
one, would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        shown = [c for c in published.collections.values() if field in c.fields]
        right = {**_beside(shown, field, code), **_listed(published, tables), None: None}
        for collection in shown:
            _names(tally, collection, field, code, right)


def _listed(published: Published, tables: tuple[str, ...]) -> dict[str, Any]:
    """Return the names of the tables by id, which is the code."""
    found = [published.collections[table] for table in tables if table in published.collections]
    return {
        ident: name
        for table in found
        if NAME in table.fields
        for ident, name in zip(table.ids, table.rows[NAME], strict=True)
    }


def _beside(shown: Iterable[Collection], field: str, code: str) -> dict[Any, Any]:
    """Return the name that stands first beside each code, over all collections.

    A municipality of another province is in no table: its name is one wherever it stands.
    """
    first = dict[Any, Any]()
    for collection in shown:
        if code in collection.fields:
            columns = (collection.rows[column] for column in (code, field))
            for of, name in zip(*columns, strict=True):
                first.setdefault(of, name)
    return first


def _names(
    tally: Tally, collection: Collection, field: str, code: str, right: Mapping[Any, Any]
) -> None:
    """Check the names of one collection."""
    if code not in collection.fields:
        tally.find(collection.id, f"{field} without the code it belongs to", code=code)
        return
    names, codes = (collection.rows[column].tolist() for column in (field, code))
    tally.each(
        [name == right[of] for name, of in zip(names, codes, strict=True)],
        collection.id,
        f"{field} is not the name of its code",
        lambda i: {"id": collection.ids[i], "code": codes[i], "shown": names[i]},
    )
