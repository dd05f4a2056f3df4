"""What a page or a picture shows, for tests."""

from __future__ import annotations

import html
import re

import numpy as np
from rasterio.io import MemoryFile

PAGE = {"accept": "text/html"}


def colours(png):
    """Return how many pixels of a picture have each colour, by ``#rrggbb``."""
    with MemoryFile(png) as file, file.open() as picture:
        pixels = picture.read()[:3].reshape(3, -1).T
    found, counts = np.unique(pixels, axis=0, return_counts=True)
    names = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in found)
    return dict(zip(names, counts.tolist(), strict=True))


def read(site, path="/embed", **params):
    answer = site.get(path, params=params or None, headers=PAGE)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def table(text):
    """Return the cells of the table of values, a list for each line."""
    body = re.search(r'<details id="table".*?<tbody>(.*?)</tbody>', text, re.DOTALL)[1]
    lines = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [
        [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", c)).split()) for c in
         re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)]
        for line in lines
    ]  # fmt: skip
