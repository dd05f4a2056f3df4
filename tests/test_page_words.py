"""Fields, units and names as people read them."""

from __future__ import annotations

import html
import re
from collections import Counter
from functools import partial
from pathlib import Path

from api_client import client_of
from shapely.geometry import shape

from api.pages.numbers import day_in_words
from api.pages.templating import environment
from api.pages.words import FieldWords, grouped, in_own_units, unit_of
from geo_core.catalog import read_catalog
from geo_core.model.field import Field
from geo_core.model.text import Text

ROOT = Path(__file__).parents[1]


def test_fields_of_one_figure_stand_under_one_heading():
    titles = ("Comune", "Anziani", "Anziani: fascia", "Anziani, almeno", "Anzianità")
    fields = [FieldWords(title, title, "", "", "", {}) for title in titles]
    assert [(g.title, [added for _, added in g.parts]) for g in grouped(fields)] == [
        ("Comune", [""]),
        ("Anziani", ["", "fascia", "almeno"]),
        ("Anzianità", [""]),
    ]


def test_a_unit_follows_every_number_that_counts_something():
    text = Text(it="Persone con disabilità", en="People with disabilities")
    named = partial(Field, name="x", type="integer", title=text, description=text)
    assert unit_of(named(unit="posizione"), count=82).one == Text(it="su 82", en="of 82")
    assert unit_of(named(unit="persone"), count=1) == (
        Text(it="persone", en="persons"),
        Text(it="persona", en="person"),
    )
    assert unit_of(named(unit="1"), count=1) is None


def test_a_row_that_says_its_own_unit_is_read_in_it():
    layer = read_catalog(ROOT).layer("valori_indicatori")
    unsaid = "unità dell'indicatore"
    words = [FieldWords(name, name, "", unsaid, "", {}) for name in ("valore", "n")]

    def units(said, lang="it"):
        return [(w.unit, w.one) for w in in_own_units(words, layer, {"misura": said}, lang)]

    kept = (words[1].unit, words[1].one)
    assert units("posti/1.000 persone", "en")[0] == ("places/1,000 persons", "place/1,000 persons")
    assert units("giorni") == [("giorni", "giorno"), kept]
    assert units("1") == [("", ""), kept]
    assert units(None) == [kept, kept]


def test_features_of_one_name_are_told_apart_by_their_ids(client):
    features = client.get("/collections/luoghi/items?limit=1000").json()["features"]
    names = Counter(f["properties"]["nome"] for f in features)
    for feature in features:
        ident, name = feature["id"], feature["properties"]["nome"]
        page = client.get(f"/collections/luoghi/items/{ident}?f=html&lang=it").text
        heading = html.unescape(re.findall(r"<h1>([^<]*)</h1>", page)[0])
        shared = name and names[name] > 1
        assert heading == (f"{name} · {ident}" if shared else name or ident)
        assert "/collections/luoghi?f=html&amp;lang=it#fields" in page


CELLS = "/collections/rischio_h3_r7"


def test_hexagons_are_placed_on_their_pages(demo_release):
    with client_of(demo_release.folder.parent) as served:

        def page(address):
            return html.unescape(served.get(f"{address}?f=html&lang=it").text)

        listed = served.get("/collections/comuni/items?limit=1000").json()["features"]
        towns = {f["properties"]["denominazione"]: shape(f["geometry"]) for f in listed}
        form = {"collection": "rischio_h3_r7", "limit": "10000"}
        answer = served.post("/processes/sensibilita/execution?f=html&lang=it", data=form)
        ranked, placed = html.unescape(answer.text), 0
        for cell in served.get(f"{CELLS}/items?limit=12").json()["features"]:
            ident, centre = cell["id"], shape(cell["geometry"]).centroid
            town = next((name for name, area in towns.items() if area.intersects(centre)), None)
            heading = f"Esagono presso {town} · {ident}" if town else ident
            assert f"<h1>{heading}</h1>" in page(f"{CELLS}/items/{ident}")
            assert f"<h1>{heading}: " in page(f"{CELLS}/items/{ident}/lineage")
            assert (f">{town} · {ident}</a>" if town else f">{ident}</a>") in ranked
            placed += town is not None
    assert placed > 0


def test_days_are_written_as_people_say_them():
    days = {"2023-12-31": "al 31 dicembre 2023", "2024-03-01": "al 1º marzo 2024",
            "2024-03-08": "all’8 marzo 2024", "2024-08-11": "all’11 agosto 2024"}  # fmt: skip  # noqa: RUF001
    to_day = environment().filters["to_day"]
    assert {iso: to_day(iso) for iso in days} == days
    assert day_in_words("2024-08-11", "en") == "11 August 2024"
