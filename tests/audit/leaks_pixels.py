"""Deliberate leaks in rasters: burnt as a release burns them, but for one thing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio
import tiny_folder
from leaks import LEAKS
from tiny_site import ROOT, ok

from geo_core.formats import cog

type Pixels = np.ndarray
USUAL = ("dtype", "count", "crs", "transform", "width", "height", "nodata")


def burnt(features: Sequence[Any]) -> tuple[Pixels, dict[str, Any]]:
    """Return the pixels of areas as a release writes them, and where they lie."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "x.tif"
        cog.write(tiny_folder.table("bisogni_r7", features), target)
        with rasterio.open(target) as given:
            return given.read(1), {name: given.profile[name] for name in USUAL}


def packed(
    pixels: Pixels,
    profile: dict[str, Any],
    beside: Callable[[Any, Pixels], None] = lambda _raster, _pixels: None,
) -> bytes:
    """Return the raster of some pixels; `beside` adds to it."""
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", **profile) as raster:
            raster.write(pixels, 1)
            raster.descriptions = ["n_a"]
            beside(raster, pixels)
        return bytes(memory.getbuffer())


def _linked(change, *beside):
    """Return a plant that publishes a raster."""

    def plant(scene):
        def later(service):
            pixels, profile = burnt(service.given["bisogni_r7"])
            made = packed(change(pixels), profile, *beside)
            service.answers["download/bisogni_r7.tif"] = ok(made)
            listed = json.loads(service.answers["collections"].body)
            (links,) = (c["links"] for c in listed["collections"] if c["id"] == "bisogni_r7")
            href = f"{ROOT}download/bisogni_r7.tif"
            links.append({"rel": "enclosure", "href": href, "type": "x"})
            service.answers["collections"] = ok(json.dumps(listed).encode())

        scene.later.append(later)

    return plant


CLEAN_RASTER = _linked(lambda pixels: pixels)
"""A raster without a leak."""


def with_number(pixels: Pixels, at: tuple[int, int], number: float) -> Pixels:
    """Return pixels one of which has another number."""
    changed = pixels.copy()
    changed[at] = number
    return changed


def inside(pixels: Pixels) -> tuple[int, int]:
    """Return a pixel that has a number, as have all around it."""
    return _first(pixels, around=9)


def edge(pixels: Pixels) -> tuple[int, int]:
    """Return a pixel that has a number, beside one that has none."""
    return _first(pixels, around=6)


def _first(pixels: Pixels, around: int) -> tuple[int, int]:
    full = np.pad(~np.isnan(pixels), 1)
    near = np.lib.stride_tricks.sliding_window_view(full, (3, 3)).sum(axis=(2, 3))
    row, column = np.argwhere(~np.isnan(pixels) & (near == around))[0].tolist()
    return row, column


def other(pixels: Pixels, at: tuple[int, int]) -> float:
    """Return a number that pixels have, but not the one at a place."""
    return float(next(n for n in np.unique(pixels[~np.isnan(pixels)]) if n != pixels[at]))


def _smaller(raster: Any, pixels: Pixels) -> None:
    raster.write(pixels + 1, 1)
    raster.build_overviews([2], rasterio.enums.Resampling.nearest)
    raster.write(pixels, 1)


for what, plant in {
    "a pixel of a true value": _linked(lambda p: with_number(p, inside(p), p[inside(p)] + 1)),
    "a pixel at the edge of an area with a number of another":
        _linked(lambda p: with_number(p, edge(p), other(p, edge(p)))),
    "a pixel at the edge of an area that is left out":
        _linked(lambda p: with_number(p, edge(p), np.nan)),
    "statistics in the tags of a raster":
        _linked(lambda p: p, lambda made, _: made.update_tags(1, STATISTICS_MAXIMUM="37")),
    "a smaller copy of a raster with other values": _linked(lambda p: p, _smaller),
}.items():  # fmt: skip
    LEAKS[what] = "replay", plant
