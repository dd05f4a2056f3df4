"""The map while things happen at once: what is left is not waited for, and never drawn."""

from __future__ import annotations

import pytest

from checks.chromium import visit

STATE = "#state:not([hidden])"
FAILED = "non si può caricare"
SERIES = "**/segnalazioni_h3_serie/**"


def hold(page, pattern):
    """Keep what is asked for; return the list of it."""
    held = []

    def keep(route):  # of a method of a list nobody can tell what it takes
        held.append(route)

    page.route(pattern, keep)
    return held


def wait_for(page, held):
    """Wait until something is held."""
    for _ in range(100):
        if held:
            return
        page.wait_for_timeout(100)
    pytest.fail("nothing was asked for")


def let_go(page, pattern, held):
    for route in held:  # before the pattern is left, which would let them go by itself
        route.continue_()
    page.unroute(pattern)


def of_page(layer):
    """Return a pattern for the page of a layer, not for its data."""
    return f"**/embed?*layer={layer}*"


def position(page):
    """Return zoom, latitude and longitude of the address."""
    return [float(part) for part in page.url.partition("#map=")[2].split("/")]


def picked(page):
    """Return the id of the most severe area as the table and the map know it."""
    row = page.locator("#table tr[aria-current]")
    for _ in range(40):  # until the areas are drawn
        page.locator("canvas").focus()
        page.keyboard.press("Home")
        if row.count():
            return row.get_attribute("data-id")
        page.wait_for_timeout(250)
    pytest.fail("the map has no area")


def test_tiles_that_come_after_a_failure_change_nothing(chromium, demo_server):
    with visit(chromium) as seen:
        page = seen.page
        held = hold(page, "**/*.mvt")
        seen.open(f"{demo_server.url}/embed?layer=segnalazioni_h3&lang=it")
        wait_for(page, held)
        page.wait_for_timeout(1_000)
        page.route(SERIES, lambda route: route.abort())
        page.select_option("#anno", "2022")
        page.locator(STATE, has_text=FAILED).wait_for()
        let_go(page, "**/*.mvt", held)
        page.wait_for_timeout(2_000)
        assert page.locator("body[data-ready]").count() == 0
        assert page.locator("#figure svg").is_visible()
        assert not page.locator("#map").is_visible()
        assert FAILED in page.locator(STATE).text_content()


def test_what_is_chosen_while_an_earlier_year_loads_is_drawn(chromium, demo_server):
    with visit(chromium) as seen:
        page = seen.page
        held = hold(page, SERIES)
        seen.open(f"{demo_server.url}/embed?layer=segnalazioni_h3&anno=2022&lang=it")
        wait_for(page, held)
        page.select_option("#layer", "domanda_h3")
        page.locator("#story[data-layer='domanda_h3']").wait_for()
        page.select_option("#anno", "2022")
        page.locator("#story[data-layer='domanda_h3'][data-year='2022']").wait_for()
        let_go(page, SERIES, held)
        page.wait_for_selector("body[data-ready]", state="attached")
        first = page.locator("#table tr[data-id]").first.get_attribute("data-id")
        assert picked(page) == first
        assert seen.errors == []


def test_the_failure_of_a_layer_that_was_left_is_nothing(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=segnalazioni_h3&lang=it")
        page = seen.page
        held = hold(page, SERIES)
        page.select_option("#anno", "2022")
        page.locator("#story[data-year='2022']").wait_for()
        wait_for(page, held)
        page.select_option("#layer", "rischio_comuni")
        page.locator("#story[data-layer='rischio_comuni']").wait_for()
        for route in held:
            route.abort()
        page.wait_for_timeout(500)
        assert page.locator(STATE).count() == 0
        assert page.locator("#map").is_visible()
        assert picked(page) == page.locator("#table tr[data-id]").first.get_attribute("data-id")


def test_the_last_of_two_choices_wins_whichever_page_comes_first(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        held = hold(page, of_page("bisogni_h3"))
        page.select_option("#layer", "bisogni_h3")
        wait_for(page, held)
        page.select_option("#layer", "rischio_h3")
        page.locator("#story[data-layer='rischio_h3']").wait_for()
        let_go(page, of_page("bisogni_h3"), held)
        page.wait_for_timeout(1_000)
        assert page.locator("#story").get_attribute("data-layer") == "rischio_h3"
        assert "layer=rischio_h3" in page.url


def test_coming_back_before_the_page_came_leaves_all_as_it_is(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=bisogni_h3&lang=it")
        page = seen.page
        page.select_option("#layer", "rischio_h3")
        page.locator("#story[data-layer='rischio_h3']").wait_for()
        address = page.url
        held = hold(page, of_page("bisogni_h3"))
        page.evaluate("history.back()")
        wait_for(page, held)
        page.evaluate("history.forward()")
        page.wait_for_function("() => location.search.includes('rischio_h3')")
        let_go(page, of_page("bisogni_h3"), held)
        page.wait_for_timeout(1_000)
        assert page.url == address
        assert page.locator("#story").get_attribute("data-layer") == "rischio_h3"


def test_where_going_back_fails_the_address_stays_that_of_the_page(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=bisogni_h3&lang=it")
        page = seen.page
        page.select_option("#layer", "rischio_h3")
        page.locator("#story[data-layer='rischio_h3']").wait_for()
        page.route(of_page("bisogni_h3"), lambda route: route.abort())
        page.evaluate("history.back()")
        page.locator(STATE, has_text="Resta quella di prima").wait_for()
        assert "layer=rischio_h3" in page.url
        assert page.locator("#layer").input_value() == "rischio_h3"
        assert "layer=rischio_h3" in page.locator("#share").get_attribute("href")
        page.unroute(of_page("bisogni_h3"))
        page.select_option("#layer", "bisogni_h3")
        page.locator("#story[data-layer='bisogni_h3']").wait_for()
        page.locator(STATE).wait_for(state="detached")


def test_a_message_goes_when_it_is_no_longer_true(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page = seen.page
        page.context.set_offline(True)
        page.locator(STATE, has_text="Non c'è rete").wait_for()
        page.context.set_offline(False)
        page.locator(STATE).wait_for(state="detached")
        page.route("**/luoghi.json*", lambda route: route.abort())
        page.fill("#cerca", "Varallo")
        page.press("#cerca", "Enter")
        page.locator(STATE, has_text="elenco dei luoghi").wait_for()
        page.unroute("**/luoghi.json*")
        page.press("#cerca", "Enter")
        page.locator("#found button").first.wait_for()
        page.locator(STATE).wait_for(state="detached")


def test_the_map_goes_where_the_address_looked(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=rischio_comuni&luogo=002156&lang=it")
        page = seen.page
        zoom, lat, lon = position(page)
        assert zoom == 11
        assert (lat, lon) == pytest.approx((45.82, 8.25), abs=0.03)
        page.fill("#cerca", "Trino")
        page.press("#cerca", "Enter")
        page.locator("#found button").first.click()
        page.locator("#offices-title", has_text="Trino").wait_for()
        listed = page.request.get(f"{demo_server.url}/embed/luoghi.json").json()["places"]
        lon, lat = next(one[5:7] for one in listed if one[1:3] == ["Trino", "comune"])
        page.wait_for_function(
            "(lat) => Math.abs(location.hash.split('/')[1] - lat) < 0.001", arg=lat
        )
        assert position(page) == pytest.approx([11, lat, lon], abs=0.001)
        # The place of the address is left with it.
        for ident in ("share", "snippet", "language", "leave"):
            assert "luogo" not in page.locator(f"#{ident}").get_attribute("href"), ident
        assert "luogo" not in page.url
        page.select_option("#layer", "bisogni_h3")
        page.locator("#story[data-layer='bisogni_h3']").wait_for()
        page.locator("#offices-title", has_text="Trino").wait_for()
        assert page.locator("#leave").is_visible()
        page.select_option("#comune", "002156")
        page.locator("#story[data-town='002156']").wait_for()
        page.wait_for_function("() => Number(location.hash.split('/')[1]) > 45.7")
        assert not page.locator("#leave").is_visible()


def test_what_is_shared_says_where_the_map_is_after_every_choice(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it#map=10.00/45.5000/8.4000")
        page = seen.page
        for box in ("patti", "opportunita"):
            page.check(f"input[name={box}]")
            page.wait_for_function(f"() => location.search.includes('{box}=1')")
            page.wait_for_timeout(300)
            for ident in ("share", "language"):
                href = page.locator(f"#{ident}").get_attribute("href")
                assert href.endswith("#map=10.00/45.5000/8.4000"), ident
                assert f"{box}=1" in href
        assert page.url.endswith("#map=10.00/45.5000/8.4000")
        page.goto(page.locator("#language").get_attribute("href"))
        page.wait_for_selector("body[data-ready]", state="attached")
        assert page.url.endswith("#map=10.00/45.5000/8.4000")


def test_a_position_that_is_none_is_not_gone_to(chromium, demo_server):
    for wrong in ("map=99/45/8", "map=9/95/8", "map=9/45/888", "map=x/y/z", "map="):
        with visit(chromium) as seen:
            seen.open_map(f"{demo_server.url}/embed?lang=it#{wrong}")
            assert position(seen.page)[1:] == pytest.approx([45.54, 8.25], abs=0.15)
            assert seen.errors == []
