"""What a release shows to a client that asks for no day."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from geo_core.release.read import Release


def shown(release: Release, collection: str) -> pa.Table:
    """Return the rows that a client sees which asks for no day."""
    table = parquet.read_table(release.path(f"collections/{collection}/features.parquet"))
    if not release.info(collection).layer.current_only:
        return table
    day = release.manifest.reference_date
    begun = pc.fill_null(pc.less_equal(table["valido_dal"], day), fill_value=True)
    lasts = pc.fill_null(pc.greater_equal(table["valido_al"], day), fill_value=True)
    return table.filter(pc.and_(begun, lasts))
