"""The map inside another site: its links lead somewhere, and the map stays where it is."""

from __future__ import annotations

import html
import re
import urllib.request
from contextlib import contextmanager

import pytest
from other_site import other_site

from checks.chromium import visit


@contextmanager
def page_with(folder, code):
    """Serve a page of another site with a snippet in it."""
    (folder / "index.html").write_text(f"<!doctype html><meta charset=utf-8>{code}", "utf-8")
    with other_site(folder) as host:
        yield f"http://{host}/"


def snippet(url, choice):
    """Return the code of the frame that the page for editors gives."""
    with urllib.request.urlopen(f"{url}/embed/crea?{choice}") as answer:
        text = answer.read().decode()
    return html.unescape(re.search(r"<code>(&lt;iframe.+?)</code>", text, re.DOTALL)[1])


def leads(seen, link):
    """Return the tab that a link opens, which must be a page."""
    with seen.page.expect_popup() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert opened.value.locator("h1").count() == 1
    return opened.value


LINKS = ("#story p > a", "#offices li a", "#opportunities li a", "#snippet", ".map-head h1 a")


@pytest.mark.parametrize("scripts", [True, False])
def test_links_open_beside_the_site_and_the_map_stays(chromium, demo_server, tmp_path, scripts):
    code = snippet(demo_server.url, "comune=002156&lang=it")
    with page_with(tmp_path, code) as site, visit(chromium, scripts=scripts) as seen:
        seen.open(site)
        frame = seen.page.frame_locator("iframe")
        if scripts:
            frame.locator("body[data-ready]").wait_for(state="attached")
        for selector in LINKS:
            page = leads(seen, frame.locator(selector).first)
            assert page.url.startswith(demo_server.url)
            page.close()
        frame.locator("#language").click()
        frame.get_by_role("link", name="Italiano").wait_for()
        assert frame.locator("#comune").input_value() == "002156"


def test_what_opens_is_as_free_as_any_page(chromium, demo_server, tmp_path):
    code = snippet(demo_server.url, "comune=002156&lang=it")
    with page_with(tmp_path, code) as site, visit(chromium) as seen:
        seen.open(site)
        sheet = leads(seen, seen.page.frame_locator("iframe").locator("#story p > a").first)
        with sheet.expect_download() as given:
            sheet.get_by_role("link", name="Le cifre in CSV").click()
        assert given.value.suggested_filename.endswith(".csv")


def test_a_page_of_an_error_leads_on_too(chromium, demo_server, tmp_path):
    code = snippet(demo_server.url, "lang=it").replace("/embed?", "/embed?comune=99&amp;")
    with page_with(tmp_path, code) as site, visit(chromium) as seen:
        seen.open(site)
        frame = seen.page.frame_locator("iframe")
        assert leads(seen, frame.get_by_role("link", name="Schede dei comuni")).url.endswith("it")
        frame.get_by_role("link", name="Apri la mappa").click()
        frame.locator("#legend").wait_for()


def test_where_nothing_is_around_it_links_stay_in_the_window(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?comune=002156&lang=it")
        seen.page.locator("#story p > a").first.click()
        seen.page.wait_for_url("**/comuni/002156**")
        assert len(seen.page.context.pages) == 1
