"""The signature under the policies: what it covers, and how it is made."""

from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from test_cli import atlante
from typer.testing import CliRunner

from geo_core.cli import app
from geo_core.commands.policy_words import explained
from geo_core.errors import CatalogError, DisclosureError, SettingsError
from geo_core.model.policy import Policies, RoundedPolicy
from geo_core.signing import FILE, fingerprint, refuse_unsigned, sign
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]
REAL = ["rilevazioni"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "layers" / "codelists", tmp_path / "layers" / "codelists")
    return tmp_path


def read(project: Path) -> Policies:
    return read_document(project / FILE, Policies)


def replace(project: Path, old: str, new: str) -> None:
    path = project / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_signature_says_who_when_and_what_and_leaves_the_rest(project: Path):
    before = (project / FILE).read_text(encoding="utf-8")
    signed = sign(project, by='Anna "DPO" Però: responsabile', on="2026-11-22")
    assert signed == read(project)
    assert (signed.signed_by, signed.signed_on) == ('Anna "DPO" Però: responsabile', "2026-11-22")
    assert not signed.demonstration
    after = (project / FILE).read_text(encoding="utf-8")
    assert after.partition("policies:\n")[2] == before.partition("policies:\n")[2]
    assert after.startswith(before.partition("demonstration: true")[0])
    assert [p.name for p in (project / "config").glob("disclosure*")] == ["disclosure.yml"]
    refuse_unsigned(signed, REAL)


def test_a_second_signature_takes_the_place_of_the_first(project: Path):
    sign(project, by="A", on="2026-11-22")
    once = (project / FILE).read_text(encoding="utf-8")
    sign(project, by="B", on="2026-11-23")
    assert read(project).signed_by == "B"
    assert sign(project, by="A", on="2026-11-22").signature == fingerprint(read(project))
    assert (project / FILE).read_text(encoding="utf-8") == once


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p_min: 100", "p_min: 50"),
        ("epsilon_year: 2.0", "epsilon_year: 6.0"),
        ("    band_max: 4", "    band_max: 2"),
        ("DIS: 200", "DIS: 100"),
        ("p_min: 100", "p_min: 200"),
        ('signed_by: "A"', 'signed_by: "B"'),
    ],
)
def test_what_was_changed_after_it_was_signed_is_not_signed(project: Path, old: str, new: str):
    sign(project, by="A", on="2026-11-22")
    replace(project, old, new)
    with pytest.raises(DisclosureError, match="not those that were signed") as told:
        refuse_unsigned(read(project), REAL)
    assert "atlante sign" in told.value.hint
    refuse_unsigned(read(project), [])


def test_comments_and_the_order_of_keys_are_not_what_was_signed(project: Path):
    sign(project, by="A", on="2026-11-22")
    replace(project, "policies:\n", "policies:\n  # Letto il 22 novembre.\n")
    refuse_unsigned(read(project), REAL)


def test_nobody_has_signed_a_demonstration(project: Path):
    with pytest.raises(DisclosureError, match="demonstration's"):
        refuse_unsigned(read(project), REAL)
    replace(project, "demonstration: true\n", "")
    with pytest.raises(DisclosureError, match="not those that were signed"):
        refuse_unsigned(read(project), REAL)


def test_a_wrong_file_is_not_signed(project: Path):
    replace(project, "p_min: 100", "p_min: few")
    before = (project / FILE).read_bytes()
    with pytest.raises(CatalogError):
        sign(project, by="A", on="2026-11-22")
    assert (project / FILE).read_bytes() == before


def test_the_command_shows_what_it_signs(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATLANTE_PROJECT", str(project))

    def said(*arguments: str) -> str:
        return CliRunner().invoke(app, ["sign", *arguments]).output

    assert "non firmato" in said()
    assert "bisogni" in said()
    assert "--on is a day" in said("--by", "A", "--on", "oggi")
    assert "goes with" in said("--by", "A")
    assert "non firmato" in said()
    assert "signed: A, 2024-05-02" in said("--by", "A", "--on", "2024-05-02")
    replace(project, "p_min: 100", "p_min: 50")
    assert "NOT what was signed" in said()


def test_who_signs_reads_what_each_theme_publishes_and_what_can_be_learnt(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ATLANTE_PROJECT", str(project))
    lines = CliRunner().invoke(app, ["sign"]).output.splitlines()
    said = " ".join(" ".join(lines).split())
    assert "conteggi per zone di almeno 100 residenti (200 per Persone con disabilità;" in said
    assert "Povertà, disagio adulti e senza dimora" in said
    assert "sotto 10 in tutto non si scrive nulla" in said
    cells = {c[1]: c[2:5] for c in ([*map(str.strip, x.split("│"))] for x in lines) if len(c) > 4}
    assert cells["Bisogni sociali"] == ["2", "2", "37,5 su 100"]
    assert cells["somma"] == ["7,8", "7,8", "99,5 su 100"]
    assert len(cells) == 8


def test_a_rounded_theme_has_no_epsilon_and_no_limit(project: Path):
    policies = read(project)
    rounded = RoundedPolicy.model_construct(
        **{**dict(policies.policies["segnalazioni"]), "method": "round5"}
    )
    told = Console(width=200, record=True, file=io.StringIO())
    titles = {c: c for c in rounded.categories}
    one = policies.model_copy(update={"policies": {"segnalazioni": rounded}})
    told.print(explained(one, {"segnalazioni": titles}))
    text = told.export_text()
    assert "arrotondamento a multipli di 5, una pubblicazione sola" in text
    assert "senza limite" in text
    assert "│ somma" in text


def test_nobody_signs_on_a_day_that_is_not_yet(project: Path):
    before = (project / FILE).read_bytes()
    done = atlante("sign", "--by", "A", "--on", "2999-12-31", ATLANTE_PROJECT=str(project))
    assert done.returncode == SettingsError.exit_code
    assert "--on: è un giorno che deve ancora venire" in done.stderr
    assert "scrivere il giorno in cui si firma" in done.stderr
    assert "--on: is a day that is not yet" in done.stderr
    assert "write the day on which it is signed" in done.stderr
    assert (project / FILE).read_bytes() == before


def test_a_number_in_the_name_of_who_signs_is_refused(project: Path):
    before = (project / FILE).read_bytes()
    done = atlante(
        "sign", "--by", "A, prot. 117", "--on", "2026-11-22", ATLANTE_PROJECT=str(project)
    )
    assert done.returncode == SettingsError.exit_code
    assert "--by: contiene un numero" in done.stderr
    assert "scrivere nome e ufficio di chi firma, senza numeri" in done.stderr
    assert "--by: has a number" in done.stderr
    assert (project / FILE).read_bytes() == before


def test_the_day_it_is_may_be_signed_on(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATLANTE_PROJECT", str(project))
    today = datetime.now(UTC).date().isoformat()
    said = CliRunner().invoke(app, ["sign", "--by", "A", "--on", today]).output
    assert f"signed: A, {today}" in said
