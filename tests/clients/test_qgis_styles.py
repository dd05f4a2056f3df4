"""Every style in QGIS 3.22: no warning, and each class in its own colour, to the pixel."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from plain_mvt import TileFeature, encode, tags

from geo_core.catalog import read_catalog
from geo_core.formats.mvt import EXTENT
from geo_core.model.manifest import Tileset
from geo_core.styling.drawn import reliability
from geo_core.styling.legend import rows
from geo_core.styling.maplibre import style_document
from geo_core.styling.sprite import INKS, TILE, index, patterns, picture

CATALOG = read_catalog(Path(__file__).resolve().parents[2])
SIDE = 512
CELL = 48
MIDDLE = 2 * TILE


def example(style, row):
    """Return properties of a feature that belongs to a row of the legend."""
    if not style.fields:
        return {"id": "x"}
    name = style.fields[0]
    if row.kind == "band":
        return {f"{name}_fascia": "0-4"}
    if row.rule is None:
        return {"id": "x"}
    if row.rule.value is not None:
        return {name: row.rule.value}
    return {name: row.rule.max - 1 if row.rule.min is None else row.rule.min}


def feature(style, index, row):
    """Return a square, or a point in its middle, for the row at a place of its own."""
    left, top = index * CELL * EXTENT // SIDE, EXTENT // 2
    side = CELL * EXTENT // SIDE
    properties = tags((example(style, row) | {"tipo_geometria": "punto"}).items())
    if style.mark == "circle":
        return TileFeature(index + 1, properties, points=[(left + side // 2, top + side // 2)])
    ring = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
    return TileFeature(index + 1, properties, polygons=[[ring]])


def middle(index):
    """Return the places in the middle of a feature; together they meet every line of a hatch."""
    across = range(-(MIDDLE // 2), MIDDLE - MIDDLE // 2)
    return [(index * CELL + CELL // 2 + x, SIDE // 2 + CELL // 2) for x in across]


def shaky(style, layer, index):
    """Return a feature of the first class that a few persons would change."""
    plain = feature(style, index, rows(style)[0])
    known = example(style, rows(style)[0]) | {reliability(layer): "bassa"}
    return replace(plain, tags=tags(known.items()))


@pytest.fixture(scope="module")
def seen(qgis_python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("styles")
    hatched = patterns(scale for style in CATALOG.styles.values() for scale in style.scales)
    (folder / "sprite.png").write_bytes(picture(hatched))
    (folder / "sprite").write_text(json.dumps(index(hatched)), encoding="utf-8")
    for name, style in CATALOG.styles.items():
        layer = CATALOG.family(name)[0]
        tileset = Tileset(
            id=name, title=layer.title, theme=True, path=f"tiles/{name}.pmtiles",
            collections={0: layer.id}, bounds=(-180, -85, 180, 85),
        )  # fmt: skip
        # The tile is the whole world, whatever the scales at which features are drawn.
        style = style.model_copy(update={"visible": None})  # noqa: PLW2901
        made = style_document(style, layer, tileset, public_url="http://127.0.0.1", lang="it")
        (folder / f"{name}.json").write_text(json.dumps(made), encoding="utf-8")
        found = [feature(style, i, row) for i, row in enumerate(rows(style))]
        places = [place for i in range(len(found)) for place in middle(i)]
        if reliability(layer):
            found.append(shaky(style, layer, len(found)))
            left = (len(found) - 1) * CELL
            places += [(left, SIDE // 2 + y) for y in range(4, CELL - 4)]
        tile = folder / name / "0" / "0" / "0.mvt"
        tile.parent.mkdir(parents=True)
        tile.write_bytes(encode(name, found))
        (folder / f"{name}.places").write_text(json.dumps(places), encoding="utf-8")
    home = tmp_path_factory.mktemp("qgis")
    home.chmod(0o700)
    done = subprocess.run(
        [qgis_python, Path(__file__).with_name("qgis_styles.py"), folder],
        env={
            "PATH": os.defpath,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "QT_QPA_PLATFORM": "offscreen",
            "LANG": "C.UTF-8",
        },
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", CATALOG.styles)
def test_qgis_converts_without_a_warning(seen, name):
    assert seen[name]["warnings"] == []
    low = ["Affidabilità bassa"] if reliability(CATALOG.family(name)[0]) else []
    titles = [row.title.it for row in rows(CATALOG.styles[name])]
    mixed = CATALOG.family(name)[0].geometry == "Geometry"
    areas = [f"{title} (area)" for title in titles] if mixed else []
    assert seen[name]["names"] == [*areas, *titles, *low]


@pytest.mark.parametrize("name", CATALOG.styles)
def test_qgis_paints_each_row_in_its_colour(seen, name):
    style = CATALOG.styles[name]
    opacity = style.opacity if style.mark == "fill" else 1
    for number, row in enumerate(rows(style)):
        found = seen[name]["colours"][number * MIDDLE : (number + 1) * MIDDLE]
        if row.hatch == "none":
            near = channels(found[MIDDLE // 2])
            wanted = over_paper(row.colour, opacity)
            assert near == pytest.approx(wanted, abs=1 if opacity < 1 else 0)
        else:
            assert set(found) == {row.colour, INKS[row.hatch]}
            lines = found.count(INKS[row.hatch])
            assert lines == MIDDLE // TILE * {"lines": 1, "cross": 2}[row.hatch]


def channels(colour):
    return list(bytes.fromhex(colour[1:]))


def over_paper(colour, opacity):
    """Return a colour over the magenta that `qgis_styles.py` draws on."""
    paper = channels("#ff00ff")
    return [opacity * c + (1 - opacity) * p for c, p in zip(channels(colour), paper, strict=True)]


@pytest.mark.parametrize("name", [n for n in CATALOG.styles if reliability(CATALOG.family(n)[0])])
def test_qgis_outlines_what_a_few_persons_would_change(seen, name):
    side = seen[name]["colours"][len(rows(CATALOG.styles[name])) * MIDDLE :]
    dark = sum(max(bytes.fromhex(colour[1:])) < 128 for colour in side)
    assert 0.2 * len(side) < dark < 0.8 * len(side), side  # dashes and gaps
