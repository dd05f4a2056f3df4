"""Check (e): a copy that differs from the features is found, in whatever format."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from plain_mvt import encode
from tiny_site import audited, collections, drawn, ok, parquet, tile, tiny_site

from checks.audit import formats
from checks.audit.published import Tileset
from checks.audit.site import Answer


def messages(checked):
    return " | ".join(f"{f.where}: {f.what}" for f in checked.findings)


def found(plant=lambda _answers: None):
    site = tiny_site()
    plant(site.answers)
    return formats.check(audited(site))


def test_a_clean_site_has_no_finding():
    checked = found()
    assert (checked.findings, checked.notes) == ((), ())
    assert checked.figures > 2000


def tiles_with(**values):
    """Replace every tile of the finer collection by one of changed features."""

    def plant(answers):
        features = collections()["bisogni_r8"]
        features[2]["properties"] |= values
        _retile(answers, features)

    return plant


def _retile(answers, features, name="bisogni_r8", drawn=tile):
    for path in list(answers):
        if path.startswith("xyz/bisogni_r8/"):
            key = tuple(int(part) for part in path.removesuffix(".mvt").split("/")[2:])
            answers[path] = ok(drawn(name, features, key))


def a_case_in_the_tiles(answers):
    features = collections()["bisogni_r8"]
    features[2]["geometry"] = features[9]["geometry"]
    _retile(answers, features)


def numbered_in_a_row(answers):
    def numbered(name, features, key):
        return encode(name, [replace(f, id=i + 1) for i, f in enumerate(drawn(features, key))])

    _retile(answers, collections()["bisogni_r8"], drawn=numbered)


def english_shows_more(answers):
    path = "collections/bisogni_r7/items"
    page = json.loads(answers[path].body)
    page["features"][0]["properties"]["n_a"] += 1
    answers[f"{path}#en"] = ok(json.dumps(page).encode())


def single_item_unbanded(answers):
    path = "collections/bisogni_r8/items/881f983857fffff"
    feature = json.loads(answers[path].body)
    feature["properties"]["n_a"] = 2
    answers[path] = ok(json.dumps(feature).encode())


def file_with(**values):
    def plant(answers):
        features = collections()["bisogni_r8"]
        features[2]["properties"] |= values
        answers["download/bisogni_r8.parquet"] = ok(parquet(features))

    return plant


def file_with_hidden_column(answers):
    features = collections()["bisogni_r8"]
    for feature in features:
        feature["properties"]["vero"] = 1
    answers["download/bisogni_r8.parquet"] = ok(parquet(features))


def file_with_more_rows(answers):
    features = collections()["bisogni_r8"]
    features.append(json.loads(json.dumps(features[0])))
    features[-1]["properties"]["id"] = "871f98385ffffff~x"
    answers["download/bisogni_r8.parquet"] = ok(parquet(features))


def item_with_hidden_property(answers):
    path = "collections/bisogni_r7/items"
    page = json.loads(answers[path].body)
    page["features"][0]["properties"]["n_vero"] = 2
    answers[path] = ok(json.dumps(page).encode())


PLANTED = {
    "an unbanded attribute in a tile": (tiles_with(n_a=2), "n_a differs from the feature"),
    "a hidden key in a tile": (tiles_with(n_vero=2), "features of a zoom that are not those"),
    "a point of a case in a tile": (a_case_in_the_tiles, "an outline is another than that of"),
    "tile numbers in a sequence": (numbered_in_a_row, "a feature has a number beside its id"),
    "another language": (english_shows_more, "lang=en: a feature differs"),
    "a single feature": (single_item_unbanded, "items/{id}: a feature differs"),
    "another value in the file": (file_with(n_a=2), "bisogni_r8.parquet: n_a differs"),
    "a hidden column in the file": (file_with_hidden_column, "the columns are not those"),
    "more rows in the file": (file_with_more_rows, "the file has features that no item is"),
    "a hidden property": (item_with_hidden_property, "the properties are not those of the schema"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_found(name):
    plant, expected = PLANTED[name]
    assert expected in messages(found(plant))


def test_the_evidence_of_a_tile_tells_the_value_of_the_tile_from_that_of_the_feature():
    differs = [f for f in found(tiles_with(n_a=2)).findings if "n_a differs" in f.what]
    assert {f.evidence["tile value"] for f in differs} == {2}
    assert 2 not in {f.evidence["feature"] for f in differs}


def test_a_second_layer_and_a_damaged_tile_are_found():
    def plant(answers):
        _retile(answers, collections()["bisogni_r8"], name="casi")
        first = next(p for p in answers if p.startswith("xyz/bisogni_r7/"))
        answers[first] = Answer(200, {}, answers[first].body[:-1])

    said = messages(found(plant))
    assert "other layers than the one of the tileset" in said
    assert "a tile cannot be read" in said


def pages(change=lambda _rows: None):
    """Audit HTML tables that show the features, changed."""
    published = audited(tiny_site())
    collection = published.collections["bisogni_r7"]
    words = {"published": "Pubblicato", "cella": "Cella intera"}
    rows = [
        ["—" if v is None else words.get(v, f"{v}".replace(".", ",")) for v in values]
        for values in (f["properties"].values() for f in collection.features)
    ]
    change(rows)
    shown = replace(collection, pages={"it": rows})
    return formats.check(
        replace(published, collections={"bisogni_r7": shown}, tilesets={}, zoned={})
    )


def test_a_page_with_other_numbers_is_found():
    assert pages().findings == ()

    def more(rows):
        rows[0][7] = "75 (73)"

    def words(rows):
        rows[1][9] = "Pubblicato in ritardo"

    def shorter(rows):
        del rows[1]

    assert "n_a shows another value" in messages(pages(more))
    assert "n_a_stato shows another value" in messages(pages(words))
    assert "another number of rows" in messages(pages(shorter))


def joined(layers=("bisogni_r8", "bisogni_r7"), change=lambda _tiles: None):
    """Audit a tileset of several layers, changed."""
    published = audited(tiny_site())
    parts = [published.tilesets[name].tiles for name in layers if name in published.tilesets]
    tiles = {key: b"".join(p.get(key, b"") for p in parts) for part in parts for key in part}
    change(tiles)
    document = {"vector_layers": [{"id": name, "fields": {}} for name in layers]}
    several = Tileset("dataset", document, tiles, tiles)
    return formats.check(replace(published, tilesets={**published.tilesets, "dataset": several}))


def test_tiles_of_several_layers_are_those_of_their_layers():
    clean = joined()
    assert clean.findings == ()
    assert clean.figures > found().figures

    def first(tiles, new):
        tiles[next(iter(tiles))] = new

    said = "a tile of several layers is not those of its layers"
    other = tile("casi", collections()["bisogni_r8"], (9, 267, 183))
    assert said in messages(joined(change=lambda tiles: first(tiles, b"")))
    assert said in messages(joined(change=lambda tiles: first(tiles, other)))
    assert said in messages(joined(change=lambda tiles: tiles.update({(9, 0, 0): b"x"})))
    assert "no tiles of their own" in messages(joined(("bisogni_r8", "casi")))
    assert "no tiles of their own" in messages(joined(("bisogni_r8", "dataset")))
