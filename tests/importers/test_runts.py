"""The register of the third sector: bodies come in, whoever represents them does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import openpyxl
import pytest
from accounts import left_out, notes

from geo_core.errors import IngestError
from geo_core.importers import runts
from geo_core.importers.base import Context, Imported
from geo_core.sources import geopop

# As the Ministry writes them: Italian and German in one cell.
HEADINGS = [
    "Codice fiscale\nSteuernummer", "Repertorio\nRepertorium", "Denominazione / Bezeichnung",
    "Sezione\nSektion", "Cognome e nome rappresentante legale\nGesetzlicher Vertreter",
    "Rete\nNetzwerk", "Comune Sede legale\nGemeinde", "Provincia Sede legale\nProvinz", "5x1000",
    "Data Iscrizione\nEintragungsdatum",
]  # fmt: skip
ODV = "ORGANIZZAZIONI DI VOLONTARIATO"
BODY = ["94000000021", 101, "ASSOCIAZIONE DI PROVA ODV", ODV, "ROSSI MARIO", "No", "VERCELLI",
        "VC", "Si", "07/11/2022"]  # fmt: skip


def extract(folder: Path, *changes: dict[int, object]) -> Path:
    """Write an extract: one row for each change of the model row."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Foglio1"
    sheet.append(HEADINGS)
    for change in changes:
        sheet.append([change.get(i, value) for i, value in enumerate(BODY)])
    path = folder / "20260916_iscritti_v1.1.xlsx"
    book.save(path)
    return path


def imported(context: Context, path: Path) -> Imported:
    return runts.IMPORTER.read([path], context)


def test_bodies_of_the_district_come_in_without_their_representatives(
    context: Context, tmp_path: Path
) -> None:
    path = extract(
        tmp_path,
        {},
        {0: "94000000022", 1: 102, 3: "SOCIETA' DI MUTUO SOCCORSO", 6: "BORGO D'ALE"},
        {0: "94000000023", 1: 103, 3: "ASSOCIAZIONI DI PROMOZIONE SOCIALE", 6: "ALAGNA VALSESIA"},
        {0: "94000000024", 6: "TORINO", 7: "TO"},
        {0: "94000000025", 3: "-"},
    )
    done = imported(context, path)
    table = done.tables["organizzazioni"].set_index("cf")
    assert list(table.index) == ["94000000021", "94000000022", "94000000023", "94000000025"]
    assert table.loc["94000000021"].to_dict() == {
        "id_org": "CF-94000000021", "denominazione": "ASSOCIAZIONE DI PROVA ODV", "tipo": "ets",
        "forma_giuridica": "", "codice_ipa": "", "rep_runts": "101", "sezione_runts": "odv",
        "cod_istat": "002158", "indirizzo": "", "cap": "", "sito": "", "email": "",
        "dato_sintetico": "false", "fonte": "RUNTS, Ministero del lavoro", "licenza": "",
    }  # fmt: skip
    assert table["cod_istat"].tolist()[1:3] == ["002015", "002002"]
    assert table["sezione_runts"].tolist() == ["odv", "mutuo_soccorso", "aps", ""]
    assert not done.problems
    assert (done.rows, done.accepted) == (5, 4)
    assert left_out(done) == {"of other municipalities": 1}
    assert notes(done) == "bodies without a known section: 1"
    assert not table.map(lambda cell: "ROSSI" in cell).any(axis=None)
    assert any("rappresentante" in name for name in done.dropped)
    assert len(done.dropped) == 4


def test_an_extract_with_more_columns_gives_address_and_form_and_nothing_unknown(
    context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "estratto.csv"
    path.write_text(
        "Numero di repertorio;Codice fiscale;Denominazione;Sezione;Forma giuridica;"
        "Indirizzo sede legale;CAP sede legale;Comune sede legale;Provincia sede legale;"
        "Attività di interesse generale;5x1000;Rete associativa;Data iscrizione;"
        "Codice fiscale rappresentante legale;Titolare di cariche;Nuova colonna\n"
        "7;94000000021;PROVA;ENTI FILANTROPICI;Fondazione;Via Inventata 3;13100;Vercelli;VC;"
        "a) interventi;Si;No;07/11/2022;RSSMRA70A01L750X;Rossi Mario;chi sa\n",
        encoding="utf-8",
    )
    done = imported(context, path)
    row = done.tables["organizzazioni"].iloc[0]
    assert (row["forma_giuridica"], row["sezione_runts"]) == ("1.7.20", "filantropici")
    assert (row["indirizzo"], row["cap"]) == ("Via Inventata 3", "13100")
    text = done.tables["organizzazioni"].to_csv()
    assert not any(word in text for word in ("RSSMRA", "Rossi", "chi sa"))
    assert done.dropped == (
        "Attività di interesse generale", "5x1000", "Rete associativa", "Data iscrizione",
        "Codice fiscale rappresentante legale", "Titolare di cariche", "Nuova colonna",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({6: "VERCELI"}, "Comune Sede legale", "not in that province"),
        ({0: "4000000021"}, "Codice fiscale", "not a tax code of 11 digits"),
        ({0: ""}, "Codice fiscale", "not a tax code of 11 digits"),
    ],
)
def test_rows_that_cannot_be_placed_are_refused_by_row(
    context: Context, tmp_path: Path, change: dict[int, object], column: str, reason: str
) -> None:
    done = imported(context, extract(tmp_path, {}, {0: "94000000022", **change}))
    (problem,) = done.problems
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason
    assert len(done.tables["organizzazioni"]) == 1


def test_persons_and_repeated_rows_are_counted_and_left_out(
    context: Context, tmp_path: Path
) -> None:
    path = extract(tmp_path, {}, {0: "RSSMRA70A01L750X"}, {1: 999})
    done = imported(context, path)
    assert left_out(done)["of persons (tax codes of 16 characters)"] == 1
    assert left_out(done)["repeat a tax code that was read already"] == 1
    assert "RSSMRA" not in done.tables["organizzazioni"].to_csv()
    assert not done.problems


def test_a_name_that_the_register_cut_is_found_if_it_is_one(
    context: Context, tmp_path: Path
) -> None:
    towns = context.municipalities.copy()
    towns.loc[towns["cod_istat"] == "002158", "denominazione"] = "San Giovanni sulla Collina Verde"
    wide = dataclasses.replace(context, municipalities=towns)
    done = imported(wide, extract(tmp_path, {6: "SAN GIOVANNI SULLA COLLINA VER"}))
    assert done.tables["organizzazioni"]["cod_istat"].tolist() == ["002158"]


def test_a_body_struck_off_goes_with_the_next_extract(context: Context, tmp_path: Path) -> None:
    first = imported(context, extract(tmp_path, {}, {0: "94000000022", 1: 102}))
    first.tables["organizzazioni"].to_csv(context.input / "organizzazioni.csv", index=False)
    again = imported(context, extract(tmp_path, {0: "94000000022", 1: 102}))
    assert again.tables["organizzazioni"]["cf"].tolist() == ["94000000022"]


def test_names_of_other_provinces_are_not_ours_to_mend(context: Context, tmp_path: Path) -> None:
    italy = dataclasses.replace(context, municipalities=geopop.municipalities())
    path = extract(
        tmp_path,
        {},
        {0: "94000000022", 6: "TURINO", 7: "TO"},
        {0: "94000000023", 6: "SAN GERMANO VERCELLESE"},
        {0: "94000000024", 6: "-", 7: "-"},
        {0: "94000000025", 6: "NAPOLI", 7: "NA"},
    )
    done = imported(italy, path)
    assert done.tables["organizzazioni"]["cod_istat"].tolist() == ["002158", "002131"]
    assert not done.problems
    assert left_out(done) == {"of other municipalities": 3}


def test_another_file_is_refused(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "altro.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(IngestError, match="column for cf is missing"):
        imported(context, path)
    twice = tmp_path / "due.csv"
    twice.write_text("Comune;Comune sede legale\nVercelli;Vercelli\n", encoding="utf-8")
    with pytest.raises(IngestError, match="two columns say comune"):
        imported(context, twice)
    with pytest.raises(IngestError, match="2 files"):
        runts.IMPORTER.read([path, twice], context)
