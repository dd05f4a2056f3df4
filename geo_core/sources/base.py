"""What every source can say about the file it read: name, hash, licence, attribution."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from geo_core.errors import SourceError
from geo_core.model.manifest import Input


@dataclass(frozen=True, slots=True)
class Origin:
    """Who stands behind a file.

    Attributes
    ----------
    version : str
        Version or reference date of the data, as its author writes it.
    licence : str
        SPDX name of the licence.
    attribution : str
        Sentence that must stay beside everything made from the file.
    synthetic : bool
        True if the figures are invented for demonstration.
    """

    version: str
    licence: str
    attribution: str
    synthetic: bool


def provenance(path: Path, origin: Origin) -> Input:
    """Return the manifest entry of one input file.

    Parameters
    ----------
    path : Path
        File that was read; its name without the folder becomes the entry's name.
    origin : Origin
        Who stands behind it.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=path.name) from None
    return Input(
        name=path.name,
        version=origin.version,
        sha256=digest,
        licence=origin.licence,
        attribution=origin.attribution,
        synthetic=origin.synthetic,
    )
