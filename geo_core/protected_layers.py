"""The rows of every layer that counts persons (class B): placed, then protected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_numeric_dtype

from geo_core.catalog import Catalog
from geo_core.counted import PLACING, counted
from geo_core.disclose import ledger
from geo_core.disclose.draws import Obtained, Wanted
from geo_core.disclose.estimates import WEIGHTS, Places
from geo_core.disclose.features import PUBLIC
from geo_core.disclose.ledger import Published, Told
from geo_core.disclose.protect import Protected, protect
from geo_core.disclose.sealed import Charged, Prepared, finished
from geo_core.disclose.shape import Shapes
from geo_core.disclose.units import ProtectedUnits, protect_units
from geo_core.disclose.vault import recover
from geo_core.errors import DisclosureError
from geo_core.ground import Ground
from geo_core.ingest.bodies import members_on
from geo_core.ingest.deliveries import coverage
from geo_core.ingest.intake import THEMES
from geo_core.ingest.lineage import content
from geo_core.model.accuracy import Accuracy
from geo_core.model.content import described
from geo_core.model.disclosure import Disclosure, Statement
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy
from geo_core.model.tables import Levels, OpenTable, ProtectedTable
from geo_core.model.text import Name
from geo_core.spending import Chosen, Teller, elsewhere, kept, recovered, tables_of
from geo_core.statement.accuracy import expected_errors
from geo_core.statement.promise import errors_on_areas
from geo_core.statement.statement import disclosure, statements, with_draws

_COMMON: Final = frozenset({"id", "fonte", "licenza", "dato_sintetico"})


@dataclass(frozen=True)
class ProtectedLayers:
    """What is published of persons.

    Attributes
    ----------
    tables : list of ProtectedTable
        One per class B layer.
    coarser : mapping
        By family and H3 resolution, the rows for which it has no collection.
    disclosure : Disclosure
        What protects them.
    notes : tuple of str
        What was allotted, which themes have no records, which wait for figures, and which
        figures are of earlier records: for the operator alone.
    """

    tables: list[ProtectedTable]
    coarser: Mapping[Name, Levels]
    disclosure: Disclosure
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Given:
    """What the themes are made from; `counts` by policy."""

    catalog: Catalog
    ground: Ground
    public: Mapping[str, gpd.GeoDataFrame]
    counts: Mapping[str, pd.DataFrame]
    teller: Teller


@dataclass(frozen=True)
class _Part:
    tables: list[ProtectedTable]
    statements: tuple[Statement, ...]
    notes: tuple[str, ...]
    coarser: Mapping[Name, Levels] = field(default_factory=dict)


def protected_layers(  # noqa: PLR0913 - all of them decide what is published
    catalog: Catalog,
    ground: Ground,
    tables: Iterable[OpenTable],
    private: Path,
    *,
    new: Chosen,
    say: Callable[[str], None],
    published: Sequence[Published],
) -> ProtectedLayers:
    """Protect every theme of the policies, each with its own budget.

    Parameters
    ----------
    catalog : Catalog
        Layers and policies.
    ground : Ground
        Population, registers and the records handed in.
    tables : iterable of OpenTable
        The public layers: offices and bodies are lists of them.
    private : Path
        Folder of the sealed draws and the ledger.
    new : function
        Of a theme, a year and whether anything was delivered of it: whether its real records may
        be drawn. Elsewhere the figures that were drawn before are published, whatever the records
        are today, or no rows.
    say : function
        Told what is about to be spent of the budgets of real records, and what was found spent.
    published : sequence of Published
        The draws that earlier releases show.

    Raises
    ------
    DisclosureError
        What `protect` and `protect_units` refuse, or records that are real over an invented
        population. Nothing is charged then.
    """
    public = {table.layer.id: table.frame for table in tables}
    found = counted(
        catalog.policies,
        ground.handed,
        bodies=public["ambiti"],
        municipalities=ground.municipalities,
    )
    made = ground.handed.deliveries.made
    teller = Teller(made, tables_of(PLACING), ground.district.reference_date)
    given = _Given(catalog, ground, public, found.counts, teller)

    def spending(draws: Sequence[tuple[Wanted, float]]) -> None:
        for line in teller.spending(draws):
            say(line)

    for line in recovered(recover(private)):
        say(line)
    themes = [_theme(name, given) for name in catalog.policies.policies]

    def may(theme: str, year: int) -> bool:
        return new(theme, year, teller.delivered(theme, year))

    parts = finished(private, themes, new=may, say=spending, published=published)
    lost = ledger.unknown(ledger.read(private), published)
    return ProtectedLayers(
        [table for part in parts for table in part.tables],
        {family: levels for part in parts for family, levels in part.coarser.items()},
        disclosure(s for part in parts for s in part.statements),
        (*found.notes, *elsewhere(lost), *(note for part in parts for note in part.notes)),
    )


def _theme(name: str, given: _Given) -> Prepared[_Part]:
    catalog = given.catalog
    invented = _invented(name, given.ground)
    layers = tuple(
        described(layer, content(layer, given.ground.lineages, invented=invented))
        for layer in catalog.layers
        if layer.policy == name
    )
    charged = Charged(name, invented)
    policy = catalog.policies.policies[name]
    if not isinstance(policy, AreaPolicy):
        units = (_bodies if policy.on == "ambiti" else _offices)(given, layers)
        return _on_units(layers, given.counts[name], units, given, charged)
    if not invented and len(given.counts[name]) and given.ground.invented("popolazione"):
        raise DisclosureError(
            "real records cannot be published over an invented population",
            hint="import a finer population: atlante import istat-sezioni FILES, or "
            "atlante import popolazione-raster FILE",
        )
    prepared = protect(
        given.counts[name],
        _residents_of_district(given.ground),
        layers=layers,
        policy=policy,
        years=given.ground.district.years,
        charged=charged,
        errors=lambda shapes: errors_on_areas(
            shapes, policy, layers=layers, weights=given.public[WEIGHTS]
        ),
        places=Places(given.public[WEIGHTS], given.public),
    )

    def part(made: Protected) -> _Part:
        said = _statements(
            made.shapes,
            made.draws,
            catalog,
            charged,
            layers=layers,
            public=PUBLIC,
            errors=made.errors,
        )
        tables = [made.table(layer) for layer in layers]
        return _Part(tables, said, tuple(kept(name, made.kept)), made.coarser)

    return _told(prepared, part, given.teller)


def _told[T](prepared: Prepared[T], part: Callable[[T], _Part], teller: Teller) -> Prepared[_Part]:
    """Go on to the part of a release, and say which years of the theme wait for figures."""

    def finish(obtained: Sequence[Obtained | None]) -> _Part:
        made = part(prepared.finish(obtained))
        each = zip(prepared.wanted, obtained, strict=True)
        waiting = [wanted for wanted, one in each if one is None and wanted.records]
        return replace(made, notes=(*made.notes, *teller.waiting(waiting)))

    return Prepared(prepared.wanted, finish)


def _invented(name: str, ground: Ground) -> bool:
    """Tell whether the records of a theme are invented: all of them, or none.

    Invented records are charged to no budget, so one real record makes them real.
    """
    states: dict[bool, str] = {}
    for table, theme in THEMES.items():
        own = name in theme.policies or (name == PLACING and theme.place == "unita_luogo")
        intake = ground.handed.records.get(table)
        if own and intake is not None and len(intake.counts):
            states[ground.invented(table)] = table
    if len(states) > 1:
        raise DisclosureError(
            f"{states[True]}.csv is invented and {states[False]}.csv is not: {name} counts both",
            hint="take the invented tables out: atlante synth --remove",
        )
    return True in states


def _on_units(
    layers: tuple[Layer, ...],
    counts: pd.DataFrame,
    units: gpd.GeoDataFrame,
    given: _Given,
    charged: Charged,
) -> Prepared[_Part]:
    (layer,) = layers
    policy = given.catalog.policies.units(charged.theme)
    prepared = protect_units(
        counts,
        units,
        layer=layer,
        policy=policy,
        year=given.ground.district.year,
        charged=charged,
    )
    public = [str(name) for name in units if is_numeric_dtype(units[name])]

    def part(made: ProtectedUnits) -> _Part:
        drawn = bool(made.draws)
        promised = expected_errors(len(units), policy, resolutions=()) if drawn else Accuracy()
        said = _statements(
            len(units),
            made.draws,
            given.catalog,
            charged,
            layers=layers,
            public=public,
            errors=promised,
        )
        return _Part([made.table], said, tuple(kept(charged.theme, made.kept)))

    return _told(prepared, part, given.teller)


def _statements(  # noqa: PLR0913 - what statements are about
    on: Shapes | int,
    draws: Mapping[int, Told],
    catalog: Catalog,
    charged: Charged,
    *,
    layers: Sequence[Layer],
    public: Sequence[str],
    errors: Accuracy,
) -> tuple[Statement, ...]:
    codes = catalog.codelists[catalog.policies.policies[charged.theme].codelist]
    said = statements(
        on,
        catalog.policies,
        theme=charged.theme,
        years=list(draws),
        layers=layers,
        public=public,
        synthetic=charged.synthetic,
        titles={code.code: code.title for code in codes},
        errors=errors,
    )
    return with_draws(said, draws)


def _residents_of_district(ground: Ground) -> pd.Series:
    """Return residents per leaf cell, with the cells of the territory where nobody lives."""
    inhabited = ground.cells.sum(axis=1)
    everywhere = inhabited.index.union(ground.territory)
    return inhabited.reindex(everywhere, fill_value=0).astype("int64")


def _offices(given: _Given, layers: tuple[Layer, ...]) -> gpd.GeoDataFrame:
    """Return the offices that are no secret, with the columns that the layer shows."""
    offices = given.public["sedi"]
    return _shown(offices[~offices["riservata"].eq(other=True)], layers)


def _bodies(given: _Given, layers: tuple[Layer, ...]) -> gpd.GeoDataFrame:
    """Return the managing bodies, with what is public of them and nothing of the records."""
    ground = given.ground
    on = ground.district.reference_date
    members = members_on(ground.handed.membership, on)
    body = {town: name for name, towns in members.items() for town in towns}
    seats = ground.handed.register["organizzazioni"].set_index("id")["cod_istat"].map(body)
    reported = coverage(
        ground.handed.deliveries, seats.dropna().to_dict(), year=ground.district.year, until=on
    )
    bodies = given.public["ambiti"][["id", "cod_ambito", "denominazione", "geometry"]]
    return _shown(bodies.join(reported, on="id"), layers)


def _shown(units: gpd.GeoDataFrame, layers: tuple[Layer, ...]) -> gpd.GeoDataFrame:
    own = {name for layer in layers for name in layer.field_names} - _COMMON
    return units[["id", *(name for name in units if name in own), "geometry"]]
