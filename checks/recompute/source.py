"""Where lineages and published features are read: a service over HTTP, or a release folder."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, urljoin, urlsplit

from checks.recompute.steps import Column

BODY_MAX: Final = 512 << 20
REFUSAL_MAX: Final = 64 << 10
WAIT_S: Final = 60
PAGES_MAX: Final = 1_000
ENDING: Final = ".lineage.json"

type Json = Mapping[str, Any]


class CannotRecompute(Exception):
    """There is nothing to compute; the message says why, in Italian and English."""


@dataclass(frozen=True)
class Lineage:
    """How values of some units are computed, and what is published of them.

    Attributes
    ----------
    steps : list of dict
    ids : list of str
    inputs : mapping
        Columns of numbers, in the order of the ids.
    published : mapping
        Properties of the features by id.
    whole : bool
        Whether these are all units of the collection.
    """

    collection: str
    steps: list[Json]
    ids: list[str]
    inputs: Mapping[str, Column]
    published: Mapping[str, Json]
    whole: bool


class Source(Protocol):
    """Where lineages are."""

    def collections(self) -> list[str]:
        """Return the collections that have one."""

    def lineage(self, collection: str, ident: str | None = None) -> Lineage:
        """Return that of a collection, or of one of its features."""


def source_of(what: str) -> Source:
    """Return what an address or the path of a folder names."""
    if what.startswith(("http://", "https://")):
        return Service(what.rstrip("/"))
    if not (Path(what) / "manifest.json").is_file():
        raise CannotRecompute(
            f"{what or '…'}: né un indirizzo http(s) né la cartella di una versione"
            " / neither an http(s) address nor the folder of a release"
        )
    return Folder(Path(what))


def _of_file(collection: str, document: Json, features: Iterator[Json]) -> Lineage:
    rows = document["features"]
    names = [one["name"] for one in document["lineage"]["inputs"]]
    return Lineage(
        collection,
        document["lineage"]["steps"],
        [row["id"] for row in rows],
        {name: [row["inputs"][at] for row in rows] for at, name in enumerate(names)},
        {str(feature["id"]): feature["properties"] for feature in features},
        whole=True,
    )


def _only(found: Lineage, ident: str) -> Lineage:
    """Return the lineage of one unit, with all units where ranks need them: of one, without."""
    if ident not in found.ids:
        raise CannotRecompute(f"{found.collection}/{ident}: non c'è / there is no such feature")
    at = found.ids.index(ident)
    one = {name: [column[at]] for name, column in found.inputs.items()}
    return Lineage(found.collection, found.steps, [ident], one, found.published, whole=False)


@dataclass(frozen=True)
class Folder:
    """The folder of a release."""

    path: Path

    def collections(self) -> list[str]:
        """Return the collections that have a lineage."""
        return sorted(file.stem for file in (self.path / "lineage").glob("*.json"))

    def lineage(self, collection: str, ident: str | None = None) -> Lineage:
        """Return the lineage of a collection, or of one of its features."""
        if collection not in self.collections():
            raise CannotRecompute(f"{collection}: nessun lineage / no lineage")
        document = json.loads((self.path / "lineage" / f"{collection}.json").read_bytes())
        lines = (self.path / "collections" / collection / "features.geojsonl").read_bytes()
        features = (json.loads(line) for line in lines.splitlines())
        found = _of_file(collection, document, features)
        return found if ident is None else _only(found, ident)


@dataclass(frozen=True)
class Service:
    """A running service."""

    root: str

    def collections(self) -> list[str]:
        """Return the collections that have a lineage, by their links."""
        listed = self._get("/collections")["collections"]
        return [
            str(one["id"])
            for one in listed
            if any(str(link["href"]).endswith(ENDING) for link in one["links"])
        ]

    def lineage(self, collection: str, ident: str | None = None) -> Lineage:
        """Return the lineage of a collection, or of one of its features."""
        if ident is None:
            document = self._get(f"/download/{quote(collection)}{ENDING}")
            return _of_file(collection, document, self._features(collection))
        address = f"/collections/{quote(collection)}/items/{quote(ident, safe='')}"
        document, feature = self._get(f"{address}/lineage"), self._get(address)
        return Lineage(
            collection,
            document["steps"],
            [ident],
            {one["name"]: [one["value"]] for one in document["inputs"]},
            {ident: feature["properties"]},
            whole=False,
        )

    def _features(self, collection: str) -> Iterator[Json]:
        address: str | None = f"/collections/{quote(collection)}/items?limit=10000"
        for _ in range(PAGES_MAX):
            if address is None:
                return
            page = self._get(address)
            yield from page["features"]
            hrefs = [link["href"] for link in page["links"] if link["rel"] == "next"]
            address = str(hrefs[0]) if hrefs else None

    def _get(self, address: str) -> Any:
        """Return a JSON document of the service; never one of another host."""
        url = f"{self.root}{address}" if address.startswith("/") else urljoin(self.root, address)
        if urlsplit(url)[:2] != urlsplit(self.root)[:2]:
            raise CannotRecompute(f"{url}: un altro sito / another site")
        request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - http(s) by `source_of`
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310 - as above
                return json.loads(answer.read(BODY_MAX))
        except urllib.error.HTTPError as error:
            raise CannotRecompute(f"{url}: {_refusal(error)}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise CannotRecompute(f"{url}: {error}") from error


def _refusal(error: urllib.error.HTTPError) -> str:
    """Return why a service refuses, in its words; the status where it says nothing."""
    try:
        said = json.loads(error.read(REFUSAL_MAX))
        return " ".join(str(said[name]) for name in ("status", "detail", "hint") if name in said)
    except (OSError, ValueError, TypeError, http.client.HTTPException):
        return str(error)
