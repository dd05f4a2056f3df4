"""Uploads whose process is killed at every write: see `killed`."""

from __future__ import annotations

from pathlib import Path

import killed

from geo_core.settings import BuildSettings
from geo_core.uploads import importing
from geo_core.uploads.upload import Desk, Wishes, upload


def needs(home: Path) -> None:
    """Upload invented needs, as in an exercise."""
    desk = Desk.open(BuildSettings(home=home))
    upload(desk, "rilevazioni", [str(home / "rilevazioni.csv")], Wishes(invented=True))


def offices(home: Path) -> None:
    """Import offices and organisations together."""
    desk = Desk.open(BuildSettings(home=home))
    importing.run(desk, "osm", [home / "osm.geojson"], Wishes(partial=True))


if __name__ == "__main__":
    killed.main({"needs": needs, "offices": offices})
