"""The requirements classes the service meets, and nothing else."""

from __future__ import annotations

from typing import Final

_OGC: Final = "http://www.opengis.net/spec/"

FEATURES: Final = tuple(
    f"{_OGC}{name}"
    for name in (
        "ogcapi-common-1/1.0/conf/core",
        "ogcapi-common-1/1.0/conf/landing-page",
        "ogcapi-common-1/1.0/conf/json",
        "ogcapi-common-1/1.0/conf/html",
        "ogcapi-common-1/1.0/conf/oas30",
        "ogcapi-common-2/1.0/conf/collections",
        "ogcapi-common-3/1.0/conf/schemas",
        "ogcapi-common-3/1.0/conf/queryables",
        "ogcapi-common-3/1.0/conf/sortables",
        "ogcapi-common-3/1.0/conf/returnables-and-receivables",
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-1/1.0/conf/html",
        "ogcapi-features-1/1.0/conf/geojson",
        "ogcapi-features-2/1.0/conf/crs",
        "ogcapi-features-3/1.0/conf/queryables",
        "ogcapi-features-3/1.0/conf/queryables-query-parameters",
        # The name QGIS looks for; the class was renamed to ogcapi-common-3 when approved.
        "ogcapi-features-5/1.0/conf/schemas",
        "ogcapi-features-8/1.0/conf/sorting",
        "ogcapi-features-8/1.0/conf/sortables",
        "ogcapi-features-8/1.0/conf/features-sorting",
    )
)
"""What the features, their schemas and the description plane meet."""
