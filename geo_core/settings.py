"""Where the build finds its declarations and keeps its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo_core.errors import SettingsError

PROJECT = Path(__file__).resolve().parents[1]


class BuildSettings(BaseSettings):
    """Everything an operator can set on the build, from `ATLANTE_*` in the environment."""

    model_config = SettingsConfigDict(env_prefix="ATLANTE_", frozen=True, extra="ignore")

    project: Path = Field(
        default=PROJECT, description="Folder with `layers/`, `styles/` and `config/`."
    )
    home: Path = Field(
        default=PROJECT / "var", description="Folder of inputs, releases and sealed draws."
    )

    releases: Path = Field(
        default_factory=lambda given: given["home"] / "releases",
        description="Folder of releases, the only thing the server reads; default in `home`.",
    )

    @property
    def input(self) -> Path:
        """Folder of the files offices hand in (personal data: class D)."""
        return self.home / "input"

    @property
    def receipts(self) -> Path:
        """Folder of the receipts of uploads."""
        return self.home / "receipts"

    @property
    def private(self) -> Path:
        """Folder of sealed draws and the privacy ledger; never served, never in git."""
        return self.home / "private"


def settings_of[S: BaseSettings](kind: type[S], **given: Any) -> S:
    """Read settings from the environment and what is given.

    Raises
    ------
    SettingsError
        The first wrong one, named as the variable of the environment that holds it.
    """
    try:
        return kind(**given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "_".join(["ATLANTE", *(str(part).upper() for part in first["loc"])])
        raise SettingsError(
            first["msg"].removeprefix("Value error, "), where=name if first["loc"] else "settings"
        ) from None
