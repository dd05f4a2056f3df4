"""Takes the picture of the map page for the README, in the distribution's Chromium.

Usage: `python draw_mappa.py URL PICTURE`.
"""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

# Software drawing, and none of the requests a browser makes on its own account.
FLAGS = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


def main() -> int:
    """Open the page, wait until nothing moves any more, take the picture."""
    url, picture = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="it-IT")
        page.goto(f"{url}/embed/", wait_until="networkidle")
        page.wait_for_timeout(3000)
        page.screenshot(path=picture)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
