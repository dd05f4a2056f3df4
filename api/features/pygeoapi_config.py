"""The `resources` of pygeoapi's configuration, made from what is declared.

One pure function serves twice: it writes the part of `config/pygeoapi.yml` between the marker
lines, from `layers/`; and at run time it describes what the served release holds, from its
manifest, so that the server never offers what the release lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import yaml

from api.features.crs import CRS84, SUPPORTED
from api.features.engine import PERIODS
from geo_core.errors import CatalogError
from geo_core.model.layer import Layer
from geo_core.model.manifest import CollectionInfo
from geo_core.model.text import Text

PROVIDER: Final = "api.features.provider.ReleaseProvider"
BEGIN: Final = "# >>> resources: generated from layers/, edit those instead"
END: Final = "# <<< resources"
_WORLD: Final = [-180.0, -90.0, 180.0, 90.0]


def resources(
    collections: Iterable[CollectionInfo], *, release: str = "current"
) -> dict[str, dict[str, Any]]:
    """Return the `resources` mapping of pygeoapi, one entry per collection.

    Parameters
    ----------
    collections : Iterable[CollectionInfo]
        What to describe. Without a box, pygeoapi's mandatory extent is the world.
    release : str
        Id of the release the provider opens; `current` follows the pointer.
    """
    return {info.layer.id: _resource(info, release) for info in collections}


def declared(layers: Iterable[Layer]) -> list[CollectionInfo]:
    """Return what is known of collections before any release is built: their declaration."""
    return [
        CollectionInfo(
            layer=x.model_copy(update={"description": _with(x.description, _MAYBE_INVENTED)}),
            count=0,
            bbox=None,
            interval=(None, None),
        )
        for x in layers
    ]


def with_resources(document: str, layers: Iterable[Layer]) -> str:
    """Return the text of `config/pygeoapi.yml` with its generated part renewed.

    Raises
    ------
    CatalogError
        The marker lines are not there.
    """
    head, begin, rest = document.partition(f"{BEGIN}\n")
    _old, end, tail = rest.partition(f"{END}\n")
    if not begin or not end:
        raise CatalogError("the marker lines are missing", where="config/pygeoapi.yml")
    body = yaml.safe_dump(
        {"resources": resources(declared(layers))},
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )
    return f"{head}{begin}{body}{end}{tail}"


def _resource(info: CollectionInfo, release: str) -> dict[str, Any]:
    layer = info.layer
    return {
        "type": "collection",
        "title": _both(layer.title),
        "description": _both(_described(layer)),
        "keywords": {"it": list(layer.keywords), "en": list(layer.keywords)},
        "links": [],
        "extents": {
            "spatial": {"bbox": list(info.bbox or _WORLD), "crs": CRS84},
            **_temporal(info.interval),
        },
        "providers": [_provider(layer, release)],
    }


_MAYBE_INVENTED: Final = Text(
    it=" Il campo dato_sintetico dice quali righe sono inventate a scopo dimostrativo.",
    en=" The field dato_sintetico says which rows are invented for demonstration.",
)
_CURRENT: Final = Text(
    it=(
        " Senza il parametro datetime si vedono solo gli oggetti validi alla data di riferimento "
        "dei dati; con datetime=../.. si vedono tutti, come nel file GeoParquet."
    ),
    en=(
        " Without the parameter datetime only features valid on the reference date of the data "
        "are shown; datetime=../.. shows all, as the GeoParquet file does."
    ),
)


def _described(layer: Layer) -> Text:
    """Return a layer's description, with what a client must know to find what is over."""
    if not layer.current_only:
        return layer.description
    return _with(layer.description, _CURRENT)


def _with(text: Text, more: Text) -> Text:
    return Text(it=text.it + more.it, en=text.en + more.en)


def _both(text: Text) -> dict[str, str]:
    return {"it": text.it, "en": text.en}


def _temporal(interval: tuple[str | None, str | None]) -> dict[str, Any]:
    begin, end = interval
    if begin is None and end is None:
        return {}
    return {"temporal": {"begin": _midnight(begin), "end": _midnight(end)}}


def _midnight(day: str | None) -> datetime | None:
    return None if day is None else datetime.fromisoformat(f"{day}T00:00:00Z")


def _provider(layer: Layer, release: str) -> dict[str, Any]:
    start = next(start for start, _end in PERIODS if start in layer.field_names)
    return {
        "type": "feature",
        "name": PROVIDER,
        "data": {"release": release, "layer": layer.id},
        "id_field": "id",
        "title_field": layer.title_field,
        "time_field": start,
        "crs": list(SUPPORTED),
        "storage_crs": CRS84,
    }
