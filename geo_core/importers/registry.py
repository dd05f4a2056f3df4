"""Every importer by name; a new one is a new module and a new entry here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from geo_core.importers import (
    anncsu,
    boundaries,
    five_per_thousand,
    ipa,
    osm,
    posas,
    raster,
    roads,
    runts,
    sections,
    siuss,
)
from geo_core.importers.base import Importer

ALL: Final[tuple[Importer, ...]] = (
    boundaries.IMPORTER,
    posas.IMPORTER,
    sections.IMPORTER,
    raster.IMPORTER,
    raster.BY_AREA,
    runts.IMPORTER,
    ipa.IMPORTER,
    five_per_thousand.IMPORTER,
    osm.IMPORTER,
    anncsu.IMPORTER,
    siuss.IMPORTER,
    roads.IMPORTER,
)

REGISTRY: Final[Mapping[str, Importer]] = MappingProxyType({i.name: i for i in ALL})
