"""A reserved office stays secret when its row is refused, replaced or withdrawn."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo_core.errors import IngestError
from geo_core.ingest.remembered import remembered
from geo_core.secret_command import listed
from geo_core.settings import BuildSettings
from geo_core.sources import csv
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

BODY = {"id_org": "O1", "denominazione": "Ente", "tipo": "ets", "cod_istat": "002158"}
SHELTER = {"id_sede": "D1", "nome": "Casa", "tipo_sede": "accoglienza", "id_org": "O1",
           "cod_istat": "002158", "lon": "8,4237111", "lat": "45,3254222",
           "riservata": "VERO"}  # fmt: skip
OPEN = {**SHELTER, "id_sede": "D2", "lon": "8.41", "lat": "45.33", "riservata": "false"}


def sent(folder: Path, name: str, *rows: dict[str, str]) -> str:
    path = folder / f"{name}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return str(path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.open(BuildSettings(home=tmp_path / "home"))
    assert upload(desk, "organizzazioni", [sent(tmp_path, "o", BODY)], Wishes()).written
    return desk


def test_no_secret_place_is_said_in_both_languages(desk: Desk, tmp_path: Path):
    italian, english = listed(desk.settings.private)
    assert italian.startswith("nessun luogo segreto")
    assert english.startswith("no secret place")
    upload(desk, "sedi", [sent(tmp_path, "a", SHELTER)], Wishes())
    assert listed(desk.settings.private) == ["D1  Casa  002158"]


def test_no_upload_makes_a_place_known(desk: Desk, tmp_path: Path):
    wrong = {**SHELTER, "tipo_sede": "boh", "riservata": "qualcosa"}
    assert not upload(desk, "sedi", [sent(tmp_path, "a", wrong)], Wishes()).written
    (row,) = remembered(desk.settings.private).to_dict("records")
    assert (row["id_sede"], row["lon"].replace(",", ".")) == ("D1", "8.4237111")
    assert upload(desk, "sedi", [sent(tmp_path, "b", SHELTER, OPEN)], Wishes()).written
    assert upload(desk, "sedi", [sent(tmp_path, "c", OPEN)], Wishes()).written
    assert csv.read(desk.settings.input / "sedi.csv")["id_sede"].tolist() == ["D2"]
    assert set(remembered(desk.settings.private)["id_sede"]) == {"D1"}


def test_a_place_that_was_there_before_is_remembered_when_it_goes(desk: Desk, tmp_path: Path):
    upload(desk, "sedi", [sent(tmp_path, "a", SHELTER)], Wishes())
    (desk.settings.private / "luoghi-riservati.json").unlink()
    withdraw(desk, "sedi", ["O1"], partial=True)
    assert set(remembered(desk.settings.private)["id_sede"]) == {"D1"}


def test_the_answer_does_not_depend_on_where_a_secret_place_is(desk: Desk, tmp_path: Path):
    upload(desk, "sedi", [sent(tmp_path, "a", SHELTER)], Wishes())
    told = []
    for lon, lat in (("8.4237111", "45.3254222"), ("8.41", "45.33")):
        row = {**BODY, "id_org": "O2", "lon": lon, "lat": lat}
        receipt = upload(desk, "organizzazioni", [sent(tmp_path, "b", row)], Wishes())
        told.append((receipt.written, receipt.refused, receipt.broken, receipt.accepted))
        office = {**OPEN, "id_sede": "D3", "id_org": "O2", "lon": lon, "lat": lat}
        receipt = upload(desk, "sedi", [sent(tmp_path, "c", office)], Wishes())
        told.append((receipt.written, receipt.refused, receipt.broken, receipt.accepted))
    assert told[:2] == told[2:]
    with pytest.raises(IngestError):
        withdraw(desk, "sedi", ["O9"])
