"""What the declaration of a collection says follows from its rows, its family and its statement.

Collections of one family come from one declaration: what they do not share is a note on the size
of hexagons, or that one has every year. So a number cannot stand in one of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import h3

from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, Folder
from checks.audit.published import Collection, Published
from checks.audit.themes import Theme, themes_of

type Declared = Mapping[str, Any]
"""The declaration of a collection."""

OWN: Final = frozenset({"id", "title", "description", "geometry", "sort", "resolution", "series",
                        "zooms", "raster"})  # fmt: skip
"""Members in which the collections of a family differ."""
INVENTED: Final = {
    "none": ({"it": "", "en": ""}, {"it": "", "en": ""}),
    "some": (
        {"it": " (in parte dimostrativo)", "en": " (partly demonstration)"},
        {
            "it": " Una parte dei dati è inventata a scopo dimostrativo: dato_sintetico dice di "
            "ogni riga se lo è.",
            "en": " Some of the data are invented for demonstration: dato_sintetico says which "
            "rows are.",
        },
    ),
    "all": (
        {"it": " (dimostrativo)", "en": " (demonstration)"},
        {
            "it": " Dati inventati a scopo dimostrativo, da non usare per decidere.",
            "en": " Invented data for demonstration: do not decide by them.",
        },
    ),
}
"""What titles and descriptions end with, by how much is invented."""
AREAS: Final = {"it": ": aree", "en": ": areas"}
YEARS: Final = {"it": ", serie annuale", "en": ", by year"}
EVERY_YEAR: Final = {
    "it": " Una riga per area e per anno, anche degli anni passati.",
    "en": " One row for each area and year, past years included.",
}
PLACES: Final = {"cod_istat": "comuni", "cod_ambito": "ambiti"}
"""What estimates are for, by the column of their key."""
SHAPES: Final[Mapping[str, frozenset[str]]] = {
    "none": frozenset(),
    "Point": frozenset({"Point"}),
    "MultiPolygon": frozenset({"Polygon", "MultiPolygon"}),
    "Geometry": frozenset({"Point", "Polygon", "MultiPolygon"}),
}
MEASURED: Final = frozenset({"integer", "number", "date"})
"""Kinds of columns by which protected figures stand from the largest down; texts go up."""
TILED: Final = range(15)
"""Zooms that a tileset may have."""
MARK: Final = "dato_sintetico"
SOURCE: Final = "fonte"
LICENCE: Final = "licenza"


def check(tally: Tally, folder: Folder, published: Published) -> None:
    """Check the declaration of every collection of a release folder."""
    themes = themes_of(published.disclosure)
    for ident, layer in folder.layers.items():
        collection = published.collections[ident]
        covering = [t for t in themes if t.covers(ident, collection.fields)]
        right = {
            **_named(layer, folder),
            **_of_rows(layer, collection),
            **(_protected(layer, collection, covering) if covering else _open(layer, collection)),
        }
        wrong = sorted(name for name, holds in right.items() if not holds)
        tally.require(
            not wrong,
            f"{MANIFEST}, {ident}",
            "a declaration that rows, family and statement do not make",
            members=wrong,
        )
    _families(tally, list(folder.layers.values()))


def note(resolution: int | None) -> dict[str, str]:
    """Return what a title says of the size of hexagons; nothing without a resolution."""
    if resolution is None:
        return {"it": "", "en": ""}
    area = h3.average_hexagon_area(resolution, "km^2")
    text = f"{area:.0f}" if area >= 1 else f"{area:.1g}"
    return {
        "it": f", esagoni di circa {text.replace('.', ',')} km²",
        "en": f", hexagons of about {text} km²",
    }


def _named(layer: Declared, folder: Folder) -> dict[str, bool]:
    """Tell of members that are made of others whether they are."""
    names = [field["name"] for field in layer["fields"]]
    sort = [key.removeprefix("-") for key in layer["sort"]]
    zooms, raster = layer["zooms"], layer["raster"]
    rasters = [r["field"] for r in folder.manifest["rasters"] if r["collection"] == layer["id"]]
    ending = "_serie" if layer["series"] else f"_r{layer['resolution']}"
    ids = {f"{layer['family']}{ending}"} if layer["resolution"] is not None else {
        layer["family"], f"{layer['family']}_aree"
    }  # fmt: skip
    return {
        "id": layer["id"] in ids,
        "fields": _once(names),
        "weight": _weighed(layer["fields"]),
        "keywords": layer["keywords"] == sorted(set(layer["keywords"])),
        "made_of": layer["made_of"] == sorted(set(layer["made_of"])),
        "title_field": layer["title_field"] in names,
        "sort": _once(sort) and set(sort) <= set(names),
        "zooms": zooms is None or (zooms["min"] in TILED and zooms["max"] in TILED[zooms["min"] :]),
        "raster": rasters == (raster["fields"] if raster else []) and _once(rasters),
        "attribution": layer["attribution"] == layer["source"]["it"],
    }


def _of_rows(layer: Declared, collection: Collection) -> dict[str, bool]:
    """Tell whether a declaration is what the rows are."""
    kinds = {shape.geom_type for shape in collection.geometry if shape is not None}
    flags = set(collection.rows[MARK]) if MARK in collection.fields else set()
    state = "some" if len(flags) > 1 else "all" if True in flags else "none"
    return {
        "geometry": kinds <= SHAPES[layer["geometry"]],
        "period": layer["period"] == ("periodo_inizio" in collection.fields),
        "synthetic": not flags or layer["synthetic"] == state,
    }


def _open(layer: Declared, collection: Collection) -> dict[str, bool]:
    """Tell of a collection that no statement covers whether it is open, or has no rows yet."""
    empty = not collection.features
    return {
        "sensitivity": (layer["sensitivity"] == "B") == (layer["policy"] is not None),
        "policy": layer["policy"] is None or empty,
        "estimated_on": layer["estimated_on"] is None or empty,
    }


def _protected(
    layer: Declared, collection: Collection, covering: Sequence[Theme]
) -> dict[str, bool]:
    """Tell of a protected collection whether its declaration is what the statement says."""
    estimates = [t.estimates[collection.id] for t in covering if collection.id in t.estimates]
    stated = {t.resolutions.get(collection.id, layer["resolution"]) for t in covering}
    falling = {f"-{f['name']}" for f in layer["fields"] if f["type"] in MEASURED}
    return {
        "sort": all((key in falling) == key.startswith("-") for key in layer["sort"])
        and not {f"-{key}" for key in layer["sort"]} & falling,
        "sensitivity": layer["sensitivity"] == "B",
        "policy": {layer["policy"]} == {t.name for t in covering},
        "estimated_on": {layer["estimated_on"]}
        == ({PLACES.get(one.key) for one in estimates} or {None}),
        "resolution": stated == {layer["resolution"]},
        "aggregate": all(f["aggregate"] == _summed(f["type"], layer) for f in layer["fields"]),
        "synthetic": {layer["synthetic"] == "all"} == {t.synthetic for t in covering},
        "frequency": layer["frequency"] == "ANNUAL",
        "current_only": layer["current_only"] is False,
        "source": _alone(collection, SOURCE, layer["source"]["it"]),
        "licence": _alone(collection, LICENCE, layer["licence"]),
    }


def _weighed(fields: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether means, and no other fields, name a weight: a sum of the same collection."""
    sums = {f["name"] for f in fields if f["aggregate"] == "sum"}
    return all(
        f["weight"] in sums if f["aggregate"] == "weighted_mean" else f["weight"] is None
        for f in fields
    )


def _summed(kind: str, layer: Declared) -> str:
    """Return how a protected field is to be aggregated: whole numbers on areas are sums."""
    return "sum" if kind == "integer" and layer["resolution"] is not None else "none"


def _alone(collection: Collection, column: str, text: str) -> bool:
    """Tell whether a column, if there is one, has one text in all rows."""
    return column not in collection.fields or set(collection.rows[column]) <= {text}


def _once(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names)


def _families(tally: Tally, layers: Sequence[Declared]) -> None:
    """Check that the collections of a family are one declaration."""
    for family in dict.fromkeys(layer["family"] for layer in layers):
        members = [layer for layer in layers if layer["family"] == family]
        differ = set(_differing(members))
        tally.require(
            not differ,
            f"{MANIFEST}, {family}",
            "collections of one family that are declared otherwise",
            members=sorted(differ),
        )


def _differing(members: Sequence[Declared]) -> Iterator[str]:
    first = members[0]
    latest = [m for m in members if not m["series"]]
    for member in members:
        yield from (n for n in member if n not in OWN and member[n] != first[n])
        # The title of an open collection by itself is a text like others.
        alone = len(members) == 1 and member["policy"] is None
        for name in () if alone else ("title", "description"):
            if _bare(name, member) is None or _bare(name, member) != _bare(name, first):
                yield name
        resolutions = {m["resolution"] for m in latest}
        if member["series"] and (member["zooms"] or member["resolution"] not in resolutions):
            yield "series"
    for name in ("zooms", "sort", "geometry"):
        if len({repr(_shared(m, name)) for m in latest}) > 1:
            yield name


def _shared(member: Declared, name: str) -> Any:
    """Return a member as the declaration has it: areas have no rows of another shape to sort."""
    of_areas = member["id"].endswith("_aree") and member["resolution"] is None
    if name == "geometry" and of_areas:
        return "Geometry"
    if name == "sort":
        return [key for key in member["sort"] if key != "-tipo_geometria"]
    return member[name]


def _bare(name: str, member: Declared) -> dict[str, str] | None:
    """Return title or description without what its kind adds; None if it does not add it."""
    added = INVENTED[member["synthetic"]][name == "description"]
    own: dict[str, str] = {"it": "", "en": ""}
    if name == "title":
        ends = [note(member["resolution"]), added]
        of_areas = member["resolution"] is None and member["id"] == f"{member['family']}_aree"
        ends += [YEARS] if member["series"] else [AREAS] if of_areas else []
    else:
        ends = [added, *([EVERY_YEAR] if member["series"] else [])]
    for lang in own:
        text = member[name][lang]
        for end in ends:
            if not text.endswith(end[lang]):
                return None
            text = text.removesuffix(end[lang])
        own[lang] = text
    return own
