"""Legends of protected figures: classes begin at round numbers, and titles name these alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from checks.audit.documents import numbers_in
from checks.audit.findings import Tally
from checks.audit.folder import MANIFEST, Folder

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
        if family in families:
            _classes(tally, where, style, known)


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
    tally.require(
        round(style["opacity"], 2) == style["opacity"],
        where,
        "an opacity of many decimals",
        opacity=style["opacity"],
    )


def _title(tally: Tally, where: str, row: Mapping[str, Any], known: AbstractSet[str]) -> None:
    odd = sorted({n for lang in LANGUAGES for n in numbers_in(row["title"][lang])} - known)
    tally.require(
        not odd, where, "a legend with a number that is no limit of its class", numbers=odd
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
