"""Asks a server for the figures of every zone of a collection, level by level (OGC API - DGGS)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

import h3
import orjson
import pyarrow.parquet as pq

from checks.audit import formats_files
from checks.audit.published import Field, Zoned
from checks.audit.site import Answer, CannotAudit

FORMATS: Final = ("json", "geojson", "csv", "parquet")
PAGES_MAX: Final = 1_000
"""Pages of one list of zones."""
ZONE: Final = "zoneID"
HEAD: Final[Mapping[str, Field]] = {
    ZONE: Field("string"),
    "zone_level": Field("integer"),
    "zone_status": Field("string"),
    "zone_area": Field("string"),
}
"""Columns of a zone before those of its collection."""
INDEX: Final = "h3_index"
DATA: Final = "dggrs-zone-data"
LIST: Final = "dggrs-zone-query"

type Row = dict[str, Any]


class Asks(Protocol):
    """Asks the site, and writes down what was asked."""

    def get(self, path: str, accept: str | None = None, lang: str | None = None) -> Answer:
        """Ask for a path or an address."""
        ...

    def json(self, path: str) -> Any:
        """Ask for a document."""
        ...


def asked(
    door: Asks,
    address: str,
    fields: Mapping[str, Field],
    *,
    formats: Sequence[str] = FORMATS,
    deepest: int = 15,
) -> Iterator[Zoned]:
    """Yield what a server says of all zones below those of level 0, in each level and format.

    Parameters
    ----------
    door : Asks
    address : str
        Of a list of grids; a server without one there has no zones.
    fields : mapping
        Fields of the collection.
    formats : sequence of str
    deepest : int
        Levels below a zone that one answer is asked for at most.
    """
    if door.get(address).status == 404:
        return
    for grid in door.json(address)["dggrs"]:
        said = door.json(_one(grid["links"], "self")["href"])
        template = _one(said["linkTemplates"], DATA)["uriTemplate"]
        reach = min(deepest, int(said["maxRelativeDepth"]))
        for level in range(int(said["maxRefinementLevel"]) + 1):
            above = max(0, level - reach)
            zones = _zones(door, _one(said["links"], LIST)["href"], above)
            for how in formats:
                found: list[Row] = []
                for zone in zones:
                    href = template.replace("{zoneId}", quote(zone, safe=""))
                    href += "?" + urlencode({"zone-depth": level - above, "f": how})
                    found += _rows(door.get(href), href, how, fields, (zone, level))
                yield Zoned(how, level, found)


def _one(links: Sequence[Mapping[str, str]], rel: str) -> Mapping[str, str]:
    """Return the link of a relation, which may be a name, a compact or a whole address."""
    return next(k for k in links if k["rel"].strip("[]").rpartition("/")[2].endswith(rel))


def _zones(door: Asks, href: str, level: int) -> list[str]:
    """Return the zones of a level of which anything is known."""
    href += ("&" if "?" in href else "?") + urlencode(
        {"zone-level": level, "compact-zones": "false"}
    )
    found: list[str] = []
    for _ in range(PAGES_MAX):
        page = door.json(href)
        found += map(str, page["zones"])
        following = [k["href"] for k in page["links"] if k["rel"] == "next"]
        if not following:
            return found
        href = following[0]
    raise CannotAudit(f"{href}: more than {PAGES_MAX} pages")


def _rows(
    answer: Answer, href: str, how: str, fields: Mapping[str, Field], of: tuple[str, int]
) -> list[Row]:
    if answer.status != 200:
        raise CannotAudit(f"{href} answers {answer.status}")
    if how == "json":
        return _packet(answer.body, *of)
    if how == "csv":
        found = formats_files.read("text/csv", answer.body, {**HEAD, **fields})
        return [dict(feature["properties"]) for feature in found or ()]
    return _geojson(answer.body) if how == "geojson" else _parquet(answer.body)


def _geojson(raw: bytes) -> list[Row]:
    found = []
    for feature in orjson.loads(raw)["features"]:
        row = {**feature["properties"], "geometry": feature["geometry"]}
        row["odd"] = sorted(feature.keys() - {"type", "id", "geometry", "properties"})
        row["odd"] += [] if feature["id"] == row[ZONE] else ["id"]
        found.append(row)
    return found


def _parquet(raw: bytes) -> list[Row]:
    rows: list[Row] = pq.read_table(io.BytesIO(raw)).to_pylist()
    for row in rows:
        row["odd"] = [] if row.pop(INDEX) == int(row[ZONE], 16) else [INDEX]
    return rows


def _packet(raw: bytes, zone: str, level: int) -> list[Row]:
    """Return what DGGS-JSON says, one row for each sub-zone: values, statuses, areas."""
    said = orjson.loads(raw)
    cells = sorted(h3.cell_to_children(zone, level))
    numbers, why = said["values"], said["status"]
    held: dict[str, list[tuple[str, str]]] = {}
    for area in said["areas"]:
        for cell in area["subZones"]:
            held.setdefault(cell, []).append((area.get("collection", ""), area["id"]))
    values = {name: _data(of, len(cells)) for name, of in numbers.items()}
    statuses = {name: _data(of, len(cells)) for name, of in why.items()}
    odd = sorted(said.keys() ^ MEMBERS) + [n for n in (numbers, why) if len(numbers) != len(why)]
    return [
        {
            ZONE: cell,
            "values": {name: of[i] for name, of in values.items()},
            "status": {name: of[i] for name, of in statuses.items()},
            "areas": sorted(held.pop(cell, [])),
            "odd": odd + (sorted(held) if i == len(cells) - 1 else []),
        }
        for i, cell in enumerate(cells)
    ]


MEMBERS: Final = {"dggrs", "zoneId", "depths", "schema", "values", "status", "areas"}
"""Members of DGGS-JSON."""


def _data(of: Sequence[Mapping[str, Any]], size: int) -> Sequence[Any]:
    """Return the array of the only depth that was asked for."""
    (one,) = of
    if len(one["data"]) != size or one["shape"] != {"count": size, "subZones": size}:
        raise CannotAudit(f"an array of {len(one['data'])} values for {size} zones")
    data: Sequence[Any] = one["data"]
    return data
