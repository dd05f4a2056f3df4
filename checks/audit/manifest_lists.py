"""Every list of a manifest has one order, and nothing in it that nobody uses.

An order that is free is a number; so is a code that no row may have, or a file named twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, Folder
from checks.audit.manifest_form import LIBRARIES, RECORDS
from checks.audit.manifest_layers import note
from checks.audit.published import Published
from checks.audit.themes import Theme, themes_of

STATES: Final = ("published", "band", "merged", "no-data")
"""What the columns that say how to read a figure may say."""
PLACES: Final = ("cella", "gruppo")
"""What an area may be."""
SHOWN: Final = ((8, 6), (10, 7))
"""Up to this zoom a theme shows this H3 resolution; the finest above."""
FINEST: Final = 8
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
INVENTED: Final = "Dati inventati da Atlante (CC BY 4.0)"
"""Author of what is made for demonstration."""
BEFORE: Final = 30
"""Years before the release from which data may be."""
AFTER: Final = 5
"""Years after its reference day in which boundaries may be drawn, or a policy signed."""


def check(tally: Tally, folder: Folder, published: Published) -> None:
    """Check the lists of the manifest of a release folder."""
    manifest = folder.manifest
    themes = themes_of(published.disclosure)
    for name, (found, made) in _orders(folder).items():
        tally.require(
            found == made,
            MANIFEST,
            f"{name} are not those of the release, in their order",
            others=sorted({str(one) for one in found} ^ {str(one) for one in made})[:9],
        )
    for tileset in manifest["tilesets"]:
        if tileset["theme"]:
            _theme(tally, folder, tileset)
    covering = {
        ident: [t for t in themes if t.covers(ident, published.collections[ident].fields)]
        for ident in folder.layers
    }
    public = {
        field["codelist"]
        for ident, layer in folder.layers.items()
        for field in layer["fields"]
        if not covering[ident]
    }
    own = {name: of for name, of in manifest["codelists"].items() if name not in public}
    for ident, layer in folder.layers.items():
        if covering[ident]:
            _codes(tally, layer, own, covering[ident])
    for name, listed in manifest["codelists"].items():
        codes = [entry["code"] for entry in listed]
        tally.require(
            len(set(codes)) == len(codes), MANIFEST, "a code that stands twice", codelist=name
        )
    _inputs(tally, manifest)


def is_day(text: str, reference: str) -> bool:
    """Tell whether a text is a day, not long before the reference day of a release nor after."""
    try:
        year = date.fromisoformat(text).year - date.fromisoformat(reference).year
    except ValueError:
        return False
    return DAY.fullmatch(text) is not None and -BEFORE <= year <= AFTER


def _orders(folder: Folder) -> dict[str, tuple[Sequence[Any], Sequence[Any]]]:
    """Return every list as it is and as it has to be."""
    manifest, layers = folder.manifest, list(folder.layers.values())
    infos = [info["layer"]["id"] for info in manifest["collections"]]
    drawn = [x for x in layers if x["geometry"] != "none"]
    named = {f["codelist"] for x in layers for f in x["fields"]} - {None}
    paths = [entry["path"] for entry in manifest["files"]]
    inputs = [one["name"] for one in manifest["inputs"]]
    styles = list(manifest["styles"])
    return {
        "collections": (infos, [x["id"] for x in sorted(layers, key=_place)]),
        "styles": (styles, sorted({x["family"] for x in layers} & set(styles))),
        "code lists": (list(manifest["codelists"]), sorted(named)),
        "tilesets": ([one["id"] for one in manifest["tilesets"]], list(_tilesets(drawn))),
        "rasters": (
            manifest["rasters"],
            [one for x in sorted(layers, key=_place) for one in _rasters(x)],
        ),
        "zones": (manifest["zones"], list(_zones(layers))),
        "inputs": (inputs, sorted(set(inputs))),
        "libraries": (list(manifest["versions"]), list(LIBRARIES)),
        "files": (paths, sorted(set(paths), key=lambda path: path.split("/"))),
    }


def _place(layer: Mapping[str, Any]) -> tuple[str, bool, int, str]:
    return layer["family"], layer["series"], layer["resolution"] or 0, layer["id"]


def _rasters(layer: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the rasters of a collection; if there are several, their names end with the field."""
    fields = (layer["raster"] or {"fields": []})["fields"]
    for field in fields:
        ident = f"{layer['id']}_{field}" if len(fields) > 1 else layer["id"]
        of = {"collection": layer["id"], "field": field}
        yield {"id": ident, **of, "path": f"rasters/{ident}.tif"}


def _zones(layers: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the tables of protected families on cells: the levels above their collections."""
    of = [x for x in layers if x["sensitivity"] == "B" and x["resolution"] and not x["series"]]
    for family in sorted({x["family"] for x in of}):
        levels = list(range(min(x["resolution"] for x in of if x["family"] == family)))
        yield {"family": family, "path": f"zones/{family}.parquet", "levels": levels}


def _tilesets(drawn: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the ids of all tilesets: of collections, then of families with several of them."""
    tiled = sorted((x for x in drawn if x["zooms"]), key=_place)
    yield from (layer["id"] for layer in tiled)
    families = [layer["family"] for layer in tiled if layer["resolution"] is not None]
    yield from (f for f in dict.fromkeys(families) if families.count(f) > 1)


def _theme(tally: Tally, folder: Folder, said: Mapping[str, Any]) -> None:
    """Check title and collections of a tileset that shows another resolution by zoom."""
    members = {
        layer["resolution"]: layer
        for layer in folder.layers.values()
        if layer["family"] == said["id"] and layer["zooms"] and layer["resolution"] is not None
    }
    first = members[min(members)] if members else {"title": {}, "resolution": None}
    end = note(first["resolution"])
    title = {lang: text.removesuffix(end[lang]) for lang, text in first["title"].items()}
    shown = {z: members[_shown_at(int(z), members)]["id"] for z in said["collections"] if members}
    tally.require(
        said["title"] == title and said["collections"] == shown,
        f"{MANIFEST}, {said['id']}",
        "tiles of a theme that are not those of its collections",
        title=said["title"],
        collections=said["collections"],
    )


def _shown_at(zoom: int, resolutions: Mapping[int, Any]) -> int:
    wanted = next((of for last, of in SHOWN if zoom <= last), FINEST)
    return min(resolutions, key=lambda one: (abs(one - wanted), one))


def _codes(
    tally: Tally,
    layer: Mapping[str, Any],
    codelists: Mapping[str, Sequence[Mapping[str, Any]]],
    covering: Sequence[Theme],
) -> None:
    """Check the codes that columns of protected figures may have: no other says anything."""
    bands = {f"{t.band[0]}-{t.band[1]}" for t in covering if t.band}
    categories = [list(t.counts) for t in covering]
    for field in layer["fields"]:
        if field["codelist"] not in codelists:
            continue  # none, or one that open collections have too
        codes = [entry["code"] for entry in codelists[field["codelist"]]]
        usual = codes in ([c for c in of if c in codes] for of in (STATES, PLACES))
        tally.require(
            usual or set(codes) == bands or codes in categories,
            f"{MANIFEST}, {layer['id']}",
            "a code list of protected figures with other codes than these can have",
            column=field["name"],
            codes=codes,
        )


def _inputs(tally: Tally, manifest: Mapping[str, Any]) -> None:
    """Check days, authors and licences of inputs."""
    day = manifest["reference_date"]
    authors = {
        author
        for info in manifest["collections"]
        for author in info["layer"]["attribution"].split("; ")
    }
    owner = manifest["publication"]["rights_holder"]["name"]["it"]
    authors |= {f"{owner} (CC BY 4.0)", INVENTED}
    for said in manifest["inputs"]:
        where = f"{MANIFEST}, {said['name']}"
        year = said["version"].partition("-")[0]
        dated = is_day(said["version"], day) or is_day(f"{said['version']}-01-01", day)
        tally.require(
            dated or not year.isdecimal(), where, "a day that is none", version=said["version"]
        )
        if said["name"].removesuffix(".csv") in RECORDS:
            tally.require(
                set(said["attribution"].split("; ")) <= authors,
                where,
                "an author that no collection names",
                attribution=said["attribution"],
            )
