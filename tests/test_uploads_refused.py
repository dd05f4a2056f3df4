"""Uploads: what is refused as a whole, and what a receipt does not repeat."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from test_cli import atlante
from test_uploads import BODY, desk, home, invented, rows_of, sent, stored

from geo_core.errors import IngestError, SourceError
from geo_core.ingest.bodies import check_membership
from geo_core.sources import csv
from geo_core.uploads.names import shown_file, shown_heading
from geo_core.uploads.receipt import keep, shown
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

__all__ = ["desk", "home", "invented"]

PERSONAL = ("mario.rossi@example.org", "RSSMRA80A01L219X", "Tel 0161 555 0199", "nato 12/03/1950")


def provider(desk: Desk) -> str:
    """Return an organisation whose services are given at some office."""
    offices, services = rows_of(desk, "sedi"), rows_of(desk, "servizi")
    needed = {s for text in offices["servizi"] for s in text.split(";") if s}
    return str(services[services["id_servizio"].isin(needed)]["id_org"].iloc[0])


def test_a_withdrawal_does_not_leave_rows_that_refer_to_what_goes(desk: Desk):
    body = provider(desk)
    before = stored(desk, "servizi").read_bytes()
    receipt = withdraw(desk, "servizi", [body])
    assert not receipt.written
    assert receipt.replaced == 0
    assert {row.file for row in receipt.broken} >= {"sedi.csv"}
    assert receipt.left_behind == len(receipt.broken) + sum(receipt.orphaned.values())
    assert stored(desk, "servizi").read_bytes() == before
    partly = withdraw(desk, "servizi", [body], partial=True)
    assert partly.written
    assert not len(rows_of(desk, "servizi", id_org=body))


def test_a_withdrawal_that_breaks_nothing_is_made(desk: Desk):
    body = rows_of(desk, "patti")["id_org"].iloc[0]
    practices = rows_of(desk, "buone_prassi")
    own = set(rows_of(desk, "patti", id_org=body)["id_patto"])
    for other in practices[practices["id_patto"].isin(own)]["id_org"].unique():
        assert withdraw(desk, "buone_prassi", [other]).written
    receipt = withdraw(desk, "patti", [body])
    assert receipt.written
    assert (receipt.replaced, receipt.broken) == (len(own), ())


def test_the_command_fails_where_a_withdrawal_is_refused(desk: Desk):
    home, body = desk.settings.home, provider(desk)
    done = atlante("import", "servizi", "--withdraw", body, "--home", home)
    assert done.returncode == 5
    assert "sedi.csv" in done.stdout
    assert len(rows_of(desk, "servizi", id_org=body))


@pytest.mark.parametrize("heading", PERSONAL)
def test_a_heading_that_looks_personal_refuses_the_file(desk: Desk, tmp_path: Path, heading: str):
    rows = rows_of(desk, "sedi", id_org=BODY)
    rows.insert(2, heading, "x")
    before = stored(desk, "sedi").read_bytes()
    with pytest.raises(IngestError, match="heading of column 3 looks like") as raised:
        upload(desk, "sedi", [sent(tmp_path, rows)], Wishes())
    assert heading not in str(raised.value)
    assert stored(desk, "sedi").read_bytes() == before


def test_a_receipt_repeats_only_plain_headings_and_names(desk: Desk, tmp_path: Path):
    rows = rows_of(desk, "sedi", id_org=BODY)
    strange = {"la signora Rossi aspetta!": "x", "Piano (n. 2) dell'età": "y", "a" * 41: "z"}
    rows = rows.assign(**strange)
    first = len(rows.columns) - 2
    path = sent(tmp_path, rows, "mario.rossi@example.org.csv")
    receipt = upload(desk, "sedi", [path], Wishes())
    assert receipt.left_out == (
        f"colonna {first}",
        "Piano (n. 2) dell'età",
        f"colonna {first + 2}",
    )
    assert receipt.files == ("file 1",)
    rows.iloc[0, rows.columns.get_loc("tipo_sede")] = "castello"
    refused = upload(desk, "sedi", [sent(tmp_path, rows, Path(path).name)], Wishes())
    assert {row.file for row in refused.refused} == {"file 1"}
    said = keep(refused, desk.settings.receipts).read_text(encoding="utf-8")
    assert "rossi" not in said.casefold()


def test_an_error_of_a_file_with_a_personal_name_does_not_repeat_it(desk: Desk, tmp_path: Path):
    path = tmp_path / "mario.rossi@example.org.csv"
    path.write_text("id_sede,nome\nS1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="file 1, row 2") as raised:
        upload(desk, "sedi", [str(path)], Wishes())
    assert "rossi" not in str(raised.value)


def test_only_plain_words_are_repeated():
    assert shown_heading("Note_2 - 50% (n°)/a.b", 3) == "Note_2 - 50% (n°)/a.b"
    assert shown_heading("[red]x", 3) == shown_heading("a\nb", 3) == "colonna 3"
    assert shown_file("sedi [red] 2023.csv", 1) == "sedi [red] 2023.csv"
    assert shown_file("RSSMRA80A01L219X.csv", 2) == "file 2"


def test_markup_in_a_name_is_shown_as_it_is(desk: Desk, tmp_path: Path):
    path = sent(tmp_path, rows_of(desk, "sedi", id_org=BODY), "[red]sedi.csv")
    text = io.StringIO()
    Console(file=text, width=200).print(shown(upload(desk, "sedi", [path], Wishes())))
    assert "[red]sedi.csv" in text.getvalue()


@pytest.mark.parametrize("name", ["sedi", "rilevazioni", "ambiti"])
def test_a_file_without_rows_is_refused(desk: Desk, tmp_path: Path, name: str):
    header = csv.read(stored(desk, name)).iloc[:0]
    before = stored(desk, name).read_bytes()
    with pytest.raises(IngestError, match="no row") as raised:
        upload(desk, name, [sent(tmp_path, header)], Wishes(invented=True))
    assert raised.value.where == "file.csv"
    assert "--withdraw" in raised.value.hint
    assert stored(desk, name).read_bytes() == before


def membership(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    columns = ["cod_istat", "cod_ambito", "denominazione", "dal", "al"]
    return pd.DataFrame(rows, columns=columns, index=range(2, len(rows) + 2))


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        (("002148", "A", "Uno", "2020-01-01", ""), []),
        (("002148", "A", "Due", "2020-01-01", ""), [3]),
        (("002148", "A", "Due", "2022-12-31", ""), [3]),
        (("002148", "A", "Due", "2023-01-01", ""), []),
        (("002148", "B", "Due", "2020-01-01", ""), []),
    ],
)
def test_a_body_has_one_name_at_a_time(second: tuple[str, str, str, str, str], refused: list[int]):
    rows = membership(("002158", "A", "Uno", "2020-01-01", "2022-12-31"), second)
    checked = check_membership(Path("ambiti.csv"), rows, municipalities={"002158", "002148"})
    assert [p.row for p in checked.problems] == refused
    assert all(p.column == "denominazione" for p in checked.problems)


def test_the_marker_of_invented_tables_is_private(invented: Path):
    marker = invented / "input" / "sintetico.json"
    assert marker.stat().st_mode & 0o777 == 0o600
