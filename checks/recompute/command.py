"""The command `atlante recompute`: a table of differences on stdout, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from checks.recompute.source import CannotRecompute, Lineage, source_of
from checks.recompute.steps import Number, Unknown, computed

CANNOT: Final = 2
"""Exit code when there was nothing to compute; 1 if something differs, 0 if nothing does."""
SHOWN: Final = 20
"""Differences of a collection that are written."""
_HINT: Final = (
    "  atlante recompute http://127.0.0.1:8000 rischio_comuni 002158"
    "\n  atlante recompute var/releases/2023-12-31-0123456789ab"
)


@dataclass(frozen=True)
class Compared:
    """A published value, and the same computed again."""

    ident: str
    field: str
    published: Number
    computed: Number

    @property
    def same(self) -> bool:
        """True if they are equal, to the last published digit."""
        return self.published == self.computed

    @property
    def apart(self) -> float | None:
        """Their difference; None if one is missing."""
        if self.published is None or self.computed is None:
            return None
        return abs(self.published - self.computed)


def main(what: str, collection: str | None = None, ident: str | None = None) -> int:
    """Compute published values again, print what differs and return the exit code.

    Parameters
    ----------
    what : str
        http(s) address of a landing page, or folder of one release.
    collection : str, optional
        All that have a lineage if none is named.
    ident : str, optional
        One feature of it; all if none is named.
    """
    try:
        source = source_of(what)
        names = source.collections() if collection is None else [collection]
        found = [compare(source.lineage(name, ident)) for name in names]
    except (CannotRecompute, Unknown) as error:
        sys.stderr.write(f"errore / error: {error}\n{_HINT}\n")
        return CANNOT
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        sys.stderr.write(f"errore / error: {what}: non è un lineage / no lineage: {error!r}\n")
        return CANNOT
    for name, compared in zip(names, found, strict=True):
        sys.stdout.write("\n".join(lines(name, compared)) + "\n")
    values = [one for compared in found for one in compared]
    return CANNOT if not values else int(not all(one.same for one in values))


def compare(lineage: Lineage) -> list[Compared]:
    """Return every published value beside what the steps make of the inputs.

    A feature without inputs, and inputs without a feature, differ in all.
    """
    made = computed(lineage.steps, lineage.inputs, whole=lineage.whole)
    outputs = {step["output"] for step in lineage.steps} & made.keys()
    out = []
    for at, ident in enumerate(lineage.ids):
        properties = lineage.published.get(ident)
        if properties is None:
            out.append(Compared(ident, "id", None, 1))
            continue
        shared = (name for name in properties if name in outputs)
        out += [Compared(ident, name, properties[name], made[name][at]) for name in shared]
    lost = lineage.published.keys() - set(lineage.ids) if lineage.whole else set[str]()
    return [*out, *(Compared(ident, "id", 1, None) for ident in sorted(lost))]


def lines(name: str, compared: list[Compared]) -> Iterator[str]:
    """Yield the table of a collection, or of a feature, and one sentence."""
    units = len({one.ident for one in compared})
    if units == 1:
        yield f"{name} · {compared[0].ident}"
        yield from _values(compared)
    else:
        yield f"{name}: {_italian(units)} oggetti / {units:,} features"
        yield from _fields(compared)
        differing = [one for one in compared if not one.same]
        yield from (f"! {one.ident} {_row(one)}" for one in differing[:SHOWN])
    number, count = sum(not one.same for one in compared), len(compared)
    yield (
        f"{_italian(count)} valori, tutti uguali / {count:,} values, all equal."
        if not number
        else f"{_italian(number)} differenze su {_italian(count)} valori"
        f" / {number:,} differences of {count:,} values."
    )


def _italian(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _values(compared: list[Compared]) -> Iterator[str]:
    yield f"  {'campo / field':<24}{'pubblicato / published':>24}{'ricalcolato / computed':>24}"
    for one in compared:
        yield f"{' ' if one.same else '!'} {_row(one)}"


def _row(one: Compared) -> str:
    apart = "" if one.same else f"  {one.apart if one.apart is not None else '—'}"
    return f"{one.field:<24}{_shown(one.published):>24}{_shown(one.computed):>24}{apart}"


def _shown(value: Number) -> str:
    return "—" if value is None else repr(int(value) if value == int(value) else value)


def _fields(compared: list[Compared]) -> Iterator[str]:
    heads = ("valori / values", "diversi / differ", "al più / at most")
    yield f"  {'campo / field':<24}{''.join(f'{head:>18}' for head in heads)}"
    for field in dict.fromkeys(one.field for one in compared):
        of = [one for one in compared if one.field == field]
        most = max((one.apart or 0 for one in of), default=0)
        yield f"  {field:<24}{len(of):>18,}{sum(not one.same for one in of):>18,}{most:>18.4g}"
