"""The declared documents are complete, and a broken one names file, line and fix."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from geo_core.catalog import Catalog, read_catalog
from geo_core.errors import CatalogError
from geo_core.ingest.lineage import unknown
from geo_core.model.layer import LayerDocument
from geo_core.model.policy import count_name, estimate_name
from geo_core.open_layers import LATER, ROWS
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]
LAYERS = sorted((ROOT / "layers").glob("*.yml"))


@pytest.mark.parametrize("path", LAYERS, ids=lambda p: p.stem)
def test_a_layer_document_is_complete(path: Path, catalog: Catalog):
    document = read_document(path, LayerDocument)
    for layer in document.resolve(path.stem):
        assert layer.field_names[0] == "id"
        assert {"fonte", "licenza", "dato_sintetico"} <= set(layer.field_names)
        assert all(len(name) <= 30 for name in (layer.id, *layer.field_names))
        # What is in a layer is said of each release, never declared.
        texts = (layer.title.it, layer.title.en, layer.description.it, layer.description.en)
        assert not re.search("dimostrativ|demonstration|inventati|invented data", " ".join(texts))
        assert layer.made_of
        assert not unknown(layer.made_of)
        assert layer.geometry == "none" or layer.family in catalog.styles
        assert layer.sensitivity == "B" or layer.family in ROWS.keys() | LATER


def test_only_counts_of_persons_begin_with_n_in_protected_layers(catalog: Catalog):
    for layer in catalog.layers:
        if layer.sensitivity == "B":
            counted = "stima_" if layer.estimated_on else "n_"
            other = "n_" if layer.estimated_on else "stima_"
            assert not any(f.name.startswith(other) for f in layer.fields)
            counts = [f for f in layer.fields if f.name.startswith(counted) and f.type == "integer"]
            assert counts
            unit = "nuclei" if layer.policy == "nuclei" else "persone"
            assert all(f.unit == unit for f in counts)
            assert "aggiornato_il" not in layer.field_names


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("layers", "styles", "config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_title_of_estimates_says_so(catalog: Catalog):
    for layer in catalog.layers:
        if layer.estimated_on:
            figures = [f.title for f in layer.fields if f.name.startswith(("stima_", "tasso_"))]
            for title in (layer.title, *figures):
                assert "stim" in title.it.lower()
                assert "estimate" in title.en.lower()


def test_a_need_is_called_in_every_collection_as_in_its_statement(catalog: Catalog):
    policy = catalog.policies.policies["bisogni"]
    titles = {code.code: code.title for code in catalog.codelists[policy.codelist]}
    for layer in (layer for layer in catalog.layers if layer.policy == "bisogni"):
        name_of = estimate_name if layer.estimated_on else str
        before = ("Stima: ", "Estimate: ") if layer.estimated_on else ("", "")
        for category in policy.categories:
            said, title = layer.field(name_of(count_name(category))).title, titles[category]
            assert (said.it, said.en) == (before[0] + title.it, before[1] + title.en), layer.id


def test_the_readme_says_how_many_collections_there_are(catalog: Catalog):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+) (?:raccolte|collections):", readme) == [str(len(catalog.layers))] * 2


BROKEN = {
    "unknown key": ("geometry: MultiPolygon", "geometria: MultiPolygon", "geometry"),
    "missing key": ("sensitivity: A\n", "", "sensitivity"),
    "wrong value": ("geometry: MultiPolygon", "geometry: Hexagon", "geometry"),
    "duplicate key": ("sensitivity: A", "sensitivity: A\nsensitivity: A", "twice"),
    "tab": ("title:", "\ttitle:", "YAML"),
    "open quote": ('"Codice ISTAT del comune, sei cifre."', '"Codice', "YAML"),
    "anchor": ("geometry: MultiPolygon", "geometry: &a MultiPolygon", "anchors"),
    "alias": ("geometry: MultiPolygon", "geometry: *a", "aliases"),
    "tagged mapping": ("geometry: MultiPolygon", "geometry: !x {a: 1}", "tags"),
    "tag": ("geometry: MultiPolygon", "geometry: !!python/name:os.system", "tags"),
    "number without unit": ("    unit: km²\n", "", "unit"),
    "mean without a weight": (
        "    unit: km²\n",
        "    unit: km²\n    aggregate: weighted_mean\n",
        "weight",
    ),
    "mean weighed by what is no sum": (
        "    unit: km²\n",
        "    unit: km²\n    aggregate: weighted_mean\n    weight: cod_istat\n",
        "`sum`",
    ),
    "sum of texts": (
        "  cod_istat:\n    type: text",
        "  cod_istat:\n    type: text\n    aggregate: sum",
        "number",
    ),
    "what only the content can say": ("made_of:", "synthetic: false\nmade_of:", "synthetic"),
    "missing translation": (
        "title: {it: Comuni della provincia di Vercelli, en: ",
        "title: {it: Comuni, xx: ",
        "title",
    ),
    "unknown code list": (
        "  cod_istat:\n    type: text",
        "  cod_istat:\n    codelist: tipo_sedia\n    type: text",
        "tipo_sede",
    ),
    "sorted by a field that is not there": (
        "sort: [denominazione]",
        "sort: [denominazone]",
        "denominazione",
    ),
    "personal without policy": ("sensitivity: A", "sensitivity: B", "policy"),
    "name of a field with a space": ("  cod_istat:", "  cod istat:", "cod istat"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_layer_names_the_file_the_line_and_the_fix(project: Path, case: str):
    old, new, named = BROKEN[case]
    edit(project / "layers" / "comuni.yml", old, new)
    with pytest.raises(CatalogError) as caught:
        read_catalog(project)
    assert caught.value.where.startswith("layers/comuni.yml")
    assert named in str(caught.value)


def test_the_line_is_the_one_to_mend(project: Path):
    path = project / "layers" / "comuni.yml"
    edit(path, "geometry: MultiPolygon", "geometria: MultiPolygon")
    lines = path.read_text(encoding="utf-8").split("\n")
    with pytest.raises(CatalogError) as caught:
        read_catalog(project)
    number = int(caught.value.where.rpartition(":")[2])
    assert lines[number - 1].startswith("geometria") or "geometry" in caught.value.message


MISPLACED = {
    # What is edited, and the text of the line that the error must name.
    "number without unit": ("layers/comuni.yml", "    unit: km²\n", "", "  sup_km2:", "unit"),
    "unknown unit": (
        "layers/ambiti.yml", "unit: comuni", "unit: comune",
        "    unit: comune", "units.py",
    ),
    "unknown code list": (
        "layers/comuni.yml", "  cod_istat:\n", "  cod_istat:\n    codelist: tipo_sedia\n",
        "    codelist: tipo_sedia", "tipo_sede",
    ),
    "sorted by nothing": (
        "layers/comuni.yml", "sort: [denominazione]", "sort: [denominazone]",
        "sort: [denominazone]", "denominazione",
    ),
    "titled by nothing": (
        "layers/comuni.yml", "title_field: denominazione", "title_field: nome",
        "title_field: nome", "title_field",
    ),
    "unknown policy": (
        "layers/bisogni_h3.yml", "policy: bisogni", "policy: bisogno",
        "policy: bisogno", "bisogni",
    ),
    "raster of a field without a style": (
        "layers/rischio_h3.yml", "raster: {fields: [classe]", "raster: {fields: [residenti]",
        "raster: {fields: [residenti], metres: 100, resolutions: [7]}", "raster.fields",
    ),
    "style of an unknown field": (
        "styles/bisogni_h3.yml", "n_fam", "n_famiglie",
        "fields: [n_anz, n_famiglie", "n_fam",
    ),
    "style of an unknown unit": (
        "styles/bisogni_h3.yml", "unit: persone", "unit: persona",
        "unit: persona", "persone",
    ),
    "bad colour": (
        "styles/opportunita.yml", '"#ffd34d"', '"#FFD34D"',
        '  - {colour: "#FFD34D"', 'like "#1f78b4"',
    ),
    "bad name": (
        "layers/comuni.yml", "  cod_istat:", "  cod istat:",
        "  cod istat:", "lower-case",
    ),
    "quote left open in a mapping": (
        "layers/comuni.yml", 'description: {it: "Codice ISTAT del comune, sei cifre."',
        'description: {it: "Codice ISTAT del comune, sei cifre.',
        '    description: {it: "Codice ISTAT del comune, sei cifre., en', "quote",
    ),
    "quote left open on the first line": (
        "layers/comuni.yml", "title: {it: Comuni", 'title: {it: "Comuni',
        'title: {it: "Comuni', "quote",
    ),
    "quote left open to the end": (
        "layers/codelists/stato_dato.yml", "title:", 'title: "', 'title: "', "quote",
    ),
    "bracket left open": (
        "layers/comuni.yml", "keywords: [comuni, confini amministrativi, popolazione]",
        "keywords: [comuni, confini amministrativi",
        "keywords: [comuni, confini amministrativi", "bracket",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISPLACED)
def test_an_error_names_the_line_to_mend_in_words(project: Path, case: str):
    path, old, new, line, named = MISPLACED[case]
    edit(project / path, old, new)
    with pytest.raises(CatalogError) as caught:
        read_catalog(project)
    file, _, number = caught.value.where.rpartition(":")
    assert path.endswith(file)
    lines = (project / path).read_text(encoding="utf-8").split("\n")
    assert lines[int(number) - 1].startswith(line)
    said = f"{caught.value.message} {caught.value.hint}"
    assert named in said
    assert "pydantic" not in said
    assert "^" not in said


def test_the_lines_of_a_list_in_block_form_are_told_apart(project: Path):
    path = project / "layers" / "comuni.yml"
    edit(path, "sort: [denominazione]", "sort:\n  - denominazione\n  - -nome")
    with pytest.raises(CatalogError) as caught:
        read_catalog(project)
    number = int(caught.value.where.rpartition(":")[2])
    assert path.read_text(encoding="utf-8").split("\n")[number - 1] == "  - -nome"


def test_a_file_name_that_cannot_be_a_collection_is_explained(project: Path):
    name = "una_raccolta_dal_nome_lunghissimo"
    (project / "layers" / "comuni.yml").rename(project / "layers" / f"{name}.yml")
    with pytest.raises(CatalogError, match="rename the file") as caught:
        read_catalog(project)
    assert "pydantic" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "x", "a: b: c", "\xff", "a: " * 40, "[" * 5000, "- " * 5000, "{a: 1}\n---\n{a: 2}"],
)
def test_nonsense_is_refused_without_a_traceback(project: Path, text: str):
    (project / "layers" / "comuni.yml").write_bytes(text.encode("latin-1"))
    with pytest.raises(CatalogError, match=r"comuni\.yml"):
        read_catalog(project)


def test_no_layer_is_called_like_all_of_them_together(project: Path):
    (project / "layers" / "comuni.yml").rename(project / "layers" / "dataset.yml")
    with pytest.raises(CatalogError, match="'dataset' cannot name a collection"):
        read_catalog(project)


def test_a_style_without_a_layer_and_a_layer_without_a_style_are_refused(project: Path):
    (project / "styles" / "comuni.yml").rename(project / "styles" / "comunni.yml")
    with pytest.raises(CatalogError, match="style"):
        read_catalog(project)


def test_a_policy_that_does_not_add_up_is_refused(project: Path):
    edit(project / "config" / "disclosure.yml", '"6": 0.03', '"6": 0.13')
    with pytest.raises(CatalogError, match="sum to 1"):
        read_catalog(project)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("codelist: voto", "codelist: votto", "codelist.*votto"),
        ("[cella, comune]", "[cela, comune]", "categories.*cela"),
    ],
)
def test_a_policy_counts_by_codes_of_a_list(project: Path, before: str, after: str, said: str):
    edit(project / "config" / "disclosure.yml", before, after)
    with pytest.raises(CatalogError, match=said) as caught:
        read_catalog(project)
    assert "did you mean" in str(caught.value)
    assert re.search(r"disclosure\.yml:\d+", str(caught.value))


NUMBERS = r"\b(82|83|165[.,]505)\b|quattro enti|four managing"


def test_no_text_states_what_the_data_may_change(catalog: Catalog):
    for layer in catalog.layers:
        texts = [layer.title, layer.description, *(f.title for f in layer.fields)]
        texts += [f.description for f in layer.fields]
        for text in (word for t in texts for word in (t.it, t.en)):
            assert not re.search(NUMBERS, text, re.IGNORECASE), (layer.id, text)
            # The goalposts are those of two years, whatever the year of the district.
            assert not re.search(r"\b20\d\d\b", text.replace("2022-2023", "")), (layer.id, text)
