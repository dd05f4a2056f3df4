"""The raster file: valid, exact at every pixel, and coloured by the style alone."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from rio_cogeo.cogeo import cog_validate
from tiles_release import layer, named, style, table

from api.tiles.colours import intervals
from geo_core.errors import ReleaseError
from geo_core.formats import cog
from geo_core.model.mercator import metres
from geo_core.model.tables import OpenTable


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    target = tmp_path_factory.mktemp("raster") / "celle_r7.tif"
    cog.write(named("celle_r7"), target)
    return target


def test_it_is_a_valid_cog_with_overviews(path):
    valid, errors, warnings = cog_validate(path, strict=True)
    assert (valid, errors, warnings) == (True, [], [])
    with rasterio.open(path) as source:
        assert source.crs.to_epsg() == 3857
        assert source.dtypes == ("float32",)
        assert np.isnan(source.nodata)
        assert source.overviews(1)
        assert source.profile["compress"] == "deflate"
        assert source.res == (50.0, 50.0)
        assert source.descriptions == ("indice",)


def test_every_pixel_is_the_value_of_the_hexagon_at_its_centre(path):
    t = named("celle_r7")
    shapes = shapely.transform(np.asarray(t.frame.geometry, dtype=object), metres)
    values = t.frame["indice"].to_numpy(dtype="float32")
    with rasterio.open(path) as source:
        pixels, grid = source.read(1), source.transform
    rows, columns = np.indices(pixels.shape)
    at = shapely.points(*(grid @ (columns.ravel() + 0.5, rows.ravel() + 0.5)))
    tree = shapely.STRtree(shapes)
    found, hexagon = tree.query(at, predicate="within")
    expected = np.full(pixels.size, np.nan, dtype="float32")
    expected[found] = values[hexagon]
    edges = shapely.STRtree(shapely.boundary(shapes))
    near = np.zeros(at.size, dtype=bool)
    near[edges.query(at, predicate="dwithin", distance=0.01)[0]] = True
    assert np.array_equal(pixels.ravel()[~near], expected[~near], equal_nan=True)
    assert np.isnan(pixels).any()
    assert near.mean() < 0.01


def test_an_overview_holds_no_value_that_no_hexagon_has(path):
    values = set(named("celle_r7").frame["indice"].dropna().astype("float32").tolist())
    with rasterio.open(path, overview_level=0) as source:
        found = source.read(1)
    assert set(found[~np.isnan(found)].tolist()) <= values


def test_without_values_every_pixel_is_missing(tmp_path):
    t = named("celle_r6")
    cog.write(OpenTable(t.layer, t.frame.assign(indice=np.nan)), tmp_path / "a.tif")
    with rasterio.open(tmp_path / "a.tif") as source:
        assert np.isnan(source.read(1)).all()


def test_a_layer_that_declares_none_has_none(tmp_path):
    with pytest.raises(ReleaseError, match="no raster"):
        cog.write(table("aree", {"a": shapely.box(8, 45, 9, 46)}), tmp_path / "a.tif")


class TestColours:
    def of(self, chosen, field="indice"):
        return intervals(chosen, layer("celle_r7"), field)

    def test_ranges_become_half_open_intervals(self):
        assert self.of(style()) == [
            ((-np.inf, 20.0), (0xF8, 0xD9, 0xB0, 255)),
            ((20.0, np.inf), (0x52, 0x1C, 0x30, 255)),
        ]

    def test_whole_values_become_intervals_round_them(self):
        chosen = style().model_copy(
            update={"classes": tuple(c.model_copy(update={"min": None, "max": None, "value": i})
                                     for i, c in enumerate(style().classes, 1))}
        )  # fmt: skip
        assert [span for span, _ in self.of(chosen)] == [(0.5, 1.5), (1.5, 2.5)]

    @pytest.mark.parametrize("field", ["n_persone", "nome"])
    def test_a_field_the_style_does_not_classify_is_refused(self, field):
        with pytest.raises(ReleaseError, match=field):
            self.of(style(), field)
