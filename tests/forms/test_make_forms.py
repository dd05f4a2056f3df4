"""The commands that make forms and workbooks, as a person meets them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from geo_core.errors import NotFound, SourceError
from geo_core.forms.known import find_body, read_known
from geo_core.forms.make import write_forms, write_template
from geo_core.ingest.kinds import ENTERED
from geo_core.model.district import District
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[2]
ATLANTE = Path(sys.executable).with_name("atlante")


@pytest.fixture(scope="module")
def home(folder, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(folder, home / "input")
    return home


def atlante(*arguments):
    done = subprocess.run(
        [ATLANTE, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_body_gets_one_form_for_each_kind(home, tmp_path):
    done = atlante("modulo", "COOP-1", "--home", home, "--out", tmp_path)
    assert done.returncode == 0
    assert {p.name for p in tmp_path.iterdir()} == {f"modulo-{n}-COOP-1.html" for n in ENTERED}
    assert all(p.stat().st_size < 500_000 for p in tmp_path.iterdir())


def test_a_managing_body_enters_for_the_organisations_seated_in_it(known):
    assert find_body(known, "VERCELLI").organisations == {"COOP-1"}


def test_an_unknown_body_or_kind_is_told_with_the_closest(home, tmp_path):
    done = atlante("modulo", "COP-1", "--home", home, "--out", tmp_path)
    assert done.returncode != 0
    assert "did you mean 'COOP-1'?" in done.stderr
    done = atlante("modulo", "COOP-1", "--home", home, "--kind", "rilevazione", "--out", tmp_path)
    assert "did you mean 'rilevazioni'?" in done.stderr
    done = atlante("template", "sede", "--home", home, "--out", tmp_path / "x.xlsx")
    assert "did you mean 'sedi'?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_register_has_a_template_and_the_kinds_are_listed_once(home, tmp_path):
    for name in ("organizzazioni", "servizi", "aree_servizio", "reti", "strumenti"):
        path = write_template(ROOT, home / "input", name, target=tmp_path / f"{name}.xlsx")
        assert openpyxl.load_workbook(path).sheetnames[0] == name
    with pytest.raises(NotFound) as raised:
        write_template(ROOT, home / "input", "xyzzy", target=tmp_path / "x.xlsx")
    assert raised.value.hint.count("rilevazioni") == 1


def test_a_template_is_written_where_it_is_asked(home, tmp_path):
    done = atlante("template", "sedi", "--home", home, "--out", tmp_path / "new" / "s.xlsx")
    assert done.returncode == 0
    assert (tmp_path / "new" / "s.xlsx").stat().st_size > 10_000


def test_a_kind_without_anything_to_refer_to_is_left_out_and_said(home, tmp_path):
    done = atlante("modulo", "VERCELLI", "--home", home, "--out", tmp_path)
    assert done.returncode == 0
    poor = tmp_path / "poor"
    shutil.copytree(home / "input", poor / "input")
    (poor / "input" / "sedi.csv").unlink()
    done = atlante("modulo", "COOP-1", "--home", poor, "--out", tmp_path / "forms")
    assert "modulo-valutazioni-COOP-1.html  non fatto / left out" in done.stdout
    done = atlante("modulo", "COOP-1", "--home", poor, "--kind", "valutazioni")
    assert done.returncode == 5
    assert "id_sede" in done.stderr


@pytest.fixture(scope="module")
def guarded(home, tmp_path_factory):
    """Return a folder with pacts and offices of which the public may not know."""
    guarded = tmp_path_factory.mktemp("guarded")
    shutil.copytree(home / "input", guarded / "input")
    (guarded / "input" / "patti.csv").write_text(
        "id_patto,titolo,id_org,stato\n"
        "PAT-1,Orto firmato,COOP-1,sottoscritto\n"
        "PAT-2,Orto proposto,COOP-1,proposta\n"
        "PAT-3,Bosco respinto,ASS-2,respinto\n"
        "PAT-4,Bosco senza stato,ASS-2,\n",
        encoding="utf-8",
    )
    (guarded / "input" / "sedi.csv").write_text(
        "id_sede,nome,id_org,tipo_sede,riservata\n"
        "SED-1,Sportello,COOP-1,polo,false\n"
        "SED-2,Nido,ASS-2,nido,false\n"
        "SED-3,Rifugio,COOP-1,polo,true\n"
        "SED-4,Casa protetta,ASS-2,centro_antiviolenza,false\n"
        "SED-5,Non detta,ASS-2,polo,\n",
        encoding="utf-8",
    )
    return guarded


def text_of(path):
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


SECRET = {
    "buone_prassi": ("PAT-2", "proposto", "PAT-3", "PAT-4", "Bosco"),
    "valutazioni": ("SED-3", "Rifugio", "SED-4", "Casa protetta", "SED-5"),
}
PUBLIC = {"buone_prassi": ("PAT-1", "Orto firmato"), "valutazioni": ("SED-1", "SED-2")}


@pytest.mark.parametrize("kind", SECRET)
def test_a_template_offers_only_what_is_public(guarded, tmp_path, kind):
    path = tmp_path / "[red]foglio.xlsx"
    done = atlante("template", kind, "--home", guarded, "--out", path)
    assert done.returncode == 0
    assert "[red]foglio.xlsx" in done.stdout
    text = text_of(path)
    assert [secret for secret in SECRET[kind] if secret in text] == []
    assert all(known in text for known in PUBLIC[kind])


def test_a_form_offers_what_is_not_public_to_its_own_organisation_alone(guarded, tmp_path):
    wanted = {
        ("COOP-1", "buone_prassi"): {"PAT-1", "PAT-2"},
        ("ASS-2", "buone_prassi"): {"PAT-3", "PAT-4"},
        ("VERCELLI", "buone_prassi"): {"PAT-1"},
        ("COOP-1", "valutazioni"): {"SED-1", "SED-3"},
        ("ASS-2", "valutazioni"): {"SED-2", "SED-4", "SED-5"},
        ("VERCELLI", "valutazioni"): {"SED-1"},
    }
    for (body, kind), codes in wanted.items():
        ((path, why),) = write_forms(ROOT, guarded / "input", body, kind=kind, target=tmp_path)
        assert why == ""
        assert set(re.findall(r"(?:PAT|SED)-[0-9]", text_of(path))) == codes, (body, kind)
        assert path.stat().st_mode & 0o777 == 0o600


def test_an_empty_input_folder_says_what_to_do(root, tmp_path):
    district = read_document(root / "config" / "distretto.yml", District)
    known = read_known(tmp_path, district)
    with pytest.raises(SourceError, match="nobody"):
        find_body(known, "COOP-1")


def test_what_a_form_refers_to_is_what_an_upload_is_checked_against(root, folder, known):
    from geo_core.uploads.tables import references  # noqa: PLC0415 - loads the importers

    district = read_document(root / "config" / "distretto.yml", District)
    assert known.references == references(folder, known.municipalities, district)


def test_the_closest_body_is_named(known):
    with pytest.raises(NotFound) as raised:
        find_body(known, "VERCELI")
    assert "VERCELLI" in raised.value.hint
