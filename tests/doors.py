"""Two ways into one release: the routes of the project, and pygeoapi over our provider."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import pyproj
import pytest
from pygeoapi.api import API, APIRequest
from pygeoapi.api.itemtypes import get_collection_items
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from api.app import create_app
from api.describe.pygeoapi import configuration
from api.features.provider import opened, releases_folder
from api.settings import Settings
from checks.conform.expressions import JSON, TEXT, Expression, as_text
from geo_core.release.read import Release

HYPHENATED = {name.replace("-", "_"): name for name in ("bbox-crs", "filter-crs", "filter-lang")}
PLAIN = {"&lt;": "<", "&gt;": ">"}
"""How pygeoapi writes two characters in all JSON."""


@dataclass(frozen=True)
class Query:
    """A question to the items of a collection.

    Attributes
    ----------
    said : tuple of (name, value)
        Parameters; the filter beside them is written in one of two languages.
    filter : Expression | None
        As CQL2 JSON.
    """

    collection: str = "luoghi"
    said: tuple[tuple[str, str], ...] = ()
    filter: Expression | None = None
    language: str = TEXT

    def __getitem__(self, name: str) -> str:
        """Return the value of a parameter, empty where it is not given."""
        return dict(self.said).get(name, "")

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.said]

    def without(self, *names: str) -> Self:
        return replace(self, said=tuple((n, v) for n, v in self.said if n not in names))

    def with_(self, **values: str) -> Self:
        named = {HYPHENATED.get(name, name): value for name, value in values.items()}
        return replace(self, said=(*self.without(*named).said, *named.items()))

    @property
    def text(self) -> str:
        """The filter, as far as it is sent as text."""
        if self.filter is not None:
            return as_text(self.filter) if self.language == TEXT else ""
        return self["filter"] if self["filter-lang"] != JSON else ""


@dataclass(frozen=True)
class Reply:
    """What came back; `text` is the body."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def document(self) -> Any:
        return json.loads(self.text)

    @property
    def found(self) -> Any:
        """What two doors must agree on: features in order, and their numbers; or the status."""
        if self.status != 200:
            return self.status
        document = self.document
        return {k: document[k] for k in ("numberMatched", "numberReturned", "features")}


@dataclass
class Question:
    """A request as pygeoapi reads it."""

    args: Any
    headers: dict[str, str] = field(default_factory=dict)
    path_info: str = ""


@dataclass(frozen=True)
class Doors:
    """Both ways into one release."""

    client: TestClient
    api: API
    release: Release

    def ours(self, query: Query) -> Reply:
        said = [*query.said]
        if query.filter is not None:
            written = json.dumps(query.filter) if query.language == JSON else query.text
            said += [("filter", written), ("filter-lang", query.language)]
        got = self.client.get(f"/collections/{query.collection}/items?{urlencode(said)}")
        return Reply(got.status_code, dict(got.headers), got.text)

    def pygeoapis(self, query: Query, answer: Any = get_collection_items) -> Reply:
        """Ask pygeoapi; a filter in JSON is posted, because it reads none in an address."""
        said, body = [*query.said], b""
        if query.filter is not None and query.language == JSON:
            body = json.dumps(query.filter).encode()
        elif query.filter is not None:
            said.append(("filter", query.text))
        request = APIRequest(Question(QueryParams(said)), self.api.locales)
        request._data = body
        try:
            headers, status, text = answer(self.api, request, query.collection)
        except Exception as error:  # noqa: BLE001 - whatever it is, its server answers 500
            return Reply(500, {}, json.dumps({"description": repr(error)}))
        return Reply(int(status), headers, text)


def unescaped(reply: Reply) -> Reply:
    """Return a reply with the characters that pygeoapi has altered as they were."""
    text = reply.text
    for altered, plain in PLAIN.items():
        text = text.replace(altered, plain)
    return replace(reply, text=text)


@contextmanager
def doors_of(root: Path, release: Release) -> Iterator[Doors]:
    """Open both doors of a release in a folder of releases."""
    server = Settings(releases=root)
    with pytest.MonkeyPatch.context() as patch, TestClient(create_app(server)) as client:
        patch.setenv("ATLANTE_RELEASES", str(root))
        releases_folder.cache_clear()
        # pygeoapi asks for it at every box, and 25 ms pass until it is told.
        patch.setattr(pyproj.CRS, "to_epsg", cache(pyproj.CRS.to_epsg))
        logging.disable(logging.CRITICAL)
        yield Doors(client, API(configuration(release.manifest, server), {}), release)
    logging.disable(logging.NOTSET)
    opened.cache_clear()
    releases_folder.cache_clear()
