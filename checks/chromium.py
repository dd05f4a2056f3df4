"""Drives the distribution's Chromium, headless, and watches what it asks for.

Software rendering draws WebGL without a graphics card; every service of the browser's own that
would speak to its maker is off, so that a request to another host is the page's doing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, sync_playwright

READY = "body[data-ready]"
"""What the map page matches once everything on it is drawn."""

_FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
_LOCAL = {"data", "blob", "about"}
_TIMEOUT_MS = 60_000


@dataclass
class Visit:
    """A page, and what happened while it was open.

    Attributes
    ----------
    errors : list of str
        Errors of the console, exceptions, and violations of the content security policy.
    hosts : set of str
        Host and port of every request over the network.
    failed : list of str
        Addresses answered with 400 or above, or not at all unless the page gave up asking.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Go to an address and wait until the page has loaded."""
        self.page.goto(url, wait_until="load")

    def open_map(self, url: str) -> None:
        """Go to a map page and wait until the map is drawn."""
        self.open(url)
        self.page.wait_for_selector(READY, state="attached")


@contextmanager
def started(executable: str, *flags: str) -> Iterator[Browser]:
    """Start a browser, for any number of visits.

    Parameters
    ----------
    executable : str
        Path of Chromium.
    *flags : str
        Switches beside those it always gets.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*_FLAGS, *flags])
        yield browser
        browser.close()


@contextmanager
def visit(
    browser: Browser, *, width: int = 1280, height: int = 800, scripts: bool = True
) -> Iterator[Visit]:
    """Open one empty page, for a visitor of whom the browser knows nothing.

    Parameters
    ----------
    browser : Browser
        From `started`. What one visit stores no other sees.
    width, height : int
        Size of the window, CSS pixels.
    scripts : bool
        False for a visitor without JavaScript.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        locale="it-IT",
        reduced_motion="reduce",
    )
    try:
        page = context.new_page()
        page.set_default_timeout(_TIMEOUT_MS)
        yield _watched(Visit(page))
    finally:
        context.close()


def _watched(seen: Visit) -> Visit:
    page = seen.page
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: _note_host(seen, request.url))
    page.on("requestfailed", lambda request: _note_failure(seen, request))
    page.on("response", lambda r: seen.failed.append(r.url) if r.status >= 400 else None)
    return seen


def _note_failure(seen: Visit, request: Request) -> None:
    # A map that moves on gives up tiles it no longer needs: that is not a failure.
    if request.failure != "net::ERR_ABORTED":
        seen.failed.append(request.url)


def _note_host(seen: Visit, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in _LOCAL:
        seen.hosts.add(parts.netloc)
