"""The policies are those of what is counted: another name, or none, is refused with its reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from going_real import signed
from test_kept_figures import Quiet

from geo_core.errors import CatalogError
from geo_core.ingest.italian import error_in_italian
from geo_core.pipeline import build
from geo_core.settings import BuildSettings


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed(tmp_path_factory.mktemp("declared"))


@pytest.fixture
def project(declared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(declared, tmp_path / "project"))


def renamed(project: Path) -> None:
    for name in ("config/disclosure.yml", "layers/nuclei_h3.yml"):
        path = project / name
        text = path.read_text(encoding="utf-8")
        changed = text.replace("\n  nuclei:\n", "\n  famiglie:\n")
        path.write_text(
            changed.replace("\npolicy: nuclei\n", "\npolicy: famiglie\n"), encoding="utf-8"
        )
        assert path.read_text(encoding="utf-8") != text


def without_layer(project: Path) -> None:
    for folder in ("layers", "styles"):
        (project / folder / "violenza_ambiti.yml").unlink()


def without_policy(project: Path) -> None:
    without_layer(project)
    path = project / "config" / "disclosure.yml"
    before, found, _ = path.read_text(encoding="utf-8").partition("\n  violenza:\n")
    assert found
    path.write_text(before + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said", "italian"),
    [
        (renamed, "nothing is counted for the policy 'famiglie'", "per la regola «famiglie»"),
        (without_policy, "there is no policy 'violenza'", "manca la regola «violenza»"),
        (without_layer, "no layer shows what the policy 'violenza'", "nessun livello mostra"),
    ],
)
def test_a_policy_that_fits_nothing_is_refused(project: Path, change, said, italian):
    change(project)
    settings = BuildSettings(home=project.parent / "home", project=project)
    with pytest.raises(CatalogError, match=said) as raised:
        build(settings, report=Quiet())
    assert raised.value.where == "config/disclosure.yml"
    assert raised.value.hint
    assert italian in error_in_italian(raised.value)
