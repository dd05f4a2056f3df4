"""Takes the pictures of the map page and of the landing page, in the distribution's Chromium.

Usage: `python draw_mappa.py URL PICTURE`. Beside PICTURE (`mappa.png`) it writes
`mappa-valori.png`, `mappa-bisogni.png`, `mappa-incrocio.png`, `mappa-telefono.png` and
`inizio.png`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from checks.chromium import Visit, started, visit

CHROMIUM = "/usr/bin/chromium"
SETTLED_MS = 2_500
HEIGHT = 1060
"""Of the pictures of the whole page, CSS pixels: the legend is to be seen."""

NINE_CLASSES = 1400
"""Likewise where the legend has nine rows."""


def main() -> int:
    """Open each page, wait until nothing moves any more, take its picture."""
    url, picture = sys.argv[1], Path(sys.argv[2])
    with started(CHROMIUM) as browser:
        with visit(browser, height=HEIGHT) as seen:
            seen.open_map(f"{url}/embed/")
            _take(seen, picture)
            seen.page.locator("canvas").focus()
            for key in ("ArrowRight", "ArrowDown", "Enter"):
                seen.page.keyboard.press(key)
            _take(seen, _beside(picture, "-valori"))
            seen.open_map(f"{url}/embed/?lang=it#layer=bisogni_h3&field=n_anz&over=")
            _take(seen, _beside(picture, "-bisogni"))
            seen.open(f"{url}/?f=html")
            _take(seen, picture.with_name("inizio.png"))
        with visit(browser, height=NINE_CLASSES) as seen:
            seen.open_map(f"{url}/embed/?lang=it#layer=rischio_accesso_h3&field=classe&over=")
            _take(seen, _beside(picture, "-incrocio"))
        with visit(browser, width=390, height=844) as seen:
            seen.open_map(f"{url}/embed/")
            _take(seen, _beside(picture, "-telefono"))
    return 0


def _beside(picture: Path, suffix: str) -> Path:
    return picture.with_stem(picture.stem + suffix)


def _take(seen: Visit, target: Path) -> None:
    seen.page.wait_for_timeout(SETTLED_MS)
    seen.page.screenshot(path=target)


if __name__ == "__main__":
    sys.exit(main())
