"""ANNCSU's addresses: streamed, kept for the district, and only where they belong."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from accounts import left_out, notes

from geo_core.errors import IngestError, SourceError
from geo_core.importers import anncsu
from geo_core.importers.base import Context, Imported
from geo_core.ingest.geocode import locate, read_gazetteer

HEADER = (
    "CODICE_COMUNE;CODICE_ISTAT;PROGRESSIVO_NAZIONALE;CODICE_COMUNALE;ODONIMO;LOCALITA';"
    "DIZIONE_LINGUA1;DIZIONE_LINGUA2;PROGRESSIVO_ACCESSO;CODICE_COMUNALE_ACCESSO;CIVICO;"
    "ESPONENTE;SPECIFICITA;METRICO;PROGRESSIVO_SNC;COORD_X_COMUNE;COORD_Y_COMUNE;QUOTA;METODO"
)


def line(  # noqa: PLR0913 - the cells that matter
    *, istat: str = "002158", street: str = "VIA INVENTATA", place: str = "", number: str = "12",
    suffix: str = "", lon: str = "", lat: str = "",
) -> str:  # fmt: skip
    return f"L750;{istat};1;;{street};{place};;;100;;{number};{suffix};;;;{lon};{lat};130,5;4"


@pytest.fixture
def here(municipalities: gpd.GeoDataFrame) -> dict[str, str]:
    point = municipalities.set_index("cod_istat").geometry["002158"].representative_point()
    return {"lon": f"{point.x:.7f}".replace(".", ","), "lat": f"{point.y:.7f}".replace(".", ",")}


def imported(context: Context, folder: Path, *lines: str) -> Imported:
    path = folder / "INDIR_PIEM_20260915.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return anncsu.IMPORTER.read([path], context)


def test_addresses_of_the_district_with_a_position_are_kept(
    context: Context, tmp_path: Path, here: dict[str, str]
) -> None:
    done = imported(
        context,
        tmp_path,
        line(**here),
        line(street="LOCALITA' PROVA", place="PROVA", number="3", suffix="A", **here),
        line(istat="2158", number="", **here),
        line(istat="001272", lon="7,68", lat="45,07"),
        line(number="14"),
        line(number="16", lon="7,68", lat="45,07"),
    )
    table = done.tables["indirizzi"]
    lon, lat = (here[name].replace(",", ".") for name in ("lon", "lat"))
    assert table.to_numpy().tolist() == [
        ["002158", "VIA INVENTATA", "", "12", lon, lat],
        ["002158", "LOCALITA' PROVA", "PROVA", "3/a", lon, lat],
        ["002158", "VIA INVENTATA", "", "", lon, lat],
    ]
    assert list(table.index) == [2, 3, 4]
    assert (done.rows, done.accepted, notes(done)) == (6, 3, "municipalities: 1")
    assert left_out(done) == {
        "of other municipalities": 1, "without coordinates": 1, "outside their municipality": 1,
    }  # fmt: skip
    assert {"QUOTA", "METODO", "PROGRESSIVO_ACCESSO"} <= set(done.dropped)
    assert not done.problems


def test_what_was_imported_answers_for_addresses(
    context: Context, tmp_path: Path, here: dict[str, str]
) -> None:
    done = imported(context, tmp_path, line(number="12", suffix="BIS", **here))
    done.tables["indirizzi"].to_csv(context.input / "indirizzi.csv", index=False)
    found = locate(
        read_gazetteer(context.input, context.municipalities), "002158", "v. Inventata n. 12/bis"
    )
    assert found.quality == "civico"


def test_a_zip_with_one_file_is_read(
    context: Context, tmp_path: Path, here: dict[str, str]
) -> None:
    path = tmp_path / "indirizzarioPiemonte20260915.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("INDIR_PIEM_20260915.csv", f"{HEADER}\n{line(**here)}\n")
    assert len(anncsu.IMPORTER.read([path], context).tables["indirizzi"]) == 1


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        (line(lon="otto", lat="45,3"), "COORD_X_COMUNE", "not degrees"),
        (line(lon="8,4", lat="450000,1"), "COORD_Y_COMUNE", "not degrees"),
        (line(street="", lon="8,4", lat="45,3"), "ODONIMO", "is empty"),
        ("L750;002158;1", "CODICE_ISTAT", "not as many cells"),
    ],
)
def test_a_broken_row_is_refused_by_row(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    context: Context, tmp_path: Path, here: dict[str, str], bad: str, column: str, reason: str
) -> None:
    done = imported(context, tmp_path, line(**here), bad)
    (problem,) = done.problems
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason
    assert len(done.tables["indirizzi"]) == 1


def test_other_files_are_refused(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "STRAD_PIEM_20260915.csv"
    path.write_text(
        "CODICE_COMUNE;CODICE_ISTAT;PROGRESSIVO_NAZIONALE;CODICE_COMUNALE;ODONIMO;LOCALITA';"
        "TOTALE_ACCESSI;DIZIONE_LINGUA1;DIZIONE_LINGUA2;\n",
        encoding="utf-8",
    )
    with pytest.raises(IngestError, match="column CIVICO is missing"):
        anncsu.IMPORTER.read([path], context)
    with pytest.raises(IngestError, match="no file is given"):
        anncsu.IMPORTER.read([], context)
    with pytest.raises(SourceError):
        anncsu.IMPORTER.read([tmp_path / "niente.csv"], context)
