"""Draws one collection in four ways, side by side: the same classes in each.

Usage: `python draw_quattro.py URL PICTURE`. Chromium draws the tiles by MapLibre and the picture
that needs no script; QGIS the features and the tiles, each by what the service gives. QGIS is run
by the distribution's Python, which can import it: `draw_quattro_qgis.py`, beside this file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Final

from checks.chromium import started, visit

CHROMIUM: Final = "/usr/bin/chromium"
QGIS_PYTHON: Final = "/usr/bin/python3"
COLLECTION: Final = "bisogni_h3_r7"
WIDTH: Final = 420
"""Of each picture, pixels; the height follows from the district."""

_DRAW: Final = """async ([url, tileset, bounds, library]) => {
  document.body.innerHTML = '<div id="map"></div>';
  document.body.style.margin = 0;
  const box = document.getElementById("map");
  box.style.width = innerWidth + "px";
  box.style.height = innerHeight + "px";
  const maplibre = await import(`${library}/maplibre-gl.js`);
  maplibre.setWorkerUrl(`${library}/maplibre-gl-worker.js`);
  const style = await (await fetch(`${url}/styles/${tileset}`)).json();
  style.layers.unshift(
    { id: "paper", type: "background", paint: { "background-color": "#ffffff" } });
  const map = new maplibre.Map({ container: box, style, bounds, attributionControl: false,
    fadeDuration: 0, fitBoundsOptions: { padding: 6 } });
  await new Promise((done) => map.once("idle", done));
  const [[w, s], [e, n]] = map.getBounds().toArray();
  return [w, s, e, n];
}"""

_SIZE: Final = """() => {
  const areas = document.querySelector("g").getBoundingClientRect();
  return [document.documentElement.clientWidth, areas.bottom + areas.top];
}"""
"""The part of the picture that is the map: above the legend."""


def main() -> int:
    """Draw all four; return 0 if the picture was written."""
    url, picture = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        web, plain = Path(folder) / "maplibre.png", Path(folder) / "svg.png"
        box = _in_chromium(url, web, plain)
        program = Path(__file__).with_name("draw_quattro_qgis.py")
        said = ",".join(map(str, box))
        done = subprocess.run(
            [QGIS_PYTHON, program, url, COLLECTION, said, web, plain, picture], check=False
        )
    return done.returncode


def _in_chromium(url: str, web: Path, plain: Path) -> list[float]:
    """Draw the picture, and the tiles in MapLibre as high; return the box that these show."""
    with started(CHROMIUM) as browser:
        with visit(browser, width=800, height=1600) as seen:
            seen.open(f"{url}/embed/{COLLECTION}.svg")
            wide, high = seen.page.evaluate(_SIZE)
            clip = {"x": 0, "y": 0, "width": wide, "height": high}
            seen.page.screenshot(path=plain, clip=clip)
        with visit(browser, width=WIDTH, height=round(WIDTH * high / wide)) as seen:
            seen.open_map(f"{url}/embed/")
            asset = seen.page.locator('link[href*="vendor/maplibre-gl"]').get_attribute("href")
            library = asset.rpartition("/")[0] if asset else ""
            seen.open(f"{url}/livez")
            whole = library if library.startswith("http") else url + library
            asked = [url, COLLECTION, _bounds(url), whole]
            box: list[float] = seen.page.evaluate(_DRAW, asked)
            seen.page.screenshot(path=web)
            return box


def _bounds(url: str) -> list[float]:
    with urllib.request.urlopen(f"{url}/collections/{COLLECTION}?f=json") as answer:
        found: list[float] = json.load(answer)["extent"]["spatial"]["bbox"][0]
        return found


if __name__ == "__main__":
    sys.exit(main())
