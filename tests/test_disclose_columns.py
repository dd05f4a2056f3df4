"""What is counted, and what of it stands in which column: at the edges of every rule."""

from __future__ import annotations

import pandas as pd
import pytest
from disclose_district import DEMAND, NEEDS, RATINGS, SERIES
from test_disclose_protect import COUNTS, RESIDENTS, run

from geo_core.disclose.counts import checked, digest
from geo_core.disclose.figures import on_areas, on_units

NEEDED = sorted(set(COUNTS["categoria"]))
ACCEPTED, REFUSED = "attesa_30", "non_accolte"
FEWEST, BAND = DEMAND.fewest, DEMAND.band_max


def demand(**numbers):
    """Return the columns of one area; other categories are 0."""
    columns = on_areas({c: [numbers.get(c, 0)] for c in DEMAND.categories}, DEMAND)
    return {name: list(column)[0] for name, column in columns.items()}  # noqa: RUF015 - arrays


@pytest.mark.parametrize(
    ("accepted", "refused", "share", "status"),
    [
        (10, FEWEST - 10, 50.0, "published"),
        (10, FEWEST - 11, None, "band"),
        (BAND + 1, 40 - BAND - 1, 12.5, "published"),
        (BAND, 40 - BAND, None, "band"),
        (0, 40, None, "band"),
    ],
)
def test_a_share_needs_a_part_above_the_band_and_a_whole_that_is_enough(
    accepted, refused, share, status
):
    made = demand(**{ACCEPTED: accepted, REFUSED: refused})
    assert (made["quota_accolte_stato"], pd.isna(made["quota_accolte"])) == (status, share is None)
    assert share is None or made["quota_accolte"] == share


def test_a_sum_of_what_is_merged_is_merged():
    made = demand(**{ACCEPTED: 30, REFUSED: None})
    assert made["n_accolte"] == 30
    for name in ("n_non_accolte", "n_richieste", "quota_non_accolte"):
        assert pd.isna(made[name]), name
        assert made[f"{name}_stato"] == "merged"


@pytest.mark.parametrize(("number", "shown"), [(0, True), (-1, False)])
def test_a_unit_is_shown_from_the_fewest_on(number, shown):
    numbers = {category: [0] for category in RATINGS.categories}
    numbers[RATINGS.categories[0]] = [RATINGS.fewest + number]
    made = on_units(numbers, RATINGS)
    assert made["stato"].tolist() == ["published" if shown else "band"]
    assert [pd.isna(n) for n in made[RATINGS.total]] == [not shown]


def test_a_count_of_nobody_is_as_if_it_were_not_there():
    """Else the same persons would be drawn anew for a row that says nothing."""
    places, categories = set(RESIDENTS.index), NEEDED
    nobody = COUNTS.assign(n=0, categoria=categories[-1])
    both = pd.concat([nobody, COUNTS], ignore_index=True)
    (plain,) = checked(COUNTS, places=places, categories=categories).values()
    (padded,) = checked(both, places=places, categories=categories).values()
    assert digest(padded) == digest(plain)
    assert checked(nobody, places=places, categories=categories) == {}


def test_only_a_series_shows_earlier_years(tmp_path):
    both = pd.concat([COUNTS, COUNTS.assign(anno=2022)], ignore_index=True)
    made = run(tmp_path / "private", both, layers=(NEEDS[0], SERIES), years=(2022, 2023))
    years = [set(made.table(layer).frame["periodo_inizio"]) for layer in (NEEDS[0], SERIES)]
    assert years == [{"2023-01-01"}, {"2022-01-01", "2023-01-01"}]
