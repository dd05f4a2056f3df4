"""The whole directory as tables: the tabular form of HSDS, zipped with its data package.

The tables are read off the full objects: whatever is nested in one is a row of another table,
and finds its way back by the identifier it holds.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

import orjson

from api.exchange.hsds import organization_full, service_full
from api.exchange.parts import taxonomy, term
from api.exchange.view import Thing, View

type Tables = dict[str, dict[str, Thing]]
"""Rows by identifier, by name of the table."""

_TABLES: Final = {
    "organization": "organizations",
    "organizations": "organizations",
    "services": "services",
    "service_at_locations": "service_at_locations",
    "location": "locations",
    "locations": "locations",
    "addresses": "addresses",
    "contacts": "contacts",
    "phones": "phones",
    "schedules": "schedules",
    "accessibility": "accessibility",
    "service_areas": "service_areas",
    "cost_options": "cost_options",
    "required_documents": "required_documents",
    "organization_identifiers": "organization_identifiers",
    "attributes": "attributes",
    "taxonomy_term": "taxonomy_terms",
    "taxonomy_terms": "taxonomy_terms",
    "taxonomy_detail": "taxonomies",
    "taxonomies": "taxonomies",
}
"""Table of what stands under each member of an object."""

_NUMBERS: Final = frozenset({"latitude", "longitude", "minimum_age", "maximum_age", "amount"})
_SINCE_1980: Final = (1980, 1, 1, 0, 0, 0)


def tables(view: View) -> Tables:
    """Return every table of the directory, rows by identifier."""
    found = view.directory
    whole = {
        "services": [service_full(view, ident) for ident in found.services],
        # The services of an organisation are all in their own table.
        "organizations": [
            {k: v for k, v in organization_full(view, ident).items() if k != "services"}
            for ident in found.organizations
        ],
        "taxonomies": [taxonomy(view, ident) for ident in found.taxonomies],
        "taxonomy_terms": [term(view, ident) for ident in found.terms],
    }
    out: Tables = {}
    for name, row in _rows(whole):
        kept = out.setdefault(name, {})
        kept[row["id"]] = {**kept.get(row["id"], {}), **row}
    return out


def _rows(thing: Thing) -> Iterator[tuple[str, Thing]]:
    """Yield (table, row) of everything nested in an object, the object itself not included."""
    for member, value in thing.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                scalars = {k: v for k, v in one.items() if not isinstance(v, dict | list)}
                yield _TABLES[member], scalars
                yield from _rows(one)


def datapackage(view: View, *, title: str, licence: str) -> bytes:
    """Return a zip of one CSV file per table and the `datapackage.json` that describes them.

    Parameters
    ----------
    title : str
        Title of the release.
    licence : str
        SPDX id of the licence.
    """
    found = tables(view)
    package = {
        "profile": "tabular-data-package",
        "name": "hsds",
        "title": title,
        "licenses": [{"name": licence}],
        "resources": [_resource(name, rows) for name, rows in found.items()],
    }
    files = {"datapackage.json": orjson.dumps(package, option=orjson.OPT_INDENT_2)}
    files |= {f"{name}.csv": _csv(rows) for name, rows in found.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            # The date is fixed: the same release gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name, _SINCE_1980), body, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _columns(rows: dict[str, Thing]) -> list[str]:
    return list(dict.fromkeys(name for row in rows.values() for name in row))


def _resource(name: str, rows: dict[str, Thing]) -> dict[str, Any]:
    fields = [
        {"name": column, "type": "number" if column in _NUMBERS else "string"}
        for column in _columns(rows)
    ]
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, "primaryKey": "id"},
    }


def _csv(rows: dict[str, Thing]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _columns(rows), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows.values())
    return text.getvalue().encode()
