"""The manifest of a release: what is in it and the hash of every byte."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field as Bound
from pydantic import StringConstraints

from geo_core.model.layer import Layer
from geo_core.model.publication import Publication
from geo_core.model.style import Style
from geo_core.model.text import Name, Strict, Text

SCHEMA_VERSION: Literal[1] = 1

ReleaseId = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}$")]
"""Reference date of the input and the first 12 hexadecimal digits of the content hash."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Every segment starts with a letter or digit, so `..`, absolute and hidden paths cannot be said.
RelativePath = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9_.-]*(/[a-z0-9][A-Za-z0-9_.-]*)*$")
]


class FileEntry(Strict):
    """One file of the release."""

    path: RelativePath
    sha256: Sha256
    bytes: Annotated[int, Bound(ge=0)]
    media_type: str


class Input(Strict):
    """One input the release was built from.

    Attributes
    ----------
    sha256 : str | None
        None for a file with records of persons or secret places: whoever knows every record
        but one could confirm the last by the hash.
    """

    name: str
    version: str
    sha256: Sha256 | None
    licence: str
    attribution: str
    synthetic: bool


class Tileset(Strict):
    """One vector tileset.

    A tileset of a collection holds exactly its features at every zoom. A theme tileset
    (`theme` true, id = the family) shows one member of the family at each zoom.

    Attributes
    ----------
    collections : dict[int, str]
        Zoom to the collection shown there; one entry per zoom from min to max.
    bounds : tuple of 4 floats
        West, south, east, north, degrees, OGC:CRS84.
    """

    id: Name
    title: Text
    theme: bool
    path: RelativePath
    collections: dict[int, Name]
    bounds: tuple[float, float, float, float]


RasterId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
"""Name of a raster: that of a collection, or of a collection and a field."""


class RasterFile(Strict):
    """One raster (Cloud Optimised GeoTIFF, EPSG:3857), of one field of one collection.

    Attributes
    ----------
    collection : str | None
        None in releases whose rasters have the id of their collection.
    """

    id: RasterId
    collection: Name | None = None
    field: Name
    path: RelativePath

    @property
    def shown(self) -> Name:
        """The collection it was made of."""
        return self.collection or self.id


class ZoneTable(Strict):
    """Rows of a protected theme at levels for which it has no collection.

    Attributes
    ----------
    family : str
        The theme.
    levels : tuple of int
        H3 resolutions, ascending.
    """

    family: Name
    path: RelativePath
    levels: tuple[int, ...]


class CollectionInfo(Strict):
    """Where one collection's rows lie, and what they cover.

    Attributes
    ----------
    bbox : tuple of 4 floats | None
        West, south, east, north, degrees, OGC:CRS84; None without geometry.
    interval : tuple
        First and last day the rows refer to (ISO dates); None where open.
    """

    layer: Layer
    count: Annotated[int, Bound(ge=0)]
    bbox: tuple[float, float, float, float] | None
    interval: tuple[str | None, str | None]


class Code(Strict):
    """One entry of a code list."""

    code: str
    title: Text


class Draft(Strict):
    """What the build says of a release, before its files are hashed."""

    title: Text
    reference_date: str
    publication: Publication
    collections: tuple[CollectionInfo, ...]
    styles: dict[Name, Style]
    codelists: dict[Name, tuple[Code, ...]]
    tilesets: tuple[Tileset, ...]
    rasters: tuple[RasterFile, ...]
    zones: tuple[ZoneTable, ...] = ()
    inputs: tuple[Input, ...]
    versions: dict[str, str]


class Manifest(Draft):
    """The file `manifest.json` of a release.

    The id is made of everything else (`content_id`), so that an edited manifest is noticed.
    """

    schema_version: Literal[1]
    id: ReleaseId
    files: tuple[FileEntry, ...]


def content_id(draft: Draft, files: tuple[FileEntry, ...]) -> str:
    """Return the id of a release: its reference date and a short hash of all it holds.

    Parameters
    ----------
    draft : Draft
        As a manifest says it (`as_written`). A member that is not said is not in the hash: a
        manifest that was written before there was such a member keeps its id.
    """
    own = draft.model_dump_json(include=set(Draft.model_fields), exclude_unset=True)
    digest = sha256(own.encode())
    for entry in files:
        digest.update(entry.model_dump_json().encode())
    return f"{draft.reference_date}-{digest.hexdigest()[:12]}"


def as_written(draft: Draft) -> Draft:
    """Return a draft of which every member is said, those that are as usual too."""
    return Draft.model_validate_json(draft.model_dump_json())
