"""The map inside its page: an SVG that is there before any script, and if none ever runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import shapely
from markupsafe import Markup

from api.embed.config import BASE
from api.embed.drawing import INK, stipple
from api.embed.figures import Figures, Line
from api.embed.labels import labels
from api.embed.shapes import MARGIN, WIDTH, Frame, around, frame_of
from api.embed.view import View
from api.features.records import current, is_text
from api.served import Served
from geo_core.model.mercator import Bounds
from geo_core.model.style import Scale
from geo_core.model.text import Lang
from geo_core.styling.drawn import RADIUS
from geo_core.styling.legend import Row
from geo_core.styling.picture import filled, hatches

TALLEST: Final = 900
_AROUND: Final = 0.06
"""Degrees that are shown around a place."""
type _Area = tuple[Line, shapely.Geometry]
_EDGE: Final = "#3d5166"


def inline(view: View, figures: Figures, everything: Figures, lang: Lang) -> Markup:
    """Return the map as an `svg` element; its text alternative is the caption of the page.

    Parameters
    ----------
    figures : Figures
        What is listed; of a municipality, what lies in it.
    everything : Figures
        The same of the whole province: what is drawn around it.
    """
    frame = frame_of(_extent(view), tallest=TALLEST)
    size = {"viewBox": f"0 0 {WIDTH} {frame.height}", "width": str(WIDTH)}
    named = {"role": "img", "aria-labelledby": "map-title", "aria-describedby": "map-caption"}
    svg = ET.Element("svg", {"class": "drawn", "height": str(frame.height)} | size | named)
    ET.SubElement(svg, "title", id="map-title").text = figures.title
    ET.SubElement(svg, "defs").extend([*hatches(figures.legend), stipple()])
    _background(svg, view.served, frame)
    svg.extend(_areas(view, everything.lines, figures.legend, frame))
    _boundaries(svg, view, frame)
    svg.extend(_shaky(view, everything.lines, frame))
    for family in view.over:
        _points(svg, view.served, family, frame, lang)
    _spot(svg, view, frame)
    svg.append(labels(view.served, frame))
    return Markup(ET.tostring(svg, encoding="unicode"))  # noqa: S704 - the serialiser escapes


def _extent(view: View) -> Bounds:
    if view.spot is not None:
        lon, lat = view.spot.lon, view.spot.lat
        return (lon - _AROUND, lat - _AROUND, lon + _AROUND, lat + _AROUND)
    base = view.served.collections.get(BASE)
    if base is None or base.shapes is None:
        return view.collection.info.bbox or (0.0, 0.0, 1.0, 1.0)
    shapes = base.shapes
    if view.town is not None:
        shapes = shapes[is_text(base, "cod_istat", view.town)]
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    bounds = (west, south, east, north)
    return bounds if view.town is None else around(bounds)


def _seen(shapes: Any, frame: Frame) -> Any:
    """Return which shapes reach into the picture."""
    pixels = shapely.bounds(shapes).reshape(-1, 2, 2)
    corners = frame(pixels.reshape(-1, 2)).reshape(-1, 2, 2)
    low, high = corners.min(axis=1), corners.max(axis=1)
    return (high >= 0).all(axis=1) & (low <= (WIDTH, frame.height)).all(axis=1)


def _background(svg: ET.Element, served: Served, frame: Frame) -> None:
    whole = _province(served)
    if whole is not None:
        ET.SubElement(svg, "path", {"d": frame.path(whole), "fill": "#ffffff", "stroke": "none"})


@lru_cache(maxsize=2)
def _province(served: Served) -> shapely.Geometry | None:
    """Return all municipalities as one area."""
    base = served.collections.get(BASE)
    if base is None or base.shapes is None:
        return None
    return shapely.union_all(shapely.simplify(base.shapes, 0.0005))


def _areas(
    view: View, lines: Sequence[Line], legend: tuple[Row, ...], frame: Frame
) -> Iterator[ET.Element]:
    """Yield a group for each row of the legend, with its areas."""
    shapes = view.collection.shapes
    if shapes is None or not lines:
        return
    rows = np.array([view.collection.row(line.id) for line in lines])
    seen = _seen(shapes[rows], frame)
    for row in legend:
        found = [
            (line, shapes[at])
            for line, at, inside in zip(lines, rows, seen, strict=True)
            if inside and line.row == row
        ]
        if found:
            group = _group(view.scale, row)
            group.extend(_hatched(found, frame) if row.hatch != "none" else _plain(found, frame))
            yield group


def _shaky(view: View, lines: Sequence[Line], frame: Frame) -> Iterator[ET.Element]:
    """Yield dots over the areas of which a few persons move the value a lot."""
    shapes = view.collection.shapes
    found = [view.collection.row(line.id) for line in lines if line.unreliable]
    if shapes is None or not found:
        return
    own = shapes[np.array(found)]
    dotted = "".join(frame.path(shape) for shape in own[_seen(own, frame)])
    yield ET.Element("path", {"d": dotted, "fill": "url(#stipple)"})


def _group(scale: Scale, row: Row) -> ET.Element:
    paint = {"fill-rule": "evenodd", "fill": filled(row), "stroke": scale.outline}
    return ET.Element("g", {**paint, "stroke-width": "0.6"})


def _plain(found: Sequence[_Area], frame: Frame) -> Iterator[ET.Element]:
    return (_area(line, shape, frame) for line, shape in found)


def _hatched(found: Sequence[_Area], frame: Frame) -> Iterator[ET.Element]:
    """Yield all areas as one: printed, each use of a pattern is a picture of 100 kB."""
    yield ET.Element("path", {"d": "".join(frame.path(shape) for _, shape in found)})


def _area(line: Line, shape: shapely.Geometry, frame: Frame) -> ET.Element:
    if shapely.get_type_id(shape) == shapely.GeometryType.POINT:
        node = _circle(shape, frame)
    else:
        node = ET.Element("path", {"d": frame.path(shape)})
    ET.SubElement(node, "title").text = line.town or line.name
    return node


def _circle(at: shapely.Point, frame: Frame) -> ET.Element:
    x, y = frame(shapely.get_coordinates(at))[0]
    return ET.Element("circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": str(RADIUS)})


def _boundaries(svg: ET.Element, view: View, frame: Frame) -> None:
    """Draw the municipalities over the areas, and the chosen one over all of them."""
    base = view.served.collections.get(BASE)
    if base is None or base.shapes is None:
        return
    if (
        view.collection.layer.geometry != "MultiPolygon"
        or "cod_istat" not in view.collection.columns
    ):
        shapes = base.shapes[_seen(base.shapes, frame)]
        d = "".join(frame.path(shape) for shape in shapes)
        line = {"fill": "none", "stroke": _EDGE, "stroke-width": "0.6", "stroke-opacity": "0.6"}
        ET.SubElement(svg, "path", {"d": d} | line)
    if view.town is not None:
        (own,) = base.shapes[is_text(base, "cod_istat", view.town)]
        line = {"fill": "none", "stroke": "#004d99", "stroke-width": "3"}
        ET.SubElement(svg, "path", {"d": frame.path(own)} | line)


def _points(svg: ET.Element, served: Served, family: str, frame: Frame, lang: Lang) -> None:
    collection = served.collections.get(family)
    if collection is None or collection.shapes is None:
        return
    style = served.release.manifest.styles[family]
    paint = {"fill": style.classes[0].colour, "stroke": "#ffffff", "stroke-width": "1"}
    group = ET.SubElement(svg, "g", paint)
    ET.SubElement(group, "title").text = style.title.in_(lang)
    there = collection.shapes[current(collection)]
    shapes = [s for s in there if s is not None and s.geom_type == "Point"]
    if not shapes:
        return
    for shape, inside in zip(shapes, _seen(np.array(shapes), frame), strict=True):
        if inside:
            group.append(_circle(shape, frame))


def _spot(svg: ET.Element, view: View, frame: Frame) -> None:
    if view.spot is None:
        return
    x, y = frame(np.array([[view.spot.lon, view.spot.lat]]))[0]
    ring = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "fill": "none", "stroke": INK, "stroke-width": "4"}
    ET.SubElement(svg, "circle", ring | {"r": str(MARGIN)}, id="spot")
