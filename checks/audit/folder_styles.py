"""Legends of protected figures: classes begin at round numbers, and titles name these alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, Folder
from checks.audit.wording import numbers, spelt

LANGUAGES: Final = ("it", "en")


def check(
    tally: Tally, folder: Folder, protected: AbstractSet[str], known: AbstractSet[str]
) -> None:
    """Check the styles of a release folder.

    Parameters
    ----------
    tally : Tally
    folder : Folder
    protected : set of str
        Collections with protected figures; their families have the styles.
    known : set of str
        Numbers that are explained elsewhere.
    """
    families = {folder.layers[ident]["family"] for ident in protected}
    for family, style in folder.manifest["styles"].items():
        where = f"{MANIFEST}, style {family}"
        columns = {
            field["name"]
            for layer in folder.layers.values()
            if layer["family"] == family
            for field in layer["fields"]
        }
        hidden = sorted(set(style["fields"]) - columns)
        tally.require(not hidden, where, "a style of columns that are not shown", columns=hidden)
        lists = [
            {entry["code"] for entry in folder.manifest["codelists"][field["codelist"]]}
            for layer in folder.layers.values()
            if layer["family"] == family
            for field in layer["fields"]
            if field["name"] in style["fields"] and field["codelist"] is not None
        ]
        _values(tally, where, style, lists)
        if family in families:
            _classes(tally, where, style, known)


def _values(
    tally: Tally, where: str, style: Mapping[str, Any], lists: Sequence[AbstractSet[str]]
) -> None:
    """Check that classes are codes of their columns, each once, or ranges without a gap."""
    values = [row["value"] for row in style["classes"] if row["value"] is not None]
    ranges = [(row["min"], row["max"]) for row in style["classes"] if row["value"] is None]
    texts = {value for value in values if isinstance(value, str)}
    counted = [value for value in values if not isinstance(value, str)]
    tally.require(
        all(texts <= codes for codes in lists)
        and (bool(lists) or not texts)
        and counted == list(range(1, len(counted) + 1))
        and len(texts) + len(counted) == len(values)
        and not (values and ranges),
        where,
        "classes of values that no column has, or in no order",
        values=values,
    )
    tally.require(
        all(low[1] is not None and low[1] == high[0] for low, high in pairwise(ranges)),
        where,
        "classes that leave a gap, or lie on each other",
        limits=[limit for pair in ranges for limit in pair],
    )
    tally.require(
        len(set(style["fields"])) == len(style["fields"])
        and round(style["opacity"], 2) == style["opacity"],
        where,
        "an opacity of many decimals, or a column twice",
        opacity=style["opacity"],
    )


def _classes(tally: Tally, where: str, style: Mapping[str, Any], known: AbstractSet[str]) -> None:
    for row in style["classes"]:
        limits = [row.get(name) for name in ("min", "max") if row.get(name) is not None]
        odd = [n for n in limits if not _round(n)]
        tally.require(not odd, where, "a class that begins at no round number", limits=odd)
        _title(tally, where, row, known | set(_named(limits)))
    for name in ("band", "missing"):
        if style.get(name):
            _title(tally, where, style[name], known)
    _title(tally, where, style, known)


def _title(tally: Tally, where: str, row: Mapping[str, Any], known: AbstractSet[str]) -> None:
    texts = [row["title"][lang] for lang in LANGUAGES]
    odd = sorted({n for text in texts for n in numbers(text)} - known)
    words = sorted({word for text in texts for word in spelt(text)})
    tally.require(
        not odd and not words,
        where,
        "a legend with a number that is no limit of its class",
        numbers=[*odd, *words],
    )


def _named(limits: list[float]) -> Iterator[str]:
    """Yield the numbers that a class may be named by: up to 20 is also up to 19, or 19.9."""
    for limit in limits:
        for number in (limit, limit - 1, limit - 0.1):
            yield f"{number:.4g}"


def _round(number: float) -> bool:
    """Tell whether a number has one digit beside zeros, or a second that is 5."""
    digits = f"{number:g}".replace(".", "").strip("0")
    return "e" not in digits and (len(digits) < 2 or (len(digits) == 2 and digits[1] == "5"))
