"""The offline form in a real browser: by keyboard alone, by mouse, saved, re-opened, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_core.ingest.columns import read_columns
from geo_core.ingest.kinds import ENTERED, kind
from geo_core.ingest.problems import Problems
from geo_core.model import cells
from geo_core.sources import csv

VERCELLI = "002158"
AWKWARD = 'Casa "Sole"; via, e più'


@pytest.fixture
def read(catalog, known):
    """Return the rows of a saved file, after the check of an upload found nothing wrong."""

    def check(name, path):
        rows, problems = csv.read(path), Problems(path)
        read_columns(path, rows, kind(catalog, name, known.references).columns, problems)
        assert problems.listed() == ()
        return rows.to_dict("records")

    return check


def saved(page, folder):
    with page.expect_download() as started:
        page.get_by_role("button", name="Salva il file").click()
    path = Path(folder) / started.value.suggested_filename
    started.value.save_as(path)
    return path


def field(page, name):
    return page.locator(f"#q-{name}")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, selector, *, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def need(page):
    field(page, "periodo").select_option("2023-04")
    field(page, "area_utenza").select_option("FAM")
    page.get_by_label("Famiglia e minori").check()
    field(page, "n_persone").fill("1")
    page.get_by_label("Comune", exact=True).select_option(VERCELLI)
    field(page, "unita_luogo").select_option(VERCELLI)


def add(page):
    page.get_by_role("button", name="Aggiungi la riga").click()


def test_a_record_is_entered_and_saved_by_keyboard_alone(seen, pages, read, tmp_path):
    page = seen.page
    seen.open(pages["rilevazioni"])
    tab_to(page, "#q-periodo")
    press(page, "ArrowUp")
    tab_to(page, "#q-area_utenza")
    page.keyboard.type("Anz")
    tab_to(page, "input[name=bisogni][value=ANZ]")
    press(page, "Space")
    tab_to(page, "#q-n_persone")
    page.keyboard.type("2")
    tab_to(page, "#town")
    page.keyboard.type("Verc")
    tab_to(page, "#map-svg [role=option]")
    press(page, "End", "ArrowLeft", "ArrowLeft", "Enter")
    tab_to(page, "#add")
    press(page, "Enter")
    assert "1 riga nell'elenco, da salvare" in page.locator("#count").inner_text()
    assert page.evaluate("document.activeElement.id") == "row-title"
    with page.expect_download() as started:
        press(page, *["Shift+Tab"] * 1, "Enter")
    started.value.save_as(tmp_path / "rilevazioni.csv")
    (row,) = read("rilevazioni", tmp_path / "rilevazioni.csv")
    assert row["periodo"] == "2023-11"
    assert (row["area_utenza"], row["bisogni"], row["n_persone"]) == ("ANZ", "ANZ", "2")
    assert cells.resolution(cells.cell(row["unita_luogo"])) == cells.LEAF
    assert "da salvare" not in page.locator("#count").inner_text()


def fill_anything(page, form):
    """Give every question an answer that its rules allow."""
    for question in form["questions"]:
        name, control = question["name"], field(page, question["name"])
        if question["options"] == []:
            continue
        if question["type"] in {"codes", "several"}:
            page.locator(f"input[name={name}]").first.check()
        elif question["type"] == "date":
            control.fill("2023-05-01")
        elif question["options"]:
            own = {"cod_istat": VERCELLI, "riservata": "false", "stato": "sottoscritto"}
            codes = [code for code, _ in question["options"]]
            control.select_option(own[name] if own.get(name) in codes else codes[0])
        elif name in ANSWERS:
            control.fill(ANSWERS[name])
        elif question["type"] in {"integer", "number"}:
            control.fill(f"{question['low'] or 0:g}")
        elif question["type"] != "place":
            control.fill(AWKWARD if question["pattern"] is None else "https://a.it/x?y=1,2;3")


ANSWERS = {
    "lon": "8,42", "lat": "45.32", "cap": "13100", "id_sede": "S-1", "id_opp": "O-1",
    "id_patto": "P-1", "id_prassi": "B-1", "telefono": "+39 0161 555 0199",
    "email": "sportello@esempio.it", "id_rete": "R-1",
    **dict.fromkeys(("pseudonimo", "pseudonimo_nucleo"), "0123456789abcdef" * 2),
    "id_strumento": "ST-1", "id_servizio": "SER-1", "cod_ambito": "VERCELLI", "codice": "X-1",
    "orari": "Mo-Fr 09:00-12:30",
}  # fmt: skip


@pytest.mark.parametrize("name", ENTERED)
def test_whatever_is_entered_is_accepted_row_by_row(  # noqa: PLR0913, PLR0917 - fixtures
    seen, pages, forms, read, tmp_path, name
):
    page = seen.page
    seen.open(pages[name])
    fill_anything(page, forms[name])
    if forms[name]["position"] == "cell":
        page.get_by_label("Comune", exact=True).select_option(VERCELLI)
        field(page, "unita_luogo").select_option(label="Larizzate")
        field(page, "area_utenza").count() and field(page, "area_utenza").select_option("FAM")
    if name == "rilevazioni":
        page.get_by_label("Famiglia e minori").check()
    if forms[name]["single"]:
        field(page, forms[name]["single"]).fill("1")
    add(page)
    assert page.locator("#summary").inner_text() == ""
    path = saved(page, tmp_path)
    assert path.name == f"{name}-COOP-1.csv"
    (row,) = read(name, path)
    assert all(row[q["name"]] for q in forms[name]["questions"] if q["options"] != [])


def test_every_wrong_answer_is_told_and_nothing_is_added(seen, pages):
    page = seen.page
    seen.open(pages["sedi"])
    field(page, "nome").fill("=cmd|'/c calc'!A0")
    assert "formula" in page.locator("#e-nome").inner_text()
    field(page, "nome").fill("chiedere di RSSMRA80A01H501U")
    assert "codice fiscale di una persona" in page.locator("#e-nome").inner_text()
    assert field(page, "nome").get_attribute("aria-invalid") == "true"
    field(page, "cap").fill("131")
    field(page, "posti").fill("due")
    field(page, "posti").blur()
    assert "numero intero" in page.locator("#e-posti").inner_text()
    add(page)
    assert page.evaluate("document.activeElement.id") == "summary"
    told = page.locator("#summary a").all_inner_texts()
    for words in (
        "Codice sede: manca",
        "Nome: sembra",
        "CAP: deve essere",
        "Posti: deve",
        "Comune",
    ):
        assert any(text.startswith(words) for text in told), words
    page.locator("#summary a", has_text="CAP").click()
    assert page.evaluate("document.activeElement.id") == "q-cap"
    assert page.locator("#rows tr").count() == 0
    page.get_by_role("button", name="Salva il file").click()
    assert "nessuna riga" in page.locator("#said").inner_text()


def test_rows_are_corrected_copied_and_deleted(seen, pages, read, tmp_path):
    page = seen.page
    seen.open(pages["rilevazioni"])
    page.on("dialog", lambda dialog: dialog.accept())
    for n in ("1", "2", "3"):
        need(page)
        field(page, "n_persone").fill(n)
        add(page)
    page.get_by_role("button", name="Correggi la riga 2").click()
    assert "Correzione della riga 2" in page.locator("#row-title").inner_text()
    assert field(page, "unita_luogo").input_value() == VERCELLI
    field(page, "n_persone").fill("20")
    page.get_by_role("button", name="Salva la correzione").click()
    page.get_by_role("button", name="Duplica la riga 3").click()
    field(page, "n_persone").fill("4")
    add(page)
    page.get_by_role("button", name="Elimina la riga 1").click()
    assert "3 righe nell'elenco" in page.locator("#count").inner_text()
    rows = read("rilevazioni", saved(page, tmp_path))
    assert [row["n_persone"] for row in rows] == ["20", "3", "4"]


def test_a_saved_file_is_taken_up_again_and_corrected(seen, pages, read, tmp_path):
    page = seen.page
    seen.open(pages["opportunita"])
    path = tmp_path / "vecchio.csv"
    path.write_text(
        "id_opp;titolo;tipo;id_org;cod_istat;apertura;lon;lat;area_utenza\n"
        'O-1;"Bando ""A""; B";bando;COOP-1;002158;2023-02-01;8.42;45.32;FAM; ANZ\n'.replace(
            "FAM; ANZ", '"FAM; ANZ"'
        )
        + "O-2;Perché no;bando;COOP-1;2158;2023-02-31;8.42;45.32;\n",
        encoding="cp1252",
    )
    page.locator("#resume").set_input_files(path)
    page.get_by_text("Righe riprese: 2; una è da correggere").wait_for()
    assert "2 (da correggere)" in page.locator("#rows").inner_text()
    page.get_by_role("button", name="Salva il file").click()
    assert "riga 2 è da correggere" in page.locator("#said").inner_text()
    assert "giorno del calendario" not in page.locator("#e-titolo").inner_text()
    field(page, "apertura").fill("2023-02-28")
    field(page, "cod_istat").select_option(VERCELLI)
    page.get_by_role("button", name="Salva la correzione").click()
    first, second = read("opportunita", saved(page, tmp_path))
    assert (first["titolo"], first["area_utenza"]) == ('Bando "A"; B', "FAM;ANZ")
    assert (second["titolo"], second["apertura"]) == ("Perché no", "2023-02-28")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nome,cognome\nA,B\n", "colonna che questo modulo non conosce"),
        ("id_org,periodo\nCOOP-1,2023-04\n", "manca la colonna unita_luogo"),
        ('id_org,periodo\n"COOP-1,2023-04\n', "chiusura delle virgolette"),
        ("", "il file è vuoto"),
    ],
)
def test_a_file_that_is_not_of_the_form_is_refused(seen, pages, tmp_path, text, said):
    path = tmp_path / "altro.csv"
    path.write_text(text, encoding="utf-8")
    seen.open(pages["rilevazioni"])
    seen.page.locator("#resume").set_input_files(path)
    seen.page.get_by_text(said).wait_for()


HOSTILE = ("<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "{{7*7}}")


def test_what_a_file_holds_is_shown_and_never_run(seen, pages, tmp_path):
    """Cells with markup and formulas come from anybody: they are text, and formulas are refused."""
    page, asked = seen.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    path = tmp_path / "altro.csv"
    head = "id_opp,titolo,tipo,id_org,cod_istat,apertura,lon,lat,area_utenza\n"
    rest = "COOP-1,002158,2023-02-01,8.42,45.32,FAM"
    cells = [*HOSTILE, "=HYPERLINK(1)"]
    rows = [f'O-{i},"{cell}",bando,{rest}\n' for i, cell in enumerate(cells)]
    rows.append(f'"{HOSTILE[0]}",Bando,"{HOSTILE[0]}",{rest}\n')
    path.write_text(head + "".join(rows), encoding="utf-8")
    seen.open(pages["opportunita"])
    page.locator("#resume").set_input_files(path)
    page.get_by_text("Righe riprese: 5; 2 sono da correggere").wait_for()
    assert all(cell in page.locator("#rows").inner_text() for cell in cells)
    page.get_by_role("button", name="Correggi la riga 5").click()
    page.get_by_role("button", name="Correggi la riga 4").click()
    assert "formula" in page.locator("#e-titolo").inner_text()
    assert page.locator("#rows img, #rows script, #row img").count() == 0
    assert asked == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + bytes(range(256)) * 20, "non è stato ripreso"),
        (b"\xff\xfe" + "id_org;periodo".encode("utf-16-le"), "non è stato ripreso"),
        (b"id_org,id_org\nA,B\n", "due colonne con lo stesso nome"),
        (b"NAME,NAME_2\n<b>x</b>,y\n", "colonna che questo modulo non conosce"),
    ],
    ids=["workbook", "utf-16", "twice", "foreign"],
)
def test_a_damaged_or_foreign_file_changes_nothing(seen, pages, tmp_path, content, said):
    path = tmp_path / "altro.csv"
    path.write_bytes(content)
    seen.open(pages["rilevazioni"])
    need(seen.page)
    add(seen.page)
    seen.page.on("dialog", lambda dialog: dialog.accept())
    seen.page.locator("#resume").set_input_files(path)
    seen.page.get_by_text(said).wait_for()
    assert "1 riga nell'elenco" in seen.page.locator("#count").inner_text()


@pytest.mark.parametrize(
    ("count", "said"), [(2_000, "Righe riprese: 2000"), (2_001, "più di 2000")]
)
def test_a_file_of_many_rows_is_taken_up_or_sent_to_excel(seen, pages, tmp_path, count, said):
    path = tmp_path / "grande.csv"
    head = "id_opp,titolo,tipo,id_org,cod_istat,apertura,lon,lat,area_utenza\n"
    rest = "Bando,bando,COOP-1,002158,2023-02-01,8.42,45.32,FAM"
    path.write_text(head + "".join(f"O-{i},{rest}\n" for i in range(count)), encoding="utf-8")
    seen.open(pages["opportunita"])
    seen.page.locator("#resume").set_input_files(path)
    seen.page.locator("#said", has_text=said).wait_for(timeout=60_000)


def test_leaving_with_rows_not_saved_asks_first(seen, pages, tmp_path):
    page, asked = seen.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    seen.open(pages["rilevazioni"])
    need(page)
    add(page)
    page.reload()
    assert asked == ["beforeunload"]
    assert page.locator("#rows tr").count() == 0
    need(page)
    add(page)
    saved(page, tmp_path)
    page.reload()
    assert asked == ["beforeunload"]


def test_a_click_on_the_map_gives_the_zone_under_it(seen, pages, known):
    page = seen.page
    seen.open(pages["domanda"])
    page.locator("#map-svg [aria-label=Vercelli]").click()
    assert page.get_by_label("Comune", exact=True).input_value() == VERCELLI
    place = "(i) => PLACES.cells[PLACES.byCode.get('002158').cells[i]].index"
    for i in (3, 40, 77):
        wanted = page.evaluate(place, i)
        page.locator("#map-svg [role=option]").nth(i).click()
        assert field(page, "unita_luogo").input_value() == wanted
        assert wanted in known.references.cells
        assert "Zona scelta" in page.locator("#map-said").inner_text()
        chosen = page.locator("#map-svg [aria-selected=true]")
        assert chosen.count() == 1


def test_the_zones_are_the_true_hexagons(seen, pages):
    seen.open(pages["domanda"])
    drawn = seen.page.evaluate("PLACES.cells.map((c) => [c.index, c.rings[0]])")
    assert len(drawn) > 2_800
    for index, ring in drawn:
        true = list(cells.polygon(cells.cell(index)).exterior.coords)[:-1]
        assert ring == [pytest.approx(point, abs=1e-6) for point in true]


def test_a_point_is_set_by_mouse_and_by_keyboard(seen, pages):
    page = seen.page
    seen.open(pages["sedi"])
    field(page, "cod_istat").select_option(VERCELLI)
    page.locator("#map-svg").click()
    assert "nel comune di Vercelli" in page.locator("#map-said").inner_text()
    first = float(field(page, "lon").input_value())
    for _ in range(3):
        page.get_by_role("button", name="Ingrandisci").click()
    page.locator("#map-svg").focus()
    press(page, "ArrowRight", "ArrowUp", "Enter")
    moved = float(field(page, "lon").input_value()) - first
    assert 0 < moved < 0.01
    press(page, *["ArrowRight"] * 80)
    assert "fuori dal comune" in page.locator("#map-said").inner_text()
    press(page, "Enter")
    assert "non è nel comune" in page.locator("#e-lon").inner_text()


def test_a_secret_place_has_no_controls_for_it(seen, pages, read, tmp_path):
    page = seen.page
    seen.open(pages["sedi"])
    field(page, "cod_istat").select_option(VERCELLI)
    field(page, "lon").fill("8.42")
    field(page, "indirizzo").fill("Via Prova")
    field(page, "riservata").select_option("true")
    for name in ("lon", "lat", "indirizzo", "orari", "posti"):
        assert field(page, name).is_disabled()
        assert field(page, name).input_value() == ""
    assert page.locator("#map").is_hidden()
    field(page, "id_sede").fill("S-9")
    field(page, "nome").fill("Casa protetta")
    field(page, "tipo_sede").select_option("centro_antiviolenza")
    add(page)
    (row,) = read("sedi", saved(page, tmp_path))
    assert row["lon"] == row["lat"] == row["indirizzo"] == ""
