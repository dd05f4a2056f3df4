"""The district that importers are tested for, and files in the formats of their authors."""

from __future__ import annotations

import pytest

from geo_core.importers.base import Context
from geo_core.model.district import District
from geo_core.sources import geopop
from geo_core.strict_yaml import read_document


@pytest.fixture(scope="session")
def municipalities():
    return geopop.municipalities("002")


@pytest.fixture
def context(root, municipalities, tmp_path):
    """Return the context of the province of Vercelli with an empty input folder."""
    folder = tmp_path / "input"
    folder.mkdir()
    return Context(
        district=read_document(root / "config" / "distretto.yml", District),
        municipalities=municipalities,
        wanted=frozenset(municipalities["cod_istat"]),
        input=folder,
    )
