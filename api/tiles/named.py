"""A raster of the release being served, as an address names it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from api.served import Served, served
from geo_core.errors import NotFound
from geo_core.model.field import Field
from geo_core.model.layer import Layer
from geo_core.model.manifest import CollectionInfo, RasterFile
from geo_core.model.mercator import WORLD, Bounds
from geo_core.model.style import Scale
from geo_core.model.text import Lang
from geo_core.model.zooms import Zooms


@dataclass(frozen=True)
class Named:
    """One raster: the file, the collection it was made of and the style that colours it."""

    served: Served
    file: RasterFile
    info: CollectionInfo

    @property
    def path(self) -> str:
        """Where the file lies."""
        return str(self.served.release.path(self.file.path))

    @property
    def layer(self) -> Layer:
        """The declaration of the collection."""
        return self.info.layer

    @property
    def field(self) -> Field:
        """The field whose values the pixels have."""
        return self.layer.field(self.file.field)

    @property
    def style(self) -> Scale:
        """The classes of the field in the style of the collection: the one source of colours."""
        return self.served.release.manifest.styles[self.layer.family].of(self.file.field)

    @property
    def bounds(self) -> Bounds:
        """Box of the features it was made of (degrees, OGC:CRS84)."""
        return self.info.bbox or WORLD

    @property
    def zooms(self) -> tuple[int, int]:
        """First and last zoom: those of the layer's vector tiles."""
        zooms = self.layer.zooms or Zooms()
        return zooms.min, zooms.max

    def title(self, lang: Lang) -> str:
        """Return what it shows, and of which collection."""
        return f"{self.field.title.in_(lang)} · {self.layer.title.in_(lang)}"


def rasters(current: Served) -> list[Named]:
    """Return every raster of a release, in the order of its manifest."""
    release = current.release
    return [Named(current, file, release.info(file.shown)) for file in release.manifest.rasters]


def named(raster: str, request: Request) -> Named:
    """Return the raster an address names (the path dependency of titiler).

    Raises
    ------
    NotFound
        The release has no raster of that id.
    """
    current = served(request)
    known = {file.id: file for file in current.release.manifest.rasters}
    if raster not in known:
        raise NotFound.among("raster", raster, known)
    return Named(current, known[raster], current.release.info(known[raster].shown))
