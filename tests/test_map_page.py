"""The map without scripts: it says everything, no more than it weighs, and the same as the data."""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import numpy as np
import pyproj
import pytest
import shapely
from api_client import BASE
from hypothesis import given
from hypothesis import strategies as st
from shown import PAGE, read, table

from api.embed.near import great_circle_km
from api.pages.assets import assets

SVG = "{http://www.w3.org/2000/svg}"
FIRST_VIEW = 90 * 1024
FAMILIES = (
    "rischio_comuni", "rischio_h3", "rischio_accesso_h3", "accessibilita_h3", "confini_enti",
    "divario_bisogni", "bisogni_h3", "domanda_h3", "segnalazioni_h3", "copertura_ambiti",
    "offerta_h3", "popolazione_h3",
)  # fmt: skip
LARGEST = ("popolazione_h3_r8", "accessibilita_h3_r8")


@pytest.mark.parametrize("family", [*FAMILIES, *LARGEST])
@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_map_says_all_it_has_within_the_first_budget(site, family, lang):
    text = read(site, f"/embed/{family}", lang=lang)
    style = [assets()[name].gzipped for name in ("pages.css", "embed/map.css")]
    assert len(gzip.compress(text.encode(), 9)) + sum(map(len, style)) <= FIRST_VIEW
    for part in ('id="figure"', 'id="legend"', 'id="table"', 'id="story"', "<svg", 'id="search"'):
        assert part in text
    assert table(text)


def test_the_table_has_each_municipality_once_with_its_class_and_interval(site, rows, demo_release):
    titles = {
        one.value: one.title.it for one in demo_release.manifest.styles["rischio_comuni"].classes
    }
    lines = {line[0]: line for line in table(read(site))}
    for row in rows("rischio_comuni"):
        _, kind, value = lines.pop(row["denominazione"])
        assert kind.startswith(titles[row["classe"]])
        assert ("affidabilità bassa" in kind) == (row["affidabilita"] == "bassa")
        shown = [round(row[n], 2) for n in ("punteggio", "punteggio_inf", "punteggio_sup")]
        said = [float(n.replace(",", ".")) for n in re.findall(r"\d+(?:,\d+)?", value)]
        assert said == shown
    assert lines == {}


def test_the_summary_counts_what_is_there(site, rows, demo_release):
    classes = Counter(row["classe"] for row in rows("rischio_comuni"))
    text = html.unescape(read(site))
    story = re.search(r'<div id="story".*?</section>', text, re.DOTALL)[0]
    titles = {c.value: c.title.it for c in demo_release.manifest.styles["rischio_comuni"].classes}
    for value, number in classes.items():
        assert f"{number} in «{titles[value]}»" in story
    scored = sorted(rows("rischio_comuni"), key=lambda row: row["punteggio"])
    assert f"è di {scored[-1]['denominazione']} (" in story
    assert f"il più basso di {scored[0]['denominazione']} (" in story
    best = max(rows("rischio_comuni"), key=lambda row: row["punteggio"])
    assert f"il valore più alto è di {best['denominazione']} (" in story


def test_the_lowest_value_is_said_of_those_that_have_one(site):
    text = html.unescape(read(site, "/embed/bisogni_h3"))
    assert "fra le aree di cui si dice la cifra: il valore più alto" in text
    assert "fra le aree di cui" not in html.unescape(read(site))


def test_the_municipality_with_most_areas_of_the_last_class_is_the_right_one(site, rows):
    text = read(site, "/embed/rischio_h3")
    towns = [(r["denominazione"], shapely.from_wkb(r["geometry"])) for r in rows("comuni")]
    counts = Counter()
    for row in rows("rischio_h3_r7"):
        if row["classe"] == 5:
            middle = shapely.centroid(shapely.from_wkb(row["geometry"]))
            counts.update(name for name, area in towns if area.intersects(middle))
    most = max(counts.values())
    first = sorted(name for name, n in counts.items() if n == most)
    said = re.search(r"<p>(?:Il comune|I comuni) con più esagoni.*?</p>", text)[0]
    assert all(name in html.unescape(said) for name in first)
    by_town = re.search(
        r'<details id="by-town".*?<tbody>\s*<tr><th scope="row">([^<]+)', text, re.DOTALL
    )
    assert html.unescape(by_town[1]) in first


def test_the_picture_has_every_area_in_the_colour_of_its_class(site, rows, demo_release):
    svg = ET.fromstring(
        re.search(
            r"<svg class=\"drawn\".*?</svg>", read(site, "/embed/rischio_h3", sedi=0), re.DOTALL
        )[0]
    )
    style = demo_release.manifest.styles["rischio_h3"]
    wanted = Counter(row["classe"] for row in rows("rischio_h3_r7"))
    for rule in style.classes:
        group = [g for g in svg.iter("g") if g.get("fill") == rule.colour]
        assert sum(len(g) for g in group) == wanted.get(rule.value, 0)
    ids = [node.get("id") for node in svg.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_an_earlier_year_is_shown_where_there_is_one(site, rows):
    lines = {line[0]: line[2] for line in table(read(site, layer="rischio_comuni", anno="2022"))}
    series = [r for r in rows("rischio_comuni_serie") if r["periodo_inizio"] == "2022-01-01"]
    assert len(lines) == len(series)
    for row in series:
        assert lines[row["denominazione"]].startswith(
            f"{round(row['punteggio'], 2):g}".replace(".", ",")
        )
    # A form without scripts sends the year and the field of the layer that was shown before.
    assert (
        "2022"
        not in re.search(
            r"<figcaption.*?</figcaption>", read(site, layer="rischio_h3", anno="2022")
        )[0]
    )
    assert table(read(site, layer="rischio_comuni", field="n_anz"))


def test_a_municipality_narrows_everything_to_itself(site, rows):
    town = next(r for r in rows("comuni") if r["denominazione"] == "Varallo")
    area = shapely.from_wkb(town["geometry"])
    inside = sum(
        area.intersects(shapely.centroid(shapely.from_wkb(r["geometry"])))
        for r in rows("rischio_h3_r7")
    )
    text = read(site, layer="rischio_h3", comune=town["cod_istat"])
    assert len(table(text)) == inside > 0
    assert {line[1] for line in table(text)} == {"Varallo"}
    assert f"{BASE}/comuni/{town['cod_istat']}?" in text
    assert [line[0] for line in table(read(site, comune=town["cod_istat"]))] == ["Varallo"]


def near(text):
    section = re.search(r'<section id="offices".*?</section>', text, re.DOTALL)[0]
    ids = re.findall(r"/collections/sedi/items/([^?]+)\?", section)
    return ids, [float(n.replace(",", ".")) for n in re.findall(r"</strong>, ([\d,]+) km", section)]


def test_the_nearest_offices_are_the_nearest(site, rows):
    places = rows("luoghi")
    offices = [(r["id"], shapely.from_wkb(r["geometry"])) for r in rows("sedi") if r["geometry"]]
    ellipsoid = pyproj.Geod(ellps="WGS84")
    for place in places[:: len(places) // 12]:
        at = shapely.from_wkb(place["geometry"])
        ids, said = near(read(site, luogo=place["id"]))
        away = {i: ellipsoid.inv(at.x, at.y, o.x, o.y)[2] / 1000 for i, o in offices}
        assert len(ids) == 5
        # A sphere is off by half a percent at most; what is said is rounded.
        assert all(
            abs(s - away[i]) <= 0.051 + 0.006 * away[i] for s, i in zip(said, ids, strict=True)
        )
        assert max(away[i] for i in ids) <= min(v for i, v in away.items() if i not in ids) * 1.006


@given(st.floats(7.5, 8.7), st.floats(45.0, 46.1), st.floats(7.5, 8.7), st.floats(45.0, 46.1))
def test_distances_are_those_of_the_ellipsoid_but_for_half_a_percent(lon, lat, lon2, lat2):
    (found,) = great_circle_km(lon, lat, np.array([[lon2, lat2]]))
    true = pyproj.Geod(ellps="WGS84").inv(lon, lat, lon2, lat2)[2] / 1000
    assert found == pytest.approx(true, rel=0.006, abs=1e-6)


def found(site, text, **more):
    said = read(site, cerca=text, **more)
    block = re.search(r'<div id="found">.*?</div>', said, re.DOTALL)[0]
    return [
        parse_qs(urlsplit(html.unescape(a)).query)["luogo"][0]
        for a in re.findall(r'href="([^"]+)"', block)
    ]


def test_a_place_is_found_by_the_beginning_of_its_words_in_any_spelling(site):
    assert found(site, "VARAL")[0] == "002156"
    assert found(site, "santhia")[0] == found(site, "Santhià")[0] == "002133"
    assert found(site, "localita 1 varallo") == found(site, "Località 1, Varallo")
    # The number of a house is read over.
    assert found(site, "Varallo 12/b")[0] == "002156"
    assert found(site, "zzz") == []
    assert "Nessun luogo" in read(site, cerca="zzz")
    assert found(site, "") == found(site, "'\"<>") == []


def test_opportunities_are_those_that_are_open_there_and_for_them(site, rows, demo_release):
    day = demo_release.manifest.reference_date
    opened = [
        r for r in rows("opportunita")
        if (r["valido_dal"] or "") <= day <= (r["valido_al"] or "9999")
    ]  # fmt: skip
    body = next(r for r in rows("ambiti") if "002156" in r["comuni"].split(";"))

    def ids(**params):
        section = re.search(
            r'<section id="opportunities".*?</section>', read(site, **params), re.DOTALL
        )[0]
        more = re.search(r"Tutte</a>|Tutte: (\d+)", section)
        return set(re.findall(r"/collections/opportunita/items/([^?]+)\?", section)), more and more[
            1
        ]

    every, more = ids()
    assert len(every) == 12
    assert int(more) == len(opened)
    there = {
        r["id"] for r in opened
        if r["cod_istat"] == "002156"
        or (r["cod_istat"] is None and r["ambito_territoriale"] in {None, body["cod_ambito"]})
    }  # fmt: skip
    shown, _ = ids(comune="002156")
    assert shown == there
    whom = next(t for r in opened for t in r["target"] if t != "tutti")
    for_them = {r["id"] for r in opened if {whom, "tutti"} & set(r["target"])}
    shown, more = ids(target=whom)
    assert shown <= for_them
    assert int(more or len(shown)) == len(for_them)


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("/embed/nessuna", {}, "Non c&#39;è una mappa &#39;nessuna&#39;"),
        ("/embed", {"comune": "999999"}, "Non c&#39;è un comune"),
        ("/embed", {"anno": "1492"}, "Non ci sono dati dell&#39;anno"),
        ("/embed", {"luogo": "x"}, "Non c&#39;è un luogo"),
        ("/embed", {"target": "x"}, "Non ci sono opportunità"),
        ("/embed", {"field": "x"}, "Non c&#39;è un campo"),
        ("/embed", {"layer": "<script>alert(1)</script>"}, "Questa mappa non c"),
    ],
)
def test_a_wrong_address_gives_a_page_that_helps(site, path, params, said):
    answer = site.get(path, params={**params, "lang": "it"}, headers=PAGE)
    assert answer.status_code == 404
    assert said in answer.text
    assert "<script>alert" not in answer.text
    assert f'href="{BASE}/embed?lang=it"' in answer.text
    assert f"{BASE}/embed/crea" in answer.text
    assert "data-error=" in answer.text
    assert answer.headers["content-security-policy"].endswith("frame-ancestors *")


def test_a_release_that_is_gone_says_of_which_day_it_was(site):
    answer = site.get("/releases/2019-06-30-0123456789ab/embed", headers=PAGE)
    assert answer.status_code == 404
    assert 'datetime="2019-06-30"' in answer.text
    assert "non è pubblicata, o non lo è più" in answer.text
    assert "al 30 giugno 2019</time>" in answer.text
    assert answer.headers["content-security-policy"].endswith("frame-ancestors *")


@pytest.mark.parametrize("day", ["2019-13-45", "0000-00-00", "2023-02-30"])
def test_a_release_of_no_day_is_a_map_that_is_not_there(site, day):
    answer = site.get(f"/releases/{day}-0123456789ab/embed", headers=PAGE)
    assert answer.status_code == 404
    assert "Questa mappa non c" in answer.text


def test_a_map_of_a_release_says_so_and_links_stay_in_it(site, demo_release):
    text = read(site, f"/releases/{demo_release.id}/embed")
    assert f"{BASE}/releases/{demo_release.id}/embed?" in text
    for path, policy in (("embed", "*"), ("embed/rischio_h3", "*"), ("collections", "'self'")):
        answer = site.get(f"/releases/{demo_release.id}/{path}", headers=PAGE)
        said = answer.headers["content-security-policy"]
        assert said.endswith(f"frame-ancestors {policy}")


def test_a_choice_stays_in_every_address_of_the_page(site):
    asked = {"layer": "bisogni_h3", "field": "n_dis", "comune": "002156", "patti": "1"}
    text = read(site, **asked, lang="it")
    for name in ("share", "language"):
        link = re.search(rf'<a id="{name}" href="([^"]+)"', text)[1]
        query = {k: v[0] for k, v in parse_qs(urlsplit(html.unescape(link)).query).items()}
        assert query == {**asked, "lang": "en" if name == "language" else "it"}


def test_coverage_is_told_with_maps_of_persons_alone(site):
    said = "Quanto sono completi questi dati"
    assert said in read(site, layer="bisogni_h3")
    assert said not in read(site, layer="rischio_comuni")


def test_hatch_and_stipple_are_drawn_and_explained(site):
    needs = read(site, layer="bisogni_h3", field="n_dip")
    assert 'fill="url(#' in needs
    assert "si mostra solo la fascia" in needs
    risk = read(site, layer="rischio_comuni")
    assert 'fill="url(#stipple)"' in risk
    assert "Affidabilità bassa (puntinato)" in risk


def snippets(site, **params):
    text = read(site, "/embed/crea", **params)
    return [
        html.unescape(re.sub(r"</?code>", "", s))
        for s in re.findall(r'<pre class="copy"[^>]*>(.*?)</pre>', text, re.DOTALL)
    ]


def test_snippets_lead_to_the_map_that_was_chosen(site):
    frame, picture, element = snippets(site, layer="rischio_comuni", comune="002156", sedi="1")
    for one in (frame, picture, element):
        href = html.unescape(re.search(r'(?:src|href)="([^"]*/embed\?[^"]*)"', one)[1])
        query = {k: v[0] for k, v in parse_qs(urlsplit(href).query).items()}
        assert query == {"layer": "rischio_comuni", "comune": "002156", "sedi": "1", "lang": "it"}
        assert site.get(href.removeprefix(BASE)).status_code == 200
    assert "Varallo: " in re.search(r'alt="([^"]+)"', picture)[1]
    image = html.unescape(re.search(r'<img src="([^"]+)"', picture)[1])
    assert site.get(image.removeprefix(BASE)).headers["content-type"] == "image/svg+xml"
    script = re.search(r'<script type="module" src="([^"]+)"', element)[1]
    answer = site.get(script.removeprefix(BASE))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-cache"


def test_oembed_answers_for_maps_of_this_service_alone(site):
    said = site.get(
        "/oembed", params={"url": f"{BASE}/embed/rischio_h3?comune=002156&lang=en", "maxwidth": 400}
    ).json()
    assert (said["version"], said["type"], said["width"]) == ("1.0", "rich", 400)
    assert "Varallo" in said["title"]
    assert 'width="400"' in said["html"]
    assert "layer=rischio_h3" in said["html"]
    for url in (
        f"{BASE}/embed?layer=x",
        f"{BASE}/collections",
        "https://altri.it/embed",
        f"{BASE}.evil.it/embed",
        "x",
    ):
        assert site.get("/oembed", params={"url": url}).status_code == 404, url
    assert site.get("/oembed", params={"format": "xml"}).status_code == 501
    assert site.get("/oembed", params={"maxwidth": "10"}).json()["width"] == 10
    assert site.get("/oembed", params={"maxwidth": "0"}).status_code == 400
    assert f"{BASE}/oembed?url=" in read(site)


def test_places_for_the_browser_are_the_published_ones(site, rows):
    said = site.get("/embed/luoghi.json").json()
    assert {place[0] for place in said["places"]} == {row["id"] for row in rows("luoghi")}
    offices = {r["id"] for r in rows("sedi") if r["geometry"]}
    assert {office["id"] for office in said["offices"]} == offices


def test_a_picture_of_a_series_shows_one_year(site, rows):
    series = rows("rischio_comuni_serie")
    for params, first in (({"anno": "2022"}, "2022-01-01"), ({}, "2023-01-01")):
        svg = ET.fromstring(site.get("/embed/rischio_comuni_serie.svg", params=params).content)
        drawn = {node.get("data-id") for node in svg.iter(f"{SVG}path") if node.get("data-id")}
        assert drawn == {row["id"] for row in series if row["periodo_inizio"] == first}
    _, picture, _ = snippets(site, layer="rischio_comuni", anno="2022")
    assert "anno=2022" in picture
    assert "2022" in re.search(r'alt="([^"]+)"', picture)[1]


def test_what_is_over_lies_on_no_map(site, rows, demo_release):
    day = demo_release.manifest.reference_date
    placed = [r for r in rows("opportunita") if r["geometry"]]
    now = {r["id"] for r in placed if (r["valido_dal"] or "") <= day <= (r["valido_al"] or "9999")}
    assert len(now) < len(placed)
    points = [r for r in placed if r["id"] in now and r["tipo_geometria"] == "punto"]
    with_them, without = (
        read(site, layer="rischio_comuni", opportunita=n).count("<circle cx=") for n in "10"
    )
    assert with_them - without == len(points)


def test_the_moving_map_draws_the_areas_of_the_table(site):
    for area in site.get("/embed/config.json").json()["areas"]:
        listed = re.search(
            r'/collections/([a-z0-9_]+)\?f=html[^"]*">Questi', read(site, f"/embed/{area['id']}")
        )
        assert area["member"] == listed[1]


def test_the_layer_of_a_form_is_stronger_than_that_of_the_path(site):
    text = read(site, "/embed/rischio_h3", layer="rischio_comuni")
    assert 'data-layer="rischio_comuni"' in text


@pytest.mark.parametrize("url", ["http://[x", "http://\u2100.it/embed", "//", "http://"])
def test_oembed_of_no_address_is_not_found(site, url):
    assert site.get("/oembed", params={"url": url}).status_code == 404
