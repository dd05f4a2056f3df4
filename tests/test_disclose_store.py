"""The private folder: sealed draws and the ledger."""

from __future__ import annotations

import json
import stat
from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.disclose import draws, ledger
from geo_core.disclose.draws import Made, Wanted
from geo_core.errors import DisclosureError

COUNTS = "abcdef"
"""Counts that are told apart by a letter, and the whole as the one part."""
WHOLE = {"whole": "a"}


def _hash(text: object) -> str:
    return sha256(str(text).encode()).hexdigest()


def a_draw(  # noqa: PLR0913 - each can differ
    counts=WHOLE, *, kind="real", year=2023, theme="bisogni", epsilon=2.0, most=2.0, value=3,
    outline="o", rules="r", records=True,
) -> Wanted:  # fmt: skip
    """Want numbers for parts whose counts are told apart by a letter; a part that is gone has z."""
    drawn: list[str] = []

    def draw(parts: Collection[str]):
        drawn.extend(parts)
        return {name: {"FAM": (value, value + len(drawn))} for name in parts}

    return Wanted(
        theme=theme, year=year, kind=kind, epsilon=epsilon, epsilon_year=most,
        rules=_hash(rules), parts=sorted(counts), draw=draw,
        persons=7, records=records,
        made=lambda name: Made(outline=_hash(outline), counts=_hash(counts.get(name, "z"))),
    )  # fmt: skip


def of(letter, **changes):
    return a_draw({"whole": letter}, **changes)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "private"


def obtain(folder, *wanted, new=True, told=None, published=()):
    say = (lambda _: None) if told is None else told.extend
    found = draws.obtain(folder, wanted, new=lambda *_: new, say=say, published=published)
    return found[0] if len(wanted) == 1 else found


def lines(folder):
    return (folder / ledger.FILE).read_bytes().splitlines(keepends=True)


def sealed(folder):
    (path,) = folder.glob("figures-*.json")
    return path


def spent(folder):
    return sum(entry.epsilon for entry in ledger.read(folder))


def test_the_same_draw_is_reused_and_charged_once(folder):
    first, again = obtain(folder, a_draw(value=3)), obtain(folder, a_draw(value=9))
    assert first.numbers == again.numbers == {"whole": {"FAM": (3, 4)}}
    assert not again.kept
    assert len(ledger.read(folder)) == 1


def test_the_same_counts_on_other_areas_are_another_draw(folder):
    first = obtain(folder, a_draw(most=4.0, value=3))
    second = obtain(folder, a_draw(most=4.0, value=8, outline="p"))
    assert (first.numbers, second.numbers) == (
        {"whole": {"FAM": (3, 4)}},
        {"whole": {"FAM": (8, 9)}},
    )
    assert len({entry.key for entry in ledger.read(folder)}) == 2
    assert len(list(folder.glob("figures-*.json"))) == 2
    with pytest.raises(DisclosureError, match="4 of 4 is used"):
        obtain(folder, a_draw(most=4.0, outline="q"))


def test_only_the_owner_can_read_what_is_written(folder):
    obtain(folder, a_draw())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_a_second_draw_over_the_budget_is_refused_and_leaves_nothing(folder):
    obtain(folder, a_draw())
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(DisclosureError, match="2 of 2 is used"):
        obtain(folder, of("b"))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("other", [{"year": 2024}, {"theme": "segnalazioni"}, {"kind": "demo"}])
def test_each_theme_year_and_kind_has_its_own_budget(folder, other):
    obtain(folder, a_draw())
    obtain(folder, of("b", **other))
    assert len(ledger.read(folder)) == 2


def test_synthetic_input_is_recorded_and_never_refused(folder):
    for key in COUNTS:
        obtain(folder, of(key, kind="demo"))
    assert len(ledger.read(folder)) == len(COUNTS)
    obtain(folder, of("9"))


def test_a_draw_that_is_over_the_budget_by_little_is_refused(folder):
    obtain(folder, a_draw(epsilon=1.96))
    with pytest.raises(DisclosureError, match="budget"):
        obtain(folder, of("b", epsilon=0.05))


def test_smaller_draws_fill_the_budget_exactly(folder):
    for key in COUNTS[:4]:
        obtain(folder, of(key, epsilon=0.5))
    with pytest.raises(DisclosureError, match="budget"):
        obtain(folder, of("e", epsilon=0.5))


def test_missing_figures_of_a_recorded_draw_stops_the_build(folder):
    obtain(folder, a_draw())
    sealed(folder).unlink()
    with pytest.raises(DisclosureError, match="missing"):
        obtain(folder, a_draw())


def test_changed_figures_stops_the_build(folder):
    obtain(folder, a_draw())
    path = sealed(folder)
    path.write_bytes(path.read_bytes().replace(b"[3", b"[4"))
    with pytest.raises(DisclosureError, match="not what the ledger recorded"):
        obtain(folder, a_draw())


def test_figures_that_a_crash_left_uncharged_is_used_and_charged(folder):
    obtain(folder, a_draw())
    (folder / ledger.FILE).unlink()
    assert obtain(folder, a_draw(value=9)).numbers == {"whole": {"FAM": (3, 4)}}
    assert len(ledger.read(folder)) == 1


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"rules": 3}', b"\xff"])
def test_uncharged_figures_that_are_none_stops_the_build(folder, content):
    obtain(folder, a_draw())
    (folder / ledger.FILE).unlink()
    sealed(folder).write_bytes(content)
    with pytest.raises(DisclosureError, match="damaged"):
        obtain(folder, a_draw())


@pytest.mark.parametrize("name", [ledger.FILE, "figures-*.json", "."])
@pytest.mark.parametrize("bits", [0o040, 0o004, 0o020])
def test_what_others_can_reach_is_refused(folder, name, bits):
    obtain(folder, a_draw())
    path = next(folder.glob(name)) if name != "." else folder
    path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)
    with pytest.raises(DisclosureError, match="other users") as caught:
        obtain(folder, a_draw())
    assert "chmod" in caught.value.hint


def test_a_link_in_place_of_figures_is_refused(folder, tmp_path):
    obtain(folder, a_draw())
    path = sealed(folder)
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
    for key in COUNTS[:3]:
        obtain(folder, of(key, kind="demo"))
    path = folder / ledger.FILE
    path.write_bytes(b"".join(damage(lines(folder))))
    with pytest.raises(DisclosureError, match="ledger is damaged") as caught:
        obtain(folder, of("d", kind="demo"))
    assert caught.value.where.startswith(ledger.FILE)


def test_a_staged_file_of_a_crashed_write_is_replaced(folder):
    obtain(folder, a_draw())
    (folder / f".{ledger.FILE}.new").write_bytes(b"half")
    obtain(folder, of("b", kind="demo"))
    assert len(ledger.read(folder)) == 2


def test_the_ledger_is_json_lines_and_only_grows(folder):
    obtain(folder, a_draw())
    before = lines(folder)
    obtain(folder, of("b", kind="demo"))
    after = lines(folder)
    assert after[:1] == before
    assert [json.loads(x)["kind"] for x in after] == ["real", "demo"]


def test_a_spent_budget_says_how_to_publish_the_rest(folder):
    obtain(folder, a_draw())
    with pytest.raises(DisclosureError) as caught:
        obtain(folder, of("b"))
    assert "`atlante build` publishes everything else" in caught.value.hint


def test_two_years_of_the_same_counts_have_figures_of_their_own(folder):
    years = [a_draw(year=2022, value=3), a_draw(year=2023, value=9)]
    first = obtain(folder, *years)
    assert first[0].numbers != first[1].numbers
    assert obtain(folder, *years) == first


def test_real_records_are_drawn_only_where_it_is_asked_for(folder):
    told = []
    assert obtain(folder, a_draw(), new=False, told=told) is None
    assert list(folder.iterdir()) == told == []
    obtain(folder, a_draw(), told=told)
    ((wanted, epsilon),) = told
    assert (wanted.theme, wanted.persons, epsilon) == ("bisogni", 7, 2)


def test_invented_records_are_drawn_always_and_cost_nothing_to_tell_of(folder):
    told = []
    assert obtain(folder, a_draw(kind="demo"), new=False, told=told).numbers
    assert told == []


def test_without_records_there_is_nothing_to_draw(folder):
    assert obtain(folder, a_draw(records=False)) is None
    assert spent(folder) == 0


def test_kept_figures_are_the_latest_and_nothing_is_drawn(folder):
    for letter in "ab":
        obtain(folder, of(letter, most=9.0, value=ord(letter)))
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    kept = obtain(folder, of("a", most=9.0), new=False)
    assert kept.numbers == obtain(folder, of("b", most=9.0)).numbers
    assert kept.kept
    assert not obtain(folder, of("b", most=9.0), new=False).kept
    with pytest.raises(DisclosureError, match="more epsilon than the policy allows"):
        obtain(folder, of("b"), new=False)
    with pytest.raises(DisclosureError, match="more epsilon than the policy allows"):
        obtain(folder, of("a"))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def _fails(_parts):
    raise DisclosureError("no rounding keeps this safe")


def test_a_refusal_of_one_draw_leaves_none_charged(folder):
    obtain(folder, a_draw())
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    told = []
    with pytest.raises(DisclosureError, match="2 of 2 is used"):
        obtain(folder, a_draw(theme="domanda"), of("b"), told=told)
    assert told == []
    unsafe = replace(of("c", theme="segnalazioni"), draw=_fails)
    with pytest.raises(DisclosureError, match="no rounding"):
        obtain(folder, a_draw(theme="domanda"), unsafe)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("change", "reason"), [({"outline": "p"}, "other areas"), ({"rules": "s"}, "another policy")]
)
def test_figures_that_do_not_fit_are_not_kept(folder, change, reason):
    obtain(folder, a_draw())
    with pytest.raises(DisclosureError, match=reason):
        obtain(folder, of("b", **change), new=False)
    assert spent(folder) == 2


PARTS = st.dictionaries(st.sampled_from("ABCDE"), st.sampled_from("zab"), min_size=1)


@settings(max_examples=60)
@given(PARTS, PARTS, st.booleans())
def test_a_part_keeps_its_figures_and_new_parts_cost_what_all_do(tmp_path_factory, a, b, keep):
    """Letters are counts."""
    folder = tmp_path_factory.mktemp("p") / "private"
    first = obtain(folder, a_draw(a, most=9.0, value=10))
    second = obtain(folder, a_draw(b, most=9.0, value=20), new=not keep)
    shared = set(a) & set(b)
    changed = any(a[name] != b[name] for name in shared)
    new = set(b) - set(a)
    if keep:
        assert second.numbers == {name: first.numbers[name] for name in shared}
        assert second.kept == (changed or bool(new))
    elif changed:
        assert all(numbers["FAM"][0] == 20 for numbers in second.numbers.values())
    else:
        for name, numbers in second.numbers.items():
            assert numbers["FAM"][0] == (20 if name in new else 10)
            assert name in new or numbers == first.numbers[name]
    assert set(second.numbers) == (shared if keep else set(b))
    assert spent(folder) == (4 if not keep and (changed or new) else 2)
    again = obtain(folder, a_draw(b, most=9.0, value=30), new=not keep)
    assert again.numbers == second.numbers


BOTH = {"A": "a", "B": "b"}


@pytest.mark.parametrize(
    "later",
    [
        # Somebody goes from A to C, and another comes to A in their place: its count is the same.
        {**BOTH, "C": "a"},
        {**BOTH, "C": "z"},
        {"B": "b", "C": "a"},
    ],
)
def test_nobody_is_counted_in_a_part_before_and_in_a_new_one_for_one_price(folder, later):
    first = obtain(folder, a_draw(BOTH, value=10))
    kept = obtain(folder, a_draw(later, value=20))
    assert kept.numbers == {name: first.numbers[name] for name in later if name in BOTH}
    assert (kept.kept, spent(folder)) == (True, 2)
    more = obtain(folder, a_draw(later, value=20, most=4.0))
    assert more.numbers["C"]["FAM"][0] == 20
    assert more.told.spent == spent(folder) == 4


def test_a_new_part_beside_changed_ones_is_refused_over_budget(folder):
    obtain(folder, a_draw(BOTH))
    with pytest.raises(DisclosureError, match="budget"):
        obtain(folder, a_draw({"A": "b", "B": "b", "C": "a"}))
    obtain(folder, a_draw({"B": "b"}))
    assert spent(folder) == 2


@pytest.mark.parametrize("later", [{"D": "b"}, {"E": "a"}, {"D": "b", "E": "a"}])
def test_the_people_of_a_part_that_joined_are_not_drawn_again_for_nothing(folder, later):
    obtain(folder, a_draw(BOTH, most=4.0))
    obtain(folder, a_draw({**BOTH, "D": "a"}, most=4.0))
    if "D" in later:
        with pytest.raises(DisclosureError, match="budget"):
            obtain(folder, a_draw({**BOTH, **later}, most=4.0))
    else:
        assert obtain(folder, a_draw({**BOTH, **later}, most=4.0)).kept
    assert [entry.epsilon for entry in ledger.read(folder)] == [2, 2]


@pytest.mark.parametrize(
    ("more", "fine"), [(0.0, True), (1e-12, True), (1e-6, False), (-1e-6, True)]
)
def test_a_budget_is_exact_but_for_the_error_of_a_sum(folder, more, fine):
    """Of ten tenths the sum is a little less than one, of others it may be a little more."""
    first = obtain(folder, of("a", epsilon=1.0, most=2.0))
    draw = ledger.Draw(theme="bisogni", year=2023, kind="real", epsilon=1 + more, key="0" * 64)
    assert ledger.fits(ledger.read(folder), draw, epsilon_year=2.0) is fine
    kept = of("b", most=1 - more)
    if fine:
        assert obtain(folder, kept, new=False).numbers == first.numbers
    else:
        with pytest.raises(DisclosureError, match="more epsilon than the policy allows"):
            obtain(folder, kept, new=False)
