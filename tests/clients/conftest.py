"""The collections every client is shown, so that each is a test of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_core.catalog import read_catalog

LAYERS = read_catalog(Path(__file__).resolve().parents[2]).layers


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `collection` once for each declared collection."""
    if "collection" in metafunc.fixturenames:
        metafunc.parametrize("collection", [layer.id for layer in LAYERS])
