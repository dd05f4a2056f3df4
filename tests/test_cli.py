"""The command line as a person meets it: short answers, exit codes, no traceback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from geo_core.cli import main
from geo_core.release.pointer import current

ROOT = Path(__file__).parents[1]
ATLANTE = Path(sys.executable).with_name("atlante")


def atlante(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [ATLANTE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_home / "releases", tmp_path / "releases")
    return tmp_path


def test_releases_are_listed_and_verified(home: Path):
    ident = current(home / "releases")
    assert ident in atlante("releases", "--home", home).stdout
    assert "match the manifest" in atlante("verify", "--home", home).stdout


def test_a_damaged_release_is_named_by_its_file(home: Path):
    ident = current(home / "releases")
    path = home / "releases" / ident / "collections" / "comuni" / "features.parquet"
    raw = bytearray(path.read_bytes())
    raw[100] ^= 1
    path.write_bytes(bytes(raw))
    done = atlante("verify", "--home", home)
    assert done.returncode == 7
    assert "collections/comuni/features.parquet" in done.stderr


def test_an_unknown_release_cannot_be_used(home: Path):
    before = current(home / "releases")
    done = atlante("use", "2020-01-01-000000000000", "--home", home)
    assert done.returncode != 0
    assert "there is no release '2020-01-01-000000000000'\n" in done.stderr + "\n"
    assert current(home / "releases") == before


def test_a_port_in_use_is_one_clear_line(home: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = atlante("serve", "--home", home, "--port", port)
    assert done.returncode == 8
    assert str(port) in done.stderr
    assert "indirizzo già in uso" in " ".join(done.stderr.split())
    assert len(done.stderr.strip().split("\n")) <= 4, "a line and its remedy, in two languages"


def test_serving_without_a_release_says_what_to_do(tmp_path: Path):
    done = atlante("serve", "--home", tmp_path, "--port", free_port())
    assert done.returncode == 8
    assert "atlante build" in done.stderr
    assert "non c'è una versione valida da servire" in done.stderr
    assert "no valid release" in done.stderr


def test_building_without_inputs_says_all_that_is_missing(tmp_path: Path):
    done = atlante("build", "--home", tmp_path)
    assert done.returncode == 4
    italian, english = done.stderr.split("error ambiti.csv, popolazione.csv: ")
    assert italian.startswith("errore ambiti.csv, popolazione.csv: nella cartella dei dati manca")
    for text in (italian, english):
        assert "atlante import ambiti FILE" in text
        assert "atlante import istat-sezioni" in text
        assert text.index("popolazione-raster") < text.index("popolazione-areale")
    assert "quale comune" in italian


def test_a_broken_declaration_stops_the_build_with_file_and_line(tmp_path: Path):
    for name in ("layers", "styles", "config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = tmp_path / "layers" / "sedi.yml"
    path.write_text(path.read_text(encoding="utf-8") + "colore: rosso\n", encoding="utf-8")
    line = path.read_text(encoding="utf-8").count("\n")
    done = atlante("build", "--home", tmp_path / "home", ATLANTE_PROJECT=str(tmp_path))
    assert done.returncode == 3
    assert f"layers/sedi.yml:{line}" in done.stderr


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path):
    (tmp_path / "home").write_text("a file where a folder should be")
    done = atlante("build", "--home", tmp_path / "home")
    assert done.returncode == 7
    # What and how to mend it, in two languages.
    assert len(done.stderr.strip().split("\n")) == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ATLANTE_PUBLIC_URL", "foo"),
        ("ATLANTE_ITEMS_DEFAULT", "99999"),
        ("ATLANTE_ITEMS_MAX", "many"),
        ("ATLANTE_PORT", "0"),
    ],
)
def test_a_wrong_setting_is_named(home: Path, name: str, value: str):
    done = atlante("serve", "--home", home, **{name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert "pydantic" not in done.stderr


def test_an_option_wins_over_the_environment(home: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = atlante("serve", "--home", home, "--port", port, ATLANTE_PORT="0")
    assert done.returncode == 8
    assert str(port) in done.stderr


def test_the_environment_counts_where_no_option_is_given(home: Path, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = atlante("serve", "--home", home, ATLANTE_PORT=port)
    assert port in done.stderr
    done = atlante("serve", "--port", free_port(), ATLANTE_RELEASES=str(tmp_path / "nowhere"))
    assert done.returncode == 8
    assert "nowhere" in done.stderr


def test_the_address_is_said_only_where_it_will_answer(tmp_path: Path):
    assert "http" not in atlante("serve", "--home", tmp_path, "--port", free_port()).stdout


def test_a_layer_without_rows_stops_the_build_before_anything_is_read(tmp_path: Path):
    for name in ("layers", "styles", "config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(tmp_path / "layers" / "sedi.yml", tmp_path / "layers" / "farmacie.yml")
    shutil.copy(tmp_path / "styles" / "sedi.yml", tmp_path / "styles" / "farmacie.yml")
    done = atlante("build", "--home", tmp_path / "home", ATLANTE_PROJECT=str(tmp_path))
    assert done.returncode == 3
    assert "layers/farmacie.yml" in done.stderr
    assert "geo_core/open_layers.py" in done.stderr


def test_every_earlier_release_to_compare_with_is_read(home: Path, tmp_path: Path):
    folder = home / "releases" / str(current(home / "releases"))
    earlier = ["--before", folder, "--before", tmp_path / "nowhere"]
    done = atlante("audit", folder, *earlier, "--json", tmp_path / "report.json")
    assert done.returncode == 2
    assert "nowhere is neither an http address nor a folder" in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["serve", "--help"]])
def test_help_is_there(arguments: list[str]):
    assert "Usage" in atlante(*arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "italian", "english"),
    [
        ("servee", "il comando «servee» non c'è: forse 'serve'", "No such command 'servee'."),
        ("serve --prt 3", "l'opzione --prt non c'è: forse --port", "No such option: --prt"),
        ("audit", "manca un argomento: URL|FOLDER", "Missing argument 'URL|FOLDER'."),
        ("verify a b", "c'è un argomento di troppo: b", "unexpected extra argument(s) (b)"),
        ("sign --by", "dopo --by serve un valore", "Option '--by' requires an argument."),
        ("sign --by A", "--by si usa con --on", "--by goes with --on"),
        ("build --only x", "--only si usa con --new-figures", "--only goes with --new-figures"),
        ("serve --port 0", "--port: serve almeno 1", "greater than or equal to 1"),
        ("serve --port 65536", "--port: serve al massimo 65535", "less than or equal to 65535"),
        ("serve --port http", "--port: serve un numero intero", "valid integer"),
    ],
)
def test_a_wrong_word_is_named_in_italian_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments, italian, english
):
    monkeypatch.setattr("sys.argv", ["atlante", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"errore {italian}")
    assert said.index(italian) < said.index(english)
    assert "--help" in said
