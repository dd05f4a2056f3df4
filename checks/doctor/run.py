"""Runs every comparison on a service."""

from __future__ import annotations

from collections.abc import Callable

from checks.audit.site import Site
from checks.doctor import rasters, sums, tilesets, zones
from checks.doctor.asks import Collection, Door, collections, download, files
from checks.doctor.tilesets import Tiles
from checks.doctor.told import Told


def examine(
    site: Site,
    progress: Callable[[str], None] = lambda _text: None,
    only: frozenset[str] = frozenset(),
) -> Told:
    """Compare all forms of all collections of a service.

    Parameters
    ----------
    site : Site
        Landing page of a service.
    progress : callable
        Told what is being looked at.
    only : set of str
        Collections and tilesets of several to look at; all if it is empty, and of a copy all files.

    Raises
    ------
    CannotAudit
        The service does not answer, or not as one of this kind.
    """
    told, door = Told(), Door(site)
    known = {of.id: of for of in collections(door, only)}
    tiles: dict[str, tuple[Collection, Tiles]] = {}
    for ident, of in known.items():
        progress(ident)
        told.count(ident, "items", len(of.rows), sum(len(row) for _, row in of.rows))
        for rows in download(door, of):
            told.same(ident, "geoparquet", of.ever if door.answers else of.rows, rows)
        for how, rows in files(door, of):
            told.same(ident, how, of.rows, rows)
        tiles[ident] = (of, tilesets.check(told, door, of))
        zones.check(told, door, of, known)
        rasters.check(told, door, of)
    progress("tiles")
    tilesets.check_joined(told, door, tiles, only)
    if not door.answers and not only:
        sums.check(told, door, progress)
    return told
