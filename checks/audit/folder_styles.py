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
RAMPS: Final = (
    "#e4d3f0 #c19fd6 #976fb7 #6c4296 #3d1a5c",
    "#f6dccb #eab08c #d67f52 #a94f27 #6a2a0d",
    "#e9dff0 #cbb3dc #a07fc0 #6f4a96 #3f2060",
    "#dbe8f3 #a6c6e2 #699ac6 #356898 #0e355e",
    "#f5dfe6 #ddaabb #b9688a #873355 #430d2b",
    "#fde3cf #f2b98a #d9864f #a95526 #66290c",
    "#e0ecd9 #b2d3a3 #7fb06c #4c853d #235419",
)
"""Colours of classes of protected figures: a colour by itself would be a number of six digits."""
APART: Final = frozenset({"#b9bcc2", "#ffffff"})
"""Of the band, and of what is not there."""
OUTLINES: Final = frozenset({"#ffffff", "#3c4048"})


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
    for family, whole in folder.manifest["styles"].items():
        where = f"{MANIFEST}, style {family}"
        of = [layer for layer in folder.layers.values() if layer["family"] == family]
        fields = [field for layer in of for field in layer["fields"]]
        named: list[str] = [whole["label"]] if whole["label"] else []
        for style in (whole, *whole.get("also", ())):
            named += style["fields"]
            _values(tally, where, style, _lists(folder, fields, style))
            if family in families:
                _classes(tally, where, style, known)
                _drawn(tally, where, style)
        hidden = sorted(set(named) - {field["name"] for field in fields})
        tally.require(not hidden, where, "a style of columns that are not shown", columns=hidden)
        once = len(set(named)) == len(named)
        tally.require(once, where, "a column that is drawn in two ways", columns=named)


def _lists(
    folder: Folder, fields: Sequence[Mapping[str, Any]], style: Mapping[str, Any]
) -> list[AbstractSet[str]]:
    """Return the codes that each column of a legend may have, of those that have codes."""
    return [
        {entry["code"] for entry in folder.manifest["codelists"][field["codelist"]]}
        for field in fields
        if field["name"] in style["fields"] and field["codelist"] is not None
    ]


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
    for axis in (style["grid"] or {}).values():
        _title(tally, where, {"title": axis}, known)


def _drawn(tally: Tally, where: str, style: Mapping[str, Any]) -> None:
    """Check that colours are those of one ramp, from light to dark, and the rest as always."""
    colours = [row["colour"] for row in style["classes"]]
    others = [style[name]["colour"] for name in ("band", "missing") if style.get(name)]
    ramps = (ramp.split() for ramp in RAMPS)
    tally.require(
        any(colours == [c for c in ramp if c in colours] for ramp in ramps)
        and set(others) <= APART
        and style["outline"] in OUTLINES
        and style["opacity"] == 1,
        where,
        "colours of no ramp of protected figures, or an outline or opacity of its own",
        colours=[*colours, *others, style["outline"]],
        opacity=style["opacity"],
    )


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
