"""The files of `deploy/` and the program agree: settings, command, ports, prefix, folders."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from api.settings import Settings
from geo_core.cli import app
from geo_core.settings import BuildSettings, settings_of

FILES = ("nginx.conf", "atlante@.service", "atlante.env", "Containerfile", "compose.yml")
EXPOSED = 20
"""Tenths of the points that `systemd-analyze security` gives at most; 100 is a service that may do
all."""


@pytest.fixture(scope="module")
def deploy(root):
    return {name: (root / "deploy" / name).read_text(encoding="utf-8") for name in FILES}


@pytest.fixture(scope="module")
def environment(deploy):
    lines = deploy["atlante.env"].splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="module")
def composed(deploy):
    return yaml.safe_load(deploy["compose.yml"])["services"]["atlante"]


def settings(environment):
    return {name.removeprefix("ATLANTE_").lower(): value for name, value in environment.items()}


def test_every_variable_named_is_a_setting(root, deploy):
    known = {
        f"ATLANTE_{name.upper()}" for name in Settings.model_fields | BuildSettings.model_fields
    }
    page = (root / "docs" / "esercizio.md").read_text(encoding="utf-8")
    for name, text in {**deploy, "esercizio.md": page}.items():
        named = set(re.findall(r"ATLANTE_[A-Z_]+", text))
        assert named <= known, name
        assert named or name == "nginx.conf"


def test_the_values_are_taken_and_the_address_is_that_of_nginx(deploy, environment, composed):
    for given in (environment, composed["environment"]):
        taken = settings_of(Settings, **settings(given))
        public = urlsplit(taken.public_url)
        assert f"server_name {public.netloc};" in deploy["nginx.conf"]
        assert f"location = {public.path} {{" in deploy["nginx.conf"]
        assert f"location {public.path}/ {{" in deploy["nginx.conf"]
        assert f"location = {public.path}/metrics {{" in deploy["nginx.conf"]
    assert taken.metrics == ""  # in a container everybody comes from outside


def test_ports_agree(deploy, composed):
    upstream = re.findall(r"server 127\.0\.0\.1:(\d+)", deploy["nginx.conf"])
    assert upstream == ["8000", "8001"]
    assert f"atlante@{upstream[0]} atlante@{upstream[1]}" in deploy["atlante@.service"]
    assert "Environment=ATLANTE_PORT=%i" in deploy["atlante@.service"]
    assert composed["ports"] == [f"127.0.0.1:{upstream[0]}:8000"]
    image = deploy["Containerfile"]
    assert "ATLANTE_PORT=8000" in image
    assert "EXPOSE 8000" in image
    health = composed["healthcheck"]["test"][-1]
    assert health in image
    assert "http://127.0.0.1:8000/readyz" in health


def test_the_command_exists_where_it_is_called(deploy):
    commands = {c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands}
    assert "serve" in commands
    folder = "/usr/local/lib/atlante"
    assert f"ExecStart={folder}/.venv/bin/atlante serve\n" in deploy["atlante@.service"]
    assert f"PATH={folder}/.venv/bin:" in deploy["Containerfile"]
    assert deploy["Containerfile"].endswith('CMD ["atlante", "serve"]\n')


def test_the_image_takes_what_is_here_and_checks_what_it_fetches(root, deploy):
    image = deploy["Containerfile"]
    copied = [line.split()[1:-1] for line in re.findall(r"^COPY (?!--from).*", image, re.MULTILINE)]
    names = [name for line in copied for name in line]
    assert {"requirements.lock", "geo_core", "api", "checks", "layers"} <= set(names)
    assert [name for name in names if not (root / name).exists()] == []
    let_in = (root / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert [n for n in names if f"!{n}" not in let_in and f"!{n.split('/')[0]}" not in let_in] == []
    assert "--require-hashes -r requirements.lock" in image
    assert "npm ci --ignore-scripts" in image
    assert not re.search(r"https?://(?!127\.0\.0\.1)", image)
    assert re.search(r"^USER 10001:10001$", image, re.MULTILINE)
    assert len(re.findall(r"^FROM ", image, re.MULTILINE)) == 3


def test_the_container_may_do_little(composed):
    assert composed["read_only"] is True
    assert composed["cap_drop"] == ["ALL"]
    assert composed["security_opt"] == ["no-new-privileges:true"]
    assert composed["user"] == "10001:10001"
    (mount,) = composed["volumes"]
    assert mount["read_only"] is True
    assert mount["target"] == "/var/lib/atlante/releases"


def test_the_service_may_do_little(deploy):
    unit = deploy["atlante@.service"]
    for line in (
        "ProtectSystem=strict", "PrivateTmp=true", "NoNewPrivileges=true", "CapabilityBoundingSet=",
        "IPAddressDeny=any", "IPAddressAllow=localhost", "SystemCallFilter=@system-service",
        "MemoryMax=1G", "KillMode=mixed", "User=atlante",
    ):  # fmt: skip
        assert f"\n{line}\n" in unit


@pytest.fixture
def unit(deploy, tmp_path) -> Path:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed (Debian package systemd)")
    here = str(Path(sys.executable).with_name("atlante"))
    path = tmp_path / "atlante@.service"
    text = deploy["atlante@.service"].replace("/usr/local/lib/atlante/.venv/bin/atlante", here)
    path.write_text(text, encoding="utf-8")
    return path


def test_systemd_understands_every_line(unit):
    command = ["systemd-analyze", "verify", unit.with_name("atlante@8000.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "atlante" in line] == []


def test_systemd_finds_it_hardly_exposed(unit):
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:]
    assert re.search(r"exposure level for atlante@\S+: \d\.\d", done.stdout)
