"""Rasters are burnt again: no pixel may differ, those at the edge of an area neither."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from leaks_pixels import burnt, other, packed, with_number
from tiny_site import audited, collections, tiny_site

from checks.audit import replay_rasters
from checks.audit.findings import Tally

NAME = "bisogni_r7.tif"


@pytest.fixture(scope="module")
def published():
    return audited(tiny_site())


@pytest.fixture(scope="module")
def clean():
    return burnt(collections()["bisogni_r7"])


def found(published, *given):
    """Return what is found of a raster, and how many figures were compared."""
    tally = Tally("replay")
    replay_rasters.check(tally, NAME, packed(*given), published)
    return tally.findings, tally.figures


def test_a_clean_raster_has_no_finding(published, clean):
    findings, figures = found(published, *clean)
    assert findings == []
    assert figures >= np.isfinite(clean[0]).sum() > 50


def test_every_pixel_in_or_beside_an_area_that_is_changed_is_found(published, clean):
    pixels, profile = clean
    near = np.lib.stride_tricks.sliding_window_view(np.pad(np.isfinite(pixels), 1), (3, 3))
    for at in map(tuple, np.argwhere(near.any(axis=(2, 3))).tolist()):
        taken = sum(at) % 2 and np.isfinite(pixels[at])
        changed = with_number(pixels, at, np.nan if taken else other(pixels, at))
        ((one,), _) = found(published, changed, profile)
        told = one.evidence
        assert (told["pixels"], told["row"], told["column"]) == (1, *at)


def test_a_raster_in_another_system_is_found(published, clean):
    def moved(made, _pixels):
        made.crs = rasterio.CRS.from_epsg(3035)

    findings, _ = found(published, *clean, moved)
    assert [one.what for one in findings] == ["a raster in another system"]


def test_an_area_without_number_has_no_pixels(published, clean):
    collection = published.collections["bisogni_r7"]
    first = SimpleNamespace(
        geometry=collection.geometry,
        fields=collection.fields,
        numbers=lambda name: np.array([np.nan, *collection.numbers(name)[1:]]),
    )
    findings, _ = found(SimpleNamespace(collections={"bisogni_r7": first}), *clean)
    assert np.isnan(findings[0].evidence["area"])
