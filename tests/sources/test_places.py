"""A table of a database or a collection of another server is read like a file."""

from __future__ import annotations

import httpx2
import psycopg
import pytest

from geo_core.errors import SourceError
from geo_core.sources import places


def test_a_collection_of_our_own_server_is_read_whole(demo_server, demo_release):
    read = places.read(f"{demo_server.url}/collections/sedi").frame
    assert len(read) == demo_release.info("sedi").count
    assert read.crs == "EPSG:4326"
    (office,) = read[read["id"] == "SED-001"].itertuples()
    asked = httpx2.get(f"{demo_server.url}/collections/sedi/items/SED-001").json()
    assert [office.geometry.x, office.geometry.y] == asked["geometry"]["coordinates"]


def test_a_table_is_named_behind_the_address(postgis):
    with psycopg.connect(postgis, autocommit=True) as database:
        database.execute("CREATE TABLE enti (id_org text PRIMARY KEY, denominazione text)")
        database.execute("INSERT INTO enti VALUES ('E-1', 'Ente uno')")
    read = places.read(f"{postgis}#public.enti").frame
    assert read.to_dict("records") == [{"id_org": "E-1", "denominazione": "Ente uno"}]


def test_a_file_is_read_by_its_ending(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    assert places.read(str(path)).frame.to_dict("records") == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("place", "hint"),
    [("https://example.org/sedi", "/collections/ID"), ("postgresql://host/db", "#schema.table")],
)
def test_an_address_that_names_nothing_is_refused(place, hint):
    with pytest.raises(SourceError, match=hint):
        places.read(place)


def test_what_is_shown_of_an_address_holds_no_password():
    assert places.label("postgresql://ufficio:segreta@host/db#public.sedi") == "public.sedi"
    assert places.label("postgresql://ufficio:segreta@host/db") == "the database"
    assert places.label("https://ufficio:segreta@host/collections/sedi/") == "sedi"
    assert places.label("cartella/sedi.csv") == "sedi.csv"
