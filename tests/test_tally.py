"""Counts of a stream of records: the same however it is cut into batches."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.ingest.tally import Tally

KEYS = ("h3", "categoria", "mese")
# Two neighbours, a pentagon, and the far ends of the index.
CELLS = [
    "881f983851fffff",
    "881f983853fffff",
    "880800000dfffff",
    "8800000001fffff",
    "88f3b4b6d9fffff",
]


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(CELLS), st.sampled_from("abc"), st.sampled_from("xyz"),
                st.integers(1, 50),
            ),
            max_size=8,
        ),
        max_size=8,
    ),
    st.sampled_from([0, 3, 1000]),
)  # fmt: skip
def test_a_tally_sums_whatever_comes_in_batches(
    parts: list[list[tuple[str, str, str, int]]], merge_at: int
) -> None:
    tally, expected = Tally(KEYS), Counter[tuple[str, str, str]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geo_core.ingest.tally._MERGE_AT", merge_at)
        for part in parts:
            tally.add(
                pa.array([r[0] for r in part], pa.string()),
                pa.array([r[1] for r in part], pa.string()),
                pa.array([r[2] for r in part], pa.string()),
                np.array([r[3] for r in part], np.int64),
            )
            expected.update(Counter({r[:3]: 0 for r in part}))
            for cell, category, month, n in part:
                expected[cell, category, month] += n
    rows = tally.counts().to_pylist()
    assert {(r["h3"], r["categoria"], r["mese"]): r["n"] for r in rows} == dict(expected)
    assert [(r["h3"], r["categoria"], r["mese"]) for r in rows] == sorted(expected)
    assert tally.total == expected.total()


def test_a_tally_says_when_there_are_too_many_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_core.ingest.tally.MOST", (9, 2, 9))
    three = pa.array(["a", "b", "c"])
    with pytest.raises(ValueError, match="more than 2"):
        Tally(KEYS).add(three, three, three, np.ones(3, np.int64))


def test_dictionaries_of_text_count_like_text() -> None:
    texts, n = pa.array(["b", "a", "b"]), np.array([1, 2, 3], np.int64)
    plain, coded = Tally(KEYS), Tally(KEYS)
    plain.add(texts, texts, texts, n)
    coded.add(texts, texts.dictionary_encode(), texts, n)
    assert coded.counts().equals(plain.counts())


def test_nothing_counts_to_nothing() -> None:
    assert Tally(KEYS).counts().num_rows == 0
