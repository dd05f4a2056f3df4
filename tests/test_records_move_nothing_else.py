"""Records decide protected figures and nothing else that is public, not even whether there are any.

Two districts that differ in the records of one organisation and month: all that the one handed in,
the other has not. Whoever is the only source of a body would else show a month without anybody.
A release is a function of what its files are composed of, so this is compared.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from test_kept_figures import Quiet, change, read

from geo_core import pipeline
from geo_core.model.tables import OpenTable
from geo_core.open_layers import LATER
from geo_core.release.compose import Contents
from geo_core.settings import BuildSettings
from geo_core.synth.district import write_district

TABLES = ("rilevazioni", "domanda", "segnalazioni")
COVERAGE = ["id", "fonti_attese", "fonti_presenti", "copertura_fonti"]


class Composed(Exception):
    """Everything is at hand that a release is made of."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Contents, Contents]:
    homes = [tmp_path_factory.mktemp(name) for name in ("with", "without")]
    write_district(homes[0] / "input", seed=7, residents=9_000, records=500)
    shutil.copytree(homes[0] / "input", homes[1] / "input")
    take_out(homes[1])
    return contents(homes[0]), contents(homes[1])


def take_out(home: Path) -> None:
    """Take the records of one organisation and month out, as if nobody had come."""
    first = read(home, "rilevazioni")[0]
    of = (first["id_org"], first["periodo"])
    tables = {name: read(home, name) for name in TABLES}
    left = {n: [r for r in t if (r["id_org"], r["periodo"]) != of] for n, t in tables.items()}
    assert left["rilevazioni"] != tables["rilevazioni"]
    change(home, left)


def contents(home: Path) -> Contents:
    found: list[Contents] = []

    def stop(_folder: Path, given: Contents, _catalog: object) -> None:
        found.append(given)
        raise Composed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "compose", stop)
        with pytest.raises(Composed):
            pipeline.build(BuildSettings(home=home), report=Quiet())
    return found[0]


def test_everything_open_is_the_same_and_so_are_the_rows_of_the_rest(pair):
    figures = 0
    for one, other in zip(pair[0].tables, pair[1].tables, strict=True):
        assert one.layer == other.layer
        if isinstance(one, OpenTable) and one.layer.family not in LATER:
            pd.testing.assert_frame_equal(one.frame, other.frame)
        else:
            figures += not one.frame.equals(other.frame)
            assert one.frame[["id", "geometry"]].equals(other.frame[["id", "geometry"]])
    assert figures > 3


def test_coverage_of_sources_is_the_same(pair):
    shown = [
        table.frame[COVERAGE]
        for given in pair
        for table in given.tables
        if table.layer.id == "copertura_ambiti"
    ]
    pd.testing.assert_frame_equal(*shown)
    assert shown[0]["copertura_fonti"].gt(0).any()


def test_all_that_is_said_is_the_same_but_for_the_names_of_draws(pair):
    one, other = pair
    for name in ("inputs", "totals", "title", "reference_date", "publication"):
        assert getattr(one, name) == getattr(other, name), name
    said = [[{**s, "draw": None} for s in given.statements] for given in pair]
    assert said[0] == said[1]
    assert said[0]
