"""Who handed in: declared with uploads, published as coverage, and never made of records."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.errors import IngestError
from geo_core.ingest.deliveries import Deliveries, coverage, read_deliveries
from geo_core.input_folder import is_invented
from geo_core.settings import BuildSettings
from geo_core.sources import csv
from geo_core.synth.district import write_district
from geo_core.uploads import storing
from geo_core.uploads.nothing import report_nothing
from geo_core.uploads.take_in import take_in
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

INVENTED = Wishes(invented=True)
KEY = ["id_org", "tabella", "periodo"]
BODIES = {"A": "X", "B": "X", "C": "Y"}
ORGS = st.sampled_from([*BODIES, "elsewhere"])
MONTHS = [f"2023-{i:02d}" for i in range(1, 13)]
DELIVERED = st.sets(st.tuples(ORGS, st.sampled_from(["domanda", "rilevazioni"]),
                              st.sampled_from([*MONTHS, "2022-12"])))  # fmt: skip


def tables(expected, made) -> Deliveries:
    return Deliveries(
        pd.DataFrame(expected, columns=["id_org", "tabella", "dal", "al"], dtype=object),
        pd.DataFrame(made, columns=KEY, dtype=object).assign(giorno="2024-01-10"),
    )


def of_2023(deliveries: Deliveries, until: str = "2023-12-31") -> pd.DataFrame:
    return coverage(deliveries, BODIES, year=2023, until=until)


@given(st.sets(ORGS), DELIVERED, st.integers(1, 12))
def test_coverage_is_what_was_done_of_what_was_due(expected, made, last):
    due = MONTHS[:last]
    rows = [(org, "rilevazioni", "2022-01-01", None) for org in sorted(expected)]
    found = of_2023(tables(rows, sorted(made)), until=f"{due[-1]}-15")
    for body in ("X", "Y"):
        own = {org for org in expected if BODIES.get(org) == body}
        if not own:
            assert body not in found.index
            continue
        done = {(o, m) for o, t, m in made if o in own and t == "rilevazioni" and m in due}
        row = found.loc[body]
        assert row["fonti_attese"] == len(own)
        if not done:
            assert row[["fonti_presenti", "copertura_fonti"]].isna().all()
            continue
        assert row["fonti_presenti"] == len({org for org, _ in done})
        share = 100 * len(done) / len(own) / last
        assert row["copertura_fonti"] == pytest.approx(share, abs=0.051)


def test_nothing_is_due_before_a_source_begins_or_after_it_ends():
    rows = [("A", "rilevazioni", "2023-11-01", None), ("B", "domanda", "2022-01-01", "2023-02-28")]
    made = [("A", "rilevazioni", m) for m in MONTHS[:11]] + [("B", "domanda", "2023-01")]
    assert of_2023(tables(rows, made)).loc["X"].tolist() == [2, 2, 50.0]
    assert len(of_2023(tables([("C", "domanda", "2024-01-01", None)], []))) == 0


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("invented")
    write_district(home / "input", seed=7, residents=9_000, records=500)
    return home


@pytest.fixture
def desk(invented: Path, tmp_path: Path) -> Desk:
    shutil.copytree(invented / "input", tmp_path / "home" / "input")
    return Desk.open(BuildSettings(home=tmp_path / "home"))


def book(desk: Desk) -> set[tuple[str, ...]]:
    rows = csv.read(desk.settings.input / "consegne.csv")
    return set(rows[KEY].itertuples(index=False, name=None))


def some(desk: Desk) -> tuple[pd.DataFrame, str, str]:
    rows = csv.read(desk.settings.input / "rilevazioni.csv")
    body, month = rows.iloc[0][["id_org", "periodo"]]
    return rows[(rows["id_org"] == body) & (rows["periodo"] == month)], body, month


def covering(*said: str) -> Wishes:
    return replace(INVENTED, covers=said)


def test_a_delivery_is_of_the_months_it_declares_whatever_rows_it_has(desk: Desk, tmp_path: Path):
    rows, body, month = some(desk)
    delivery, before = (body, "rilevazioni", month), book(desk)
    assert delivery in before
    withdraw(desk, "rilevazioni", [body, month])
    assert book(desk) == before - {delivery}
    path = tmp_path / "file.csv"
    rows.to_csv(path, index=False)
    undeclared = upload(desk, "rilevazioni", [str(path)], INVENTED)
    assert "nessuna consegna annotata" in undeclared.notes[0].it
    assert book(desk) == before - {delivery}
    for sent in (rows, rows.head(1), rows.tail(1)):
        sent.to_csv(path, index=False)
        upload(desk, "rilevazioni", [str(path)], covering(f"{body} {month}"))
        assert book(desk) == before
    stored = desk.settings.input / "consegne.csv"
    assert is_invented(stored)
    assert stored.stat().st_mode & 0o777 == 0o600


def test_months_without_a_row_are_delivered_too(desk: Desk, tmp_path: Path):
    rows, body, _ = some(desk)
    rows.head(1).assign(periodo="2023-11").to_csv(tmp_path / "file.csv", index=False)
    for name in ("rilevazioni", "consegne"):
        (desk.settings.input / f"{name}.csv").unlink()
    year = covering(f"{body} 2023-01 2023-12")
    receipt = upload(desk, "rilevazioni", [str(tmp_path / "file.csv")], year)
    assert receipt.notes[0].it == "consegne annotate: 12"
    assert book(desk) == {(body, "rilevazioni", month) for month in MONTHS}
    withdraw(desk, "rilevazioni", [body, "2023-12"])
    assert (body, "rilevazioni", "2023-12") not in book(desk)
    with pytest.raises(IngestError, match="no row of rilevazioni"):
        withdraw(desk, "rilevazioni", [body, "2023-12"])


def test_a_delivery_that_contradicts_its_rows_is_refused(desk: Desk, tmp_path: Path):
    rows, body, month = some(desk)
    path, before = tmp_path / "file.csv", book(desk)
    rows.to_csv(path, index=False)
    other = next(m for m in MONTHS if m != month)
    with pytest.raises(IngestError, match="that --covers does not name"):
        upload(desk, "rilevazioni", [str(path)], covering(f"{body} {other}"))
    every = csv.read(desk.settings.input / "rilevazioni.csv")
    there = every[(every["id_org"] == body) & (every["periodo"] != month)]["periodo"].iloc[0]
    both = covering(f"{body} {month}", f"{body} {there}")
    with pytest.raises(IngestError, match="of which there are none now"):
        upload(desk, "rilevazioni", [str(path)], both)
    assert book(desk) == before
    pd.testing.assert_frame_equal(csv.read(desk.settings.input / "rilevazioni.csv"), every)


def test_what_is_covered_goes_with_the_files_of_a_table(desk: Desk):
    for name, more in (("rilevazioni", {}), ("rilevazioni", {"nothing": "A 2023-01"})):
        with pytest.raises(IngestError, match="what the files of a table cover"):
            take_in(
                desk,
                name,
                [],
                covering("A 2023-01"),
                **{"nothing": None, "withdrawn": None, **more},
            )


def test_a_refused_upload_is_no_delivery(desk: Desk, tmp_path: Path):
    rows, body, month = some(desk)
    withdraw(desk, "rilevazioni", [body, month])
    rows.assign(area_utenza="XXX").to_csv(tmp_path / "file.csv", index=False)
    wishes = covering(f"{body} {month}")
    assert not upload(desk, "rilevazioni", [str(tmp_path / "file.csv")], wishes).written
    assert (body, "rilevazioni", month) not in book(desk)


def test_nothing_to_report_is_a_delivery_too(desk: Desk):
    _, body, month = some(desk)
    with pytest.raises(IngestError, match="of which there are none now"):
        report_nothing(desk, "rilevazioni", f"{body} {month}", invented=True)
    withdraw(desk, "rilevazioni", [body, month])
    rows = (desk.settings.input / "rilevazioni.csv").read_bytes()
    assert report_nothing(desk, "rilevazioni", f"{body} {month}", invented=True).written
    assert (body, "rilevazioni", month) in book(desk)
    assert (desk.settings.input / "rilevazioni.csv").read_bytes() == rows


@pytest.mark.parametrize(
    ("table", "said", "reason"),
    [
        ("valutazioni", "ORG-001 2023-01", "an organisation and a month"),
        ("rilevazioni", "ORG-001", "an organisation and a month"),
        ("rilevazioni", "ORG-001 2023-01 2023-02 2023-03", "an organisation and a month"),
        ("rilevazioni", "ORG-999999 2023-01", "not in organizzazioni"),
        ("rilevazioni", "ORG-001 1999-01", "outside the years"),
        ("rilevazioni", "ORG-001 2023-03 2023-02", "before the first"),
    ],
)
def test_nothing_to_report_of_nobody_is_refused(desk: Desk, table, said, reason):
    before = book(desk)
    with pytest.raises(IngestError, match=reason):
        report_nothing(desk, table, said, invented=True)
    assert book(desk) == before


@pytest.mark.parametrize("said", [True, False])
def test_invented_deliveries_do_not_stay_beside_real_ones(desk: Desk, tmp_path: Path, said):
    rows, body, month = some(desk)
    (desk.settings.input / "rilevazioni.csv").unlink()
    rows.to_csv(tmp_path / "file.csv", index=False)
    wishes = Wishes(covers=(f"{body} {month}",) if said else ())
    upload(desk, "rilevazioni", [str(tmp_path / "file.csv")], wishes)
    assert book(desk) == ({(body, "rilevazioni", month)} if said else set())
    assert not is_invented(desk.settings.input / "consegne.csv")
    assert len(read_deliveries(desk.settings.input).made) == said


def test_who_should_hand_in_is_imported_whole(desk: Desk, tmp_path: Path):
    path = tmp_path / "fonti.csv"
    path.write_text("id_org,tabella,dal,al\nORG-001,domanda,2023-01-01,\n", encoding="utf-8")
    assert upload(desk, "fonti", [str(path)], Wishes()).written
    expected = read_deliveries(desk.settings.input).expected
    assert expected["id_org"].tolist() == ["ORG-001"]
    path.write_text("id_org,tabella,dal,al\nORG-999999,domanda,2023-01-01,\n", encoding="utf-8")
    assert not upload(desk, "fonti", [str(path)], Wishes()).written


def test_a_wrong_row_of_the_book_stops_the_build(desk: Desk):
    path = desk.settings.input / "consegne.csv"
    path.write_bytes(storing.stored(csv.read(path).assign(periodo="2023-13")))
    with pytest.raises(IngestError, match=r"consegne\.csv"):
        read_deliveries(desk.settings.input)


def test_without_the_tables_nothing_was_due(tmp_path: Path):
    assert len(of_2023(read_deliveries(tmp_path))) == 0
