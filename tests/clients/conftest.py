"""The collections every client is shown, so that each is a test of its own."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from currency import shown

from geo_core.catalog import read_catalog
from geo_core.release.read import Release

LAYERS = read_catalog(Path(__file__).resolve().parents[2]).layers


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `collection` once for each declared collection."""
    if "collection" in metafunc.fixturenames:
        metafunc.parametrize("collection", [layer.id for layer in LAYERS])


@pytest.fixture
def shown_rows(demo_release: Release, collection: str) -> pa.Table:
    """Rows of one collection that a client sees which asks for no day."""
    return shown(demo_release, collection)
