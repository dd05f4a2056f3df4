"""Renew the generated part of `pygeoapi.yml`. Run it after editing `layers/`."""
# ruff: noqa: INP001 - a script beside what it renews, not a package

from __future__ import annotations

from pathlib import Path

from api.features.pygeoapi_config import with_resources
from geo_core.catalog import read_catalog

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    target = HERE / "pygeoapi.yml"
    layers = read_catalog(HERE.parent).layers
    target.write_text(with_resources(target.read_text(encoding="utf-8"), layers), encoding="utf-8")
