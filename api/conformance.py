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
        "ogcapi-common-3/1.0/conf/profile-parameter",
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-1/1.0/conf/html",
        "ogcapi-features-1/1.0/conf/geojson",
        "ogcapi-features-2/1.0/conf/crs",
        "ogcapi-features-3/1.0/conf/queryables",
        "ogcapi-features-3/1.0/conf/queryables-query-parameters",
        "ogcapi-features-3/1.0/conf/filter",
        "ogcapi-features-3/1.0/conf/features-filter",
        "json-fg-1/1.0/conf/core",
        "json-fg-1/1.0/conf/types-schemas",
        "json-fg-1/1.0/conf/profiles",
        "json-fg-1/1.0/conf/api",
        "cql2/1.0/conf/cql2-text",
        "cql2/1.0/conf/cql2-json",
        "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/advanced-comparison-operators",
        "cql2/1.0/conf/case-insensitive-comparison",
        "cql2/1.0/conf/accent-insensitive-comparison",
        "cql2/1.0/conf/basic-spatial-functions",
        "cql2/1.0/conf/basic-spatial-functions-plus",
        # The withdrawn name that QGIS 3.32 to 3.42 look for.
        "cql2/1.0/conf/basic-spatial-operators",
        "cql2/1.0/conf/spatial-functions",
        "cql2/1.0/conf/temporal-functions",
        "cql2/1.0/conf/array-functions",
        "cql2/1.0/conf/property-property",
        "cql2/1.0/conf/functions",
        "cql2/1.0/conf/arithmetic",
        # The name QGIS looks for; the class was renamed to ogcapi-common-3 when approved.
        "ogcapi-features-5/1.0/conf/schemas",
        "ogcapi-features-8/1.0/conf/sorting",
        "ogcapi-features-8/1.0/conf/sortables",
        "ogcapi-features-8/1.0/conf/features-sorting",
        "ogcapi-styles-1/0.0/conf/core",
        "ogcapi-styles-1/0.0/conf/mapbox-styles",
        "ogcapi-styles-1/0.0/conf/sld-11",
    )
)
"""What the features, their schemas and the description plane meet."""
