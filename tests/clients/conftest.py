"""The collections every client is shown, so that each is a test of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from api_release import publish_small
from currency import shown
from recorder import Recorded, proxy

from checks.served import serve
from geo_core.catalog import read_catalog
from geo_core.release.read import Release

PAGE = 25
"""The largest page that the recorded server advertises, and gives."""
LAYERS = read_catalog(Path(__file__).resolve().parents[2]).layers


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `collection` once for each declared collection."""
    if "collection" in metafunc.fixturenames:
        metafunc.parametrize("collection", [layer.id for layer in LAYERS])


@pytest.fixture
def shown_rows(demo_release: Release, collection: str) -> pa.Table:
    """Rows of one collection that a client sees which asks for no day."""
    return shown(demo_release, collection)


@pytest.fixture(scope="session")
def qgis(qgis_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return what runs a script of this folder in QGIS, without a window, and reads its JSON."""
    home = tmp_path_factory.mktemp("qgis")
    home.chmod(0o700)
    env = {
        "PATH": os.defpath,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "LANG": "C.UTF-8",
    }

    def run(script: str, *args: object, timeout: float) -> Any:
        command = [qgis_python, Path(__file__).with_name(script), *map(str, args)]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, timeout=timeout
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def small_recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Serve the small release, and record what clients ask; a page has at most 25 features."""
    home = tmp_path_factory.mktemp("recorded")
    publish_small(home / "releases")
    with proxy(home / "asked.jsonl") as (recorded, process):
        settings = {
            "ATLANTE_PUBLIC_URL": recorded.url,
            "ATLANTE_ITEMS_DEFAULT": str(PAGE),
            "ATLANTE_ITEMS_MAX": str(PAGE),
        }
        with serve(home, log=home / "server.log", settings=settings) as running:
            assert process.stdin is not None
            print(running.url, file=process.stdin, flush=True)
            yield recorded


@pytest.fixture
def recorded(small_recorded: Recorded) -> Recorded:
    """Return the record of what this test asks."""
    small_recorded.forget()
    return small_recorded
