"""The GeoPackage of a release says in which language it is, so that no cache mixes them up."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_cache_keeps_the_languages_of_the_package_apart(client, lang):
    first = client.get("/qgis/atlante.gpkg", headers={"Accept-Language": lang})
    held = {"Accept-Language": lang, "If-None-Match": first.headers["etag"]}
    again = client.get("/qgis/atlante.gpkg", headers=held)
    assert (first.status_code, again.status_code) == (200, 304)
    for answer in (first, again):
        assert answer.headers["content-language"] == lang
        assert "Accept-Language" in answer.headers["vary"].split(", ")
