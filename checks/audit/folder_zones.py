"""A table of zones is made again of its rows, like any other table."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from checks.audit import zones
from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.folder_tables import TYPES, described
from checks.audit.manifest_layers import note
from checks.audit.published import Collection, Published
from checks.audit.zones import LEVEL, coarsest

WHY: Final = "the table is not what its rows make: written again it has other bytes"


def check(tally: Tally, folder: Folder, published: Published) -> None:
    """Check the tables of zones of a release folder."""
    for said in folder.manifest["zones"]:
        shown = [published.zones[f"{said['path']}/{level}"] for level in said["levels"]]
        layer = folder.layers[coarsest(folder.manifest, said["family"])]
        raw = folder.read(said["path"])
        try:
            parts = [zones.parts_of(published, one) for one in shown]
            again = _written(layer, said["levels"], shown, parts)
        except (ValueError, TypeError, pa.ArrowException) as error:
            tally.find(said["path"], f"rows of other types than their fields: {error}")
            continue
        tally.require(
            again == raw or bool(folder.elsewhere),
            said["path"],
            WHY,
            bytes=len(raw),
            again=len(again),
        )


def _written(
    layer: Mapping[str, Any],
    levels: Sequence[int],
    shown: Sequence[Collection],
    parts: Sequence[Sequence[Sequence[str]]],
) -> bytes:
    """Return the table of these levels, the rows of each by id."""
    numbers = [level for level, of in zip(levels, shown, strict=True) for _ in of.features]
    columns = {LEVEL: pa.array(numbers, pa.int8())}
    for field in layer["fields"]:
        name = field["name"]
        values = [value for of in shown for value in of.rows[name].tolist()]
        columns[name] = pa.array(values, TYPES[field["type"]])
    columns[zones.PARTS] = pa.array([of for level in parts for of in level], TYPES["codes"])
    end = note(layer["resolution"])
    title = {lang: text.removesuffix(end[lang]) for lang, text in layer["title"].items()}
    theme = {**layer, "id": layer["family"], "title": title}
    table = pa.table(columns).replace_schema_metadata({"atlante": described(theme)})
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue()
