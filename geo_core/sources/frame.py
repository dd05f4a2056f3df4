"""Makes the frame of what a parser hands on: the only module here that knows pandas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_core.model.tables import GEOMETRY
from geo_core.sources.base import Job, Parsed, Reading, refuse
from geo_core.sources.crs import CRS, to_lonlat


def assemble(job: Job, parsed: Parsed) -> Reading:
    """Return the frame of one table.

    Parameters
    ----------
    job : Job
        For messages.
    parsed : Parsed
        What a parser returned; its geometries were counted by `geo_core.sources.wkb`.

    Raises
    ------
    SourceError
        No reference system, one that is not read, coordinates out of bounds or swapped, or a
        column that is called `geometry` beside the geometry.
    """
    index = pd.Index(parsed.rows, dtype="int64", name="row")
    frame = pd.DataFrame(
        {
            name: pd.Series(cells, index=index, dtype=object)
            for name, cells in parsed.columns.items()
        },
        index=index,
    )
    if parsed.wkb is None:
        return Reading(frame, parsed.found)
    if GEOMETRY in frame:
        refuse(job, "a column is called geometry, as the geometry itself", hint="rename it")
    shapes = shapely.force_2d(shapely.from_wkb(np.array(parsed.wkb, dtype=object)))
    shapes[shapely.is_empty(shapes)] = None
    placed = to_lonlat(job, shapes, parsed.crs, rows=index.to_numpy())
    found = (*parsed.found, f"reference system {placed.name}")
    return Reading(gpd.GeoDataFrame(frame, geometry=placed.shapes, crs=CRS), found)
