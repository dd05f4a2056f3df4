"""The examples of docs/indici.md: every one is run, and must come out as it is printed."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from indexing import run

from geo_core.index.run import METHODS

PAGE = Path(__file__).parents[1] / "docs" / "indici.md"
BLOCK = re.compile(r"^```(?:yaml|csv) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOLERANCE = 1e-12
"""Relative; logarithms and powers differ between processors in the last digit."""

SECTIONS = {
    title: dict(BLOCK.findall(text))
    for title, text in re.findall(
        r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
}
EXAMPLES = {title: blocks for title, blocks in SECTIONS.items() if blocks}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_comes_out_as_it_is_printed(tmp_path: Path, title: str):
    blocks = EXAMPLES[title]
    assert {"spec.yml", "dati.csv", "esito.csv"} <= set(blocks)
    others = {
        name.removesuffix(".csv"): text
        for name, text in blocks.items()
        if name not in {"spec.yml", "dati.csv", "esito.csv"}
    }
    told = run(tmp_path, blocks["spec.yml"], blocks["dati.csv"], **others)
    assert told.code == 0, told.words
    found = rows((tmp_path / "out.csv").read_text(encoding="utf-8"))
    printed = rows(blocks["esito.csv"])
    assert [len(row) for row in found] == [len(row) for row in printed]
    for ours, theirs in zip(found, printed, strict=True):
        for cell, shown in zip(ours, theirs, strict=True):
            if cell != shown:
                assert float(cell) == pytest.approx(float(shown), rel=TOLERANCE, abs=0), ours


def test_every_method_is_on_the_page_with_its_name():
    text = PAGE.read_text(encoding="utf-8")
    for name in METHODS:
        assert f"`{name}`" in text or f"`method: {name}`" in text, name
