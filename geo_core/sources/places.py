"""Where rows are read from: a file, a table of a database, or a collection of another server."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from geo_core.errors import SourceError
from geo_core.sources import ogcapi, postgis, registry
from geo_core.sources.base import LIMITS, Limits, Reading

_WEB: Final = frozenset({"http", "https"})
_DATABASE: Final = frozenset({"postgresql", "postgres"})


def read(place: str, *, layer: str | None = None, limits: Limits = LIMITS) -> Reading:
    """Read one place.

    Parameters
    ----------
    place : str
        Path of a file; ``https://host/path/collections/ID`` of an OGC API Features server; or
        ``postgresql://host/database#schema.table`` (encryption, certificates and passwords are
        libpq's: a `~/.pgpass` or a `service` keeps the password off the command line).
    layer : str | None
        Sheet, layer or entity of a file that holds several.
    limits : Limits
        What is accepted.

    Raises
    ------
    SourceError
        Whatever is wrong with it; an address is never repeated.
    """
    scheme = urlsplit(place).scheme.lower()
    if scheme in _WEB:
        landing, _, collection = place.rstrip("/").rpartition("/collections/")
        if not landing:
            hint = "write https://host/collections/ID"
            raise SourceError("is not the address of a collection", where="the server", hint=hint)
        return ogcapi.read(landing, collection=collection, limits=limits)
    if scheme in _DATABASE:
        address, _, table = place.partition("#")
        if not table:
            hint = "write postgresql://host/database#schema.table"
            raise SourceError("names no table", where="the database", hint=hint)
        return postgis.read(address, table=table, limits=limits)
    return registry.read(Path(place), layer=layer, limits=limits)


def label(place: str) -> str:
    """Return the name of a place that may be shown: an address may hold a password."""
    scheme = urlsplit(place).scheme.lower()
    if scheme in _DATABASE:
        return place.partition("#")[2] or "the database"
    if scheme in _WEB:
        return place.rstrip("/").rpartition("/")[2]
    return Path(place).name
