"""Door two: a pygeoapi provider over the same engine as the project's own routes.

pygeoapi makes a new provider for every request, so making one is a dictionary access; the
opened release stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from pygeoapi.provider.base import (
    BaseProvider,
    ProviderConnectionError,
    ProviderInvalidQueryError,
    ProviderItemNotFoundError,
)

from api.features.crs import CRS84
from api.features.encode import decoded
from api.features.engine import Collection, open_collection, select
from api.features.from_pygeofilter import filter_of
from api.features.query import FeatureQuery, Limits, read_feature_query
from api.features.sought import Q
from api.params import checked
from api.settings import Settings
from geo_core.errors import InvalidParameter, NotFound
from geo_core.model.field import Field
from geo_core.release.pointer import current
from geo_core.release.read import open_release

CURRENT: Final = "current"

_JSON_TYPES: Final = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "codes": {"type": "array"},
}


@lru_cache(maxsize=2)
def opened(root: Path, release: str) -> Mapping[str, Collection]:
    """Return the collections of a release, verified and read once; two releases are kept."""
    found = open_release(root / release)
    return {
        info.layer.id: open_collection(found, info.layer.id) for info in found.manifest.collections
    }


@cache
def releases_folder() -> Path:
    """Return the folder of the server's settings, which are read once per process."""
    return Settings().releases


class ReleaseProvider(BaseProvider):  # type: ignore[misc] # pygeoapi has no types
    """Features of one collection of a release.

    The definition's `data` names `release` (an id, or `current`) and `layer`; the folder of
    releases is the server's setting.
    """

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        root = releases_folder()
        release = self.data["release"]
        named = current(root) if release == CURRENT else release
        if named is None:
            raise ProviderConnectionError(user_msg="no release has been published")
        self.collection = opened(root, named)[self.data["layer"]]
        self._fields = self.get_fields()

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """Return the fields a client can filter on or read, as pygeoapi describes them."""
        return {field.name: _described(field) for field in self.collection.layer.fields}

    def query(  # noqa: PLR0913 - the signature is pygeoapi's
        self,
        *,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: list[float] | None = None,
        datetime_: str | None = None,
        properties: list[tuple[str, str]] | None = None,
        sortby: list[dict[str, str]] | None = None,
        select_properties: list[str] | None = None,
        skip_geometry: bool = False,
        q: str | None = None,
        filterq: object = None,
        crs_transform_spec: Any = None,
        **_kwargs: object,
    ) -> dict[str, Any]:
        """Return a FeatureCollection of new dictionaries: pygeoapi changes what it gets.

        Raises
        ------
        ProviderInvalidQueryError
            A condition is malformed, or is one this provider does not answer.
        """
        with _as_pygeoapi_errors():
            query = self._query(
                {
                    **dict(properties or ()),
                    **_given("bbox", ",".join(map(repr, bbox or ()))),
                    **_given("datetime", datetime_),
                    **_given(Q, q),
                    **_given("sortby", ",".join(map(_sort_key, sortby or ()))),
                    **_given("properties", ",".join(select_properties or ())),
                    "offset": str(offset),
                },
                limit=limit,
                crs=_target(crs_transform_spec),
            )
            if filterq is not None:
                query = replace(query, filter=filter_of(filterq))
            page = select(self.collection, query)
        rows = [] if resulttype == "hits" else page.rows.tolist()
        features = decoded(self.collection, rows, query)
        if skip_geometry:
            features = [{**one, "geometry": None} for one in features]
        return {
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": page.matched,
            "numberReturned": len(features),
        }

    def get(
        self, identifier: str, *, crs_transform_spec: Any = None, **_kwargs: object
    ) -> dict[str, Any]:
        """Return one feature.

        Raises
        ------
        ProviderItemNotFoundError
            The collection has no feature of that id.
        """
        query = FeatureQuery(limit=1, crs=_target(crs_transform_spec))
        with _as_pygeoapi_errors():
            row = self.collection.row(identifier)
        feature: dict[str, Any] = decoded(self.collection, [row], query)[0]
        return feature

    def _query(self, params: dict[str, str], *, limit: int, crs: str) -> FeatureQuery:
        said = checked([*params.items(), ("crs", crs)], self.collection.parameters)
        limits = Limits(default=limit, maximum=limit)
        return read_feature_query(said, self.collection.layer, limits)


def _described(field: Field) -> dict[str, Any]:
    return {**_JSON_TYPES[field.type], "title": field.title.it}


def _given(name: str, value: str | None) -> dict[str, str]:
    return {name: value} if value else {}


def _sort_key(key: dict[str, str]) -> str:
    return f"-{key['property']}" if key["order"] == "-" else key["property"]


def _target(spec: Any) -> str:
    return CRS84 if spec is None else str(spec.target_crs_uri)


@contextmanager
def _as_pygeoapi_errors() -> Iterator[None]:
    try:
        yield
    except InvalidParameter as error:
        raise ProviderInvalidQueryError(user_msg=error.message) from None
    except NotFound as error:
        raise ProviderItemNotFoundError(user_msg=error.message) from None
