"""The private folder: sealed noise and the ledger."""

from __future__ import annotations

import json
import stat

import numpy as np
import pytest

from geo_core.disclose import ledger, noise_store
from geo_core.disclose.ledger import Draw
from geo_core.errors import DisclosureError

KEYS = [c * 64 for c in "abcdef"]


def a_draw(key=KEYS[0], *, kind="real", year=2023, theme="bisogni", epsilon=2.0) -> Draw:
    return Draw(theme=theme, year=year, kind=kind, epsilon=epsilon, key=key)


def noise(value=3):
    return {"FAM": {"5": np.array([value]), "area": np.array([1, -value])}}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "private"


def obtain(folder, draw, value=3, epsilon_year=2.0):
    return noise_store.obtain(folder, draw, epsilon_year=epsilon_year, make=lambda: noise(value))


def lines(folder):
    return (folder / ledger.FILE).read_bytes().splitlines(keepends=True)


def test_the_same_draw_is_reused_and_charged_once(folder):
    first, again = obtain(folder, a_draw(), 3), obtain(folder, a_draw(), 9)
    assert first["FAM"]["area"].tolist() == again["FAM"]["area"].tolist() == [1, -3]
    assert len(ledger.read(folder)) == 1


def test_only_the_owner_can_read_what_is_written(folder):
    obtain(folder, a_draw())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_a_second_draw_over_the_budget_is_refused_and_leaves_nothing(folder):
    obtain(folder, a_draw())
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(DisclosureError, match="2 of 2 is used"):
        obtain(folder, a_draw(KEYS[1]))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("other", [{"year": 2024}, {"theme": "segnalazioni"}, {"kind": "demo"}])
def test_each_theme_year_and_kind_has_its_own_budget(folder, other):
    obtain(folder, a_draw())
    obtain(folder, a_draw(KEYS[1], **other))
    assert len(ledger.read(folder)) == 2


def test_synthetic_input_is_recorded_and_never_refused(folder):
    for key in KEYS:
        obtain(folder, a_draw(key, kind="demo"))
    assert len(ledger.read(folder)) == len(KEYS)
    obtain(folder, a_draw("9" * 64))


def test_smaller_draws_fill_the_budget_exactly(folder):
    for key in KEYS[:4]:
        obtain(folder, a_draw(key, epsilon=0.5))
    with pytest.raises(DisclosureError, match="budget"):
        obtain(folder, a_draw(KEYS[4], epsilon=0.5))


def test_missing_noise_of_a_recorded_draw_stops_the_build(folder):
    obtain(folder, a_draw())
    (folder / f"noise-{KEYS[0]}.json").unlink()
    with pytest.raises(DisclosureError, match="missing"):
        obtain(folder, a_draw())


def test_changed_noise_stops_the_build(folder):
    obtain(folder, a_draw())
    path = folder / f"noise-{KEYS[0]}.json"
    path.write_bytes(path.read_bytes().replace(b"-3", b"-4"))
    with pytest.raises(DisclosureError, match="not what the ledger recorded"):
        obtain(folder, a_draw())


def test_noise_that_a_crash_left_uncharged_is_used_and_charged(folder):
    obtain(folder, a_draw())
    (folder / ledger.FILE).unlink()
    assert obtain(folder, a_draw(), 9)["FAM"]["5"].tolist() == [3]
    assert len(ledger.read(folder)) == 1


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"FAM": 3}', b'{"FAM": {"5": ["x"]}}'])
def test_uncharged_noise_that_is_not_noise_stops_the_build(folder, content):
    obtain(folder, a_draw())
    (folder / ledger.FILE).unlink()
    (folder / f"noise-{KEYS[0]}.json").write_bytes(content)
    with pytest.raises(DisclosureError, match="damaged"):
        obtain(folder, a_draw())


@pytest.mark.parametrize("name", [ledger.FILE, f"noise-{KEYS[0]}.json", "."])
@pytest.mark.parametrize("bits", [0o040, 0o004, 0o020])
def test_what_others_can_reach_is_refused(folder, name, bits):
    obtain(folder, a_draw())
    path = folder / name
    path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)
    with pytest.raises(DisclosureError, match="other users") as caught:
        obtain(folder, a_draw())
    assert "chmod" in caught.value.hint


def test_a_link_in_place_of_noise_is_refused(folder, tmp_path):
    obtain(folder, a_draw())
    path = folder / f"noise-{KEYS[0]}.json"
    path.symlink_to(path.rename(tmp_path / "elsewhere"))
    with pytest.raises(DisclosureError, match="cannot be used"):
        obtain(folder, a_draw())


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DisclosureError, match="cannot be used"):
        obtain(tmp_path / "file", a_draw())


@pytest.mark.parametrize(
    "damage",
    [
        lambda x: [x[0][:-1], *x[1:]],
        lambda x: [x[0], x[1][:40]],
        lambda x: [x[0], x[2]],
        lambda x: [x[1], x[2]],
        lambda x: [x[0].replace(b"2.0", b"1.0"), *x[1:]],
        lambda x: [x[1], x[0], x[2]],
        lambda x: [*x, b"\n"],
        lambda x: [*x, b"\xff\xfe\n"],
        lambda x: [x[0].replace(b'"kind"', b'"sort"'), *x[1:]],
    ],
)
def test_a_damaged_ledger_is_refused(folder, damage):
    for key in KEYS[:3]:
        obtain(folder, a_draw(key, kind="demo"))
    path = folder / ledger.FILE
    path.write_bytes(b"".join(damage(lines(folder))))
    with pytest.raises(DisclosureError, match="ledger is damaged") as caught:
        obtain(folder, a_draw(KEYS[3], kind="demo"))
    assert caught.value.where.startswith(ledger.FILE)


def test_a_staged_file_of_a_crashed_write_is_replaced(folder):
    obtain(folder, a_draw())
    (folder / f".{ledger.FILE}.new").write_bytes(b"half")
    obtain(folder, a_draw(KEYS[1], kind="demo"))
    assert len(ledger.read(folder)) == 2


def test_the_ledger_is_json_lines_and_only_grows(folder):
    obtain(folder, a_draw())
    before = lines(folder)
    obtain(folder, a_draw(KEYS[1], kind="demo"))
    after = lines(folder)
    assert after[:1] == before
    assert [json.loads(x)["kind"] for x in after] == ["real", "demo"]
