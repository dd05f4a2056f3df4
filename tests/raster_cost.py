"""Serves a raster of at most 64 pixels a side and prints, as JSON, what answers about it cost.

Run in a process of its own, whose memory and processor time are then those of the answers:
`python raster_cost.py FOLDER`. The last requests go to titiler's stock factory, on the same file.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import rasterio
import shapely
from api_client import client_of
from api_release import ROOT
from fastapi import FastAPI
from publication import PUBLICATION
from starlette.testclient import TestClient
from tiles_release import layer, style, table
from titiler.core.factory import TilerFactory

from geo_core.catalog import read_catalog
from geo_core.model.mercator import HALF_WORLD, tile_range
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.write import publish, staging

ROUNDS = 5
HERE = "/raster/celle_r7"
DEGREES = 3_100 / HALF_WORLD * 180
"""A side of 62 pixels of 50 m."""
BOX = (8.4, 45.3, 8.4 + DEGREES, 45.3 + DEGREES * 0.7)
HOSTILE = (
    f"{HERE}/preview.png",
    f"{HERE}/preview/20000x20000.png",
    f"{HERE}/bbox/-180,-85,180,85/20000x20000.png",
    f"{HERE}/statistics?max_size=100000",
    f"{HERE}/tiles/WebMercatorQuad/12/2143/1467@10000x.png",
    f"{HERE}/tiles/WebMercatorQuad/12/2143/1467@2x.png",
    f"{HERE}/tiles/WebMercatorQuad/6/33/22.png?tilesize=100000",
    f"{HERE}/tiles/WebMercatorQuad/6/33/22.png?buffer=100000",
    f"{HERE}/tiles/WebMercatorQuad/6/33/22.png?expression=b1**9**9**9",
    f"{HERE}/tiles/WebMercatorQuad/30/575000000/380000000.png",
    f"{HERE}/legend?f=svg&width=100000",
    f"{HERE}/wmts?SERVICE=WMTS&REQUEST=GetTile&WIDTH=100000",
)


def main(root: Path) -> None:
    """Print the dearest answers, and by how much the memory grew."""
    file = tiny(root)
    with client_of(root) as client:
        client.get("/raster")
        before = peak_kib()
        costs = {address: cost(client, address) for address in (*addresses(), *HOSTILE)}
        grown = peak_kib() - before
    stock = FastAPI()
    stock.include_router(TilerFactory().router)
    with TestClient(stock) as client:
        control = cost(client, f"/preview/4000x4000.png?url={file}", rounds=1)
    control["mib"] = (peak_kib() - before) / 1024
    json.dump({"costs": costs, "mib": grown / 1024, "control": control}, sys.stdout)


def peak_kib() -> int:
    """Return the most memory this program had; that of whoever started it is not in it."""
    said = Path("/proc/self/status").read_text(encoding="ascii")
    return int(said.partition("VmHWM:")[2].split()[0])


def tiny(root: Path) -> Path:
    """Publish a release with one small raster and return its file."""
    field = table("celle_r7", {"a": shapely.box(*BOX), "b": None})
    catalog = replace(read_catalog(ROOT), layers=(layer("celle_r7"),), styles={"celle": style()})
    contents = Contents(
        tables=(field,),
        inputs=(),
        statements=[],
        title=Text(it="Prova", en="Test"),
        reference_date="2023-12-31",
        publication=PUBLICATION,
    )
    with staging(root) as folder:
        manifest = publish(root, folder, compose(folder, contents, catalog))
    path = root / manifest.id / manifest.rasters[0].path
    with rasterio.open(path) as source:
        assert max(source.shape) <= 64
        assert source.read(1).size
    return path


def addresses() -> list[str]:
    """Return every address about the raster that has an answer."""
    tiles = (tile_range(BOX, zoom) for zoom in range(6, 13))
    return [
        "/raster",
        "/raster?f=html",
        "/raster/wmts",
        HERE,
        f"{HERE}?f=html",
        f"{HERE}/info",
        f"{HERE}/tilejson.json",
        f"{HERE}/legend",
        f"{HERE}/legend?f=svg",
        f"{HERE}/wmts/1.0.0/WMTSCapabilities.xml",
        f"{HERE}/point/8.41,45.305",
        *(
            f"{HERE}/tiles/WebMercatorQuad/{of.zoom}/{x}/{y}.png"
            for of in tiles
            for x in range(of.min_x, of.max_x + 1)
            for y in range(of.min_y, of.max_y + 1)
        ),
    ]


def cost(client: TestClient, address: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the status of an answer and the least processor time of all threads it took."""
    took = []
    for _ in range(rounds):
        start = time.process_time()
        answer = client.get(address)
        took.append(time.process_time() - start)
    return {"status": answer.status_code, "seconds": min(took), "bytes": len(answer.content)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
