"""What the scripts of the map do beside drawing: marks, words, print, search, the element."""

from __future__ import annotations

import json
import warnings

import pytest
from other_site import other_site
from rasterio.errors import NotGeoreferencedWarning
from shown import colours

from checks.chromium import visit

STATE = "#state:not([hidden])"
CHOSEN = "#004d99"


def painted(page):
    """Return how many pixels of the map have each colour."""
    page.wait_for_timeout(500)
    with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning):
        return colours(page.locator("#map canvas").screenshot())


def configured(page, change):
    """Change the configuration that the map gets; `change` is given the layer shown first."""

    def answer(route):
        got = route.fetch()
        document = got.json()
        change(document["areas"])
        route.fulfill(response=got, body=json.dumps(document))

    page.route("**/config.json*", answer)


def map_of(chromium, address, change=None):
    with visit(chromium) as seen:
        if change:
            configured(seen.page, change)
        seen.open_map(address)
        assert seen.errors == []
        return painted(seen.page)


def test_the_chosen_municipality_is_outlined(chromium, demo_server):
    address = f"{demo_server.url}/embed?layer=rischio_comuni&lang=it#map=10/45.82/8.25"
    assert map_of(chromium, address).get(CHOSEN, 0) < 20
    chosen = address.replace("&lang", "&comune=002156&lang")
    assert map_of(chromium, chosen).get(CHOSEN, 0) > 200


def differing(some, others):
    """Return how many pixels have another colour."""
    return sum(abs(some.get(c, 0) - others.get(c, 0)) for c in {*some, *others}) / 2


def test_low_reliability_is_stippled(chromium, demo_server):
    address = f"{demo_server.url}/embed?layer=rischio_comuni&lang=it"
    dotted = map_of(chromium, address)
    assert differing(dotted, map_of(chromium, address)) < 500
    assert differing(dotted, map_of(chromium, address, not_stippled)) > 5_000


def not_stippled(areas):
    for area in areas:
        area["unreliable"] = None


def test_a_band_is_hatched(chromium, demo_server):
    address = f"{demo_server.url}/embed?layer=bisogni_h3&lang=it"
    hatched = map_of(chromium, address)
    assert differing(hatched, map_of(chromium, address, not_hatched)) > 5_000


def not_hatched(areas):
    for area in areas:
        for choice in area["choices"]:
            for row in choice["rows"]:
                row["pattern"] = None


def test_what_is_read_of_invented_things_says_so(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=bisogni_h3&lang=it")
        page = seen.page
        page.locator("canvas").focus()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        page.locator("#values h2").wait_for()
        assert "inventat" in page.locator("#values .notice").last.inner_text()
        assert "inventat" in page.locator("#live").inner_text()


def test_words_that_come_late_are_not_those_of_another_thing(chromium, demo_server):
    with visit(chromium) as seen:
        page, held = seen.page, []

        def hold(route):
            held.append(route)

        seen.open_map(f"{demo_server.url}/embed?comune=002156&sedi=1&lang=it")
        page.route("**/luoghi.json*", hold)
        page.locator("canvas").focus()
        page.keyboard.press("p")
        page.keyboard.press("Enter")  # asks for the words of an office
        while not held:
            page.wait_for_timeout(100)
        page.keyboard.press("p")  # back to an area
        area = page.locator("#live").inner_text()
        for route in held:
            route.continue_()
        page.wait_for_timeout(1_000)
        assert page.locator("#live").inner_text() == area
        assert not page.locator("#values").is_visible()


def test_choosing_a_municipality_goes_there_and_back(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        whole = float(page.url.partition("#map=")[2].split("/")[0])
        page.select_option("#comune", "002156")
        zoom = "() => Number(location.hash.slice(5).split('/')[0])"
        page.wait_for_function(f"() => ({zoom})() > {whole + 1}")
        page.select_option("#comune", "")
        page.wait_for_function(f"() => ({zoom})() < {whole + 0.2}")


def test_a_page_can_be_printed(chromium, demo_server):
    with visit(chromium) as seen:
        seen.page.add_init_script("window.printed = 0; window.print = () => { printed += 1; }")
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        seen.page.locator("#print button").click()
        assert seen.page.evaluate("printed") == 1


def test_a_position_in_the_query_is_gone_to_as_one_behind_the_hash(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it&map=11/45.8/8.2")
        assert seen.page.url.endswith("#map=11.00/45.8000/8.2000")


SOUGHT = (
    "Vercelli", "vercelli", "VÀRALLO", "via Roma 12, Trino", "Via Roma 3/b Trino", "roma", "tri",
    "Borgo", "san", "via", "piazza Garibaldi n. 4", "Santhià", "santhia", "12", "zzz", "a",
    "Nowhere Street, Varallo", "corso", "  Alice   Castello ", "l'", "Crova snc",
)  # fmt: skip


def test_browser_and_server_find_the_same_places_in_the_same_order(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        script = page.locator("script[src$='embed/main.js']").get_attribute("src")
        found = page.evaluate(
            """async ([script, sought]) => {
              const base = new URL(script, document.baseURI);
              const places = await import(new URL("places.js", base));
              const known = await places.loadPlaces(document.body.dataset.places);
              return sought.map((text) => {
                const { found, instead } = places.findPlaces(known.places, text);
                return [...found, ...instead].map(({ name, town, kind }) =>
                  kind === "comune" ? name : `${name} ${town}`);
              });
            }""",
            [script, list(SOUGHT)],
        )
        for text, own in zip(SOUGHT, found, strict=True):
            page.goto(f"{demo_server.url}/embed?lang=it&cerca={text}", wait_until="commit")
            page.locator("#found h2").wait_for()
            said = page.locator("#found li").all_inner_texts()
            assert [" ".join(one.split()) for one in said] == own, text
        assert sum(map(bool, found)) > len(SOUGHT) / 2


def element(demo_server, attributes):
    return (
        '<!doctype html><link rel="icon" href="data:,">'
        f'<script type="module" src="{demo_server.url}/embed/atlante-mappa.js"></script>'
        f"<atlante-mappa {attributes}>x</atlante-mappa>"
    )


HEIGHT = "document.querySelector('atlante-mappa iframe').height"
SPEAK = """(height) => window.dispatchEvent(new MessageEvent("message", {
  source: document.querySelector("atlante-mappa iframe").contentWindow,
  origin: ORIGIN, data: {type: "atlante:height", height},
}))"""


HEARD = {
    "its map": ("", None, 444.2, "445"),
    "another site": ("", "https://example.org", 444.2, "500"),
    "too much": ("", None, 20_001, "500"),
    "less than nothing": ("", None, -3, "500"),
    "no number": ("", None, "x", "500"),
    "its map, but it is fixed": ("fissa", None, 444.2, "500"),
}


@pytest.mark.parametrize("what", HEARD)
def test_the_element_takes_the_height_its_map_tells(chromium, demo_server, tmp_path, what):
    attributes, origin, told, becomes = HEARD[what]
    map_ = f'src="{demo_server.url}/embed?lang=it" altezza="500" {attributes}'
    (tmp_path / "index.html").write_text(element(demo_server, map_), encoding="utf-8")
    with other_site(tmp_path) as site, visit(chromium, width=1200) as seen:
        page = seen.page
        seen.open(f"http://{site}/")
        page.frame_locator("iframe").locator("body[data-ready]").wait_for(state="attached")
        page.wait_for_timeout(300)
        assert page.evaluate(HEIGHT) == "500"
        page.evaluate(SPEAK.replace("ORIGIN", json.dumps(origin or demo_server.url)), told)
        assert page.evaluate(HEIGHT) == becomes


def test_the_element_follows_its_address_and_says_when_it_is_none(chromium, demo_server, tmp_path):
    first = f'src="{demo_server.url}/embed?lang=it" titolo="Prima" altezza="99999"'
    (tmp_path / "index.html").write_text(element(demo_server, first), encoding="utf-8")
    change = "([name, value]) => document.querySelector('atlante-mappa').setAttribute(name, value)"
    with other_site(tmp_path) as site, visit(chromium) as seen:
        page = seen.page
        page.add_init_script(
            "window.told = [];"
            "addEventListener('atlante-error', (event) => told.push(event.detail), true)"
        )
        seen.open(f"http://{site}/")
        frame = page.locator("atlante-mappa iframe")
        page.frame_locator("iframe").locator("#story").wait_for()
        assert frame.get_attribute("height") == "640"
        page.evaluate(change, ["src", f"{demo_server.url}/embed?lang=en&comune=002156"])
        page.frame_locator("iframe").locator("#story[data-town='002156']").wait_for()
        page.evaluate(change, ["titolo", "Altra"])
        assert frame.get_attribute("title") == "Altra"
        assert page.evaluate("told") == []
        for wrong in ("javascript:alert(1)", ""):
            page.evaluate(change, ["src", wrong])
            assert "comune=002156" in frame.get_attribute("src")
        page.evaluate("() => document.querySelector('atlante-mappa').removeAttribute('src')")
        page.evaluate(change, ["titolo", "Terza"])
        assert page.evaluate("told") == ["src", "src", "src"]
        page.evaluate("() => document.querySelector('atlante-mappa').remove()")
        assert seen.errors == []
