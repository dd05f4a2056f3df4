"""The index of public administrations: offices come in, the persons responsible do not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from accounts import left_out

from geo_core.errors import IngestError
from geo_core.importers import ipa
from geo_core.importers.base import Context, Imported

COLUMNS = [
    "Codice_IPA", "Denominazione_ente", "Codice_fiscale_ente", "Tipologia", "Codice_Categoria",
    "Codice_natura", "Codice_ateco", "Ente_in_liquidazione", "Codice_MIUR", "Codice_ISTAT",
    "Acronimo", "Nome_responsabile", "Cognome_responsabile", "Titolo_responsabile",
    "Codice_comune_ISTAT", "Codice_catastale_comune", "CAP", "Indirizzo", "Mail1", "Tipo_Mail1",
    "Mail2", "Tipo_Mail2", "Mail3", "Tipo_Mail3", "Mail4", "Tipo_Mail4", "Mail5", "Tipo_Mail5",
    "Sito_istituzionale", "Url_facebook", "Url_linkedin", "Url_twitter", "Url_youtube",
    "Data_aggiornamento",
]  # fmt: skip
BODY = {
    "Codice_IPA": "c_x000", "Denominazione_ente": "Comune di Prova",
    "Codice_fiscale_ente": "80000000021", "Tipologia": "Pubbliche Amministrazioni",
    "Codice_Categoria": "L6", "Nome_responsabile": "Maria", "Cognome_responsabile": "Bianchi",
    "Titolo_responsabile": "Sindaca", "Codice_comune_ISTAT": "002158", "CAP": "13100",
    "Indirizzo": "Piazza Inventata 1", "Mail1": "protocollo@pec.prova.example",
    "Tipo_Mail1": "Pec", "Mail2": "null", "Sito_istituzionale": "www.prova.example",
    "Data_aggiornamento": "2026-09-15",
}  # fmt: skip


def imported(context: Context, folder: Path, *changes: dict[str, str]) -> Imported:
    path = folder / "enti.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows([{**BODY, **change} for change in changes])
    return ipa.IMPORTER.read([path], context)


def test_an_administration_comes_in_without_the_person_responsible(
    context: Context, tmp_path: Path
) -> None:
    done = imported(context, tmp_path, {})
    assert done.tables["organizzazioni"].iloc[0].to_dict() == {
        "id_org": "CF-80000000021", "denominazione": "Comune di Prova", "tipo": "comune",
        "forma_giuridica": "2.4.30", "cf": "80000000021", "codice_ipa": "c_x000",
        "rep_runts": "", "sezione_runts": "", "cod_istat": "002158",
        "indirizzo": "Piazza Inventata 1", "cap": "13100", "sito": "https://www.prova.example",
        "email": "protocollo@pec.prova.example", "dato_sintetico": "false",
        "fonte": "IPA, AgID (CC BY 4.0)", "licenza": "",
    }  # fmt: skip
    assert {"Nome_responsabile", "Cognome_responsabile", "Titolo_responsabile"} <= set(done.dropped)
    assert not {"Mail1", "Indirizzo"} & set(done.dropped)


@pytest.mark.parametrize(
    ("change", "mail"),
    [
        ({"Tipo_Mail1": "Altro"}, ""),
        ({"Mail1": "maria.bianchi@pec.prova.example"}, ""),
        ({"Mail1": "M.BIANCHI@PEC.PROVA.EXAMPLE"}, ""),
        ({"Mail1": "segreteria@pec.prova.example", "Tipo_Mail1": "pec"},
         "segreteria@pec.prova.example"),
        ({"Tipo_Mail1": "Altro", "Mail2": "ufficio@pec.prova.example", "Tipo_Mail2": "Pec"},
         "ufficio@pec.prova.example"),
        ({"Mail1": "null", "Tipo_Mail1": "null"}, ""),
        ({"Mail1": "non un indirizzo", "Tipo_Mail1": "Pec"}, ""),
    ],
)  # fmt: skip
def test_only_a_certified_address_of_the_office_is_taken(
    context: Context, tmp_path: Path, change: dict[str, str], mail: str
) -> None:
    done = imported(context, tmp_path, change)
    assert done.tables["organizzazioni"]["email"].tolist() == [mail]
    assert "bianchi" not in done.tables["organizzazioni"].to_csv().lower()


@pytest.mark.parametrize(
    ("change", "kind", "form"),
    [
        ({"Codice_Categoria": "L18"}, "comune", "2.4.50"),
        ({"Codice_Categoria": "L7"}, "asl", "2.5.00"),
        ({"Denominazione_ente": "C.I.P. - Consorzio Intercomunale"}, "consorzio", ""),
        ({"Codice_Categoria": "L33"}, "altro", ""),
    ],
)
def test_the_category_gives_kind_and_form(
    context: Context, tmp_path: Path, change: dict[str, str], kind: str, form: str
) -> None:
    row = imported(context, tmp_path, change).tables["organizzazioni"].iloc[0]
    assert (row["tipo"], row["forma_giuridica"]) == (kind, form)


def test_others_are_left_out_and_counted(context: Context, tmp_path: Path) -> None:
    done = imported(
        context,
        tmp_path,
        {},
        {"Codice_comune_ISTAT": "001272"},
        {"Tipologia": "Gestori di Pubblici Servizi"},
        {"Codice_fiscale_ente": "BNCMRA70A41L750X"},
    )
    assert len(done.tables["organizzazioni"]) == 1
    assert left_out(done) == {
        "of other municipalities": 1,
        "of bodies that are no public administrations": 1,
        "of persons (tax codes of 16 characters)": 1,
    }


def test_a_body_without_tax_code_has_the_index_code_as_id(context: Context, tmp_path: Path) -> None:
    change = {"Codice_fiscale_ente": "", "Codice_comune_ISTAT": "2158"}
    row = imported(context, tmp_path, change).tables["organizzazioni"].iloc[0]
    assert (row["id_org"], row["cf"], row["cod_istat"]) == ("IPA-c_x000", "", "002158")


def test_another_file_is_refused(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "uo.csv"
    path.write_text("Codice_IPA,Descrizione_uo\na,b\n", encoding="utf-8")
    with pytest.raises(IngestError, match="column for denominazione is missing"):
        ipa.IMPORTER.read([path], context)
