"""Sealed draws that the ledger does not know, where no release is left that shows them."""

from __future__ import annotations

import json

import pytest
from test_disclose_store import a_draw, lines, obtain, of

from geo_core.disclose import ledger
from geo_core.disclose.vault import recover
from geo_core.errors import DisclosureError
from geo_core.spending import recovered


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "private"


def cut(folder, *, kept):
    """Take the last lines out of the ledger: the chain of what is left is whole."""
    whole = lines(folder)
    (folder / ledger.FILE).write_bytes(b"".join(whole[:kept]))
    assert len(ledger.read(folder)) == kept
    return whole


@pytest.mark.parametrize("new", [True, False])
def test_a_lost_line_is_written_again_as_it_was(folder, new):
    obtain(folder, a_draw(theme="domanda"))
    first = obtain(folder, a_draw())
    whole = cut(folder, kept=1)
    again = obtain(folder, a_draw(value=9), new=new)
    assert (again.numbers, again.told) == (first.numbers, first.told)
    assert lines(folder) == whole


def test_what_was_lost_counts_against_the_budget(folder):
    obtain(folder, a_draw())
    cut(folder, kept=0)
    with pytest.raises(DisclosureError, match="2 of 2 is used"):
        obtain(folder, of("b"))
    assert obtain(folder, of("b"), new=False).kept


def test_a_lost_draw_is_charged_whatever_is_wanted(folder):
    obtain(folder, a_draw())
    whole = cut(folder, kept=0)
    assert obtain(folder, a_draw(theme="domanda"), new=False) is None
    assert lines(folder) == whole
    obtain(folder, a_draw(theme="domanda"))
    assert [entry.theme for entry in ledger.read(folder)] == ["bisogni", "domanda"]


def test_the_operator_is_told_what_was_found(folder):
    obtain(folder, a_draw())
    assert recover(folder) == ()
    cut(folder, kept=0)
    said = list(recovered(recover(folder)))
    assert [line.startswith(("ATTENZIONE: bisogni 2023", "WARNING: bisogni 2023")) for line in said]
    assert all("epsilon 2" in line for line in said)
    assert recover(folder) == ()


def test_of_several_lost_draws_nobody_knows_the_latest(folder):
    for letter in "ab":
        obtain(folder, of(letter, most=9.0))
    obtain(folder, a_draw(year=2022))
    cut(folder, kept=0)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    for new in (True, False):
        with pytest.raises(DisclosureError, match=r"does not know 2 sealed draws .* 2023") as told:
            obtain(folder, of("b", most=9.0), new=new)
        assert "newest backup" in told.value.hint
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("change", [{"charge": None}, {"charge": {"key": "0" * 64}}])
def test_a_sealed_draw_that_does_not_say_what_it_is_of_stops_the_build(folder, change):
    obtain(folder, a_draw())
    cut(folder, kept=0)
    (path,) = folder.glob("figures-*.json")
    content = json.loads(path.read_bytes())
    content["charge"] = change["charge"] and {**content["charge"], **change["charge"]}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DisclosureError, match="does not say what it is of"):
        obtain(folder, a_draw(), new=False)
