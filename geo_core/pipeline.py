"""The order of the stages: sources, ingest, place, indicators, disclose, release."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from geo_core.catalog import Catalog, check_drawn, read_catalog
from geo_core.console import Report
from geo_core.counted import check_policies
from geo_core.exposed import exposing
from geo_core.gap_layers import ACCESS, NEEDS, gaps
from geo_core.gate import Audit, examine
from geo_core.ground import Ground
from geo_core.ingest.deliveries import DELIVERIES
from geo_core.ingest.geocode import read_gazetteer
from geo_core.ingest.handed_in import read_handed_in, refuse_partial
from geo_core.ingest.history import read_history
from geo_core.ingest.intake import THEMES
from geo_core.ingest.lineage import Lineage, lineages, overall, owned, sourced
from geo_core.ingest.official import Official, official
from geo_core.ingest.population import refuse_unknown
from geo_core.ingest.remembered import remember
from geo_core.ingest.rules import TABLES
from geo_core.ingest.secret import Secrets, no_longer, read_reserved, read_secrets
from geo_core.ingest.times import TIMES
from geo_core.ingest.toponyms import read_toponyms
from geo_core.input_folder import held, is_invented
from geo_core.model.cells import LEAF, covering
from geo_core.model.content import SHARE_ALIKE, licence_of, titled
from geo_core.model.district import District
from geo_core.model.indicator import Indicators
from geo_core.model.manifest import Input, Manifest
from geo_core.model.policy import AreaPolicy
from geo_core.model.tables import OpenTable, ProtectedTable, Table
from geo_core.model.text import Text
from geo_core.open_layers import check_rows, open_tables
from geo_core.place.population import ages_by
from geo_core.protected_layers import ProtectedLayers, protected_layers
from geo_core.release.compose import Contents, compose
from geo_core.release.stated import published_draws
from geo_core.release.write import publish, staging
from geo_core.revised import with_revisions
from geo_core.risk_lineage import traced
from geo_core.settings import BuildSettings
from geo_core.signing import refuse_unsigned
from geo_core.sources.base import Origin, provenance
from geo_core.spending import chosen
from geo_core.strict_yaml import read_document
from geo_core.synth.district import FILES, ORIGIN
from geo_core.told import in_both, passed, where_rows_went
from geo_core.warned import exposed, lacking, unnamed

LICENCE: Final = "CC-BY-4.0"
"""Of the district's own data, unless a row says otherwise."""

CONFIDENTIAL: Final = tuple(f"{table}.csv" for table in (*THEMES, *TABLES, TIMES, DELIVERIES))
"""Files that may hold more than what is published, such as the row of a secret place, in any
register: with their hash a guess could be confirmed."""


def build(
    settings: BuildSettings,
    *,
    report: Report,
    audit: Audit | None = None,
    allow_partial: bool = False,
    new_figures: Collection[str] | None = None,
) -> Manifest:
    """Build a release from the input folder and make it current.

    Parameters
    ----------
    settings : BuildSettings
        Where declarations, inputs, sealed draws and releases are.
    report : Report
        Told each stage when it starts, and where the rows went.
    audit : function, optional
        What the release must pass; the command always gives one. Without it the release has no
        report of an audit.
    allow_partial : bool
        Publish although rows of the input were refused.
    new_figures : collection of str, optional
        Themes and years whose real records are drawn, such as ``bisogni 2023``; an empty one
        stands for all. Without it no budget is spent.

    Returns
    -------
    Manifest
        Of the release that is now current.

    Raises
    ------
    AtlanteError
        Whatever stage stops: nothing is published then, and the previous release stays.
    """
    with staging(settings.releases) as folder:
        report.stage("dichiarazioni / declarations")
        catalog = read_catalog(settings.project)
        check_rows(catalog)
        check_policies(catalog)
        district = read_document(settings.project / "config" / "distretto.yml", District)
        new = chosen(new_figures, themes=catalog.policies.policies, years=district.years)
        report.stage("comuni, residenti, righe consegnate / places, residents, rows handed in")
        with held(settings.input):
            base = official(settings.input, district)
            ground = _ground(settings, catalog, district, base, report.progress)
            inputs = _inputs(settings, base, district, ground.lineages)
        invented = overall(ground.lineages)
        said_open = _said_open(settings)
        rows = (*where_rows_went(ground.handed.counts), *lacking(ground), *said_open)
        _tell(report, (*in_both(base.notes), *rows, *unnamed(district, invented)))
        if not allow_partial:
            refuse_partial(ground.handed)
        _refuse_real(catalog, ground)
        report.stage("collocazione e indicatori / placing and indicators")
        public = with_revisions(open_tables(catalog, ground), settings.releases)
        report.stage("protezione delle persone / disclosure control")
        shown = published_draws(settings.releases)
        protected = protected_layers(
            catalog, ground, public, settings.private, new=new, say=report.note, published=shown
        )
        _tell(report, protected.notes)
        report.stage("raccolte, tessere e raster / collections, tiles and rasters")
        tables = _in_order(catalog, _with_gaps(catalog, ground, public, protected.tables))
        check_drawn(tables, catalog, settings.project)
        title = titled(district.title, invented)
        contents = _contents(tables, inputs, protected, title, ground)
        draft = compose(folder, contents, catalog)
        if audit is not None:
            report.stage("controllo / audit")
            _tell(report, examine(audit, folder, draft, settings, report.progress))
            report.note(passed(folder))
        report.stage("pubblicazione / publishing")
        manifest = publish(settings.releases, folder, draft)
        _tell(report, _exposing(settings, base, made=manifest.id))
        return manifest


def _tell(report: Report, lines: Iterable[str]) -> None:
    for line in lines:
        report.note(line)


def _contents(
    tables: list[Table],
    inputs: tuple[Input, ...],
    protected: ProtectedLayers,
    title: Text,
    ground: Ground,
) -> Contents:
    return Contents(
        tables=tables,
        coarser=protected.coarser,
        traced=traced(tables, ground, {one.name for one in inputs}),
        inputs=inputs,
        statements=[s.model_dump(mode="json") for s in protected.disclosure.statements],
        totals=[t.model_dump(mode="json") for t in protected.disclosure.totals],
        title=title,
        reference_date=ground.district.reference_date,
        publication=ground.district.publication,
    )


def _ground(
    settings: BuildSettings,
    catalog: Catalog,
    district: District,
    base: Official,
    progress: Callable[[str], None],
) -> Ground:
    territory = covering(base.municipalities.union_all(), LEAF)
    remember(settings.private, read_reserved(settings.input))
    handed = read_handed_in(
        settings.input,
        catalog,
        municipalities=base.municipalities,
        residents=base.residents,
        territory=territory,
        province=district.province,
        years=district.years,
        on=district.reference_date,
        secrets=_secrets(settings, base),
        progress=progress,
    )
    owner = owned(district.publication.rights_holder.name, LICENCE)
    register = {name: sourced(rows, owner=owner) for name, rows in handed.register.items()}
    return Ground(
        district=district,
        indicators=read_document(settings.project / "config" / "indicatori.yml", Indicators),
        municipalities=base.municipalities,
        ages=ages_by(base.residents, "cod_istat"),
        before=ages_by(base.before, "cod_istat"),
        territory=territory,
        cells=ages_by(handed.population, "h3"),
        handed=replace(handed, register=register),
        history=read_history(settings.input),
        toponyms=read_toponyms(settings.input, base.municipalities),
        lineages=lineages(settings.input, register, base.lineages, owner=owner),
    )


def _refuse_real(catalog: Catalog, ground: Ground) -> None:
    """Raise `DisclosureError` if real records of persons must not be published as things are."""
    records = ground.handed.records.items()
    real = [name for name, intake in records if len(intake.counts) and not ground.invented(name)]
    refuse_unsigned(catalog.policies, real)
    policies = catalog.policies.policies
    on_areas = [name for name in real if isinstance(policies[THEMES[name].policy], AreaPolicy)]
    refuse_unknown(ground.handed.population, on_areas)


def _secrets(settings: BuildSettings, base: Official) -> Secrets:
    gazetteer = cache(lambda: read_gazetteer(settings.input, base.municipalities))
    return read_secrets(settings.input, settings.private, gazetteer)


def _said_open(settings: BuildSettings) -> list[str]:
    """Say of which offices it is remembered that they were reserved, and now said that not."""
    found = no_longer(settings.input, settings.private)
    return [
        f"ATTENZIONE: {ident} era riservata e ora risulta che non lo è: il suo luogo resta segreto "
        f"fino a `atlante secrets --forget {ident}` / WARNING: {ident} was reserved and is said "
        "not to be now: its place stays secret until then"
        for ident in found
    ]


def _exposing(settings: BuildSettings, base: Official, *, made: str) -> list[str]:
    """Say which earlier releases publish a place that is secret today."""
    return exposed(exposing(settings.releases, _secrets(settings, base), spare=made))


def _with_gaps(
    catalog: Catalog,
    ground: Ground,
    public: Iterable[OpenTable],
    protected: Iterable[ProtectedTable],
) -> list[Table]:
    """Add what is made of published figures of persons and of supply together."""
    opened = {table.layer.id: table for table in public}
    counted = {table.layer.id: table for table in protected}
    between = gaps(catalog, ground, counted[NEEDS], opened[ACCESS])
    return [*opened.values(), *counted.values(), between]


def _in_order(catalog: Catalog, tables: list[Table]) -> list[Table]:
    by_id = {table.layer.id: table for table in tables}
    return [by_id[layer.id] for layer in catalog.layers]


def _inputs(
    settings: BuildSettings, base: Official, district: District, found: Mapping[str, Lineage]
) -> tuple[Input, ...]:
    names = (*FILES, f"{TIMES}.csv")
    paths = [settings.input / name for name in names if (settings.input / name).exists()]
    listed = [_input(path, found.get(path.stem), district) for path in paths]
    return (
        *base.inputs,
        *(i.model_copy(update={"sha256": None}) if i.name in CONFIDENTIAL else i for i in listed),
    )


def _input(path: Path, lineage: Lineage | None, district: District) -> Input:
    if is_invented(path):
        return provenance(path, ORIGIN)
    owner = owned(district.publication.rights_holder.name, LICENCE)
    sources = (() if lineage is None else lineage.sources) or (owner,)
    shared = {SHARE_ALIKE} if lineage is not None and lineage.share_alike else set[str]()
    origin = Origin(
        version=district.reference_date,
        licence=licence_of(shared, otherwise=LICENCE),
        attribution="; ".join(source.it for source in sources),
        synthetic=lineage is not None and lineage.synthetic != "none",
    )
    return provenance(path, origin)
