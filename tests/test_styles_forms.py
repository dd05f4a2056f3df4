"""Styles in every form: SLD 1.1, legend, metadata and patterns say what the YAML says."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from geo_core.catalog import read_catalog
from geo_core.styling.legend import rows
from geo_core.styling.picture import legend_picture
from geo_core.styling.sld import sld
from geo_core.styling.sprite import INKS, TILE, index, name_of, patterns, picture

CATALOG = read_catalog(Path(__file__).resolve().parents[1])
SE = "{http://www.opengis.net/se}"
OGC = "{http://www.opengis.net/ogc}"
SVG = "{http://www.w3.org/2000/svg}"
EVERY = [scale for style in CATALOG.styles.values() for scale in style.scales]
NUMBERED = [
    (n, f) for n, style in CATALOG.styles.items() for scale in style.scales for f in scale.fields
]


def of(name, lang="it"):
    return ET.fromstring(sld(CATALOG.styles[name], CATALOG.family(name)[0], lang=lang))


def holds(node, feature):
    """Evaluate the few filters that styles use, as a client does (comparisons of null fail)."""
    tag = node.tag.removeprefix(OGC)
    if tag == "And":
        return all(holds(child, feature) for child in node)
    if tag == "Not":
        return not holds(node[0], feature)
    value = feature.get(node[0].text)
    if tag == "PropertyIsNull":
        return value is None
    if value is None:
        return False
    literal = node[1].text
    if tag == "PropertyIsEqualTo":
        return str(value) == literal
    return {
        "PropertyIsGreaterThanOrEqualTo": value >= float(literal),
        "PropertyIsLessThan": value < float(literal),
    }[tag]


def values(scale):
    """Yield a value of each class, its ends included, and just below its upper end."""
    for one in scale.classes:
        if one.value is not None:
            yield one.value
        else:
            low, high = one.min, one.max
            yield low if low is not None else high - 1
            if high is not None:
                yield high - 1e-6


ORDER = {
    "StyledLayerDescriptor": "NamedLayer",
    "NamedLayer": "Name Description UserStyle",
    "UserStyle": "Name Description IsDefault FeatureTypeStyle",
    "FeatureTypeStyle": "Name Description Rule",
    "Rule": "Name Description Filter MinScaleDenominator MaxScaleDenominator Symbolizer",
    "Description": "Title Abstract",
    "PolygonSymbolizer": "Fill Stroke",
    "LineSymbolizer": "Stroke",
    "PointSymbolizer": "Graphic",
    "Graphic": "Mark Opacity Size",
    "Mark": "WellKnownName Fill Stroke",
    "Fill": "GraphicFill SvgParameter",
    "Stroke": "SvgParameter",
    "GraphicFill": "Graphic",
}
"""Elements in the order of the schemas of SLD 1.1 (OGC 05-078r4) and SE 1.1 (05-077r4)."""


@pytest.mark.parametrize("name", CATALOG.styles)
def test_elements_stand_in_the_order_of_the_schema(name):
    for node in of(name).iter():
        known = ORDER.get(node.tag.partition("}")[2])
        if known is not None:
            tags = [child.tag.partition("}")[2] for child in node]
            short = ["Symbolizer" if tag.endswith("Symbolizer") else tag for tag in tags]
            places = [known.split().index(tag) for tag in short]
            assert places == sorted(places), (node.tag, tags)


def test_a_break_is_written_to_its_last_digit():
    style = CATALOG.styles["popolazione_h3"]
    first, *others = style.classes
    ends = first.model_copy(update={"max": 1234567.125}), *others
    layer = CATALOG.family("popolazione_h3")[0]
    made = sld(style.model_copy(update={"classes": ends}), layer, lang="it")
    assert b"<ogc:Literal>1234567.125<" in made


@pytest.mark.parametrize(("name", "field"), NUMBERED)
def test_a_feature_falls_in_the_rule_its_class_says(name, field):
    style, layer = CATALOG.styles[name], CATALOG.family(name)[0]
    scale = style.of(field)
    users = of(name).findall(".//{http://www.opengis.net/sld}UserStyle")
    (user,) = [u for u in users if u.findtext(f"{SE}Name") == field]
    rules = [
        (r.findtext(f"{SE}Name"), r.find(f"{OGC}Filter"))
        for r in user.iter(f"{SE}Rule")
        if r.findtext(f"{SE}Name") != "Affidabilità bassa"
    ]
    shape = {"tipo_geometria": "punto" if scale.mark == "circle" else "area"}
    shape = shape if layer.geometry == "Geometry" else {}
    for value in values(scale):
        found = [title for title, rule in rules if holds(rule[0], shape | {field: value})]
        assert found == [c.title.it for c in scale.classes if c.holds(value)]
        assert len(found) == 1
    if scale.missing:
        assert [t for t, rule in rules if holds(rule[0], shape)] == [scale.missing.title.it]
    if scale.band:
        banded = shape | {f"{field}_fascia": "0-4"}
        assert [t for t, rule in rules if holds(rule[0], banded)] == [scale.band.title.it]


@pytest.mark.parametrize("name", CATALOG.styles)
def test_colours_and_titles_are_those_of_the_legend(name):
    style = CATALOG.styles[name]
    first = next(of(name, "en").iter(f"{SE}FeatureTypeStyle"))
    told = [
        (rule.findtext(f"{SE}Description/{SE}Title"),
         next(x.text for x in rule.iter(f"{SE}SvgParameter") if x.get("name") == "fill"))
        for rule in first.findall(f"{SE}Rule")
        if rule.findtext(f"{SE}Name") != "Low reliability"
    ]  # fmt: skip
    wanted = [(row.title.en, row.colour) for row in rows(style)]
    times = 2 if CATALOG.family(name)[0].geometry == "Geometry" else 1
    assert told == wanted * times
    hatched = sum(row.hatch != "none" for row in rows(style))
    assert len(list(first.iter(f"{SE}GraphicFill"))) == hatched


def test_scales_are_denominators_that_exclude_the_smaller_maps():
    rules = list(of("servizi_sedi").iter(f"{SE}Rule"))
    assert {r.findtext(f"{SE}MaxScaleDenominator") for r in rules} == {"250000"}
    assert {r.find(f"{SE}MinScaleDenominator") for r in rules} == {None}


@pytest.mark.parametrize("name", CATALOG.styles)
@pytest.mark.parametrize("lang", ["it", "en"])
def test_the_picture_has_every_row_of_every_scale(name, lang):
    style = CATALOG.styles[name]
    drawing = ET.fromstring(legend_picture(style, lang=lang))
    texts = [node.text for node in drawing.iter(f"{SVG}text")]
    for scale in style.scales:
        assert scale.title.in_(lang) in texts
        assert {row.title.in_(lang) for row in rows(scale)} <= set(texts)
    ids = {node.get("id") for node in drawing.iter(f"{SVG}pattern")}
    used = {v[5:-1] for n in drawing.iter() for v in n.attrib.values() if v.startswith("url(#")}
    assert used == ids == {name_of(r) for s in style.scales for r in rows(s) if r.hatch != "none"}
    squares = [n for n in drawing.iter(f"{SVG}rect") if n.get("width") == "34"]
    assert len(squares) == sum(len(s.classes) for s in style.scales if s.grid)


def pixels(png):
    """Return the rows of a PNG of 8-bit RGB without filters, as colours."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, *kind = struct.unpack(">IIBBBBB", png[16:29])
    assert kind == [8, 2, 0, 0, 0]
    at = png.index(b"IDAT")
    (size,) = struct.unpack(">I", png[at - 4 : at])
    raw = zlib.decompress(png[at + 4 : at + 4 + size])
    lines = [raw[y * (3 * width + 1) : (y + 1) * (3 * width + 1)] for y in range(height)]
    assert all(line[0] == 0 for line in lines)
    return [["#" + line[1 + 3 * x : 4 + 3 * x].hex() for x in range(width)] for line in lines]


@pytest.mark.parametrize("ratio", [1, 2])
def test_patterns_are_lines_over_the_colour_and_join_at_their_edges(ratio):
    found, side = patterns(EVERY), TILE * ratio
    drawn, where = pixels(picture(found, ratio)), index(found, ratio)
    assert len(drawn) == side
    assert len(drawn[0]) == side * len(found)
    for (hatch, colour), (name, box) in zip(found, where.items(), strict=True):
        assert name == f"{hatch}-{colour[1:]}"
        tile = [row[box["x"] : box["x"] + side] for row in drawn]
        ink = [[c == INKS[hatch] for c in row] for row in tile]
        assert {c for row in tile for c in row} == {colour, INKS[hatch]}
        share = sum(map(sum, ink)) / side**2
        assert share == pytest.approx({"lines": 1, "cross": 2}[hatch] / TILE, rel=0.2)
        for y in range(side):  # every line goes on one pixel further, round the edges too
            for x in range(side):
                if hatch == "lines":
                    assert ink[y][x] == ink[(y + 1) % side][(x - 1) % side]
                else:
                    assert ink[y][x] == ink[x][y] or ratio == 2


def test_a_release_without_hatches_has_a_picture_all_the_same():
    assert pixels(picture(())) == [["#000000"]]
    assert index(()) == {}
