"""Collection documents by pygeoapi, from its configuration made of the manifest.

pygeoapi describes; its links are replaced by ours, because it also advertises JSON-LD and has
English titles only (docs/decisions/0003-two-doors.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pygeoapi.api import API, APIRequest
from pygeoapi.api.collection import gen_collection

from api.features.pygeoapi_config import resources
from api.language import LANGUAGES
from api.settings import Settings
from geo_core.model.manifest import CollectionInfo, Manifest
from geo_core.model.text import Lang

HEAD: Final = Path(__file__).parents[2] / "config" / "pygeoapi.yml"

type Document = dict[str, Any]


class _Question:
    """What pygeoapi reads of a request: parameters and headers."""

    def __init__(self, lang: Lang) -> None:
        self.args: dict[str, str] = {"lang": lang}
        self.headers: dict[str, str] = {}
        self.path_info = ""


def configuration(manifest: Manifest, settings: Settings) -> Document:
    """Return pygeoapi's configuration for one release."""
    head: Document = yaml.safe_load(HEAD.read_text(encoding="utf-8"))
    server = {
        **head["server"],
        "url": settings.public_url,
        "bind": {"host": settings.host, "port": settings.port},
        "limits": {
            "default_items": settings.items_default,
            "max_items": settings.items_max,
            "on_exceed": "throttle",
        },
    }
    return {
        **head,
        "server": server,
        "resources": resources(manifest.collections, release=manifest.id),
    }


def collection_documents(
    manifest: Manifest, settings: Settings
) -> Mapping[Lang, Mapping[str, Document]]:
    """Return every collection document, by language and id, without links."""
    api = API(configuration(manifest, settings), {})
    return {
        lang: {info.layer.id: _document(api, info, lang) for info in manifest.collections}
        for lang in LANGUAGES
    }


def _document(api: Any, info: CollectionInfo, lang: Lang) -> Document:
    request = APIRequest(_Question(lang), api.locales)
    document: Document = gen_collection(api, request, info.layer.id, request.locale)
    del document["links"]
    if info.bbox is None:
        # pygeoapi asks for an extent even where there is no geometry.
        del document["extent"]["spatial"], document["crs"], document["storageCrs"]
    return document
