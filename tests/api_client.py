"""A client of the server over the small release, and what its tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings

BASE = "https://esempio.it/atlante"
ITEMS = "/collections/luoghi/items"
PROBLEM = "application/problem+json"
PAGES = (
    "/",
    "/conformance",
    "/api",
    "/functions",
    "/collections",
    "/collections/luoghi",
    "/collections/luoghi/items",
    "/collections/luoghi/items/luogo-001",
    "/collections/luoghi/schema",
    "/collections/luoghi/queryables",
    "/collections/luoghi/sortables",
    "/collections/enti/items",
    "/releases",
    "/disclosure",
    "/tiles",
    "/tiles/WebMercatorQuad",
    "/collections/luoghi/tiles",
    "/collections/luoghi/tiles/WebMercatorQuad",
    "/tileMatrixSets",
    "/raster",
)


@contextmanager
def client_of(root: Path, **settings: object) -> Iterator[TestClient]:
    """Serve a folder of releases under `BASE`, asked under another name."""
    app = create_app(Settings(releases=root, public_url=f"{BASE}/", **settings))
    with TestClient(app, base_url="http://evil.example") as client:
        yield client


def links(document, rel):
    return [link["href"] for link in document["links"] if link["rel"] == rel]


def local(address):
    assert address.startswith(BASE)
    return address.removeprefix(BASE) or "/"


def addresses(document):
    if isinstance(document, dict):
        # A profile is named by its address at OGC, which nobody follows; a process is posted to.
        rel = str(document.get("rel"))
        followed = "href" in document and rel != "profile" and not rel.endswith("/execute")
        found = [document["href"]] if followed else []
        return found + [a for v in document.values() for a in addresses(v)]
    return [a for v in document for a in addresses(v)] if isinstance(document, list) else []
