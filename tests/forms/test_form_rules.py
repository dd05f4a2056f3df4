"""What the browser accepts, the check of an upload accepts, and the other way round."""

from __future__ import annotations

import json
import random
import sys
import unicodedata
from pathlib import Path

import pytest
import shapely
from personal_texts import HONEST, PERSONAL

from checks.chromium import visit
from geo_core.forms.choices import options
from geo_core.forms.describe import EXPECTED, SIGNS_IT
from geo_core.forms.javascript import for_javascript
from geo_core.ingest.columns import read_value
from geo_core.ingest.kinds import ENTERED, kind
from geo_core.ingest.personal import SIGNS, plain, sign_of_a_person
from geo_core.ingest.problems import Refusal
from geo_core.ingest.rules import SEVERAL, TABLES

BLNS = Path(__file__).parents[3] / "shared" / "fixtures" / "blns" / "blns.json"
NARROWED = {"id_org", "id_sede", "id_servizio", "id_strumento", "id_patto"}
WRITTEN = (
    "", "a", "FAM", "fam", "FAM;ANZ", "FAM; ANZ", "FAM;FAM", "FAM;", ";", "FAM;DIS;DIP;ANZ",
    "true", "false", "True", "VERO", "si", "0", "1", "-1", "50", "51", "1.0", "1,5", "1e3", "٣",
    "+1", "01", "0001", "999999999999", "9999999999999", "8.4213", "45.3226", "-180", "181",
    "90.5", "2023-04", "2023-13", "2022-12", "2021-12", "2023-4", "٢٠٢٣-٠٤", "2023-02-28",
    "2023-02-29", "2024-02-29", "1899-12-31", "1900-01-01", "2099-12-31", "2100-01-01",
    "31/12/2023", "0000-00-00", "881f983851fffff", "881F983851FFFFF", "871f98385ffffff",
    "891f9838517ffff", "881f983851ffff", "002158", "2158", "001272", "8.42,45.32",
    "45.3226; 8.4213", "VERCELLI", "DISTRETTO", "TUTTI", "0" * 32, "g" * 32, "A" * 32, "0" * 31,
    "http://a", "https://a.it/x?y=1#z", "https://", "urn:a:b", "ftp://a", "12345678901", "13100",
    "1310", "COOP-1", "ASS-2", "SED-1", "SED-9", "-x", "a" * 40, "a" * 41, "x" * 500, "x" * 501,
    "due  spazi", "a\tb", "a\nb", "a\u00a0b", "a\u200bb", "a\u2028b", "RSSMRA80A01H501U",
    "rssmra80a01h501u", "RSS MRA 80A01 H501U", "RSSMRA80A01H501UX", "R\u017f\u017fMRA80A01H501U",
    "Rossi Mario RSSMRA80A01H501U.", "RSSMRA80A01H50\u0131U", "KSSMRA80A01H501K",
    "mario@esempio.it", "mario @ esempio.it", "@", "a@b", "nato il 1/2/1980", "1980-2-1", "1.2.80",
    "12/2/1980x", "0161 555 0199", "+39 0161 5550199", "tel. 0161/5550199", "n. 12",
    "codice 1234567", "12345678", "٠١٦١٥٥٥٠١٩٩", "v12345678", "=cmd|'/c calc'!A0", "=1+1", "+1+1",
    "-2", "@SUM(A1)", "a=1", 'dice "basta"', "uno, due; tre", "<script>alert(1)</script>", "Ω≈ç√",
    "\uff1d1+1", "a;=1", "+39 0161 5550199", "Mo-Fr 09:00-12:30; Sa,PH off", "24/7",
    "e\u0301", "👩‍👩‍👧", "𐀀",
)  # fmt: skip


def generated():
    """Return texts that are nearly signs of a person, codes, numbers and days."""
    draw = random.Random(20231231)
    parts = (
        "RSSMRA",
        "80",
        "A",
        "01",
        "H501",
        "U",
        " ",
        "-",
        "/",
        ".",
        "@",
        "it",
        "2023",
        "12",
        "0",
    )
    letters = "AZaz019 .-/;@+=\u0130\u017f\u212a٣é_"
    for _ in range(300):
        yield "".join(draw.choices(parts, k=draw.randint(1, 8))).strip()
        yield "".join(draw.choices(letters, k=draw.randint(1, 18))).strip()


def values(question):
    column = question.column
    yield from (*WRITTEN, *HONEST, *(text for of in PERSONAL.values() for text in of))
    yield from generated()
    if BLNS.exists():
        yield from (text.strip() for text in json.loads(BLNS.read_text(encoding="utf-8")))
    for code in sorted(column.codes or ())[:40]:
        yield from (code, code.lower(), f"{code} ", f"{code};{code}", f"{code}x")
    for bound in (column.low, column.high):
        if abs(bound) < 1e9:
            yield from (f"{bound + step:g}" for step in (-1, -0.5, 0, 0.5, 1))


@pytest.fixture(scope="module")
def evaluate(chromium, pages):
    with visit(chromium) as seen:

        def run(name, script, argument=None):
            if seen.page.url != pages[name]:
                seen.open(pages[name])
            return seen.page.evaluate(script, argument)

        yield run


ASK = """([name, texts]) => {
  const question = FORM.questions.find((q) => q.name === name);
  return texts.map((text) => checkCell(question, text));
}"""


@pytest.mark.parametrize("name", ENTERED)
def test_form_and_upload_agree_on_every_cell(name, catalog, known, evaluate):
    count = 0
    for question in kind(catalog, name, known.references).questions:
        column = question.column
        if column.name == "area_wkt":
            continue
        texts = sorted({text.strip() for text in values(question)})
        for text, said in zip(texts, evaluate(name, ASK, [column.name, texts]), strict=True):
            taken = not isinstance(read_value(column, text), Refusal)
            if said is None:
                assert taken, (column.name, text)
            elif taken:
                assert column.name in NARROWED | SEVERAL, (column.name, text, said)
            count += 1
    assert count > 1000


def test_signs_of_a_person_are_the_same(evaluate):
    texts = [*WRITTEN, *generated(), *HONEST, *(text for of in PERSONAL.values() for text in of)]
    if BLNS.exists():
        texts += json.loads(BLNS.read_text(encoding="utf-8"))
    found = evaluate("sedi", "(texts) => texts.map((t) => signOfAPerson(t) !== null)", texts)
    assert found == [sign_of_a_person(text) is not None for text in texts]
    assert 20 < sum(found) < len(found)


def test_a_text_is_made_plain_in_the_same_way(evaluate):
    unknown = {"Cn", "Cs"}
    known = [i for i in range(sys.maxunicode + 1) if unicodedata.category(chr(i)) not in unknown]
    flat = evaluate("sedi", "(codes) => codes.map((c) => plain(String.fromCodePoint(c)))", known)
    differ = [said for i, said in zip(known, flat, strict=True) if said != plain(chr(i))]
    # A newer browser knows capitals that this Python does not.
    assert {unicodedata.category(said) for said in differ} <= {"Cn", "Lu"}
    assert len(differ) < 20


def test_invisible_characters_are_the_same(evaluate):
    known = [i for i in range(sys.maxunicode + 1) if unicodedata.category(chr(i)) != "Cn"]
    hidden = evaluate(
        "sedi", "(codes) => codes.filter((c) => HIDDEN.test(String.fromCodePoint(c)))", known
    )
    assert hidden == [i for i in known if not chr(i).isprintable()]


def test_every_sentence_of_a_rule_has_its_italian(catalog, known):
    asked = [q for name in ENTERED for q in kind(catalog, name, known.references).questions]
    assert {q.column.expected for q in asked if q.column.pattern} <= set(EXPECTED)
    assert {sign for sign, _ in SIGNS} == set(SIGNS_IT)


def test_a_rule_that_is_a_function_is_one_that_the_form_has(catalog, known):
    for name in ENTERED:
        for question in kind(catalog, name, known.references).questions:
            assert question.column.check is None or question.type in {"month", "place"}


def test_every_code_that_is_offered_is_accepted(catalog, known, body):
    for name in ENTERED:
        for question in kind(catalog, name, known.references).questions:
            for code, title in options(question, name, catalog, known, body) or ():
                assert not isinstance(read_value(question.column, code), Refusal), (name, code)
                assert title


def test_an_escape_that_is_not_translated_is_refused():
    assert for_javascript(r"[^\d]\.") == r"[^\p{Nd}]\."
    with pytest.raises(ValueError, match="not translated"):
        for_javascript(r"\bword")


def test_a_point_the_form_takes_is_in_the_municipality(known, evaluate):
    draw = random.Random(7)
    areas = dict(zip(known.municipalities["cod_istat"], known.municipalities.geometry, strict=True))
    for code in ("002158", "002002", "002017"):
        west, south, east, north = areas[code].bounds
        points = [[draw.uniform(west, east), draw.uniform(south, north)] for _ in range(400)]
        corners = shapely.get_coordinates(areas[code])
        points += [[x + draw.uniform(-2e-6, 2e-6), y] for x, y in corners.tolist()]
        ask = "([code, ps]) => ps.map(([x, y]) => inside(PLACES.byCode.get(code), x, y))"
        found = evaluate("sedi", ask, [code, points])
        exact = [bool(shapely.intersects_xy(areas[code], x, y)) for x, y in points]
        assert all(e for f, e in zip(found, exact, strict=True) if f)
        assert found[:400] == exact[:400]
        assert True in found
        assert False in found


ACROSS = "(row) => Object.fromEntries(checkRow(row))"
NEED = {
    "id_org": "COOP-1", "periodo": "2023-04", "unita_luogo": "002158", "area_utenza": "FAM",
    "bisogni": "FAM;ANZ", "n_persone": "1",
}  # fmt: skip
PACT = {
    "id_patto": "P1", "titolo": "Aiuola", "tipo_patto": "ordinario", "id_org": "COOP-1",
    "cod_istat": "002158", "lon": "8.42", "lat": "45.32",
}  # fmt: skip


def test_what_holds_between_cells_is_checked(evaluate):
    def wrong(name, row):
        return set(evaluate(name, ACROSS, row))

    assert wrong("rilevazioni", NEED) == set()
    assert wrong("rilevazioni", {**NEED, "bisogni": "ANZ"}) == {"bisogni"}
    counted = {**NEED, "n_persone": "2", "pseudonimo": "0" * 32}
    assert wrong("rilevazioni", counted) == {"n_persone"}
    office = {
        "id_sede": "S1", "nome": "Sede", "tipo_sede": "polo", "id_org": "COOP-1",
        "cod_istat": "002158", "riservata": "false", "lon": "8.42", "lat": "45.32",
    }  # fmt: skip
    assert wrong("sedi", office) == set()
    assert wrong("sedi", {**office, "lon": "45.32", "lat": "8.42"}) == {"lon"}
    assert wrong("sedi", {**office, "lon": ""}) == {"lon"}
    assert wrong("sedi", {**office, "posti": "3", "posti_liberi": "12"}) == {"posti"}
    assert wrong("sedi", {**office, "posti": "12", "posti_liberi": "3"}) == set()
    assert wrong("sedi", {**office, "riservata": "true"}) == {"lon", "lat"}
    assert wrong("sedi", {**office, "verificata_il": "2099-01-01"}) == {"verificata_il"}
    assert wrong("sedi", {**office, "verificata_il": "2023-01-01"}) == set()
    assert wrong("sedi", {**office, "nome": "Casa  rifugio Gelso"}) == {"riservata"}
    assert wrong("sedi", {**office, "nome": "Rifugio alpino"}) == set()
    secret = {**office, "tipo_sede": "centro_antiviolenza"}
    assert wrong("sedi", secret) == {"riservata"}


@pytest.mark.skipif("patti" not in TABLES, reason="pacts are not entered")
def test_a_pact_has_the_days_of_its_states(evaluate):
    def days(**given):
        row = {**PACT, "stato": "attuazione", **{f"data_{k}": v for k, v in given.items()}}
        return {name for name in evaluate("patti", ACROSS, row) if name.startswith("data_")}

    assert days(sottoscritto="2023-02-01", attuazione="2023-03-01") == set()
    assert days(attuazione="2023-03-01") == {"data_sottoscritto"}
    assert days(sottoscritto="2023-04-01", attuazione="2023-03-01") == {"data_attuazione"}
