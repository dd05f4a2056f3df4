"""The map where something fails: the picture stays, the reason is told, nothing is lost or told."""

from __future__ import annotations

import re
import warnings
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from rasterio.errors import NotGeoreferencedWarning
from shown import colours

from checks.chromium import visit

STATE = "#state:not([hidden])"
BROKEN = {
    "tiles that do not come": ("**/*.mvt", None),
    "tiles that are faults": ("**/*.mvt", 500),
    "no worker": ("**/maplibre-gl-worker.js", None),
    "no library": ("**/maplibre-gl.js", None),
    "no configuration": ("**/config.json*", 503),
}


def refuse(route, status):
    return route.abort() if status is None else route.fulfill(status=status)


def hold(held, route):
    held.append(route)


@pytest.mark.parametrize("what", BROKEN)
def test_the_picture_stays_where_the_map_cannot_come_whole(chromium, demo_server, what):
    pattern, status = BROKEN[what]
    with visit(chromium) as seen:
        page = seen.page
        page.route(pattern, lambda route: refuse(route, status))
        seen.open(f"{demo_server.url}/embed?layer=rischio_h3&lang=it")
        page.locator(STATE, has_text="non si può caricare").wait_for()
        assert page.locator("#figure svg").is_visible()
        assert not page.locator("#map").is_visible()
        assert page.locator("body[data-ready]").count() == 0
        # The page goes on without the map.
        page.select_option("#comune", "002156")
        page.locator("#story[data-town='002156']").wait_for()
        assert page.locator("#figure svg").is_visible()


def test_the_picture_is_there_until_all_of_the_map_is(chromium, demo_server):
    held = []
    with visit(chromium) as seen:
        page = seen.page
        page.route("**/*.mvt", lambda route: hold(held, route))
        seen.open(f"{demo_server.url}/embed?lang=it")
        page.locator(STATE, has_text="sta caricando").wait_for()
        while not held:  # the message may come before the map asks
            page.wait_for_timeout(100)
        assert page.locator("#figure svg").is_visible()
        assert not page.locator("#map").is_visible()
        for route in held:
            route.continue_()
        page.unroute("**/*.mvt")
        page.wait_for_selector("body[data-ready]", state="attached")
        assert page.locator("#map").is_visible()
        assert not page.locator("#figure svg").is_visible()


def test_forms_can_be_sent_where_the_script_does_not_come(chromium, demo_server):
    with visit(chromium) as seen:
        page = seen.page
        page.route("**/embed/main.js", lambda route: route.abort())
        seen.open(f"{demo_server.url}/embed?lang=it")
        page.select_option("#comune", "002156")
        page.locator("#chooser button").click()
        page.locator("#story[data-town='002156']").wait_for()


def test_a_choice_that_cannot_be_shown_is_taken_back(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        before = page.url
        page.route("**/embed?*", lambda route: route.abort())
        page.select_option("#layer", "bisogni_h3")
        page.locator(STATE, has_text="Resta quella di prima").wait_for()
        assert page.locator("#layer").input_value() == "rischio_comuni"
        assert page.url == before


def test_back_and_forward_go_through_the_choices(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        page.select_option("#comune", "002156")
        page.locator("#story[data-town='002156']").wait_for()
        page.select_option("#layer", "bisogni_h3")
        page.locator("#story[data-layer='bisogni_h3']").wait_for()
        assert "layer=bisogni_h3&comune=002156" in page.locator("#snippet").get_attribute("href")
        page.go_back()
        page.locator("#story[data-layer='rischio_comuni']").wait_for()
        assert page.locator("#layer").input_value() == "rischio_comuni"
        page.go_back()
        page.locator("#story[data-town='']").wait_for()
        page.go_forward()
        page.locator("#story[data-town='002156']").wait_for()
        assert seen.errors == []


def test_what_is_looked_for_is_told_to_nobody_even_if_the_list_does_not_come(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page, asked = seen.page, []
        page.on("request", lambda request: asked.append(request.url))
        page.route("**/luoghi.json*", lambda route: route.abort())
        page.fill("#cerca", "Varallo")
        page.press("#cerca", "Enter")
        page.locator(STATE, has_text="elenco dei luoghi").wait_for()
        assert not any("arallo" in url for url in asked)


def test_places_are_found_in_a_sandbox_that_lets_no_form_be_sent(chromium, demo_server, tmp_path):
    frame = f'<iframe sandbox="allow-scripts" src="{demo_server.url}/embed?lang=it"></iframe>'
    (tmp_path / "index.html").write_text(f'<!doctype html><link rel="icon" href="data:,">{frame}')
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site, visit(chromium) as seen:
        Thread(target=site.serve_forever).start()
        try:
            seen.open(f"http://127.0.0.1:{site.server_port}/")
            inside = seen.page.frame_locator("iframe")
            inside.locator("#state:not([hidden])").wait_for()
            inside.locator("#cerca").fill("Varallo")
            inside.locator("#cerca").press("Enter")
            inside.locator("#found button").first.click()
            inside.locator("#offices-title", has_text="Varallo").wait_for()
        finally:
            site.shutdown()


def test_an_office_on_the_map_speaks_in_words(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it&comune=002156&sedi=1")
        page = seen.page
        page.locator("canvas").focus()
        for key in ("p", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        values = page.locator("#values")
        values.locator("text=Orari:").wait_for()
        said = values.inner_text()
        assert "SER-" not in said
        assert "ORG-" not in said
        assert (
            values.locator("a")
            .get_attribute("href")
            .startswith(f"{demo_server.url}/collections/sedi/items/")
        )


def test_points_and_edges_of_every_kind_can_be_read(chromium, demo_server):
    every = "&".join(f"{name}=1" for name in ("sedi", "opportunita", "patti", "buone_prassi"))
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it&{every}")
        page, led = seen.page, set()
        page.locator("canvas").focus()
        page.keyboard.press("p")
        for key in ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"] * 8:
            page.keyboard.press(key)
            page.keyboard.press("Enter")
            link = page.locator("#values a")
            link.wait_for()
            led.add(link.get_attribute("href").split("/collections/")[1].split("/")[0])
        assert len(led) > 1
        assert seen.errors == []


def test_a_year_that_does_not_come_leaves_the_picture_of_it(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=segnalazioni_h3&lang=it")
        page = seen.page
        page.route("**/segnalazioni_h3_serie/**", lambda route: route.abort())
        page.select_option("#anno", "2022")
        page.locator(STATE, has_text="non si può caricare").wait_for()
        assert page.locator("#story").get_attribute("data-year") == "2022"
        assert page.locator("#figure svg").is_visible()
        assert not page.locator("#map").is_visible()


@pytest.mark.parametrize("family", ["segnalazioni_h3", "domanda_h3"])
def test_an_earlier_year_moves_as_its_table_says(chromium, demo_server, family):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer={family}&anno=2022&lang=it")
        page = seen.page
        page.locator("canvas").focus()
        page.keyboard.press("Home")
        row = page.locator("#table tr[aria-current]")
        row.wait_for()
        value = row.locator("td").last.inner_text()
        assert re.fullmatch(r"\d+ persone", value)
        assert value in page.locator("#live").inner_text()
        assert row.get_attribute("data-id") == page.locator(
            "#table tr[data-id]"
        ).first.get_attribute("data-id")


@pytest.mark.parametrize("query", ["layer=bisogni_h3&luogo=002156", "layer=bisogni_h3"])
def test_the_head_of_the_page_is_seen_above_the_picture(chromium, demo_server, query):
    with visit(chromium, scripts=False) as seen:
        seen.open(f"{demo_server.url}/embed?lang=it&{query}")
        clip = seen.page.locator(".map-head").bounding_box()
        with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning):
            head = colours(seen.page.screenshot(clip=clip))
        assert max(head, key=head.get) == "#17324d"


@pytest.mark.parametrize("width", [320, 640])
def test_the_first_view_of_a_narrow_screen_has_all_of_the_province(chromium, demo_server, width):
    with visit(chromium, width=width, height=640) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        page.wait_for_timeout(500)
        zoom, lat, _ = map(float, page.url.partition("#map=")[2].split("/"))
        box = page.locator("#map").bounding_box()
        # Degrees of longitude a pixel is wide, of latitude it is high.
        degrees = 360 / 512 / 2**zoom
        assert box["width"] * degrees > 0.8
        assert box["height"] * degrees * 0.7 > 0.85
        assert lat == pytest.approx(45.54, abs=0.08)


@pytest.mark.parametrize("query", ["layer=bisogni_h3", "comune=002156"])
def test_a_printed_map_is_small_enough_to_send(chromium, demo_server, query):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it&{query}")
        assert len(seen.page.pdf(format="A4")) < 2_000_000
