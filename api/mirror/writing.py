"""Writes the mirror: asks the service for every address, and makes links lead to files."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from api.app import create_app
from api.language import LANGUAGES
from api.middleware import Boundary
from api.mirror.calling import Said, ask
from api.mirror.linking import JSON_FORMS, NOT_HERE, found, relinked, without_dead_links
from api.mirror.listing import MADE, held, seeds
from api.mirror.naming import WHOLE, Wanted, file_of
from api.mirror.vrt import FILE, catalogue, link
from api.pages import render
from api.pages.assets import assets, version
from api.qgis.maplayers import Source
from api.qgis.project import definition, packed
from api.qgis.routes import places_of
from api.served import Served
from api.settings import Mirrored, Settings
from api.tiles.grid import limits
from api.tiles.views import zooms_of
from geo_core.errors import ReleaseError
from geo_core.formats.pmtiles import inflate

SUMS: Final = "SHA256SUMS"
"""File that names every other, with its hash."""
_TEXTS: Final = ("text/html", "json", "svg", "xml", "text/plain", "yaml")
_MAP: Final = '<body class="map-page" data-config'
_STATIC: Final = '<body class="map-page" data-static="true" data-config'


class Written(NamedTuple):
    """What was written: files, their bytes, and addresses that nothing answered."""

    files: int
    size: int
    missing: tuple[str, ...]


def export(folder: Path, settings: Settings, progress: Callable[[str], None]) -> Written:
    """Write the public service of the current release as files.

    Parameters
    ----------
    folder : Path
        An empty or new folder.
    settings : Settings
        Its public address is that of the mirror.
    progress : callable
        Told how far it is.

    Raises
    ------
    ReleaseError
        The folder holds something.
    ServeError
        There is no valid release.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ReleaseError(
            "the folder is not empty",
            where=folder.name,
            hint="name a new one: what is there would be mixed with the mirror",
        )
    settings = Mirrored(**settings.model_dump())
    app = create_app(settings)
    largest = max(one.info.count for one in app.releases.current.collections.values())
    if largest > settings.items_max:  # a file holds a collection whole
        app = create_app(settings.model_copy(update={"items_max": largest}))
    return asyncio.run(_Mirror(folder, app, progress).written())


class _Mirror:
    """One run over all addresses."""

    def __init__(self, folder: Path, app: Boundary, progress: Callable[[str], None]) -> None:
        self.folder, self.app, self.progress = folder, app, progress
        self.served: Served = app.releases.current
        self.base = self.served.base
        self.size = 0
        self.missing: list[str] = []
        self.bodies: dict[str, bytes] = {}

    async def written(self) -> Written:
        """Write pages and data, then tiles, then what is made for files alone."""
        queue, known = deque(seeds(self.served)), set[Wanted]()
        while queue:
            one = queue.popleft()
            if one not in known:
                known.add(one)
                queue.extend(await self._document(one))
        for path, body in (*self._tiles(), *self._made()):
            self._write(path, body)
        self._write(SUMS, self._sums())
        return Written(len(self.bodies), self.size, tuple(self.missing))

    def _sums(self) -> bytes:
        """Return what `sha256sum --check` reads: a copy that was damaged on its way is found so."""
        lines = (f"{digest.hex()}  {path}\n" for path, digest in sorted(self.bodies.items()))
        return "".join(lines).encode()

    async def _document(self, one: Wanted) -> list[Wanted]:
        """Write the file of one address; return what it links to."""
        whole = one.path.endswith("/items") and dict(one.query).get("f") in WHOLE
        limit = f"&limit={self.served.settings.items_max}" if whole else ""
        said = await ask(self.app, one.address + limit)
        if said.status != 200:
            self.missing.append(one.address)
            return []
        if len(self.bodies) % 200 == 0:
            self.progress(f"{len(self.bodies):,} file: {one.path}")
        if not any(kind in said.media_type for kind in _TEXTS):
            self._write(file_of(one), said.body)
            return []
        return self._text(one, said)

    def _text(self, one: Wanted, said: Said) -> list[Wanted]:
        text, query = said.body.decode(), dict(one.query)
        form = query.get("f") or ("json" if "json" in said.media_type else "xml")
        lang = query.get("lang", "it")
        if form in JSON_FORMS:
            document = without_dead_links(text, self.base, lang=lang, there=self._held)
            if one.path == "/":
                document["links"].append(link(self.base))
            text = orjson.dumps(document).decode()
        asked = [
            named
            for named in found(text, self.base, one.path, form=form, lang=lang)
            if self._held(named) and named.path not in MADE
        ]
        text = relinked(text, self.base, one.path, form=form, lang=lang, there=self._held)
        self._write(file_of(one), text.replace(_MAP, _STATIC).encode())
        return asked

    def _held(self, one: Wanted) -> bool:
        return held(self.served, one)

    def _tiles(self) -> Iterator[tuple[str, bytes]]:
        """Yield every vector tile, unpacked: a plain host does not say that it is packed.

        One without features is an empty file: such a host has no other word for it than an error.
        """
        for tileset in self.served.release.manifest.tilesets:
            archive = self.served.tiles[tileset.id]
            for area in limits(tileset.bounds, zooms_of(tileset)):
                for x, y in area:
                    raw = archive.get(area.zoom, x, y)
                    body = b"" if raw is None else inflate(raw)
                    yield f"xyz/{tileset.id}/{area.zoom}/{x}/{y}.mvt", body

    def _made(self) -> Iterator[tuple[str, bytes]]:
        """Yield what a service and a folder of files do not have alike."""
        release = self.served.release
        for name, asset in assets().items():
            yield f"static/{version()}/{name}", asset.body
        yield FILE, catalogue(self.served)
        for lang in LANGUAGES:
            before = "" if lang == "it" else f"{lang}/"
            source = Source(release.manifest, self.base, 0, lang, mirrored=True)
            yield f"{before}qgis/atlante.qgz", packed(source, places_of(release, lang))
            yield f"{before}qgis/atlante.qlr", definition(source)
            context = {"base": self.base, "release": release.manifest, "mirrored": True}
            said = render("mirror", context, lang)
            said = relinked(said, self.base, "/", form="html", lang=lang, there=self._held)
            yield f"{before}{NOT_HERE}", said.encode()

    def _write(self, path: str, body: bytes) -> None:
        digest = sha256(body).digest()
        if self.bodies.setdefault(path, digest) != digest:
            raise ReleaseError(
                "two addresses would be one file of the mirror",
                where=path,
                hint="give other ids: `A` and `A.json` are not apart among files",
            )
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        self.size += len(body)
