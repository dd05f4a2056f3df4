"""Zones of themes without a single feature: they are lists of nothing, never a fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from api.dggs.themes import Theme, Themes
from api.features.columns import read_column
from api.features.cql2 import evaluate, text
from api.features.engine import Collection
from geo_core.model.grid import packed, texts


def emptied(collection: Collection) -> Collection:
    columns = {name: read_column(c.field, []) for name, c in collection.columns.items()}
    return replace(
        collection, columns=columns, shapes=np.empty(0, dtype=object), tree=None, row_of={}
    )


@pytest.fixture(scope="module")
def themes(demo_home):
    from api.served import Releases  # noqa: PLC0415 - the server is slow to import
    from api.settings import Settings  # noqa: PLC0415

    served = Releases(Settings(releases=demo_home / "releases")).current
    return {
        name: Theme([emptied(one) for one in theme.members.values()], dict)
        for name, theme in served.themes.items()
    } | {"popolazione_h3": served.themes["popolazione_h3"]}


@pytest.mark.parametrize("name", ["bisogni_h3", "offerta_h3", "nuclei_h3", "rischio_h3"])
def test_an_empty_theme_has_no_zones_at_any_level(themes, name):
    for level in themes[name].levels:
        zones = themes[name].zones(level)
        assert len(zones.cells) == 0
        for field in zones.fields:
            assert len(zones.column(field).values) == len(zones.statuses(field)) == 0


def test_beside_others_it_is_without_data(themes):
    together = Themes(themes).zones(7, themes)
    own = themes["popolazione_h3"].zones(7)
    assert texts(together.cells) == texts(own.cells)
    assert packed(texts(own.cells)).tolist() == own.cells.tolist()
    assert not together.column("bisogni_h3.n_anz").valid.any()
    assert set(together.statuses("bisogni_h3.n_anz").tolist()) == {3}
    assert set(together.statuses("popolazione_h3.pop").tolist()) == {0}
    table = together.table
    condition = text.parse("bisogni_h3.n_anz IS NULL AND popolazione_h3.pop > 0")
    assert evaluate.matching(condition, table, "http://www.opengis.net/def/crs/OGC/1.3/CRS84").all()
