"""Finds releases that still publish a place which is secret today.

A release never changes, so an office that becomes reserved stays in the releases that were made
before, with its place. Whoever keeps the releases must remove those.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import shapely

from geo_core.errors import ReleaseError
from geo_core.ingest.secret import Secrets
from geo_core.model.layer import Layer
from geo_core.release.pointer import available
from geo_core.release.read import read_manifest

_PLACE: Final = ("indirizzo", "cap", "h3_r9")
"""Fields that say where an office or the seat of a body is."""


def exposing(root: Path, secrets: Secrets, *, spare: str) -> list[str]:
    """Return the releases that publish one of the secret places, the last published first.

    Parameters
    ----------
    root : Path
        Folder of releases.
    secrets : Secrets
        What is secret today. An office is found by its code, and whatever stands at its place
        or tells its address by these, if the register still has them.
    spare : str
        A release that is known to publish none: the one that was just made.
    """
    return [i for i in available(root) if i != spare and _exposes(root / i, secrets)]


def _exposes(folder: Path, secrets: Secrets) -> bool:
    try:
        layers = [info.layer for info in read_manifest(folder).collections]
    except ReleaseError:
        # It cannot be served, and nobody can tell what is in it.
        return True
    return any(
        _shows(feature, secrets)
        for layer in layers
        if _may_show(layer)
        for feature in _features(folder / "collections" / layer.id / "features.geojsonl")
    )


def _may_show(layer: Layer) -> bool:
    """Say whether a layer has rows of offices and organisations, or what they do."""
    return layer.resolution is None and {"id_sede", "id_org"} & set(layer.field_names) != set()


def _features(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open("rb") as lines:
            yield from map(orjson.loads, lines)


def _shows(feature: dict[str, Any], secrets: Secrets) -> bool:
    row, drawn = feature["properties"], feature["geometry"]
    own = row.get("id_sede") in secrets.offices or (
        "id_sede" not in row and "denominazione" in row and row["id_org"] in secrets.owners
    )
    if own and (drawn is not None or any(row.get(name) is not None for name in _PLACE)):
        return True
    if drawn is not None and secrets.at_place(shapely.from_geojson(orjson.dumps(drawn))):
        return True
    return any(secrets.told(text, row.get("cod_istat")) for text in row.values())
