"""One collection under test: its documents, its features, and what its columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from checks.conform.http import Answer, Client
from checks.conform.outcome import Failed, Skipped, object_of

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json, application/json;q=0.9"
SCHEMA: Final = "application/schema+json, application/json;q=0.9"
SAMPLE_MAX: Final = 1_000
"""Features of a collection that are downloaded to test answers against."""
_FIRST: Final = 10
_PAGES_MAX: Final = 200
_QUERYABLES: Final = ("http://www.opengis.net/def/rel/ogc/1.0/queryables", "[ogc-rel:queryables]")
_SCHEMA: Final = ("http://www.opengis.net/def/rel/ogc/1.0/schema", "[ogc-rel:schema]")

type Feature = Mapping[str, Any]


def kind_of(property_schema: Mapping[str, Any]) -> str:
    """Return what the values of a queryable are: `text`, `date`, `geometry` and so on."""
    form, types = str(property_schema.get("format", "")), property_schema.get("type")
    if form.startswith("geometry") or "geojson.org" in str(property_schema.get("$ref", "")):
        return "geometry"
    named = [t for t in types if t != "null"] if isinstance(types, list) else [types]
    kind = str(named[0]) if named else ""
    if kind == "string":
        return {"date": "date", "date-time": "datetime"}.get(form, "text")
    return kind if kind in {"integer", "number", "boolean", "array"} else "other"


@dataclass
class Table:
    """One collection, and the sample of its features.

    Attributes
    ----------
    client : Client
        Asks the server.
    document : mapping
        Description of the collection.
    question : mapping
        Parameters that choose the sample; none unless a test needs others.
    """

    client: Client
    document: Mapping[str, Any]
    question: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Identifier of the collection."""
        return str(self.document["id"])

    @property
    def path(self) -> str:
        """Path of the collection below the landing page."""
        return f"/collections/{quote(self.id, safe='')}"

    def ask(self, **parameters: str) -> Answer:
        """Return the answer to the items."""
        return self.client.ask(f"{self.path}/items", parameters, accept=GEOJSON)

    def ask_item(self, ident: object, **parameters: str) -> Answer:
        """Return the answer to one item."""
        path = f"{self.path}/items/{quote(str(ident), safe='')}"
        return self.client.ask(path, parameters, accept=GEOJSON)

    @cached_property
    def first(self) -> list[Feature]:
        """A few features; none where the items are not answered."""
        try:
            return features_of(self.ask(limit=str(_FIRST)))
        except Failed:
            return []

    @cached_property
    def size(self) -> int:
        """How many features there are, as far as the server says."""
        matched = object_of(self.ask(limit=str(_FIRST))).get("numberMatched")
        return matched if isinstance(matched, int) else len(self.first)

    @cached_property
    def _sample(self) -> tuple[list[Feature], bool]:
        return self.download(SAMPLE_MAX, **self.question)

    @property
    def features(self) -> list[Feature]:
        """The downloaded features."""
        return self._sample[0]

    @property
    def whole(self) -> bool:
        """Whether all features were downloaded."""
        return self._sample[1]

    def download(self, most: int, **parameters: str) -> tuple[list[Feature], bool]:
        """Return features page by page, and whether these are all.

        Parameters
        ----------
        most : int
            Features after which no further page is asked for.
        parameters : str
            Of the first page; the server's links lead to the others.
        """
        found: list[Feature] = []
        answer = self.ask(**{"limit": str(most), **parameters})
        for _ in range(_PAGES_MAX):
            found += features_of(answer)
            following = next_of(answer)
            if following is None:
                return found, True
            if len(found) >= most:
                break
            answer = self.client.ask(following, accept=GEOJSON)
        return found, False

    @cached_property
    def queryables(self) -> dict[str, str]:
        """Kind of each queryable that is also a property of the features, by name."""
        properties = self._linked(_QUERYABLES, "queryables")
        held = {name for feature in self.first for name in feature.get("properties") or {}}
        kinds = {name: kind_of(schema) for name, schema in properties.items()}
        return {name: kind for name, kind in kinds.items() if name in held}

    @cached_property
    def geometry(self) -> str | None:
        """Name of the spatial queryable."""
        properties = self._linked(_QUERYABLES, "queryables")
        return next((name for name, s in properties.items() if kind_of(s) == "geometry"), None)

    def column(self, *kinds: str, distinct: int = 2) -> str | None:
        """Return the queryable of some kinds with enough different values, best with nulls too."""
        best: tuple[bool, int, str] | None = None
        for name, kind in self.queryables.items():
            values = [f["properties"].get(name) for f in self.features]
            different = {repr(value) for value in values if value is not None}
            if kind in kinds and len(different) >= distinct:
                rank = (None in values, min(len(different), 20), name)
                best = rank if best is None or rank[:2] > best[:2] else best
        return best[2] if best else None

    @cached_property
    def times(self) -> tuple[str, str] | None:
        """Properties with the start and the end of a feature's time, if that is known."""
        properties = self._linked(_SCHEMA, "schema")
        roles = {str(schema.get("x-ogc-role")): name for name, schema in properties.items()}
        if (instant := roles.get("primary-instant")) is not None:
            return instant, instant
        start, end = (roles.get(f"primary-interval-{side}") for side in ("start", "end"))
        return (start, end) if start and end else None

    @cached_property
    def marks(self) -> frozenset[str]:
        """What the first features offer to tests."""
        geometries = {str((f.get("geometry") or {}).get("type")) for f in self.first}
        time = {"time"} if self.times else set()
        extent = {"interval"} if "temporal" in (self.document.get("extent") or {}) else set()
        return frozenset({*self.queryables.values(), *geometries, *time, *extent})

    def _linked(self, rels: tuple[str, ...], name: str) -> dict[str, dict[str, Any]]:
        links = [link for link in self.document.get("links") or () if link.get("rel") in rels]
        links.sort(key=lambda link: "json" not in str(link.get("type")))
        address = str(links[0].get("href")) if links else f"{self.path}/{name}"
        try:
            properties = object_of(self.client.ask(address, accept=SCHEMA)).get("properties")
        except Failed:
            return {}
        return {n: s for n, s in (properties or {}).items() if isinstance(s, dict)}


def features_of(answer: Answer) -> list[Feature]:
    """Return the features of a page; `Failed` if it is none."""
    found = object_of(answer).get("features")
    if not isinstance(found, list) or not all(isinstance(feature, dict) for feature in found):
        raise Failed(answer.asked, "an array `features`", found)
    return found


def next_of(answer: Answer) -> str | None:
    """Return the address of the following page, if there is one."""
    links = object_of(answer).get("links") or ()
    return next((str(link["href"]) for link in links if link.get("rel") == "next"), None)


def ids_of(features: list[Feature]) -> list[str]:
    """Return the identifiers of features, as text; `Skipped` where one has none."""
    found = [feature.get("id") for feature in features]
    if None in found:
        raise Skipped("oggetti senza identificativo / features without an identifier")
    return [str(ident) for ident in found]


def geometry_of(feature: Feature) -> BaseGeometry | None:
    """Return the geometry of a feature, or nothing."""
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    try:
        return shape(geometry)
    except (ShapelyError, KeyError, TypeError, ValueError, IndexError) as error:
        raise Failed(f"feature {feature.get('id')}", "a geometry of GeoJSON", geometry) from error
