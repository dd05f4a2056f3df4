"""OpenStreetMap's social facilities: a GeoJSON export of Overpass Turbo or osmium.

One feature for each object; its tags are the properties, `@id` (``node/1``) or `@id` and `@type`
name it. Read are amenity, social_facility, social_facility:for, office, name, operator,
operator:type, addr:street, addr:place, addr:housenumber, addr:postcode, opening_hours, capacity,
wheelchair, toilets:wheelchair. Telephones, mail addresses and every other tag stay outside.

Never taken: whatever in any tag speaks of violence or of refuge, and homes and shelters that do
not say for whom they are, or are for people who may be hiding. The map's mistake must not
become ours.

The data are under the Open Database Licence, which asks that a table made with them be under it
as a whole. Every row says so in `licenza`; the build publishes every layer that is made of a table
with such a row under that licence, and names the map in its attribution.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.errors import IngestError
from geo_core.importers.base import Context, Imported, Importer, of_elsewhere
from geo_core.importers.organisations import OSM, TABLE, merged
from geo_core.importers.runts import one_file
from geo_core.ingest.addresses import words
from geo_core.ingest.left_out import LeftOut, left_out
from geo_core.ingest.rules import OPENING_HOURS, PATTERNS
from geo_core.model.tables import GEOMETRY
from geo_core.model.text import Text
from geo_core.sources import csv, registry
from geo_core.sources.base import Limits

OFFICES: Final = "sedi"
LICENCE: Final = "ODbL-1.0"
LIMITS: Final = Limits(columns=2_000)
"""Every tag of any object is a column."""

TAGS: Final = (
    "@id", "@type", "amenity", "social_facility", "social_facility:for", "office", "name",
    "operator", "operator:type", "addr:street", "addr:place", "addr:housenumber",
    "addr:postcode", "opening_hours", "capacity", "wheelchair", "toilets:wheelchair",
)  # fmt: skip

_FACILITIES: Final = {
    "outreach": "sportello_sociale",
    "day_care": "centro_diurno",
    "nursing_home": "struttura_residenziale",
    "assisted_living": "struttura_residenziale",
    "group_home": "struttura_residenziale",
    "shelter": "accoglienza",
    "soup_kitchen": "mensa",
    "food_bank": "emporio",
}
_AMENITIES: Final = {
    "childcare": "nido",
    "nursing_home": "struttura_residenziale",
    "community_centre": "centro_aggregazione",
}
_MUST_SAY_FOR_WHOM: Final = frozenset({"group_home", "shelter"})
_OPEN_TO_KNOW: Final = frozenset({"senior", "disabled", "homeless", "mental_health", "diseased"})
"""People whose home may be on a map."""

_SECRET: Final = re.compile(
    r"violen|maltratt|abus|rifug|refug|victim|vittim|stalk|tratta\b|traffick|women|\bdonn|mother"
    r"|madr[ei]|battered|1522",
    re.IGNORECASE,
)
_OPERATORS: Final = {
    "public": "altro",
    "government": "altro",
    "religious": "parrocchia",
    "ngo": "ets",
    "charity": "ets",
    "private": "impresa",
    "business": "impresa",
}
_TITLED: Final = re.compile(r"(dott|dr|sig|geom|avv|prof|ing|suor|don)\b\.?", re.IGNORECASE)
_WITH_PLACES: Final = frozenset({"nido", "centro_diurno", "struttura_residenziale", "accoglienza"})

type Tags = Mapping[str, str]


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one export into the tables `sedi` and `organizzazioni`.

    Earlier rows of the same origin are replaced, others stay.

    Raises
    ------
    SourceError, IngestError
        The file cannot be read, or has no geometry or no `@id`.
    """
    path = one_file(files)
    table = registry.read(path, limits=LIMITS).frame
    if not isinstance(table, gpd.GeoDataFrame) or "@id" not in table:
        hint = "export GeoJSON from Overpass Turbo, or with osmium export -a type,id"
        raise IngestError("is no export of OpenStreetMap", where=path.name, hint=hint)
    tags = pd.DataFrame(table.drop(columns=GEOMETRY)).fillna("")
    secret = _secret(tags)
    open_ = tags[~secret].reindex(columns=list(TAGS), fill_value="")
    kinds = pd.Series([_kind(row) for row in _records(open_)], index=open_.index, dtype=object)
    social = open_[kinds.ne("") & open_["name"].ne("")]
    placed = _placed(social, table.geometry, context)
    offices = [
        _office(row, kinds[at]) for at, row in zip(placed.index, _records(placed), strict=True)
    ]
    rows = pd.DataFrame(offices, index=placed.index, dtype=object)
    owners = _owners(placed)
    return Imported(
        {OFFICES: _with_others(context.input, rows), TABLE: merged(context.input, owners, OSM)},
        rows=len(tags),
        accepted=len(rows),
        left_out=(
            *_left_out(int(secret.sum()), len(open_) - len(social)),
            *of_elsewhere(len(social) - len(placed)),
        ),
        dropped=tuple(str(name) for name in tags if name not in TAGS),
        notes=_notes(len(owners)),
    )


def _left_out(secret: int, other: int) -> tuple[LeftOut, ...]:
    return (
        *left_out(secret, it="il loro luogo può essere segreto", en="their place may be a secret"),
        *left_out(other, it="di altri tipi o senza nome", en="of other kinds or without a name"),
    )


def _notes(owners: int) -> tuple[Text, ...]:
    return (
        Text(it=f"organizzazioni: {owners}", en=f"organisations: {owners}"),
        Text(
            it=f"le righe sono sotto {LICENCE}: lo saranno anche le raccolte che ne sono fatte",
            en=f"the rows are under {LICENCE}: so will be the collections made of them",
        ),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, str]]:
    names = [str(name) for name in frame]
    return [dict(zip(names, cells, strict=True)) for cells in frame.itertuples(index=False)]


def _secret(tags: pd.DataFrame) -> pd.Series:
    """Tell which objects may be hidden places, by any of their tags but the address."""
    secret = pd.Series(data=False, index=tags.index)
    for name in tags:
        if not str(name).startswith("addr:"):
            given = tags[name].ne("")
            secret |= tags[name].str.contains(_SECRET) | (given & bool(_SECRET.search(str(name))))
    return secret


def _kind(tags: Tags) -> str:
    """Return our kind of office, or ``""``."""
    facility, amenity = tags["social_facility"], tags["amenity"]
    name = words(tags["name"])
    if facility in _MUST_SAY_FOR_WHOM:
        people = {one.strip() for one in tags["social_facility:for"].split(";")}
        return _FACILITIES[facility] if people <= _OPEN_TO_KNOW else ""
    if facility in _FACILITIES:
        return _FACILITIES[facility]
    if amenity == "kindergarten":
        # The tag is also that of schools for children from three years on.
        return "nido" if {"nido", "micronido"} & set(name) else ""
    if tags["office"] in {"employment_agency", "government"} and "impiego" in name:
        return "centro_impiego"
    return _AMENITIES.get(amenity, "")


def _placed(social: pd.DataFrame, shapes: gpd.GeoSeries, context: Context) -> pd.DataFrame:
    """Add `lon`, `lat` and `cod_istat`; leave out what is not in a wanted municipality."""
    wanted = context.municipalities[context.municipalities["cod_istat"].isin(context.wanted)]
    points = shapely.point_on_surface(shapes.loc[social.index].to_numpy())
    which, area = shapely.STRtree(wanted.geometry.to_numpy()).query(points, "intersects")
    first = pd.Series(area, index=which, dtype="int64").groupby(level=0).first()
    at = first.index.to_numpy(dtype=int)
    return social.iloc[at].assign(
        lon=[f"{x:.7f}" for x in shapely.get_x(points[at])],
        lat=[f"{y:.7f}" for y in shapely.get_y(points[at])],
        cod_istat=wanted["cod_istat"].to_numpy()[first.to_numpy(dtype=int)],
    )


def _office(tags: Tags, kind: str) -> dict[str, str]:
    street = tags["addr:street"] or tags["addr:place"]
    number = tags["addr:housenumber"] if street else ""
    cap, capacity = tags["addr:postcode"], tags["capacity"]
    return {
        "id_sede": f"OSM-{_object(tags)}",
        "nome": tags["name"],
        "tipo_sede": kind,
        "id_org": _owner_id(tags),
        "indirizzo": ", ".join(part for part in (street, number) if part),
        "cap": cap if re.fullmatch(PATTERNS["cap"][0], cap) else "",
        "cod_istat": tags["cod_istat"],
        "orari": hours if re.fullmatch(OPENING_HOURS[0], hours := tags["opening_hours"]) else "",
        "accessibilita_gradini": "false" if tags["wheelchair"] == "yes" else "",
        "accessibilita_bagno": {"yes": "true", "no": "false"}.get(tags["toilets:wheelchair"], ""),
        "posti": capacity if kind in _WITH_PLACES and re.fullmatch(r"\d{1,4}", capacity) else "",
        "riservata": "false",
        "qualita_geocodifica": "civico" if number else "",
        "lon": tags["lon"],
        "lat": tags["lat"],
        "dato_sintetico": "false",
        "fonte": OSM.source,
        "licenza": LICENCE,
    }


def _object(tags: Tags) -> str:
    """Return ``n1``, ``w2`` or ``r3``."""
    kind, _, number = tags["@id"].rpartition("/")
    return f"{(kind or tags['@type'])[:1]}{number}"


def _owners(placed: pd.DataFrame) -> pd.DataFrame:
    """Return one organisation for each operator, seated where its first office is.

    In the index is the row of that office.
    """
    rows: dict[str, dict[str, str]] = {}
    first: dict[str, int] = {}
    for at, tags in zip(placed.index, _records(placed), strict=True):
        town = words(_owner(tags))[:1] == ("comune",)
        owner = {
            "id_org": _owner_id(tags),
            "denominazione": _owner(tags),
            "tipo": "comune" if town else _OPERATORS.get(tags["operator:type"], "altro"),
            "cod_istat": tags["cod_istat"],
            "licenza": LICENCE,
        }
        rows.setdefault(owner["id_org"], owner)
        first.setdefault(owner["id_org"], int(at))
    return pd.DataFrame(list(rows.values()), index=list(first.values()), dtype=object)


def _owner(tags: Tags) -> str:
    """Return who runs the office; the office itself where a person does, or nobody is named."""
    operator = tags["operator"]
    return tags["name"] if not operator or _TITLED.match(operator) else operator


def _owner_id(tags: Tags) -> str:
    name = " ".join(words(_owner(tags)))
    return f"OSM-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _with_others(folder: Path, rows: pd.DataFrame) -> pd.DataFrame:
    path = folder / f"{OFFICES}.csv"
    if not path.exists():
        return rows
    before = csv.read(path)
    others = before[before["fonte"].ne(OSM.source)] if "fonte" in before else before
    return pd.concat([others.set_axis(-others.index), rows]).fillna("")


IMPORTER: Final = Importer(
    name="osm",
    title=Text(it="Sedi da OpenStreetMap", en="Offices from OpenStreetMap"),
    makes=(OFFICES, TABLE),
    files=Text(
        it="un'esportazione GeoJSON di Overpass Turbo o osmium, .geojson",
        en="a GeoJSON export of Overpass Turbo or osmium, .geojson",
    ),
    read=read,
)
