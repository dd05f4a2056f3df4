"""Writes long tables batch by batch: texts exist for one batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

BATCH: Final = 200_000
"""Rows that are made and written at a time. Draws follow batches, so it changes the bytes."""

type Columns = Mapping[str, pa.Array]


class Draw:
    """A choice among texts by weight, for whole columns.

    Parameters
    ----------
    weights : mapping
        Weight by text.
    """

    __slots__ = ("_texts", "_upto")

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._texts = pa.array(list(weights), pa.string())
        self._upto = np.cumsum(list(weights.values())) / sum(weights.values())
        self._upto[-1] = 1

    def __call__(self, count: int, rng: np.random.Generator) -> pa.Array:
        """Draw `count` texts."""
        return self._texts.take(pa.array(np.searchsorted(self._upto, rng.random(count), "right")))


class DrawByCode:
    """A choice among texts by weight, where the weights depend on a code.

    Parameters
    ----------
    weights : sequence of mapping
        For each code, weight by text.
    """

    __slots__ = ("_draws",)

    def __init__(self, weights: Sequence[Mapping[str, float]]) -> None:
        self._draws = [Draw(w) for w in weights]

    def __call__(self, codes: npt.NDArray[np.integer], rng: np.random.Generator) -> pa.Array:
        """Draw one text for each code."""
        order = np.argsort(codes, kind="stable")
        counts = np.bincount(codes, minlength=len(self._draws))
        parts = [draw(int(n), rng) for draw, n in zip(self._draws, counts, strict=True)]
        back = np.empty(len(codes), np.int64)
        back[order] = np.arange(len(codes))
        return pa.concat_arrays(parts).take(pa.array(back))


def named(texts: Sequence[str], codes: npt.NDArray[np.integer]) -> pa.Array:
    """Return the text of each code."""
    return pa.array(list(texts), pa.string()).take(pa.array(codes))


def constant(text: str, count: int) -> pa.Array:
    """Return a column of one text."""
    return pa.repeat(pa.scalar(text, pa.string()), count)


def numbers(
    values: npt.NDArray[np.integer], shown: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """Write whole numbers as text, empty where they are not shown."""
    written = pa.array(values).cast(pa.string())
    return written if shown is None else either(shown, written, "")


def either(where: npt.NDArray[np.bool_], texts: pa.Array, otherwise: str) -> pa.Array:
    """Return the texts where a mask is true, and `otherwise` elsewhere."""
    return pa.compute.if_else(pa.array(where), texts, pa.scalar(otherwise, pa.string()))


def slices(count: int) -> Iterator[slice]:
    """Cut a table into batches; one, empty, if it has no rows."""
    for start in range(0, max(count, 1), BATCH):
        yield slice(start, min(start + BATCH, count))


def write(path: Path, batches: Iterable[Columns], *, progress: Callable[[int], None]) -> int:
    """Write a UTF-8 CSV with header and return its number of rows.

    Parameters
    ----------
    batches : iterable
        Columns of text without commas, quotes or line breaks, the same ones in every batch; at
        least one batch.
    progress : callable
        Told after each batch how many rows are written.
    """
    rows = 0
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        for columns in batches:
            table = pa.table(dict(columns))
            if not rows:
                file.write(",".join(table.column_names).encode() + b"\n")
            pyarrow.csv.write_csv(table, file, options)
            rows += table.num_rows
            progress(rows)
    return rows
