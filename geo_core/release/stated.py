"""What the releases on the disk state of the draws they show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from geo_core.disclose.ledger import Published
from geo_core.release.compose import STATEMENT
from geo_core.release.pointer import available


def published_draws(root: Path) -> tuple[Published, ...]:
    """Return the named draws of every release, those of the last published first.

    Each once, with the last release that shows it. A release whose statement cannot be read is
    damaged and is not served: it is left out.

    Parameters
    ----------
    root : Path
        Folder of releases.
    """
    every = (one for ident in available(root) for one in _of(root / ident))
    found: dict[str, Published] = {}
    for one in every:
        found.setdefault(one.draw, one)
    return tuple(found.values())


def _of(folder: Path) -> Iterator[Published]:
    try:
        said = orjson.loads((folder / STATEMENT).read_bytes())["statements"]
        for one in said:
            if one.get("draw"):
                yield Published(
                    draw=str(one["draw"]),
                    theme=str(one["theme"]),
                    year=int(one["year"]),
                    synthetic=bool(one["synthetic"]),
                    release=folder.name,
                )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
