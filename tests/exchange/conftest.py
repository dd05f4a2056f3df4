"""A small directory and the demonstration, both served in this process."""

from __future__ import annotations

import pytest
from exchange_release import BASE, publish_directory
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    """Serve the small directory, with its hostile texts and its secret place."""
    releases = tmp_path_factory.mktemp("directory")
    publish_directory(releases)
    with TestClient(create_app(Settings(releases=releases, public_url=BASE))) as running:
        yield running


@pytest.fixture(scope="session")
def demo(demo_home):
    """Serve the demonstration."""
    settings = Settings(releases=demo_home / "releases", public_url=BASE)
    with TestClient(create_app(settings)) as running:
        yield running
