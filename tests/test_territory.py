"""Sheets of places: the figures of the collections, beside those of the body and of the others."""

from __future__ import annotations

import csv
import html
import io
import re
from statistics import median

import pytest
from api_client import BASE

from api.territory.facts import Fact
from api.territory.routes import _table


def test_every_place_has_a_sheet_in_every_form(site):
    for path, count in (("comuni", 82), ("enti", 4)):
        listed = site.get(f"/{path}").json()["places"]
        assert len(listed) == count
        for one in listed:
            here = one["href"].removeprefix(BASE)
            page = site.get(here, params={"f": "html", "lang": "en"})
            assert page.status_code == 200
            assert one["name"] in html.unescape(page.text)
            assert site.get(here).json()["name"] == one["name"]


def latest(found):
    out = {}
    for row in found:
        key = (row["indicatore"], row["variante"])
        if key not in out or row["periodo_inizio"] > out[key]["periodo_inizio"]:
            out[key] = row
    return out


@pytest.mark.parametrize("code", ["002158", "002156", "002042"])
def test_indicators_of_a_municipality_are_the_published_ones_with_body_and_median(site, rows, code):
    values = rows("valori_indicatori")
    body = next(r["cod_ambito"] for r in rows("ambiti") if code in r["comuni"].split(";"))
    own = latest([r for r in values if r["tipo_unita"] == "comune" and r["unita"] == code])
    said = [
        f
        for f in site.get(f"/comuni/{code}").json()["figures"]
        if re.fullmatch("[A-Z]{2,3}[0-9]{2}", f["id"])
    ]
    assert len(said) == len(own) > 10
    for fact, row in zip(
        said, (own[key] for key in sorted(own, key=lambda k: (k[0], k[1] or ""))), strict=True
    ):
        assert (fact["id"], fact["value"]) == (row["indicatore"], row["valore"])
        assert (fact["low"], fact["high"]) == (row["ic_inf"], row["ic_sup"])
        like = [
            r
            for r in values
            if all(r[n] == row[n] for n in ("indicatore", "variante", "periodo_inizio"))
        ]
        towns = [
            r["valore"] for r in like if r["tipo_unita"] == "comune" and r["valore"] is not None
        ]
        assert fact["middle"] == pytest.approx(median(towns), abs=1e-4)
        of_body = [r["valore"] for r in like if r["tipo_unita"] == "ambito" and r["unita"] == body]
        assert fact["body"] == (of_body[0] if of_body else None)


def test_risk_and_needs_of_a_municipality_are_the_published_ones(site, rows):
    facts = {f["id"]: f for f in site.get("/comuni/002156").json()["figures"]}
    risk = next(r for r in rows("rischio_comuni") if r["cod_istat"] == "002156")
    assert (facts["punteggio"]["value"], facts["rango"]["value"]) == (
        risk["punteggio"],
        risk["rango"],
    )
    assert (facts["rango_caso"]["low"], facts["rango_caso"]["high"]) == (
        risk["rango_caso_inf"],
        risk["rango_caso_sup"],
    )
    assert facts["classe_nome"]["said"] == risk["classe_nome"]
    needs = next(r for r in rows("bisogni_comuni") if r["cod_istat"] == "002156")
    for name in ("stima_fam", "stima_anz", "stima_dip"):
        assert facts[name]["value"] == needs[name]
        assert (facts[name]["low"], facts[name]["high"]) == (
            needs[f"{name}_min"],
            needs[f"{name}_max"],
        )
        assert bool(facts[name]["said"]) == (needs[name] is None)


def test_offices_pacts_and_practices_are_those_that_are_there(site, rows, demo_release):
    day = demo_release.manifest.reference_date
    now = lambda r: (r["valido_dal"] or "") <= day <= (r["valido_al"] or "9999")  # noqa: E731
    for one in site.get("/comuni").json()["places"]:
        said = site.get(f"/comuni/{one['code']}").json()
        own = {
            n: {r["id"] for r in rows(n) if r["cod_istat"] == one["code"] and now(r)}
            for n in ("patti", "buone_prassi")
        }
        assert {o["id"] for o in said["offices"]} == {
            r["id"] for r in rows("sedi") if r["cod_istat"] == one["code"] and r["geometry"]
        }
        assert {p["id"] for p in said["pacts"]} == own["patti"]
        assert {p["id"] for p in said["practices"]} == own["buone_prassi"]


def test_a_place_without_an_office_names_the_nearest(site):
    for one in site.get("/comuni").json()["places"]:
        if not site.get(f"/comuni/{one['code']}").json()["offices"]:
            page = site.get(f"/comuni/{one['code']}", params={"f": "html", "lang": "it"}).text
            assert "Le più vicine" in page
            assert re.search(r"</strong>, [\d,]+ km", page)
            return
    pytest.fail("every municipality has an office: nothing was tried")


def test_a_table_has_the_figures_of_the_sheet(site, demo_release):
    text = site.get("/comuni/002156", params={"f": "csv"}).text
    table = list(csv.DictReader(io.StringIO(text)))
    figures = site.get("/comuni/002156").json()["figures"]
    assert [(row["id"], row["value"]) for row in table] == [
        (f["id"], "" if f["value"] is None else str(f["value"])) for f in figures
    ]
    of = (demo_release.manifest.id, "002156", "Varallo")
    assert {(row["release"], row["code"], row["place"]) for row in table} == {of}


@pytest.mark.parametrize(
    ("lang", "many", "one"), [("it", "persone", "persona"), ("en", "persons", "person")]
)
def test_one_is_written_in_the_singular(site, lang, many, one):
    for town in site.get("/comuni").json()["places"]:
        page = site.get(f"/comuni/{town['code']}", params={"f": "html", "lang": lang}).text
        assert not re.search(rf"[>\s]1 {many}\b(?! per| p)", page), town
        if f">1 {one}<" in page:
            return
    pytest.fail("no sheet says one person: nothing was tried")


def test_units_and_words_of_offices_are_the_published_ones(site, rows):
    values = {(r["unita"], r["indicatore"]): r["misura"] for r in rows("valori_indicatori")}
    said = site.get("/comuni/002156").json()
    units = {f["id"]: f["unit"] for f in said["figures"] if ("002156", f["id"]) in values}
    assert len({*units.values()}) > 3
    for ident, unit in units.items():
        measure = values["002156", ident]
        assert unit == ("" if measure in {None, "1"} else measure)
    services = {r["id"]: r["nome"] for r in rows("servizi")}
    offices = {r["id"]: r for r in rows("sedi")}
    assert said["offices"]
    for office in said["offices"]:
        row = offices[office["id"]]
        assert office["steps"] == row["accessibilita_gradini"]
        assert (office["hours"] is None) == (row["orari"] is None)
        assert office["services"] == [
            services[one] for one in (row["servizi"] or "").split(";") if one in services
        ]


def test_a_rank_by_chance_is_not_the_rank_by_method(site, rows):
    told = [r for r in rows("rischio_comuni") if r["rango_caso_inf"] != r["rango_inf"]]
    row = told[0]
    figures = {f["id"]: f for f in site.get(f"/comuni/{row['cod_istat']}").json()["figures"]}
    assert figures["rango_caso"]["low"] == row["rango_caso_inf"]
    assert (figures["rango"]["low"], figures["rango"]["high"]) == (
        row["rango_inf"],
        row["rango_sup"],
    )


def test_no_cell_of_a_table_is_a_formula():
    fact = Fact(group="=1+1", id="a", name="@SUM(A1)", said="+x", unit="-y", value=-1.5)
    cells = next(csv.reader(io.StringIO(_table([fact], ("1", "=1", "r")).decode().splitlines()[1])))
    assert cells[:5] == ["'=1+1", "a", "'@SUM(A1)", "-1.5", "'+x"]
    assert cells[-3:] == ["1", "'=1", "r"]


def test_a_body_has_its_municipalities(site, rows):
    for body in rows("ambiti"):
        said = site.get(f"/enti/{body['cod_ambito']}").json()
        assert {one["code"] for one in said["municipalities"]} == set(body["comuni"].split(";"))
        assert said["figures"]


def test_an_unknown_place_is_not_found_and_a_near_one_is_named(site):
    answer = site.get("/comuni/002157x", params={"lang": "it"})
    assert answer.status_code == 404
    assert "comune" in answer.json()["detail"]
    assert site.get("/enti/VERCELI", params={"lang": "it"}).json()["hint"] == "Forse 'VERCELLI'?"
    assert site.get("/comuni/002156", params={"f": "xml"}).status_code == 400


def test_a_sheet_prints_its_figures_and_has_a_map(site):
    page = site.get("/comuni/002156", params={"f": "html"}).text
    assert 'class="sheet-map"' in page
    assert page.count("<svg") >= 1
    assert "Punteggio" in page


def test_opportunities_of_a_place_are_those_that_reach_it(site, rows, demo_release):
    day = demo_release.manifest.reference_date
    now = [
        r
        for r in rows("opportunita")
        if (r["valido_dal"] or "") <= day <= (r["valido_al"] or "9999")
    ]
    bodies = {b["cod_ambito"]: b["comuni"].split(";") for b in rows("ambiti")}
    told = 0
    for path, code, towns, body in (
        *(("enti", code, towns, code) for code, towns in bodies.items()),
        *(("comuni", towns[0], towns[:1], code) for code, towns in bodies.items()),
    ):
        wanted = {
            r["id"]
            for r in now
            if r["cod_istat"] in towns
            or (r["cod_istat"] is None and r["ambito_territoriale"] in {None, body})
        }
        said = site.get(f"/{path}/{code}").json()
        assert {one["id"] for one in said["opportunities"]} == wanted
        assert said["opportunities_in_all"] == len(wanted)
        told += len(wanted)
    assert told


def test_the_median_of_the_score_is_that_of_all_municipalities(site, rows):
    scores = [r["punteggio"] for r in rows("rischio_comuni") if r["punteggio"] is not None]
    figures = {f["id"]: f for f in site.get("/comuni/002156").json()["figures"]}
    assert figures["punteggio"]["middle"] == pytest.approx(median(scores), abs=1e-4)
