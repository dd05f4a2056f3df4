"""What changed from release to release, as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, ask, matches
from api.describe.citation import address
from api.language import Media
from api.pages.numbers import written
from geo_core.errors import AtlanteError
from geo_core.model.manifest import Manifest
from geo_core.model.text import Lang, Text
from geo_core.release.pointer import available
from geo_core.release.read import read_manifest

PATH: Final = "/releases.atom"
ATOM: Final = Media("atom", "application/atom+xml; charset=utf-8", ("application/xml",))
MOST: Final = 20
"""Entries; the earliest release that is read only says what came before."""

_SPACE: Final = "http://www.w3.org/2005/Atom"
_TITLE: Final = Text(it="versioni dei dati", en="data releases")
_ENTRY: Final = Text(it="Dati al {day}", en="Data as of {day}")
_WHOLE: Final = Text(it="{n} raccolte, {rows} oggetti.", en="{n} collections, {rows} features.")
_NEW: Final = Text(it="Raccolte nuove: {names}.", en="New collections: {names}.")
_GONE: Final = Text(it="Raccolte tolte: {names}.", en="Removed collections: {names}.")
_CHANGED: Final = Text(it="Raccolte cambiate: {names}.", en="Changed collections: {names}.")
_SAME: Final = Text(
    it="Le raccolte sono quelle della versione precedente.",
    en="The collections are those of the release before.",
)


class Published(NamedTuple):
    """A release, and when it was put on this server."""

    manifest: Manifest
    when: datetime


def routes() -> list[Route]:
    """Return the route of the feed."""
    return [Route(PATH, _feed, methods=["GET"])]


def _feed(request: Request) -> Response:
    """Answer with the feed; the list of releases is part of none, so its tag is its own."""
    asked = ask(request, media=(ATOM,))
    found = list(islice(_published(asked.served.settings.releases), MOST + 1))
    body = feed(asked, found)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    kept = {"ETag": etag, "Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return Response(body, headers={**kept, "Content-Language": asked.lang}, media_type=ATOM.type)


def _published(root: Path) -> Iterator[Published]:
    """Yield releases that can be read, the last published first."""
    for ident in available(root):
        try:
            stamp = (root / ident / "manifest.json").stat().st_mtime
            yield Published(_manifest(root / ident), datetime.fromtimestamp(int(stamp), UTC))
        except (AtlanteError, OSError):
            continue  # of an older schema, or removed in this moment


@lru_cache(maxsize=MOST + 1)
def _manifest(folder: Path) -> Manifest:
    return read_manifest(folder)


def feed(asked: Asked, found: Sequence[Published]) -> bytes:
    """Return the feed.

    Parameters
    ----------
    found : sequence of Published
        The last published first.
    """
    base, lang = asked.served.settings.public_url, asked.lang
    root = ET.Element("feed", {"xmlns": _SPACE, "xml:lang": lang})
    title = asked.served.release.manifest.title.in_(lang)
    _text(root, "title", f"{title}: {_TITLE.in_(lang)}")
    _text(root, "id", f"{base}{PATH}")
    _text(root, "updated", max(one.when for one in found).isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": f"{base}{PATH}?lang={lang}"})
    ET.SubElement(root, "link", {"rel": "alternate", "href": f"{base}/releases?f=html&lang={lang}"})
    author = ET.SubElement(root, "author")
    publisher = asked.served.release.manifest.publication.publisher
    _text(author, "name", publisher.name.in_(lang))
    pairs = [*pairwise(found), (found[-1], None)]
    for now, before in pairs[:MOST]:
        root.append(_entry(now, before, base, lang))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(now: Published, before: Published | None, base: str, lang: Lang) -> ET.Element:
    manifest = now.manifest
    here = address(base, manifest.id)
    entry = ET.Element("entry")
    _text(entry, "title", f"{_ENTRY.in_(lang).format(day=manifest.reference_date)} ({manifest.id})")
    _text(entry, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, here)}")
    _text(entry, "updated", now.when.isoformat())
    ET.SubElement(entry, "link", {"rel": "alternate", "href": f"{here.rstrip('/')}/?lang={lang}"})
    _text(entry, "summary", " ".join(_said(manifest, before.manifest if before else None, lang)))
    return entry


def _said(now: Manifest, before: Manifest | None, lang: Lang) -> Iterator[str]:
    rows = written(sum(info.count for info in now.collections), lang)
    yield _WHOLE.in_(lang).format(n=len(now.collections), rows=rows)
    if before is None:
        return
    own, others = _contents(now), _contents(before)
    parts = (
        (_NEW, sorted(own.keys() - others.keys())),
        (_GONE, sorted(others.keys() - own.keys())),
        (_CHANGED, sorted(n for n in own.keys() & others.keys() if own[n] != others[n])),
    )
    titles = {i.layer.id: i.layer.title.in_(lang) for m in (before, now) for i in m.collections}
    said = [
        text.in_(lang).format(names=", ".join(titles[name] for name in names))
        for text, names in parts
        if names
    ]
    yield from said or [_SAME.in_(lang)]


def _contents(manifest: Manifest) -> dict[str, str]:
    """Return the hash of the rows of each collection."""
    hashes = {entry.path: entry.sha256 for entry in manifest.files}
    ids = [info.layer.id for info in manifest.collections]
    return {ident: hashes[f"collections/{ident}/features.parquet"] for ident in ids}


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
