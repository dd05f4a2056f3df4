"""The archive of tiles on any web host that knows ranges draws the map that the server draws."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import numpy as np
import pytest
from rasterio.io import MemoryFile

from checks.chromium import visit

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    ROOT / "web/node_modules/pmtiles/dist/pmtiles.js",
    ROOT / "api/static/vendor/maplibre-gl/maplibre-gl.js",
    ROOT / "api/static/vendor/maplibre-gl/maplibre-gl-worker.js",
)
PAGE = """<!doctype html><link rel="icon" href="data:,">
<style>body { margin: 0 } #map { width: 600px; height: 600px }</style>
<div id="map"></div>
<script src="pmtiles.js"></script>
<script type="module">
  import * as maplibre from "./maplibre-gl.js";
  maplibre.setWorkerUrl(new URL("maplibre-gl-worker.js", location.href).href);
  maplibre.addProtocol("pmtiles", new pmtiles.Protocol().tile);
  const style = await (await fetch(location.hash.slice(1))).json();
  style.layers.unshift(
    { id: "paper", type: "background", paint: { "background-color": "#ffffff" } });
  const map = new maplibre.Map({ container: "map", style, bounds: style.metadata.bounds,
    attributionControl: false, fadeDuration: 0 });
  map.once("idle", () => { document.body.dataset.ready = map.getZoom(); });
</script>"""


class Host(SimpleHTTPRequestHandler):
    """A web host that gives files and ranges of them, and knows nothing of tiles."""

    asked: list[tuple[str, str]]

    def do_GET(self):
        self.asked.append((self.path, self.headers.get("Range", "")))
        wanted = re.fullmatch(r"bytes=([0-9]+)-([0-9]+)", self.headers.get("Range", ""))
        if wanted is None:
            super().do_GET()
            return
        raw = Path(self.translate_path(self.path)).read_bytes()
        first, last = int(wanted[1]), min(int(wanted[2]), len(raw) - 1)
        part = raw[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(raw)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_args):
        pass


@contextmanager
def hosted(folder):
    """Serve a folder; yield the address and what was asked for."""
    asked: list[tuple[str, str]] = []
    handler = type("Noted", (Host,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


def get(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    for library in LIBRARIES:
        shutil.copy(library, tmp_path)
    return tmp_path


def styled(folder, server, ident, name, source):
    """Write the style of a tileset, with another source of its tiles."""
    style = json.loads(get(f"{server.url}/styles/{ident}"))
    west, south, east, north = json.loads(get(f"{server.url}/xyz/{ident}.json"))["bounds"]
    style["metadata"] = {"bounds": [[west, south], [east, north]]}
    (own,) = style["sources"]
    style["sources"][own] = {"type": "vector", **source}
    if "sprite" in style and "url" in source and source["url"].startswith("pmtiles"):
        # The patterns are files like the rest: beside the page.
        for ending in ("json", "png"):
            (folder / f"sprite.{ending}").write_bytes(get(f"{style['sprite']}.{ending}"))
        style["sprite"] = f"{source['url'].removeprefix('pmtiles://').rpartition('/')[0]}/sprite"
    (folder / name).write_text(json.dumps(style), encoding="utf-8")


def drawn(chromium, address, picture):
    """Return the pixels of the map, its zoom, and the hosts that were asked."""
    with visit(chromium, width=600, height=600) as seen:
        seen.open_map(address)
        png = seen.page.locator("canvas").screenshot(path=picture)
        zoom = float(seen.page.locator("body").get_attribute("data-ready"))
        assert (seen.errors, seen.failed) == ([], [])
        hosts = seen.hosts
    with MemoryFile(png) as file, file.open() as opened:
        return opened.read()[:3], zoom, hosts


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # a screenshot
@pytest.mark.parametrize("ident", ["bisogni_h3", "rischio_comuni", "sedi"])
def test_a_static_host_draws_the_same_map(chromium, demo_server, folder, out, ident):
    archive = get(f"{demo_server.url}/download/{ident}.pmtiles")
    (folder / f"{ident}.pmtiles").write_bytes(archive)
    with hosted(folder) as (host, asked):
        file = f"pmtiles://{host}/{ident}.pmtiles"
        styled(folder, demo_server, ident, "static.json", {"url": file})
        document = {"url": f"{demo_server.url}/xyz/{ident}.json"}
        styled(folder, demo_server, ident, "server.json", document)
        static, zoom, hosts = drawn(chromium, f"{host}/#static.json", out / f"statico-{ident}.png")
        assert hosts == {urlsplit(host).netloc}
        ranges = [said for path, said in asked if path.endswith(".pmtiles")]
        assert len(ranges) >= 2
        assert all(ranges)
        served, same, _ = drawn(chromium, f"{host}/#server.json", out / f"servito-{ident}.png")
    assert zoom == same
    assert len(np.unique(static.reshape(3, -1), axis=1).T) > 5  # colours: something is drawn
    assert (static == served).all()
