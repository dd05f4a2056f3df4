"""SIUSS codes: what INPS publishes, and that our lists hold nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_core.catalog import CodeList
from geo_core.errors import IngestError, SourceError
from geo_core.importers import siuss
from geo_core.importers.base import Context
from geo_core.strict_yaml import read_document

FOLDER = Path(__file__).parents[3] / "shared" / "fixtures" / "hsds" / "inps-ndc"
AREA = "https://w3id.org/italia/social-security/controlled-vocabulary/pensions/tipo_area_utenza/"
HEAD = "url,label_it,level,id.@language,id.@value\n"

published = pytest.mark.skipif(not FOLDER.exists(), reason="INPS's vocabularies are not at hand")


@published
def test_both_formats_of_both_vocabularies_give_the_same_lists(context: Context) -> None:
    names = ("tipo_categoria_siuss", "tipo_area_utenza")
    first, second = (
        siuss.IMPORTER.read([FOLDER / f"{name}.{ending}" for name in names], context)
        for ending in ("csv", "json")
    )
    assert not first.problems
    assert not second.problems
    assert not first.tables
    assert first.codelists == second.codelists
    assert {name: len(x.codes) for name, x in first.codelists.items()} == {
        "prestazione": 105,
        "area_utenza_siuss": 3,
    }
    assert first.codelists["prestazione"].codes["A3.03"].it == "Asilo Nido"
    assert first.codelists["area_utenza_siuss"].codes["2"].it == "Disabilità e Non autosufficienza"


@published
def test_every_code_we_ship_is_published_with_the_same_title(context: Context, root: Path) -> None:
    names = ("tipo_categoria_siuss", "tipo_area_utenza")
    done = siuss.IMPORTER.read([FOLDER / f"{name}.csv" for name in names], context)
    benefits, areas = (set(done.codelists[n].codes) for n in ("prestazione", "area_utenza_siuss"))
    lists = {p.stem: read_document(p, CodeList) for p in (root / "layers/codelists").glob("*.yml")}
    shipped = {code: entry.it for code, entry in lists["prestazione"].codes.items()}
    official = done.codelists["prestazione"].codes
    assert set(shipped) <= benefits
    assert shipped == {code: official[code].it for code in shipped}
    mapped = {code for x in lists.values() for entry in x.codes.values() for code in entry.siuss}
    assert mapped
    assert mapped <= benefits | areas


def test_english_titles_stay_with_their_codes() -> None:
    text = {"it": "Vecchio", "en": "Old"}
    about = {"title": text, "source": text, "version": "1"}
    before = CodeList.model_validate({**about, "codes": {"A1.01": text, "A9.99": text}})
    news = {"A1.01": {"it": "Nuovo", "en": "Nuovo"}, "A1.02": {"it": "Altro", "en": "Altro"}}
    after = siuss.with_english(CodeList.model_validate({**about, "codes": news}), before)
    assert set(after.codes) == set(news)
    assert (after.codes["A1.01"].it, after.codes["A1.01"].en) == ("Nuovo", "Old")
    assert after.codes["A1.02"].en == "Altro"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_wrong_rows_are_refused_by_row(context: Context, tmp_path: Path) -> None:
    rows = [f"{AREA}1,Uno,,it,1", f"{AREA}1,Uno,,it,1", f"{AREA}2,Due,,it,3", f"{AREA}4,,,it,4"]
    path = written(tmp_path / "x.csv", HEAD + "\n".join(rows) + "\n")
    done = siuss.IMPORTER.read([path], context)
    assert [p.row for p in done.problems] == [3, 4, 5]
    codes = done.codelists["area_utenza_siuss"].codes
    assert {code: (title.it, title.en) for code, title in codes.items()} == {"1": ("Uno", "Uno")}


def test_the_version_is_that_of_the_content(context: Context, tmp_path: Path) -> None:
    versions = set()
    for title in ("Uno", "Uno", "Altro"):
        path = written(tmp_path / "x.csv", f"{HEAD}{AREA}1,{title},,it,1\n")
        done = siuss.IMPORTER.read([path], context)
        versions.add(done.codelists["area_utenza_siuss"].version)
    assert len(versions) == 2


def test_other_files_are_refused(context: Context, tmp_path: Path) -> None:
    read = siuss.IMPORTER.read
    with pytest.raises(IngestError, match="not one known vocabulary"):
        read([written(tmp_path / "a.csv", f"{HEAD}http://altro/1,Uno,,it,1\n")], context)
    with pytest.raises(IngestError, match="column url is missing"):
        read([written(tmp_path / "b.csv", "codice\n1\n")], context)
    for text in ("[" * 100_000, "{}", '[{"url": 1}]', "no", json.dumps([1])):
        with pytest.raises((SourceError, IngestError)):
            read([written(tmp_path / "c.json", text)], context)
    good = written(tmp_path / "d.csv", f"{HEAD}{AREA}1,Uno,,it,1\n")
    with pytest.raises(IngestError, match="two files are the list"):
        read([good, good], context)
    with pytest.raises(IngestError, match="no file"):
        read([], context)
