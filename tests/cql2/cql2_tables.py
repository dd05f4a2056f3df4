"""Small tables on which filters are evaluated, as the engine has them and as plain rows."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import shapely

from api.features.columns import read_column, read_list_column
from api.features.cql2.values import Table
from geo_core.model.field import Field

GEOMETRIES = ("geometry", "footprint", "location", "road")


def field(name, kind):
    # Published examples name properties that no layer of ours may have, such as `layer:ids`.
    return Field.model_construct(name=name, type=kind)


def table(kinds, rows):
    """Return rows as the engine has them.

    Parameters
    ----------
    kinds : dict
        Type of each property; `geometry` apart.
    rows : list of dict
        Values as in `cql2_reference`.
    """
    values = {name: [_plain(row[name]) for row in rows] for name in kinds}
    shapes = np.array([*(row["geometry"] for row in rows), None], dtype=object)[:-1]
    return Table(
        size=len(rows),
        columns={
            name: read_column(field(name, kind), values[name])
            for name, kind in kinds.items()
            if kind != "codes"
        },
        lists={n: read_list_column(values[n]) for n, kind in kinds.items() if kind == "codes"},
        shapes=shapes,
        tree=shapely.STRtree(shapes) if len(rows) else None,
    )


def _plain(value):
    return value.isoformat() if isinstance(value, date) else value


_OF = {
    "text": ("Toronto", None, "Mike Jones", "LC82030282019133LGN00", "OLI_TIRS", "ΟΔΟΣ", "foobar"),
    "number": (1.0, None, 20.0, 203.0, 0.1, 28.0, 125.5),
    "boolean": (True, None, False, True, True, False, False),
    "date": (
        date(2015, 1, 1),
        None,
        date(2012, 6, 5),
        date(1851, 4, 29),
        date(2010, 2, 10),
        date(1969, 7, 20),
        date(2017, 6, 10),
    ),
    "codes": (["a", "b", "c"], None, [], ["layers-ca", "layers-us", "x"], ["a"], ["c", "a"], ["b"]),
}
_NAMED = {
    "text": (
        "city cityName owner name material eo:instrument beamMode swathDirection polarization "
        "landsat:scene_id road_class etat_vol geophys:SURVEY_NAME id"
    ),
    "number": (
        "balance depth floors taxes value foo bar x eo:cloud_cover landsat:wrs_row category "
        "landsat:wrs_path vehicle_height bridge_clearance windSpeed"
    ),
    "boolean": "swimming_pool",
    "date": "updated built updated_at event_time starts_at ends_at touchdown liftOff",
    "codes": "values layer:ids",
}
KINDS = {name: kind for kind, names in _NAMED.items() for name in names.split()}
_SHAPES = (
    shapely.Point(36.319836, 32.288087),
    None,
    shapely.box(0, 0, 10, 10),
    shapely.box(-118, 33.8, -117.95, 33.9),
    shapely.Point(-3.508362, -1.754181),
    shapely.LineString([(43.7, -79.3), (43.8, -79.2)]),
    shapely.box(-10, 1, 100, 20),
)


def _rows():
    for i, shape in enumerate(_SHAPES):
        # Properties of one type do not all have the same value in one row.
        turn = itertools.count()
        row = {n: _OF[kind][(i + next(turn)) % len(_SHAPES)] for n, kind in KINDS.items()}
        yield row | {"geometry": shape}


ROWS = list(_rows())
