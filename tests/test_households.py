"""Households and violence: each household once, nobody hidden in a place, one person moves two."""

from __future__ import annotations

from collections import Counter
from itertools import batched
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo_core.catalog import read_catalog
from geo_core.ingest import earliest
from geo_core.ingest.intake import Intake, by_policy, check_chunks
from geo_core.ingest.kinds import References, kind
from geo_core.model import cells
from geo_core.model.policy import Policy

CATALOG = read_catalog(Path(__file__).parents[1])
HERE, THERE = cells.at(45.32, 8.42, cells.LEAF), cells.at(45.82, 8.25, cells.LEAF)
TOWN = "002158"
KNOWN = References(
    organisations=frozenset({"ORG-1", "ORG-2"}),
    municipalities=frozenset({TOWN}),
    cells=frozenset({HERE, THERE}),
    years=frozenset({2022, 2023}),
)
COLUMNS = kind(CATALOG, "rilevazioni", KNOWN).columns
A, B, C = (digit * 32 for digit in "abc")
ZERO = "0" * 32

type Row = dict[str, str]
type Key = tuple[int, str, str]

GOOD: Row = {
    "id_org": "ORG-1", "periodo": "2023-04", "unita_luogo": HERE, "area_utenza": "FAM",
    "bisogni": "FAM;POV;VIO", "n_persone": "1", "pseudonimo": "", "nucleo": "coppia",
    "pseudonimo_nucleo": "",
}  # fmt: skip
ROW = st.fixed_dictionaries({
    "id_org": st.sampled_from(["ORG-1", "ORG-2"]),
    "periodo": st.sampled_from(["2022-03", "2023-01", "2023-02"]),
    "unita_luogo": st.sampled_from([HERE, THERE, TOWN]),
    "area_utenza": st.sampled_from(["FAM", "POV", "FAM", "POV", "VIO"]),
    "bisogni": st.just("FAM;POV;VIO"),
    "nucleo": st.sampled_from(["singolo", "coppia", "nd", ""]),
    "pseudonimo_nucleo": st.sampled_from(["", B, C, ZERO]),
})  # fmt: skip
PERSON = st.tuples(st.integers(0, 3), st.lists(ROW, min_size=1, max_size=3))
"""Who is number 0 has no pseudonym: each such record counts the persons it says."""
DISTRICT = st.lists(PERSON, max_size=7)


def check(rows: list[Row], *, size: int = 100, without: tuple[str, ...] = ()) -> Intake:
    parts, first = [], 2
    for part in batched(rows or [GOOD], size):
        index = pd.RangeIndex(first, first + len(part))
        frame = pd.DataFrame(part, index=index, dtype=object).drop(columns=list(without))
        parts.append(frame if rows else frame.iloc[:0])
        first += len(part)
    found = check_chunks(Path("rilevazioni.csv"), parts, table="rilevazioni", columns=COLUMNS)
    assert not found.problems
    return found


def written(district: list[tuple[int, list[Row]]]) -> list[Row]:
    """Write out the records of persons; who is 0 comes three in a record."""
    return [
        {**row, "n_persone": "1" if who else "3", "pseudonimo": f"{who:x}" * 32 if who else ""}
        for who, rows in district
        for row in rows
    ]


def counts(frame: pd.DataFrame) -> Counter[Key]:
    return Counter(
        {
            (r["anno"], r["luogo"], r["categoria"]): r["n"]
            for r in frame.to_dict("records")
            if r["n"]
        }
    )


def of(rows: list[Row], policy: str, *, size: int = 100) -> Counter[Key]:
    return counts(by_policy("rilevazioni", check(rows, size=size))[policy])


def plainly(rows: list[Row]) -> Counter[Key]:
    """Count households in the plainest way: sort, keep the first, twice."""

    def order(row: Row) -> tuple[object, ...]:
        return (row["periodo"], row["id_org"], row["unita_luogo"] == TOWN, row["unita_luogo"])

    def full(row: Row) -> tuple[object, ...]:
        named = row["pseudonimo_nucleo"]
        return (*order(row), row["area_utenza"], row["nucleo"] or "nd", named != "", named)

    persons: dict[object, Row] = {}
    for at, row in enumerate(sorted(rows, key=full)):
        persons.setdefault((row["periodo"][:4], row["pseudonimo"] or at), row)
    found: Counter[Key] = Counter()
    households: dict[tuple[str, str], list[Row]] = {}
    for row in persons.values():
        if row["pseudonimo_nucleo"]:
            households.setdefault((row["periodo"][:4], row["pseudonimo_nucleo"]), []).append(row)
        elif row["nucleo"] == "singolo" and row["area_utenza"] != "VIO":
            found[int(row["periodo"][:4]), row["unita_luogo"], "singolo"] += int(row["n_persone"])
    for members in households.values():
        if all(row["area_utenza"] != "VIO" for row in members):
            first = min(members, key=lambda row: (*order(row), row["nucleo"] or "nd"))
            place, living = first["unita_luogo"], first["nucleo"] or "nd"
            found[int(first["periodo"][:4]), place, living] += 1
    return found


@settings(max_examples=60)
@given(DISTRICT, st.data(), st.integers(1, 9))
def test_each_household_is_counted_once_whatever_the_order(
    district: list[tuple[int, list[Row]]], data: st.DataObject, size: int
) -> None:
    rows = written(district)
    with patch.object(earliest, "_MERGE_AT", data.draw(st.integers(0, 4))):
        shuffled = data.draw(st.permutations(rows))
        assert of(shuffled, "nuclei", size=size) == plainly(rows)


@settings(max_examples=60)
@given(DISTRICT, st.data())
def test_one_person_more_or_less_changes_households_by_two_and_needs_by_one(
    district: list[tuple[int, list[Row]]], data: st.DataObject
) -> None:
    rows = written(district)
    if not rows:
        return
    gone = data.draw(st.sampled_from(rows))
    if gone["pseudonimo"]:
        fewer = [row for row in rows if row["pseudonimo"] != gone["pseudonimo"]]
    else:
        at = rows.index(gone)
        fewer = [*rows[:at], {**gone, "n_persone": "2"}, *rows[at + 1 :]]

    both = [by_policy("rilevazioni", check(given_)) for given_ in (rows, fewer)]

    def changed(policy: str, year: int) -> int:
        before, after = (counts(found[policy]) for found in both)
        keys = {key for key in before | after if key[0] == year}
        return sum(abs(before[key] - after[key]) for key in keys)

    for year in (2022, 2023):
        assert changed("nuclei", year) <= CATALOG.policies.policies["nuclei"].contribution_cap == 2
        # A person is in one of these two, never in both.
        assert changed("bisogni", year) + changed("violenza", year) <= 1


@settings(max_examples=25)
@given(DISTRICT)
def test_violence_is_apart_and_nobody_is_lost(district: list[tuple[int, list[Row]]]) -> None:
    found = check(written(district))
    apart = by_policy("rilevazioni", found)
    assert "VIO" not in set(apart["bisogni"]["categoria"])
    assert set(apart["violenza"]["categoria"]) <= {"VIO"}
    together = apart["bisogni"]["n"].sum() + apart["violenza"]["n"].sum()
    assert together == found.counts["n"].sum()
    # Whether there are figures of violence follows from records of any need.
    assert (len(apart["violenza"]) > 0) == (len(found.counts) > 0)


def test_a_household_moves_to_its_earliest_person() -> None:
    first = {**GOOD, "pseudonimo": A, "pseudonimo_nucleo": C, "periodo": "2023-02"}
    second = {**GOOD, "pseudonimo": B, "pseudonimo_nucleo": C, "unita_luogo": THERE,
              "nucleo": "altro"}  # fmt: skip
    assert of([second, first], "nuclei") == {(2023, HERE, "coppia"): 1}
    assert of([second], "nuclei") == {(2023, THERE, "altro"): 1}


@pytest.mark.parametrize("other", ["FAM", "VIO"])
def test_the_household_of_a_hidden_person_is_nowhere(other: str) -> None:
    child = {**GOOD, "pseudonimo": A, "pseudonimo_nucleo": C, "periodo": "2023-01"}
    mother = {**GOOD, "pseudonimo": B, "pseudonimo_nucleo": C, "area_utenza": other}
    assert of([child, mother], "nuclei") == ({} if other == "VIO" else {(2023, HERE, "coppia"): 1})
    # Of another year nothing is known.
    before = {**child, "periodo": "2022-01"}
    assert (2022, HERE, "coppia") in of([child, mother, before], "nuclei")


def test_who_lives_alone_is_a_household_and_others_without_a_name_are_none() -> None:
    rows = [
        {**GOOD, "nucleo": "singolo", "n_persone": "4"},
        {**GOOD, "nucleo": "coppia", "n_persone": "5"},
        {**GOOD, "nucleo": "singolo", "area_utenza": "VIO"},
        {**GOOD, "nucleo": "", "pseudonimo_nucleo": B, "n_persone": "2"},
    ]
    found = check(rows)
    assert found.households is not None
    assert counts(found.households) == {(2023, HERE, "singolo"): 4, (2023, HERE, "nd"): 1}
    assert found.without_household == 6


def test_without_the_column_records_count_and_households_do_not() -> None:
    rows = [{**GOOD, "nucleo": "singolo"}]
    found = check(rows, without=("pseudonimo_nucleo",))
    assert found.households is None
    assert found.counts["n"].sum() == 1
    assert "nuclei" not in by_policy("rilevazioni", found)
    assert of(rows, "nuclei") == {(2023, HERE, "singolo"): 1}


@pytest.mark.parametrize("theme", ["bisogni", "nuclei"])
def test_no_theme_with_a_place_may_count_violence(theme: str) -> None:
    signed = CATALOG.policies.areas(theme).model_dump()
    signed["categories"] = [*signed["categories"], "VIO"]
    with pytest.raises(ValidationError, match="by managing body alone"):
        Policy.model_validate(signed)
