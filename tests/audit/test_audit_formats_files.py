"""Files of a query are read and held against the features, page after page."""

from __future__ import annotations

import csv
import io
import json

import pytest
import shapely
from tiny_site import ROOT, audited, collections, tiny_site

from checks.audit import formats, formats_files
from checks.audit.published import Field
from checks.audit.site import Answer, CannotAudit

ITEMS = "collections/bisogni_r8/items"
TYPE = "text/csv; charset=utf-8; header=present"


def table(features):
    """Write features as a server does: texts in quotes, null as nothing, the place last."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, quoting=csv.QUOTE_STRINGS)
    names = list(features[0]["properties"])
    lines.writerow([*names, "wkt"])
    for one in features:
        place = shapely.from_geojson(json.dumps(one["geometry"])).wkt
        lines.writerow([*(_cell(one["properties"][name]) for name in names), place])
    return text.getvalue().encode()


def _cell(value):
    return str(value).lower() if isinstance(value, bool) else value


def offering(site, features):
    """Let a site link its areas as CSV, on two pages."""
    answers = site.answers
    document = json.loads(answers["collections"].body)
    (described,) = [one for one in document["collections"] if one["id"] == "bisogni_r8"]
    address = f"{ROOT}{ITEMS}?f=csv"
    described["links"].append({"rel": "items", "href": address, "type": TYPE})
    answers["collections"] = Answer(200, {}, json.dumps(document).encode())
    said = {"content-type": TYPE}
    following = f'<{address}&token=2>; rel="next"; type="{TYPE}"'
    answers[f"{ITEMS}?f=csv"] = Answer(200, {**said, "link": following}, table(features[:2]))
    answers[f"{ITEMS}?f=csv&token=2"] = Answer(200, said, table(features[2:]))
    return site


def found(change=lambda _features: None):
    features = collections()["bisogni_r8"]
    change(features)
    checked = formats.check(audited(offering(tiny_site(), features)))
    return [f"{one.where}: {one.what}" for one in checked.findings]


def another_number(features):
    features[3]["properties"]["n_a"] = 99


def a_hidden_column(features):
    for one in features:
        one["properties"]["n_vero"] = 1


def another_place(features):
    features[1]["geometry"] = features[0]["geometry"]


def test_a_table_that_equals_the_features_has_no_finding():
    assert found() == []


@pytest.mark.parametrize("change", [another_number, a_hidden_column, another_place])
def test_a_table_that_differs_is_found(change):
    assert any(one == "bisogni_r8?f=csv: a feature differs" for one in found(change))


def test_a_row_less_is_found():
    assert "bisogni_r8?f=csv: another number of features" in found(list.pop)


def test_a_format_that_cannot_be_read_stops_the_audit():
    site = offering(tiny_site(), collections()["bisogni_r8"])
    site.answers[f"{ITEMS}?f=csv"] = Answer(200, {"content-type": "text/tab"}, b"")
    with pytest.raises(CannotAudit, match="text/tab"):
        audited(site)


def test_texts_like_formulas_are_restored_and_empty_ones_are_no_null():
    body = b'"id","a","n"\r\n"\'=1","",-5\r\n"x",,\r\n'
    fields = {"id": Field("string"), "a": Field("string"), "n": Field("integer")}
    first, second = formats_files.read(TYPE, body, fields)
    assert first == {"id": "=1", "properties": {"id": "=1", "a": "", "n": -5}}
    assert second["properties"] == {"id": "x", "a": None, "n": None}


ITALIAN = (
    b'\xef\xbb\xbf"id";"n";"quota";"aperta";"nome";"lon";"lat"\r\n'
    b'"a";3;-1,5;"VERO";"\'=1;2";8,41;45,3\r\n"b";;;;"";;'
    b"\r\n"
)
FIELDS = {
    "id": Field("string"), "n": Field("integer"), "quota": Field("number"),
    "aperta": Field("boolean"), "nome": Field("string"),
}  # fmt: skip


def test_a_table_for_italian_spreadsheets_is_read_with_its_own_signs():
    first, second = formats_files.read(TYPE, ITALIAN, FIELDS)
    assert first["properties"] == {
        "id": "a", "n": 3, "quota": -1.5, "aperta": True, "nome": "=1;2",
    }  # fmt: skip
    assert first["geometry"] == {"type": "Point", "coordinates": [8.41, 45.3]}
    assert second["properties"] == {
        "id": "b", "n": None, "quota": None, "aperta": None, "nome": "",
    }  # fmt: skip
    assert "geometry" not in second
