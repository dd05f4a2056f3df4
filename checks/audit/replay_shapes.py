"""Recomputes which areas there are, and what the statement says of them, from open residents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from checks.audit.areas import Areas
from checks.audit.findings import Tally
from checks.audit.shapes import Block, cut, fingerprint, merged, single
from checks.audit.themes import Theme


def check(
    tally: Tally,
    theme: Theme,
    said: Sequence[Mapping[str, Any]],
    tables: Sequence[Areas],
    by_cell: Mapping[str, float],
) -> None:
    """Check the areas of one theme and year.

    Parameters
    ----------
    tally : Tally
    theme : Theme
    said : sequence of mapping
        The geographies of its statement. Without hashes of outlines nothing is promised of them.
    tables : sequence of Areas
        All collections on areas of the theme and year.
    by_cell : mapping
        Residents by cell, as `replay_weights.population` returns them.
    """
    stated = [one for one in said if one.get("sha256")]
    if not stated or not tables or not by_cell:
        return
    cells = {cell for members in tables[0].members for cell in members}
    outside = sorted(cell for cell, number in by_cell.items() if number > 0 and cell not in cells)
    tally.require(
        not outside,
        tables[0].collection.id,
        "cells with residents that are in no area",
        year=theme.year,
        cells=outside[:2],
    )
    residents = tuple((cell, int(by_cell.get(cell, 0))) for cell in sorted(cells))
    least = min(one["p_min"] for one in stated)
    for one in stated:
        _geography(tally, theme, one, _said(residents, least, one["p_min"]))
    for table in tables:
        resolution = theme.resolutions.get(table.collection.id)
        if resolution is not None:
            shown = set(table.members)
            made = {area.cells for area in cut(_merged(residents, least), resolution)}
            tally.require(
                shown == made,
                table.collection.id,
                "the areas do not follow from the residents of cells alone",
                year=theme.year,
                others=sorted(shown ^ made)[:2],
            )


@lru_cache(4)
def _merged(residents: tuple[tuple[str, int], ...], least: int) -> list[Block]:
    """Return the areas of these residents: they are the same in most years and themes."""
    return merged(single(dict(residents)), least)


@lru_cache(8)
def _said(residents: tuple[tuple[str, int], ...], least: int, most: int) -> dict[str, Any]:
    """Return what a statement says of areas, merged from those of `least` residents to `most`."""
    areas = merged(_merged(residents, least), most)
    return {
        "areas": len(areas),
        "smallest_residents": min(area.residents for area in areas),
        "sha256": fingerprint(areas),
    }


def _geography(
    tally: Tally, theme: Theme, said: Mapping[str, Any], made: Mapping[str, Any]
) -> None:
    for name, value in made.items():
        tally.require(
            said.get(name) == value,
            f"disclosure of {theme.name} {theme.year}",
            f"{name} of the areas is not what residents of cells make",
            p_min=said["p_min"],
            stated=said.get(name),
            recomputed=value,
        )
