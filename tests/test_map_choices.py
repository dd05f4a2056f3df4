"""What is chosen on the map stays chosen, in every form and address, until it is let go."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from api_client import BASE
from shown import read, table


def form(text, ident):
    """Return the fields of a form, hidden or chosen, as a browser without scripts sends them."""
    inner = re.search(rf'<form id="{ident}".*?</form>', text, re.DOTALL)[0]
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', inner))
    for name, options in re.findall(
        r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', inner, re.DOTALL
    ):
        sent |= dict.fromkeys([name], "".join(re.findall(r'value="([^"]*)" selected', options)))
    return {name: html.unescape(value) for name, value in sent.items() if value}


def spot(site, name):
    """Return a place as the browser knows it."""
    listed = site.get("/embed/luoghi.json").json()["places"]
    return next(one for one in listed if one[1] == name and one[2] == "comune")


CHOSEN = {"layer": "rischio_comuni", "anno": "2022", "comune": "002156", "target": "minori"}


def test_looking_for_a_place_keeps_every_choice(site):
    text = read(site, "/embed", **CHOSEN)
    assert form(text, "search").items() >= CHOSEN.items()
    again = read(site, "/embed", **form(text, "search"), cerca="Trino")
    assert 'data-year="2022"' in again


def test_a_place_elsewhere_is_found_and_lets_the_municipality_go(site):
    text = read(site, "/embed", **CHOSEN, cerca="Trino")
    found = re.search(r'id="found".*?</div>', text, re.DOTALL)[0]
    query = urlsplit(html.unescape(re.search(r'href="([^"]+)"', found)[1])).query
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    assert "comune" not in asked
    assert (asked["anno"], asked["target"]) == ("2022", "minori")
    assert ">Trino<" in found


def test_a_place_can_be_left_and_another_municipality_leaves_it(site):
    ident = spot(site, "Varallo")[0]
    text = read(site, "/embed", luogo=ident, lang="it")
    leave = re.search(r'href="([^"]+)"[^>]*>Togli questo luogo', text)[1]
    assert "luogo" not in leave
    assert 'id="spot"' in text
    moved = read(site, "/embed", **form(text, "chooser") | {"comune": "002158"})
    assert 'id="spot"' not in moved
    assert re.search(r'<a id="leave"[^>]* hidden>', moved)
    assert not re.search(r'<a id="leave"[^>]* hidden>', text)
    stays = read(site, "/embed", **form(text, "chooser") | {"comune": "002156"})
    assert 'id="spot"' in stays


@pytest.mark.parametrize("name", ["bisogni_h3_r6", "rischio_h3_r7", "rischio_comuni"])
def test_the_link_to_share_leads_to_the_same_table(site, name):
    text = read(site, f"/embed/{name}")
    share = html.unescape(re.search(r'id="share" href="([^"]+)"', text)[1]).removeprefix(BASE)
    assert table(read(site, share)) == table(text)


@pytest.mark.parametrize("field", ["stabilita", "classe"])
def test_the_table_begins_with_the_most_severe_class(site, demo_release, field):
    scale = demo_release.manifest.styles["rischio_comuni"].of(field)
    order = [one.title.it for one in reversed(scale.classes)]
    cells = [line[1].split(" affidabilità")[0] for line in table(read(site, "/embed", field=field))]
    places = [order.index(cell) for cell in cells]
    assert len(set(places)) > 1
    assert places == sorted(places)


def listed(site, text):
    """Return the words about places that were looked for, and their ids in order."""
    block = re.search(r'<div id="found">.*?</div>', read(site, cerca=text, lang="it"), re.DOTALL)[0]
    return block, re.findall(r"luogo=([^&]+)&", block)


def test_what_is_called_just_so_comes_first(site):
    for name, code in (("vercelli", "002158"), ("Borgo Vercelli", "002017"), ("Trino", "002148")):
        assert listed(site, name)[1][0] == code
    block, ids = listed(site, "vercelli")
    assert len(ids) == 12
    assert "Sono i primi trovati" in block
    assert "Sono i primi" not in listed(site, "Trino, localita 1")[0]


def test_of_a_street_that_nobody_knows_the_municipality_is_offered(site):
    block, ids = listed(site, "via Inesistente 3, Borgo Vercelli")
    assert ids == ["002017", "002158"]
    assert "Il comune invece c" in block
    assert "#offices" in block
    assert "Il comune invece" not in listed(site, "zzz")[0]
