"""POSAS as demo.istat.it publishes it: title, semicolons, age 999, notes, marital status."""

from __future__ import annotations

import zipfile

import pytest
from accounts import left_out, notes

from geo_core.errors import AtlanteError, IngestError
from geo_core.importers import posas
from geo_core.ingest.residents import official_residents

TITLE = '"Popolazione residente per età e sesso al 1° gennaio 2024"'
HEADER = '"Codice comune";"Comune";"Età";"Totale maschi";"Totale femmine";"Totale"'


def lines(code="2158", name="Vercelli", males=(5, 7), females=(6, 8), total=None):
    """Return the rows of one municipality, ages 0 and 100, as the published file has them."""
    ages = zip((0, 100), males, females, strict=True)
    m, f = total or (sum(males), sum(females))
    return [
        *(f'"{code}";"{name}";{age};{m};{f};{m + f}' for age, m, f in ages),
        f'"{code}";"{name}";999;{m};{f};{m + f}',
    ]


def write(folder, rows, *, name="POSAS_2024_it_Comuni.csv", title=TITLE, encoding="utf-8-sig"):
    path = folder / name
    text = "\r\n".join([title, HEADER, *rows, ""])
    path.write_bytes(text.encode(encoding))
    return path


def people(made):
    table = made.tables["residenti"].astype({"n": int})
    return {key: int(n) for *key_, n in table.to_numpy() if n for key in [tuple(key_)]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_codes_get_their_zeros_and_ages_their_sexes(tmp_path, context, encoding):
    made = posas.read([write(tmp_path, lines(), encoding=encoding)], context)
    assert people(made) == {
        ("2024", "002158", "0", "F"): 6,
        ("2024", "002158", "0", "M"): 5,
        ("2024", "002158", "100", "F"): 8,
        ("2024", "002158", "100", "M"): 7,
    }
    assert len(made.tables["residenti"]) == 202
    assert made.problems == ()


def test_other_municipalities_are_counted_and_the_missing_named(tmp_path, context):
    rows = [*lines(), *lines("001272", "Torino"), '"Nota: dati provvisori."']
    done = posas.read([write(tmp_path, rows)], context)
    assert (done.rows, done.accepted) == (6, 3)
    assert left_out(done) == {"of other municipalities": 3}
    assert "26 residents, 1 municipalities; not in the file: 002002" in notes(done)


def test_a_zip_is_read_as_published(tmp_path, context):
    inner = write(tmp_path, lines())
    path = tmp_path / "POSAS_2024_it_Comuni.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, inner.name)
    assert sum(people(posas.read([path], context)).values()) == 26


def test_marital_status_between_the_totals_is_not_read(tmp_path, context):
    head = (
        '"Codice comune";"Comune";"Età";"Celibi";"Coniugati";"Divorziati";"Vedovi";'
        '"Uniti civilmente";"Totale maschi";"Nubili";"Coniugate";"Divorziate";"Vedove";'
        '"Unite civilmente";"Totale femmine";"Totale"'
    )
    path = tmp_path / "POSAS_2022_it_002_Vercelli.csv"
    body = ['"002158";"Vercelli";0;5;0;0;0;0;5;6;0;0;0;0;6;11']
    body += ['"002158";"Vercelli";999;5;0;0;0;;5;6;0;0;0;;6;11']
    path.write_text("\n".join([TITLE.replace("2024", "2022"), head, *body]), encoding="utf-8")
    assert set(people(posas.read([path], context)).values()) == {5, 6}


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        (lines(total=(12, 15)), 5, "Totale femmine"),
        ([*lines()[:2]], 3, "Età"),
        (['"2158";"Vercelli";0;5;6;12', *lines()[1:]], 3, "Totale"),
        (['"2158";"Vercelli";101;5;6;11', *lines()[1:]], 3, "Età"),
        ([*lines()[:1], *lines()], 4, "Età"),
        (['"2158";"Vercelli";0;5,5;6;11', *lines()[1:]], 3, "Totale maschi"),
        (['"2158";"Vercelli";0;5', *lines()[1:]], 3, "Codice comune"),
    ],
    ids=["total", "no-total", "sum", "age", "twice", "decimal", "short"],
)
def test_a_wrong_row_is_named_and_its_municipality_left_out(tmp_path, context, rows, row, column):
    made = posas.read([write(tmp_path, [*rows, *lines("002002", "Alagna")])], context)
    assert (made.problems[0].row, made.problems[0].column) == (row, column)
    assert set(made.tables["residenti"]["cod_istat"]) == {"002002"}


@pytest.mark.parametrize(
    ("title", "name", "said"),
    [
        ("Popolazione residente", "comuni.csv", "does not say its year"),
        (TITLE, "POSAS_2023_it_Comuni.csv", "different years"),
    ],
)
def test_the_year_must_be_certain(tmp_path, context, title, name, said):
    with pytest.raises(IngestError, match=said):
        posas.read([write(tmp_path, lines(), title=title, name=name)], context)


def test_the_title_alone_says_the_year(tmp_path, context):
    made = posas.read([write(tmp_path, lines(), name="residenti.csv")], context)
    assert set(made.tables["residenti"]["anno"]) == {"2024"}


def test_years_already_there_stay_until_they_come_again(tmp_path, context):
    first = posas.read(
        [write(tmp_path, lines(), name="a.csv", title=TITLE.replace("4", "3"))], context
    )
    first.tables["residenti"].to_csv(context.input / "residenti.csv", index=False)
    second = posas.read([write(tmp_path, lines(males=(1, 1)))], context)
    second.tables["residenti"].to_csv(context.input / "residenti.csv", index=False)
    held = official_residents(context.input)
    assert held.groupby("anno")["n"].sum().to_dict() == {2023: 26, 2024: 16}
    third = posas.read([write(tmp_path, lines())], context)
    assert sum(people(third).values()) == 26 + 26


def test_two_files_of_one_year_are_refused(tmp_path, context):
    paths = [write(tmp_path, lines()), write(tmp_path, lines(), name="altro.csv")]
    with pytest.raises(IngestError, match="two files are of the year 2024"):
        posas.read(paths, context)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a;b;c\n1;2;3\n",
        b"\0" * 100,
        b"x" * 200_000,
        b'"' + b"x\n" * 10,
        b"PK\3\4",
        (TITLE + "\n" + HEADER + "\n" + ";" * 50_000).encode(),
    ],
    ids=["empty", "other", "nul", "endless", "quote", "zip", "wide"],
)
def test_what_is_not_posas_is_refused(tmp_path, context, content):
    path = tmp_path / "POSAS_2024_it_Comuni.csv"
    path.write_bytes(content)
    with pytest.raises(AtlanteError) as refused:
        posas.read([path], context)
    assert path.name in str(refused.value)


def test_a_zip_that_lies_or_holds_much_is_refused(tmp_path, context):
    path = tmp_path / "POSAS_2024_it_Comuni.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("POSAS_2024_it_Comuni.csv", b"0" * 300_000_000)
    with pytest.raises(AtlanteError, match="unpacks to"):
        posas.read([path], context)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(AtlanteError, match="zip"):
        posas.read([path], context)
