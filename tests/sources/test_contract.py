"""What every source must do: one table goes into every format and comes out equal."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import psycopg
import pytest
import shapely

from geo_core.errors import SourceError
from geo_core.sources import ogcapi, postgis, registry
from geo_core.sources.base import LIMITS, Limits, Reading

COLUMNS = {
    "id": ["002158", "000001", "000010", "A-7"],
    "nome": ["Vercellì", "L'Aquila d'Arè", None, 'Città "nuova"; sì, è'],
    "nota": ["x", "", None, "due\trighe"],
    "n": [1, None, 30, -4],
    "q": [1.5, 20.0, None, 0.0000001],
}
TEXT = {
    **{name: COLUMNS[name] for name in ("id", "nome", "nota")},
    "n": ["1", None, "30", "-4"],
    "q": ["1.5", "20", None, "0.0000001"],
}
POINTS = [shapely.Point(8.4234, 45.3256), None, shapely.Point(8.1, 45.5), shapely.Point(7.9, 45.8)]

type Read = Callable[[Limits], Reading]


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(COLUMNS, geometry=POINTS, crs="EPSG:4326")


def features() -> list[dict[str, object]]:
    return [
        {
            "type": "Feature",
            "properties": {name: values[i] for name, values in COLUMNS.items()},
            "geometry": POINTS[i] and shapely.geometry.mapping(POINTS[i]),
        }
        for i in range(len(POINTS))
    ]


def written(text: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(text.encode(encoding))


def rows(separator: str, *, end: str = "\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerows([COLUMNS, *zip(*TEXT.values(), strict=True)])
    return out.getvalue()


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (list(COLUMNS), *map(list, zip(*COLUMNS.values(), strict=True))):
        book.active.append(row)
    book.save(path)


def shapefile(path: Path) -> None:
    frame().to_crs(3003).to_file(path, encoding="UTF-8")


def zipped(path: Path) -> None:
    shapefile(path.with_suffix(".shp"))
    with zipfile.ZipFile(path, "w") as archive:
        for part in path.parent.glob(f"{path.stem}.[!z]*"):
            archive.write(part, part.name)
            part.unlink()


def hsds(path: Path) -> None:
    places = [
        {
            **f["properties"],
            "location_type": "physical",
            "longitude": p and p.x,
            "latitude": p and p.y,
        }
        for f, p in zip(features(), POINTS, strict=True)
    ]
    path.write_text(json.dumps({"contents": places}), encoding="utf-8")


@dataclass(frozen=True)
class Format:
    """How one format is written here, and what it cannot say."""

    name: str
    write: Callable[[Path], object]
    layer: str | None = None
    null: str | None = None
    empty: str | None = ""
    drawn: bool = True
    first: int = 1
    lost: tuple[str, ...] = ()


def table(name: str, write: Callable[[Path], object], **more: object) -> Format:
    return Format(name, write, drawn=False, first=2, **more)


FILES = [
    table("utf8.csv", written(rows(",")), null=""),
    table("bom.csv", written(rows(";", end="\r\n"), "utf-8-sig"), null=""),
    table("windows.csv", written(rows(";", end="\r\n"), "cp1252"), null=""),
    table("tab.tsv", written(rows("\t")), null=""),
    table("foglio.xlsx", workbook, empty=None),
    Format("strato.gpkg", lambda path: frame().to_file(path, driver="GPKG")),
    Format("punti.shp", shapefile, empty=None),
    Format("punti.zip", zipped, empty=None),
    Format(
        "punti.geojson",
        lambda path: path.write_text(
            json.dumps({"type": "FeatureCollection", "features": features()}), encoding="utf-8"
        ),
    ),
    Format(
        "punti.fgb",
        lambda path: frame().to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO"),
    ),
    Format("punti.parquet", lambda path: frame().to_parquet(path, write_covering_bbox=True)),
    Format("sedi.json", hsds, layer="locations", lost=("location_type",)),
]
SERVICES = [Format("PostGIS", postgis), Format("OGC API Features", ogcapi)]


@pytest.fixture(params=[*FILES, *SERVICES], ids=lambda format_: format_.name)
def source(request, tmp_path) -> tuple[Format, Read, str]:
    """Return a format, how the table written in it is read, and the name errors must give."""
    kind: Format = request.param
    if kind.name == "PostGIS":
        address = request.getfixturevalue("postgis")
        fill(address)
        return kind, lambda limits: postgis.read(address, table="sedi", limits=limits), "sedi"
    if kind.name == "OGC API Features":
        paged = request.getfixturevalue("paged")
        address = request.getfixturevalue("answering")(paged(features(), 3))
        return (
            kind,
            lambda limits: ogcapi.read(address, collection="sedi", limits=limits),
            "sedi",
        )
    path = tmp_path / kind.name
    kind.write(path)
    return kind, lambda limits: registry.read(path, layer=kind.layer, limits=limits), kind.name


def fill(address: str) -> None:
    with psycopg.connect(address) as database:
        database.execute("DROP TABLE IF EXISTS sedi CASCADE")
        database.execute(
            "CREATE TABLE sedi (id text, nome text, nota text, n integer, q float8,"
            " geom geometry(Point, 3003))"
        )
        place = "ST_Transform(ST_SetSRID(ST_GeomFromWKB(%s), 4326), 3003)"
        for values in zip(*COLUMNS.values(), POINTS, strict=True):
            shape = shapely.to_wkb(values[-1]) if values[-1] else None
            database.execute(
                f"INSERT INTO sedi VALUES (%s, %s, %s, %s, %s, {place})",
                (*values[:-1], shape),
            )


def expected(kind: Format) -> pd.DataFrame:
    said = {None: kind.null, "": kind.empty}
    cells = {name: [said.get(v, v) for v in values] for name, values in TEXT.items()}
    return pd.DataFrame(cells, dtype=object)


def test_the_table_comes_out_as_it_went_in_and_twice_the_same(source):
    kind, read, _ = source
    reading, again = read(LIMITS), read(LIMITS)
    got = reading.frame
    plain = pd.DataFrame(got.drop(columns=["geometry", *kind.lost], errors="ignore"))
    assert plain.to_dict("list") == expected(kind).to_dict("list")
    assert list(got.index) == list(range(kind.first, kind.first + len(got)))
    assert got.index.name == "row"
    assert ("geometry" in got) == kind.drawn
    if kind.drawn:
        check_points(got)
    assert again.frame.equals(got)
    assert again.found == reading.found


def check_points(got: gpd.GeoDataFrame) -> None:
    assert got.crs == "EPSG:4326"
    assert list(got.geometry.isna()) == [point is None for point in POINTS]
    for shape, point in zip(got.geometry, POINTS, strict=True):
        assert shape is None or shape.distance(point) < 1e-6


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(rows=3), "3 rows|rows high"),
        (Limits(columns=4), "4 columns|wide"),
        (Limits(cells=6), "more than 6 cells"),
        (Limits(cell=5), "longer than 5 characters"),
        (Limits(bytes=40), "40"),
        (Limits(vertices=2), "more than 2 vertices"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_limits_hold_and_the_error_says_where_and_how_to_mend_it(source, limits, reason):
    kind, read, name = source
    if ("vertices" in reason and not kind.drawn) or (reason == "40" and kind.name == "PostGIS"):
        return  # nothing is drawn; a database has no size in bytes
    with pytest.raises(SourceError, match=reason) as caught:
        read(limits)
    assert caught.value.where.startswith(name.split(".")[0])
    assert caught.value.hint
    assert not any(text in str(caught.value) for text in ("Aquila", "Vercell", "nuova"))


def test_every_registered_ending_is_tested():
    tested = {Path(kind.name).suffix for kind in FILES}
    assert tested == set(registry.REGISTRY)


@pytest.mark.parametrize("name", ["sedi.xls", "sedi", "sedi.vrt", "sedi.pkl"])
def test_an_unknown_ending_lists_what_is_read(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(SourceError, match="not read") as caught:
        registry.read(tmp_path / name)
    assert all(ending in caught.value.hint for ending in registry.REGISTRY)


@pytest.mark.parametrize("ending", sorted(registry.REGISTRY))
def test_rubbish_folders_and_nothing_are_refused(tmp_path, ending):
    for content in (b"", b"\x00\x01\x02rubbish" * 50, b"<OGRVRTDataSource/>"):
        path = tmp_path / f"sedi{ending}"
        path.write_bytes(content)
        if content.startswith(b"<") and ending in {".csv", ".tsv"}:
            continue
        with pytest.raises(SourceError) as caught:
            registry.read(path)
        assert caught.value.where.startswith("sedi")
        assert caught.value.hint
    folder = tmp_path / f"cartella{ending}"
    folder.mkdir()
    with pytest.raises(SourceError, match="not a file"):
        registry.read(folder)
    with pytest.raises(SourceError, match="cannot be read"):
        registry.read(tmp_path / f"manca{ending}")
