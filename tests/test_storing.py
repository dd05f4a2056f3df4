"""Storing an input table: rows replaced by key, order of no meaning."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geo_core.uploads import storing

ROWS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("12"), st.text("xyz", max_size=2)), max_size=8
)
NAMES = ("ente", "periodo", "valore")
KEY = ("ente", "periodo")


def frame(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(NAMES), dtype=object)


@given(earlier=ROWS, new=ROWS)
def test_what_agrees_in_the_key_is_replaced_and_nothing_else(earlier, new):
    merged = storing.merge(frame(earlier), frame(new), names=NAMES, replaces=KEY)
    keys = {row[:2] for row in new}
    kept = [row for row in earlier if row[:2] not in keys]
    assert sorted(merged.table.itertuples(index=False, name=None)) == sorted(kept + new)
    assert len(merged.kept) + len(merged.replaced) == len(earlier)
    again = storing.merge(merged.table, frame(new), names=NAMES, replaces=KEY)
    assert storing.stored(again.table) == storing.stored(merged.table)
    assert again.unchanged == len(new)


@given(rows=ROWS, seed=st.randoms())
def test_equal_rows_give_equal_bytes_in_any_order(rows, seed):
    other = list(rows)
    seed.shuffle(other)
    assert storing.stored(frame(rows)) == storing.stored(frame(other))


def test_without_a_key_the_whole_table_is_replaced():
    merged = storing.merge(
        frame([("A", "1", "x")]), frame([("B", "2", "y")]), names=NAMES, replaces=()
    )
    assert merged.table.to_numpy().tolist() == [["B", "2", "y"]]
    assert len(merged.replaced) == 1
