"""Deliberate leaks in ways of writing the same: bytes that a lenient reader does not tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import rasterio
import shapely
import tiny_folder
from leaks_folder import PIXELS, TILES, _table, document, leak
from leaks_manifest import statement

from checks.audit import folder_archives
from checks.audit.folder_rasters import written
from checks.audit.mvt import _fields, _varints
from checks.audit.tiles import archive
from geo_core.formats.varints import varint


def line(
    what: str, change: Callable[[dict[str, Any]], dict[str, Any]], of: str = "bisogni_r8"
) -> None:
    """Register a leak in the first line of features, with the index that fits."""

    def plant(folder: Path) -> None:
        path = folder / f"collections/{of}/features.geojsonl"
        lines = path.read_bytes().splitlines()
        lines[0] = orjson.dumps(change(orjson.loads(lines[0])))
        raw = [one + b"\n" for one in lines]
        path.write_bytes(b"".join(raw))
        index = np.cumsum([0, *map(len, raw)], dtype="<u8").tobytes()
        path.with_suffix(".idx").write_bytes(index)

    leak("formats", what)(plant)


def placed(change: Callable[[list[float]], list[Any]]) -> Callable[[dict[str, Any]], Any]:
    """Return a change of the place of a point."""

    def changed(feature: dict[str, Any]) -> dict[str, Any]:
        shape = feature["geometry"]
        return feature | {"geometry": shape | {"coordinates": change(shape["coordinates"])}}

    return changed


def valued(**values: Any) -> Callable[[dict[str, Any]], Any]:
    """Return a change of properties."""
    return lambda feature: feature | {"properties": feature["properties"] | values}


def turned(members: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose members stand in the other order."""
    return dict(reversed(members.items()))


line("members of a feature in another order", turned)
line("members of a geometry in another order", lambda f: f | {"geometry": turned(f["geometry"])})
line("a third coordinate", placed(lambda place: [*place, 117.0]), "sedi")
line("a fourth coordinate", placed(lambda place: [*place, 0.0, 117.0]), "sedi")
line("a place with one coordinate", placed(lambda place: place[:1]), "sedi")
line("a zero below zero", valued(sedi_10000=-0.0), "offerta_r8")
line("codes in an order of their own", valued(area_utenza=["B", "A"]), "sedi")
line("a code twice", valued(area_utenza=["A", "A", "B"]), "sedi")


def column(table: pa.Table, name: str, change: Callable[[Any], Any]) -> pa.Table:
    """Return a table with another column in the place of one."""
    at = table.schema.get_field_index(name)
    made = change(table.column(at))
    return table.set_column(at, pa.field(name, made.type), made)


def outlined(change: Callable[[shapely.Geometry], bytes]) -> Callable[[pa.Table], pa.Table]:
    """Return a change of the first outline of a table."""

    def changed(packed: Any) -> Any:
        first, *rest = packed.to_pylist()
        return pa.array([change(shapely.from_wkb(first)), *rest], pa.binary())

    return lambda table: column(table, "geometry", changed)


def moved(boxes: Any) -> Any:
    """Return boxes the first of which is a little too wide."""
    first, *rest = boxes.to_pylist()
    return pa.array([first | {"xmin": first["xmin"] - 1.17e-4}, *rest], boxes.type)


_table("a box of a row with digits of its own", lambda t: column(t, "bbox", moved))
_table("whole numbers in as many bytes as tell",
       lambda t: column(t, "n_a", lambda c: c.cast(pa.int32())))  # fmt: skip
_table("texts of another size", lambda t: column(t, "id", lambda c: c.cast(pa.large_string())))
_table("an outline with its bytes turned round",
       outlined(lambda shape: shapely.to_wkb(shape, byte_order=0)))  # fmt: skip
_table("an outline in a system that counts",
       outlined(lambda s: shapely.to_wkb(shapely.set_srid(s, 117), include_srid=True)))  # fmt: skip


def tile(what: str, change: Callable[[list[tuple[int, Any]]], Iterator[bytes]]) -> None:
    """Register a leak in the last tile; `change` gives the parts of its layer."""

    def plant(folder: Path) -> None:
        said = next(t for t in tiny_folder.manifest_of(folder)["tilesets"] if t["path"] == TILES)
        infos = tiny_folder.manifest_of(folder)["collections"]
        layer = next(i["layer"] for i in infos if i["layer"]["id"] == said["id"])
        _, tiles, _ = archive((folder / TILES).read_bytes())
        last = max(tiles)
        ((_, body),) = _fields(tiles[last])
        made = message(3, b"".join(change(list(_fields(body)))))
        zooms = [int(zoom) for zoom in said["collections"]]
        raw = folder_archives._archive(
            {**tiles, last: made},
            said["bounds"],
            (min(zooms), max(zooms)),
            folder_archives._description(said, layer),
        )
        (folder / TILES).write_bytes(raw)

    leak("formats", what)(plant)


def message(number: int, content: bytes | int) -> bytes:
    """Return a part of a message."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def of_each(number: int, change: Callable[[bytes], bytes]) -> Callable[..., Iterator[bytes]]:
    """Return a change of all parts of a layer that have a number."""
    return lambda parts: (message(n, change(c) if n == number else c) for n, c in parts)


def signed(value: bytes) -> bytes:
    """Return a whole number of a tile as one that could be negative."""
    ((number, content),) = _fields(value)
    return message(6, content << 1) if number == 5 else value


tile("a part of a tile that a later one hides",
     of_each(2, lambda feature: message(4, b"117 persone") + feature))  # fmt: skip
tile("a number of a tile with idle bytes",
     of_each(2, lambda f: f.replace(b"\x18\x03\x22", b"\x18\x83\x00\x22", 1)))  # fmt: skip
tile("numbers of a tile that are written otherwise", of_each(4, signed))
tile("a tile of twice as many units",
     lambda parts: (message(n, 8192 if n == 5 else c) for n, c in parts))  # fmt: skip
KEYS, VALUES = 3, 4
"""Parts of a layer."""
TAGS, OUTLINE = 2, 4
"""Parts of a feature."""


def numbered(feature: bytes, part: int, change: Callable[[list[int]], list[int]]) -> bytes:
    """Return a feature with other numbers in its tags or its outline."""

    def changed(packed: bytes) -> bytes:
        return b"".join(map(varint, change(_varints([packed])[0].tolist())))

    return b"".join(message(n, changed(c) if n == part else c) for n, c in _fields(feature))


def swapped(part: int) -> Callable[[list[tuple[int, Any]]], Iterator[bytes]]:
    """Return a change that stores the second key or value first; tags point at the same."""

    def tags(numbers: list[int]) -> list[int]:
        own = part - KEYS
        return [n ^ 1 if at % 2 == own and n < 2 else n for at, n in enumerate(numbers)]

    def change(parts: list[tuple[int, Any]]) -> Iterator[bytes]:
        first = next(at for at, (n, _) in enumerate(parts) if n == part)
        parts[first : first + 2] = parts[first : first + 2][::-1]
        return (message(n, numbered(c, TAGS, tags) if n == 2 else c) for n, c in parts)

    return change


def more(part: int, content: bytes) -> Callable[[list[tuple[int, Any]]], Iterator[bytes]]:
    """Return a change that adds a key or a value."""
    return lambda parts: (
        message(*p) for p in sorted([*parts, (part, content)], key=lambda p: p[0])
    )


def twice(parts: list[tuple[int, Any]]) -> Iterator[bytes]:
    """Store the value of the last tag once more, for the last feature alone."""
    values = [c for n, c in parts if n == VALUES]
    last = max(at for at, (n, _) in enumerate(parts) if n == 2)
    used = _varints([dict(_fields(parts[last][1]))[TAGS]])[0].tolist()[-1]
    other = numbered(parts[last][1], TAGS, lambda tags: [*tags[:-1], len(values)])
    parts[last] = (2, other)
    return more(VALUES, values[used])(parts)


def strokes(numbers: list[int]) -> list[int]:
    """Draw the first line of an outline as two."""
    lines = numbers[3] >> 3
    return [*numbers[:3], 1 << 3 | 2, *numbers[4:6], lines - 1 << 3 | 2, *numbers[6:]]


tile("keys of a tile in another order", swapped(KEYS))
tile("values of a tile in another order", swapped(VALUES))
tile("a key of a tile that no feature has", more(KEYS, b"n_117"))
tile("a value of a tile that no feature has", more(VALUES, message(5, 117)))
tile("a value that a tile stores twice", twice)
tile("an outline of a tile in two strokes",
     of_each(2, lambda feature: numbered(feature, OUTLINE, strokes)))  # fmt: skip
tile("parts of a tile in another order", lambda parts: (message(*p) for p in reversed(parts)))


@leak("formats", "rows of a raster beyond its features")
def _rows(folder: Path) -> None:
    with rasterio.open(folder / PIXELS) as given:
        pixels, place, field = given.read(1), given.transform, given.descriptions[0]
    more = np.vstack([pixels, np.full((3, pixels.shape[1]), np.nan, np.float32)])
    (folder / PIXELS).write_bytes(written([more], place, field))


@leak("formats", "a raster with an overview that it does not need")
def _overview(folder: Path) -> None:
    with rasterio.open(folder / PIXELS) as given:
        pixels, place, field = given.read(1), given.transform, given.descriptions[0]
    whole = pixels[: len(pixels) // 2 * 2, : pixels.shape[1] // 2 * 2]
    (folder / PIXELS).write_bytes(written([whole, whole[1::2, 1::2]], place, field))


statement("a base of rounding beside noise", lambda s: s.update(rounding={"base": 117, "bound": 1}))
COUNTED = {"resolution": 117, "error": 0.1, "misplaced": 0.1}
statement("an error of a resolution that counts", lambda s: s.update(utility=[COUNTED]))
statement("areas that are named as often as tells",
          lambda s: s["geographies"].append(s["geographies"][0]))  # fmt: skip
document("sums of a year that no theme has", "disclosure.json",
         lambda said: said["totals"].append({"year": 1170, "themes": [], "epsilon": 0.0,
                                             "epsilon_year": 0.0}))  # fmt: skip
