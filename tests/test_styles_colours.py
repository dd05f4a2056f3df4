"""Palettes that everybody can read: in order, in grey, and with any colour vision."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from geo_core.catalog import check_drawn, read_catalog
from geo_core.errors import CatalogError
from geo_core.model.style import Scale
from geo_core.styling.colour import delta_e, lab
from geo_core.styling.palette import faults

ROOT = Path(__file__).resolve().parents[1]
STYLES = {
    f"{name}{number or ''}": scale
    for name, style in read_catalog(ROOT).styles.items()
    for number, scale in enumerate(style.scales)
}
"""Every set of classes; those of further fields have a number."""


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [  # the test data of Sharma, Wu and Dalal 2005, rows 1, 7, 13, 17, 25, 34
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_difference_agrees_with_the_published_data(one, two, expected):
    assert delta_e(one, two) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#ffffff", (100, 0, 0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#0000ff", (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_primaries_is_that_of_the_standard(colour, expected):
    assert lab(colour) == pytest.approx(expected, abs=0.02)


def test_red_and_green_of_one_lightness_are_alike_for_a_deuteranope():
    red, green = "#c0504d", "#6e8f3c"
    assert delta_e(lab(red), lab(green)) > 40
    assert delta_e(lab(red, "deuteranopia"), lab(green, "deuteranopia")) < 20


@pytest.mark.parametrize("name", STYLES)
def test_every_palette_can_be_read(name):
    assert list(faults(STYLES[name])) == []
    if STYLES[name].fields:
        assert STYLES[name].missing is not None


def scale(*colours, **more):
    """Return a scale of one field, a class for each colour."""
    number = len(colours)
    classes = [
        {"colour": c, "title": {"it": f"{i}", "en": f"{i}"}, "value": i + 1}
        for i, c in enumerate(colours)
    ]
    assert len(classes) == number
    return Scale.model_validate(
        {"title": {"it": "x", "en": "x"}, "mark": "fill", "fields": ["classe"], "classes": classes}
        | more
    )


FIVE = ("#f8d9b0", "#eba667", "#c9703f", "#963a3a", "#521c30")
WHITE = {"colour": "#ffffff", "title": {"it": "x", "en": "x"}}


@pytest.mark.parametrize(
    ("broken", "said", "at"),
    [
        (scale(*FIVE[::-1]), "class 2 is not darker than class 1", ("classes", 1, "colour")),
        (scale(FIVE[0], FIVE[2], FIVE[1]), "class 3 is not darker", ("classes", 2, "colour")),
        (scale("#f8d9b0", "#f2d0a4"), "not darker", ("classes", 1, "colour")),
        (scale(*FIVE, "#200510"), "6 shades", ("classes",)),
        (scale(*FIVE, missing=WHITE | {"colour": "#f9dcb5"}), "`missing` looks like class 1",
         ("missing", "colour")),
        (scale(*FIVE, band=WHITE | {"colour": "#c9703f"}), "`band` looks like class 3",
         ("band", "colour")),
        (scale("#d7191c", "#ffffbf", "#1a9641", palette="diverging",
               missing=WHITE | {"colour": "#808080"}), "look alike", ("classes", 2, "colour")),
        (scale("#e0e7f3", "#d3cfc4", "#8e887b", "#969fae",
               grid={"rows": WHITE["title"], "columns": WHITE["title"]}), "not darker",
         ("classes", 3, "colour")),
    ],
)  # fmt: skip
def test_a_palette_that_cannot_be_read_says_where_and_why(broken, said, at):
    found = list(faults(broken))
    assert any(said in fault.what and fault.at == at and fault.hint for fault in found), found


def test_each_eye_is_asked_of_its_own():
    """Two classes that only a protanope takes for one another."""
    told = list(faults(scale("#ff6a5a", "#6f7f3a")))
    assert told
    assert {f.what.partition(";")[2].strip(" )") for f in told} <= {"protanopia", "tritanopia"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("layers", "styles", "config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("style", "changed", "said", "line"),
    [
        ("rischio_comuni", ("#eba667", "#f7d8af"), "not darker than class 1", 6),
        ("rischio_comuni", ("value: caldo_99", "value: caldissimo"), "no code of 'hotspot'", 25),
        ("rischio_comuni", ("{value: 1,", "{value: uno,"), "text, and 'classe' is a number", 5),
        ("rischio_comuni", ("{value: 1,", "{value: 0,"), "'classe': 1 and more", 5),
        ("copertura_ambiti", ("{min: 0, max: 5,", "{min: -5, max: 0,"), "gap or overlap", 6),
        ("bisogni_h3", ("{min: 10, max: 20,", "{min: 20, max: 10,"), "min >= max", 6),
        ("bisogni_h3", (", en: 10 to 19}", "}"), "en", 6),
        ("bisogni_h3", ("n_anz, ", "n_vecchi, "), "'n_vecchi', which does not exist", 3),
        ("bisogni_h3", ("{min: 10, max: 20,", "{min: 12, max: 20,"), "gap or overlap", 6),
        ("bisogni_h3", ("{min: 5,", "{min: .nan,"), "finite number", 5),
        ("accessibilita_h3", ("{min: 5, max: 10,", "{min: 5, max: 12,"), "gap or overlap", 7),
        ("comuni", ("mark: fill", "mark: fill\nforma: tonda"), "forma", 3),
        ("rischio_comuni", ("mark: fill", "marks: fill"), "did you mean `mark`?", 2),
        ("rischio_comuni", ("mark: fill", "mark: circle"), "write `fill` for areas", 2),
        ("sedi", ("mark: circle", "mark: fill"), "`circle` for points", 2),
        ("rischio_comuni", ("it: 3 · media", 'it: "3 \\x07"'), "invisible character, U+0007", 7),
        ("rischio_comuni", ("it: 3 · media", 'it: "3\\nmedia"'), "invisible character, U+000A", 7),
        ("rischio_comuni", ("it: 3 · media", 'it: "3\\u202e"'), "invisible character, U+202E", 7),
        ("rischio_comuni", ("it: 3 · media", "it: 3\x07media"), "U+0007 is not allowed", 7),
        ("rischio_comuni", ("it: 3 · media", 'it: "3\\ud800"'), "use single quotes", 7),
        ("rischio_comuni", ("it: 3 · media", 'it: " "'), "a blank at an end", 7),
    ],
)  # fmt: skip
def test_a_style_that_is_wrong_stops_with_its_line(project, style, changed, said, line):
    before, after = changed
    path = project / "styles" / f"{style}.yml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_catalog(project)
    told = str(caught.value)
    assert said in told, told
    found = re.search(rf"{style}\.yml:(\d+)", told)
    assert found, told
    assert line is None or int(found[1]) == line, told


def test_a_value_that_no_class_has_stops_the_build(project):
    path = project / "styles" / "rischio_comuni.yml"
    text = path.read_text(encoding="utf-8")
    kept = [x for x in text.splitlines() if "{value: 3," not in x]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    catalog = read_catalog(project)
    (layer,) = catalog.family("rischio_comuni")
    frame = pd.DataFrame(
        {"classe": [1, 3, None], "stabilita": None, "hotspot": "ns", "moran": "ns"}
    )
    table = SimpleNamespace(layer=layer, frame=frame)
    with pytest.raises(CatalogError, match=r"'classe' are in no class: 3") as caught:
        check_drawn([table], catalog, project)
    assert "rischio_comuni.yml:4" in str(caught.value)
