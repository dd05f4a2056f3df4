"""Who handed in: kept by uploads, published as coverage, and never made of records."""

from __future__ import annotations

import shutil
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


def test_an_upload_and_a_withdrawal_are_noted(desk: Desk, tmp_path: Path):
    rows, body, month = some(desk)
    delivery, before = (body, "rilevazioni", month), book(desk)
    assert delivery in before
    withdraw(desk, "rilevazioni", [body, month])
    assert book(desk) == before - {delivery}
    rows.to_csv(tmp_path / "file.csv", index=False)
    upload(desk, "rilevazioni", [str(tmp_path / "file.csv")], INVENTED)
    assert book(desk) == before
    path = desk.settings.input / "consegne.csv"
    assert is_invented(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_refused_upload_is_no_delivery(desk: Desk, tmp_path: Path):
    rows, body, month = some(desk)
    withdraw(desk, "rilevazioni", [body, month])
    rows.assign(area_utenza="XXX").to_csv(tmp_path / "file.csv", index=False)
    assert not upload(desk, "rilevazioni", [str(tmp_path / "file.csv")], INVENTED).written
    assert (body, "rilevazioni", month) not in book(desk)


def test_nothing_to_report_is_a_delivery_too(desk: Desk):
    _, body, month = some(desk)
    with pytest.raises(IngestError, match="has rows"):
        report_nothing(desk, "rilevazioni", [body, month], invented=True)
    withdraw(desk, "rilevazioni", [body, month])
    rows = (desk.settings.input / "rilevazioni.csv").read_bytes()
    assert report_nothing(desk, "rilevazioni", [body, month], invented=True).written
    assert (body, "rilevazioni", month) in book(desk)
    assert (desk.settings.input / "rilevazioni.csv").read_bytes() == rows


@pytest.mark.parametrize(
    ("table", "key", "reason"),
    [
        ("valutazioni", ["ORG-001", "2023-01"], "an organisation and a month"),
        ("rilevazioni", ["ORG-001"], "an organisation and a month"),
        ("rilevazioni", ["ORG-999999", "2023-01"], "not in organizzazioni"),
        ("rilevazioni", ["ORG-001", "1999-01"], "outside the years"),
    ],
)
def test_nothing_to_report_of_nobody_is_refused(desk: Desk, table, key, reason):
    before = book(desk)
    with pytest.raises(IngestError, match=reason):
        report_nothing(desk, table, key, invented=True)
    assert book(desk) == before


def test_invented_deliveries_do_not_stay_beside_real_ones(desk: Desk):
    _, body, month = some(desk)
    withdraw(desk, "rilevazioni", [body, month])
    report_nothing(desk, "rilevazioni", [body, month], invented=False)
    assert book(desk) == {(body, "rilevazioni", month)}
    assert not is_invented(desk.settings.input / "consegne.csv")


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
