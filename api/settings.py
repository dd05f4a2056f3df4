"""What an operator can set on the server; nothing here reaches raw data."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared with, never bound
_SITE: Final = re.compile(
    r"\*|'self'|(https?://)?(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*"
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(:([0-9]{1,5}|\*))?",
    re.IGNORECASE,
)
"""One site of the CSP directive: everywhere, this one, or a host; no path, which is ignored."""


class Settings(BaseSettings):
    """Settings of the server, read from `ATLANTE_*` when an object is made, never at import."""

    model_config = SettingsConfigDict(env_prefix="ATLANTE_", frozen=True, extra="ignore")

    mirrored: ClassVar[bool] = False
    """Whether pages are written for a host of plain files."""

    releases: Path = Field(Path("releases"), description="Folder of releases, with `current`.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="TCP port to listen on.")
    public_url: str = Field(
        "",
        description="Address every link starts with, path prefix included; default host and port.",
    )
    workers: int = Field(1, ge=1, le=64, description="Serving processes.")
    items_default: int = Field(1000, ge=1, description="Features per page without `limit`.")
    items_max: int = Field(10_000, ge=1, description="Largest page; a larger `limit` is clamped.")
    cache_mib: int = Field(
        4, ge=0, le=4096, description="MiB of answers each process keeps; 0 keeps none."
    )
    frame_ancestors: str = Field(
        "*",
        description="Sites that may embed /embed: hosts with spaces between, `*` or `'none'`.",
    )

    metrics: str = Field(
        "", description="Networks that may read /metrics, with spaces between; nobody if empty."
    )

    @model_validator(mode="before")
    @classmethod
    def _public_url_from_address(cls, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("public_url"):
            return data
        host = data.get("host", "127.0.0.1")
        shown = "127.0.0.1" if host in _EVERYWHERE else host
        return {**data, "public_url": f"http://{shown}:{data.get('port', 8000)}"}

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("the public address starts with http:// or https://")
        if parts.query or parts.fragment:
            raise ValueError("the public address has no `?` and no `#`")
        return url.rstrip("/")

    @field_validator("frame_ancestors")
    @classmethod
    def _sites(cls, stated: str) -> str:
        """Take hosts alone: what else a policy can say would reach every page of the map."""
        sites = stated.split()
        if sites == ["'none'"]:
            return stated.strip()
        wrong = next((site for site in sites if not _SITE.fullmatch(site)), None)
        if wrong is None and sites and (sites == ["*"] or "*" not in sites):
            return " ".join(sites)
        raise ValueError(
            (f"`{wrong}` is no site; " if wrong else "")
            + "write hosts with spaces between, such as `https://www.comune.example.it "
            "https://*.example.it 'self'`, or `*` alone for all, or `'none'` alone"
        )

    @field_validator("metrics")
    @classmethod
    def _networks(cls, stated: str) -> str:
        for one in stated.split():
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(
                    f"`{one}` is no network; write addresses or networks with spaces between, "
                    "such as `127.0.0.1 ::1 10.20.0.0/16`"
                ) from None
        return " ".join(stated.split())

    @model_validator(mode="after")
    def _page_sizes_agree(self) -> Self:
        if self.items_default > self.items_max:
            raise ValueError("ATLANTE_ITEMS_DEFAULT is larger than ATLANTE_ITEMS_MAX")
        return self


class Mirrored(Settings):
    """The same, of pages that offer nothing that only a server answers."""

    mirrored: ClassVar[bool] = True
