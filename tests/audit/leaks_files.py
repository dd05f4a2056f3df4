"""Deliberate leaks in files, tiles, pages and statements, and in what areas and figures are."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from leaks import LEAKS, Scene, changed, leak
from tiny_site import ROOT, ok

from checks.audit.collect import collect

FILE = "download/bisogni_r8.parquet"


def _written(change):
    """Return a plant that writes the file of a collection anew; `change(table)` gives bytes."""

    def plant(scene):
        def later(service):
            table = pq.read_table(io.BytesIO(service.answers[FILE].body))
            service.answers[FILE] = ok(change(table))

        scene.later.append(later)

    return plant


def _bytes(table, **options):
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


LEAKS["a text of the writer in a file that holds counts"] = (
    "formats",
    _written(lambda t: _bytes(t.replace_schema_metadata({"counts": "3 1 4"}))),
)
LEAKS["a text of a column in a file"] = (
    "formats",
    _written(
        lambda t: _bytes(
            t.cast(
                pa.schema(
                    [f.with_metadata({"sum": "117"}) if f.name == "n_a" else f for f in t.schema]
                )
            )
        )
    ),
)
LEAKS["a description in a file with a number of persons"] = (
    "formats",
    _written(lambda t: _bytes(t.replace_schema_metadata({"atlante": '{"persons": 117}'}))),
)


@leak("formats", "bytes between the pages of a file")
def _gap(scene):
    def change(table):
        raw = _bytes(table)
        foot = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
        return raw[:foot] + b"3 1 4 1 5" + raw[foot:]

    _written(change)(scene)


@leak("formats", "values in the dictionary of a column that no row has")
def _dictionary(scene):
    def change(table):
        column = table.column("fonte").combine_chunks()
        named = pa.DictionaryArray.from_arrays(pa.array([0] * len(column)), ["Prova", "3 1 4"])
        at = table.schema.get_field_index("fonte")
        return _bytes(table.set_column(at, "fonte", named))

    _written(change)(scene)


changed("replay", "a share with more decimals than the others", "bisogni_r7", 0, quota_a=84.09)
changed("replay", "a mean with more decimals than the others", "voti_sedi", 0, voto_medio=1.63)
changed("replay", "a band for a number that is none", "bisogni_r7", 1, n_a=None,
        n_a_stato="band", n_a_fascia="0-4")  # fmt: skip
changed("replay", "a large area that is said to be merged", "bisogni_r7", 1, n_b=None,
        n_b_stato="merged")  # fmt: skip


@leak("replay", "an outline that is moved to where the cases are")
def _outline(scene):
    feature = scene.given["bisogni_r8"][3]
    shape = shapely.geometry.shape(feature["geometry"])
    feature["geometry"] = shapely.geometry.mapping(shapely.affinity.translate(shape, 5e-4, 5e-4))


@leak("replay", "two areas that overlap")
def _overlap(scene):
    one, other = scene.given["bisogni_r8"][3:5]
    shapes = [shapely.geometry.shape(f["geometry"]) for f in (one, other)]
    one["geometry"] = shapely.geometry.mapping(shapely.unary_union(shapes))
    one["properties"]["celle"] = 2


@leak("allowlist", "an office that stands where its users live")
def _office(scene):
    scene.given["voti_sedi"][0]["geometry"] = {"type": "Point", "coordinates": [8.43, 45.33]}


@leak("allowlist", "an id of an area that counts its cases")
def _counted(scene):
    feature = scene.given["bisogni_r8"][3]
    feature["id"] = feature["properties"]["id"] = f"{feature['id']}~17"


@leak("replay", "a series whose year differs from the latest")
def _series(scene):
    rows = json.loads(json.dumps(scene.given["bisogni_r7"]))
    rows[1]["properties"]["n_b"] += 1
    scene.given["bisogni_serie"] = rows


@leak("replay", "a number of records in the statement")
def _records(scene):
    scene.said["statements"][0]["records"] = 117


@leak("replay", "an interval narrower than the noise")
def _narrow(scene):
    level = {"level": "area", "epsilon": 1.0, "scale": 1.0, "half_width_95": 3, "coverage": 0.9732}
    said = scene.said["statements"][0]
    said |= {"epsilon": 1.0, "noise_by_level": [level]}
    said["intervals"][0] |= {"below": 0, "above": 1}


@leak("replay", "an interval that holds less than it says")
def _covers(scene):
    scene.said["statements"][0]["intervals"][0]["coverage"] = 0.8


@leak("replay", "a text of the statement with another number in one language")
def _language(scene):
    title = {"it": "Attesa entro 30 giorni", "en": "Wait of up to 37 days"}
    scene.said["statements"][0]["categories"]["A"] = title


@leak("differencing", "a draw of the same name with other numbers")
def _draw(scene):
    before = Scene()
    before.row("bisogni_r8", 4)["n_a"] += 1
    for of, spent in ((before, 1.0), (scene, 2.0)):
        of.said["statements"][0] |= {"draw": "a1", "epsilon": 1.0, "epsilon_cumulative": spent}
    scene.earlier.append(replace(collect(before.service()), release="r0"))


@leak("differencing", "noise drawn anew that nothing is charged for")
def _uncharged(scene):
    _draw(scene)
    scene.said["statements"][0] |= {"draw": "b2", "epsilon_cumulative": 1.0}


PAGE = "collections/bisogni_r8/items"
ROW = '<tr{}><th scope="row"><a href="{}">{}</a></th>{}</tr>'


def _pages(row, around=""):
    """Return a plant that adds pages; `row(feature)` gives attributes of its row."""

    def plant(scene):
        def later(service):
            features = service.given["bisogni_r8"]
            rows = [_row(feature, row(feature)) for feature in features]
            page = f"<body>{around}<table><tbody>{''.join(rows)}</tbody></table></body>".encode()
            for lang in ("it", "en"):
                at = f"{PAGE}?f=html&lang={lang}&limit=1000&offset=0"
                service.answers[at] = ok(page)
            listed = json.loads(service.answers["collections"].body)
            for collection in listed["collections"]:
                if collection["id"] == "bisogni_r8":
                    collection["links"].append(
                        {"rel": "items", "href": f"{ROOT}{PAGE}?f=html", "type": "text/html"}
                    )
            service.answers["collections"] = ok(json.dumps(listed).encode())

        scene.later.append(later)

    return plant


def _row(feature, more):
    values = list(feature["properties"].values())[1:]
    cells = "".join(f"<td>{'—' if v is None else v}</td>" for v in values)
    return ROW.format(more, feature["id"], feature["id"], cells)


CLEAN_PAGE = _pages(lambda _: "", "<p>Prova</p>")
"""Pages without a leak."""


def _few(feature):
    return int(hashlib.sha256(feature["id"].encode()).hexdigest()[0], 16) % 5


LEAKS["a true count in an attribute of a page"] = (
    "formats",
    _pages(lambda f: f' data-n="{_few(f)}"'),
)
LEAKS["a class of a row that tells how many"] = (
    "formats",
    _pages(lambda f: ' class="few"' if _few(f) < 2 else ""),
)
LEAKS["a comment in a page that counts persons"] = (
    "formats",
    _pages(lambda _: "", "<!-- 117 persone -->"),
)
LEAKS["a summary above a table that counts persons"] = (
    "formats",
    _pages(lambda _: "", "<p>In tutto 117 persone</p>"),
)
LEAKS["data of a page for machines that count persons"] = (
    "formats",
    _pages(lambda _: "", '<script type="application/ld+json">{"size": 117}</script>'),
)


changed(
    "allowlist", "a year that ends early in one row", "bisogni_r8", 2, periodo_fine="2023-01-01"
)


@leak("allowlist", "a number beside the properties of a feature")
def _(scene: Scene) -> None:
    scene.given["bisogni_r8"][1]["n"] = 117


@leak("allowlist", "a number beside the coordinates of a geometry")
def _(scene: Scene) -> None:
    geometry = scene.given["bisogni_r8"][1]["geometry"]
    scene.given["bisogni_r8"][1]["geometry"] = {**geometry, "n": 117}
