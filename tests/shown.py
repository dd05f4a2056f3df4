"""What a picture shows, for tests."""

from __future__ import annotations

import numpy as np
from rasterio.io import MemoryFile


def colours(png):
    """Return how many pixels of a picture have each colour, by ``#rrggbb``."""
    with MemoryFile(png) as file, file.open() as picture:
        pixels = picture.read()[:3].reshape(3, -1).T
    found, counts = np.unique(pixels, axis=0, return_counts=True)
    names = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in found)
    return dict(zip(names, counts.tolist(), strict=True))
