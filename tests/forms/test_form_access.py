"""Who can use the form, and what it can reach: names, contrast, narrow screens, no network."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from checks.chromium import visit
from geo_core.forms.html import PAGE


@pytest.mark.parametrize("name", ["rilevazioni", "sedi"])
def test_every_control_has_a_name_for_a_screen_reader(seen, pages, name):
    page = seen.page
    seen.open(pages[name])
    page.locator("#map-svg [aria-label=Vercelli]").click()
    tree = page.locator("body").aria_snapshot()
    controls = re.findall(r"- (textbox|combobox|checkbox|button|listbox|option|group)\b(.*)", tree)
    assert len(controls) > 30
    nameless = [c for c in controls if not re.match(r' "[^"]', c[1])]
    assert nameless == [("group", ": Come si usa, e che cosa resta dove")]
    assert f'heading "{page.locator("h1").inner_text()}" [level=1]' in tree
    assert 'combobox "Tipo di sede"' in tree or 'group "Bisogni (al massimo 3)"' in tree
    assert page.locator("html").get_attribute("lang") == "it"


def test_errors_are_tied_to_their_controls(seen, pages):
    page = seen.page
    seen.open(pages["rilevazioni"])
    page.locator("#add").click()
    for control in page.locator("[aria-invalid=true]").all():
        described = control.get_attribute("aria-describedby").split()[-1]
        assert page.locator(f"#{described}").inner_text().strip()
    assert page.locator("[aria-invalid=true]").count() == 4


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize("name", ["rilevazioni", "sedi"])
def test_a_phone_and_twofold_zoom_need_no_sideways_scrolling(chromium, pages, out, name, width):
    with visit(chromium, width=width, height=800) as seen:
        seen.open(pages[name])
        seen.page.locator("#map-svg [aria-label=Vercelli]").click()
        seen.page.locator("#add").click()
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        seen.page.screenshot(path=out / f"modulo-{name}-{width}.png", full_page=True)
        small = (
            "[...document.querySelectorAll('button, select, input:not(.file)')].filter((e) => "
            "e.offsetParent && e.getBoundingClientRect().height < 24).length"
        )
        assert seen.page.evaluate(small) == 0


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_texts_stand_out_from_what_is_behind_them():
    style = (PAGE / "form.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    hint = re.search(r"\.hint \{[^}]*color: (#[0-9a-f]{6})", style)[1]
    for text in (colours["ink"], colours["accent"], colours["bad"], hint):
        for behind in ("#ffffff", colours["soft"], "#fdecee"):
            assert (luminance(behind) + 0.05) / (luminance(text) + 0.05) >= 4.5, (text, behind)
    assert (1.05) / (luminance(colours["line"]) + 0.05) >= 3


def test_the_page_can_reach_nothing_and_nobody(chromium, pages):
    page_text = Path(pages["sedi"].removeprefix("file://")).read_text(encoding="utf-8")
    assert "<b>uno</b>" not in page_text
    assert re.findall(r'(?:src|href|action)="(?!data:,|#)', page_text) == []
    assert "unsafe" not in page_text.partition("</head>")[0].partition("Content-Security")[2][:600]
    attempts = """async (url) => {
      const add = (tag, more) =>
        document.body.append(Object.assign(document.createElement(tag), more));
      const image = Object.assign(new Image(), { src: `${url}x.png` });
      await new Promise((done) => { image.onerror = image.onload = done; });
      add("link", { rel: "stylesheet", href: `${url}x.css` });
      add("script", { textContent: "window.ran = true" });
      navigator.sendBeacon(url);
      return (await fetch(url).then(() => true, () => false)) || window.ran === true;
    }"""
    with visit(chromium) as seen, socket.create_server(("127.0.0.1", 0)) as nobody:
        seen.open(pages["sedi"])
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        assert seen.page.evaluate(attempts, url) is False
        assert sum("Content Security Policy" in text for text in seen.errors) >= 4
        nobody.settimeout(0.5)
        with pytest.raises(TimeoutError):
            nobody.accept()


@pytest.mark.parametrize("tag", ["iframe", "object", "embed", "form"])
def test_nothing_is_sent_by_what_is_embedded(chromium, pages, tag):
    """Chromium connects ahead of every frame, before it asks the policy; it must send nothing."""
    attempt = """([tag, url]) => {
      const made = document.createElement(tag);
      Object.assign(made, { src: url, data: url, action: url, method: "post" });
      document.body.append(made);
      if (tag === "form") made.submit();
    }"""
    with visit(chromium) as seen, socket.create_server(("127.0.0.1", 0)) as nobody:
        seen.open(pages["sedi"])
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        seen.page.evaluate(attempt, [tag, url])
        seen.page.wait_for_timeout(1_500)
        nobody.settimeout(0.5)
        assert sent(nobody) == b""
        assert url not in {frame.url for frame in seen.page.frames}


def sent(server):
    """Return what whoever has connected to a server has sent it so far."""
    try:
        connection, _address = server.accept()
    except TimeoutError:
        return b""
    with connection:
        connection.settimeout(0.5)
        try:
            return connection.recv(100)
        except TimeoutError:
            return b""
