"""The map and the landing page in Chromium: drawn, silent, usable by keyboard, and private."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from other_site import other_site
from shown import colours

from api.answers import Answers
from api.embed.figures import Figures
from api.embed.view import view
from api.served import open_served
from api.settings import Settings
from checks.chromium import visit

NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"


@pytest.fixture(scope="module")
def figures(demo_server):
    """Return what the first view says, from the release."""
    release = demo_server.release
    served = open_served(release, Settings(public_url=demo_server.url), Answers(0))
    return Figures(view(served, {}), "it")


@pytest.fixture
def seen(chromium, demo_server):
    """Return a visit that must end without an error, a failure or a word to anybody else."""
    with visit(chromium) as page:
        yield page
        assert page.errors == []
        assert page.failed == []
        assert page.hosts == {urlsplit(demo_server.url).netloc}
        assert page.page.context.cookies() == []
        assert page.page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # a screenshot
@pytest.mark.parametrize(
    "family", ["rischio_comuni", "rischio_h3", "bisogni_h3", "offerta_h3", "popolazione_h3"]
)
def test_the_map_shows_the_classes_of_its_legend(seen, demo_server, out, family):
    seen.open_map(f"{demo_server.url}/embed/?layer={family}")
    picture = seen.page.locator("canvas").screenshot(path=out / f"mappa-{family}.png")
    classes = {c.colour for c in demo_server.release.manifest.styles[family].classes}
    painted = colours(picture)
    assert sum(painted.get(c, 0) > 200 for c in classes) >= 2


def test_arrow_keys_read_the_true_values(seen, demo_server, figures):
    truth = {line.name: line for line in figures.lines}
    seen.open_map(f"{demo_server.url}/embed/")
    seen.page.locator("canvas").focus()
    said = []
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        seen.page.keyboard.press(key)
        said.append(seen.page.locator("#live").inner_text())
        name = said[-1].split(".")[0]
        assert truth[name].row.title.it in said[-1]
        assert ("affidabilità bassa" in said[-1]) == truth[name].unreliable
    assert len(set(said)) >= 4
    assert seen.page.locator("#values").is_hidden()
    seen.page.keyboard.press("Enter")
    assert seen.page.locator("#values h2").inner_text() == name
    assert truth[name].row.title.it in seen.page.locator("#values dd.main").inner_text()
    seen.page.keyboard.press("Escape")
    assert seen.page.locator("#values").is_hidden()


def test_hexagons_are_reached_by_keyboard_and_named_by_their_municipality(seen, demo_server):
    seen.open_map(f"{demo_server.url}/embed/?layer=bisogni_h3&field=n_fam")
    seen.page.locator("canvas").focus()
    for key in ("ArrowRight", "ArrowLeft"):
        seen.page.keyboard.press(key)
        assert seen.page.locator("#live").inner_text().startswith("Esagono")
        assert "Famiglia e minori" in seen.page.locator("#live").inner_text()


def test_offices_are_reached_by_keyboard(seen, demo_server):
    offices = {line["properties"]["nome"] for line in items(demo_server, "sedi")}
    seen.open_map(f"{demo_server.url}/embed/")
    seen.page.locator("canvas").focus()
    said = []
    for key in ("ArrowRight", "p", "ArrowDown", "ArrowDown"):
        seen.page.keyboard.press(key)
        said.append(seen.page.locator("#live").inner_text())
    assert not any(name in said[0] for name in offices)
    assert all(any(name in text for name in offices) for text in said[1:])
    assert len(set(said)) >= 3
    seen.page.keyboard.press("Enter")
    assert seen.page.locator("#values h2").inner_text() in offices
    seen.page.keyboard.press("p")
    assert not any(name in seen.page.locator("#live").inner_text() for name in offices)


def items(server, collection):
    with urllib.request.urlopen(f"{server.url}/collections/{collection}/items") as answer:
        return json.load(answer)["features"]


def choose(seen, name, value):
    """Choose something in the form, and wait until the page has followed."""
    before = seen.page.url
    seen.page.select_option(f"#{name}", value)
    seen.page.wait_for_function("before => location.href !== before", arg=before)


def test_legend_and_address_follow_the_choice(seen, demo_server):
    seen.open_map(f"{demo_server.url}/embed/")
    choose(seen, "layer", "bisogni_h3")
    choose(seen, "field", "n_dis")
    assert "Da 0 a 4" in seen.page.locator("#legend").inner_text()
    assert "Persone con disabilità" in seen.page.locator("#story h2").inner_text()
    assert seen.page.evaluate("document.activeElement.id") == "field"
    shared = seen.page.url
    assert "layer=bisogni_h3" in shared
    assert "field=n_dis" in shared
    seen.open("about:blank")
    seen.open_map(shared)
    assert seen.page.locator("#field").input_value() == "n_dis"


def test_the_map_speaks_the_language_of_the_page(seen, demo_server):
    for lang, zoom in (("it", "Ingrandisci"), ("en", "Zoom in")):
        seen.open_map(f"{demo_server.url}/embed/?lang={lang}")
        assert seen.page.locator("html").get_attribute("lang") == lang
        assert seen.page.locator(".maplibregl-ctrl-zoom-in").get_attribute("aria-label") == zoom


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 800), (390, 844)])
def test_the_map_names_its_sources_where_they_are_seen(chromium, demo_server, width, height):
    layers = {i.layer.family: i.layer for i in demo_server.release.manifest.collections}
    with visit(chromium, width=width, height=height) as seen:
        seen.open_map(f"{demo_server.url}/embed/?layer=bisogni_h3")
        credit = seen.page.locator("#credit")
        assert credit.is_hidden()
        seen.page.get_by_text("Fonti e licenze", exact=True).click()
        for family in ("bisogni_h3", "rischio_comuni"):
            if seen.page.locator("#layer").input_value() != family:
                choose(seen, "layer", family)
            assert layers[family].attribution in credit.inner_text()
            box = credit.bounding_box()
            assert box["y"] + box["height"] <= height
            assert box["x"] + box["width"] <= width


def test_the_table_is_never_that_of_another_layer(seen, demo_server):
    seen.open_map(f"{demo_server.url}/embed/")
    for family in ("bisogni_h3", "offerta_h3", "rischio_comuni"):
        choose(seen, "layer", family)
        layers = [i.layer for i in demo_server.release.manifest.collections]
        titles = {layer.title.it for layer in layers if layer.family == family}
        assert seen.page.locator("#table caption").inner_text() in titles


@pytest.mark.parametrize("path", ["/embed/", "/?f=html", "/collections?f=html"])
def test_a_narrow_screen_needs_no_sideways_scrolling(chromium, demo_server, path):
    with visit(chromium, width=320, height=640) as seen:
        seen.open(f"{demo_server.url}{path}")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 320


def test_without_scripts_map_legend_and_table_remain(chromium, demo_server, figures):
    with visit(chromium, scripts=False) as seen:
        seen.open(f"{demo_server.url}/embed/")
        assert seen.page.locator("#map").is_hidden()
        assert seen.page.locator("#figure svg").is_visible()
        rows = seen.page.locator("#table tbody th")
        assert rows.all_inner_texts() == [line.name for line in figures.lines]
        assert seen.page.locator("#legend li").count() >= len(figures.legend)


def test_without_webgl_the_page_says_so_and_shows_the_table(chromium, demo_server):
    with visit(chromium) as seen:
        seen.page.add_init_script(NO_WEBGL)
        seen.open(f"{demo_server.url}/embed/")
        seen.page.get_by_text("non può disegnare la mappa").wait_for()
        assert seen.page.locator("#table tbody th").first.is_visible()
        assert seen.page.locator("#figure svg").is_visible()


@contextmanager
def municipal_site(folder, body):
    """Serve one page on a port of its own, which makes it another origin."""
    (folder / "index.html").write_text(f'<link rel="icon" href="data:,">{body}', encoding="utf-8")
    with other_site(folder) as host:
        yield host


@pytest.mark.parametrize("sandbox", ["allow-scripts allow-same-origin", "allow-scripts"])
def test_a_frame_in_another_site_shows_the_map_or_says_why_not(
    chromium, demo_server, tmp_path, sandbox
):
    frame = f'<iframe sandbox="{sandbox}" src="{demo_server.url}/embed/" width="800" height="600">'
    with municipal_site(tmp_path, frame) as site, visit(chromium) as seen:
        seen.open(f"http://{site}/")
        inside = seen.page.frame_locator("iframe")
        if "allow-same-origin" in sandbox:
            inside.locator("body[data-ready]").wait_for(state="attached")
        else:
            inside.get_by_text("non permette di disegnare la mappa").wait_for()
            assert inside.locator("#table tbody th").first.is_visible()
        assert seen.errors == []
        assert seen.hosts == {urlsplit(demo_server.url).netloc, site}


def test_the_landing_page_leads_to_the_map(seen, demo_server):
    seen.open(f"{demo_server.url}/?f=html")
    assert "Vercelli" in seen.page.locator("h1").inner_text()
    seen.page.get_by_role("link", name="Apri la mappa").click()
    seen.page.wait_for_selector("body[data-ready]", state="attached")
