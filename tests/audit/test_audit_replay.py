"""Check (a): a figure that does not follow from the base table is found, whatever it is."""

from __future__ import annotations

import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tiny_site import BASE, CELLS, area_feature, audited, collections, disclosure, tiny_site

from checks.audit import replay
from checks.audit.findings import Tally
from checks.audit.replay_files import _group


def found(given=None, said=None):
    return replay.check(audited(tiny_site(given, said)))


def messages(checked):
    return " | ".join(f"{f.where}: {f.what}" for f in checked.findings)


def test_a_clean_site_has_no_finding():
    checked = found()
    assert checked.findings == ()
    assert checked.notes == ()
    assert checked.figures > 300


def test_residents_of_places_that_are_not_shown_have_weights_too():
    """A town of another province, or one that no managing body has."""
    given = collections()
    for rows, hidden in (("comuni", "003"), ("ambiti", "OVEST")):
        for ident in (rows, f"bisogni_{rows}"):
            given[ident] = [f for f in given[ident] if f["id"] != hidden]
    for weight in given["celle_comuni"]:
        if weight["properties"]["cod_istat"] == "003":
            weight["properties"] |= {"cod_ambito": None, "nome_ambito": None}
    assert found(given).findings == ()


def unlisted():
    """Return collections with a town that no table names, an office in it too."""
    given = collections()
    for ident in ("comuni", "bisogni_comuni"):
        given[ident] = [f for f in given[ident] if f["id"] != "003"]
    for office in given["sedi"]:
        office["properties"] |= {"cod_istat": "003", "nome_comune": "Comune 003"}
    return given


def test_a_place_that_no_table_names_has_one_name():
    given = unlisted()
    assert "nome_comune" not in messages(found(given))
    given["celle_comuni"][-1]["properties"]["nome_comune"] = "Altrove"
    assert "celle_comuni: nome_comune is not the name of its code" in messages(found(given))


def test_a_place_that_no_table_names_has_one_name_in_all_collections():
    given = unlisted()
    for office in given["sedi"]:
        office["properties"]["nome_comune"] = "Casa segreta"
    assert "nome_comune is not the name of its code" in messages(found(given))


def change(collection, at, **values):
    def plant(given):
        given[collection][at]["properties"] |= values

    return plant


PLANTED = {
    "a true cell instead of the protected one": (
        change("bisogni_r8", 1, n_a=17),
        "n_a does not follow",
    ),
    "a total counted by itself": (
        change("bisogni_r7", 0, n_tutti=89),
        "n_tutti is not the sum of its categories",
    ),
    "a number in the band": (
        change("bisogni_r8", 2, n_a=3, n_a_fascia=None, n_a_stato="published"),
        "number, band and status of n_a",
    ),
    "a number beside its band": (
        change("bisogni_r8", 2, n_a=3),
        "number, band and status of n_a",
    ),
    "a narrower band": (
        change("bisogni_r8", 2, n_a_fascia="0-2"),
        "number, band and status of n_a",
    ),
    "a merged category counted for the small area": (
        change("bisogni_r8", 0, n_c=9, n_c_stato="published"),
        "n_c is shown for an area with fewer than 500",
    ),
    "a share of the true part": (
        change("bisogni_r7", 0, quota_a=84.2),
        "quota_a is not n_a in 100",
    ),
    "a share of a small whole": (
        change("bisogni_r8", 0, quota_a=81.8, quota_a_stato="published"),
        "quota_a is not n_a in 100",
    ),
    "an impossible median": (
        change("bisogni_r7", 0, mediana="B"),
        "mediana cannot be",
    ),
    "other residents": (
        change("bisogni_r7", 0, residenti=841),
        "residenti is not the sum",
    ),
    "a mean of the raw marks": (
        change("voti_sedi", 0, voto_medio=1.7),
        "voto_medio does not follow",
    ),
    "a unit below the limit": (
        change("voti_sedi", 0, n_1=2, n_2=3, n_voti=5, voto_medio=1.6),
        "figures are shown of fewer than 10",
    ),
    "a count without a rule": (
        lambda given: [f["properties"].update(n_extra=1) for f in given["bisogni_r8"]],
        "figures that no rule explains",
    ),
    "a year without statement": (
        change("bisogni_r8", 3, periodo_inizio="2022-01-01"),
        "without a disclosure statement",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_figure_is_found(name):
    plant, expected = PLANTED[name]
    given = collections()
    plant(given)
    assert expected in messages(found(given))


def test_a_second_geography_is_found():
    given = collections()
    across = [*CELLS[0][4:], *CELLS[1][:4]]
    given["bisogni_zone"] = [area_feature(part) for part in (BASE[0], across, CELLS[1][4:])]
    assert "not unions of those of the base table" in messages(found(given))


def test_counts_on_municipalities_are_found():
    given = collections()
    given["bisogni_paesi"] = [area_feature(cells) for cells in CELLS]
    for feature in given["bisogni_paesi"]:
        for name in ("h3", "tipo_area", "celle"):
            del feature["properties"][name]
    assert "a geography that is not made of the areas" in messages(found(given))


def test_areas_that_overlap_or_hide_cells_are_found():
    given = collections()
    given["bisogni_r8"][1]["geometry"] = given["bisogni_r8"][2]["geometry"]
    assert "two areas overlap" in messages(found(given))
    given = collections()
    given["bisogni_r8"][1]["properties"]["celle"] = 2
    assert "celle is not the number of cells" in messages(found(given))


def test_a_missing_unit_is_found():
    given = collections()
    del given["voti_sedi"][1]
    assert "the number of units is not the stated one" in messages(found(given))


def test_a_statement_without_rules_is_noted_and_not_guessed():
    said = disclosure()
    del said["statements"][0]["derived"]
    said["statements"][0]["estimates"] = []
    checked = found(said=said)
    assert checked.findings == ()
    assert any("n_tutti" in note and "derived" in note for note in checked.notes)


def test_a_column_that_the_statement_calls_open_needs_no_rule():
    given, said = collections(), disclosure()
    for feature in given["bisogni_r8"]:
        feature["properties"]["ettari"] = 71
    assert "figures that no rule explains" in messages(found(given, said))
    said["statements"][0]["derived"]["public"] = ["ettari"]
    assert found(given, said).findings == ()


def test_an_extent_of_more_than_the_features_is_found():
    published = audited(tiny_site())
    whole = published.collections["bisogni_r7"]
    west, *rest = whole.document["extent"]["spatial"]["bbox"][0]
    document = {**whole.document, "extent": {"spatial": {"bbox": [[west - 0.01, *rest]]}}}
    document["numberMatched"] = 3
    wider = replace(whole, document=document)
    checked = replay.check(
        replace(published, collections={**published.collections, "bisogni_r7": wider})
    )
    assert "the extent is not that of the features" in messages(checked)
    assert "numberMatched is not the number of features" in messages(checked)


def test_statistics_of_other_rows_are_found():
    target = io.BytesIO()
    pq.write_table(pa.table({"n": [5, 9, None]}), target)
    metadata = pq.ParquetFile(target).metadata.row_group(0)
    clean, planted = Tally("replay"), Tally("replay")
    _group(clean, "t", metadata, pa.table({"n": [5, 9, None]}))
    assert (clean.figures, clean.findings) == (2, [])
    _group(planted, "t", metadata, pa.table({"n": [5, 7, 8]}))
    assert len(planted.findings) == 2


def test_a_style_that_reads_a_hidden_field_is_found():
    published = audited(tiny_site())
    hidden = {"layers": [{"filter": [">=", ["get", "n_vero"], 3]}]}
    checked = replay.check(replace(published, styles={"bisogni_r7": hidden}))
    assert "fields that are not published" in messages(checked)
