"""The output formats, behind one protocol. A format is one module of this package."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from geo_core.formats import cog, fragments, geoparquet, vector_tiles
from geo_core.model.layer import Layer
from geo_core.model.tables import Table


class Format(Protocol):
    """What a module of this package offers.

    Attributes
    ----------
    name : str
        Short name, unique.
    media_type : str
        Of the file it writes.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described above

    @property
    def media_type(self) -> str: ...  # noqa: D102 - described above

    def covers(self, layer: Layer) -> bool:
        """Tell whether a layer has a file of this format."""
        ...

    def write(self, table: Table, target: Path) -> None:
        """Write a collection; the same table gives the same bytes.

        Only tables that may be published are accepted: an `OpenTable`, or a
        `ProtectedTable` after disclosure control.
        """
        ...


FORMATS: Final[tuple[Format, ...]] = (geoparquet, fragments, vector_tiles, cog)
