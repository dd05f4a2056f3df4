"""The map as people use it: by keyboard, enlarged, in high contrast, inside other sites."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from other_site import other_site
from shown import colours

from checks.chromium import visit

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PAGES = (
    "/embed", "/embed/rischio_h3", "/embed?layer=bisogni_h3&comune=002156&lang=en",
    "/embed?luogo=002156&cerca=var", "/embed?comune=999999", "/embed/crea", "/comuni?f=html",
    "/comuni/002156?f=html", "/enti/VERCELLI?f=html&lang=en", "/accessibilita", "/?f=html",
    "/collections?f=html", "/collections/sedi?f=html", "/collections/sedi/items?f=html",
    "/collections/rischio_comuni/items/002156?f=html", "/disclosure?f=html", "/releases?f=html",
)  # fmt: skip
READ = "document.activeElement"


@pytest.fixture(scope="module")
def axe(root):
    path = root / "web/node_modules/axe-core/axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not installed: run `make web/node_modules/ready`")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_found_by_axe(chromium, demo_server, axe, path):
    with visit(chromium) as seen:
        (seen.open_map if path.startswith("/embed") and "crea" not in path and "999" not in path
         else seen.open)(f"{demo_server.url}{path}")  # fmt: skip
        seen.page.evaluate(axe)
        said = seen.page.evaluate(
            "rules => axe.run({runOnly: rules, iframes: false})", [*RULES, "best-practice"]
        )
    found = [
        (one["id"], [" ".join(node["target"]) for node in one["nodes"]][:3])
        for one in said["violations"]
    ]
    assert found == []
    assert len(said["passes"]) > 10


class Keys:
    """A keyboard that counts."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def __call__(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def focused(self):
        """Return role, name and description of what has the focus, as the browser tells them."""
        client = self.page.context.new_cdp_session(self.page)
        client.send("Accessibility.enable")
        handle = client.send("Runtime.evaluate", {"expression": READ})["result"]["objectId"]
        nodes = client.send("Accessibility.getPartialAXTree",
                            {"objectId": handle, "fetchRelatives": False})["nodes"]  # fmt: skip
        said = nodes[0]
        return {
            name: said.get(name, {}).get("value", "") for name in ("role", "name", "description")
        }


def test_the_municipality_with_most_areas_of_high_risk_is_heard_in_a_few_keys(
    chromium, demo_server, out
):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?layer=rischio_h3&lang=it")
        keys = Keys(seen.page)
        keys("Tab")
        first = keys.focused()
        keys("Enter")
        heard = keys.focused()
        shown = seen.page.locator("#by-town tbody tr").first.locator("th").inner_text()
    assert first["role"] == "link"
    assert heard["role"] == "region"
    assert "con più esagoni in «5 · molto alta»" in heard["description"]
    assert shown in heard["description"]
    assert keys.pressed <= 15
    said = f"domanda 1: {keys.pressed} tasti (Tab, Invio)\n  {first}\n  {heard}\n"
    (out / "accessibilita-1.txt").write_text(said, encoding="utf-8")


def test_the_nearest_office_and_its_hours_are_heard_in_fifteen_keys(chromium, demo_server, out):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        asked = []
        seen.page.on("request", lambda request: asked.append(request.url))
        keys = Keys(seen.page)
        keys("Tab", "Tab", "Enter")
        field = keys.focused()
        keys(*"Varallo", "Enter")
        seen.page.wait_for_function("() => document.activeElement.tagName === 'BUTTON'")
        choice = keys.focused()
        keys("Enter")
        seen.page.wait_for_function("() => document.activeElement.id === 'offices'")
        heard = keys.focused()
    assert field["role"] == "searchbox"
    assert choice == {"role": "button", "name": "Varallo", "description": ""}
    assert heard["name"] == "Le sedi più vicine: Varallo"
    assert " km" in heard["description"]
    assert "Orari: " in heard["description"]
    assert keys.pressed <= 15
    # What is looked for is told to nobody.
    assert not any("arallo" in url or "luogo" in url for url in asked)
    said = f"domanda 2: {keys.pressed} tasti (Tab, Tab, Invio, Varallo, Invio, Invio)\n"
    said += f"  {field}\n  {choice}\n  {heard}\n"
    (out / "accessibilita-2.txt").write_text(said, encoding="utf-8")


def test_a_place_that_was_found_stays_until_a_municipality_is_chosen(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed/?lang=it")
        page = seen.page
        page.fill("#cerca", "Trino")
        page.press("#cerca", "Enter")
        page.locator("#found button").first.click()
        heading = page.locator("#offices-title")
        page.locator("#offices-title", has_text="Trino").wait_for()
        near = page.locator("#offices li").first.text_content()
        page.select_option("#layer", "bisogni_h3")
        page.locator("#story[data-layer='bisogni_h3']").wait_for()
        page.locator("#offices-title", has_text="Trino").wait_for()
        assert page.locator("#offices li").first.text_content() == near
        page.select_option("#comune", "002156")
        page.locator("#story[data-town='002156']").wait_for()
        assert "Varallo" in heading.text_content()


def test_home_and_end_go_to_the_highest_and_lowest_value(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        names = seen.page.locator("#table tbody th").all_inner_texts()
        seen.page.locator("canvas").focus()
        for key, name in (("Home", names[0]), ("End", names[-1])):
            seen.page.keyboard.press(key)
            assert seen.page.locator("#live").inner_text().startswith(f"{name}.")
            marked = seen.page.locator("#table tr[aria-current] th")
            assert marked.all_inner_texts() == [name]


@pytest.mark.parametrize(
    "path",
    [
        "/embed?layer=rischio_h3&comune=002156",
        "/embed/crea",
        "/comuni/002156?f=html",
        "/embed?comune=9",
    ],
)
@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400)])
def test_narrow_or_enlarged_pages_need_no_sideways_scrolling(
    chromium, demo_server, path, width, height
):
    with visit(chromium, width=width, height=height) as seen:
        seen.open(f"{demo_server.url}{path}")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_touched_is_large_enough(chromium, demo_server):
    with visit(chromium, width=390, height=844) as seen:
        seen.open_map(f"{demo_server.url}/embed")
        small = seen.page.evaluate("""() => [...document.querySelectorAll(
            "button, select, summary, label:has(input), input[type=search], .map-head a")]
          .filter((node) => node.offsetParent !== null)
          .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)""")
    assert small == []


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # a screenshot
def test_classes_keep_their_colours_in_forced_colours(chromium, demo_server):
    context = chromium.new_context(forced_colors="active", java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{demo_server.url}/embed")
        painted = colours(page.locator("#figure svg").screenshot())
    finally:
        context.close()
    classes = {c.colour for c in demo_server.release.manifest.styles["rischio_comuni"].classes}
    assert sum(painted.get(colour, 0) > 200 for colour in classes) >= 2


def test_the_sample_page_of_a_strict_site_shows_all_three_forms(
    chromium, demo_server, root, tmp_path, out
):
    text = (root / "docs/esempi/comune.html").read_text(encoding="utf-8")
    own = urlsplit(demo_server.url).netloc
    (tmp_path / "index.html").write_text(text.replace("127.0.0.1:8000", own), encoding="utf-8")
    with other_site(tmp_path) as site, visit(chromium, width=500, height=900) as seen:
        seen.open(f"http://{site}/")
        element = seen.page.frame_locator("atlante-mappa iframe")
        element.locator("body[data-ready]").wait_for(state="attached")
        seen.page.wait_for_function(
            "() => Number(document.querySelector('atlante-mappa iframe').height) > 700"
        )
        frame = seen.page.locator("main > iframe")
        frame.scroll_into_view_if_needed()
        seen.page.frame_locator("main > iframe").locator("body[data-ready]").wait_for(
            state="attached"
        )
        assert seen.page.locator("img").evaluate("image => image.naturalWidth") > 0
        seen.page.screenshot(path=out / "sito-comunale.png", full_page=True)
        assert seen.errors == []
        assert seen.failed == []
        assert seen.hosts == {own, site}


def test_the_element_listens_to_its_own_map_alone(chromium, demo_server, tmp_path):
    body = (
        '<!doctype html><link rel="icon" href="data:,">'
        f'<script type="module" src="{demo_server.url}/embed/atlante-mappa.js"></script>'
        f'<atlante-mappa src="{demo_server.url}/embed?comune=9" altezza="333">x</atlante-mappa>'
        '<atlante-mappa id="bad" src="javascript:alert(1)">x</atlante-mappa>'
    )
    (tmp_path / "index.html").write_text(body, encoding="utf-8")
    with other_site(tmp_path) as site, visit(chromium) as seen:
        seen.page.add_init_script(
            "window.told = [];"
            "addEventListener('atlante-error', (event) => told.push(event.detail), true)"
        )
        seen.open(f"http://{site}/")
        seen.page.wait_for_function("() => told.some((text) => text.includes('comune'))")
        assert seen.page.evaluate("told.filter((text) => text === 'src').length") == 1
        height = "document.querySelector('iframe').height"
        seen.page.wait_for_function(f"() => {height} !== '333'")
        seen.page.evaluate("window.postMessage({type: 'atlante:height', height: 9999}, '*')")
        seen.page.wait_for_timeout(200)
        assert 100 < int(seen.page.evaluate(height)) < 1000
        assert seen.page.locator("#bad iframe").count() == 0
        assert seen.page.locator("#bad").text_content() == "x"


def test_a_minute_of_use_tells_nobody_anything_and_leaves_nothing(chromium, demo_server):
    with visit(chromium) as seen:
        seen.open_map(f"{demo_server.url}/embed?lang=it")
        page, pause = seen.page, 4_000
        canvas = page.locator("canvas")
        for _ in range(2):
            for key in ("+", "ArrowRight", "Enter", "Escape", "Shift+ArrowDown", "p", "Enter", "-"):
                canvas.focus()
                page.keyboard.press(key)
                page.wait_for_timeout(pause // 2)
            for family in ("bisogni_h3", "rischio_comuni"):
                page.select_option("#layer", family)
                page.wait_for_timeout(pause)
            page.fill("#cerca", "Vercelli")
            page.press("#cerca", "Enter")
            page.wait_for_timeout(pause)
            page.locator("#found button").first.click()
            page.wait_for_timeout(pause)
        assert seen.errors == []
        assert seen.failed == []
        assert seen.hosts == {urlsplit(demo_server.url).netloc}
        assert page.context.cookies() == []
        kept = "localStorage.length + sessionStorage.length"
        assert page.evaluate(kept) == 0
        assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0
        assert page.evaluate("caches.keys().then((found) => found.length)") == 0


def test_the_element_waits_for_an_address_and_lives_through_a_move(chromium, demo_server, tmp_path):
    body = (
        '<!doctype html><link rel="icon" href="data:,">'
        f'<script type="module" src="{demo_server.url}/embed/atlante-mappa.js"></script>'
        "<main><atlante-mappa>In arrivo</atlante-mappa></main><aside></aside>"
    )
    (tmp_path / "index.html").write_text(body, encoding="utf-8")
    give = "(url) => document.querySelector('atlante-mappa').setAttribute('src', url)"
    move = "() => document.querySelector('aside').append(document.querySelector('atlante-mappa'))"
    with other_site(tmp_path) as site, visit(chromium) as seen:
        page = seen.page
        seen.open(f"http://{site}/")
        page.wait_for_function("() => customElements.get('atlante-mappa')")
        assert page.locator("iframe").count() == 0
        assert page.locator("atlante-mappa").text_content() == "In arrivo"
        page.evaluate(give, f"{demo_server.url}/embed?lang=it")
        page.frame_locator("iframe").locator("#legend").wait_for()
        page.evaluate(move)
        page.frame_locator("aside iframe").locator("#legend").wait_for()
        assert page.locator("iframe").count() == 1
