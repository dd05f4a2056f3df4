"""Every unit that is declared has its English, and no other unit gets in."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from api.describe.schemas import property_of
from geo_core.catalog import Catalog
from geo_core.model.field import Field
from geo_core.model.indicator import Indicators
from geo_core.model.text import Text
from geo_core.model.units import UNITS, Unit, of_one, unit_in
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]


def test_every_declared_unit_is_known_and_every_known_unit_is_used(catalog: Catalog):
    declared = {f.unit for layer in catalog.layers for f in layer.fields if f.unit}
    indicators = read_document(ROOT / "config" / "indicatori.yml", Indicators)
    declared |= {of.unit for of in indicators.all.values()}
    assert declared <= set(UNITS)
    assert set(UNITS) - declared <= {"1"}


def test_a_unit_reads_in_both_languages():
    assert unit_in("persone per persona", "it") == "persone per persona"
    assert unit_in("persone per persona", "en") == "persons per person"
    assert unit_in("sedi/10.000 persone", "en") == "offices/10,000 persons"


def test_one_is_said_in_the_singular():
    assert of_one("persone") == Text(it="persona", en="person")
    assert of_one("posti/1.000 persone") == Text(it="posto/1.000 persone", en="place/1,000 persons")
    assert of_one("km²") == Text(it="km²", en="km²")
    plural = {unit for unit in UNITS if unit.partition("/")[0][-1] in "eiòà"}
    assert {unit for unit in plural if of_one(unit).en == unit_in(unit, "en")} == {
        "classe", "posizione", "unità dell'indicatore",
    }  # fmt: skip


def test_a_unit_of_an_older_release_stays_as_it_is():
    assert unit_in("rapporto", "en") == "rapporto"


def test_an_unknown_unit_is_refused_with_the_closest_and_the_place_to_add_it():
    with pytest.raises(ValidationError, match=r"'persona'.*'persone'.*model/units\.py"):
        TypeAdapter(Unit).validate_python("persona")


def test_the_schema_gives_the_unit_in_the_language_asked_for():
    text = Text(it="Residenti", en="Residents")
    field = Field(name="pop", type="integer", unit="persone", title=text, description=text)
    assert property_of(field, {}, "it")["x-ogc-unit"] == "persone"
    assert property_of(field, {}, "en")["x-ogc-unit"] == "persons"
    # Without the name of a list the unit would have to be a code of UCUM.
    assert [property_of(field, {}, lang)["x-ogc-unitLang"] for lang in ("it", "en")] == ["it", "en"]
