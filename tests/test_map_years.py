"""Maps of an earlier year: one year at a time, each area by its name, and what is said is true."""

from __future__ import annotations

import html
import re

import pytest
from shown import read, table

SERIES = ("bisogni_h3", "domanda_h3", "segnalazioni_h3", "rischio_comuni")


@pytest.mark.parametrize("family", SERIES)
def test_a_series_in_the_path_is_its_layer_one_year_at_a_time(site, family):
    assert table(read(site, f"/embed/{family}_serie")) == table(read(site, f"/embed/{family}"))
    earlier = read(site, f"/embed/{family}_serie", anno="2022")
    assert table(earlier) == table(read(site, f"/embed/{family}", anno="2022"))


@pytest.mark.parametrize("family", SERIES)
def test_every_area_of_an_earlier_year_has_a_name_of_its_own(site, family):
    for year in ("2023", "2022"):
        names = [line[0] for line in table(read(site, f"/embed/{family}", anno=year))]
        assert len(set(names)) == len(names) > 50


def ends(site, **params):
    """Return who is said to have the highest and the lowest value, and which these are."""
    text = html.unescape(read(site, **params))
    said = re.search(
        r"il valore più alto è di (.+?) \((.+?)\), il più basso di (.+?) \((.+?)\)\.</p>", text
    )
    return said.groups()


def test_the_highest_and_lowest_value_stand_with_their_names(site, rows):
    scored = sorted(rows("rischio_comuni"), key=lambda row: row["punteggio"])
    high, most, low, least = ends(site, lang="it")
    for name, said, row in ((high, most, scored[-1]), (low, least, scored[0])):
        assert name == row["denominazione"]
        assert said.startswith(f"{round(row['punteggio'], 2):g}".replace(".", ","))


@pytest.mark.parametrize("field", ["a2sfca_nido", "a2sfca_centro_diurno"])
def test_areas_that_have_the_same_value_are_counted_and_not_named(site, rows, field):
    found = [r[field] for r in rows("accessibilita_h3_r7") if r[field] is not None]
    _, _, low, _ = ends(site, layer="accessibilita_h3_r7", field=field, lang="it")
    ties = found.count(min(found))
    assert ties > 1
    assert low == f"{ties} esagoni"


def test_what_is_told_as_a_band_is_counted(site):
    text = html.unescape(read(site, "/embed/bisogni_h3", lang="it"))
    (told,) = re.findall(r"Per ([0-9.]+) aree i casi sono pochi e si dice solo la fascia", text)
    banded = [line for line in table(text) if line[2].startswith("Da 0 a 4")]
    assert int(told.replace(".", "")) == len(banded) > 0
