"""Give other servers the collections of a running service: tables of PostGIS, and pygeoapi's file.

`python docs/peers.py URL DSN COLLECTION... > pygeoapi.yml` copies the collections into tables of
the same name and prints the configuration with which pygeoapi serves them; tipg needs none.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import psycopg
import yaml
from psycopg import sql

COLUMNS = {"integer": "bigint", "number": "double precision", "boolean": "boolean"}
CRS = [
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "http://www.opengis.net/def/crs/EPSG/0/32632",
]
PLACE = "http://127.0.0.1:8874"


def document(address: str, media: str) -> dict:
    """Return a JSON document of the service."""
    with urlopen(Request(address, headers={"Accept": media})) as answer:
        return json.load(answer)


def column(schema: dict) -> str | None:
    """Return the type of a column; None for what becomes none."""
    if schema.get("type") == "string":
        return "date" if schema.get("format") == "date" else "text"
    return COLUMNS.get(schema.get("type", ""))


def copy(cursor: psycopg.Cursor, url: str, collection: str) -> str:
    """Copy a collection, of at most 10,000 features, into a table; return the column of time."""
    here = f"{url}/collections/{collection}"
    schemas = document(f"{here}/schema", "application/schema+json")["properties"]
    types = {name: kind for name, schema in schemas.items() if (kind := column(schema))}
    table = sql.Identifier(collection)
    columns = [sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in types.items()]
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    cursor.execute(
        sql.SQL("CREATE TABLE {} ({}, geom geometry(Geometry, 4326), PRIMARY KEY (id))").format(
            table, sql.SQL(", ").join(columns)
        )
    )
    marks = sql.SQL(", ").join(sql.Placeholder() * len(types))
    insert = sql.SQL("INSERT INTO {} VALUES ({}, ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326))")
    for feature in document(f"{here}/items?limit=10000", "application/geo+json")["features"]:
        values = [feature["properties"].get(name) for name in types]
        outline = json.dumps(feature["geometry"]) if feature["geometry"] else None
        cursor.execute(insert.format(table, marks), [*values, outline])
    roles = {schema.get("x-ogc-role"): name for name, schema in schemas.items()}
    return roles["primary-interval-start"]


def resource(dsn: str, collection: str, time: str, extent: dict) -> dict:
    """Return what pygeoapi is told of one table."""
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {**given, "port": int(given["port"]), "password": "-", "search_path": ["public"]},
        "id_field": "id",
        "table": collection,
        "geom_field": "geom",
        "time_field": time,
        "crs": CRS,
        "storage_crs": CRS[0],
    }
    return {
        "type": "collection",
        "title": collection,
        "description": collection,
        "keywords": ["h3"],
        "links": [],
        "extents": {
            "spatial": {"bbox": extent["spatial"]["bbox"][0], "crs": CRS[0]},
            "temporal": {"begin": datetime(2000, 1, 1, tzinfo=UTC), "end": None},
        },
        "providers": [provider],
    }


def configuration(resources: dict) -> dict:
    """Return the configuration of pygeoapi."""
    licence = {"name": "CC-BY-4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}
    identification = {
        "title": "Peer",
        "description": "Peer",
        "keywords": ["h3"],
        "url": PLACE,
        "terms_of_service": licence["url"],
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 8874},
            "url": PLACE,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en"],
            "limits": {"default_items": 100, "max_items": 10_000, "on_exceed": "throttle"},
            "map": {"url": PLACE, "attribution": "-"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": identification,
            "license": licence,
            "provider": {"name": "Peer", "url": PLACE},
            "contact": {"name": "Peer", "email": "peer@example.org"},
        },
        "resources": resources,
    }


def main(url: str, dsn: str, *collections: str) -> None:
    """Copy collections and print the configuration of pygeoapi."""
    resources = {}
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        for collection in collections:
            time = copy(connection.cursor(), url, collection)
            described = document(f"{url}/collections/{collection}", "application/json")
            resources[collection] = resource(dsn, collection, time, described["extent"])
    print(yaml.safe_dump(configuration(resources), sort_keys=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
