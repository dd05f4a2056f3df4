"""What all commands share: where they write, and where they find things."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console

from geo_core.settings import BuildSettings, settings_of

OUT: Final = Console()
ERR: Final = Console(stderr=True)


def settings_at(home: Path | None) -> BuildSettings:
    """Return the settings; a home on the command line wins over the environment."""
    if home is None:
        return settings_of(BuildSettings)
    # Over a folder of releases in the environment, too.
    return settings_of(BuildSettings, home=home.resolve(), releases=home.resolve() / "releases")
