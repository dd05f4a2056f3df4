"""Reads everything public of a release folder, as its manifest lists it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from checks.audit import zones
from checks.audit.folder import MANIFEST, STATEMENT, Folder
from checks.audit.published import (
    Collection,
    Field,
    Published,
    Tileset,
    check_feature,
    is_plain,
)
from checks.audit.site import CannotAudit, FolderSite, Site, lacking
from checks.audit.stored import Lines, Stored
from checks.audit.themes import themes_of
from checks.audit.tiles import archive

_TYPES = {
    "text": "string",
    "date": "string",
    "codes": "array",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}


_SUCH_AS = (
    "per esempio var/releases/2023-12-31-0123456789ab",
    "such as var/releases/2023-12-31-0123456789ab",
)


def collect_folder(site: FolderSite, progress: Callable[[str], None]) -> Published:
    """Return everything in a release folder; `CannotAudit` if it is none."""
    manifest = _manifest(site)
    found = _of_manifest(site, manifest, progress)
    return replace(
        found,
        folder=Folder(site.folder, manifest, _bytes(site, MANIFEST)),
        zones=zones.levels(found, manifest, lambda path: _bytes(site, path)),
    )


def _manifest(site: Site) -> Mapping[str, Any]:
    answer = site.get(MANIFEST)
    if answer.status != 200:
        raise CannotAudit(
            "the folder is no release: it has no manifest.json",
            f"name the folder of one release, {_SUCH_AS[1]}",
            (
                "la cartella non è una versione: manca manifest.json",
                f"indicare la cartella di una versione, {_SUCH_AS[0]}",
            ),
        )
    manifest: Mapping[str, Any] = _json(answer.body, MANIFEST)
    return manifest


def _of_manifest(
    site: Site, manifest: Mapping[str, Any], progress: Callable[[str], None]
) -> Published:
    try:
        return _published(site, manifest, progress)
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_manifest(error) from error


def _no_manifest(error: Exception) -> CannotAudit:
    it, en = lacking(error)
    return CannotAudit(
        f"manifest.json is not that of a release: {en}",
        f"name the folder of one release, {_SUCH_AS[1]}",
        (
            f"manifest.json non è quello di una versione: {it}",
            f"indicare la cartella di una versione, {_SUCH_AS[0]}",
        ),
    )


def collect_figures(site: Site) -> Published:
    """Return of a release folder only what shows a theme: to compare it with another release.

    Raises
    ------
    CannotAudit
        It is no release, or its statement is not of the known form.
    """
    manifest = _manifest(site)
    themes = themes_of(_json(_bytes(site, STATEMENT), STATEMENT))
    shown = frozenset(name for theme in themes for name in theme.sums)
    try:
        kept = [
            info
            for info in manifest["collections"]
            if shown & {field["name"] for field in info["layer"]["fields"]}
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_manifest(error) from error
    few = {**manifest, "collections": kept, "tilesets": [], "files": []}
    return _of_manifest(site, few, lambda _: None)


def _published(
    site: Site, manifest: Mapping[str, Any], progress: Callable[[str], None]
) -> Published:
    paths = [str(entry["path"]) for entry in manifest["files"]]
    collections, padded = {}, list[str]()
    for info in manifest["collections"]:
        ident = info["layer"]["id"]
        progress(ident)
        collections[ident] = _collection(site, info, manifest["codelists"], padded)
    archives = {tileset["id"]: tileset["path"] for tileset in manifest["tilesets"]}
    files = {_download_name(p): p for p in paths if p.endswith(("/features.parquet", ".tif"))}
    for path in (*archives.values(), *files.values()):
        _bytes(site, path)  # what is missing is told at once
    return Published(
        release=str(manifest["id"]),
        collections=collections,
        tilesets=Stored(archives, lambda ident: _tileset(site, ident, archives[ident])),
        files=Stored(files, lambda name: _bytes(site, files[name])),
        styles={},
        disclosure=_json(_bytes(site, STATEMENT), STATEMENT),
        releases=[],
        seen=[],
        padded=padded,
    )


def _download_name(path: str) -> str:
    """Name a file like its download: `collections/comuni/features.parquet` is `comuni.parquet`."""
    folder, _, name = path.rpartition("/")
    return f"{folder.rpartition('/')[2]}.parquet" if name == "features.parquet" else name


def _collection(
    site: Site, info: Mapping[str, Any], codelists: Mapping[str, Any], padded: list[str]
) -> Collection:
    layer = info["layer"]
    lines = _bytes(site, f"collections/{layer['id']}/features.geojsonl").splitlines()
    document = {
        "id": layer["id"],
        "numberMatched": info["count"],
        "extent": {
            "spatial": {"bbox": [info["bbox"]]},
            "temporal": {"interval": [info["interval"]]},
        },
    }
    fields = {field["name"]: _field(field, codelists) for field in layer["fields"]}
    for number, line in enumerate(lines, 1):
        content = _json(line, layer["id"])
        check_feature(content, layer["id"])
        if not is_plain(line, content):
            padded.append(f"{layer['id']}, line {number}")
    return Collection(layer["id"], document, fields, Lines(lines), {}, {})


def _field(field: Mapping[str, Any], codelists: Mapping[str, Any]) -> Field:
    codes = codelists[field["codelist"]] if field["codelist"] else None
    return Field(
        type=_TYPES.get(field["type"], field["type"]),
        date=field["type"] == "date",
        codes=None if codes is None else {c["code"]: c["title"]["it"] for c in codes},
    )


def _tileset(site: Site, ident: str, path: str) -> Tileset:
    metadata, tiles, loose = archive(_bytes(site, path))
    return Tileset(ident, metadata, tiles, {}, metadata, loose)


def _bytes(site: Site, path: str) -> bytes:
    answer = site.get(path)
    if answer.status != 200:
        italian = (f"alla versione manca {path}",)
        raise CannotAudit(f"the release lacks {path}", italian=italian)
    return answer.body


def _json(raw: bytes, where: str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        italian = (f"{where} non è JSON: {error}",)
        raise CannotAudit(f"{where} is not JSON: {error}", italian=italian) from error
