"""Takes the pictures of the map page and of the landing page, in the distribution's Chromium.

Usage: `python draw_mappa.py URL PICTURE`. Beside PICTURE (`mappa.png`) it writes
`mappa-valori.png`, `mappa-bisogni.png`, `mappa-incrocio.png`, `mappa-telefono.png`,
`mappa-senza-script.png`, `mappa-grigia.png`, `mappa-comune.png`, `inizio.png`, `scheda.png` and
`sito-comunale.png`.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import rasterio

from checks.chromium import Visit, started, visit

CHROMIUM = "/usr/bin/chromium"
SETTLED_MS = 2_500
HEIGHT = 1060
"""Of the pictures of the whole page, CSS pixels: the legend is to be seen."""

SAMPLE = Path(__file__).parents[1] / "esempi" / "comune.html"

NINE_CLASSES = 1400
"""Likewise where the legend has nine rows."""


def main() -> int:
    """Open each page, wait until nothing moves any more, take its picture."""
    url, picture = sys.argv[1], Path(sys.argv[2])
    with started(CHROMIUM) as browser:
        with visit(browser, height=HEIGHT) as seen:
            _moving(seen, url, picture)
        with visit(browser, height=NINE_CLASSES) as seen:
            seen.open_map(f"{url}/embed/?lang=it&layer=rischio_accesso_h3")
            _take(seen, _beside(picture, "-incrocio"))
        with visit(browser, width=390, height=844) as seen:
            seen.open_map(f"{url}/embed/")
            _take(seen, _beside(picture, "-telefono"))
        with visit(browser, height=HEIGHT, scripts=False) as seen:
            _still(seen, url, picture)
        with visit(browser, width=760, height=1000) as seen:
            _framed(seen, url, picture.with_name("sito-comunale.png"))
    _greyed(picture, _beside(picture, "-grigia"))
    return 0


def _moving(seen: Visit, url: str, picture: Path) -> None:
    """Take the pictures of the map that moves."""
    seen.open_map(f"{url}/embed/")
    _take(seen, picture)
    seen.page.locator("canvas").focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        seen.page.keyboard.press(key)
    _take(seen, _beside(picture, "-valori"))
    seen.open_map(f"{url}/embed/?lang=it&layer=bisogni_h3&field=n_anz")
    _take(seen, _beside(picture, "-bisogni"))
    seen.open(f"{url}/?f=html")
    _take(seen, picture.with_name("inizio.png"))
    seen.open(f"{url}/comuni/002156?f=html")
    _take(seen, picture.with_name("scheda.png"))


def _still(seen: Visit, url: str, picture: Path) -> None:
    """Take the pictures of the page where no script runs."""
    seen.open(f"{url}/embed?lang=it")
    _take(seen, _beside(picture, "-senza-script"))
    seen.open(f"{url}/embed?lang=it&layer=bisogni_h3&comune=002156&sedi=1")
    _take(seen, _beside(picture, "-comune"))


def _framed(seen: Visit, url: str, target: Path) -> None:
    """Take the picture of the sample page of a municipality, served from another port."""
    text = SAMPLE.read_text(encoding="utf-8").replace("http://127.0.0.1:8000", url)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "index.html").write_text(text, encoding="utf-8")
        handler = partial(SimpleHTTPRequestHandler, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            seen.open(f"http://127.0.0.1:{server.server_port}/")
            inside = seen.page.frame_locator("atlante-mappa iframe")
            inside.locator("body[data-ready]").wait_for(state="attached")
            _take(seen, target)
            server.shutdown()


def _greyed(picture: Path, target: Path) -> None:
    """Write a picture without its colours: lightness alone must tell the classes apart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(picture) as source:
            red, green, blue = source.read([1, 2, 3]).astype(float)
        grey = np.rint(0.2126 * red + 0.7152 * green + 0.0722 * blue).astype("uint8")
        size = {"height": grey.shape[0], "width": grey.shape[1], "count": 1, "dtype": "uint8"}
        with rasterio.open(target, "w", driver="PNG", **size) as file:
            file.write(grey, 1)


def _beside(picture: Path, suffix: str) -> Path:
    return picture.with_stem(picture.stem + suffix)


def _take(seen: Visit, target: Path) -> None:
    seen.page.wait_for_timeout(SETTLED_MS)
    seen.page.screenshot(path=target)


if __name__ == "__main__":
    sys.exit(main())
