"""What is spent of the budgets of real records: asked for, and said in two languages."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from test_disclose_store import a_draw
from typer.testing import CliRunner

from geo_core.cli import app
from geo_core.errors import DisclosureError
from geo_core.spending import Teller, chosen

THEMES, YEARS = ("bisogni", "domanda"), range(2022, 2024)


@pytest.mark.parametrize(
    ("only", "drawn"),
    [(None, 0), ([], 4), (["bisogni 2023"], 1), (["bisogni  2023 ", "domanda 2022"], 2)],
)
def test_what_is_drawn_is_what_was_asked_for(only, drawn):
    asked = chosen(only, themes=THEMES, years=YEARS)
    assert sum(asked(theme, year, True) for theme in THEMES for year in YEARS) == drawn


@pytest.mark.parametrize(("only", "drawn"), [(None, False), ([], False), (["bisogni 2023"], True)])
def test_a_year_without_deliveries_is_drawn_where_it_is_named_only(only, drawn):
    assert chosen(only, themes=THEMES, years=YEARS)("bisogni", 2023, False) is drawn


def test_what_is_delivered_is_what_is_declared():
    told = teller("2023-12-31")
    assert told.delivered("bisogni", 2023)
    assert not told.delivered("bisogni", 2021)
    assert told.delivered("valutazioni", 2021)
    waiting = [list(told.waiting([replace(a_draw(), year=year)])) for year in (2023, 2021)]
    assert not any("solo nominandolo" in line for line in waiting[0])
    assert any("solo nominandolo con --only" in line for line in waiting[1])
    assert waiting[1][-1].endswith("--only 'bisogni 2021'")


@pytest.mark.parametrize("wrong", ["bisogni", "2023", "bisogni 2021", "altro 2023", ""])
def test_what_is_no_theme_and_year_is_refused(wrong):
    with pytest.raises(DisclosureError, match="is no theme and year") as caught:
        chosen([wrong], themes=THEMES, years=YEARS)
    assert "bisogni, domanda" in caught.value.hint


def teller(on: str) -> Teller:
    rows = [("rilevazioni", "2023-04"), ("rilevazioni", "2022-04"), ("domanda", "2023-04")]
    made = pd.DataFrame(rows, columns=["tabella", "periodo"])
    return Teller(made, {"bisogni": ["rilevazioni"], "valutazioni": ["valutazioni"]}, on)


@pytest.mark.parametrize("on", ["2023-04-30", "2023-12-30"])
def test_a_year_that_is_not_over_is_said_to_be_too_early(on):
    for lines in (
        "\n".join(teller(on).waiting([a_draw()])),
        "\n".join(teller(on).spending([(a_draw(), 2.0)])),
    ):
        assert f"al {on} (reference_date) il 2023 non è finito" in lines
        assert "2023 is not over" in lines


def test_what_waits_and_what_is_spent_is_told_with_its_cost():
    waiting = "\n".join(teller("2023-12-31").waiting([a_draw()]))
    spending = "\n".join(teller("2023-12-31").spending([(a_draw(), 0.5)]))
    assert "7 persone contate, 1 consegna annotata; spesa: epsilon 2 dei 2" in waiting
    assert "atlante build --new-figures --only 'bisogni 2023'" in waiting
    assert "7 persons counted, 1 delivery recorded; cost: epsilon 0.5 of the 2" in spending
    assert "not over" not in waiting + spending


def test_naming_what_to_draw_without_asking_to_draw_is_an_error():
    done = CliRunner().invoke(app, ["build", "--only", "bisogni 2023"])
    assert done.exit_code == 2
    assert "goes with --new-figures" in done.output
