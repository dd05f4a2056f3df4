"""Style documents: what they say is what the classes say, and every client can read it."""

from __future__ import annotations

import json
from operator import ge, lt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo_core.catalog import read_catalog
from geo_core.errors import CatalogError
from geo_core.model.manifest import Tileset
from geo_core.model.style import Class, Style
from geo_core.model.text import Text
from geo_core.strict_yaml import read_document
from geo_core.styling.legend import rows
from geo_core.styling.maplibre import filter_of, style_document
from geo_core.styling.palette import faults

CATALOG = read_catalog(Path(__file__).resolve().parents[1])
CHOICES = [(n, f) for n, style in CATALOG.styles.items() for f in style.fields or (None,)]
SAFE = {"==", "all", "!", "has", ">=", "<", "get"}
TEXT = {"it": "x", "en": "x"}


def document(name, lang="it", public_url="https://example.org/atlante"):
    layer = CATALOG.family(name)[0]
    tileset = Tileset(
        id=layer.id, title=layer.title, theme=False, path=f"tiles/{layer.id}.pmtiles",
        collections={7: layer.id, 8: layer.id}, bounds=(7.8, 45.1, 8.6, 46.0),
    )  # fmt: skip
    return style_document(CATALOG.styles[name], layer, tileset, public_url=public_url, lang=lang)


def holds(rule, feature):
    """Evaluate the few MapLibre expressions that styles use."""
    if rule is None:
        return True
    name, *rest = rule
    if name == "all":
        return all(holds(part, feature) for part in rest)
    if name == "!":
        return not holds(rest[0], feature)
    if name == "has":
        return rest[0] in feature
    left = feature.get(rest[0][1])
    return left == rest[1] if name == "==" else {">=": ge, "<": lt}[name](left, rest[1])


@pytest.mark.parametrize(("name", "field"), CHOICES)
@given(value=st.none() | st.integers(0, 5000), banded=st.booleans())
def test_a_feature_falls_in_the_row_its_class_says(name, field, value, banded):
    style = CATALOG.styles[name]
    banded = banded and style.band is not None and value is None
    feature = {f"{field}_fascia": "0-4"} if banded else {}
    if value is not None:
        feature[field] = value
    rules = [filter_of(r, field, banded=style.band is not None) for r in rows(style)]
    found = [r for r, rule in zip(rows(style), rules, strict=True) if holds(rule, feature)]
    assert len(found) <= 1
    if value is not None:
        assert [r.rule for r in found] == [c for c in style.classes if c.holds(value)]
    elif field is not None:
        assert [r.kind for r in found] == ["band" if banded else "missing"]


@pytest.mark.parametrize("name", CATALOG.styles)
def test_a_document_asks_no_other_host_and_uses_safe_expressions(name):
    made = document(name)
    assert "glyphs" not in made
    assert made.get("sprite", "https://example.org/atlante/styles/sprite").endswith(
        "/atlante/styles/sprite"
    )
    (source,) = made["sources"].values()
    assert all(t.startswith("https://example.org/atlante/xyz/") for t in source["tiles"])
    for layer in made["layers"]:
        assert words(layer.get("filter", [])) <= SAFE
        computed = [v for v in layer["paint"].values() if isinstance(v, list)]
        # A list of numbers is a pattern of dashes; one that begins with a word computes.
        assert not any(isinstance(v[0], str) for v in computed)


def words(rule):
    if not isinstance(rule, list) or not rule:
        return set()
    return {rule[0]}.union(*(words(part) for part in rule[1:]))


@pytest.mark.parametrize("name", CATALOG.styles)
@pytest.mark.parametrize("lang", ["it", "en"])
def test_layer_names_are_the_legend_and_unique(name, lang):
    names = [layer["id"] for layer in document(name, lang)["layers"]]
    low = {"it": "Affidabilità bassa", "en": "Low reliability"}[lang]
    marked = any(f.codelist == "affidabilita" for f in CATALOG.family(name)[0].fields)
    titles = [row.title.in_(lang) for row in rows(CATALOG.styles[name])]
    mixed = CATALOG.family(name)[0].geometry == "Geometry"
    areas = [f"{title} (area)" for title in titles] if mixed else []
    assert names == [*areas, *titles, *[low] * marked]
    assert len(set(names)) == len(names)
    json.dumps(document(name, lang), allow_nan=False)


def test_attribution_is_escaped_because_clients_read_it_as_html():
    made = document("sedi")
    layer = CATALOG.family("sedi")[0].model_copy(update={"attribution": "<b>&"})
    tileset = Tileset(
        id="sedi", title=Text(**TEXT), theme=False, path="tiles/sedi.pmtiles",
        collections={7: "sedi"}, bounds=(0, 0, 1, 1),
    )  # fmt: skip
    hostile = style_document(
        CATALOG.styles["sedi"], layer, tileset, public_url="http://x", lang="it"
    )
    assert hostile["sources"]["sedi"]["attribution"] == "&lt;b&gt;&amp;"
    assert made["layers"] == hostile["layers"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fields": []}, "one class, of everything"),
        ({"fields": [], "classes": [{"min": 1, "colour": "#000000", "title": TEXT}]}, "everything"),
        ({"classes": [{"colour": "#000000", "title": TEXT}]}, "a `value` or a range"),
        ({"classes": [{"value": 1, "min": 2, "colour": "#000000", "title": TEXT}]}, "not both"),
        (
            {
                "classes": [
                    {"min": 1, "max": 2, "colour": "#000000", "title": TEXT},
                    {"min": 3, "colour": "#111111", "title": TEXT},
                ]
            },
            "gap or overlap",
        ),
    ],
)
def test_a_style_that_says_two_things_is_refused(changes, reason):
    good = {
        "title": TEXT, "mark": "fill", "fields": ["n"],
        "classes": [{"value": 1, "colour": "#000000", "title": TEXT}],
        "missing": {"colour": "#ffffff", "title": TEXT},
    }  # fmt: skip
    assert Style.model_validate(good).fields == ("n",)
    with pytest.raises(ValidationError, match=reason):
        Style.model_validate({**good, **changes})


def test_a_missing_language_names_file_line_and_fix(tmp_path):
    path = tmp_path / "sedi.yml"
    path.write_text(
        "title: {it: Sedi, en: Offices}\nmark: circle\nclasses:\n"
        '  - {colour: "#000000", title: {it: Sede}}\n',
        encoding="utf-8",
    )
    with pytest.raises(CatalogError) as caught:
        read_document(path, Style)
    assert caught.value.where.endswith("sedi.yml:4")
    assert caught.value.hint == "add `en:`"


@given(value=st.integers(-10, 10))
def test_a_range_takes_its_lower_end_and_not_its_upper(value):
    rule = Class(min=0, max=5, colour="#000000", title=Text(**TEXT))
    assert rule.holds(value) == (0 <= value < 5)
    assert not rule.holds("0")


def test_scales_are_zooms_in_maplibre():
    layers = document("servizi_sedi")["layers"]
    # 1:250,000 on the equator is between zoom 10 and 11, nearer to 10.
    assert {layer["minzoom"] for layer in layers} == {10}
    assert not any("maxzoom" in layer for layer in layers)
    assert not any("minzoom" in layer for layer in document("sedi")["layers"])


def test_the_example_of_the_documentation_is_a_style(tmp_path):
    text = (Path(__file__).resolve().parents[1] / "docs" / "stili.md").read_text(encoding="utf-8")
    (tmp_path / "esempio.yml").write_text(text.split("```yaml\n")[1].split("```")[0], "utf-8")
    style = read_document(tmp_path / "esempio.yml", Style)
    assert list(faults(style)) == []
    assert [row.hatch for row in rows(style)] == ["none", "none", "lines", "cross"]
