"""The five per thousand, and that several registers never double a body."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest
from accounts import left_out

from geo_core.errors import IngestError
from geo_core.importers import five_per_thousand, ipa, runts
from geo_core.importers.base import Context, Imported

REAL = Path(__file__).parents[3] / "shared" / "data" / "vercelli_5x1000_2022_ets_onlus.csv"
HEAD = ("codice_fiscale,denominazione,nome_comune,codice_comune,ets_e_onlus,asd,numero_scelte,"
        "importo_totale_erogabile\n")  # fmt: skip


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def imported(context: Context, path: Path) -> Imported:
    return five_per_thousand.IMPORTER.read([path], context)


@pytest.mark.skipif(not REAL.exists(), reason="the published list of 2022 is not at hand")
def test_the_published_list_of_the_province(context: Context) -> None:
    done = imported(context, REAL)
    table = done.tables["organizzazioni"]
    assert len(table) == 180
    assert table["cf"].is_unique
    assert table["cf"].str.fullmatch(r"\d{11}").all()
    assert table["cod_istat"].nunique() == 37
    assert set(table["tipo"]) == {"ets"}
    assert done.dropped == ("nome_comune", "asd", "numero_scelte", "importo_totale_erogabile")
    assert not done.problems


def test_persons_others_and_clubs_are_told_apart(context: Context, tmp_path: Path) -> None:
    path = written(
        tmp_path / "elenco.csv",
        HEAD
        + "94000000021,UNO ODV,VERCELLI,002158,X,,10,100.0\n"
        + "94000000022,CLUB ASD,VERCELLI,2158,,X,10,100.0\n"
        + "RSSMRA70A01L750X,ROSSI MARIO,VERCELLI,002158,X,,1,1.0\n"
        + "94000000023,ALTROVE,TORINO,001272,X,,10,100.0\n"
        + "9400000002,CORTO,VERCELLI,002158,X,,10,100.0\n",
    )
    done = imported(context, path)
    table = done.tables["organizzazioni"]
    assert table[["cf", "tipo", "cod_istat"]].to_numpy().tolist() == [
        ["94000000021", "ets", "002158"],
        ["94000000022", "altro", "002158"],
    ]
    assert "ROSSI" not in table.to_csv()
    assert left_out(done) == {
        "of other municipalities": 1, "of persons (tax codes of 16 characters)": 1,
    }  # fmt: skip
    assert [(p.row, p.column) for p in done.problems] == [(6, "codice_fiscale")]


def test_another_file_is_refused(context: Context, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="column for denominazione is missing"):
        imported(context, written(tmp_path / "x.csv", "codice_fiscale\n1\n"))


@pytest.fixture
def registers(tmp_path: Path) -> dict[str, Path]:
    """Three registers that share bodies: A is in all, B in two, C in one each."""
    return {
        "cinque": written(
            tmp_path / "cinque.csv",
            HEAD
            + "94000000021,A CINQUE,VERCELLI,002158,X,,1,1\n"
            + "94000000022,B CINQUE,VERCELLI,002158,X,,1,1\n"
            + "94000000023,C CINQUE,VERCELLI,002158,X,,1,1\n",
        ),
        "runts": written(
            tmp_path / "runts.csv",
            "Codice fiscale;Repertorio;Denominazione;Sezione;Comune;Provincia;Indirizzo\n"
            "94000000021;1;A RUNTS;ENTI FILANTROPICI;BORGOSESIA;VC;Via Uno 1\n"
            "94000000022;2;B RUNTS;ENTI FILANTROPICI;VERCELLI;VC;Via Due 2\n"
            "94000000024;3;C RUNTS;ENTI FILANTROPICI;VERCELLI;VC;Via Tre 3\n",
        ),
        "ipa": written(
            tmp_path / "ipa.csv",
            "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Tipologia,Codice_Categoria,"
            "Codice_comune_ISTAT,Indirizzo,CAP,Mail1,Tipo_Mail1,Sito_istituzionale\n"
            "a,A IPA,94000000021,Pubbliche Amministrazioni,L36,002158,,13100,,,\n"
            "c,C IPA,94000000025,Pubbliche Amministrazioni,L6,002158,Via Sei 6,13100,,,\n",
        ),
    }


READERS = {"cinque": five_per_thousand, "runts": runts, "ipa": ipa}


def after(context: Context, registers: dict[str, Path], order: tuple[str, ...]) -> pd.DataFrame:
    path = context.input / "organizzazioni.csv"
    for name in order:
        done = READERS[name].IMPORTER.read([registers[name]], context)
        done.tables["organizzazioni"].to_csv(path, index=False)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    path.unlink()
    return table


def test_any_order_and_any_repetition_gives_the_same_bodies(
    context: Context, registers: dict[str, Path]
) -> None:
    orders = [*itertools.permutations(registers), ("cinque", "runts", "cinque", "ipa", "runts")]
    first, *others = [after(context, registers, order) for order in orders]
    for other in others:
        pd.testing.assert_frame_equal(first, other)
    assert first["cf"].tolist() == [f"9400000002{n}" for n in range(1, 6)]
    shared = first.iloc[0]
    assert (shared["denominazione"], shared["cod_istat"]) == ("A IPA", "002158")
    assert (shared["indirizzo"], shared["rep_runts"], shared["codice_ipa"]) == (
        "Via Uno 1",
        "1",
        "a",
    )
    assert shared["fonte"] == (
        "IPA, AgID (CC BY 4.0); RUNTS, Ministero del lavoro; "
        "Cinque per mille, Agenzia delle entrate (CC BY 4.0)"
    )
    assert first.iloc[1]["denominazione"] == "B RUNTS"


def test_what_the_office_wrote_stays_and_keeps_its_code(
    context: Context, registers: dict[str, Path]
) -> None:
    own = context.input / "organizzazioni.csv"
    written(
        own,
        "id_org,denominazione,tipo,cod_istat,cf,telefono,lon,lat,fonte,dato_sintetico\n"
        "NOSTRA,Nome nostro,consorzio,002158,94000000021,0161 000000,8.4,45.3,,\n"
        "FINTA,Ente inventato,ets,002158,,,8.4,45.3,,true\n",
    )
    table = after(context, registers, ("runts", "cinque", "runts")).set_index("id_org")
    ours = table.loc["NOSTRA"]
    assert (ours["denominazione"], ours["tipo"], ours["telefono"]) == (
        "Nome nostro", "consorzio", "0161 000000",
    )  # fmt: skip
    assert ours["rep_runts"] == "1"
    assert ours["fonte"].split("; ")[0] == "Dati dell'ufficio"
    assert "CF-94000000021" not in table.index
    assert table.loc["FINTA", "dato_sintetico"] == "true"


def test_a_body_known_to_two_registers_survives_one(
    context: Context, registers: dict[str, Path]
) -> None:
    after(context, registers, ("cinque",))
    both = five_per_thousand.IMPORTER.read([registers["cinque"]], context)
    both.tables["organizzazioni"].to_csv(context.input / "organizzazioni.csv", index=False)
    done = runts.IMPORTER.read([registers["runts"]], context)
    done.tables["organizzazioni"].to_csv(context.input / "organizzazioni.csv", index=False)
    empty = written(registers["runts"], registers["runts"].read_text().splitlines()[0] + "\n")
    left = runts.IMPORTER.read([empty], context).tables["organizzazioni"].set_index("cf")
    assert list(left.index) == ["94000000021", "94000000022", "94000000023"]
    assert left.loc["94000000021", "rep_runts"] == ""
    assert left.loc["94000000021", "fonte"].startswith("Cinque per mille")
