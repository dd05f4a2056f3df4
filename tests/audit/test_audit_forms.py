"""Closed forms: what does not fit is named, and the forms are those that the build publishes."""

from __future__ import annotations

import re

import pytest

from checks.audit import manifest_form, statement_form
from checks.audit.forms import Keyed, unfit
from geo_core.model import disclosure, field, layer, manifest, publication, style

FORM = {
    "name": re.compile("[a-z]+"),
    "number": (int, None),
    "share": float,
    "said": bool,
    "kind": {"a", 1},
    "list": [{"n": int}],
    "by": Keyed(re.compile("[A-Z]"), int),
}


def test_what_fits_is_not_named():
    whole = {"name": "x", "number": None, "share": 1.0, "said": True, "kind": 1, "list": [{"n": 1}],
             "by": {"A": 2}}  # fmt: skip
    assert list(unfit(whole, FORM)) == []
    assert list(unfit({}, FORM)) == []


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"nota": 1}, ("nota",)),
        ({"name": "x1"}, ("name",)),
        ({"number": True}, ("number",)),
        ({"number": 1.5}, ("number",)),
        ({"share": float("inf")}, ("share",)),
        ({"share": 1}, ("share",)),
        ({"share": -0.0}, ("share",)),
        ({"said": 1}, ("said",)),
        ({"kind": "b"}, ("kind",)),
        ({"kind": True}, ("kind",)),
        ({"list": {"n": 1}}, ("list",)),
        ({"list": [{"n": 1}, {"n": 1, "m": 2}]}, ("list", "1", "m")),
        ({"by": {"a": 1}}, ("by", "a")),
        ({"by": {"A": "1"}}, ("by", "A")),
        ([], ()),
    ],
)
def test_what_does_not_fit_is_named(value, path):
    assert [found for found, _ in unfit(value, FORM)] == [path]


MODELS = {
    disclosure.Statement: statement_form.STATEMENT,
    disclosure.Total: statement_form.TOTAL,
    disclosure.Estimates: statement_form.ESTIMATES,
    disclosure.Derived: statement_form.DERIVED,
    disclosure.Geography: statement_form.GEOGRAPHY,
    disclosure.Bounded: statement_form.BOUNDED,
    disclosure.Interval: statement_form.INTERVALS[0],
    disclosure.Utility: statement_form.UTILITY,
    manifest.Manifest: manifest_form.MANIFEST,
    manifest.CollectionInfo: manifest_form.MANIFEST["collections"][0],
    manifest.Tileset: manifest_form.MANIFEST["tilesets"][0],
    manifest.RasterFile: manifest_form.MANIFEST["rasters"][0],
    manifest.ZoneTable: manifest_form.MANIFEST["zones"][0],
    manifest.Input: manifest_form.MANIFEST["inputs"][0],
    manifest.FileEntry: manifest_form.MANIFEST["files"][0],
    layer.Layer: manifest_form.LAYER,
    field.Field: manifest_form.FIELD,
    style.Style: manifest_form.STYLE,
    style.Scale: manifest_form.SCALE,
    style.Class: manifest_form.STYLE["classes"][0],
    publication.Publication: manifest_form.MANIFEST["publication"],
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_form_is_that_of_the_build(model):
    assert set(MODELS[model]) == set(model.model_fields)
