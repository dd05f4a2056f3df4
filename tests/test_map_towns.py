"""A map narrowed to a municipality: what belongs to it, by arithmetic of the tests' own."""

from __future__ import annotations

import html
import re

import pytest
import shapely
from shown import read, table

MERGED = ("bisogni_h3", "domanda_h3", "segnalazioni_h3", "divario_bisogni")
"""Layers whose areas may be larger than a municipality."""
HEXAGONS = ("rischio_h3", "popolazione_h3", "accessibilita_h3", "offerta_h3")


@pytest.fixture(scope="module")
def member(site):
    """Return which collection the map shows of a family."""
    areas = site.get("/embed/config.json").json()["areas"]
    return {one["id"]: one["member"] for one in areas}


def listed(text):
    return set(re.findall(r'<tr data-id="([^"]+)"', text))


def shapes(rows, name):
    return {row["id"]: shapely.from_wkb(row["geometry"]) for row in rows(name)}


@pytest.mark.parametrize("family", MERGED)
def test_a_merged_area_is_shown_in_every_municipality_it_reaches_into(site, rows, member, family):
    areas, towns = shapes(rows, member[family]), shapes(rows, "comuni")
    names = {row["id"]: row["denominazione"] for row in rows("comuni")}
    for code, town in towns.items():
        reaching = {ident for ident, area in areas.items() if area.intersects(town)}
        larger = sum(areas[i].intersection(town).area < 0.99 * areas[i].area for i in reaching)
        text = read(site, f"/embed/{family}", comune=code)
        assert listed(text) == reaching != set(), names[code]
        said = re.search(r'<div id="said">\s*<p>(.*?)</p>', text)[1]
        assert (f"oltre {names[code]}" in said.replace("&#39;", "'")) == bool(larger), said
        if larger > 1:
            part = "Tutte vanno" if larger == len(reaching) else f"{larger} di queste aree vanno"
            assert part in said
    assert 'id="by-town"' not in text


@pytest.mark.parametrize("family", HEXAGONS)
def test_each_hexagon_is_shown_in_one_municipality(site, rows, member, family):
    areas = shapes(rows, member[family])
    seen = []
    for row in rows("comuni"):
        text = read(site, f"/embed/{family}", comune=row["id"])
        seen += listed(text)
        assert "va oltre" not in text
    assert len(seen) == len({*seen})
    towns = shapely.union_all([*shapes(rows, "comuni").values()])
    assert {*seen} == {i for i, area in areas.items() if area.centroid.intersects(towns)}


def test_of_a_layer_of_managing_bodies_a_municipality_shows_its_own(site, rows):
    names = {row["cod_ambito"]: row["denominazione"] for row in rows("copertura_ambiti")}
    for body in rows("ambiti"):
        if body["cod_ambito"] not in names or body["valido_al"]:
            continue
        for code in body["comuni"].split(";"):
            text = read(site, "/embed/copertura_ambiti", comune=code)
            assert [line[0] for line in table(text)] == [names[body["cod_ambito"]]]


def test_a_border_is_shown_in_both_its_municipalities(site, rows):
    borders = list(rows("confini_enti"))
    for row in rows("comuni"):
        own = {one["id"] for one in borders if row["id"] in {one["comune_a"], one["comune_b"]}}
        assert listed(read(site, "/embed/confini_enti", comune=row["id"])) == own


def test_the_text_of_a_picture_for_other_sites_says_that_an_area_is_larger(site, rows, member):
    areas, towns = shapes(rows, member["segnalazioni_h3"]), shapes(rows, "comuni")
    code = next(
        code
        for code, town in towns.items()
        if all(area.covers(town) for area in areas.values() if area.intersects(town))
    )
    page = html.unescape(read(site, "/embed/crea", layer="segnalazioni_h3", comune=code))
    said = max(re.findall(r'alt="([^"]*)"', html.unescape(page)), key=len)
    assert "la cifra è di tutta l" in said
    assert "nessuna area" not in said
