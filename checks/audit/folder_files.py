"""A folder holds what its manifest lists and nothing else, and each file what it is made of.

Whatever is not a function of published rows could be a figure: a file more, bytes after the last
offset, blanks in JSON, rows in an order of their own. So every file is made again from its
content, and has to have the same bytes.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from checks.audit import folder_lineage, folder_order, folder_rasters, folder_tables, folder_zones
from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, REPORT, STATEMENT, Folder
from checks.audit.published import Collection, Progress, Published

TABLE: Final = "application/vnd.apache.parquet"
JSON: Final = "application/json"
KINDS: Final = {
    ".geojsonl": "application/geo+json-seq",
    ".idx": "application/octet-stream",
    ".json": JSON,
    ".parquet": TABLE,
    ".pmtiles": "application/vnd.pmtiles",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
}
"""Kinds of files that are known, by ending."""
NOT_DRAFT: Final = {"schema_version", "id", "files"}
"""Members of a manifest that its id is not made of (the files are added one by one)."""


def check(tally: Tally, published: Published, progress: Progress) -> None:
    """Check every file of a release folder."""
    folder = published.folder
    if folder is None:
        return
    _versions(tally, folder)
    _inventory(tally, folder)
    _beside(tally, folder)
    _identity(tally, folder)
    for ident in folder.layers:
        progress(ident)
        _lines(tally, folder, published.collections[ident])
        folder_tables.check(tally, folder, published.collections[ident])
        folder_order.check(tally, published.collections[ident])
    folder_zones.check(tally, folder, published)
    folder_lineage.check(tally, folder, published)
    for raster in folder.manifest["rasters"]:
        folder_rasters.check(tally, folder, raster, published.collections[raster["collection"]])


def _versions(tally: Tally, folder: Folder) -> None:
    """Say which libraries are others than made the release: of a new one, none can be."""
    names = ", ".join(folder.elsewhere)
    tally.count(1)
    if names and folder.fresh:
        tally.find(MANIFEST, "libraries that did not make the release", names=names)
    elif names:
        tally.note(
            f"fatta con altre versioni di {names}: i byte dei file non si possono rifare qui / "
            f"made with other versions of {names}: the bytes of files cannot be made again here"
        )


def _inventory(tally: Tally, folder: Folder) -> None:
    """Compare what lies there with the list, and the list with what the manifest needs."""
    listed = {entry["path"]: entry for entry in folder.manifest["files"]}
    lineages = {folder_lineage.path_of(ident) for ident in folder_lineage.open_layers(folder)}
    needed = {*_needed(folder.manifest), *({REPORT, *lineages} & listed.keys())}
    odd = sorted(listed.keys() ^ needed)
    tally.require(not odd, MANIFEST, "the files listed are not those of the release", paths=odd)
    found = dict(folder.entries())
    strange = sorted(path for path, plain in found.items() if not plain)
    tally.require(not strange, "folder", "links, or folders with nothing in them", paths=strange)
    more = sorted(found.keys() - listed.keys() - {MANIFEST})
    tally.require(not more, "folder", "files that the manifest does not list", paths=more)
    for path, entry in listed.items():
        raw = folder.read(path)
        made = {
            "path": path,
            "sha256": sha256(raw).hexdigest(),
            "bytes": len(raw),
            "media_type": KINDS.get(f".{path.rpartition('.')[2]}"),
        }
        # The report counts what it checks, so it cannot be one of these itself.
        tally.count(path != REPORT)
        if path not in found or entry != made:
            tally.find(path, "a file is not what the manifest says of it", stated=entry, found=made)


def _beside(tally: Tally, folder: Folder) -> None:
    """Check of a new release that files carry nothing beside their bytes; copies may.

    Permissions are one of all files and one of all folders, no file has a second name, none has
    attributes. The times say when it was written; no client is told them.
    """
    tally.count(1)  # of a copy too: its report has to have the same figures
    if not folder.fresh:
        return
    paths = sorted(folder.path.rglob("*"))
    modes = {(path.is_dir(), stat.S_IMODE(path.lstat().st_mode)) for path in paths}
    odd = [p.name for p in paths if (p.is_file() and p.lstat().st_nlink > 1) or _attributes(p)]
    if odd or len(modes) != len({of for of, _ in modes}):
        tally.find(
            "folder",
            "files with permissions, names or attributes of their own",
            paths=odd,
            modes=sorted(f"{mode:o}" for _, mode in modes),
        )


def _attributes(path: Path) -> list[str]:
    """Return the attributes that anybody may give a file; none where the disk has none."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return []
    return [name for name in names if name.startswith("user.")]


def _needed(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield STATEMENT
    for info in manifest["collections"]:
        for ending in ("geojsonl", "idx", "parquet"):
            yield f"collections/{info['layer']['id']}/features.{ending}"
    for tileset in manifest["tilesets"]:
        yield f"tiles/{tileset['id']}.pmtiles"
    for raster in manifest["rasters"]:
        yield f"rasters/{raster['id']}.tif"
    for table in manifest["zones"]:
        yield f"zones/{table['family']}.parquet"


def _identity(tally: Tally, folder: Folder) -> None:
    """Check that the id is made of all the rest, and that JSON is written in one way."""
    manifest = folder.manifest
    draft = {name: value for name, value in manifest.items() if name not in NOT_DRAFT}
    digest = sha256(orjson.dumps(draft))
    for entry in manifest["files"]:
        digest.update(orjson.dumps(entry))
    made = f"{manifest['reference_date']}-{digest.hexdigest()[:12]}"
    tally.require(
        manifest["id"] == made,
        MANIFEST,
        "the id is not made of what the release holds",
        stated=manifest["id"],
        recomputed=made,
    )
    # As it is published, and as the gate is given it.
    ways = (json.dumps(manifest, ensure_ascii=False, indent=1).encode(), orjson.dumps(manifest))
    tally.require(folder.raw in ways, MANIFEST, "JSON that its content alone does not make")
    statement = folder.read(STATEMENT)
    tally.require(
        orjson.dumps(orjson.loads(statement), option=orjson.OPT_INDENT_2) == statement,
        STATEMENT,
        "JSON that its content alone does not make",
    )


def _lines(tally: Tally, folder: Folder, collection: Collection) -> None:
    """Check that each line is what its content makes, and the index what the lines make."""
    base, layer = f"collections/{collection.id}/features", folder.layers[collection.id]
    raw = folder.read(f"{base}.geojsonl")
    lines = raw.splitlines(keepends=True)
    tally.each(
        [
            _line(feature, shape, layer) == line
            for feature, shape, line in zip(
                collection.features, _plain(collection.geometry), lines, strict=True
            )
        ],
        f"{base}.geojsonl",
        "a line that its content alone does not make",
        lambda i: {"line": i + 1},
    )
    offsets = np.cumsum([0, *map(len, lines)], dtype="<u8").tobytes()
    tally.require(
        folder.read(f"{base}.idx") == offsets,
        f"{base}.idx",
        "an index that is not that of the lines",
        bytes=len(folder.read(f"{base}.idx")),
        expected=len(offsets),
    )


def _plain(geometry: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return shapes of two coordinates each, without a zero below zero."""
    return np.asarray(shapely.transform(geometry, lambda points: points + 0.0), dtype=object)


def _line(feature: Mapping[str, Any], shape: Any, layer: Mapping[str, Any]) -> bytes:
    """Return the line of a feature: members in one order, and each value as its column has it."""
    properties = dict(feature["properties"])
    for field in layer["fields"]:
        value = properties.get(field["name"])
        if field["type"] == "number" and value is not None:
            properties[field["name"]] = float(value) + 0.0
        elif field["type"] == "codes" and value is not None:
            properties[field["name"]] = sorted(set(value))
    made = {
        "type": "Feature",
        "id": feature["id"],
        "geometry": None if shape is None else shapely.geometry.mapping(shape),
        "properties": properties,
    }
    return orjson.dumps(made) + b"\n"
