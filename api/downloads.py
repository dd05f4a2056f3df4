"""Whole collections as files of the release, with ranges, and the health of the process.

MBTiles alone are no file of the release: they are made of the archive of tiles when asked for.
"""

from __future__ import annotations

import os
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, MalformedRangeHeader, Response
from starlette.routing import Route

from api.asked import matches
from api.params import read_query
from api.served import Releases, Served, served
from geo_core.errors import NotFound, ReleaseDamaged
from geo_core.formats import lineage, mbtiles
from geo_core.model.manifest import FileEntry, Manifest, Tileset

MBTILES: Final = ".mbtiles"
LINEAGE: Final = ".lineage.json"
_LARGEST: Final = 64 << 20
"""Bytes of an archive of tiles; MBTiles of a larger one would not be made in memory."""

_MAKING: Final = CapacityLimiter(1)
"""A file that is made is held whole, twice for a moment: one at a time bounds the memory."""

_SOFTWARE: Final = version("atlante")


def routes(releases: Releases) -> list[Route]:
    """Return the routes of downloads and of `/livez` and `/readyz`."""

    async def readyz(_request: Request) -> Response:
        state = {"release": releases.current.release.id, "degraded": releases.degraded}
        return JSONResponse(state, headers={"Cache-Control": "no-store"})

    return [
        Route("/download/{name}", download, methods=["GET"]),
        Route("/livez", livez, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]


async def livez(_request: Request) -> Response:
    """Answer that the process is alive; touches nothing."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def download(request: Request) -> Response:
    """Answer `/download/{collection}.{ext}` with a file of the release, or MBTiles made of one.

    The ETag is the file's SHA-256, so a range continues only what it began.
    """
    read_query(request.scope["query_string"], ())
    held, name = served(request), request.path_params["name"]
    release = held.release
    if name.endswith(MBTILES):
        return await _made(request, held, _tileset(release.manifest, name))
    entry = entry_of(release.manifest, name)
    headers = {"ETag": f'"{entry.sha256}"', "Cache-Control": held.caching}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    path = release.path(entry.path)
    if not path.is_file():
        # What is served from memory goes on; a file cannot.
        raise ReleaseDamaged("this file is missing", where=entry.path)
    return _ReleaseFile(path, headers=headers, media_type=entry.media_type, filename=name)


class _ReleaseFile(FileResponse):
    """A file without `Last-Modified`, which would tell when this copy was written, not what it is.

    The ETag says it better, and is the same wherever the release is served.
    """

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Describe the file by its size alone."""
        super().set_stat_headers(stat_result)
        del self.headers["last-modified"]

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        """Return the ranges asked for; a header that is none is ignored, as RFC 9110 says."""
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []

    def _should_use_range(self, http_if_range: str) -> bool:
        return http_if_range == self.headers["etag"]


async def _made(request: Request, held: Served, tileset: Tileset) -> Response:
    """Answer with the MBTiles of a tileset; the ETag is known before they are made."""
    seed = (_SOFTWARE, mbtiles.WRITTEN_BY, held.release.id, tileset.id)
    etag = f'"{sha256(" ".join(seed).encode()).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": held.caching}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{tileset.id}{MBTILES}"'
    archive = held.tiles[tileset.id]
    body = await to_thread.run_sync(mbtiles.write, archive, tileset.bounds, limiter=_MAKING)
    return Response(body, headers=headers, media_type=mbtiles.MEDIA_TYPE)


def _tileset(manifest: Manifest, name: str) -> Tileset:
    """Return the tileset whose MBTiles have a public name; `NotFound` if there are none."""
    known = {f"{one.id}{MBTILES}": one for one in packable(manifest)}
    if name not in known:
        raise NotFound.among("download", name, {**offered(manifest), **known})
    return known[name]


def packable(manifest: Manifest) -> list[Tileset]:
    """Return the tilesets that are offered as MBTiles, too: those that are not giants."""
    sizes = {entry.path: entry.bytes for entry in manifest.files}
    return [one for one in manifest.tilesets if sizes[one.path] <= _LARGEST]


def entry_of(manifest: Manifest, name: str) -> FileEntry:
    """Return the file behind a download's public name; `NotFound` with the closest otherwise."""
    known = offered(manifest)
    if name not in known:
        raise NotFound.among("download", name, known)
    path = known[name]
    return next(entry for entry in manifest.files if entry.path == path)


def offered(manifest: Manifest) -> dict[str, str]:
    """Return the path in the release of every download, by its public name."""
    ids = [info.layer.id for info in manifest.collections]
    tables = {f"{ident}.parquet": f"collections/{ident}/features.parquet" for ident in ids}
    tilesets = {f"{tileset.id}.pmtiles": tileset.path for tileset in manifest.tilesets}
    rasters = {f"{raster.id}.tif": raster.path for raster in manifest.rasters}
    lineages = {f"{ident}{LINEAGE}": lineage.path_of(ident) for ident in with_lineage(manifest)}
    return {**tables, **tilesets, **rasters, **lineages}


def with_lineage(manifest: Manifest) -> list[str]:
    """Return the collections of which a file says how their values are computed."""
    listed = {entry.path for entry in manifest.files}
    ids = (info.layer.id for info in manifest.collections)
    return [ident for ident in ids if lineage.path_of(ident) in listed]
