"""Draws one vector tileset in Chromium (MapLibre) and in QGIS, side by side.

Usage: `python draw_tessere.py URL PICTURE`. Both read the same tiles and the same style. QGIS is
drawn by the distribution's Python, which can import it: `draw_tessere_qgis.py`, beside this file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from checks.chromium import started, visit

CHROMIUM: Final = "/usr/bin/chromium"
QGIS_PYTHON: Final = "/usr/bin/python3"
TILESET: Final = "popolazione_h3"
BOUNDS: Final = (7.95, 45.12, 8.65, 45.60)
"""West, south, east, north of the picture, degrees."""
SIDE: Final = 620
"""Width of each picture, pixels; the height follows."""

_DRAW: Final = """async ([url, tileset, bounds, library]) => {
  document.body.innerHTML = '<div id="map"></div>';
  document.body.style.margin = 0;
  const box = document.getElementById("map");
  box.style.width = innerWidth + "px";
  box.style.height = innerHeight + "px";
  const maplibre = await import(`${library}/maplibre-gl.mjs`);
  maplibre.setWorkerUrl(`${library}/maplibre-gl-worker.mjs`);
  const style = await (await fetch(`${url}/styles/${tileset}`)).json();
  style.layers.unshift(
    { id: "paper", type: "background", paint: { "background-color": "#ffffff" } });
  const map = new maplibre.Map({ container: box, style, bounds, attributionControl: false,
    fadeDuration: 0, fitBoundsOptions: { padding: 0 } });
  await new Promise((done) => map.once("idle", done));
  const [[w, s], [e, n]] = map.getBounds().toArray();
  return [w, s, e, n];
}"""


def main() -> int:
    """Draw both; return 0 if the picture was written."""
    url, picture = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        left = Path(folder) / "chromium.png"
        box = _in_chromium(url, left)
        program = Path(__file__).with_name("draw_tessere_qgis.py")
        said = ",".join(map(str, box))
        done = subprocess.run(
            [QGIS_PYTHON, program, url, TILESET, said, left, picture], check=False
        )
    return done.returncode


def _in_chromium(url: str, picture: Path) -> list[float]:
    """Draw the tileset in MapLibre; return the box that is seen."""
    with started(CHROMIUM) as browser, visit(browser, width=SIDE, height=SIDE) as seen:
        seen.open_map(f"{url}/embed/")
        asset = seen.page.locator('link[href*="vendor/maplibre-gl"]').get_attribute("href")
        library = asset.rpartition("/")[0] if asset else ""
        seen.open(f"{url}/livez")
        whole = library if library.startswith("http") else url + library
        box: list[float] = seen.page.evaluate(_DRAW, [url, TILESET, list(BOUNDS), whole])
        seen.page.screenshot(path=picture)
        return box


if __name__ == "__main__":
    sys.exit(main())
