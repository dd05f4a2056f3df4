"""What every suite shares: the declared catalogue, one demo release, one real server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from api_client import client_of
from api_release import publish_small
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from checks.chromium import started
from checks.served import build_demo, run, serve
from geo_core.catalog import Catalog, read_catalog
from geo_core.release.pointer import current
from geo_core.release.read import Release, open_release

ROOT = Path(__file__).resolve().parents[1]
DEBIAN_PYTHON = Path("/usr/bin/python3")

type Make = Callable[[Path], object]
"""Fills an empty folder."""

LONGEST = (
    "test_pipeline.py", "test_bad_input.py", "test_kept_figures.py", "test_office_walk.py",
    "test_uploads.py", "test_withheld.py", "test_cooperative_walk.py", "test_twins.py",
    "test_going_real.py", "clients/test_chromium.py", "test_import_hostile.py",
    "test_import_residents.py", "audit/test_audit_demo.py", "test_cli.py", "test_gate.py",
    "test_uploads_told.py", "sources/test_contract.py", "test_synth_sizes.py",
    "forms/test_form_page.py", "forms/test_form_rules.py", "forms/test_make_forms.py",
    "audit/test_audit_leaks.py", "test_records_move_nothing_else.py", "test_doctor.py",
    "conform/test_conform_demo.py", "test_dggs.py", "clients/test_doctor_clients.py",
    "test_upgrade.py", "test_behind_proxy.py",
)  # fmt: skip
"""The files that take a minute or about."""

# A busy machine is slow; that is no fault of what is tested.
settings.register_profile(
    "atlante",
    parent=settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("atlante")


@dataclass(frozen=True)
class Server:
    """A running server, and the release it serves."""

    url: str
    pid: int
    release: Release
    log: Path


@pytest.fixture(scope="session")
def root() -> Path:
    """Top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def out(root: Path) -> Path:
    """Folder, not in git, for what a person may want to look at after a run."""
    folder = root / "tests" / "out"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def catalog(root: Path) -> Catalog:
    """Read the layers, styles, code lists and policies of the project."""
    return read_catalog(root)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Return what makes a folder of some name once for all processes of a run; the others wait."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Make) -> Path:
        folder, unfinished = shared / name, shared / f"{name}-unfinished"
        with (shared / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not folder.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def demo_home(made_once: Callable[[str, Make], Path]) -> Path:
    """Home of a demonstration built once, by the command line, for the whole run."""
    return made_once("demo", build_demo)


@pytest.fixture(scope="session")
def small_releases(made_once: Callable[[str, Make], Path]) -> Path:
    """Folder of one small release of three collections, made for what the server answers."""
    return made_once("releases", publish_small)


@pytest.fixture(scope="session")
def small_release(small_releases: Path) -> Release:
    """Open the small release."""
    ident = current(small_releases)
    assert ident is not None
    return open_release(small_releases / ident)


@pytest.fixture(scope="module")
def client(small_releases: Path) -> Iterator[TestClient]:
    """Ask a server of the small release in this process."""
    with client_of(small_releases) as client:
        yield client


@pytest.fixture(scope="session")
def small_home(made_once: Callable[[str, Make], Path]) -> Path:
    """Home with the input of a small district, not built, for what needs no larger one."""
    few = ("--residents", "9000", "--cases", "500")
    return made_once("small", lambda home: run("synth", *few, "--home", str(home)))


@pytest.fixture(scope="session")
def demo_release(demo_home: Path) -> Release:
    """Open and verify the release of the demonstration."""
    ident = current(demo_home / "releases")
    assert ident is not None
    return open_release(demo_home / "releases" / ident)


@pytest.fixture(scope="module")
def site(demo_home: Path) -> Iterator[TestClient]:
    """Return a client of the demonstration, served below a prefix."""
    with client_of(demo_home / "releases") as running:
        yield running


@pytest.fixture(scope="session")
def rows(demo_release: Release) -> Callable[[str], list[dict[str, object]]]:
    """Return what gives the rows of a collection of the demonstration, from its file."""

    def of(name: str) -> list[dict[str, object]]:
        path = demo_release.path(f"collections/{name}/features.parquet")
        found: list[dict[str, object]] = pq.read_table(path).to_pylist()
        return found

    return of


@pytest.fixture(scope="session")
def demo_server(demo_home: Path, demo_release: Release, out: Path) -> Iterator[Server]:
    """Run a real server; its log must hold no traceback at the end."""
    # Every process of a parallel run has a server of its own.
    log = out / f"server{os.environ.get('PYTEST_XDIST_WORKER', '')}.log"
    with serve(demo_home, log=log) as running:
        yield Server(running.url, running.pid, demo_release, log)
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def qgis_python() -> Path:
    """Python of the distribution, which can import QGIS."""
    if not _qgis_version():
        pytest.skip("QGIS is not installed (Debian packages python3-qgis, qgis-providers)")
    return DEBIAN_PYTHON


@pytest.fixture(scope="session")
def ogrinfo() -> str:
    """GDAL of the distribution."""
    found = shutil.which("ogrinfo")
    if not found:
        pytest.skip("ogrinfo is not installed (Debian package gdal-bin)")
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Browser of the distribution, started once for the tests of a file."""
    found = shutil.which("chromium")
    if not found:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with started(found) as browser:
        yield browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: then no process waits long for another at the end."""
    order = {ROOT / "tests" / name: at for at, name in enumerate(LONGEST)}
    assert all(path.exists() for path in order)
    items.sort(key=lambda item: order.get(item.path, len(order)))


def pytest_report_header() -> list[str]:
    """Name the versions that decide how data are read and drawn."""
    import pyogrio  # noqa: PLC0415 - loads GDAL; not for a mere --help
    import pyproj  # noqa: PLC0415 - loads PROJ
    import rasterio  # noqa: PLC0415 - loads its own GDAL
    import shapely  # noqa: PLC0415 - loads GEOS

    gdal = ".".join(map(str, pyogrio.__gdal_version__))
    packages = ("h3", "pygeoapi", "titiler.core", "owslib", "opendp")
    debian = _printed("ogrinfo", "--version").partition(",")[0] or "GDAL not installed"
    return [
        f"GDAL: {gdal} (pyogrio), {rasterio.__gdal_version__} (rasterio); Debian: {debian}",
        f"PROJ {pyproj.proj_version_str}, GEOS {shapely.geos_version_string}",
        f"QGIS {_qgis_version() or 'not installed'}",
        ", ".join(f"{name} {version(name)}" for name in packages),
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List by name what could not run, so that a green run hides nothing."""
    reasons: defaultdict[tuple[str, str], int] = defaultdict(int)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        reasons[report.nodeid.split("::")[0], str(reason).removeprefix("Skipped: ")] += 1
    if not reasons:
        return
    terminalreporter.section("SUITES NOT RUN", sep="!")
    for (file, reason), count in sorted(reasons.items()):
        terminalreporter.line(f"{file}: {count} not run: {reason}")


@cache
def _qgis_version() -> str:
    return _printed(DEBIAN_PYTHON, "-c", "from qgis.core import Qgis; print(Qgis.QGIS_VERSION)")


def _printed(program: Path | str, *arguments: str) -> str:
    """Return what a program prints, or nothing if it is not there or fails."""
    found = shutil.which(program)
    if not found:
        return ""
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
