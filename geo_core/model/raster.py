"""Which rasters are made of a layer."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field as Bound
from pydantic import model_validator

from geo_core.model.text import Name, Strict


class Raster(Strict):
    """The rasters of a hexagon layer: one of each of these fields, with pixels of one side.

    Attributes
    ----------
    fields : tuple of str
        What `names` returns.
    field : str | None
        The one field, in releases that were made when a layer had one raster at most.
    """

    fields: tuple[Name, ...] = ()
    field: Name | None = None
    metres: int = Bound(100, ge=20, le=1000, description="Pixel side in EPSG:3857 metres.")

    @property
    def names(self) -> tuple[Name, ...]:
        """The fields that have a raster."""
        return (self.field,) if self.field is not None else self.fields

    @model_validator(mode="after")
    def _once(self) -> Self:
        if bool(self.fields) == (self.field is not None):
            raise ValueError("a raster is of `fields`")
        if len(set(self.fields)) < len(self.fields):
            raise ValueError("a field has one raster: name it once in `fields`")
        return self


class RasterDocument(Raster):
    """Rasters as written in a layer file: of some of its resolutions, or of all if none is named.

    One of the finest is enough where it can be read from afar: its overviews are the coarser ones.
    """

    resolutions: tuple[Annotated[int, Bound(ge=0, le=15)], ...] = ()

    def at(self, resolution: int | None) -> Raster | None:
        """Return the rasters of the collection of a resolution."""
        if self.resolutions and resolution not in self.resolutions:
            return None
        return Raster(fields=self.fields, metres=self.metres)
