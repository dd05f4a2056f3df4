"""The counts of every theme, made of the records that were handed in: by cell, office or body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.errors import CatalogError
from geo_core.ingest.handed_in import HandedIn
from geo_core.ingest.intake import THEMES, Intake, by_policy
from geo_core.model.policy import Policies
from geo_core.model.text import counted as number_of
from geo_core.place.allot import allot
from geo_core.place.coverage import by_body, placed_counts

PLACING: Final = "collocazione"
"""The theme of how well records are placed: it counts the records of all themes on areas."""

_POLICIES: Final = "config/disclosure.yml"
_GIVEN: Final = (
    ("senza cella, messa in una del suo comune", "senza cella, messe in una del loro comune"),
    ("without a cell, put into one of its town", "without a cell, put into one of their town"),
)
_OUTSIDE: Final = (
    ("persona in nessun nucleo contato", "persone in nessun nucleo contato"),
    ("person in no household counted", "persons in no household counted"),
)
_NOTHING: Final = {"anno": "int64", "luogo": "object", "categoria": "object", "n": "int64"}


@dataclass(frozen=True)
class Counted:
    """What is protected.

    Attributes
    ----------
    counts : mapping
        By policy: ``anno``, ``luogo`` (leaf cell, office or body, as the policy says),
        ``categoria``, ``n``. No rows where no records were handed in.
    notes : tuple of str
        What was allotted, which tables have no records and who is not counted: for the operator
        alone.
    """

    counts: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...]


def check_policies(catalog: Catalog) -> None:
    """Raise `CatalogError` unless the policies are those of what is counted, each with a layer."""
    policies = catalog.policies.policies
    themes = [name for theme in THEMES.values() for name in theme.policies] + [PLACING]
    if unknown := [name for name in policies if name not in themes]:
        raise CatalogError(
            f"nothing is counted for the policy {unknown[0]!r}",
            where=_POLICIES,
            hint=f"the policies are: {', '.join(themes)}",
        )
    if missing := [name for name in themes if name not in policies]:
        raise CatalogError(
            f"there is no policy {missing[0]!r}: nothing says how its counts are protected",
            where=_POLICIES,
            hint="bring it back; to publish nothing of it leave its table out of the input folder",
        )
    shown = {layer.policy for layer in catalog.layers}
    if unseen := [name for name in themes if name not in shown]:
        raise CatalogError(
            f"no layer shows what the policy {unseen[0]!r} protects",
            where=_POLICIES,
            hint="bring back its file in layers/",
        )


def counted(
    policies: Policies,
    handed: HandedIn,
    *,
    bodies: gpd.GeoDataFrame,
    municipalities: gpd.GeoDataFrame,
) -> Counted:
    """Count for every policy what it protects.

    Parameters
    ----------
    policies : Policies
        Say on what each theme is counted.
    handed : HandedIn
        The records, and the population that decides where those without a cell go.
    bodies : GeoDataFrame
        ``id``, ``comuni``: the managing bodies.
    municipalities : GeoDataFrame
        ``cod_istat``, ``geometry``.
    """
    counts: dict[str, pd.DataFrame] = {}
    notes: list[str] = []
    placing: list[pd.DataFrame] = []
    for table, theme in THEMES.items():
        intake = handed.records.get(table)
        given = by_policy(table, intake) if intake is not None and len(intake.counts) else {}
        notes += _notes(table, intake)
        if theme.place == "unita_luogo" and given:
            placing.append(given[theme.policy])
        for name in theme.policies:
            found = given.get(name, _none())
            match policies.policies[name].on:
                case "aree" if len(found):
                    placed = allot(found, handed.population)
                    found = placed.counts
                    notes += _given_a_cell(name, placed.by_municipality["n"].sum())
                case "ambiti" if len(found):
                    found = by_body(
                        found, bodies, population=handed.population, municipalities=municipalities
                    )
            counts[name] = found
    counts[PLACING] = _none()
    if placing:
        counts[PLACING] = placed_counts(
            placing, bodies, population=handed.population, municipalities=municipalities
        )
    return Counted(counts, tuple(notes))


def _given_a_cell(theme: str, number: int) -> Iterator[str]:
    if number:
        said = number_of(number, *_GIVEN)
        yield f"{theme}: {said.it} / {said.en}"


def _notes(table: str, intake: Intake | None) -> Iterator[str]:
    if intake is None or not len(intake.counts):
        yield f"{table}: nessuna riga, non se ne pubblica nulla / no records, nothing is drawn"
    elif THEMES[table].households is not None and intake.households is None:
        yield (
            f"{table}: i nuclei non si contano, manca la colonna pseudonimo_nucleo / "
            "households are not counted, as the column pseudonimo_nucleo is missing"
        )
    elif intake.without_household:
        said = number_of(intake.without_household, *_OUTSIDE)
        yield f"{table}: {said.it} / {said.en}"


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_NOTHING)).astype(_NOTHING)
