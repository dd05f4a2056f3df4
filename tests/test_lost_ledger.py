"""A ledger that is lost, old or cut short, beside releases that show what it does not know."""

from __future__ import annotations

import json
import os

import pytest
from test_disclose_store import a_draw, lines, obtain, of, sealed

from geo_core.disclose import ledger
from geo_core.disclose.ledger import Published
from geo_core.errors import DisclosureError
from geo_core.release.stated import published_draws


def shown(obtained, *, year=2023, synthetic=False) -> Published:
    """Say that a release shows figures."""
    return Published(obtained.told.draw, "bisogni", year, synthetic, "2023-12-31-000000000000")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "private"


def test_every_draw_has_a_name_that_follows_from_no_count(folder, tmp_path):
    first, second = obtain(folder, a_draw(), a_draw(theme="domanda", value=3))
    elsewhere = obtain(tmp_path / "other", a_draw())
    assert len({one.told.draw for one in (first, second, elsewhere)}) == 3
    assert first.numbers == elsewhere.numbers
    assert all(len(one.told.draw) == 32 for one in (first, second, elsewhere))


def test_the_name_stays_with_the_figures_and_the_cost_with_the_year(folder):
    first = obtain(folder, of("a", most=9.0))
    second = obtain(folder, of("b", most=9.0))
    assert (first.told.spent, second.told.spent) == (2.0, 4.0)
    again = obtain(folder, of("a", most=9.0)).told
    assert (again.draw, again.spent) == (first.told.draw, second.told.spent)
    assert obtain(folder, of("c", most=9.0), new=False).told == second.told


def test_parts_that_join_make_a_draw_of_another_name(folder):
    first = obtain(folder, a_draw({"A": "a"}, most=4.0))
    second = obtain(folder, a_draw({"A": "a", "B": "b"}, most=4.0))
    assert first.told.draw != second.told.draw
    assert (first.told.spent, second.told.spent) == (2.0, 4.0)
    shows = [shown(first), shown(second)]
    kept = obtain(folder, a_draw({"A": "a", "B": "b"}, most=4.0), published=shows)
    assert kept.told == second.told


def test_a_part_that_joins_others_again_takes_no_sealed_draw_away(folder):
    """Its count is the same, and what it is drawn beside is not."""
    for letter in "ac":
        obtain(folder, a_draw({"A": letter}, most=9.0))
        joined = obtain(folder, a_draw({"A": letter, "B": "b"}, most=9.0))
    assert len(list(folder.glob("figures-*.json"))) == len(ledger.read(folder)) == 4
    assert obtain(folder, a_draw({"A": "a", "B": "b"}, most=9.0)).told.draw != joined.told.draw


def test_a_name_survives_a_crash_before_the_charge(folder):
    first = obtain(folder, a_draw())
    (folder / ledger.FILE).unlink()
    assert obtain(folder, a_draw(value=9)).told == first.told


def test_a_lost_private_folder_stops_the_build_before_anything_is_made(folder, tmp_path):
    published = [shown(obtain(folder, a_draw()))]
    fresh = tmp_path / "fresh"
    for new in (True, False):
        with pytest.raises(DisclosureError, match=r"does not know .*: bisogni 2023 \(2023") as told:
            obtain(fresh, a_draw(), new=new, published=published)
        assert "restore the private folder" in told.value.hint
    assert list(fresh.iterdir()) == []


@pytest.mark.parametrize("kept", [0, 1])
def test_an_older_private_folder_stops_the_build(folder, kept):
    published = [shown(obtain(folder, of(letter, most=9.0))) for letter in "ab"]
    (folder / ledger.FILE).write_bytes(b"".join(lines(folder)[:kept]))
    assert len(ledger.read(folder)) == kept
    known = {entry.key for entry in ledger.read(folder)}
    for path in folder.glob("figures-*.json"):
        if path.stem.removeprefix("figures-") not in known:
            path.unlink()
    with pytest.raises(DisclosureError, match="does not know"):
        obtain(folder, of("c", most=9.0), published=published)
    with pytest.raises(DisclosureError, match="does not know"):
        obtain(folder, of("b", most=9.0), new=False, published=published)


@pytest.mark.parametrize(
    "change",
    [{"epsilon": 0.0}, {"kind": "demo"}, {"year": 2022}, {"theme": "altro"}, {"draw": "0" * 32}],
)
def test_a_last_line_that_is_not_what_was_sealed_stops_the_build(folder, change):
    """The chain holds every line but the last."""
    for letter in "ab":
        obtain(folder, of(letter, most=4.0))
    *before, last = lines(folder)
    forged = json.dumps({**json.loads(last), **change}).encode() + b"\n"
    (folder / ledger.FILE).write_bytes(b"".join([*before, forged]))
    for new in (True, False):
        with pytest.raises(DisclosureError, match="the last line of the ledger"):
            obtain(folder, of("c", most=4.0), new=new)


def test_invented_figures_of_a_lost_folder_stop_nothing(folder, tmp_path):
    demo = shown(obtain(folder, a_draw(kind="demo")), synthetic=True)
    assert obtain(tmp_path / "fresh", a_draw(kind="demo"), published=[demo]).numbers
    assert ledger.unknown((), [demo]) == (demo,)


def test_draws_older_than_names_are_read(folder):
    obtain(folder, a_draw())
    raw = json.loads(sealed(folder).read_bytes())
    del raw["draw"]
    old = {key: value for key, value in json.loads(lines(folder)[0]).items() if key != "draw"}
    sealed(folder).write_text(json.dumps(raw), encoding="utf-8")
    old["sealed"] = ledger.sha256(sealed(folder).read_bytes()).hexdigest()
    (folder / ledger.FILE).write_text(json.dumps(old) + "\n", encoding="utf-8")
    assert obtain(folder, a_draw(value=9)).told == ledger.Told(None, 2.0)


class TestReleases:
    """What releases state, newest first."""

    def release(self, root, ident, statements):
        folder = root / ident
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
        said = statements if isinstance(statements, str) else json.dumps(statements)
        (folder / "disclosure.json").write_text(said, encoding="utf-8")

    def test_each_named_draw_once(self, tmp_path):
        one = {"theme": "bisogni", "year": 2023, "synthetic": False, "draw": "a" * 32}
        for ident in ("2023-12-31-0000000000aa", "2023-12-31-0000000000bb"):
            self.release(tmp_path, ident, {"statements": [one, {**one, "draw": None}]})
        os.utime(tmp_path / ident / "manifest.json", (2**31, 2**31))
        assert published_draws(tmp_path) == (
            Published("a" * 32, "bisogni", 2023, False, "2023-12-31-0000000000bb"),
        )

    @pytest.mark.parametrize(
        "damage",
        ["", "[]", '{"statements": [3]}', '{"statements": [{"draw": 1}]}'],
    )
    def test_a_damaged_statement_says_nothing(self, tmp_path, damage):
        self.release(tmp_path, "2023-12-31-0000000000aa", damage)
        assert published_draws(tmp_path) == ()

    def test_no_releases(self, tmp_path):
        assert published_draws(tmp_path / "none") == ()
