"""The release being served, and the switch to the next one without a restart."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

from anyio import to_thread
from starlette.requests import Request

from api.answers import Answers, Heard
from api.describe.pygeoapi import collection_documents
from api.dggs.themes import Themes, themes_of
from api.features.engine import Collection, open_collection
from api.processes.index import Index, indices
from api.settings import Settings
from api.tiles.sheets import Sheets, sheets
from geo_core.errors import AtlanteError, NotFound, ReleaseError, ServeError
from geo_core.formats.lineage import LineageFile, open_lineage, path_of
from geo_core.formats.pmtiles import PMTilesReader, open_archive
from geo_core.model.text import Lang
from geo_core.release.pointer import available, current, is_published
from geo_core.release.read import Release, open_release

LOG: Final = logging.getLogger("atlante.server")
_LOOK_EVERY: Final = 1.0
_KEPT: Final = 2
"""Releases beside the current one that stay open."""
REVALIDATE: Final = "no-cache"
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, eq=False)
class Served:
    """One opened release, ready to answer. A request uses one from its start to its end.

    Attributes
    ----------
    settings : Settings
        What the operator set.
    base : str
        Address of the service, without a slash at the end: it starts every link.
    caching : str
        How long answers may be kept (`Cache-Control`): those of an address that names the release
        never change.
    collections : dict
        Query engines by collection id, in the order of the manifest.
    documents : dict
        OGC collection documents by language and collection id, without links.
    tiles : dict
        Open vector tile archives by tileset id.
    themes : Themes
        Families of hexagon collections, whose zones are made when they are first asked for.
    answers : Answers
        What was answered before, of all releases.
    heard : Heard
        Requests that were answered from this one.
    """

    release: Release
    settings: Settings
    base: str
    collections: Mapping[str, Collection]
    documents: Mapping[Lang, Mapping[str, Mapping[str, object]]]
    tiles: Mapping[str, PMTilesReader]
    themes: Themes
    answers: Answers
    heard: Heard
    caching: str = REVALIDATE

    @cached_property
    def sizes(self) -> tuple[str, str]:
        """What the operator set and answers say, beside the address: how long pages are."""
        return str(self.settings.items_default), str(self.settings.items_max)

    @cached_property
    def sheets(self) -> Mapping[str, Sheets]:
        """Its tilesets by id, ready to be answered from."""
        return sheets(self.release.manifest, self.tiles, caching=self.caching)

    @cached_property
    def lineages(self) -> Mapping[str, LineageFile]:
        """How values are computed, of the collections that say it."""
        paths = {ident: path_of(ident) for ident in self.collections}
        listed = {entry.path for entry in self.release.manifest.files} & {*paths.values()}
        return {
            ident: open_lineage(self.release.path(path))
            for ident, path in paths.items()
            if path in listed
        }

    @cached_property
    def indices(self) -> Mapping[str, Index]:
        """The published indices, by collection."""
        return indices(self.lineages)

    @cached_property
    def pinned(self) -> Served:
        """The same at the addresses that name the release."""
        base = f"{self.settings.public_url}/releases/{self.release.id}"
        return replace(self, base=base, caching=_FOR_A_YEAR)

    @property
    def is_pinned(self) -> bool:
        """True at the addresses that name the release."""
        return self.base != self.settings.public_url

    def collection(self, ident: str) -> Collection:
        """Return one collection; `NotFound` with the closest id otherwise."""
        try:
            return self.collections[ident]
        except KeyError:
            raise NotFound.among("collection", ident, self.collections) from None


def open_served(release: Release, settings: Settings, answers: Answers) -> Served:
    """Read everything a release needs to be served; what is answered is kept in `answers`."""
    infos = release.manifest.collections
    collections = {i.layer.id: open_collection(release, i.layer.id) for i in infos}
    return Served(
        release=release,
        settings=settings,
        base=settings.public_url,
        collections=collections,
        documents=collection_documents(release.manifest, settings),
        tiles={t.id: open_archive(release.path(t.path)) for t in release.manifest.tilesets},
        themes=themes_of(collections, release),
        answers=answers,
        heard=Heard(),
    )


class Releases:
    """Holds the release being served; replaces it when the pointer moves.

    Others are opened when somebody asks for them by name, and the last few stay open: who pages
    through a release goes on in it after a switch.

    A new release is opened whole before the reference changes, so a request never sees half of
    one; a damaged one is refused and the old one stays.

    Raises
    ------
    ServeError
        No release in the folder can be opened.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._refused: tuple[str, int] | None = None
        self._others: dict[str, Served] = {}
        self._opening = Lock()
        self._answers = Answers(settings.cache_mib << 20)
        self.current = self._first()

    @property
    def degraded(self) -> bool:
        """True while the pointer names a release that could not be opened."""
        return self._refused is not None

    def held(self, ident: str) -> Served | None:
        """Return a release that is open and still published, at once."""
        found = self.current if ident == self.current.release.id else self._others.get(ident)
        return found if found is not None and self._published(ident) else None

    async def opened(self, ident: str) -> Served:
        """Return any release that is published, at once or opened in a thread: see `named`."""
        held = self.held(ident)
        return await to_thread.run_sync(self.named, ident) if held is None else held

    def named(self, ident: str) -> Served:
        """Return any release that is published; opening one takes a while.

        Raises
        ------
        NotFound
            There is no such release, any more or at all.
        ReleaseDamaged
            Its files are not what was published.
        """
        with self._opening:
            found = self.held(ident)
            if found is None:
                if not self._published(ident):
                    raise NotFound.among("release", ident, available(self._settings.releases))
                opened = open_release(self._settings.releases / ident)
                self._keep(found := open_served(opened, self._settings, self._answers))
            return found

    def _published(self, ident: str) -> bool:
        return is_published(self._settings.releases, ident)

    def _keep(self, served: Served) -> None:
        """Hold on to a release; the one that was opened first is let go."""
        self._others.pop(served.release.id, None)
        self._others[served.release.id] = served
        while len(self._others) > _KEPT:
            del self._others[next(iter(self._others))]

    def refresh(self) -> None:
        """Look at the pointer once and switch if it names another release."""
        named = current(self._settings.releases)
        if named is None or (seen := self._seen(named)) == self._refused:
            return
        if named == self.current.release.id:
            self._refused = None
        elif (served := self._try(named)) is not None:
            before, self.current, self._refused = self.current, served, None
            with self._opening:
                self._keep(before)
            LOG.info("serving release %s", named)
        else:
            self._refused = seen

    def _seen(self, ident: str) -> tuple[str, int]:
        """Return what tells this copy of a release from one that is put in its place."""
        try:
            return ident, (self._settings.releases / ident).stat().st_ino
        except OSError:
            return ident, 0

    def watch(self, stop: Event) -> Thread:
        """Start a thread that looks at the pointer every second until `stop` is set."""
        thread = Thread(target=self._watch, args=(stop,), name="releases", daemon=True)
        thread.start()
        return thread

    def _watch(self, stop: Event) -> None:
        while not stop.wait(_LOOK_EVERY):
            try:
                self.refresh()
            except Exception:
                # The watcher must outlive whatever goes wrong; the release served stays.
                LOG.exception("looking for a new release failed")

    def _first(self) -> Served:
        root = self._settings.releases
        for ident in _candidates(root):
            served = self._try(ident)
            if served is not None:
                return served
            self._refused = self._refused or self._seen(ident)
        raise ServeError(
            "there is no valid release to serve",
            where=root.name,
            hint="build one with `atlante build`, or set ATLANTE_RELEASES to the right folder",
        )

    def _try(self, ident: str) -> Served | None:
        try:
            release = open_release(self._settings.releases / ident)
            return open_served(release, self._settings, self._answers)
        except (ReleaseError, NotFound) as error:
            LOG.error("release refused: %s", _one_line(error))  # noqa: TRY400 - no traceback
        except OSError as error:
            LOG.error("release refused: %s: %s", ident, error.strerror)  # noqa: TRY400 - as above
        return None


def _candidates(root: Path) -> Iterator[str]:
    """Yield the release the pointer names, then the others, the last published first."""
    named = current(root)
    if named is not None:
        yield named
    yield from (ident for ident in available(root) if ident != named)


def _one_line(error: AtlanteError) -> str:
    return f"{error.where}: {error.message}" if error.where else error.message


def served(request: Request) -> Served:
    """Return the release this request is pinned to (a dependency)."""
    pinned: Served = request.scope["served"]
    return pinned
