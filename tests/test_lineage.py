"""The lineage of the risk maps gives every published value, and whatever is planted is found."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from checks.audit import folder_lineage
from checks.audit.collect import collect
from checks.audit.findings import Tally
from checks.audit.site import open_site
from checks.recompute import command
from checks.recompute.steps import OPERATIONS, WHOLE, Unknown, computed
from geo_core.formats import lineage
from geo_core.indicators import steps
from geo_core.model.trace import Step, Trace, Traced

TOWNS, CELLS = "rischio_comuni", "rischio_h3_r7"
CAPITAL = "002158"
FILE = f"lineage/{TOWNS}.json"


@pytest.fixture(scope="module")
def served(demo_release):
    app = create_app(Settings(releases=demo_release.folder.parent))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def copied(demo_release, tmp_path) -> Path:
    """Return a release folder of the risk maps and what they are checked against."""
    folder = tmp_path / demo_release.id
    shutil.copytree(demo_release.folder, folder, ignore=shutil.ignore_patterns("tiles", "rasters"))
    return folder


def changed(folder: Path, change) -> None:
    document = orjson.loads((folder / FILE).read_bytes())
    change(document)
    (folder / FILE).write_bytes(folder_lineage._written(document))


# --- the program


def test_every_published_value_is_computed_again_exactly(demo_server, demo_release, capsys):
    for what in (demo_server.url, str(demo_release.folder)):
        assert command.main(what) == 0
        said = capsys.readouterr().out
        assert TOWNS in said
        assert CELLS in said
        assert said.count("tutti uguali") == 3
        assert re.search(r"(\d\.\d{3}) valori, tutti uguali / (\d,\d{3}) values", said)
        assert command.main(what, TOWNS, CAPITAL) == 0
        said = capsys.readouterr().out
        assert "punteggio" in said
        assert "rango" not in said  # of one unit alone there is none


@pytest.mark.parametrize("what", ["", "ftp://x", "/nowhere", "http://127.0.0.1:9/"])
def test_there_may_be_nothing_to_compute(what, capsys):
    assert command.main(what) == command.CANNOT
    assert "errore / error" in capsys.readouterr().err


def test_a_feature_or_a_collection_that_is_not_there(demo_release, capsys):
    for names in ((TOWNS, "nobody"), ("comuni",), ("../../etc",)):
        assert command.main(str(demo_release.folder), *names) == command.CANNOT
    assert capsys.readouterr().out == ""


def test_what_a_service_refuses_is_told_in_its_words(demo_server, capsys):
    for names, told in (
        ((TOWNS, "nobody"), "404 Non c'è un oggetto"),
        (("comuni", CAPITAL), CELLS),
    ):
        assert command.main(demo_server.url, *names) == command.CANNOT
        assert told in capsys.readouterr().err


def _step(document, operation):
    return next(s for s in document["lineage"]["steps"] if s["operation"] == operation)


PLANTED = {
    "one person more": lambda d: d["features"][7]["inputs"].__setitem__(0, 99),
    "a goalpost": lambda d: _step(d, "normalise")["parameters"].update(high=700.0),
    "a penalty": lambda d: _step(d, "ampi")["parameters"].update(penalty=-1),
    "residents that are lent": lambda d: _step(d, "shrink")["parameters"].update(lent=10.0),
    "a break of classes": lambda d: _step(d, "classify")["parameters"].update(
        breaks=[81.0, 84.0, 87.0, 88.0]),
    "a polarity": lambda d: _step(d, "normalise")["parameters"].update(polarity=-1),
    "a unit less": lambda d: d["features"].pop(),
    "two units in each other's place": lambda d: d["features"].reverse(),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_changed_in_a_lineage_is_found(what, copied, capsys):
    changed(copied, PLANTED[what])
    if not what.startswith("two"):  # an order is no difference for people, but for the audit
        assert command.main(str(copied), TOWNS) == 1
        assert "!" in capsys.readouterr().out
    assert audited(copied)


def test_a_changed_score_is_found(copied, capsys):
    path = copied / "collections" / TOWNS / "features.geojsonl"
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    lines[3]["properties"]["punteggio"] += 1e-4
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert command.main(str(copied), TOWNS) == 1
    assert "punteggio" in capsys.readouterr().out


# --- the audit


def audited(folder: Path) -> list[str]:
    site = open_site(str(folder))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest |= {"tilesets": [], "rasters": [], "zones": []}
    manifest["files"] = [
        e for e in manifest["files"] if not e["path"].startswith(("tiles/", "rasters/"))
    ]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    published = collect(site, lambda _: None)
    tally = Tally("formats")
    folder_lineage.check(tally, published.folder, published)
    assert tally.figures
    return [found.what for found in tally.findings]


def test_the_audit_finds_nothing_in_a_lineage(copied):
    assert audited(copied) == []


SECRETS = {
    "a member of a unit": lambda d: d["features"][0].update(persone=117),
    "a member of a step": lambda d: d["lineage"]["steps"][0].update(nota="117"),
    "a parameter": lambda d: d["lineage"]["steps"][0]["parameters"].update(per=117),
    "a parameter of a name": lambda d: d["lineage"]["steps"][0]["parameters"].update(n117=1),
    "a step that gives nothing": lambda d: d["lineage"]["steps"].insert(
        0, {"operation": "shrink", "inputs": ["gruppo_80", "gruppo_80"],
            "parameters": {"lent": 117.0, "share": 0.117}, "output": "altro"}),
    "a step that nobody needs": lambda d: d["lineage"]["steps"].append(
        {"operation": "sum", "inputs": ["residenti"] * 117, "parameters": {}, "output": "somma"}),
    "steps in an order of their own": lambda d: d["lineage"]["steps"].insert(
        -1, d["lineage"]["steps"].pop()),
    "a name with a number": lambda d: d.update(json.loads(
        json.dumps(d).replace("peso_noto", "persone_117"))),
    "an input that nothing needs": lambda d: (
        d["lineage"]["inputs"].append({**d["lineage"]["inputs"][0], "name": "altri"}),
        [one["inputs"].append(117) for one in d["features"]]),
    "a number more": lambda d: d["features"][0]["inputs"].append(117),
    "another source": lambda d: d["lineage"]["inputs"][0]["sources"].append("rilevazioni.csv117"),
    "the last digits of a loan": lambda d: [
        s["parameters"].update(lent=s["parameters"]["lent"] + 1.17e-7)
        for s in d["lineage"]["steps"] if s["operation"] == "shrink"],
    "the last digits of a share": lambda d: _step(d, "shrink")["parameters"].update(share=1.17e-12),
    "the last digits of a goalpost": lambda d: _step(d, "clip")["parameters"].update(
        low=_step(d, "clip")["parameters"]["low"] + 1e-13),
    "a fraction of a person": lambda d: d["features"][0]["inputs"].__setitem__(0, 1.17),
    "a unit that there is not": lambda d: d["features"].append({**d["features"][0], "id": "117"}),
    "another name of the method": lambda d: d["lineage"].update(method="117 persone"),
}  # fmt: skip


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_in_a_lineage_is_found(what, copied):
    changed(copied, SECRETS[what])
    assert audited(copied)


def test_blanks_and_what_is_no_json_are_found(copied):
    raw = (copied / FILE).read_bytes()
    for other in (
        raw + b" ",
        raw.replace(b",\n", b", \n", 1),
        raw[:-2] + b',"n":117}\n',
        b"117",
        b"{",
        b"[]",
    ):
        (copied / FILE).write_bytes(other)
        assert audited(copied)


# --- the server


def test_a_feature_says_what_it_is_computed_from(served, demo_release):
    address = f"/collections/{TOWNS}/items/{CAPITAL}"
    (link,) = [k for k in served.get(address).json()["links"] if k["rel"] == "derivedfrom"]
    said = served.get(link["href"].removeprefix("http://127.0.0.1:8000")).json()
    assert said["published"]["punteggio"] == said["steps"][-1]["value"]
    assert sum(one["value"] for one in said["inputs"]) == said["published"]["residenti"]
    named = {one["name"] for one in said["sources"]}
    assert named == {name for one in said["inputs"] for name in one["sources"]}
    assert named <= {one.name for one in demo_release.manifest.inputs}
    whole = served.get(f"/download/{TOWNS}.lineage.json")
    assert whole.content == (demo_release.folder / FILE).read_bytes()


@pytest.mark.parametrize("lang", ["it", "en"])
def test_its_page_is_in_both_languages(served, lang):
    here = f"/collections/{TOWNS}/items/{CAPITAL}"
    page = served.get(f"{here}/lineage?f=html&lang={lang}")
    assert page.headers["content-type"].startswith("text/html")
    assert {"it": "Dati di partenza", "en": "Inputs"}[lang] in page.text
    assert {"it": "residenti prestati a ogni", "en": "residents lent to every"}[lang] in page.text
    said = served.get(f"{here}/lineage?lang={lang}").json()
    assert {one["unit"] for one in said["inputs"]} == {{"it": "persone", "en": "persons"}[lang]}
    assert f"{here}/lineage?f=html" in served.get(f"{here}?f=html&lang={lang}").text


@pytest.mark.parametrize(
    "path",
    ["comuni/items/002158", f"{TOWNS}/items/nobody", "nulla/items/1", f"{CELLS}/items/%22%7D%0A"],
)
def test_where_there_is_none_that_is_said(served, path):
    answer = served.get(f"/collections/{path}/lineage")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    if path.startswith("comuni"):
        assert TOWNS in answer.json()["hint"]


def test_a_pinned_lineage_leads_to_its_release(served, demo_release):
    here = f"/releases/{demo_release.id}/collections/{TOWNS}/items/{CAPITAL}"
    answer = served.get(f"{here}/lineage")
    assert "immutable" in answer.headers["cache-control"]
    assert all(demo_release.id in link["href"] for link in answer.json()["links"])
    assert served.get(f"{here}/lineage?x=1").status_code == 400


# --- two programs for one arithmetic


def test_the_program_knows_every_operation():
    assert {*OPERATIONS, *WHOLE} == set(steps.OPERATIONS)
    with pytest.raises(Unknown):
        computed([{"operation": "guess", "inputs": [], "parameters": {}, "output": "x"}], {},
                 whole=True)  # fmt: skip


FRACTIONS = st.integers(-(10**9), 10**9).map(lambda n: n / 1_000)
NUMBERS = st.one_of(st.none(), FRACTIONS, st.integers(0, 1_000).map(float))
SAID = {
    "sum": {},
    "ratio": {"per": 100},
    "shrink": {"lent": 7.5, "share": 0.25},
    "withhold": {"least": 100},
    "clip": {"low": -3.5, "high": 90.25},
    "normalise": {"low": 1.5, "high": 90.25, "polarity": -1},
    "ampi": {"penalty": 1, "weights": (1.0, 2.5)},
    "arithmetic": {},
    "geometric": {"weights": (3.0, 0.5)},
    "classify": {"breaks": (10.0, 20.0)},
    "rank": {},
    "round": {"decimals": 4},
}
ALONE = {"clip", "normalise", "classify", "rank", "round"}


@pytest.mark.parametrize("operation", SAID)
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8))
def test_both_programs_do_the_same(operation, rows):
    names = ("a",) if operation in ALONE else ("a", "b")
    if operation == "geometric":  # of what is not positive one says 0 or nothing, the other nothing
        rows = [tuple(None if v is None else abs(v) + 1 for v in row) for row in rows]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    step = Step(operation=operation, inputs=names, parameters=SAID[operation], output="c")
    arrays = {n: np.array([np.nan if v is None else v for v in c]) for n, c in columns.items()}
    ours = steps.run([step], arrays)["c"]
    theirs = computed([step.model_dump(mode="json")], columns, whole=True)["c"]
    again = np.array([np.nan if value is None else value for value in theirs], float)
    np.testing.assert_allclose(again, ours, rtol=1e-12 if operation == "geometric" else 1e-15)


IDS = st.lists(st.text(min_size=1), min_size=1, unique=True).map(sorted)


@given(ids=IDS, number=st.integers(0, 10**9))
def test_one_unit_is_found_among_ids_of_any_kind(ids, number, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "lineage.json"
    counted = {"name": "a", "unit": "persone", "ages": (0, 14), "sources": ("x",)}
    trace = Trace(collection="prova", method="m", goalposts="g", inputs=(counted,), steps=())
    try:
        [ident.encode() for ident in ids]
    except UnicodeEncodeError:
        return
    values = np.arange(len(ids), dtype=np.int64)[:, None] + number
    lineage.write(Traced(trace, ids, values), path)
    opened = lineage.open_lineage(path)
    assert opened.trace == trace
    assert [opened.inputs(ident) for ident in ids] == [tuple(row) for row in values.tolist()]
    assert opened.inputs("\n" + ids[0]) is None or "\n" + ids[0] in ids
    assert (opened.whole().values == values).all()
