"""A collection as one SVG: a map that needs no script, with its legend and what it is made of.

It is what a page shows before or without scripts, and what a site embeds as a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import shapely

from api.embed.config import BASE
from api.embed.shapes import MARGIN, WIDTH, Frame, around, frame_of
from geo_core.errors import NotFound
from geo_core.model.layer import Layer
from geo_core.model.manifest import CollectionInfo
from geo_core.model.mercator import Bounds
from geo_core.model.style import Scale, Style
from geo_core.model.text import Lang, Text
from geo_core.release.read import Release
from geo_core.styling.drawn import RADIUS, UNRELIABLE, reliability
from geo_core.styling.legend import Row, heading, row_of, rows
from geo_core.styling.picture import LINE, filled, hatches, legend_part, sheet, written

_SIGN: Final = 7
"""Pixels a small letter is wide at most, on average."""
_BORDER: Final = "#3d5166"

INK: Final = "#17324d"
"""Colour of writing and dots."""
_BEGINS: Final = "periodo_inizio"

_VALID: Final = ("valido_dal", "valido_al")
"""First and last day on which a feature is valid; without them it always is."""

_MADE_OF: Final = Text(
    it="Dati {release}, riferiti al {day}. {source}", en="Data {release}, as of {day}. {source}"
)
_SHAKY: Final = Text(
    it="Puntinato: affidabilità bassa, poche persone spostano molto il valore.",
    en="Stippled: low reliability, a few persons move the value a lot.",
)


class Narrowed(NamedTuple):
    """What of a collection is drawn, and how.

    Attributes
    ----------
    field : str | None
        The field that decides the colours; None for the default of its style.
    year : str | None
        Of a series of years, the one that is drawn; None for the latest.
    town : str | None
        ISTAT code of the municipality that fills the picture; None for everything.
    """

    field: str | None = None
    year: str | None = None
    town: str | None = None


def drawing(
    release: Release, info: CollectionInfo, lang: Lang, chosen: Narrowed | None = None
) -> bytes:
    """Return the map of a collection as SVG: what its items show where no day is asked for.

    Parameters
    ----------
    release : Release
        Where its rows lie.
    info : CollectionInfo
        A collection with geometry.
    lang : Lang
        Language of titles and legend.

    Raises
    ------
    NotFound
        The style has no classes for the field, there is nothing to draw, or no such municipality.
    """
    layer, chosen = info.layer, chosen or Narrowed()
    style = release.manifest.styles.get(layer.family)
    if style is None or info.bbox is None:
        raise NotFound("this collection has no geometry, and no map")
    scale, named = _chosen(style, chosen.field)
    town = None if chosen.town is None else _town(release, chosen.town)
    extent = info.bbox if town is None else town.extent
    frame = frame_of(extent)
    shown = heading(scale, named, layer, lang) if named else scale.title.in_(lang)
    there = list(_within(_records(release, layer, named, chosen.year), extent))
    shaky = [one["shape"] for one in there if one["shaky"]]
    made = [
        *([town.name] if town else []),
        *([_SHAKY.in_(lang)] if shaky else []),
        *_made_of(release, layer, lang),
    ]
    legend, height = legend_part(scale, shown, lang)
    svg = sheet(WIDTH, frame.height + height + LINE * (len(made) + 1))
    ET.SubElement(svg, "title").text = " · ".join(
        filter(None, (f"{layer.title.in_(lang)}: {shown}", town and town.name))
    )
    ET.SubElement(svg, "desc").text = layer.description.in_(lang)
    ET.SubElement(svg, "defs").extend(hatches(rows(scale)))
    # An inner picture cuts off what reaches beyond it, and leaves the legend free.
    size = {"width": str(WIDTH), "height": str(frame.height)}
    inner = svg if town is None else ET.SubElement(svg, "svg", size)
    inner.extend(_features(there, scale, frame))
    inner.extend(_towns(release, layer, frame))
    if shaky:
        ET.SubElement(inner, "defs").append(stipple())
        dotted = "".join(frame.path(shape) for shape in shaky)
        ET.SubElement(inner, "path", {"d": dotted, "fill": "url(#stipple)"})
    if town is not None:
        outline = {"d": frame.path(town.shape), "fill": "none"}
        ET.SubElement(inner, "path", {**outline, "stroke": "#004d99", "stroke-width": "3"})
    _below(svg, frame.height, legend, height, made)
    return bytes(ET.tostring(svg, encoding="utf-8", xml_declaration=True))


def stipple() -> ET.Element:
    """Return the dots of low reliability; a white rim keeps them visible on the darkest class."""
    side = {"width": "12", "height": "12", "patternUnits": "userSpaceOnUse"}
    pattern = ET.Element("pattern", {"id": "stipple"} | side)
    for at in ("3", "9"):
        for radius, colour in (("2.2", "#ffffff"), ("1.4", INK)):
            dot = {"cx": at, "cy": at, "r": radius, "fill": colour}
            ET.SubElement(pattern, "circle", dot)
    return pattern


def _below(svg: ET.Element, at: int, legend: ET.Element, height: int, made: list[str]) -> None:
    """Put the legend below the map, and below it whose data these are."""
    legend.set("y", str(at))
    svg.append(legend)
    for number, line in enumerate(made, 1):
        written(svg, MARGIN, at + height + number * LINE, line, **{"font-size": "11"})


class _Town(NamedTuple):
    """A municipality that fills a picture."""

    name: str
    shape: shapely.Geometry

    @property
    def extent(self) -> Bounds:
        west, south, east, north = map(float, shapely.bounds(self.shape))
        return around((west, south, east, north))


def _town(release: Release, code: str) -> _Town:
    """Return a municipality by its ISTAT code."""
    if BASE not in {info.layer.id for info in release.manifest.collections}:
        raise NotFound.among("municipality", code, ())
    layer = release.info(BASE).layer
    every = {row["id"]: row for row in _records(release, layer, layer.title_field)}
    if code not in every:
        raise NotFound.among("municipality", code, every)
    return _Town(every[code]["value"], every[code]["shape"])


def _within(records: Iterable[dict[str, Any]], extent: Bounds) -> Iterator[dict[str, Any]]:
    """Yield what reaches into a box."""
    box = shapely.box(*extent)
    return (record for record in records if shapely.intersects(box, record["shape"]))


def _chosen(style: Style, field: str | None) -> tuple[Scale, str | None]:
    if field is None:
        return style, style.fields[0] if style.fields else None
    if field not in style.classified:
        raise NotFound.among("field", field, style.classified)
    return style.of(field), field


def _made_of(release: Release, layer: Layer, lang: Lang) -> list[str]:
    """Return which release and whose data it shows, in lines that fit."""
    manifest = release.manifest
    said = {"release": manifest.id, "day": manifest.reference_date, "source": layer.attribution}
    return wrap(_MADE_OF.in_(lang).format(**said), WIDTH // _SIGN)


def _features(
    records: Iterable[dict[str, Any]], scale: Scale, frame: Frame
) -> Iterator[ET.Element]:
    """Yield a group for each row of the legend, with the features that belong to it."""
    legend, groups = rows(scale), dict[int, ET.Element]()
    for record in records:
        row = row_of(legend, record.get("value"), banded=record.get("band") is not None)
        if row is None:
            continue
        number = legend.index(row)
        if number not in groups:
            groups[number] = _group(scale, row)
        groups[number].append(_mark(record, frame))
    yield from (groups[number] for number in sorted(groups))


def _group(scale: Scale, row: Row) -> ET.Element:
    # Holes are rings like any other.
    paint = {
        "fill-rule": "evenodd",
        "fill": filled(row),
        "stroke": scale.outline,
        "stroke-width": "0.6",
    }
    if scale.opacity < 1 and scale.mark == "fill":
        paint["fill-opacity"] = f"{scale.opacity:g}"
    return ET.Element("g", paint)


def _mark(record: dict[str, Any], frame: Frame) -> ET.Element:
    """Return a feature: a path, or a circle for a point; `data-id` says which it is."""
    said = {"data-id": str(record["id"])}
    shape = record["shape"]
    if shapely.get_type_id(shape) == shapely.GeometryType.POINT:
        x, y = frame(shapely.get_coordinates(shape))[0]
        place = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": str(RADIUS)}
        return ET.Element("circle", place | said)
    return ET.Element("path", {"d": frame.path(shape)} | said)


def _towns(release: Release, layer: Layer, frame: Frame) -> Iterator[ET.Element]:
    """Yield the boundaries of the municipalities, over areas that are not these."""
    known = {info.layer.id for info in release.manifest.collections}
    if BASE not in known or layer.family == BASE:
        return
    node = ET.Element("g", {"fill": "none", "stroke": _BORDER, "stroke-width": "0.5",
                            "stroke-opacity": "0.6"})  # fmt: skip
    for record in _records(release, release.info(BASE).layer, None):
        ET.SubElement(node, "path", {"d": frame.path(record["shape"])})
    yield node


def _records(
    release: Release, layer: Layer, field: str | None, year: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield id, shape, value, band and reliability of the features with a place, of one year."""
    path = release.path(f"collections/{layer.id}/features.parquet")
    banded = field is not None and f"{field}_fascia" in layer.field_names
    doubted = reliability(layer)
    wanted = ["id", "geometry", *([field] if field else []),
              *([f"{field}_fascia"] if banded else []), *([doubted] if doubted else []),
              *(name for name in (_BEGINS, *_VALID) if name in layer.field_names)]  # fmt: skip
    # `pq.read_table` would import pandas into the server.
    with pq.ParquetFile(path) as file:
        found = file.read(columns=wanted, use_threads=False).to_pylist()
    begins = [record[_BEGINS] for record in found] if _BEGINS in wanted else []
    first = f"{year}-01-01" if year else max(begins, default="")
    today = release.manifest.reference_date
    for record in found:
        if record["geometry"] is None or (layer.current_only and not _is_valid(record, today)):
            continue
        if record.get(_BEGINS, first) == first:
            yield {
                "id": record["id"],
                "shape": shapely.from_wkb(record["geometry"]),
                "value": record[field] if field else None,
                "band": record[f"{field}_fascia"] if banded else None,
                "shaky": bool(field and record[field] is not None)
                and record.get(doubted or "") == UNRELIABLE,
            }


def _is_valid(record: dict[str, Any], day: str) -> bool:
    begins, ends = (str(record.get(name) or day) for name in _VALID)
    return begins <= day <= ends
